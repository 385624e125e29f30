"""Who calls, and whether they may: bearer tokens verified after RFC 8725, one needed scope per route."""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeAlias, TypeVar, get_args

import msgspec
from apispec import APISpec
from flask import Flask, current_app, g, request
from flask_smorest import Blueprint
from jwt import PyJWK, PyJWS, PyJWTError, get_unverified_header

from service.api.jwks import ALGORITHMS, Keys
from service.domain.people import UserId, is_plain
from service.domain.refusals import Refusal

Scope: TypeAlias = Literal[
    "settings",
    "feed:filter",
    "filter:explain",
    "comments:check",
    "insights:read",
    "terms:review",
    "policy:write",
    "settings:admin",
]
SCOPES: frozenset[str] = frozenset(get_args(Scope))

LEEWAY = timedelta(seconds=30)
"""How far the clocks of this machine and the identity provider may be apart."""

COOKIE = "analyst_token"
"""Where a browser that signed in keeps its bearer token."""
DOOR = "door"
"""Where the app that runs keeps who judges tokens."""

MAX_TOKEN_CHARACTERS = 6_000
"""Room for providers that pack lists of groups into a token; gunicorn refuses header fields above 8,190."""

_BEARER = re.compile(r"bearer +([\w-]+\.[\w-]+\.[\w-]+)", re.ASCII | re.IGNORECASE)
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_KEYS_OR_EXTENSIONS = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"})
_REMEMBERED_TOKENS = 4_096


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: ``subject`` is a user id or a service's name, ``scopes`` are those of SCOPES.

    ``guardians`` are the user's own, as the identity provider states them in the claim of that name.
    """

    subject: str
    scopes: frozenset[str]
    guardians: frozenset[str] = frozenset()


class Unauthenticated(Refusal):
    """A request without a token that proves who sent it.

    The answer tells a client what to do next (sign in, renew) and a forger nothing about which check failed.
    """

    code = "unauthenticated"

    def __init__(self, detail: str = "The access token is not valid here.") -> None:
        super().__init__(detail)
        self.headers = {"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{detail}"'}


class TokenMissing(Unauthenticated):
    """No bearer token at all; the challenge then carries no error (RFC 6750 §3.1)."""

    def __init__(self) -> None:
        super().__init__("This call needs an access token: Authorization: Bearer ...")
        self.headers = {"WWW-Authenticate": 'Bearer realm="safety-controls"'}


class TokenExpired(Unauthenticated):
    """A token that was good once; only whoever holds a genuine one is told so."""

    def __init__(self) -> None:
        super().__init__("The access token has expired.")


class ScopeMissing(Refusal):
    """A caller we know, on a route that this token does not open."""

    code = "scope-missing"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This call needs a token with the scope {scope}.", scope=scope)
        self.headers = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}


class UndeclaredRouteError(RuntimeError):
    """A route says neither which scope it needs nor that it is public; the app does not start with one."""


class _Claims(msgspec.Struct, frozen=True):
    """The claims that are judged; what else a token carries is nobody's business here."""

    iss: str
    aud: str | list[str]
    sub: UserId
    exp: int | float
    iat: int | float = 0
    nbf: int | float = 0
    scope: str = ""
    guardians: tuple[UserId, ...] = ()


@dataclass(frozen=True, slots=True)
class _Verified:
    key: PyJWK
    claims: _Claims


class Authenticator:
    """Tells who holds a bearer token.

    A token must be signed with a key of ``keys`` and that key's own algorithm, come from ``issuer``, be meant
    for ``audience`` (alone or among others), name its subject, carry an expiry, and be within its times.
    ``typ`` must be ``at+jwt`` (RFC 9068) or ``JWT``, which several identity providers still put on access
    tokens: an ID token is kept out by its audience, a client and never this API, and by having none of our
    scopes.

    A signature costs 0.2 ms to verify and services send the same token for an hour, so verified tokens are
    remembered by their hash. The times, and that the key is still the provider's, are checked at every call.
    """

    def __init__(
        self,
        keys: Keys,
        *,
        issuer: str,
        audience: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Trust tokens of ``issuer`` for ``audience``; ``clock`` gives aware times."""
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._jws = PyJWS()
        self._remembered: OrderedDict[bytes, _Verified] = OrderedDict()

    def caller(self, authorization: str | None) -> Caller:
        """Return who sent this ``Authorization`` header; refuse with Unauthenticated or KeysUnavailable."""
        claims = self._verified_claims(_bearer_token(authorization))
        self._require_ours(claims)
        self._require_current(claims)
        scopes = SCOPES.intersection(claims.scope.split(" "))
        return Caller(claims.sub, scopes, frozenset(claims.guardians))

    def _verified_claims(self, token: str) -> _Claims:
        fingerprint = hashlib.sha256(token.encode()).digest()
        remembered = self._remembered.get(fingerprint)
        if remembered and self._keys.find(str(remembered.key.key_id)) is remembered.key:
            return remembered.claims
        verified = self._verify(token)
        self._remembered[fingerprint] = verified
        if len(self._remembered) > _REMEMBERED_TOKENS:
            self._remembered.popitem(last=False)
        return verified.claims

    def _verify(self, token: str) -> _Verified:
        try:
            header = get_unverified_header(token)
            _require_plain_header(header)
            key = self._keys.find(header["kid"])
            if key is None:
                raise Unauthenticated
            signed = self._jws.decode_complete(token, key=key, algorithms=list(ALGORITHMS))
            return _Verified(key, msgspec.json.decode(signed["payload"], type=_Claims))
        except (PyJWTError, ValueError, RecursionError):
            raise Unauthenticated from None

    def _require_ours(self, claims: _Claims) -> None:
        audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        if claims.iss != self._issuer or self._audience not in audiences or not is_plain(claims.sub):
            raise Unauthenticated

    def _require_current(self, claims: _Claims) -> None:
        now, leeway = self._clock().timestamp(), LEEWAY.total_seconds()
        if max(claims.iat, claims.nbf) > now + leeway:
            raise Unauthenticated
        if claims.exp <= now - leeway:
            raise TokenExpired


def _bearer_token(authorization: str | None) -> str:
    if not authorization:
        raise TokenMissing
    bearer = _BEARER.fullmatch(authorization) if len(authorization) <= MAX_TOKEN_CHARACTERS else None
    if bearer is None:
        raise Unauthenticated
    return bearer[1]


def _require_plain_header(header: dict[str, Any]) -> None:
    """Refuse a token that brings its own key, demands an extension, names no key, or is of another type."""
    kind, key_id = header.get("typ"), header.get("kid")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise Unauthenticated
    if not isinstance(key_id, str) or not _KEYS_OR_EXTENSIONS.isdisjoint(header):
        raise Unauthenticated


View = TypeVar("View", bound=Callable[..., Any])


def needs(scope: Scope) -> Callable[[View], View]:
    """Declare the one scope a view needs; below the route decorator, so that the contract names it too."""
    if scope not in SCOPES:
        raise ValueError(f"{scope} is not a scope of this API")
    return _declare(scope)


def by_browser(view: View) -> View:
    """Let a view that only reads also find the token in the cookie that signing in leaves; above ``needs``."""
    vars(view)["by_browser"] = True
    return view


def public(view: View) -> View:
    """Declare that a view answers anybody."""
    return _declare(None)(view)


def _declare(scope: str | None) -> Callable[[View], View]:
    def declare(view: View) -> View:
        documented: View = Blueprint.doc(security=[] if scope is None else [{"bearer": [scope]}])(view)
        vars(documented)["needed_scope"] = scope
        return documented

    return declare


def describe_bearer(spec: APISpec) -> None:
    """Put into the contract what the routes' ``security`` refers to."""
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})


def install(app: Flask, authenticator: Authenticator, *, public_endpoints: Collection[str] = ()) -> None:
    """Let every request through the door once; call it when all routes are registered.

    Views that cannot be decorated, such as Flask's ``static``, are named in ``public_endpoints``. Any other
    route that says nothing raises UndeclaredRouteError: a forgotten scope is found at the start, not by a
    visitor.
    """
    needed = {
        endpoint: None if endpoint in public_endpoints else _needed_scope(endpoint, view)
        for endpoint, view in app.view_functions.items()
    }

    app.extensions[DOOR] = authenticator

    @app.before_request
    def admit() -> None:
        """Authenticate the caller of a route and check the scope; what is no route answers 404 by itself."""
        if request.endpoint is None:
            return
        if request.endpoint not in needed:
            raise UndeclaredRouteError(request.endpoint)
        scope = needed[request.endpoint]
        if scope is None:
            return
        g.caller = _admitted(authenticator, _authorization(app.view_functions[request.endpoint]), scope)


def _admitted(authenticator: Authenticator, authorization: str | None, scope: str) -> Caller:
    known = authenticator.caller(authorization)
    if scope not in known.scopes:
        raise ScopeMissing(scope)
    return known


def _authorization(view: Callable[..., Any]) -> str | None:
    """Return the header, or the cookie of a browser where the view only reads: a cookie never writes anything."""
    header = request.headers.get("Authorization")
    if header is None and vars(view).get("by_browser") and request.method in {"GET", "HEAD"}:
        token = request.cookies.get(COOKIE)
        return f"Bearer {token}" if token else None
    return header


def _needed_scope(endpoint: str, view: Callable[..., Any]) -> str | None:
    try:
        scope: str | None = vars(view)["needed_scope"]
    except (KeyError, TypeError):
        raise UndeclaredRouteError(f"{endpoint} needs @needs(scope) or @public") from None
    return scope


def recognised(token: str, scope: Scope) -> Caller:
    """Return whose token this is, if it opens a scope: for signing in."""
    return _admitted(current_app.extensions[DOOR], f"Bearer {token}", scope)


def caller() -> Caller:
    """Return who sent the current request; a public view has no caller and must not ask."""
    known: Caller = g.caller
    return known
