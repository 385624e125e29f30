"""A comment service asks before it publishes, and before it shows."""

from tests.journeys.conftest import Person

POST = {"id": "cake", "owner_id": "mia"}
FRIEND = {"follows_owner_since": "2025-01-01T00:00:00Z", "owner_follows": True}


def test_an_owner_limits_comments_and_the_next_check_obeys(mia: Person, comments: Person) -> None:
    written = [
        {"id": "c1", "author_id": "stranger", "text": "first"},
        {"id": "c2", "author_id": "ann", "text": "what an UGLY cake", "relation": FRIEND},
        {"id": "c3", "author_id": "ann", "text": "lovely", "relation": FRIEND},
        {"id": "c4", "author_id": "mia", "text": "thank you all"},
    ]
    mia.ask("PATCH", "/v1/me/comment-limits", {"who_can_comment": ["friends"], "keyword_terms": ["ugly"]})

    answer = comments.ask("POST", "/v1/comments/check", {"post": POST, "comments": written})

    assert [decision["outcome"] for decision in answer["decisions"]] == ["refuse", "hold", "allow", "allow"]


def test_whom_the_owner_blocked_is_hidden_from_everyone_past_comments_included(
    mia: Person, comments: Person
) -> None:
    mia.ask("PUT", "/v1/me/blocks/troll")
    shown = {
        "post": POST,
        "viewer_id": "somebody",
        "comments": [
            {"id": "c1", "author_id": "troll", "text": "old"},
            {"id": "c2", "author_id": "ann", "text": "hi"},
        ],
    }

    answer = comments.ask("POST", "/v1/comments/check", shown)

    assert [decision["outcome"] for decision in answer["decisions"]] == ["hide", "show"]


def test_a_viewers_own_filters_apply_to_comments_too(mia: Person, comments: Person) -> None:
    mia.ask("POST", "/v1/me/keyword-filters", {"terms": ["glass harbor"]})
    shown = {
        "post": {"id": "p", "owner_id": "ann"},
        "viewer_id": "mia",
        "comments": [{"id": "c1", "author_id": "bob", "text": "Glass Harbor ends well"}],
    }

    [decision] = comments.ask("POST", "/v1/comments/check", shown)["decisions"]

    assert decision["outcome"] == "hide"
