"""Reads what changed in one user's settings, in order; a new kind of setting is one more source."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, func, literal, select, tuple_, union_all
from sqlalchemy.dialects.postgresql import distinct_on

from service.domain.changes import Changed, ChangeKind, Place, Setting
from service.domain.people import UserId
from service.store.allow_phrases import phrases_of
from service.store.blocks import block_of
from service.store.comment_limits import limits_of, post_limits_of
from service.store.comment_tables import comment_limits, post_comment_limits
from service.store.keyword_filters import filter_of
from service.store.mutes import mute_of
from service.store.not_interested import signal_of
from service.store.signal_resets import reset_of
from service.store.signal_tables import not_interested, signal_resets, topic_preferences
from service.store.tables import allow_phrases, blocks, keyword_filters, mutes, tombstones
from service.store.tombstones import KINDS
from service.store.topic_preferences import preference_of

THE_ONLY_ONE = "account"
"""The id of a setting that a user has one of."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where settings of one kind are kept, what they are called, and what their rows hold."""

    table: Table
    id: ColumnElement[str]
    setting_of: Callable[[Row[Any]], Setting]

    @property
    def kind(self) -> ChangeKind:
        return KINDS[self.table.name]


SOURCES = {
    source.kind: source
    for source in (
        _Source(allow_phrases, literal(THE_ONLY_ONE), phrases_of),
        _Source(blocks, blocks.c.target_id, block_of),
        _Source(comment_limits, literal(THE_ONLY_ONE), limits_of),
        _Source(keyword_filters, keyword_filters.c.id, filter_of),
        _Source(mutes, mutes.c.type + ":" + mutes.c.id, mute_of),
        _Source(not_interested, not_interested.c.id, signal_of),
        _Source(post_comment_limits, post_comment_limits.c.post_id, post_limits_of),
        _Source(signal_resets, signal_resets.c.id, reset_of),
        _Source(topic_preferences, topic_preferences.c.topic, preference_of),
    )
}


class PostgresChanges:
    """What changed in one user's settings, within one transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def since(self, place: Place, limit: int) -> list[Changed]:
        """Return up to ``limit`` changes behind a place, in order.

        Where a setting was removed and made again, only what stands now is told.
        """
        standing = [
            self._behind(place, each.table, literal(each.kind.value), each.id, is_gone=False)
            for each in SOURCES.values()
        ]
        gone = self._behind(place, tombstones, tombstones.c.kind, tombstones.c.id, is_gone=True)
        found = union_all(*standing, gone).subquery()
        newest = (
            select(found)
            .ext(distinct_on(found.c.kind, found.c.id))
            .order_by(found.c.kind, found.c.id, found.c.revision.desc(), found.c.is_gone)
            .subquery()
        )
        query = select(newest).order_by(newest.c.revision, newest.c.kind, newest.c.id).limit(limit)
        return self._with_settings(self._connection.execute(query).all())

    def _behind(
        self, place: Place, table: Table, kind: ColumnElement[str], id_: ColumnElement[str], *, is_gone: bool
    ) -> Select[Any]:
        revision = table.columns.revision
        own = (kind.collate("C"), id_.collate("C"))
        return select(
            own[0].label("kind"),
            own[1].label("id"),
            revision.label("revision"),
            literal(is_gone).label("is_gone"),
        ).where(
            table.columns.user_id == self._user_id,
            revision >= place.revision,
            tuple_(revision, *own) > tuple_(literal(place.revision), literal(place.kind), literal(place.id)),
        )

    def _with_settings(self, rows: Iterable[Row[Any]]) -> list[Changed]:
        found = [(ChangeKind(row.kind), row.id, row.revision, row.is_gone) for row in rows]
        settings = {
            kind: self._settings(
                kind, [id_ for other, id_, _, is_gone in found if other is kind and not is_gone]
            )
            for kind in {kind for kind, _, _, is_gone in found if not is_gone}
        }
        return [
            Changed(kind, id_, revision, None if is_gone else settings[kind][id_])
            for kind, id_, revision, is_gone in found
        ]

    def _settings(self, kind: ChangeKind, ids: list[str]) -> dict[str, Setting]:
        source = SOURCES[kind]
        query = select(source.table, source.id.label("id_told")).where(
            source.table.columns.user_id == self._user_id, source.id == func.any(ids)
        )
        return {row.id_told: source.setting_of(row) for row in self._connection.execute(query)}
