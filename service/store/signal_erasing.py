"""Erases what resets set aside once 30 days are over, and the resets with it.

Nothing that still counts changes, so no revision moves and nothing cached is retired: what is erased had been set
aside for a month, no late batch reaches back so far, and what was restored stays. Devices that were told of the reset
know when it goes; for those that were away there are tombstones.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, func, or_, select, update

from service.domain.not_interested import Reason
from service.domain.signal_resets import Reset, ResetScope
from service.store.signal_resets import reset_of
from service.store.signal_tables import not_interested, signal_resets, topic_preferences
from service.store.tombstones import remove_rows

_TOPICAL = (Reason.TOPIC, Reason.HASHTAG, Reason.SOUND)


def erase_resets(connection: Connection, before: datetime, limit: int) -> int:
    """Erase what up to ``limit`` resets made before an instant set aside; return how many resets it was."""
    due = select(signal_resets).where(signal_resets.c.at <= before).order_by(signal_resets.c.at).limit(limit)
    rows = connection.execute(due.with_for_update(skip_locked=True)).all()
    for row in rows:
        _erase(connection, row)
    return len(rows)


def _erase(connection: Connection, row: Row[Any]) -> None:
    reset = reset_of(row)
    if reset.restored_at is None:
        if reset.scope is not ResetScope.AUTHORS:
            sliders = topic_preferences
            about = _before(sliders, sliders.c.set_at, row.user_id, reset)
            remove_rows(connection, sliders, row.user_id, sliders.c.topic, about)
        signals = _before(not_interested, not_interested.c.at, row.user_id, reset)
        if reset.scope is ResetScope.ALL:
            remove_rows(connection, not_interested, row.user_id, not_interested.c.id, signals)
        else:
            _strip_signals(connection, signals, reset)
    this = signal_resets.c.id == reset.id
    remove_rows(connection, signal_resets, row.user_id, signal_resets.c.id, this)


def _before(table: Table, at: ColumnElement[Any], user_id: str, reset: Reset) -> ColumnElement[bool]:
    same_instant = and_(at == reset.at, table.c.revision <= reset.revision)
    return and_(table.c.user_id == user_id, or_(at < reset.at, same_instant))


def _strip_signals(connection: Connection, signals: ColumnElement[bool], reset: Reset) -> None:
    """Take from signals what a reset covers, told as part of it; the items that they are about stay rejected."""
    columns = not_interested.c
    for row in connection.execute(select(columns.user_id, columns.id, columns.reasons).where(signals)).all():
        own = and_(columns.user_id == row.user_id, columns.id == row.id)
        changes: dict[str, object] = {"reasons": _left_of(row.reasons, reset.scope)}
        changes["revision"] = func.greatest(columns.revision, reset.revision)
        if reset.scope is ResetScope.TOPICS:
            changes |= {"topics": [], "hashtags": [], "sound_id": None}
        else:
            changes |= {"author_id": None}
        connection.execute(update(not_interested).where(own).values(changes))


def _left_of(reasons: list[str], scope: ResetScope) -> list[str]:
    """Return the reasons without those in scope; with none left it is about the item, not about nothing."""
    covered = _TOPICAL if scope is ResetScope.TOPICS else (Reason.AUTHOR,)
    left = [reason for reason in reasons if reason not in covered]
    return left or ([Reason.ITEM.value] if reasons else [])
