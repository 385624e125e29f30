"""Keeps keyword filters."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from service.domain.keyword_filters import (
    Action,
    AuthorScope,
    Field,
    FilterWording,
    KeywordFilter,
    Op,
    ScopeKind,
)
from service.domain.matching import Mode, Strictness
from service.domain.paging import Position
from service.domain.people import UserId
from service.store.engine import FOR_DELIVERY, transaction
from service.store.rows import keep, newest_first
from service.store.tables import keyword_filters as table
from service.store.tombstones import remove_named


class PostgresKeywordFilters:
    """One user's keyword filters, within one transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id
        self._own = select(table).where(table.c.user_id == user_id)

    def all(self) -> list[KeywordFilter]:
        """Return every filter, newest first."""
        query = newest_first(self._own, table.c.created_at, table.c.id, after=None)
        return [filter_of(row) for row in self._connection.execute(query)]

    def page(self, limit: int, after: Position | None) -> list[KeywordFilter]:
        """Return up to ``limit`` filters that stand after a position, newest first."""
        query = newest_first(self._own, table.c.created_at, table.c.id, after=after).limit(limit)
        return [filter_of(row) for row in self._connection.execute(query)]

    def find(self, filter_id: str) -> KeywordFilter | None:
        """Return the filter of that id."""
        row = self._connection.execute(self._own.where(table.c.id == filter_id)).one_or_none()
        return filter_of(row) if row else None

    def put(self, keyword_filter: KeywordFilter) -> None:
        """Keep a filter in place of whatever had its id."""
        keep(self._connection, table, _row(self._user_id, keyword_filter))

    def remove(self, *filter_ids: str) -> bool:
        """Forget filters; tell whether there was one."""
        return bool(remove_named(self._connection, table, self._user_id, table.c.id, filter_ids))


def owners_of_ended(engine: Engine, ended_by: datetime, limit: int) -> list[UserId]:
    """Return up to ``limit`` users with a filter that ended by then."""
    query = select(table.c.user_id).where(table.c.expires_at <= ended_by).distinct().limit(limit)
    with transaction(engine, FOR_DELIVERY) as connection:
        return list(connection.scalars(query))


def _row(user_id: UserId, kept: KeywordFilter) -> dict[str, object]:
    wording = kept.wording
    return {
        "user_id": user_id,
        "id": kept.id,
        "title": wording.title,
        "terms": list(wording.terms),
        "op": wording.op.value,
        "mode": wording.mode.value,
        "strictness": wording.strictness.value if wording.strictness else None,
        "fields": [field.value for field in wording.fields],
        "surfaces": list(wording.surfaces),
        "author_scope": wording.author_scope.kind.value,
        "scope_authors": list(wording.author_scope.authors),
        "action": wording.action.value if wording.action else None,
        "expires_at": wording.expires_at,
        "enabled": wording.enabled,
        "created_at": kept.created_at,
        "revision": kept.revision,
    }


def filter_of(row: Row[Any]) -> KeywordFilter:
    """Return the filter that a row holds."""
    wording = FilterWording(
        terms=tuple(row.terms),
        title=row.title,
        op=Op(row.op),
        mode=Mode(row.mode),
        strictness=Strictness(row.strictness) if row.strictness else None,
        fields=tuple(Field(field) for field in row.fields),
        surfaces=tuple(row.surfaces),
        author_scope=AuthorScope(ScopeKind(row.author_scope), tuple(row.scope_authors)),
        action=Action(row.action) if row.action else None,
        expires_at=row.expires_at,
        enabled=row.enabled,
    )
    return KeywordFilter(row.id, wording, row.created_at, row.revision)
