"""Not-interested signals over HTTP."""

from typing import Any

import pytest

from tests.api.calling import Service

SIGNALS = "/v1/me/not-interested"
SIGNAL = {"id": "ni", "item_id": "p1", "surface": "for_you"}


def test_a_signal_is_answered_with_everything_that_now_happens() -> None:
    answer = Service().call("POST", SIGNALS, json={**SIGNAL, "reasons": ["author"], "author_id": "bob"})

    assert answer.status_code == 201
    assert {(effect["entity"], effect["id"]) for effect in answer.get_json()["effects"]} == {
        ("item", "p1"),
        ("author", "bob"),
    }
    assert answer.headers["Consistency-Token"]


def test_a_signal_sent_twice_is_taken_once() -> None:
    service = Service()
    first = service.call("POST", SIGNALS, json=SIGNAL)

    again = service.call("POST", SIGNALS, json=SIGNAL)

    assert (again.status_code, again.get_json()) == (200, first.get_json())
    assert len(service.call("GET", SIGNALS).get_json()["items"]) == 1


@pytest.mark.parametrize(
    ("members", "wrong"),
    [
        ({"item_id": "a" * 129}, "item_id"),
        ({"item_id": 7}, "item_id"),
        ({"surface": "moon"}, "surface"),
        ({"reasons": ["bored"]}, "reasons"),
        ({"reasons": "author"}, "reasons"),
        ({"position": 1.5}, "position"),
        ({"position": -1}, "position"),
        ({"position": True}, "position"),
        ({"hashtags": ["x"] * 101}, "hashtags"),
        ({"topics": ["x"] * 51}, "topics"),
        ({"sent_at": "yesterday"}, "sent_at"),
        ({"user_id": "bob"}, "user_id"),
    ],
)
def test_a_member_that_cannot_be_used_is_named(members: dict[str, Any], wrong: str) -> None:
    answer = Service().call("POST", SIGNALS, json={**SIGNAL, **members})

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [wrong])


@pytest.mark.parametrize("missing", ["item_id", "surface"])
def test_a_signal_says_about_what_and_where(missing: str) -> None:
    answer = Service().call(
        "POST", SIGNALS, json={name: value for name, value in SIGNAL.items() if name != missing}
    )

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [missing])


def test_an_undone_signal_leaves_no_effect() -> None:
    service = Service()
    service.call("POST", SIGNALS, json=SIGNAL)

    assert service.call("DELETE", f"{SIGNALS}/ni").status_code == 204

    left = service.call("GET", SIGNALS).get_json()
    assert (left["items"], left["effects"]) == ([], [])


def test_only_ones_own_signal_can_be_undone() -> None:
    service = Service()
    service.call("POST", SIGNALS, json=SIGNAL)

    answer = service.call("DELETE", f"{SIGNALS}/ni", user="bob")

    assert (answer.status_code, answer.get_json()["code"]) == (404, "not-found")
    assert len(service.call("GET", SIGNALS).get_json()["items"]) == 1
