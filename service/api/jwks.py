"""The identity provider's public keys: from a file or a URL, rotated without a restart."""

import ipaddress
import math
import time
import urllib.request
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Annotated, Any, Protocol
from urllib.parse import urlsplit

import msgspec
import structlog
from jwt import PyJWK, PyJWTError

from service.domain.refusals import Refusal

ALGORITHMS = frozenset({"ES256", "EdDSA", "RS256", "PS256"})
"""Every signature accepted, all asymmetric: a verifier holds nothing that could sign (RFC 8725 §3.1)."""

_FITTING: Mapping[tuple[str, str | None], frozenset[str]] = {
    ("EC", "P-256"): frozenset({"ES256"}),
    ("OKP", "Ed25519"): frozenset({"EdDSA"}),
    ("RSA", None): frozenset({"RS256", "PS256"}),
}
_PRIVATE_MEMBERS = {"d", "k", "p", "q"}
_MAX_DOCUMENT_BYTES = 256 * 1024

log = structlog.get_logger()

KeysById = Mapping[str, PyJWK]


class Keys(Protocol):
    """Where a token's verification key is looked up."""

    def find(self, key_id: str) -> PyJWK | None:
        """Return the key of that id or None; raise KeysUnavailable when no key is known at all."""


class KeysUnavailable(Refusal):
    """No token can be judged yet: the identity provider has not given this process any key."""

    code = "keys-unavailable"

    def __init__(self, *, retry_after: int) -> None:
        super().__init__("The keys of the identity provider cannot be fetched; try again.")
        self.headers = {"Retry-After": str(retry_after)}


class UnusableJwksError(ValueError):
    """A document that is no JSON Web Key Set, or holds no key a token could be verified with."""


class JwksFile:
    """Keys from a file, read again when the file changes: within a second, or when a token names an unknown key.

    To look at the file at every request costs 4 % of a feed request's processor time on a virtual machine.
    Replace the file in one step (write beside it, then rename). A change that cannot be read or holds no
    usable key is logged and the keys of before stay in force: a slip of the pen locks nobody out.
    """

    def __init__(
        self, path: Path, *, look_every: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Read the file now, so that a service without keys does not start; ``look_every`` is in seconds."""
        self._path = path
        self._look_every = look_every
        self._clock = clock
        self._look_next = clock() + look_every
        self._seen = self._stamp()
        self._known = usable_keys(path.read_bytes())

    def find(self, key_id: str) -> PyJWK | None:
        """Return the key of that id; one that is new in the file at once, one that was taken out for a second more."""
        if self._clock() >= self._look_next or key_id not in self._known:
            self._look_next = self._clock() + self._look_every
            self._read_again_if_changed()
        return self._known.get(key_id)

    def _read_again_if_changed(self) -> None:
        stamp = self._stamp()
        if stamp == self._seen:
            return
        self._seen = stamp  # before reading: a broken file is reported once, not at every request
        try:
            self._known = usable_keys(self._path.read_bytes())
        except (OSError, UnusableJwksError) as fault:
            log.warning("jwks.file_unusable", fault=type(fault).__name__)

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


class JwksUrl:
    """Keys from a URL: cached, refreshed when old, and asked for again when a token names an unknown key.

    ``max_age``, ``cool_down`` and ``timeout`` are seconds. Whatever callers send, two fetches are at least
    ``cool_down`` apart, so a flood of unknown key ids reaches the identity provider once per cool-down and
    process; for as long a key that has just been published may stay unknown. While the URL is down the known
    keys stay in force, however old. A set without a usable key counts as down.
    """

    def __init__(
        self,
        url: str,
        *,
        development: bool = False,
        max_age: float = 300.0,
        cool_down: float = 10.0,
        timeout: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take a https URL; in development plain http to this machine will do. Nothing is fetched yet."""
        require_trustworthy(url, development=development)
        self._url = url
        self._max_age = max_age
        self._cool_down = cool_down
        self._timeout = timeout
        self._clock = clock
        self._known: KeysById = {}
        self._stale_at = -math.inf
        self._next_fetch_at = -math.inf
        self._fetching = Lock()

    def find(self, key_id: str) -> PyJWK | None:
        """Return the key of that id, fetching the set first when the id is unknown or the set is old.

        Only an unknown id waits for somebody else's fetch, at most ``timeout``; of callers with a known id
        one refreshes an old set and the others go on with it.
        """
        if key_id not in self._known:
            self._refresh(wait=self._timeout)
        elif self._clock() >= self._stale_at:
            self._refresh(wait=0)
        if not self._known:
            raise KeysUnavailable(retry_after=math.ceil(max(1, self._next_fetch_at - self._clock())))
        return self._known.get(key_id)

    def _refresh(self, *, wait: float) -> None:
        if self._is_cooling_down() or not self._fetching.acquire(timeout=wait):
            return
        try:
            if not self._is_cooling_down():  # somebody may have fetched while we waited
                self._fetch()
        finally:
            self._fetching.release()

    def _is_cooling_down(self) -> bool:
        return self._clock() < self._next_fetch_at

    def _fetch(self) -> None:
        try:
            self._known = usable_keys(_download(self._url, timeout=self._timeout))
            self._stale_at = self._clock() + self._max_age
        except (OSError, HTTPException, UnusableJwksError) as fault:
            log.warning("jwks.url_unusable", fault=type(fault).__name__)
        finally:
            self._next_fetch_at = self._clock() + self._cool_down


def require_trustworthy(url: str, *, development: bool) -> None:
    """Refuse a key URL that somebody on the way could answer: whoever gives the keys decides who is who."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and development and _is_this_machine(parts.hostname or ""):
        return
    raise ValueError("The JWKS URL must be https; http is for loopback addresses in development.")


def usable_keys(document: bytes) -> KeysById:
    """Return the set's verification keys by key id, leaving out what cannot be used or should not be there.

    A key is left out, with a log line, unless it has a key id, is meant for signatures, is public, is
    EC P-256, Ed25519 or RSA of at least 2048 bits, and names no algorithm of another kind. An RSA key that
    names none is for RS256.
    """
    try:
        jwks = msgspec.json.decode(document, type=_JwkSet)
    except (ValueError, RecursionError) as fault:
        raise UnusableJwksError("not a JSON Web Key Set") from fault
    found: dict[str, PyJWK] = {}
    for jwk in jwks.keys:
        try:
            key = _verification_key(jwk)
        except (ValueError, PyJWTError) as fault:
            log.warning("jwks.key_left_out", fault=type(fault).__name__)
        else:
            found.setdefault(str(key.key_id), key)
    if not found:
        raise UnusableJwksError("no usable key")
    return MappingProxyType(found)


class _JwkSet(msgspec.Struct, frozen=True):
    keys: list[dict[str, Any]]


class _Jwk(msgspec.Struct, frozen=True):
    """The members of RFC 7517 that say what a key is for."""

    kid: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    kty: str
    crv: str | None = None
    alg: str | None = None
    use: str = "sig"
    key_ops: tuple[str, ...] = ("verify",)


def _verification_key(jwk: dict[str, Any]) -> PyJWK:
    described = msgspec.convert(jwk, _Jwk)
    if not _PRIVATE_MEMBERS.isdisjoint(jwk):
        raise UnusableJwksError("a secret where public keys belong")
    if described.use != "sig" or "verify" not in described.key_ops:
        raise UnusableJwksError("not for signatures")
    fitting = _FITTING.get((described.kty, described.crv), frozenset())
    if not fitting or described.alg not in {None, *fitting}:
        raise UnusableJwksError("a key or algorithm of another kind")
    key = PyJWK(jwk)
    if too_short := key.Algorithm.check_key_length(key.key):
        raise UnusableJwksError(too_short)
    return key


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _direct_opener() -> urllib.request.OpenerDirector:
    """Return an opener without redirects or proxy variables: the address that was checked answers."""
    opener = urllib.request.OpenerDirector()
    opener.add_handler(urllib.request.HTTPHandler())
    opener.add_handler(urllib.request.HTTPSHandler())
    return opener


_opener = _direct_opener()


def _download(url: str, *, timeout: float) -> bytes:
    """Return the body of a 200, bounded in size and, but for a last slow read, in time."""
    deadline = time.monotonic() + timeout
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310  checked at the start
    body = b""
    with _opener.open(request, timeout=timeout) as response:
        if response.status != HTTPStatus.OK:
            raise UnusableJwksError("not a 200")
        while part := response.read1(64 * 1024):
            body += part
            if len(body) > _MAX_DOCUMENT_BYTES:
                raise UnusableJwksError("too large")
            if time.monotonic() > deadline:
                raise TimeoutError
    return body
