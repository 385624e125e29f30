"""The settings snapshot over HTTP."""

from typing import Any

import pytest

from tests.api.calling import Service

SETTINGS = "/v1/me/settings"


def test_somebody_without_settings_has_a_snapshot_too() -> None:
    snapshot = Service().call("GET", SETTINGS).get_json()

    assert snapshot["revision"] == 0
    assert snapshot["keyword_filters"] == []
    assert snapshot["blocks"] == {"items": [], "next_cursor": None, "count": 0}
    assert snapshot["policy"]["who_can_comment"] == {
        "value": ["everyone"],
        "source": "platform",
        "locked": False,
    }


def test_sy_03_a_snapshot_that_did_not_change_is_not_sent_again() -> None:
    service = Service()
    first = service.call("GET", SETTINGS)

    again = service.call("GET", SETTINGS, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("path", "edit"),
    [
        ("/v1/me/keyword-filters/mine", ("PATCH", {"action": "warn"})),
        ("/v1/me/allow-phrases", ("PUT", {"phrases": ["cat food"]})),
        ("/v1/me/comment-limits", ("PATCH", {"care_mode": True})),
        ("/v1/me/posts/p1/comment-limits", ("PUT", {"hold_mode": "all"})),
    ],
)
def test_sy_03_a_setting_that_did_not_change_is_not_sent_again(
    path: str, edit: tuple[str, dict[str, Any]]
) -> None:
    service, (method, change) = Service(), edit
    service.call("POST", "/v1/me/keyword-filters", json={"id": "mine", "terms": ["pizza"]})
    service.call("PUT", "/v1/me/posts/p1/comment-limits", json={"hold_mode": "off"})
    first = service.call("GET", path)
    known = {"If-None-Match": first.headers["ETag"]}

    again = service.call("GET", path, headers=known)
    service.call(method, path, json=change, headers={"If-Match": "*"})
    changed = service.call("GET", path, headers=known)

    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "private, no-cache"
    assert (changed.status_code, changed.headers["ETag"] != first.headers["ETag"]) == (200, True)


def test_an_edit_makes_another_snapshot() -> None:
    service = Service()
    first = service.call("GET", SETTINGS)
    service.call("PUT", "/v1/me/blocks/bob")

    again = service.call("GET", SETTINGS, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.get_json()["blocks"]["count"]) == (200, 1)
    assert again.headers["ETag"] != first.headers["ETag"]


def test_effects_fade_from_day_to_day_so_the_next_day_is_another_snapshot() -> None:
    service = Service()
    first = service.call("GET", SETTINGS)
    service.clock.step(days=1)

    answer = service.call("GET", SETTINGS, headers={"If-None-Match": first.headers["ETag"]})

    assert answer.status_code == 200


def test_two_people_never_share_a_snapshot() -> None:
    service = Service()
    mine = service.call("GET", SETTINGS)

    theirs = service.call("GET", SETTINGS, user="bob", headers={"If-None-Match": mine.headers["ETag"]})

    assert theirs.status_code == 200
    assert theirs.headers["ETag"] != mine.headers["ETag"]


def test_long_lists_begin_with_their_first_page_and_their_count() -> None:
    service = Service()
    for number in range(60):
        service.call("PUT", f"/v1/me/blocks/person{number}")

    blocks = service.call("GET", SETTINGS).get_json()["blocks"]
    rest = service.call("GET", f"/v1/me/blocks?limit=200&cursor={blocks['next_cursor']}").get_json()

    assert blocks["count"] == 60
    assert len(blocks["items"]) + len(rest["items"]) == 60
