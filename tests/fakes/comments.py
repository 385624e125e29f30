"""A comment store in dictionaries, on the shelves of a fake settings store."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from service.domain.comments import (
    COUNTED_FOR,
    DISTRUSTED_FOR,
    HOLDS_THAT_TELL,
    TELLING_TIME,
    CommentHistory,
    CommentState,
    HeldComment,
    KnownComment,
    mark_of,
    too_many,
)
from service.domain.consistency import Head
from service.domain.people import UserId
from tests.fakes.settings import FakeSettings


class FakeComments:
    """Keeps what was held; ``asked`` counts the calls of each kind, which a warm path must not make."""

    def __init__(self, settings: FakeSettings) -> None:
        self.asked: Counter[str] = Counter()
        self._settings = settings

    def history(
        self, owner_id: UserId, comment_ids: Collection[str], author_ids: Collection[UserId], now: datetime
    ) -> CommentHistory:
        """Return what an owner made of comments and people."""
        self.asked["history"] += 1
        with self._settings.shelf_of(owner_id) as shelf:
            held = [each for each in shelf.held_comments.values() if each.author_id in author_ids]
            rejected = {
                each.author_id
                for each in held
                if each.state is CommentState.REJECTED
                and each.decided_at
                and each.decided_at > now - DISTRUSTED_FOR
            }
            unblocked = {
                person
                for person, unblock in shelf.unblocks.items()
                if person in author_ids and unblock.at > now - DISTRUSTED_FOR
            }
            often = Counter(
                each.author_id
                for each in held
                if each.held_at > now - TELLING_TIME and each.state is not CommentState.APPROVED
            )
            return CommentHistory(
                {
                    each.comment_id: KnownComment(
                        each.state, each.author_id, each.held_at, mark_of(each.text or ""), each.reasons
                    )
                    for each in shelf.held_comments.values()
                    if each.comment_id in comment_ids
                },
                frozenset(each.author_id for each in held if each.state is CommentState.APPROVED),
                frozenset(rejected | unblocked),
                frozenset(person for person, count in often.items() if count >= HOLDS_THAT_TELL),
            )

    @contextmanager
    def hold(self, owner_id: UserId, comments: Sequence[HeldComment]) -> Iterator[Sequence[Head]]:
        """Keep comments for their owner."""
        self.asked["hold"] += 1
        with self._settings.shelf_of(owner_id) as shelf:
            first = not shelf.held_comments
            for comment in comments:
                kept = shelf.held_comments.get(comment.comment_id)
                if kept is None:
                    shelf.held_comments[comment.comment_id] = comment
                elif kept.state is not CommentState.REJECTED and kept.text != comment.text:
                    waits = kept.state is CommentState.HELD
                    held_at = kept.held_at if waits else comment.held_at
                    shelf.held_comments[comment.comment_id] = replace(comment, held_at=held_at)
            yield [self._settings.advance(owner_id, shelf)] if first else []

    def count(
        self, owner_id: UserId, post_id: str, made: Sequence[tuple[UserId, str]], at_most: int, now: datetime
    ) -> frozenset[str]:
        """Count comments, each once."""
        self.asked["count"] += 1
        with self._settings.shelf_of(owner_id) as shelf:
            counted = [
                (author, comment)
                for (post, author, comment), at in shelf.counted_comments.items()
                if post == post_id and at > now - COUNTED_FOR
            ]
            refused = too_many(made, counted, at_most)
            for author, comment in made:
                if comment not in refused:
                    shelf.counted_comments.setdefault((post_id, author, comment), now)
            return refused
