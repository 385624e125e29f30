"""Ids are opaque: whatever characters somebody's id holds, a path can name it."""

from urllib.parse import quote

import pytest

from tests.api.calling import Service

IDS = [
    "a/b",
    "/",
    "a//b",
    "https://example.social/users/ann?x=1#y",
    "100%",
    "a%2Fb",
    "a%252Fb",
    "%25",
    "ångström 😀",
    "batch",
    "a/batch",
    "+",
]


@pytest.mark.parametrize("id_", IDS)
def test_whoever_it_is_can_be_blocked_and_unblocked(id_: str) -> None:
    service = Service()
    path = f"/v1/me/blocks/{quote(id_, safe='')}"

    put = service.call("PUT", path)
    listed = service.call("GET", "/v1/me/blocks").get_json()["items"]
    deleted = service.call("DELETE", path)

    assert (put.status_code, put.get_json()["user_id"]) == (201, id_)
    assert [each["user_id"] for each in listed] == [id_]
    assert deleted.status_code == 204
    assert service.call("GET", "/v1/me/blocks").get_json()["items"] == []


def test_a_filter_whose_id_has_a_slash_can_be_read_changed_and_removed() -> None:
    service = Service()
    service.call("POST", "/v1/me/keyword-filters", json={"id": "a/b", "terms": ["spoiler"]})
    path = "/v1/me/keyword-filters/a%2fb"

    changed = service.call("PATCH", path, json={"title": "Series"})

    assert (changed.status_code, changed.get_json()["id"]) == (200, "a/b")
    assert service.call("GET", path).get_json()["title"] == "Series"
    assert service.call("DELETE", path).status_code == 204


def test_a_post_a_topic_and_a_link_are_named_alike() -> None:
    service = Service()

    answers = [
        service.call("PUT", "/v1/me/posts/p%2F1/comment-limits", json={"hold_mode": "all"}),
        service.call("PUT", "/v1/me/topic-preferences/arts%2Fmusic", json={"level": 1}),
        service.call("PUT", "/v1/me/mutes/topic/arts%2Fmusic"),
        service.call("PUT", "/v1/me/mutes/domain/https%3A%2F%2Fexample.com%2Fx"),
    ]

    assert [each.status_code for each in answers] == [201] * 4
    assert [answers[2].get_json()["id"], answers[3].get_json()["id"]] == ["arts/music", "example.com"]


def test_a_slash_that_is_not_encoded_still_parts_a_path() -> None:
    assert Service().call("PUT", "/v1/me/blocks/a/b").status_code == 404


def test_where_a_server_does_not_hand_on_what_was_sent_other_ids_are_as_they_were() -> None:
    service = Service()

    put = service.call("PUT", "/v1/me/blocks/100%25", environ_overrides={"RAW_URI": ""})

    assert put.get_json()["user_id"] == "100%"
