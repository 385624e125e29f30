"""The settings snapshot over HTTP."""

from typing import Any

import pytest

from tests.api.calling import Service, body_of

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


def test_another_policy_makes_another_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service()
    known = {"If-None-Match": service.call("GET", SETTINGS).headers["ETag"]}
    monkeypatch.setattr("service.api.settings.POLICY_REVISION", 2)

    assert service.call("GET", SETTINGS, headers=known).status_code == 200


NOT_INTERESTED = {"item_id": "p1", "surface": "live", "reasons": ["author"], "author_id": "bob"}


@pytest.mark.parametrize(
    ("method", "path", "body", "minutes"),
    [
        ("PUT", "/v1/me/blocks/bob", {"expires_in": "30m"}, 30),
        ("PUT", "/v1/me/mutes/hashtag/tea", {"expires_in": "1h"}, 60),
        (
            "PATCH",
            "/v1/me/comment-limits",
            {"limited_mode": {"audience": "non_followers", "until": "2026-11-22T14:00:00Z"}},
            120,
        ),
        (
            "POST",
            "/v1/me/not-interested",
            {**NOT_INTERESTED, "sent_at": "2026-11-15T12:30:00Z"},
            7 * 1_440 + 30,
        ),
    ],
)
def test_what_ends_by_itself_makes_another_snapshot(
    method: str, path: str, body: dict[str, Any], minutes: int
) -> None:
    service = Service()
    service.call(method, path, json=body)
    service.clock.step(minutes=minutes - 1)
    while_it_lasts = service.call("GET", SETTINGS)
    known = {"If-None-Match": f'"other", {while_it_lasts.headers["ETag"]}'}

    again = service.call("GET", SETTINGS, headers=known)
    service.clock.step(minutes=1)
    after = service.call("GET", SETTINGS, headers=known)

    assert (again.status_code, again.headers["ETag"]) == (304, while_it_lasts.headers["ETag"])
    assert (after.status_code, body_of(after) != body_of(while_it_lasts)) == (200, True)


@pytest.mark.parametrize(
    "known", ['""', "W/", "-", '"1-2"', '"9999999999-"', f'"{"9" * 5_000}-x"', '"\xff-1"']
)
def test_an_etag_that_is_none_of_ours_stands_for_nothing(known: str) -> None:
    assert Service().call("GET", SETTINGS, headers={"If-None-Match": known}).status_code == 200


def test_whoever_has_any_snapshot_is_told_that_there_is_one() -> None:
    answer = Service().call("GET", SETTINGS, headers={"If-None-Match": "*"})

    assert (answer.status_code, answer.data) == (304, b"")


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
