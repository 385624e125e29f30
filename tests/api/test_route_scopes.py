"""Routes: each says which scope it needs, and the door asks for it."""

# mypy: allow-untyped-decorators

from typing import Any

import marshmallow
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_smorest import Api, Blueprint

from service.api.auth import (
    ScopeMissing,
    UndeclaredRouteError,
    caller,
    describe_bearer,
    install,
    needs,
    public,
)
from service.domain.refusals import Refusal
from tests.api.forgeries import forgeries
from tests.api.identity import a_token, an_authenticator, claims


def bearer(**changes: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {a_token(claims(**changes))}"}


def an_app() -> Flask:
    app = Flask("routes", static_folder=None)
    app.config.update(API_TITLE="Routes", API_VERSION="1", OPENAPI_VERSION="3.1.0")
    api = Api(app)
    routes = Blueprint("routes", "routes", url_prefix="/v1")

    @routes.get("/mine")
    @needs("settings")
    def mine() -> dict[str, str]:
        return {"subject": caller().subject}

    @routes.get("/open")
    @public
    def open_to_all() -> str:
        return "hello"

    @routes.post("/wrapped")
    @routes.arguments(marshmallow.Schema)
    @routes.response(200, marshmallow.Schema)
    @needs("feed:filter")
    def wrapped(_: Any) -> dict[str, str]:
        return {}

    @routes.post("/wrapping")
    @needs("feed:filter")
    @routes.arguments(marshmallow.Schema)
    @routes.response(200, marshmallow.Schema)
    def wrapping(_: Any) -> dict[str, str]:
        return {}

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Any:
        status = 403 if isinstance(refusal, ScopeMissing) else 401
        return {"code": refusal.code, **refusal.facts}, status, getattr(refusal, "headers", {})

    api.register_blueprint(routes)
    describe_bearer(api.spec)
    install(app, an_authenticator())
    return app


def a_client() -> FlaskClient:
    return an_app().test_client()


# One needed scope per route, declared where the route is.


def test_the_token_says_who_calls() -> None:
    answer = a_client().get("/v1/mine", headers=bearer(sub="alice", scope="settings"))

    assert (answer.status_code, answer.json) == (200, {"subject": "alice"})


def test_without_a_token_the_challenge_carries_no_error() -> None:
    answer = a_client().get("/v1/mine")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="safety-controls"'


def test_a_bad_token_is_an_invalid_token() -> None:
    answer = a_client().get("/v1/mine", headers={"Authorization": forgeries()["expiry passed"]})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer error="invalid_token", error_description="The access token has expired."'
    )


def test_a_token_for_something_else_is_told_what_is_missing() -> None:
    answer = a_client().get("/v1/mine", headers=bearer(scope="feed:filter settings:admin"))

    assert answer.status_code == 403
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="settings"'
    assert answer.json == {"code": "scope-missing", "scope": "settings"}


def test_the_token_is_looked_at_before_the_body() -> None:
    answer = a_client().post("/v1/wrapped", data="not json", content_type="text/plain")

    assert answer.status_code == 401


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_methods_that_flask_adds_need_the_same(method: str) -> None:
    assert a_client().open("/v1/mine", method=method).status_code == 401


def test_public_routes_and_paths_that_do_not_exist_need_no_token() -> None:
    client = a_client()

    assert client.get("/v1/open").status_code == 200
    assert client.get("/v1/open", headers={"Authorization": "Bearer x"}).status_code == 200
    assert client.get("/v1/nothing-here").status_code == 404
    assert client.delete("/v1/mine").status_code == 405


def test_a_declaration_holds_inside_and_outside_other_decorators() -> None:
    client = a_client()

    for path in ("/v1/wrapped", "/v1/wrapping"):
        assert client.post(path, json={}, headers=bearer(scope="settings")).status_code == 403
        assert client.post(path, json={}, headers=bearer(scope="feed:filter")).status_code == 200


def test_the_contract_names_the_scope_of_each_operation() -> None:
    document = an_app().extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()

    said = {
        (path, method): operation["security"]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert said == {
        ("/v1/mine", "get"): [{"bearer": ["settings"]}],
        ("/v1/open", "get"): [],
        ("/v1/wrapped", "post"): [{"bearer": ["feed:filter"]}],
        ("/v1/wrapping", "post"): [{"bearer": ["feed:filter"]}],
    }
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_an_app_with_an_undeclared_route_does_not_start() -> None:
    app = Flask("forgetful", static_folder=None)
    app.add_url_rule("/forgotten", view_func=lambda: "everybody's data", endpoint="forgotten")

    with pytest.raises(UndeclaredRouteError, match="forgotten"):
        install(app, an_authenticator())


def test_views_that_cannot_be_decorated_are_public_only_by_name() -> None:
    app = Flask("with files", static_folder=".")
    with pytest.raises(UndeclaredRouteError, match="static"):
        install(app, an_authenticator())

    install(app, an_authenticator(), public_endpoints={"static"})

    assert app.test_client().get("/static/test_auth.py").status_code != 401


def test_a_route_added_after_the_door_was_built_stays_shut() -> None:
    app = an_app()
    app.view_functions["late"] = lambda: "everybody's data"
    app.url_map.add(app.url_rule_class("/late", endpoint="late"))
    app.testing = True

    with pytest.raises(UndeclaredRouteError, match="late"):
        app.test_client().get("/late", headers=bearer())


def test_a_scope_that_does_not_exist_cannot_be_needed() -> None:
    with pytest.raises(ValueError, match="setting is not a scope"):
        needs("setting")  # type: ignore[arg-type]
