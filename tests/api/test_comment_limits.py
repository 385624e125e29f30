"""Comment limits over HTTP."""

from typing import Any

import pytest

from service.domain.comment_limits import KEYWORD_TERMS
from tests.api.calling import Service

LIMITS = "/v1/me/comment-limits"
NEVER_CHOSEN: dict[str, Any] = {
    "gates": {
        "min_follow_age_days": None,
        "min_account_age_days": None,
        "verified_contact": False,
        "no_links": False,
        "max_mentions": None,
        "max_per_hour": None,
    },
    "approved_users": [],
    "approved_users_exempt": False,
    "care_mode": False,
    "limited_mode": None,
}


def test_somebody_who_never_chose_reads_the_defaults() -> None:
    answer = Service().call("GET", LIMITS)

    assert answer.get_json() == {
        "who_can_comment": None,
        "hold_mode": "keywords",
        "keyword_terms": [],
        **NEVER_CHOSEN,
        "revision": 0,
    }
    assert answer.headers["ETag"] == '"0"'


def test_a_patch_leaves_alone_what_it_does_not_name() -> None:
    service = Service()
    service.call("PATCH", LIMITS, json={"who_can_comment": ["friends"], "keyword_terms": ["ugly"]})

    answer = service.call("PATCH", LIMITS, json={"hold_mode": "all"})

    assert answer.get_json() == {
        "who_can_comment": ["friends"],
        "hold_mode": "all",
        "keyword_terms": ["ugly"],
        **NEVER_CHOSEN,
        "revision": 2,
    }
    assert answer.headers["ETag"] == '"2"'
    assert answer.headers["Consistency-Token"]


def test_null_gives_the_choice_back_to_the_platform() -> None:
    service = Service()
    service.call("PATCH", LIMITS, json={"who_can_comment": ["no_one"]})

    assert service.call("PATCH", LIMITS, json={"who_can_comment": None}).get_json()["who_can_comment"] is None


def test_of_two_editors_the_slower_is_told_how_it_stands() -> None:
    service = Service()
    seen = service.call("GET", LIMITS).headers["ETag"]
    service.call("PATCH", LIMITS, json={"hold_mode": "all"}, headers={"If-Match": seen})

    slower = service.call("PATCH", LIMITS, json={"hold_mode": "off"}, headers={"If-Match": seen})

    assert (slower.status_code, slower.get_json()["code"]) == (412, "revision-mismatch")
    assert slower.get_json()["current"] == service.call("GET", LIMITS).get_json()


@pytest.mark.parametrize("given", ["*", '"5", "0"'])
def test_if_match_takes_a_star_and_a_list(given: str) -> None:
    assert (
        Service().call("PATCH", LIMITS, json={"hold_mode": "all"}, headers={"If-Match": given}).status_code
        == 200
    )


def test_a_posts_rule_that_another_device_changed_is_not_removed() -> None:
    service, path = Service(), "/v1/me/posts/p/comment-limits"
    seen = {"If-Match": service.call("PUT", path, json={"hold_mode": "all"}).headers["ETag"]}
    now = {"If-Match": service.call("PUT", path, json={"hold_mode": "off"}).headers["ETag"]}

    refused = service.call("DELETE", path, headers=seen)

    assert (refused.status_code, refused.get_json()["current"]["hold_mode"]) == (412, "off")
    assert service.call("DELETE", path, headers=now).status_code == 204
    assert service.call("DELETE", path, headers=now).status_code == 412
    assert service.call("DELETE", path).status_code == 204


def test_a_star_expects_a_post_to_have_a_rule_of_its_own() -> None:
    service, path, body = Service(), "/v1/me/posts/p/comment-limits", {"hold_mode": "all"}

    before = service.call("PUT", path, json=body, headers={"If-Match": "*"})
    assert (before.status_code, before.get_json()["code"]) == (412, "revision-mismatch")
    assert service.call("GET", path).status_code == 404
    service.call("PUT", path, json=body)
    assert service.call("PUT", path, json={"hold_mode": "off"}, headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"who_can_comment": []}, "invalid"),
        ({"who_can_comment": ["no_one", "friends"]}, "invalid"),
        ({"who_can_comment": ["enemies"]}, "invalid"),
        ({"hold_mode": "some"}, "invalid"),
        ({"hold_mode": None}, "invalid"),
        ({"keyword_terms": [""]}, "invalid"),
        ({"keyword_terms": None}, "invalid"),
        ({"revision": 3}, "invalid"),
        ({"keyword_terms": ["*"]}, "unmatchable-term"),
        ({"keyword_terms": [f"word{number}" for number in range(KEYWORD_TERMS + 1)]}, "limit-reached"),
    ],
)
def test_limits_that_cannot_be_kept_are_refused(body: dict[str, Any], code: str) -> None:
    answer = Service().call("PATCH", LIMITS, json=body)

    assert (answer.status_code, answer.get_json()["code"]) == (422, code)


def test_limits_read_anew_once_limited_mode_has_ended_and_are_edited_by_either_etag() -> None:
    service = Service()
    mode = {"audience": "non_followers", "until": "2026-11-22T14:00:00Z"}
    begun = service.call("PATCH", LIMITS, json={"limited_mode": mode}).headers["ETag"]
    service.clock.step(hours=2)

    after = service.call("GET", LIMITS, headers={"If-None-Match": begun})
    again = service.call("GET", LIMITS, headers={"If-None-Match": after.headers["ETag"]})
    edits = [
        service.call("PATCH", LIMITS, json={"care_mode": True}, headers={"If-Match": seen})
        for seen in (begun, after.headers["ETag"])
    ]

    assert (after.status_code, after.get_json()["limited_mode"], again.status_code) == (200, None, 304)
    assert [edit.status_code for edit in edits] == [200, 412]
    assert edits[0].headers["ETag"] == service.call("GET", LIMITS).headers["ETag"] != begun
