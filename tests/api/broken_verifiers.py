"""Verifiers with one check taken out each: what the forged tokens have to catch."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import jwt
import msgspec
import pytest

from service.api import auth
from service.api.auth import Authenticator
from tests.api.identity import AUDIENCE, ISSUER, FakeKeys, SteppedClock, a_key, an_authenticator


class _Anything(str):
    """Equal to whatever it is compared with."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, _: object) -> bool:
        return True

    def __ne__(self, _: object) -> bool:
        return False


class _LooksAtNoSignature(jwt.PyJWS):
    def decode_complete(self, jwt: str | bytes, *_: Any, **__: Any) -> dict[str, Any]:
        return super().decode_complete(jwt, options={"verify_signature": False})


class _TrustsTheHeadersAlgorithm(jwt.PyJWS):
    def decode_complete(self, token: str | bytes, key: Any = "", *_: Any, **__: Any) -> dict[str, Any]:  # type: ignore[override]
        return super().decode_complete(token, key.key, [jwt.get_unverified_header(token)["alg"]])


class _TakesATextForAKey(jwt.PyJWS):
    def decode_complete(self, token: str | bytes, *_: Any, **__: Any) -> dict[str, Any]:  # type: ignore[override]
        return super().decode_complete(token, a_key().jwk["x"], ["HS256"])


class _UsesEmbeddedKeys(jwt.PyJWS):
    def decode_complete(  # type: ignore[override]
        self, token: str | bytes, key: Any = "", algorithms: Sequence[str] | None = None
    ) -> dict[str, Any]:
        embedded = jwt.get_unverified_header(token).get("jwk")
        return super().decode_complete(token, jwt.PyJWK(embedded) if embedded else key, algorithms)


class _LaxClaims(msgspec.Struct, frozen=True):
    iss: str = ISSUER
    aud: str | list[str] = AUDIENCE
    sub: str = "anybody"
    exp: int | float = 1e18
    iat: int | float = 0
    nbf: int | float = 0
    scope: str | list[str] | None = ""
    guardians: tuple[str, ...] = ()


class _FindsTheAudienceInAText(Authenticator):
    def _require_ours(self, claims: Any) -> None:
        if self._audience not in claims.aud:
            raise auth.Unauthenticated


class _LooksAtNoTime(Authenticator):
    def _require_current(self, claims: Any) -> None:
        pass


class _OneKeyForAll(FakeKeys):
    def find(self, _: str) -> Any:
        return self.known["es"]


def _with_jws(jws: jwt.PyJWS) -> Authenticator:
    verifier = an_authenticator()
    verifier._jws = jws
    return verifier


def _for_any(claim: str) -> Authenticator:
    verifier = an_authenticator()
    setattr(verifier, claim, _Anything())
    return verifier


def _without(name: str, replacement: Any, monkeypatch: pytest.MonkeyPatch) -> Authenticator:
    monkeypatch.setattr(auth, name, replacement)
    return an_authenticator()


def _of(kind: type[Authenticator]) -> Authenticator:
    return kind(FakeKeys(), issuer=ISSUER, audience=AUDIENCE, clock=SteppedClock())


BROKEN: dict[str, tuple[Callable[[pytest.MonkeyPatch], Authenticator], set[str]]] = {
    "signatures are not looked at": (
        lambda _: _with_jws(_LooksAtNoSignature()),
        {"payload edited", "signature of zeros", "scope added", "alg none, some signature"},
    ),
    "the header's algorithm is trusted": (
        lambda _: _with_jws(_TrustsTheHeadersAlgorithm()),
        {"our RS256 key used for PS256", "our PS256 key used for RS256", "our RS256 key used for RS512"},
    ),
    "a published text is taken for a secret": (
        lambda _: _with_jws(_TakesATextForAKey()),
        {"HS256 keyed with the published x"},
    ),
    "the key in the header is used": (
        lambda monkeypatch: (
            monkeypatch.setattr(auth, "_KEYS_OR_EXTENSIONS", frozenset()) or _with_jws(_UsesEmbeddedKeys())
        ),
        {"header embedded key under our key id"},
    ),
    "a key is found for every key id": (
        lambda _: an_authenticator(_OneKeyForAll()),
        {"header unknown key id", "header key id a path", "header empty key id"},
    ),
    "headers are not looked at": (
        lambda monkeypatch: _without("_require_plain_header", lambda _: None, monkeypatch),
        {"header type of an ID token", "header no type", "header certificate url", "header compression"},
    ),
    "any issuer will do": (
        lambda _: _for_any("_issuer"),
        {"issuer another", "issuer with a slash more", "issuer in capitals"},
    ),
    "any audience will do": (
        lambda _: _for_any("_audience"),
        {"audience another", "audience a list without ours", "audience empty"},
    ),
    "the audience is looked for in a text": (
        lambda _: _of(_FindsTheAudienceInAText),
        {"audience with ours as its beginning", "audience ours with a space"},
    ),
    "times are not looked at": (
        lambda _: _of(_LooksAtNoTime),
        {"expiry passed", "expiry negative", "issued in the future", "not before the future"},
    ),
    "claims may be missing or of any size": (
        lambda monkeypatch: _without("_Claims", _LaxClaims, monkeypatch),
        {"issuer missing", "audience missing", "expiry missing", "subject missing", "subject too long"},
    ),
    "subjects may have any character": (
        lambda monkeypatch: _without("is_plain", lambda _: True, monkeypatch),
        {"subject with a line break", "subject with NUL", "subject with an escape sequence"},
    ),
    "whatever stands after the scheme is a token": (
        lambda monkeypatch: _without(
            "_BEARER", re.compile(r"bearer +(.+)", re.IGNORECASE | re.DOTALL), monkeypatch
        ),
        {"signature padded"},
    ),
}
"""Each weakness: how to make it, and forged tokens that get through it and through nothing else."""
