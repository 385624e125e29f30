"""Erases a person: which columns name people, and what becomes of their rows.

What others decided about the erased person stays theirs: a block goes on protecting whoever made it, should the same
account come back, and so its other side stays with it. It shows the id and nothing else of the person.
Comments that the person left under other people's posts are forgotten with time: counts within days, texts after 60.
Insights know nobody by name; whose rows behind the figures are to go is noted, and a job deletes them within a day.
That staff looked at the person stays on record for two years: whoever looked must not be able to rid themself of the
trace.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, delete, func, select

from service.domain.consistency import Head, Version
from service.domain.people import UserId
from service.store.pseudonyms import note_erased
from service.store.schema import EVERYTHING
from service.store.tables import NEW_EPOCH, blocked_by, blocks


class Fate(StrEnum):
    """What becomes of the rows that name an erased person in a column."""

    GOES = "goes"
    """They are deleted."""
    GOES_WITH_BLOCK = "goes with the block"
    """They are the other side of the person's own blocks, and found by those."""
    STAYS = "stays"
    """They belong to somebody else, or name nobody."""


FATES: Final[Mapping[str, Fate]] = {
    "allow_phrases.user_id": Fate.GOES,
    "blocked_by.blocker_id": Fate.GOES_WITH_BLOCK,
    "blocked_by.user_id": Fate.STAYS,
    "blocks.target_id": Fate.STAYS,
    "blocks.user_id": Fate.GOES,
    "comment_limits.approved_users": Fate.STAYS,
    "comment_limits.user_id": Fate.GOES,
    "counted_comments.author_id": Fate.STAYS,
    "counted_comments.user_id": Fate.GOES,
    "held_comments.author_id": Fate.STAYS,
    "held_comments.user_id": Fate.GOES,
    "keyword_filters.scope_authors": Fate.STAYS,
    "keyword_filters.user_id": Fate.GOES,
    "mutes.id": Fate.STAYS,
    "mutes.user_id": Fate.GOES,
    "not_interested.author_id": Fate.STAYS,
    "not_interested.item_id": Fate.STAYS,
    "not_interested.request_id": Fate.STAYS,
    "not_interested.sound_id": Fate.STAYS,
    "not_interested.user_id": Fate.GOES,
    "outbox.user_id": Fate.GOES,
    "post_comment_limits.user_id": Fate.GOES,
    "remembered_answers.user_id": Fate.GOES,
    "signal_resets.user_id": Fate.GOES,
    "staff_reads.staff_id": Fate.STAYS,
    "staff_reads.user_id": Fate.STAYS,
    "tombstones.user_id": Fate.GOES,
    "topic_preferences.user_id": Fate.GOES,
    "unblocks.target_id": Fate.STAYS,
    "unblocks.user_id": Fate.GOES,
    "undone_signals.user_id": Fate.GOES,
    "user_state.user_id": Fate.GOES,
}
"""Every column that could name a person, by table and name; a test fails where the database has another."""

EXPORTED: Final = (
    "allow_phrases",
    "blocks",
    "comment_limits",
    "keyword_filters",
    "mutes",
    "not_interested",
    "post_comment_limits",
    "topic_preferences",
)
"""The tables that hold what a user chose; the others count, deliver and remember."""
NOT_EXPORTED: Final[Mapping[str, str]] = {
    "blocked_by": "what others chose, which its subject must not learn",
    "counted_comments": "comments of others",
    "held_comments": "comments of others",
    "outbox": "versions on their way to the cache",
    "remembered_answers": "what the export says, as it was answered once",
    "staff_reads": "what the operator keeps on its staff, and tells whoever asks it",
    "tombstones": "that something is gone, and no longer what",
    "signal_resets": "which signals do not count; what they leave is exported",
    "undone_signals": "that something was taken back, and no longer what about",
    "unblocks": "what the blocks said before",
    "user_state": "counters",
}


def blocked_people(connection: Connection, user_id: UserId) -> Sequence[UserId]:
    """Return everybody whose decisions change when this person's blocks go."""
    return connection.execute(select(blocks.c.target_id).where(blocks.c.user_id == user_id)).scalars().all()


def erase(connection: Connection, heads: Sequence[Head]) -> list[Head]:
    """Delete all that belongs to the person who comes first among people who are locked; return where they stand.

    The person's history ends: what is cached of it, and every token of it, is older than the epoch that begins.
    """
    erased, *others = heads
    other_sides = delete(blocked_by).where(
        blocked_by.c.user_id == func.any([head.user_id for head in others]),
        blocked_by.c.blocker_id == erased.user_id,
    )
    connection.execute(other_sides)
    for place, fate in FATES.items():
        if fate is Fate.GOES:
            table, _, column = place.partition(".")
            named = EVERYTHING.tables[table].columns[column]
            connection.execute(delete(EVERYTHING.tables[table]).where(named == erased.user_id))
    note_erased(connection, erased.user_id)
    epoch = connection.execute(select(NEW_EPOCH)).scalar_one()
    ended = Version(max(epoch, erased.version.epoch + 1), 0)
    return [Head(erased.user_id, 0, ended), *others]
