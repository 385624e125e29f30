"""The authorisation matrix: every route of the contract, asked by everybody who could ask."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from service.api.auth import SCOPES, Authenticator, Caller
from service.api.parts import EXTENSION
from service.app import create_app, make_app
from service.config import CONSISTENCY_KEY_BYTES, Config
from tests.api.forgeries import forgeries
from tests.api.identity import AUDIENCE, ISSUER, PUBLISHED, a_key, a_key_set, a_token, claims, header
from tests.servers import patient

SCOPE_BY_CORNER = {
    "/healthz": None,
    "/readyz": None,
    "/metrics": None,
    "/openapi.json": None,
    "/docs": None,
    "/pages": None,
    "/v1/me": "settings",
    "/v1/feed": "feed:filter",
    "/v1/events": "feed:filter",
    "/v1/comments": "comments:check",
    "/v1/insights/term-reviews": "terms:review",
    "/v1/insights/term-reviews.csv": "terms:review",
    "/v1/insights": "insights:read",
    "/insights/sign-in": None,
    "/insights/sign-out": None,
    "/insights": "insights:read",
    "/v1/policy": "policy:write",
    "/v1/surfaces": "policy:write",
    "/v1/admin": "settings:admin",
}
"""What each corner of the API needs, None for what anybody may read; said here a second time on purpose."""

FAR_AHEAD = 10**10


@dataclass(frozen=True)
class Operation:
    """One method on one path, and the scope that the contract says it needs; None for public ones."""

    method: str
    path: str
    scope: str | None

    @property
    def address(self) -> str:
        """Return the path with something in its places."""
        return re.sub(r"{\w+}", "somebody", self.path)


@dataclass(frozen=True)
class Asker:
    """Somebody who calls an operation: with which header, and holding which scopes; None if it is not known who."""

    authorization: Callable[[Operation], str | None]
    holds: Callable[[Operation], frozenset[str]] | None = None


def holding(*scopes: str | None, **changes: Any) -> str:
    """Return the header of alice with these scopes and a token that is good now, but for ``changes``."""
    now = int(datetime.now(UTC).timestamp())
    good = {"iat": now - 60, "exp": now + 3600, "scope": " ".join(scope for scope in scopes if scope)}
    return f"Bearer {a_token(claims(**{**good, **changes}))}"


def signed_by_a_stranger(operation: Operation) -> str:
    payload = claims(scope=operation.scope or "", exp=FAR_AHEAD)
    return f"Bearer {a_token(payload, header(), a_key('stranger'))}"


UNKNOWN = {
    "nobody": Asker(lambda _: None),
    "a password": Asker(lambda _: "Basic YWxpY2U6cGFzc3dvcmQ="),
    "a word": Asker(lambda _: "Bearer alice"),
    "an unsigned token": Asker(lambda _: forgeries()["alg none, some signature"]),
    "a stranger's signature": Asker(signed_by_a_stranger),
    "an expired token": Asker(lambda operation: holding(operation.scope, exp=1_700_000_000)),
    "a token of tomorrow": Asker(lambda operation: holding(operation.scope, nbf=FAR_AHEAD)),
    "a token for another audience": Asker(lambda operation: holding(operation.scope, aud="payments")),
    "a token of another issuer": Asker(
        lambda operation: holding(operation.scope, iss="https://evil.example")
    ),
    "a token of nobody": Asker(lambda operation: holding(operation.scope, sub="")),
}


def known(holds: Callable[[Operation], frozenset[str]]) -> Asker:
    return Asker(lambda operation: holding(*holds(operation)), holds)


def holding_always(*scopes: str) -> Asker:
    return known(lambda _: frozenset(scopes))


KNOWN = {
    "no scope": holding_always(),
    "scopes of other services": holding_always("openid", "settings:write", "SETTINGS", "*"),
    "every scope but the one": known(lambda operation: SCOPES - {operation.scope}),
    "every scope": holding_always(*SCOPES),
    **{f"{scope} alone": holding_always(scope) for scope in sorted(SCOPES)},
}


def operations(app: Flask) -> list[Operation]:
    """Return every operation of the contract, as the app publishes it."""
    document: dict[str, Any] = app.test_client().get("/openapi.json").get_json()
    return [
        Operation(method.upper(), path, needed_scope(described))
        for path, methods in document["paths"].items()
        for method, described in methods.items()
        if method != "parameters"
    ]


def needed_scope(described: dict[str, Any]) -> str | None:
    """Return the one scope of an operation; an operation that says nothing of security is an error."""
    if described["security"] == []:
        return None
    [[scope]] = [requirement["bearer"] for requirement in described["security"]]
    return str(scope)


def misjudged(app: Flask, asker: Asker) -> list[str]:
    """Return the operations that answer this asker otherwise than they should."""
    client = app.test_client()
    wrong = []
    for operation in operations(app):
        authorization = asker.authorization(operation)
        answer = client.open(
            operation.address,
            method=operation.method,
            headers={"Authorization": authorization} if authorization else {},
            json={} if operation.method in {"POST", "PUT", "PATCH"} else None,
        )
        if not is_owed(operation, asker, answer.status_code):
            wrong.append(f"{operation.method} {operation.path} answered {answer.status_code}")
        if (answer.status_code in {401, 403}) != ("WWW-Authenticate" in answer.headers):
            wrong.append(f"{operation.method} {operation.path} answered with the wrong challenge")
    return wrong


def is_owed(operation: Operation, asker: Asker, status: int) -> bool:
    """Tell whether a status is what this operation owes this asker."""
    if operation.scope is None:
        return status not in {401, 403} and status < 500
    if asker.holds is None:
        return status == 401
    if operation.scope not in asker.holds(operation):
        return status == 403
    return status not in {401, 403} and status < 500


def wrongly_declared(declared: Iterable[Operation]) -> list[Operation]:
    """Return the operations whose scope is not the one of their corner of the API."""
    return [each for each in declared if each.scope != scope_of_corner(each.path)]


def scope_of_corner(path: str) -> str | None:
    corners = [corner for corner in SCOPE_BY_CORNER if f"{path}/".startswith(f"{corner}/")]
    return SCOPE_BY_CORNER[corners[0]] if corners else "a corner without a scope"


def routes(app: Flask) -> set[tuple[str, str]]:
    """Return what the app really answers: method and path, without the methods Flask adds by itself."""
    return {
        (method, re.sub(r"<(?:[^<>:]+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


@pytest.fixture(scope="module")
def app(database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    jwks = tmp_path_factory.mktemp("identity") / "jwks.json"
    jwks.write_bytes(a_key_set(*(a_key(*each) for each in PUBLISHED)))
    made = create_app(
        Config(
            database_url=database_url,
            redis_url=patient(redis_url),
            auth_jwks=str(jwks),
            auth_issuer=ISSUER,
            auth_audience=AUDIENCE,
            consistency_key=bytes(range(1, CONSISTENCY_KEY_BYTES + 1)),
        )
    )
    yield made
    made.extensions["servers"].engine.dispose()


def test_there_are_twelve_kinds_of_askers_and_more() -> None:
    assert len(UNKNOWN | KNOWN) >= 12


@pytest.mark.parametrize("who", UNKNOWN)
def test_no_protected_route_answers_without_knowing_who_asks(who: str, app: Flask) -> None:
    assert misjudged(app, UNKNOWN[who]) == []


@pytest.mark.parametrize("what", KNOWN)
def test_a_route_answers_exactly_those_who_hold_its_scope(what: str, app: Flask) -> None:
    assert misjudged(app, KNOWN[what]) == []


def test_every_route_is_in_the_contract_and_the_contract_has_no_other(app: Flask) -> None:
    assert routes(app) == {(each.method, each.path) for each in operations(app)}


def test_every_scope_is_the_one_of_its_corner_of_the_api(app: Flask) -> None:
    assert wrongly_declared(operations(app)) == []


def test_whose_settings_are_meant_is_said_by_the_token_alone(app: Flask) -> None:
    client = app.test_client()
    token_of = {
        who: {"Authorization": holding("settings", sub=who)} for who in ("alice-of-one", "bob-of-none")
    }

    def add(query: str) -> int:
        return client.post(
            f"/v1/me/keyword-filters{query}",
            json={"terms": ["spoiler"]},
            headers={**token_of["alice-of-one"], "X-User-Id": "bob-of-none"},
        ).status_code

    assert (add("?user_id=bob-of-none"), add("")) == (422, 201)
    lists = {who: client.get("/v1/me/keyword-filters", headers=token) for who, token in token_of.items()}
    assert {who: len(answer.get_json()["items"]) for who, answer in lists.items()} == {
        "alice-of-one": 1,
        "bob-of-none": 0,
    }


# The matrix must be able to fail.


class LetsEverybodyIn(Authenticator):
    """A door that takes everybody for alice."""

    def __init__(self, scopes: frozenset[str]) -> None:
        self._scopes = scopes

    def caller(self, authorization: str | None) -> Caller:
        """Look at nothing."""
        del authorization
        return Caller("alice", self._scopes)


def test_a_door_that_does_not_look_is_caught_at_every_route(app: Flask) -> None:
    broken = make_app(app.extensions[EXTENSION], LetsEverybodyIn(SCOPES))

    for asker in (UNKNOWN["nobody"], KNOWN["no scope"], KNOWN["every scope but the one"]):
        assert routes_in(misjudged(broken, asker)) == protected(app)


def test_a_door_that_lets_nobody_in_is_caught_at_every_route(app: Flask) -> None:
    broken = make_app(app.extensions[EXTENSION], LetsEverybodyIn(frozenset()))

    assert routes_in(misjudged(broken, KNOWN["every scope"])) == protected(app)


def test_a_route_outside_the_contract_is_caught(app: Flask) -> None:
    broken = make_app(app.extensions[EXTENSION], LetsEverybodyIn(SCOPES))
    broken.add_url_rule("/v1/me/<int:secret>", view_func=lambda: "", endpoint="secret", methods=["DELETE"])

    assert routes(broken) - {(each.method, each.path) for each in operations(app)} == {
        ("DELETE", "/v1/me/{secret}")
    }


@pytest.mark.parametrize(
    "wrong",
    [
        Operation("GET", "/v1/me/settings", "feed:filter"),
        Operation("GET", "/v1/me/settings", None),
        Operation("GET", "/v1/metrics", None),
        Operation("POST", "/v1/feed/filter", "filter:explain"),
        Operation("GET", "/v1/meddling", "settings"),
    ],
)
def test_a_scope_from_another_corner_is_caught(wrong: Operation) -> None:
    assert wrongly_declared([wrong]) == [wrong]


def protected(app: Flask) -> set[str]:
    return {f"{each.method} {each.path}" for each in operations(app) if each.scope}


def routes_in(complaints: list[str]) -> set[str]:
    return {complaint.partition(" answered")[0] for complaint in complaints}
