"""Signals, resets and sliders, as apps send them."""

from datetime import timedelta
from typing import Any

import pytest

from service.domain.signal_resets import Reset, ResetScope
from tests.api.calling import Service

NI = "/v1/me/not-interested"
SIGNAL = {"id": "ni", "item_id": "p1", "surface": "for_you"}


def a_signal_body(**members: Any) -> dict[str, Any]:
    return {"item_id": "p1", "surface": "for_you", **members}


def decision_about(service: Service, **candidate: Any) -> dict[str, Any]:
    """Return what alice sees of a post on for_you."""
    body = {
        "viewer_id": "alice",
        "surface": "for_you",
        "candidates": [{"id": "other", "author_id": "ann", **candidate}],
    }
    answer = service.call("POST", "/v1/feed/filter", scope="feed:filter", json=body)
    [decision] = answer.get_json()["decisions"]
    return dict(decision)


def test_ni_01_a_batch_answers_every_signal_in_its_place() -> None:
    service = Service()
    batch = [
        a_signal_body(id="one", author_id="ann", reasons=["author"]),
        a_signal_body(id="two", surface="nowhere"),
        {"id": "three"},
        "not a signal",
        a_signal_body(id="four", reasons=["sound"]),
        a_signal_body(id="one"),
    ]

    answer = service.call("POST", f"{NI}/batch", json={"signals": batch})

    results = answer.get_json()["results"]
    assert [each["status"] for each in results] == [
        "taken",
        "refused",
        "refused",
        "refused",
        "refused",
        "known",
    ]
    assert [sorted(each["refusal"]["errors"]) for each in results[1:5]] == [
        ["surface"],
        ["item_id", "surface"],
        ["item"],
        ["reasons"],
    ]
    assert (answer.status_code, answer.get_json()["revision"]) == (200, 1)
    assert decision_about(service)["outcome"] == "hide"


def test_ni_01_a_batch_without_signals_is_refused() -> None:
    answer = Service().call("POST", f"{NI}/batch", json={"signals": []})

    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid")


def test_ni_01_a_queue_that_was_offline_for_long_counts_from_seven_days_ago() -> None:
    service = Service()
    sent_at = (service.clock() - timedelta(days=30)).isoformat()

    service.call("POST", f"{NI}/batch", json={"signals": [a_signal_body(sent_at=sent_at)]})

    [kept] = service.call("GET", NI).get_json()["items"]
    assert kept["sent_at"] == (service.clock() - timedelta(days=7)).isoformat().replace("+00:00", "Z")


def test_ni_01_a_signal_sent_twice_is_taken_once() -> None:
    service = Service()
    first = service.call("POST", NI, json=a_signal_body(id="tap"))
    again = service.call("POST", NI, json=a_signal_body(id="tap"))

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json() == first.get_json() | {"status": "known"}


def test_ni_05_three_signals_bring_the_offer_of_a_filter() -> None:
    service = Service()
    about = {"reasons": ["topic"], "topics": ["pets"]}
    for item in ("p1", "p2"):
        service.call("POST", NI, json=a_signal_body(**about) | {"item_id": item})

    third = service.call("POST", NI, json=a_signal_body(**about) | {"item_id": "p3"}).get_json()

    assert third["offers"] == [
        {
            "entity": "topic",
            "id": "pets",
            "keyword_filter": {"terms": ["pets"], "mode": "word"},
            "mute": {"type": "topic", "id": "pets"},
        }
    ]


def test_ni_08_an_undone_signal_stays_undone_when_it_is_sent_again() -> None:
    service = Service()
    service.call("POST", NI, json=a_signal_body(id="tap"))

    assert service.call("DELETE", f"{NI}/tap").status_code == 204
    assert service.call("DELETE", f"{NI}/tap").status_code == 204
    assert service.call("DELETE", f"{NI}/never-sent").status_code == 404
    again = service.call("POST", NI, json=a_signal_body(id="tap"))

    assert (again.status_code, again.get_json()["status"]) == (200, "undone")
    assert decision_about(service, id="p1")["outcome"] == "keep"


def test_ni_09_a_reset_counts_at_once_and_can_be_taken_back_for_a_day() -> None:
    service = Service()
    service.call("POST", NI, json=a_signal_body())
    assert decision_about(service, id="p1")["outcome"] == "hide"

    made = service.call("POST", f"{NI}/reset", json={"scope": "all"})
    assert made.status_code == 201
    assert decision_about(service, id="p1")["outcome"] == "keep"

    restore = f"{NI}/reset/{made.get_json()['id']}/restore"
    assert service.call("POST", restore).status_code == 200
    assert decision_about(service, id="p1")["outcome"] == "hide"
    assert service.call("POST", f"{NI}/reset/nothing/restore").status_code == 404


def test_ni_09_after_a_day_the_answer_says_until_when_it_could_have_been() -> None:
    service = Service()
    with service.settings.edit("alice") as settings:
        settings.resets.put(Reset("old", ResetScope.ALL, service.clock() - timedelta(hours=25), 1))
    [made] = service.call("GET", f"{NI}/resets").get_json()["items"]

    late = service.call("POST", f"{NI}/reset/old/restore")

    assert (late.status_code, late.get_json()["code"]) == (409, "too-late-to-restore")
    assert late.get_json()["restorable_until"] == made["restorable_until"]


def test_ni_09_what_can_be_reset_is_one_of_three() -> None:
    assert Service().call("POST", f"{NI}/reset", json={"scope": "items"}).status_code == 422


def test_ni_11_showing_more_walks_a_suppression_back() -> None:
    service = Service()
    about = {"reasons": ["author"], "author_id": "ann"}
    service.call("POST", NI, json=a_signal_body(**about))
    assert decision_about(service)["outcome"] == "hide"
    service.clock.step(seconds=1)

    more = service.call("POST", NI, json=a_signal_body(**about, direction="more")).get_json()

    assert [(each["entity"], each["effect"], each["strength"]) for each in more["effects"]] == [
        ("author", "lift", 1.6)
    ]
    assert decision_about(service, id="p1") == {"id": "p1", "outcome": "keep", "multiplier": 1.6}


def test_ni_12_a_signal_changes_nothing_for_anybody_else() -> None:
    service = Service()
    service.call("POST", NI, json=a_signal_body(reasons=["author"], author_id="ann"), user="bob")

    assert decision_about(service) == {"id": "other", "outcome": "keep"}


def test_ni_07_a_signal_is_answered_with_everything_that_now_happens() -> None:
    answer = Service().call("POST", NI, json={**SIGNAL, "reasons": ["author"], "author_id": "bob"})

    assert answer.status_code == 201
    assert {(effect["entity"], effect["id"]) for effect in answer.get_json()["effects"]} == {
        ("item", "p1"),
        ("author", "bob"),
    }
    assert answer.headers["Consistency-Token"]


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
        ({"sent_at": "yesterday"}, "sent_at"),
        ({"user_id": "bob"}, "user_id"),
    ],
)
def test_a_member_that_cannot_be_used_is_named(members: dict[str, Any], wrong: str) -> None:
    answer = Service().call("POST", NI, json={**SIGNAL, **members})

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [wrong])


@pytest.mark.parametrize("missing", ["item_id", "surface"])
def test_a_signal_says_about_what_and_where(missing: str) -> None:
    answer = Service().call(
        "POST", NI, json={name: value for name, value in SIGNAL.items() if name != missing}
    )

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [missing])


def test_an_undone_signal_leaves_no_effect() -> None:
    service = Service()
    service.call("POST", NI, json=SIGNAL)

    assert service.call("DELETE", f"{NI}/ni").status_code == 204

    left = service.call("GET", NI).get_json()
    assert (left["items"], left["effects"]) == ([], [])


def test_only_ones_own_signal_can_be_undone() -> None:
    service = Service()
    service.call("POST", NI, json=SIGNAL)

    answer = service.call("DELETE", f"{NI}/ni", user="bob")

    assert (answer.status_code, answer.get_json()["code"]) == (404, "not-found")
    assert len(service.call("GET", NI).get_json()["items"]) == 1
