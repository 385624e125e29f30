"""The contract: valid, complete, committed, and true of what the service answers."""

import copy
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR
from werkzeug.test import TestResponse

from service.api.contract import METHODS, says
from service.api.contract_words import MEANINGS, VERSION
from service.api.errors import STATUSES
from service.api.examples import EXAMPLES
from service.api.yaml import yaml_of
from service.app import describe
from service.domain.emerging_terms import EmergingTerm, ReviewState, TermReview
from tests.api.calling import (
    BrokenContractError,
    Service,
    contract,
    operations,
    require_as_promised,
    resolved,
)
from tests.figures import close_figures

PROJECT = Path(__file__).parents[2]
COMMITTED = PROJECT / "openapi" / "openapi.yaml"
MEND = (
    "openapi/openapi.yaml is not what the code says. If you mean it, run ./dev openapi, and tell callers in "
    "openapi/CHANGELOG.md."
)


def parts_of(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from parts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from parts_of(inner)


def shapes_in(value: Any) -> set[str]:
    """Return the names of all shapes that something is made of."""
    found: set[str] = set()
    waiting = [value]
    while waiting:
        for part in parts_of(waiting.pop()):
            name = part.get("$ref", "").removeprefix("#/components/schemas/")
            if name in contract()["components"]["schemas"] and name not in found:
                found.add(name)
                waiting.append(contract()["components"]["schemas"][name])
    return found


# The document itself.


def test_the_document_is_valid_openapi() -> None:
    assert not list(OPENAPI_31_VALIDATOR.iter_errors(contract()))


def test_a_document_with_a_misspelt_member_would_not_be_valid() -> None:
    broken = copy.deepcopy(contract())
    broken["paths"]["/v1/me/blocks"]["get"]["parametres"] = []

    assert list(OPENAPI_31_VALIDATOR.iter_errors(broken))


def test_every_reference_leads_somewhere() -> None:
    for part in parts_of(contract()):
        if "$ref" in part:
            _, *steps = part["$ref"].split("/")
            target: Any = contract()
            for step in steps:
                assert step in target, part["$ref"]
                target = target[step]


def test_nothing_is_described_that_no_call_uses() -> None:
    document = contract()
    used = shapes_in(document["paths"]) | shapes_in(document["components"]["responses"])

    assert set(document["components"]["schemas"]) == used


@pytest.mark.parametrize("name", sorted(operations()))
def test_an_operation_says_what_it_does_who_may_and_what_comes_back(name: str) -> None:
    _, _, operation = operations()[name]

    assert operation["summary"].endswith(".")
    assert operation["tags"]
    assert "security" in operation
    assert any(status[0] in "23" for status in operation["responses"])
    assert "default" in operation["responses"]
    if operation["security"]:
        assert {"401", "403", "503"} <= set(operation["responses"])
    if "requestBody" in operation:
        assert {"400", "413", "415", "422"} <= set(operation["responses"])


def test_operations_have_names_of_their_own() -> None:
    count = sum(method in described for described in contract()["paths"].values() for method in METHODS)

    assert len(operations()) == count


def test_bodies_that_come_in_are_closed() -> None:
    taken = [each["requestBody"] for _, _, each in operations().values() if "requestBody" in each]
    shapes = contract()["components"]["schemas"]

    open_ones = [
        name
        for name in sorted(shapes_in(taken))
        if shapes[name]["type"] == "object" and shapes[name].get("additionalProperties") is not False
    ]

    assert taken
    assert not open_ones


def test_bodies_that_only_go_out_are_open_and_say_what_is_always_there() -> None:
    block = contract()["components"]["schemas"]["KeptBlock"]

    assert "additionalProperties" not in block
    assert set(block["required"]) == set(block["properties"])


def test_what_goes_out_and_what_comes_in_differ_where_a_member_travels_one_way() -> None:
    shapes = contract()["components"]["schemas"]

    assert "expires_in" in shapes["NewKeywordFilter"]["properties"]
    assert "expires_in" not in shapes["KeywordFilter"]["properties"]
    assert "revision" in shapes["CommentLimits"]["properties"]
    assert "revision" not in shapes["CommentLimitsPatch"]["properties"]


def test_decision_calls_are_described_in_both_media_types() -> None:
    for name in ("feed_filter_candidates", "comments_check"):
        _, _, operation = operations()[name]
        for content in (operation["requestBody"]["content"], operation["responses"]["200"]["content"]):
            assert set(content) == {"application/json", "application/msgpack"}


# The codes.


def test_every_code_has_a_meaning_and_a_place_in_the_contract() -> None:
    document = contract()

    assert set(MEANINGS) == set(STATUSES)
    assert document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"] == list(STATUSES)
    for code, status in STATUSES.items():
        assert f"| `{code}` | {status} " in document["info"]["description"]


def test_each_response_lists_only_codes_of_its_own_status() -> None:
    for _, _, operation in operations().values():
        for status, told in operation["responses"].items():
            content = resolved(told).get("content", {}).get("application/problem+json")
            if content and status != "default":
                codes = content["schema"]["properties"]["code"]["enum"]
                assert {STATUSES[code] for code in codes} == {int(status)}


def test_a_view_cannot_refuse_with_a_code_that_has_no_status() -> None:
    with pytest.raises(ValueError, match="no-such-code has no status"):
        says(refuses=("no-such-code",))


# The file.


def test_the_committed_document_is_what_the_code_says() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == yaml_of(describe()), MEND


def test_the_command_prints_the_document_without_any_configuration() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "service.cli", "openapi"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        check=True,
        timeout=60,
    )

    assert printed.stdout.decode() == yaml_of(describe())


def test_the_changelog_knows_the_version() -> None:
    assert f"\n## {VERSION}\n" in (PROJECT / "openapi" / "CHANGELOG.md").read_text(encoding="utf-8")


# What the service does.


def test_the_examples_are_one_story_that_goes_as_written() -> None:
    service = Service()
    close_figures(service.insights.keep_closed, people=2_000, first=date(2026, 11, 9))
    service.terms.found["term_1"] = TermReview(
        "term_1", EmergingTerm("miracle cure", date(2026, 11, 12), 8.0, "200-499"), ReviewState.UNDER_REVIEW
    )
    known = operations()
    told = {}

    for name, example in EXAMPLES.items():
        method, path, operation = known[name]
        body = {} if example.body is None else {"json": example.body}
        [scope] = [scope for need in operation["security"] for scope in need["bearer"]] or [None]
        answer = service.call(
            method,
            path.format(**example.path),
            scope=scope,
            query_string=example.query,
            headers=example.headers,
            **body,
        )
        told[name] = (answer.status_code, answer.json if answer.data and not example.untold else None)

    assert told == {name: (example.status, example.answer) for name, example in EXAMPLES.items()}


def test_every_call_under_v1_has_an_example() -> None:
    assert {name for name, (_, path, _) in operations().items() if path.startswith("/v1")} <= set(EXAMPLES)


# The judge that the other tests trust.


def an_answer(**changes: Any) -> TestResponse:
    """Return an answer to a list of blocks, good but for the changes."""
    good: dict[str, Any] = {
        "status": 200,
        "body": b'{"items": [], "next_cursor": null}',
        "content_type": "application/json",
        "headers": {"X-Request-ID": "1"},
    }
    told = {**good, **changes}
    app = Flask("answers", static_folder=None)
    app.add_url_rule(
        "/",
        "any",
        lambda: Response(told["body"], told["status"], told["headers"], content_type=told["content_type"]),
    )
    return app.test_client().get("/")


def test_the_judge_takes_an_answer_that_keeps_the_contract() -> None:
    require_as_promised(Service().app, "GET", "/v1/me/blocks", an_answer())


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": {}},
        {"content_type": "text/html"},
        {"body": b'{"items": []}'},
        {"body": b'{"items": [], "next_cursor": null, "secret": 1}'},
        {"body": b'{"items": [{"user_id": 7}], "next_cursor": null}'},
        {"status": 404},
        {
            "status": 422,
            "content_type": "application/problem+json",
            "body": b'{"type": "/docs#not-found", "title": "", "status": 422, "detail": "", "code": "not-found"}',
        },
    ],
    ids=["header", "media type", "member", "extra member", "type", "status", "code"],
)
def test_the_judge_finds_what_breaks_the_contract(changes: dict[str, Any]) -> None:
    with pytest.raises(BrokenContractError):
        require_as_promised(Service().app, "GET", "/v1/me/blocks", an_answer(**changes))
