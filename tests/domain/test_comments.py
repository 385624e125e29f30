"""Comments: what is judged once for a whole section, and what never depends on the others in the batch."""

import pytest

from service.domain.comments import (
    Comment,
    CommentDecision,
    CommentOutcome,
    CommentReason,
    judge_shown_comments,
)
from service.domain.feed_rules import FeedRules
from service.domain.keyword_filters import Action
from tests.builders import NOW, a_comment, a_filter_rule, a_mute_rule, feed_rules, ready_rules


def shown(comment: Comment, *, owner: FeedRules | None = None, **viewer: object) -> CommentDecision:
    """Decide what ``viewer`` sees of one comment under a post of ``owner``."""
    rules = owner or feed_rules(user_id="owner")
    [decision] = judge_shown_comments([comment], rules, ready_rules(**viewer), NOW)
    return decision


@pytest.mark.parametrize("author", ["commenter", "viewer"])
def test_a_block_between_viewer_and_owner_closes_the_whole_section(author: str) -> None:
    comment = a_comment(author_id=author)

    assert shown(comment).outcome is CommentOutcome.SHOW
    assert shown(comment, blocks={"owner": None}).reasons == (CommentReason.BLOCK,)
    assert shown(comment, blocked_by={"owner": None}).reasons == (CommentReason.UNAVAILABLE,)


def test_either_sides_rules_are_enough_to_close_a_section() -> None:
    blocked = feed_rules(user_id="owner", blocked_by={"viewer": None})
    blocking = feed_rules(user_id="owner", blocks={"viewer": None})

    assert shown(a_comment(), owner=blocked).reasons == (CommentReason.BLOCK,)
    assert shown(a_comment(), owner=blocking).reasons == (CommentReason.UNAVAILABLE,)


def test_a_comment_that_mentions_somebody_blocked_is_hidden() -> None:
    comment = a_comment(mentions=("friend", "troll"))

    assert shown(comment).outcome is CommentOutcome.SHOW
    assert shown(comment, blocks={"troll": None}).reasons == (CommentReason.BLOCK,)
    assert shown(comment, blocked_by={"troll": None}).reasons == (CommentReason.UNAVAILABLE,)


def test_an_owner_reading_their_own_section_sees_their_own_block_as_one() -> None:
    owner = feed_rules(user_id="owner", blocks={"troll": None})

    decision = shown(a_comment(author_id="troll"), owner=owner, user_id="owner", blocks={"troll": None})

    assert decision.reasons == (CommentReason.BLOCK,)


def test_a_hidden_comment_names_the_milder_reasons_too() -> None:
    warned = (a_filter_rule(action=Action.WARN),)
    muted = (a_mute_rule(id="commenter"),)

    decision = shown(a_comment(text="a spoiler"), filters=warned, mutes=muted)

    assert decision == CommentDecision(
        "comment", CommentOutcome.HIDE, (CommentReason.MUTE_USER, CommentReason.KEYWORD_FILTER)
    )
