"""What a post's owner has made of comments so far: those that wait, those they let through, those they rejected."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from service.domain.comment_limits import LimitedMode
from service.domain.comments.said import Comment, CommentDecision, CommentOutcome, CommentReason, Post
from service.domain.people import UserId

HELD_FOR: Final = timedelta(days=60)
"""After this long without a verdict a comment is gone: nobody sees it, and its text is forgotten."""
DISTRUSTED_FOR: Final = timedelta(days=90)
HOLDS_THAT_TELL: Final = 5
"""Whoever is held so often within an hour is trying out what is held; from then on everything of theirs waits."""
TELLING_TIME: Final = timedelta(hours=1)


class CommentState(StrEnum):
    """Where a comment that was held once stands with the post's owner."""

    HELD = "held"
    APPROVED = "approved"
    REJECTED = "rejected"


def is_gone(state: CommentState, held_at: datetime, now: datetime) -> bool:
    """Tell whether a comment in this state, held then, is gone for everybody."""
    return state is not CommentState.APPROVED and now >= held_at + HELD_FOR


@dataclass(frozen=True, slots=True)
class KnownComment:
    """What decisions need of a comment that was held once; ``mark`` is that of its text, never the text itself."""

    state: CommentState
    author_id: UserId | None
    held_at: datetime
    mark: str
    reasons: tuple[CommentReason, ...] = ()

    def is_gone(self, now: datetime) -> bool:
        """Tell whether it waited, or stood rejected, for so long that even its author sees it no more."""
        return is_gone(self.state, self.held_at, now)


@dataclass(frozen=True, slots=True)
class CommentHistory:
    """What one owner made of the comments and people in question.

    ``approved`` are people of whom the owner approved a comment at any time, ``turned_away`` those whom the owner
    rejected or unblocked in the last 90 days, ``often_held`` those held at least five times within the last hour.
    """

    known: Mapping[str, KnownComment] = field(default_factory=dict)
    approved: frozenset[UserId] = frozenset()
    turned_away: frozenset[UserId] = frozenset()
    often_held: frozenset[UserId] = frozenset()


FIRST_GLANCE: Final = CommentHistory()
"""The history of an owner who never had a comment held."""


@dataclass(frozen=True, slots=True)
class HeldComment:
    """A comment that was held, for its post's owner; ``text`` None: forgotten.

    ``revision`` is the owner's revision at the verdict; while the comment waits, 0.
    """

    comment_id: str
    post_id: str
    author_id: UserId
    text: str | None
    reasons: tuple[CommentReason, ...]
    held_at: datetime
    state: CommentState = CommentState.HELD
    decided_at: datetime | None = None
    revision: int = 0

    def is_gone(self, now: datetime) -> bool:
        """Tell whether it waited, or stood rejected, for so long that its owner finds it no more."""
        return is_gone(self.state, self.held_at, now)


@dataclass(frozen=True, slots=True)
class HeldCount:
    """How many comments stand in one state."""

    state: CommentState
    comments: int


@dataclass(frozen=True, slots=True)
class LimitedDigest:
    """What a limited mode held, so far or until it ended: how many wait still, and what became of the others.

    Those that are in none of the three waited for 60 days and are gone.
    """

    mode: LimitedMode
    is_over: bool
    held: int
    waiting: int
    approved: int
    rejected: int


def digest_of(
    mode: LimitedMode, counts: Collection[HeldCount], there_still: Collection[HeldCount], now: datetime
) -> LimitedDigest:
    """Sum up what one limited mode held; ``there_still`` are those of them that were held in the last 60 days."""
    by_state = {count.state: count.comments for count in counts}
    can_be_judged = {count.state: count.comments for count in there_still}
    return LimitedDigest(
        mode=mode,
        is_over=mode.is_over(now),
        held=sum(by_state.values()),
        waiting=can_be_judged.get(CommentState.HELD, 0),
        approved=by_state.get(CommentState.APPROVED, 0),
        rejected=by_state.get(CommentState.REJECTED, 0),
    )


def mark_of(text: str) -> str:
    """Return what tells one text from another without holding it: sixteen bytes, in hexadecimal."""
    return blake2b(keepable(text).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def keepable(text: str) -> str:
    """Return a text without NUL, which PostgreSQL cannot keep; a held comment must not get lost over it."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def comments_to_hold(
    post: Post,
    comments: Sequence[Comment],
    decisions: Sequence[CommentDecision],
    history: CommentHistory,
    now: datetime,
) -> list[HeldComment]:
    """Return the comments that must be kept for the owner: newly held, or changed since."""
    held = []
    for comment, decision in zip(comments, decisions, strict=True):
        known = history.known.get(comment.id)
        if decision.outcome is CommentOutcome.HOLD and not _is_kept(known, comment):
            reasons = _all_reasons(known, decision)
            held.append(
                HeldComment(comment.id, post.id, comment.author_id, keepable(comment.text), reasons, now)
            )
    return held


def _all_reasons(known: KnownComment | None, decision: CommentDecision) -> tuple[CommentReason, ...]:
    """Return why a comment waits, what held it before an edit first: the owner's list and digest go by that."""
    if known is None or known.state is not CommentState.HELD:
        return decision.reasons
    new = (reason for reason in decision.reasons if reason is not CommentReason.HELD)
    return tuple(dict.fromkeys((*known.reasons, *new)))


def _is_kept(known: KnownComment | None, comment: Comment) -> bool:
    """Tell whether the owner has this very text already, or has said what they think of it for good."""
    if known is None:
        return False
    return known.state is CommentState.REJECTED or known.mark == mark_of(comment.text)
