"""A comment service asks what becomes of comments: on making and editing them, and on showing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from service.domain.comment_counts import CheckedRequest
from service.domain.comments import (
    FIRST_GLANCE,
    Comment,
    CommentDecision,
    CommentHistory,
    CommentOutcome,
    HeldComment,
    Post,
    comments_to_hold,
    judge_new_comments,
    judge_shown_comments,
    keywords_that_hold,
    limits_under,
    refuse_too_many,
)
from service.domain.consistency import Head, Version
from service.domain.cost_ceilings import (
    Effort,
    as_closely_as_possible,
    close_looks_for_keywords,
    effort_for,
)
from service.domain.feed_rules import FeedRules
from service.domain.people import UserId
from service.usecases.feed_rules import TrustedRules, require_rules
from service.usecases.ports import Parts


@dataclass(frozen=True, slots=True)
class CheckedComments:
    """Decisions in the order of the comments, and where the settings they go by stand."""

    decisions: Sequence[CommentDecision]
    head: Head
    degraded: bool


def check_comments(
    parts: Parts,
    post: Post,
    comments: Sequence[Comment],
    *,
    viewer_id: UserId | None = None,
    at_least: Version | None = None,
    size: int = 0,
) -> CheckedComments:
    """Decide by the owner's limits; with a viewer, what that viewer sees instead.

    ``size`` is what the request weighs in bytes: where that is too much for the terms to look for, less closely is
    looked, and what could not be looked at is held or hidden. ``at_least`` is about the viewer where there is one,
    else about the owner. Feed rules say whether more than they has to be looked up, so that most calls cost what a
    look into the cache costs. Raises ``StoreUnavailable`` where that cannot be looked up or kept: a comment that may
    be held is neither shown nor let through unlooked-at.
    """
    is_about_owner = viewer_id is None or viewer_id == post.owner_id
    people = partial(_everybody_in, post, comments, viewer_id)
    owner = require_rules(parts, post.owner_id, people, at_least=at_least if is_about_owner else None)
    if viewer_id is None:
        return _check_new(parts, post, comments, owner, size)
    viewer = owner if is_about_owner else require_rules(parts, viewer_id, people, at_least=at_least)
    rules = owner.ready.rules
    now, seen = parts.now(), _seen(parts, rules, comments)
    decided, effort = as_closely_as_possible(
        viewer.ready.effort_for(size),
        lambda effort: judge_shown_comments(
            comments,
            rules,
            viewer.ready,
            now,
            seen,
            unfiltered=parts.platform_accounts,
            effort=effort,
        ),
    )
    degraded = owner.degraded or viewer.degraded or effort is not Effort.WHOLE
    return CheckedComments(decided, viewer.head, degraded)


def _everybody_in(post: Post, comments: Sequence[Comment], viewer_id: UserId | None) -> set[UserId]:
    people = {post.owner_id, viewer_id or post.owner_id}
    return people.union(*((comment.author_id, *comment.mentions) for comment in comments))


def _check_new(
    parts: Parts, post: Post, comments: Sequence[Comment], trusted: TrustedRules, size: int
) -> CheckedComments:
    """Judge, count where the owner limits the hour, and keep for the owner what waits; in that order.

    A call that fails half way may be repeated: a comment is counted and kept once.
    """
    now, owner = parts.now(), trusted.ready.rules
    limits, history = limits_under(post, owner), _made(parts, post, comments, owner)
    decisions, effort = as_closely_as_possible(
        effort_for(size, close_looks_for_keywords(keywords_that_hold(limits))),
        lambda effort: judge_new_comments(post, comments, owner, now, history, effort=effort),
    )
    at_most = limits.gates.max_per_hour
    if at_most is not None:
        made = [
            (comment.author_id, comment.id)
            for comment, decision in zip(comments, decisions, strict=True)
            if decision.outcome is not CommentOutcome.REFUSE and comment.author_id != owner.user_id
        ]
        refused = parts.comments.count(owner.user_id, post.id, made, at_most, now) if made else ()
        decisions = refuse_too_many(decisions, refused)
    parts.tallies.count(CheckedRequest(owner.user_id, parts.segment, now, decisions))
    waiting = comments_to_hold(post, comments, decisions, history, now)
    head = _hold(parts, waiting, trusted.head) if waiting else trusted.head
    return CheckedComments(decisions, head, trusted.degraded or effort is not Effort.WHOLE)


def _hold(parts: Parts, waiting: Sequence[HeldComment], head: Head) -> Head:
    """Keep what waits; return where the owner's rules stand after it."""
    with parts.comments.hold(head.user_id, waiting) as affected:
        parts.rules.retire_many(affected)
    return affected[0] if affected else head


def _made(parts: Parts, post: Post, comments: Sequence[Comment], owner: FeedRules) -> CommentHistory:
    """Look up what the owner made of these comments and their authors before, where there is anything to find."""
    if not (owner.has_comment_history or limits_under(post, owner).care_mode):
        return FIRST_GLANCE
    ids = [comment.id for comment in comments]
    authors = {comment.author_id for comment in comments}
    return parts.comments.history(owner.user_id, ids, authors, parts.now())


def _seen(parts: Parts, owner: FeedRules, comments: Sequence[Comment]) -> CommentHistory:
    """Look up which of these comments and of their parents wait or were rejected, where any ever waited."""
    if not owner.has_comment_history:
        return FIRST_GLANCE
    parents = {comment.parent_id for comment in comments if comment.parent_id}
    ids = parents | {comment.id for comment in comments}
    return parts.comments.history(owner.user_id, ids, (), parts.now())
