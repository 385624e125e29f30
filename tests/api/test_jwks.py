"""The provider's keys: rotated without a restart, there while it is down, not hammered by a flood."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed448, rsa
from structlog.testing import capture_logs

from service.api.auth import Unauthenticated
from service.api.jwks import JwksFile, JwksUrl, KeysUnavailable, UnusableJwksError, usable_keys
from tests.api.identity import SigningKey, a_key, a_key_set, a_token, an_authenticator

OLD, NEW = a_key("old"), a_key("new", "EdDSA")
COOL_DOWN, MAX_AGE = 10.0, 300.0


class Provider:
    """An identity provider on this machine that counts how often it is asked for its keys."""

    def __init__(self) -> None:
        self.document = a_key_set(OLD)
        self.status = 200
        self.asked = 0
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.was_asked = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self.come_up()

    @property
    def url(self) -> str:
        """Where the keys are."""
        return f"http://127.0.0.1:{self._port}/jwks.json"

    def come_up(self) -> None:
        """Answer, on the same address as before."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), self._handler())
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def go_down(self) -> None:
        """Refuse connections."""
        self.may_answer.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """Answer with whatever the provider has at the moment."""
                provider.asked += 1
                provider.was_asked.set()
                provider.may_answer.wait(30)
                self.send_response(provider.status)
                self.send_header("Location", f"{provider.url}?elsewhere")
                self.send_header("Content-Length", str(len(provider.document)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # who asked may have given up
                    self.wfile.write(provider.document)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


class Seconds:
    """A monotonic clock that stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def provider() -> Iterator[Provider]:
    running = Provider()
    yield running
    running.go_down()


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def keys(provider: Provider, clock: Seconds) -> JwksUrl:
    return JwksUrl(
        provider.url, development=True, max_age=MAX_AGE, cool_down=COOL_DOWN, timeout=5, clock=clock
    )


# What is a usable key.


def changed(key: SigningKey = OLD, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**key.jwk, **changes}.items() if value is not ...}


UNUSABLE: dict[str, Callable[[], Any]] = {
    "no key id": lambda: changed(kid=...),
    "empty key id": lambda: changed(kid=""),
    "key id a number": lambda: changed(kid=1),
    "for encryption": lambda: changed(use="enc"),
    "for other operations": lambda: changed(key_ops=["deriveKey"]),
    "symmetric": lambda: {"kty": "oct", "kid": "old", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"},
    "private": lambda: changed(d="AAAA"),
    "EC for RSA's algorithm": lambda: changed(alg="RS256"),
    "EC for HMAC": lambda: changed(alg="HS256"),
    "RSA for EC's algorithm": lambda: changed(a_key("rs", "RS256"), alg="ES256"),
    "RSA for RS512": lambda: changed(a_key("rs", "RS256"), alg="RS512"),
    "P-384": lambda: changed(a_key("big", "ES384")),
    "Ed448": lambda: SigningKey("old", "EdDSA", ed448.Ed448PrivateKey.generate()).jwk,
    "RSA of 1024 bits": lambda: SigningKey("old", "RS256", rsa.generate_private_key(65537, 1024)).jwk,
    "not on the curve": lambda: changed(x=OLD.jwk["y"]),
    "coordinates cut": lambda: changed(x="AAAA"),
    "coordinates not base64": lambda: changed(x="*"),
    "coordinates a number": lambda: changed(x=1),
    "of an unknown kind": lambda: changed(kty="XYZ"),
    "a kind that is a list": lambda: changed(kty=["EC"]),
}


@pytest.mark.parametrize("fault", UNUSABLE)
def test_a_key_that_cannot_be_used_is_left_out_and_the_others_count(fault: str) -> None:
    document = json.dumps({"keys": [UNUSABLE[fault](), NEW.jwk]}).encode()

    assert list(usable_keys(document)) == ["new"]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"keys":[]}',
        b'{"keys":{}}',
        b'{"keys":["old"]}',
        b'{"keys":' + b"[" * 5_000,
        b'{"keys":[{"kid":"\xff"}]}',
        json.dumps({"keys": [changed(kid=...)]}).encode(),
    ],
)
def test_a_document_without_a_usable_key_is_no_key_set(document: bytes) -> None:
    with pytest.raises(UnusableJwksError):
        usable_keys(document)


@pytest.mark.parametrize("left_out", [{"alg": ...}, {"use": ...}, {"key_ops": ["verify"]}, {"x5t": "abc"}])
def test_a_key_may_say_less_or_more(left_out: dict[str, Any]) -> None:
    document = json.dumps({"keys": [changed(**left_out)], "made_by": "an idp"}).encode()

    assert usable_keys(document)["old"].algorithm_name == "ES256"


def test_of_two_keys_with_one_id_the_first_counts() -> None:
    again = {**NEW.jwk, "kid": "old"}

    assert usable_keys(json.dumps({"keys": [OLD.jwk, again]}).encode())["old"].algorithm_name == "ES256"


# Keys from a file.


def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_bytes(a_key_set(OLD))
    service = an_authenticator(JwksFile(file, look_every=0))
    by_old, by_new = (f"Bearer {a_token(key=key)}" for key in (OLD, NEW))
    assert service.caller(by_old).subject == "alice"
    refuses(service, by_new)

    replace(file, a_key_set(OLD, NEW))
    assert service.caller(by_old).subject == service.caller(by_new).subject == "alice"

    replace(file, a_key_set(NEW))
    assert service.caller(by_new).subject == "alice"
    refuses(service, by_old)


def test_a_new_key_is_known_at_once_and_one_taken_out_forgotten_within_a_second(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_bytes(a_key_set(OLD))
    times = iter([0.0, 0.5, 0.5, 0.9, 1.5, 1.5])
    keys = JwksFile(file, clock=lambda: next(times))

    replace(file, a_key_set(NEW))

    assert keys.find("new") is not None
    replace(file, a_key_set(OLD))
    assert keys.find("new") is not None
    assert keys.find("new") is None


@pytest.mark.parametrize("slip", [b"", b"{", b'{"keys":[]}', None])
def test_a_slip_in_the_file_takes_no_key_away(slip: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_bytes(a_key_set(OLD))
    keys = JwksFile(file, look_every=0)

    if slip is None:
        file.unlink()
    else:
        replace(file, slip)
    assert keys.find("old") is not None

    replace(file, a_key_set(NEW))
    assert keys.find("new") is not None
    assert keys.find("old") is None


def test_a_slip_in_the_file_is_reported_once_and_not_at_every_request(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_bytes(a_key_set(OLD))
    keys = JwksFile(file, look_every=0)

    with capture_logs() as events:
        for slip in (file.unlink, lambda: file.write_bytes(b"{")):
            slip()
            for _ in range(10):
                keys.find("old")

    assert [event["event"] for event in events] == ["jwks.file_unusable"] * 2


def test_a_service_whose_file_gives_no_key_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        JwksFile(tmp_path / "jwks.json")

    (tmp_path / "jwks.json").write_bytes(b'{"keys":[]}')
    with pytest.raises(UnusableJwksError):
        JwksFile(tmp_path / "jwks.json")


# Keys from a URL.


def test_known_keys_are_fetched_once(keys: JwksUrl, provider: Provider) -> None:
    for _ in range(50):
        assert keys.find("old") is not None

    assert provider.asked == 1


def test_keys_rotate_without_a_restart(keys: JwksUrl, provider: Provider, clock: Seconds) -> None:
    service = an_authenticator(keys)
    by_old, by_new = (f"Bearer {a_token(key=key)}" for key in (OLD, NEW))
    assert service.caller(by_old).subject == "alice"

    provider.document = a_key_set(OLD, NEW)
    clock.now += COOL_DOWN
    assert service.caller(by_new).subject == service.caller(by_old).subject == "alice"

    provider.document = a_key_set(NEW)
    clock.now += MAX_AGE
    assert service.caller(by_new).subject == "alice"
    refuses(service, by_old)
    assert provider.asked == 3


@pytest.mark.parametrize(
    "trouble", ["down", "500", "redirect", "empty set", "not JSON", "far too large", "cut short"]
)
def test_known_keys_stay_while_the_provider_is_in_trouble(
    trouble: str, keys: JwksUrl, provider: Provider, clock: Seconds
) -> None:
    service = an_authenticator(keys)
    by_old, by_new = (f"Bearer {a_token(key=key)}" for key in (OLD, NEW))
    service.caller(by_old)

    cause(trouble, provider)
    for _ in range(5):
        clock.now += MAX_AGE
        assert service.caller(by_old).subject == "alice"
        refuses(service, by_new)


def test_a_provider_that_comes_back_is_believed_again(
    keys: JwksUrl, provider: Provider, clock: Seconds
) -> None:
    keys.find("old")
    provider.go_down()
    clock.now += MAX_AGE
    assert keys.find("new") is None

    provider.document = a_key_set(NEW)
    provider.come_up()
    clock.now += COOL_DOWN

    assert keys.find("new") is not None


@pytest.mark.parametrize("trouble", ["down", "500", "redirect", "empty set", "not JSON", "far too large"])
def test_without_any_key_nobody_is_judged(
    trouble: str, keys: JwksUrl, provider: Provider, clock: Seconds
) -> None:
    service = an_authenticator(keys)
    cause(trouble, provider)

    for _ in range(3):
        with pytest.raises(KeysUnavailable) as refused:
            service.caller(f"Bearer {a_token(key=OLD)}")
        assert refused.value.headers == {"Retry-After": "10"}
    assert provider.asked <= 1

    recover(provider)
    clock.now += COOL_DOWN
    assert service.caller(f"Bearer {a_token(key=OLD)}").subject == "alice"


def test_a_provider_that_never_answers_is_waited_for_only_so_long(provider: Provider) -> None:
    provider.may_answer.clear()
    keys = JwksUrl(provider.url, development=True, timeout=0.05)

    with pytest.raises(KeysUnavailable):
        keys.find("old")


def test_who_waits_in_vain_for_somebody_elses_first_fetch_is_told_to_try_again(provider: Provider) -> None:
    provider.may_answer.clear()
    keys = JwksUrl(provider.url, development=True, timeout=0.05)
    keys._fetching.acquire()  # somebody else is at it

    with pytest.raises(KeysUnavailable) as refused:
        keys.find("old")

    assert refused.value.headers == {"Retry-After": "1"}


def test_known_keys_wait_for_nobody(keys: JwksUrl, provider: Provider, clock: Seconds) -> None:
    keys.find("old")
    clock.now += MAX_AGE
    provider.may_answer.clear()
    provider.was_asked.clear()

    with ThreadPoolExecutor(1) as pool:
        stranger = pool.submit(keys.find, "new")
        assert provider.was_asked.wait(10)
        found = keys.find("old")  # the set is old and somebody is fetching it: this must not wait
        waiting = not stranger.done()
        provider.may_answer.set()

    assert found is not None
    assert waiting
    assert stranger.result() is None


def flood(keys: JwksUrl) -> None:
    """Ask for 400 unknown keys, eight at a time, and for the known one in between."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(keys.find, [f"unknown{number}" for number in range(400)]))
        genuine = list(pool.map(keys.find, ["old"] * 50))

    assert not any(found)
    assert all(genuine)


def test_a_flood_of_unknown_keys_reaches_the_provider_once_in_a_cool_down(
    keys: JwksUrl, provider: Provider, clock: Seconds
) -> None:
    flood(keys)
    assert provider.asked == 1

    for fetches in (2, 3):
        clock.now += COOL_DOWN
        flood(keys)
        assert provider.asked == fetches


def test_a_flood_does_not_reach_a_provider_in_trouble_more_often(
    keys: JwksUrl, provider: Provider, clock: Seconds
) -> None:
    keys.find("old")
    provider.status = 500
    clock.now += COOL_DOWN

    flood(keys)

    assert provider.asked == 2


def test_without_a_cool_down_the_flood_would_reach_the_provider(provider: Provider, clock: Seconds) -> None:
    unprotected = JwksUrl(provider.url, development=True, cool_down=0, timeout=5, clock=clock)

    flood(unprotected)

    assert provider.asked > 100


def test_forged_tokens_with_unknown_keys_do_not_keep_genuine_ones_out(
    keys: JwksUrl, provider: Provider
) -> None:
    service = an_authenticator(keys)
    genuine = f"Bearer {a_token(key=OLD)}"
    strangers = [
        f"Bearer {a_token(key=SigningKey(f'unknown{n}', 'ES256', a_key('stranger').private))}"
        for n in range(100)
    ]

    for forged in strangers:
        refuses(service, forged)
        assert service.caller(genuine).subject == "alice"

    assert provider.asked == 1


@pytest.mark.parametrize(
    ("url", "development"),
    [
        ("http://id.example/jwks", False),
        ("http://127.0.0.1/jwks", False),
        ("http://id.example/jwks", True),
        ("http://127.0.0.1.evil.example/jwks", True),
        ("http://localhost.evil.example/jwks", True),
        ("http://user@evil.example/127.0.0.1", True),
        ("file:///etc/jwks.json", True),
        ("ftp://id.example/jwks", True),
        ("https:///jwks", False),
        ("id.example/jwks", False),
        ("", True),
    ],
)
def test_keys_that_somebody_on_the_way_could_exchange_are_not_asked_for(
    *, url: str, development: bool
) -> None:
    with pytest.raises(ValueError, match="https"):
        JwksUrl(url, development=development)


@pytest.mark.parametrize(
    ("url", "development"),
    [
        ("https://id.example/jwks", False),
        ("HTTPS://id.example:8443/jwks", False),
        ("http://localhost:9000/jwks", True),
        ("http://127.0.0.2/jwks", True),
        ("http://[::1]:9000/jwks", True),
    ],
)
def test_keys_over_https_or_from_this_machine_in_development_are(*, url: str, development: bool) -> None:
    assert JwksUrl(url, development=development)


def replace(file: Path, content: bytes) -> None:
    draft = file.with_suffix(".draft")
    draft.write_bytes(content)
    draft.replace(file)


def refuses(service: Any, authorization: str) -> None:
    with pytest.raises(Unauthenticated):
        service.caller(authorization)


def cause(trouble: str, provider: Provider) -> None:
    match trouble:
        case "down":
            provider.go_down()
        case "500":
            provider.status = 500
        case "redirect":
            provider.status = 302
        case "empty set":
            provider.document = b'{"keys":[]}'
        case "not JSON":
            provider.document = b"<html>down for maintenance</html>"
        case "far too large":
            provider.document = a_key_set(OLD, NEW)[:-1] + b" " * 300_000 + b"}"
        case "cut short":
            provider.document = a_key_set(OLD, NEW)[:-20]


def recover(provider: Provider) -> None:
    provider.go_down()
    provider.document, provider.status = a_key_set(OLD), 200
    provider.come_up()
