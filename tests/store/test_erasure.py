"""Erasure covers every column that names a person, as PostgreSQL itself lists them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event, func, select

from service.store.erasure import EXPORTED, FATES, NOT_EXPORTED, Fate
from service.store.schema import EVERYTHING
from service.store.settings import PostgresSettings
from service.store.tables import outbox
from service.store.tombstones import KINDS
from tests.builders import a_block, a_keyword_filter

COLUMNS_THAT_MAY_NAME_PEOPLE = r"""
    SELECT c.relname || '.' || a.attname
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'
      AND format_type(a.atttypid, a.atttypmod) IN ('text', 'text[]', 'character varying', 'jsonb', 'json')
      AND (a.attname ~ '(^|_)(ids?|users?|authors?|owners?|viewers?|people|person|subject|staff|targets?)$'
        OR a.attname ~ '_by$|^(user|author|owner|viewer|blocker|target|guardian)_?')
    ORDER BY 1
"""
NOT_PEOPLE = {
    "annotations.id": "names a note of an analyst's",
    "emerging_terms.id": "names a term",
    "emerging_terms.people": "a band of numbers",
    "insight_cells.people": "a band of numbers",
    "tallies_taken.id": "names a batch",
    "comment_limits.who_can_comment": "names groups",
    "counted_comments.comment_id": "names a comment",
    "counted_comments.post_id": "names a post",
    "held_comments.comment_id": "names a comment",
    "held_comments.post_id": "names a post",
    "post_comment_limits.post_id": "names a post",
    "post_comment_limits.who_can_comment": "names groups",
    "keyword_filters.author_scope": "names a kind of scope",
    "keyword_filters.id": "names a filter",
    "not_interested.id": "names a signal",
    "signal_resets.id": "names a reset",
    "undone_signals.id": "names a signal",
    "staff_reads.id": "names an entry",
    "tombstones.id": "names a setting; goes with its user",
}


def columns(connection: psycopg.Connection) -> set[str]:
    """Return every column that could name a person."""
    return {row[0] for row in connection.execute(COLUMNS_THAT_MAY_NAME_PEOPLE)}


def unmapped(connection: psycopg.Connection) -> set[str]:
    """Return those of them of which nobody decided what becomes of them."""
    return columns(connection) - FATES.keys() - NOT_PEOPLE.keys()


@pytest.fixture
def connection(clean_database: str) -> Iterator[psycopg.Connection]:
    """A connection whose changes are undone."""
    with psycopg.connect(clean_database) as connection:
        yield connection
        connection.rollback()


def test_every_column_that_may_name_a_person_has_a_fate(connection: psycopg.Connection) -> None:
    assert unmapped(connection) == set()


@pytest.mark.parametrize(
    "column", ["user_id text", "author_id varchar", "shared_with_users text[]", "muted_by text", "owner text"]
)
def test_a_new_column_without_a_fate_would_be_found(connection: psycopg.Connection, column: str) -> None:
    connection.execute(f"CREATE TABLE new_things (number int, {column})")

    assert unmapped(connection) == {f"new_things.{column.split(maxsplit=1)[0]}"}


def test_the_map_names_only_columns_that_there_are(connection: psycopg.Connection) -> None:
    assert FATES.keys() - columns(connection) == set()


def test_every_table_with_a_user_is_exported_or_says_why_not() -> None:
    owned = {table.name for table in EVERYTHING.tables.values() if "user_id" in table.columns}

    assert {*EXPORTED, *NOT_EXPORTED} == owned
    assert not {*EXPORTED} & NOT_EXPORTED.keys()


def test_what_a_user_chose_is_also_told_to_their_devices() -> None:
    assert KINDS.keys() - {*EXPORTED} == {"signal_resets"}, "which say what of a copy does not count"
    assert {*EXPORTED} <= KINDS.keys()


def test_every_table_of_a_users_own_is_emptied_of_them() -> None:
    kept = {place.partition(".")[0] for place, fate in FATES.items() if place.endswith(".user_id")}
    gone = {place.partition(".")[0] for place, fate in FATES.items() if fate is Fate.GOES}

    assert kept - gone == {"blocked_by", "staff_reads"}


def rows_that_name(connection: psycopg.Connection, user_id: str) -> dict[str, int]:
    """Count the rows that name somebody in a column whose rows go, straight from the tables."""
    counted = {}
    for place, fate in FATES.items():
        if fate is not Fate.STAYS:
            table, column = place.split(".")
            found = connection.execute(
                f"SELECT count(*) FROM {table} WHERE {column} = %s", [user_id]
            ).fetchone()
            counted[place] = found[0] if found else 0
    return counted


def test_after_an_erasure_only_the_row_that_empties_the_cache_is_left(
    settings: PostgresSettings, clean_database: str, engine: Engine
) -> None:
    with settings.edit("ada", felt_by=["bob"]) as editing:
        editing.blocks.put(a_block(target_id="bob"))
        editing.keyword_filters.put(a_keyword_filter())

    with settings.erase("ada"):
        pass

    with psycopg.connect(clean_database) as connection:
        left = {place: count for place, count in rows_that_name(connection, "ada").items() if count}
    assert left == {"outbox.user_id": 1}
    with engine.connect() as reading:
        assert reading.execute(select(func.count()).select_from(outbox)).scalar_one() == 1 + 2


@contextmanager
def without_fate(place: str) -> Iterator[None]:
    """Forget one column of the map."""
    fates = dict(FATES)
    del fates[place]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.store.erasure.FATES", fates)
        yield


def test_a_column_that_the_map_forgot_would_keep_its_rows(
    settings: PostgresSettings, clean_database: str
) -> None:
    with settings.edit("ada") as editing:
        editing.keyword_filters.put(a_keyword_filter())

    with without_fate("keyword_filters.user_id"), settings.erase("ada"):
        pass

    with psycopg.connect(clean_database) as connection:
        assert rows_that_name(connection, "ada")["keyword_filters.user_id"] == 1


def test_ten_thousand_blocks_are_erased_in_one_go(settings: PostgresSettings, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO blocks SELECT 'ada', 'u' || n, null, null, 'manual', now(), 1 FROM generate_series(1, 10000) n"
        )
        connection.exec_driver_sql("INSERT INTO blocked_by SELECT target_id, user_id, null FROM blocks")

    with settings.erase("ada") as affected:
        assert len(affected) == 10_001

    assert settings.feed_rules("u7").blocked_by == {}


@pytest.mark.usefixtures("real_patience")
def test_an_erasure_is_given_time_to_end_however_much_there_is(
    settings: PostgresSettings, engine: Engine
) -> None:
    limits: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(*call: Any) -> None:
        if "statement_timeout" in call[2]:
            limits.append(call[3]["statement_timeout"])

    with settings.edit("ada"):
        pass
    with settings.erase("ada"):
        pass

    assert limits == ["2000ms", "20000ms"]
