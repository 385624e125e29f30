"""Blocks over HTTP."""

from typing import Any

import pytest

from tests.api.calling import Service

BLOCKS = "/v1/me/blocks"


def test_a_block_is_new_once_and_then_updated_in_place() -> None:
    service = Service()

    first = service.call("PUT", f"{BLOCKS}/bob", json={"note": "rude"})
    service.clock.step(hours=1)
    again = service.call("PUT", f"{BLOCKS}/bob", json={"note": "very rude"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json()["earlier"] is None
    assert again.get_json()["earlier"]["note"] == "rude"
    assert again.get_json()["created_at"] == first.get_json()["created_at"]


@pytest.mark.parametrize("request_", [{}, {"json": {}}, {"data": b"", "content_type": "application/json"}])
def test_a_block_needs_nothing_but_the_person(request_: dict[str, Any]) -> None:
    answer = Service().call("PUT", f"{BLOCKS}/bob", **request_)

    assert (answer.status_code, answer.get_json()["user_id"]) == (201, "bob")
    assert answer.headers["Consistency-Token"]


def test_nobody_blocks_themself() -> None:
    answer = Service().call("PUT", f"{BLOCKS}/alice")

    assert (answer.status_code, answer.get_json()["code"]) == (422, "cannot-target-yourself")


@pytest.mark.parametrize(
    "body",
    [{"note": "a" * 201}, {"note": 7}, {"expires_in": "2y"}, {"expires_at": "soon"}, {"user_id": "carol"}],
)
def test_a_member_that_cannot_be_used_is_named(body: dict[str, Any]) -> None:
    answer = Service().call("PUT", f"{BLOCKS}/bob", json=body)

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, list(body))


def test_unblocking_says_the_same_whether_or_not_there_was_a_block() -> None:
    service = Service()
    service.call("PUT", f"{BLOCKS}/bob")

    was = service.call("DELETE", f"{BLOCKS}/bob")
    was_not = service.call("DELETE", f"{BLOCKS}/bob")

    assert (was.status_code, was.data) == (was_not.status_code, was_not.data) == (204, b"")


def test_a_list_holds_ones_own_blocks_only() -> None:
    service = Service()
    service.call("PUT", f"{BLOCKS}/bob")
    service.call("PUT", f"{BLOCKS}/alice", user="bob")

    assert [each["user_id"] for each in service.call("GET", BLOCKS).get_json()["items"]] == ["bob"]


def test_being_blocked_changes_nothing_that_one_can_read() -> None:
    service = Service()
    before = {path: service.call("GET", path, user="bob") for path in (BLOCKS, "/v1/me/settings")}

    service.call("PUT", f"{BLOCKS}/bob", user="alice")

    for path, earlier in before.items():
        later = service.call("GET", path, user="bob")
        assert (later.data, later.headers.get("ETag")) == (earlier.data, earlier.headers.get("ETag"))
