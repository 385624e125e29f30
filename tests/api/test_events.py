"""Events over HTTP: typed, closed, taken whole or not at all; and posts that were shown without asking."""

from typing import Any

import pytest

from tests.api.calling import Service

EVENT = {
    "id": "01939d5e-2f4a-7c3e-9b1d-5a6f7e8d9c0b",
    "kind": "revealed",
    "viewer_id": "alice",
    "surface": "for_you",
    "because": "keyword_filter",
}


def report(*events: dict[str, Any], scope: str = "feed:filter") -> Any:
    service = Service()
    now = service.clock().isoformat()
    bodies = [{**EVENT, "at": now, **event} for event in events]
    return service.call("POST", "/v1/events", scope=scope, json={"events": bodies})


def test_a_batch_is_taken() -> None:
    answer = report({}, {"kind": "showing_reported", "showings": 20})

    assert (answer.status_code, answer.json) == (200, {"accepted": 2})


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "seven"},
        {"kind": "setting_saved"},
        {"at": "yesterday"},
        {"at": "2020-01-01T00:00:00Z"},
        {"at": "2099-01-01T00:00:00Z"},
        {"surface": "nowhere"},
        {"surface": None},
        {"control": None, "kind": "control_seen"},
        {"showings": 0},
        {"viewer_id": "a\u0000b"},
        {"because": "taste"},
    ],
)
def test_what_cannot_be_counted_is_refused_by_place_and_name(wrong: dict[str, Any]) -> None:
    answer = report({}, wrong)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert list(answer.json["errors"]) == [f"events[1].{next(iter(wrong))}"]


def test_an_event_with_more_than_that_is_refused() -> None:
    answer = report({}, {"note": "a text"})

    assert (answer.status_code, answer.json["code"]) == (422, "invalid")


def test_more_than_a_thousand_at_once_are_refused() -> None:
    assert report(*[{}] * 1_001).status_code == 422


def test_only_feeds_may_report() -> None:
    assert report({}, scope="settings").status_code == 403


def show_unasked(**members: Any) -> Any:
    service = Service()
    body = {
        "id": EVENT["id"],
        "viewer_id": "alice",
        "surface": "search",
        "at": service.clock().isoformat(),
        "shown": [{"id": "p1", "author_id": "ben", "caption": "a cat"}],
        **members,
    }
    return service.call("POST", "/v1/feed/second-looks", scope="feed:filter", json=body)


def test_what_was_shown_without_asking_is_taken() -> None:
    answer = show_unasked()

    assert (answer.status_code, answer.json) == (200, {"accepted": 1})


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "seven"},
        {"at": "2020-01-01T00:00:00Z"},
        {"surface": "nowhere"},
        {"viewer_id": "a\u0000b"},
    ],
)
def test_what_was_shown_is_refused_by_name_where_it_cannot_be_judged(wrong: dict[str, Any]) -> None:
    answer = show_unasked(**wrong)

    assert answer.status_code == 422
    assert answer.json["code"] == "invalid"


def test_more_than_a_page_of_what_was_shown_is_refused() -> None:
    told = show_unasked(shown=[{"id": "p1", "author_id": "ben"}] * 501).json

    assert (told["code"], told["limit"], told["current"]) == ("limit-reached", 500, 501)
