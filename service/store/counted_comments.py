"""Counts the comments of one person under one post within an hour, where the post's owner limits them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert

from service.domain.comments import COUNTED_FOR, too_many
from service.domain.people import UserId
from service.store.comment_tables import counted_comments as table

LOCK: Final = text(
    "SELECT pg_advisory_xact_lock(key) FROM"
    " (SELECT DISTINCT hashtextextended(:place || author, 0) AS key FROM unnest(CAST(:authors AS text[])) author"
    " ORDER BY key) keys"
)
"""Lets the comments of one person under one post be counted one after the other; in the order of the keys, so that
two calls with the same people wait in turn rather than forever."""


def count_comments(
    connection: Connection,
    owner_id: UserId,
    post_id: str,
    made: Sequence[tuple[UserId, str]],
    *,
    at_most: int,
    now: datetime,
) -> frozenset[str]:
    """Count comments, each once, and return the ids of those that are too many and were not counted.

    The truth is in PostgreSQL because a limit that a flushed cache forgets is none; the price, a transaction for
    every comment, is paid under those posts alone whose owner asks for it.
    """
    authors = sorted({author for author, _ in made})
    connection.execute(LOCK, {"place": f"{owner_id}\n{post_id}\n", "authors": authors})
    lately = select(table.c.author_id, table.c.comment_id).where(
        table.c.user_id == owner_id,
        table.c.post_id == post_id,
        table.c.author_id.in_(authors),
        table.c.at > now - COUNTED_FOR,
    )
    refused = too_many(made, [tuple(row) for row in connection.execute(lately)], at_most)
    rows = [
        {"user_id": owner_id, "post_id": post_id, "author_id": author, "comment_id": comment, "at": now}
        for author, comment in made
        if comment not in refused
    ]
    if rows:
        connection.execute(insert(table).on_conflict_do_nothing(), rows)
    return refused
