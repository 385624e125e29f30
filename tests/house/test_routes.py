"""Every route says who may call it, and the contract knows it."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask

from service.api.auth import public
from service.api.contract import METHODS
from tests.api.calling import Service, contract


def routes_outside(app: Flask, document: Mapping[str, Any]) -> list[str]:
    """Return the routes that the contract does not know, or knows with another scope than the door asks for."""
    wrong = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        scope = vars(app.view_functions[rule.endpoint]).get("needed_scope", "not declared")
        owed = [] if scope is None else [{"bearer": [scope]}]
        for method in {method.lower() for method in rule.methods or ()}.intersection(METHODS):
            told = document["paths"].get(path, {}).get(method)
            if told is None or told["security"] != owed:
                wrong.append(f"{method} {path}")
    return wrong


def test_every_route_is_in_the_contract_with_its_scope() -> None:
    assert not routes_outside(Service().app, contract())


def test_the_contract_names_no_route_that_does_not_exist() -> None:
    paths = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in Service().app.url_map.iter_rules()}

    assert set(contract()["paths"]) == paths


@pytest.mark.parametrize("declared", [True, False])
def test_a_route_beside_the_contract_would_be_found(declared: bool) -> None:  # noqa: FBT001
    app = Flask("beside", static_folder=None)
    app.add_url_rule("/beside", view_func=public(lambda: "") if declared else lambda: "", endpoint="beside")

    assert routes_outside(app, contract()) == ["get /beside"]


def test_a_route_with_another_scope_than_the_contract_says_would_be_found() -> None:
    app = Flask("open", static_folder=None)
    app.add_url_rule("/v1/me/blocks", view_func=public(lambda: ""), endpoint="open")

    assert routes_outside(app, contract()) == ["get /v1/me/blocks"]
