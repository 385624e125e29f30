"""Comments: what is judged once for a whole section, and what never depends on the others in the batch."""

from dataclasses import replace
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.comment_limits import Audience, CommentLimits, HoldMode
from service.domain.comments import (
    Classifier,
    Comment,
    CommentDecision,
    CommentOutcome,
    CommentReason,
    Relation,
    judge_new_comments,
    judge_shown_comments,
)
from service.domain.decisions import ReadyRules
from service.domain.feed_rules import FeedRules
from service.domain.keyword_filters import Action, AuthorScope, ScopeKind
from tests.builders import NOW, a_comment, a_filter_rule, a_mute_rule, a_post, feed_rules, ready_rules
from tests.domain.strategies import few, others, rules, some, texts, words


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


def test_kf_07_an_owner_who_leaves_out_following_reads_whom_they_follow_below_their_own_posts() -> None:
    scope = AuthorScope(ScopeKind.EXCLUDE_FOLLOWING)
    filters = (a_filter_rule(author_scope=scope),)
    followed = a_comment(text="a spoiler", relation=Relation(owner_follows=True))

    assert shown(followed, user_id="owner", filters=filters).outcome is CommentOutcome.SHOW
    assert shown(followed, filters=filters).outcome is CommentOutcome.HIDE, (
        "whom the owner follows is not said"
    )
    assert shown(a_comment(text="a spoiler"), user_id="owner", filters=filters).outcome is CommentOutcome.HIDE


def test_a_hidden_comment_names_the_milder_reasons_too() -> None:
    warned = (a_filter_rule(action=Action.WARN),)
    muted = (a_mute_rule(id="commenter"),)

    decision = shown(a_comment(text="a spoiler"), filters=warned, mutes=muted)

    assert decision == CommentDecision(
        "comment", CommentOutcome.HIDE, (CommentReason.MUTE_USER, CommentReason.KEYWORD_FILTER)
    )


def made(comment: Comment, **limits: Any) -> CommentDecision:
    """Decide one new comment under a post of an owner with these limits."""
    owner = feed_rules(user_id="owner", comment_limits=CommentLimits(**limits))
    [decision] = judge_new_comments(a_post(), [comment], owner, NOW)
    return decision


relations = st.builds(Relation, follows_owner_since=st.none() | st.just(NOW), owner_follows=st.booleans())
comments = st.builds(
    Comment,
    id=st.sampled_from(["c1", "c2"]),
    author_id=st.sampled_from(["ann", "ben", "owner", "viewer"]),
    text=texts,
    mentions=some(others),
    relation=relations,
    classifier=st.builds(
        Classifier, offensive=st.sampled_from([0.0, 0.8]), spam=st.sampled_from([0.0, 0.79])
    ),
)
owners = st.builds(
    lambda kept, audiences, mode, terms: msgspec.structs.replace(
        kept, user_id="owner", comment_limits=CommentLimits(audiences, mode, terms)
    ),
    rules,
    st.none() | st.lists(st.sampled_from(Audience), min_size=1, max_size=2).map(tuple),
    st.sampled_from(HoldMode),
    some(words),
)
STRICTNESS = [CommentOutcome.ALLOW, CommentOutcome.HOLD, CommentOutcome.REFUSE]


@few
@given(st.lists(comments, max_size=4), owners, st.randoms(use_true_random=False))
def test_what_becomes_of_a_new_comment_depends_on_it_alone(
    batch: list[Comment], owner: FeedRules, chance: Random
) -> None:
    alone = [judge_new_comments(a_post(), [comment], owner, NOW)[0] for comment in batch]
    order = [*range(len(batch)), *range(len(batch))]
    chance.shuffle(order)

    mixed = judge_new_comments(a_post(), [batch[number] for number in order], owner, NOW)

    assert mixed == [alone[number] for number in order]


@few
@given(st.lists(comments, max_size=4), owners, rules, st.randoms(use_true_random=False))
def test_what_a_viewer_sees_of_a_comment_depends_on_it_alone(
    batch: list[Comment], owner: FeedRules, viewer: FeedRules, chance: Random
) -> None:
    ready = ReadyRules(viewer)
    alone = [judge_shown_comments([comment], owner, ready, NOW)[0] for comment in batch]
    order = [*range(len(batch)), *range(len(batch))]
    chance.shuffle(order)

    mixed = judge_shown_comments([batch[number] for number in order], owner, ready, NOW)

    assert mixed == [alone[number] for number in order]


@few
@given(comments, owners)
def test_a_stricter_hold_mode_never_lets_more_through(comment: Comment, owner: FeedRules) -> None:
    outcomes = []
    for mode in HoldMode:
        limits = replace(owner.comment_limits, hold_mode=mode)
        stricter = msgspec.structs.replace(owner, comment_limits=limits)
        outcomes.append(judge_new_comments(a_post(), [comment], stricter, NOW)[0].outcome)

    assert outcomes == sorted(outcomes, key=STRICTNESS.index)


@few
@given(comments, owners, rules, others)
def test_one_more_block_never_shows_more(
    comment: Comment, owner: FeedRules, viewer: FeedRules, person: str
) -> None:
    strength = [CommentOutcome.SHOW, CommentOutcome.PLACEHOLDER, CommentOutcome.HIDE]
    [before] = judge_shown_comments([comment], owner, ReadyRules(viewer), NOW)
    more = [
        (owner, msgspec.structs.replace(viewer, blocks={**viewer.blocks, person: None})),
        (owner, msgspec.structs.replace(viewer, blocked_by={**viewer.blocked_by, person: None})),
        (msgspec.structs.replace(owner, blocks={**owner.blocks, person: None}), viewer),
    ]

    for of_owner, of_viewer in more:
        [after] = judge_shown_comments([comment], of_owner, ReadyRules(of_viewer), NOW)

        assert strength.index(after.outcome) >= strength.index(before.outcome)


@few
@given(comments, owners)
def test_only_a_comment_without_objection_is_allowed(comment: Comment, owner: FeedRules) -> None:
    [decision] = judge_new_comments(a_post(), [comment], owner, NOW)

    assert (decision.outcome is CommentOutcome.ALLOW) == (not decision.reasons)


def test_an_edited_comment_is_judged_as_a_new_one() -> None:
    limits = {"keyword_terms": ("spam",)}

    assert made(a_comment(text="lovely"), **limits).outcome is CommentOutcome.ALLOW
    assert made(a_comment(text="lovely spam"), **limits).outcome is CommentOutcome.HOLD


def test_a_stored_keyword_that_the_matcher_refuses_today_holds_nothing() -> None:
    limits = {"keyword_terms": ("\u200b", "spam")}

    assert made(a_comment(text="lovely"), **limits).outcome is CommentOutcome.ALLOW
    assert made(a_comment(text="lovely spam"), **limits).outcome is CommentOutcome.HOLD


def test_no_comments_need_no_decision() -> None:
    owner = feed_rules(user_id="owner", comment_limits=CommentLimits(keyword_terms=("spam",)))

    assert judge_new_comments(a_post(), [], owner, NOW) == []
    assert judge_shown_comments([], owner, ready_rules(), NOW) == []
