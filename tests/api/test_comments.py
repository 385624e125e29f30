"""Comment checks over HTTP."""

from typing import Any

import msgspec
import pytest

from tests.api.calling import Service

CHECK = "/v1/comments/check"
EXPLAINED = "comments:check filter:explain"


def some_comments(**members: Any) -> dict[str, Any]:
    """Return two comments under a post of alice."""
    comments = [
        {"id": "c1", "author_id": "bob", "text": "So ugly"},
        {"id": "c2", "author_id": "carol", "text": "Lovely"},
    ]
    return {"post": {"id": "p", "owner_id": "alice"}, "comments": comments, **members}


def with_limits() -> Service:
    service = Service()
    service.call("PATCH", "/v1/me/comment-limits", json={"keyword_terms": ["ugly"]})
    return service


def test_comments_being_made_are_decided_by_the_owners_limits() -> None:
    answer = with_limits().call("POST", CHECK, scope=EXPLAINED, json=some_comments()).get_json()

    assert answer["decisions"] == [
        {"id": "c1", "outcome": "hold", "reasons": ["keyword"]},
        {"id": "c2", "outcome": "allow"},
    ]


def test_comments_being_read_are_decided_by_the_viewers_settings() -> None:
    service = with_limits()
    service.call("PUT", "/v1/me/blocks/carol", user="dave")

    answer = service.call(
        "POST", CHECK, scope="comments:check", json=some_comments(viewer_id="dave")
    ).get_json()

    assert [each["outcome"] for each in answer["decisions"]] == ["show", "hide"]


def test_the_token_is_the_owners_or_the_viewers() -> None:
    service = Service()
    owners = service.call("PATCH", "/v1/me/comment-limits", json={"hold_mode": "all"}).headers[
        "Consistency-Token"
    ]

    made = service.call("POST", CHECK, scope="comments:check", json=some_comments(consistency_token=owners))
    read = service.call(
        "POST", CHECK, scope="comments:check", json=some_comments(viewer_id="dave", consistency_token=owners)
    )

    assert made.status_code == 200
    assert (read.status_code, read.get_json()["code"]) == (400, "unreadable-token")


def test_msgpack_says_what_json_says() -> None:
    service = with_limits()
    as_json = service.call("POST", CHECK, scope="comments:check", json=some_comments()).get_json()

    answer = service.call(
        "POST",
        CHECK,
        scope="comments:check",
        data=msgspec.msgpack.encode(some_comments()),
        content_type="application/msgpack",
        headers={"Accept": "application/msgpack"},
    )

    assert msgspec.msgpack.decode(answer.data) == as_json


@pytest.mark.parametrize(
    ("members", "wrong"),
    [
        ({"viewer_id": ""}, "viewer_id"),
        ({"viewer_id": "a\0"}, "viewer_id"),
        ({"post": {"id": "p"}}, "post.owner_id"),
        ({"post": {"id": "p", "owner_id": "a\0"}}, "post.owner_id"),
        ({"post": {"id": "p", "owner_id": "a", "colour": "red"}}, "post.colour"),
        ({"comments": [{"id": "c", "author_id": "a"}]}, "comments[0].text"),
        ({"comments": [{"id": "c", "author_id": "a\0", "text": ""}]}, "comments[0].author_id"),
        ({"comments": [{"id": "c", "author_id": "a", "text": "x" * 10_001}]}, "comments[0].text"),
        (
            {"comments": [{"id": "c", "author_id": "a", "text": "", "classifier": {"spam": 2}}]},
            "comments[0].classifier.spam",
        ),
        (
            {
                "comments": [
                    {
                        "id": "c",
                        "author_id": "a",
                        "text": "",
                        "relation": {"follows_owner_since": "2026-01-01T00:00:00"},
                    }
                ]
            },
            "comments[0].relation.follows_owner_since",
        ),
    ],
)
def test_a_member_that_cannot_be_used_is_named(members: dict[str, Any], wrong: str) -> None:
    answer = Service().call("POST", CHECK, scope="comments:check", json=some_comments(**members))

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [wrong])
