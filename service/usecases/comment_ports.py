"""What the stories about comments need: their limits, those that wait, and what is known of their authors."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from service.domain.comment_limits import CommentLimits, PostLimits
from service.domain.comments import CommentHistory, CommentReason, HeldComment, HeldCount
from service.domain.consistency import Head
from service.domain.paging import Position
from service.domain.people import UserId


class CommentLimitStore(Protocol):
    """One user's comment limits."""

    def get(self) -> CommentLimits:
        """Return the limits; those of somebody who never chose any are the defaults at revision 0."""

    def put(self, limits: CommentLimits) -> None:
        """Keep the limits."""


class PostLimitStore(Protocol):
    """The rules of one user's single posts."""

    def all(self) -> dict[str, PostLimits]:
        """Return every rule, by its post's id."""

    def count(self) -> int:
        """Return how many posts have a rule of their own."""

    def find(self, post_id: str) -> PostLimits | None:
        """Return the rule of one post."""

    def put(self, post_id: str, limits: PostLimits) -> None:
        """Keep a post's rule in place of an earlier one."""

    def remove(self, *post_ids: str) -> bool:
        """Forget posts' rules; tell whether there was one."""


class HeldCommentStore(Protocol):
    """Comments under one user's posts that were held, as their owner works through them."""

    def page(
        self, limit: int, after: Position | None, *, since: datetime, because: CommentReason | None = None
    ) -> list[HeldComment]:
        """Return up to ``limit`` comments that wait since after an instant, newest first."""

    def find(self, comment_id: str) -> HeldComment | None:
        """Return a comment whose text is not forgotten, whatever became of it."""

    def put(self, comment: HeldComment) -> None:
        """Keep the owner's verdict on a comment that was held; nothing else of it changes."""

    def counts(self, because: CommentReason, start: datetime, end: datetime) -> list[HeldCount]:
        """Count comments held for a reason from ``start`` to ``end``, by what became of them."""


class CommentStore(Protocol):
    """What decisions about comments need beyond feed rules. Every call may raise ``StoreUnavailable``."""

    def history(
        self, owner_id: UserId, comment_ids: Collection[str], author_ids: Collection[UserId], now: datetime
    ) -> CommentHistory:
        """Return what an owner made of these comments, and of whatever else these people wrote."""

    def hold(
        self, owner_id: UserId, comments: Sequence[HeldComment]
    ) -> AbstractContextManager[Sequence[Head]]:
        """Keep comments for their owner when the block ends; yields whose feed rules change with it.

        What the owner rejected, or has in this very wording, stays as it is.
        """

    def count(
        self, owner_id: UserId, post_id: str, made: Sequence[tuple[UserId, str]], at_most: int, now: datetime
    ) -> frozenset[str]:
        """Count comments (author, id) made under a post; return the ids of those that are too many within the hour.

        A comment counts once however often it is offered, and one that is too many does not count.
        """
