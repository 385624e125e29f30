"""No two things share a key, whatever people's ids hold."""

from collections.abc import Callable, Iterable, Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cache.keys import Kind, key_of

HOSTILE = (
    *(":", "{", "}", "%", "a", "lease", "%3A", "\ud800", "e\u0301", "é"),
    *("\0", "*", " ", "\n", "A", "~", "\r", "\u202e", "ß", "/"),
)
KeyOf = Callable[[Kind, str], str]


def hash_tag(key: str) -> str:
    """Return what Redis Cluster hashes: between the first brace and the next closing one, else the whole key."""
    _, opened, rest = key.partition("{")
    tag, closed, _ = rest.partition("}")
    return tag if opened and closed and tag else key


def first_trouble(users: Iterable[str], make: KeyOf) -> str | None:
    """Return why keys are not fit for their users, or None: two share one, or a user is on two nodes.

    Users who shared a key would share its tag, so that tags are all that has to be remembered of a million keys.
    """
    owners: dict[str, str] = {}
    for user in users:
        keys = {make(kind, user) for kind in Kind}
        if len(keys) < len(Kind):
            return f"two things about {user!r} share a key"
        tag, *others = {hash_tag(key) for key in keys}
        if others:
            return f"{user!r} is on two nodes"
        if owners.setdefault(tag, user) != user:
            return f"{user!r} and {owners[tag]!r} share a tag"
        if not tag.isascii():
            return f"{user!r} is not spelled in ASCII"
    return None


def hostile_users(longest: int) -> Iterator[str]:
    """Every id of up to ``longest`` hostile pieces, each once."""
    pieces = (product(HOSTILE, repeat=length) for length in range(longest + 1))
    return iter({"".join(chosen) for of_length in pieces for chosen in of_length})


def test_hostile_ids_never_share_a_key() -> None:
    users = list(hostile_users(4))

    assert first_trouble(users, key_of) is None
    assert len(users) * len(Kind) > 1_000_000


@given(st.sets(st.text(st.characters(), max_size=12), max_size=50))
def test_ids_of_any_characters_never_share_a_key(users: set[str]) -> None:
    assert first_trouble(users, key_of) is None


def _suffixed(kind: Kind, user: str) -> str:
    return f"rules:{user}" if kind is Kind.RULES else f"rules:{user}:{kind}"


def _in_bare_braces(kind: Kind, user: str) -> str:
    return f"usc:{kind}:{{{user}}}"


def _replacing(kind: Kind, user: str) -> str:
    return f"usc:{kind}:{{u{user.encode('ascii', 'replace').decode()}}}".replace("\0", "")


def _case_folded(kind: Kind, user: str) -> str:
    return key_of(kind, user.lower())


@pytest.mark.parametrize("naive", [_suffixed, _in_bare_braces, _replacing, _case_folded])
def test_naive_keys_are_caught(naive: KeyOf) -> None:
    assert first_trouble(hostile_users(2), naive)


def test_a_plain_id_reads_as_it_is() -> None:
    assert key_of(Kind.RULES, "7301234567890123456") == "usc:rules:1:{7301234567890123456}"
