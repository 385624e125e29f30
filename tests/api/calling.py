"""Calls to the app on fakes, each answer held against the contract."""

import copy
import gzip
import json
from collections.abc import Mapping
from functools import cache
from itertools import count
from typing import Any, cast

import jsonschema_rs
from flask import Flask
from werkzeug.test import TestResponse

from service.api.bookmarks import Bookmarks
from service.api.consistency import ConsistencyTokens
from service.api.contract import METHODS
from service.api.parts import EXTENSION, ApiParts
from service.app import describe, make_app
from service.usecases.insight_ports import InsightParts
from service.usecases.ports import Parts
from tests.api.identity import SteppedClock, a_token, an_authenticator, claims
from tests.fakes.allowances import FakeAllowances
from tests.fakes.comments import FakeComments
from tests.fakes.insights import FakeInsights, FakeReads, FakeTerms
from tests.fakes.rules import FakeRules
from tests.fakes.settings import FakeSettings

KEY = bytes(range(32))


class BrokenContractError(AssertionError):
    """An answer is not what the contract says of it."""


class Service:
    """The service on fakes, as callers see it; an answer that the contract does not promise is an error."""

    def __init__(self, insights: FakeInsights | None = None, figures: InsightParts | None = None) -> None:
        self.clock = SteppedClock()
        self.settings = FakeSettings()
        self.rules = FakeRules()
        self.allowances = FakeAllowances()
        self.insights = insights or FakeInsights()
        self.terms = FakeTerms()
        self.reads = FakeReads()
        self.store_answers = True
        self.cache_answers = True
        self.app = the_app()
        numbers = count(1)
        self._parts = ApiParts(
            stories=Parts(
                settings=self.settings,
                rules=self.rules,
                comments=FakeComments(self.settings),
                allowances=self.allowances,
                now=self.clock,
                new_id=lambda prefix: f"{prefix}_{next(numbers)}",
            ),
            tokens=ConsistencyTokens(KEY, new_nonce=bytes),
            bookmarks=Bookmarks(KEY),
            is_ready={"store": lambda: self.store_answers, "cache": lambda: self.cache_answers},
            render_metrics=lambda: (b"up 1\n", "text/plain; version=0.0.4"),
            figures=figures
            or InsightParts(
                insights=self.insights,
                mined=self.terms,
                reads=self.reads,
                now=self.clock,
                new_id=lambda prefix: f"{prefix}_{next(numbers)}",
            ),
        )

    def serve(self) -> Flask:
        """Let the app answer for this service, and return it."""
        self.app.extensions[EXTENSION] = self._parts
        return self.app

    def call(
        self,
        method: str,
        path: str,
        *,
        user: str = "alice",
        scope: str | None = "settings",
        headers: Mapping[str, str] | None = None,
        **request: Any,
    ) -> TestResponse:
        """Send one request and hold the answer against the contract; ``scope`` None sends no token."""
        sent = dict(headers or {})
        if scope is not None:
            sent["Authorization"] = f"Bearer {a_token(claims(sub=user, scope=scope))}"
        self.serve()
        answer = self.app.test_client().open(path, method=method, headers=sent, **request)
        require_as_promised(self.app, method, path, answer)
        return answer


@cache
def the_app() -> Flask:
    """Return the app that every service of this process answers through: building one takes a tenth of a second.

    Tokens are judged by a clock that stands still, whatever the clock of a service says.
    """
    return make_app(cast("ApiParts", None), an_authenticator())


def require_as_promised(app: Flask, method: str, path: str, answer: TestResponse) -> None:
    """Raise BrokenContractError unless status, headers, media type and body are those of the contract."""
    if method == "OPTIONS":  # Flask's own
        return
    operation = operation_of(app, "GET" if method == "HEAD" else method, path)
    if operation is None:
        told: dict[str, Any] | None = contract()["components"]["responses"]["any-other"]
    else:
        told = operation["responses"].get(str(answer.status_code), operation["responses"]["default"])
        told = resolved(told)
    assert told is not None
    missing = [name for name in told.get("headers", ()) if name not in answer.headers]
    if missing:
        raise BrokenContractError(f"{method} {path} {answer.status_code} lacks {missing}")
    content = told.get("content", {})
    if not content:
        if answer.data:
            raise BrokenContractError(f"{method} {path} {answer.status_code} has a body")
        return
    if answer.mimetype not in content:
        raise BrokenContractError(
            f"{method} {path} {answer.status_code} is {answer.mimetype}, not {list(content)}"
        )
    if answer.is_json and method != "HEAD":
        errors = [
            f"{error.instance_path}: {error.message}"
            for error in validator(content[answer.mimetype]["schema"]).iter_errors(body_of(answer))
        ]
        if errors:
            raise BrokenContractError(f"{method} {path} {answer.status_code}: {errors}\n{answer.text}")


def body_of(answer: TestResponse) -> Any:
    """Return the JSON of an answer, compressed or not."""
    packed = answer.headers.get("Content-Encoding") == "gzip"
    return json.loads(gzip.decompress(answer.data) if packed else answer.data)


@cache
def contract() -> dict[str, Any]:
    """Return the contract."""
    return describe()


def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Return method, path and description of every operation, by its name."""
    return {
        described[method]["operationId"]: (method.upper(), path, described[method])
        for path, described in contract()["paths"].items()
        for method in METHODS
        if method in described
    }


def resolved(told: dict[str, Any]) -> dict[str, Any]:
    """Return a response itself where the contract refers to it."""
    if "$ref" not in told:
        return told
    shared: dict[str, Any] = contract()["components"]["responses"][told["$ref"].rpartition("/")[2]]
    return shared


def operation_of(app: Flask, method: str, path: str) -> dict[str, Any] | None:
    """Return what the contract says of a call; nothing where there is no such call."""
    adapter = app.url_map.bind("localhost")
    try:
        rule, _ = adapter.match(path.partition("?")[0], method=method, return_rule=True)
    except Exception:  # noqa: BLE001  whatever werkzeug says, there is no such call
        return None
    template = rule.rule.replace("<", "{").replace(">", "}")
    operation: dict[str, Any] | None = contract()["paths"][template].get(method.lower())
    return operation


def validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """Return a judge of bodies for whom every member must be one that the contract names."""
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": {"schemas": _closed_shapes()}}, validate_formats=True
    )


@cache
def _closed_shapes() -> dict[str, Any]:
    shapes: dict[str, Any] = copy.deepcopy(contract()["components"]["schemas"])
    for shape in shapes.values():
        if "properties" in shape:
            shape.setdefault("additionalProperties", False)
    return shapes
