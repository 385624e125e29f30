"""Bearer tokens: every forged one is refused and no valid one is."""

import logging
import re
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jwt.utils import base64url_decode, base64url_encode
from structlog.testing import capture_logs

from service.api import auth
from service.api.auth import (
    LEEWAY,
    SCOPES,
    Authenticator,
    Caller,
    TokenExpired,
    TokenMissing,
    Unauthenticated,
)
from tests.api.broken_verifiers import BROKEN
from tests.api.forgeries import forgeries
from tests.api.identity import (
    NOW,
    PUBLISHED,
    FakeKeys,
    SigningKey,
    SteppedClock,
    a_key,
    a_token,
    an_authenticator,
    claims,
    header,
)

NOW_SECONDS = int(NOW.timestamp())


def _edit_character(token: str, data: st.DataObject) -> str:
    place = data.draw(st.integers(0, len(token) - 1))
    return token[:place] + data.draw(st.text(max_size=2)) + token[place + 1 :]


def _insert(token: str, data: st.DataObject) -> str:
    place = data.draw(st.integers(0, len(token)))
    return token[:place] + data.draw(st.text(min_size=1, max_size=3)) + token[place:]


def _cut(token: str, data: st.DataObject) -> str:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(token))] * 2)))
    return token[:start] + token[end:]


def _flip_a_bit_inside(token: str, data: st.DataObject) -> str:
    parts = token.split(".")
    which = data.draw(st.integers(0, 2))
    raw = bytearray(base64url_decode(parts[which]))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    parts[which] = base64url_encode(bytes(raw)).decode()
    return ".".join(parts)


def _rearrange_parts(token: str, data: st.DataObject) -> str:
    parts = token.split(".")
    return ".".join(data.draw(st.lists(st.sampled_from(parts), max_size=5)))


MUTATIONS = [_edit_character, _insert, _cut, _flip_a_bit_inside, _rearrange_parts]


# What must never be accepted.


def test_there_are_enough_of_them() -> None:
    assert len(forgeries()) >= 40
    assert len(set(forgeries().values())) == len(forgeries())


@pytest.mark.parametrize("fault", forgeries())
def test_it_is_refused(fault: str) -> None:
    with pytest.raises(Unauthenticated):
        an_authenticator().caller(forgeries()[fault])


@pytest.mark.parametrize("fault", forgeries())
def test_it_is_refused_by_a_verifier_that_remembers_genuine_tokens(fault: str) -> None:
    verifier = an_authenticator()
    verifier.caller(f"Bearer {a_token()}")

    for _ in range(2):
        with pytest.raises(Unauthenticated):
            verifier.caller(forgeries()[fault])


def test_the_answers_do_not_tell_a_forger_which_check_failed() -> None:
    details = {refusal_of(an_authenticator(), forged).detail for forged in forgeries().values()}

    assert details == {"The access token is not valid here.", "The access token has expired."}


def test_no_credentials_at_all_are_told_apart() -> None:
    for nothing in (None, ""):
        assert isinstance(refusal_of(an_authenticator(), nothing), TokenMissing)


def test_only_the_holder_of_a_genuine_token_learns_that_it_has_expired() -> None:
    stranger = a_key("stranger")
    old = claims(exp=NOW_SECONDS - 3600)

    assert isinstance(refusal_of(an_authenticator(), f"Bearer {a_token(old)}"), TokenExpired)
    forged = f"Bearer {a_token(old, header(), stranger)}"
    assert not isinstance(refusal_of(an_authenticator(), forged), TokenExpired)


def test_no_part_of_a_token_reaches_a_log_or_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as events:
        said = [refusal_of(an_authenticator(), forged) for forged in forgeries().values()]

    everything = f"{events} {caplog.text} {[(each.args, each.facts, each.headers) for each in said]}"
    for forged in forgeries().values():
        for part in re.findall(r"[\w-]{20,}", forged):
            assert part not in everything


# A verifier with one check taken out accepts the forged tokens that were made for that check.


@pytest.mark.parametrize("weakness", BROKEN)
def test_a_broken_verifier_is_caught(weakness: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make, made_for_it = BROKEN[weakness]
    broken = make(monkeypatch)

    let_through = {fault for fault, forged in forgeries().items() if accepts(broken, forged)}

    assert made_for_it <= let_through


# What must never be refused.


@pytest.mark.parametrize(("key_id", "algorithm"), PUBLISHED)
def test_each_algorithm_is_accepted(key_id: str, algorithm: str) -> None:
    token = a_token(key=a_key(key_id, algorithm))

    assert an_authenticator().caller(f"Bearer {token}") == Caller("alice", frozenset({"settings"}))


@pytest.mark.parametrize(
    "change",
    [
        {"aud": ["payments", "safety-controls"]},
        {"exp": NOW_SECONDS - 29},
        {"exp": NOW_SECONDS + 0.5},
        {"exp": 10**15},
        {"iat": NOW_SECONDS + 30, "nbf": NOW_SECONDS + 30},
        {"iat": ...},
        {"sub": "a" * 128},
        {"sub": "\U0001f408" * 128},
        {"sub": "علي"},
        {"sub": "auth0|5f7c8ec7c33c6c004bbafe82"},
        {"jti": "1", "client_id": "app", "groups": ["a"], "nested": {"a": [1, None]}},
        {"pad": "x" * 3_000},
    ],
)
def test_claims_that_are_allowed_are_accepted(change: dict[str, Any]) -> None:
    wanted = claims(**change)

    assert an_authenticator().caller(f"Bearer {a_token(wanted)}").subject == wanted["sub"]


@pytest.mark.parametrize(
    "change",
    [
        {"typ": "JWT"},
        {"typ": "jwt"},
        {"typ": "application/at+jwt"},
        {"x5t": "abc"},
        {"made_by": "an idp"},
    ],
)
def test_headers_that_are_allowed_are_accepted(change: dict[str, Any]) -> None:
    assert an_authenticator().caller(f"Bearer {a_token(head=header(**change))}").subject == "alice"


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", "Bearer   "])
def test_the_scheme_is_read_as_http_says(scheme: str) -> None:
    assert an_authenticator().caller(scheme + a_token()).subject == "alice"


@pytest.mark.parametrize(
    ("claim", "scopes"),
    [
        ("", set()),
        (..., set()),
        ("settings feed:filter", {"settings", "feed:filter"}),
        ("  settings   settings ", {"settings"}),
        ("openid profile settings", {"settings"}),
        ("Settings settings:adm settings:admins", set()),
        ("settings\tfeed:filter", set()),
    ],
)
def test_scopes_are_the_words_of_the_claim_that_we_know(claim: Any, scopes: set[str]) -> None:
    assert an_authenticator().caller(f"Bearer {a_token(claims(scope=claim))}").scopes == scopes


@given(
    subject=st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=128),
    life=st.integers(1 - int(LEEWAY.total_seconds()), 10**9),
    age=st.integers(-int(LEEWAY.total_seconds()), 10**8),
    scopes=st.sets(st.sampled_from(sorted(SCOPES))),
    key=st.sampled_from(PUBLISHED),
)
@settings(max_examples=100, deadline=None)
def test_no_valid_token_is_refused(
    *, subject: str, life: int, age: int, scopes: set[str], key: tuple[str, str]
) -> None:
    wanted = claims(sub=subject, exp=NOW_SECONDS + life, iat=NOW_SECONDS - age, scope=" ".join(scopes))

    admitted = an_authenticator().caller(f"Bearer {a_token(wanted, key=a_key(*key))}")

    assert admitted == Caller(subject, frozenset(scopes))


# What is nearly a valid token, and what is nothing like one.


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_a_changed_token_is_refused_and_nothing_else_happens(data: st.DataObject) -> None:
    genuine = a_token()
    mutated = data.draw(st.sampled_from(MUTATIONS))(genuine, data)
    assume(mutated != genuine)

    with pytest.raises(Unauthenticated):
        an_authenticator().caller(f"Bearer {mutated}")


@given(credentials=st.text() | st.from_regex(r"Bearer [\w-]+\.[\w-]+\.[\w-]+", fullmatch=True))
@settings(max_examples=300, deadline=None)
def test_whatever_stands_in_the_header_is_an_answer_and_not_an_error(credentials: str) -> None:
    with pytest.raises(Unauthenticated):
        an_authenticator().caller(credentials)


# A signature is verified once; whether the token still counts is asked at every call.


def test_a_token_that_comes_again_costs_no_second_verification(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = an_authenticator()
    authorization = f"Bearer {a_token()}"
    first = verifier.caller(authorization)

    monkeypatch.setattr(verifier, "_verify", lambda _: pytest.fail("verified again"))

    assert verifier.caller(authorization) == first


def test_it_expires_all_the_same() -> None:
    clock = SteppedClock()
    verifier = an_authenticator(clock=clock)
    authorization = f"Bearer {a_token()}"
    verifier.caller(authorization)

    clock.step(hours=1, seconds=30)

    assert isinstance(refusal_of(verifier, authorization), TokenExpired)


@pytest.mark.parametrize("left", [a_key("other"), a_key("es", "EdDSA")])
def test_it_falls_with_its_key(left: SigningKey) -> None:
    keys = FakeKeys()
    verifier = an_authenticator(keys)
    authorization = f"Bearer {a_token()}"
    verifier.caller(authorization)

    keys.known = FakeKeys(left).known

    assert not accepts(verifier, authorization)


def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "_REMEMBERED_TOKENS", 3)
    verifier = an_authenticator()
    tokens = [f"Bearer {a_token(claims(sub=f'user{number}'))}" for number in range(10)]

    for _ in range(2):
        assert [verifier.caller(token).subject for token in tokens] == [f"user{n}" for n in range(10)]

    assert len(verifier._remembered) == 3


def test_forged_tokens_are_not_remembered() -> None:
    verifier = an_authenticator()
    for forged in ("payload edited", "signature of zeros", "HS256 keyed with the public EC key"):
        accepts(verifier, forgeries()[forged])

    assert not verifier._remembered


def refusal_of(verifier: Authenticator, authorization: str | None) -> Unauthenticated:
    with pytest.raises(Unauthenticated) as refused:
        verifier.caller(authorization)
    return refused.value


def accepts(verifier: Authenticator, authorization: str) -> bool:
    try:
        verifier.caller(authorization)
    except Exception:  # noqa: BLE001  a broken verifier may also fall over, which is no acceptance
        return False
    return True
