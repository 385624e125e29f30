"""An owner moderates: limits, holds, verdicts and a stormy weekend, as apps and comment services see it."""

from typing import Any

import pytest

from tests.api.moderating import Section

FOLLOWER = {"follows_owner_since": "2026-01-01T00:00:00Z"}


def test_a_held_comment_waits_is_approved_and_judged_again_when_edited() -> None:
    """CL-04, CL-05, CL-09."""
    section = Section(keyword_terms=["clown"])

    assert section.make("c1", "you clown") == "hold"
    assert section.make("c1", "you clown") == "hold"
    assert section.waiting() == ["c1"]
    assert section.sees("carol", "c1")["outcome"] == "hide"
    assert section.sees("bob", "c1") == {"id": "c1", "outcome": "show", "reasons": ["held"]}

    section.owner("POST", "/v1/me/held-comments/c1/approve")
    assert section.waiting() == []
    assert section.sees("carol", "c1") == {"id": "c1", "outcome": "show"}
    assert section.make("c1", "you clown") == "allow"
    assert section.make("c1", "you sad clown") == "hold"
    assert section.sees("carol", "c1")["outcome"] == "hide"


def test_a_rejected_comment_and_its_replies_stay_hidden_and_can_come_back() -> None:
    """CL-04, CL-10."""
    section = Section(hold_mode="all")
    section.make("c1")
    reply = {"id": "c2", "author_id": "dave", "text": "so true", "parent_id": "c1"}

    section.owner("POST", "/v1/me/held-comments/c1/reject")
    assert section.sees("bob", "c1")["reasons"] == ["held"]
    assert section.check(reply, viewer="carol")[0] == {"id": "c2", "outcome": "hide", "reasons": ["parent"]}

    section.owner("POST", "/v1/me/held-comments/c1/approve")
    assert section.check(reply, viewer="carol")[0]["outcome"] == "show"


def test_whom_the_owner_trusts_waits_no_more() -> None:
    """CL-03."""
    section = Section(hold_mode="first_time")
    assert section.make("c1") == "hold"
    section.owner("POST", "/v1/me/held-comments/c1/approve", json={"trust": True})
    section.patch(hold_mode="all")

    assert section.owner("GET", "/v1/me/comment-limits")["approved_users"] == ["bob"]
    assert section.make("c2") == "allow"
    assert section.make("c3", author="dave") == "hold"


def test_one_approval_makes_somebody_a_regular() -> None:
    """CL-03."""
    section = Section(hold_mode="first_time")
    section.make("c1")
    assert section.make("c2") == "hold"
    section.owner("POST", "/v1/me/held-comments/c1/approve")

    assert section.make("c3") == "allow"


def test_a_stormy_weekend_ends_by_itself_with_a_digest() -> None:
    """CL-07."""
    section = Section(limited_mode={"audience": "non_followers", "until": "2026-11-24T12:00:00Z"})
    assert section.make("c1") == "hold"
    assert section.make("c2", relation=FOLLOWER) == "allow"
    section.service.clock.step(days=2)

    assert section.make("c3") == "allow"
    assert section.owner("GET", "/v1/me/comment-limits")["limited_mode"] is None
    assert section.waiting("?limited=true") == ["c1"]
    digest = section.owner("GET", "/v1/me/held-comments/digest")
    assert (digest["is_over"], digest["held"], digest["waiting"]) == (True, 1, 1)


def test_what_a_stormy_weekend_held_stays_in_its_digest_when_its_author_edits_it() -> None:
    """CL-07, CL-09."""
    section = Section(limited_mode={"audience": "non_followers", "until": "2026-11-24T12:00:00Z"})
    section.make("c1", "angry")
    section.service.clock.step(days=5)

    assert section.make("c1", "angry still") == "hold"

    assert section.waiting("?limited=true") == ["c1"]
    assert section.owner("GET", "/v1/me/held-comments/digest")["held"] == 1
    [waits] = section.owner("GET", "/v1/me/held-comments")["items"]
    assert (waits["text"], waits["reasons"]) == ("angry still", ["limited_mode"])


def test_a_limited_mode_takes_another_audience_while_it_lasts() -> None:
    """CL-07."""
    until = "2026-11-22T14:00:00Z"
    section = Section(limited_mode={"audience": "non_followers", "until": until})
    tighter = {"limited_mode": {"audience": "all_but_friends", "until": until}}
    section.service.clock.step(minutes=90)

    section.owner("PATCH", "/v1/me/comment-limits", json=tighter)

    assert section.make("c1", relation=FOLLOWER) == "hold"
    section.service.clock.step(minutes=30)
    loose = {"limited_mode": {"audience": "non_followers", "until": until}}
    section.owner("PATCH", "/v1/me/comment-limits", 422, json=loose)


def test_a_digest_calls_nothing_waiting_that_is_gone() -> None:
    """CL-07, CL-04."""
    section = Section(limited_mode={"audience": "non_followers", "until": "2026-11-24T12:00:00Z"})
    section.make("c1")
    section.service.clock.step(days=61)

    digest = section.owner("GET", "/v1/me/held-comments/digest")
    assert (digest["held"], digest["waiting"]) == (1, 0)


def test_a_stormy_weekend_that_is_ended_by_hand_leaves_its_digest_too() -> None:
    """CL-07."""
    section = Section(limited_mode={"audience": "non_followers", "until": "2026-11-24T12:00:00Z"})
    section.make("c1")
    section.service.clock.step(hours=1)
    ended = section.patch(limited_mode=None)
    assert ended["limited_mode"] is None
    section.service.clock.step(hours=1)

    assert section.make("c2") == "allow"
    assert section.waiting("?limited=true") == ["c1"]
    digest = section.owner("GET", "/v1/me/held-comments/digest")
    assert (digest["is_over"], digest["held"], digest["waiting"]) == (True, 1, 1)
    assert section.patch(limited_mode=None) == ended


@pytest.mark.parametrize(
    ("until", "status"),
    [
        ("2026-11-22T12:58:00Z", 422),
        ("2026-11-22T13:00:00Z", 200),
        ("2026-12-20T12:00:00Z", 200),
        ("2026-12-20T12:02:00Z", 422),
        ("2026-11-22T13:00:00", 422),
    ],
)
def test_limited_mode_lasts_an_hour_to_28_days(until: str, status: int) -> None:
    """CL-07."""
    mode = {"audience": "non_followers", "until": until}

    Section().owner("PATCH", "/v1/me/comment-limits", status, json={"limited_mode": mode})


def test_a_patch_merges_within_the_gates() -> None:
    """CL-02."""
    section = Section(gates={"no_links": True, "max_mentions": 2})

    gates = section.patch(gates={"max_mentions": None, "min_account_age_days": 7})["gates"]

    assert gates == {
        "min_follow_age_days": None,
        "min_account_age_days": 7,
        "verified_contact": False,
        "no_links": True,
        "max_mentions": None,
        "max_per_hour": None,
    }


def test_one_person_leaves_so_many_comments_under_a_post_an_hour() -> None:
    """CL-02."""
    section = Section(gates={"max_per_hour": 2})

    assert [section.make(each) for each in ("c1", "c2", "c1", "c3")] == ["allow", "allow", "allow", "refuse"]
    assert section.make("c4", author="dave") == "allow"
    assert section.make("c5", author="alice") == "allow"
    section.service.clock.step(hours=1)
    assert section.make("c3") == "allow"


def test_a_posts_own_rule_counts_until_it_is_lifted() -> None:
    """CL-01."""
    section = Section()
    path = "/v1/me/posts/p1/comment-limits"
    section.owner("GET", path, 404)
    section.owner("PUT", path, 201, json={"who_can_comment": ["no_one"]})
    assert section.owner("PUT", path, 200, json={"who_can_comment": ["no_one"]})["revision"] == 1

    assert section.make("c1") == "refuse"
    section.owner("PUT", path, 412, json={}, headers={"If-Match": '"0"'})
    section.owner("DELETE", path, 204)
    assert section.make("c1") == "allow"


def test_what_an_edit_of_a_posts_rule_leaves_out_stays_as_it_was() -> None:
    """SY-01."""
    section = Section()
    path = "/v1/me/posts/p1/comment-limits"
    gates = {"no_links": True, "max_mentions": 3}
    section.owner("PUT", path, 201, json={"who_can_comment": ["no_one"], "gates": gates})

    section.owner("PUT", path, 200, json={"gates": {"max_mentions": 5}})
    rule = section.owner("GET", path, 200)
    assert rule["who_can_comment"] == ["no_one"]
    assert (rule["gates"]["no_links"], rule["gates"]["max_mentions"]) == (True, 5)

    section.owner("PUT", path, 200, json={"who_can_comment": None, "gates": None})
    rule = section.owner("GET", path, 200)
    assert (rule["who_can_comment"], rule["gates"]) == (None, None)


def test_a_commenter_gets_the_same_answer_for_every_kind_of_hold() -> None:
    """AB-04."""
    kinds: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"keyword_terms": ["clown"]}, {"text": "clown"}),
        ({"hold_mode": "suspected"}, {"classifier": {"spam": 1.0}}),
        ({"hold_mode": "first_time"}, {}),
        ({"hold_mode": "all"}, {}),
        ({"care_mode": True}, {"classifier": {"offensive": 0.6}}),
        ({"limited_mode": {"audience": "non_followers", "until": "2026-11-24T12:00:00Z"}}, {}),
    ]
    answers, reasons = [], set()
    for limits, told in kinds:
        comment = {"id": "c1", "author_id": "bob", "text": "hello", **told}
        answers += Section(**limits).check(comment)
        reasons |= {tuple(each["reasons"]) for each in Section(**limits).check(comment, explain=True)}

    assert answers == [{"id": "c1", "outcome": "hold"}] * len(kinds)
    assert len(reasons) == len(kinds)


def test_probing_ends_after_five_holds() -> None:
    """AB-04."""
    section = Section(keyword_terms=["clown"])

    outcomes = [section.make(f"c{number}", "clown") for number in range(5)]

    assert outcomes == ["hold"] * 5
    assert section.make("c6", "lovely") == "hold"
    assert section.make("c7", "lovely", author="dave") == "allow"
    section.service.clock.step(hours=1)
    assert section.make("c8", "lovely") == "allow"


def test_limits_that_make_no_sense_are_refused() -> None:
    """CL-02."""
    for gates in ({"max_mentions": -1}, {"max_per_hour": 0}, {"no_links": "yes"}, {"min_age": 3}):
        Section().owner("PATCH", "/v1/me/comment-limits", 422, json={"gates": gates})
    Section().owner("PATCH", "/v1/me/comment-limits", 422, json={"approved_users": ["u" * 129]})
    many = [f"u{number}" for number in range(1_001)]
    answer = Section().owner("PATCH", "/v1/me/comment-limits", 422, json={"approved_users": many})
    assert (answer["limit"], answer["current"]) == (1_000, 1_001)
