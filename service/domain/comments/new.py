"""Judges comments that are being made or edited: allowed, held for the owner's look, or refused."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from service.domain.comment_limits import (
    Audience,
    CommentLimits,
    HoldMode,
    LimitedAudience,
    holds,
    stored_keyword,
)
from service.domain.comments.gates import closed_gates
from service.domain.comments.held_comments import (
    DISTRUSTED_FOR,
    FIRST_GLANCE,
    CommentHistory,
    CommentState,
    KnownComment,
    mark_of,
)
from service.domain.comments.said import (
    Comment,
    CommentDecision,
    CommentOutcome,
    CommentReason,
    Post,
    Relation,
)
from service.domain.cost_ceilings import Effort
from service.domain.expiry import is_live, is_live_in
from service.domain.feed_rules import FeedRules
from service.domain.matching import Matcher, Strictness, Text
from service.domain.people import UserId
from service.domain.policy import who_can_comment

SUSPICIOUS: Final = 0.8
"""From here on a score of the caller's classifier is a suspicion."""
OFFENSIVE_WITH_CARE: Final = 0.5
"""The same for offence in care mode: more likely than not."""
NEW_FOLLOWER_DAYS: Final = 7
MATCHERS_KEPT: Final = 256


def judge_new_comments(
    post: Post,
    comments: Sequence[Comment],
    owner: FeedRules,
    now: datetime,
    history: CommentHistory = FIRST_GLANCE,
    *,
    effort: Effort = Effort.WHOLE,
) -> list[CommentDecision]:
    """Decide, for comments being made or edited, which are allowed, held or refused under the owner's limits.

    Facts that the caller does not give count against a comment: who is not said to follow does not, an account
    of unknown age is new, and a text that costs too much to look at is taken for one with a keyword in it. How many
    came within the hour is counted elsewhere.
    """
    judging = _Judging(post, owner, limits_under(post, owner), now, history)
    hits = _keyword_hits(comments, judging.limits, effort)
    return [judging.decide(comment, hit=hit) for comment, hit in zip(comments, hits, strict=True)]


def limits_under(post: Post, owner: FeedRules) -> CommentLimits:
    """Return the limits that count under a post: the owner's, but for what the post's own rule says."""
    own = owner.post_limits.get(post.id)
    return own.over(owner.comment_limits) if own else owner.comment_limits


def refuse_too_many(decisions: Sequence[CommentDecision], too_many: Collection[str]) -> list[CommentDecision]:
    """Turn the decisions about comments that exceed the limit of an hour into refusals."""
    return [
        CommentDecision(decision.id, CommentOutcome.REFUSE, (CommentReason.TOO_MANY,))
        if decision.id in too_many
        else decision
        for decision in decisions
    ]


class _Judging:
    """One call: a post, its owner's rules, and what is known, ready to decide comment by comment."""

    def __init__(
        self, post: Post, owner: FeedRules, limits: CommentLimits, now: datetime, history: CommentHistory
    ) -> None:
        self.limits = limits
        self._post = post
        self._owner = owner
        self._now = now
        self._history = history
        self._audiences = who_can_comment(limits).value
        self._approved_users = frozenset(limits.approved_users)
        mode = limits.limited_mode
        self._limited = mode.audience if mode and mode.is_on(now) else None

    def decide(self, comment: Comment, *, hit: bool) -> CommentDecision:
        """Decide one comment; ``hit``: one of the owner's keywords is in it."""
        if comment.author_id == self._post.owner_id:
            return CommentDecision(comment.id, CommentOutcome.ALLOW)
        refused = tuple(self._refusals(comment))
        if refused:
            return CommentDecision(comment.id, CommentOutcome.REFUSE, refused)
        known = self._history.known.get(comment.id)
        if known and _is_settled(known, comment):
            return CommentDecision(comment.id, CommentOutcome.ALLOW)
        held = tuple(self._holds(comment, hit=hit))
        if known:
            held = held or tuple(_lasting_holds(known))
        return CommentDecision(comment.id, CommentOutcome.HOLD if held else CommentOutcome.ALLOW, held)

    def _refusals(self, comment: Comment) -> Iterator[CommentReason]:
        if is_live_in(self._owner.blocks, comment.author_id, self._now) or is_live_in(
            self._owner.blocked_by, comment.author_id, self._now
        ):
            yield CommentReason.UNAVAILABLE
        if not any(_belongs(audience, self._post, comment) for audience in self._audiences):
            yield CommentReason.AUDIENCE
        yield from closed_gates(self.limits.gates, comment, self._now)

    def _holds(self, comment: Comment, *, hit: bool) -> Iterator[CommentReason]:
        approved = comment.author_id in self._approved_users
        if hit and not (approved and self.limits.approved_users_exempt):
            yield CommentReason.KEYWORD
        if approved:
            return
        yield from self._holds_by_mode(comment)
        if self._limited and not _is_inside(self._limited, comment.relation, self._now):
            yield CommentReason.LIMITED_MODE
        if self.limits.care_mode and self._needs_care(comment):
            yield CommentReason.CARE_MODE
        if comment.author_id in self._history.often_held:
            yield CommentReason.OFTEN_HELD

    def _holds_by_mode(self, comment: Comment) -> Iterator[CommentReason]:
        mode = self.limits.hold_mode
        suspicion = max(comment.classifier.offensive, comment.classifier.spam)
        if holds(mode, HoldMode.SUSPECTED) and suspicion >= SUSPICIOUS:
            yield CommentReason.SUSPECTED
        if mode is HoldMode.FIRST_TIME and not self._is_acquainted(comment):
            yield CommentReason.FIRST_TIME
        if mode is HoldMode.ALL:
            yield CommentReason.HOLD_ALL

    def _is_acquainted(self, comment: Comment) -> bool:
        return comment.relation.commented_before or comment.author_id in self._history.approved

    def _needs_care(self, comment: Comment) -> bool:
        lately = self._now - DISTRUSTED_FOR
        reported = comment.relation.owner_reported_at
        return (
            comment.classifier.offensive >= OFFENSIVE_WITH_CARE
            or comment.author_id in self._history.turned_away
            or (reported is not None and reported > lately)
            or _was_blocked_since(lately, comment.author_id, self._owner, self._now)
        )


def _is_settled(known: KnownComment, comment: Comment) -> bool:
    """Tell whether the owner approved this very text."""
    return known.state is CommentState.APPROVED and known.mark == mark_of(comment.text)


def _lasting_holds(known: KnownComment) -> Iterator[CommentReason]:
    """Say why a comment stays held that nothing else holds.

    What waits goes on waiting whatever its author makes of it: else editing would tell, word by word, what held it.
    """
    if known.state is CommentState.HELD:
        yield CommentReason.HELD
    if known.state is CommentState.REJECTED:
        yield CommentReason.REJECTED


def _was_blocked_since(lately: datetime, person: UserId, owner: FeedRules, now: datetime) -> bool:
    """Tell whether a block of somebody has ended by itself since ``lately``."""
    ended = owner.blocks.get(person)
    return ended is not None and not is_live(ended, now) and ended > lately


def _belongs(audience: Audience, post: Post, comment: Comment) -> bool:
    follows = comment.relation.follows_owner_since is not None
    match audience:
        case Audience.EVERYONE:
            return True
        case Audience.FOLLOWERS:
            return follows
        case Audience.FOLLOWING:
            return comment.relation.owner_follows
        case Audience.FRIENDS:
            return follows and comment.relation.owner_follows
        case Audience.MENTIONED:
            return comment.author_id in post.mentions
        case Audience.NO_ONE:
            return False


def _is_inside(limited: LimitedAudience, relation: Relation, now: datetime) -> bool:
    """Tell whether somebody's comments need not wait while limited mode is on."""
    since = relation.follows_owner_since
    if since is None:
        return False
    match limited:
        case LimitedAudience.NON_FOLLOWERS:
            return True
        case LimitedAudience.FOLLOWERS_UNDER_7D:
            return (now - since).days >= NEW_FOLLOWER_DAYS
        case LimitedAudience.ALL_BUT_FRIENDS:
            return relation.owner_follows


def keywords_that_hold(limits: CommentLimits) -> tuple[str, ...]:
    """Return the words that make a comment wait for the owner's look."""
    return limits.keyword_terms if holds(limits.hold_mode, HoldMode.KEYWORDS) else ()


def _keyword_hits(comments: Sequence[Comment], limits: CommentLimits, effort: Effort) -> list[bool]:
    keywords = keywords_that_hold(limits)
    if not keywords:
        return [False] * len(comments)
    if effort is Effort.UNFILTERED:
        return [True] * len(comments)
    matcher = _matcher_of(keywords, None if effort is Effort.WHOLE else Strictness.STRICT)
    return [bool(hits) for hits in matcher.hits([[Text("comment", comment.text)] for comment in comments])]


@lru_cache(MATCHERS_KEPT)
def _matcher_of(keywords: tuple[str, ...], strictness: Strictness | None) -> Matcher:
    return Matcher([term for written in keywords if (term := stored_keyword(written, strictness))])
