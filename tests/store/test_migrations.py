"""Migrations: there and back again, without a difference and without touching a block."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.local.checking import migration_steps
from service.store.engine import make_engine
from service.store.migrating import MIGRATIONS, migrate, migrate_back
from service.store.schema import EVERYTHING
from service.store.settings import PostgresSettings
from tests.builders import a_block

PROJECT = Path(__file__).parents[2]
NEWEST = ScriptDirectory(str(MIGRATIONS)).get_current_head()

EVERYTHING_DECLARED = """
    SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
      a.attidentity::text, l.collname, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '', '', '', ''
    FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid IS DISTINCT FROM to_regclass('alembic_version')
    UNION ALL
    SELECT 'index', tablename, indexname, indexdef, '', '', '', '', ''
    FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    UNION ALL
    SELECT 'table', relname, obj_description(oid), '', '', '', '', '', ''
    FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
"""


@pytest.fixture
def fresh_database(database_url: str, worker_name: str) -> Iterator[str]:
    """A database without a table, gone after the test."""
    name = f"migrations_{worker_name}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
        yield f"{database_url.rpartition('/')[0]}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def declared(database_url: str) -> set[tuple[object, ...]]:
    with psycopg.connect(database_url) as connection:
        return set(connection.execute(EVERYTHING_DECLARED).fetchall())


def block_checksum(database_url: str) -> str:
    """Digest every block on both sides; two databases with the same blocks have the same."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT b.user_id, b.target_id, b.expires_at, m.expires_at, m.user_id IS NOT NULL"
            " FROM blocks b LEFT JOIN blocked_by m ON m.user_id = b.target_id AND m.blocker_id = b.user_id"
            " ORDER BY 1, 2"
        )
        return sha256(repr(rows.fetchall()).encode()).hexdigest()


def test_migrations_lead_there_and_back_and_there_again(fresh_database: str) -> None:
    nothing = declared(fresh_database)
    migrate(fresh_database)
    there = declared(fresh_database)
    migrate_back(fresh_database, "base")
    assert declared(fresh_database) == nothing == set()
    migrate(fresh_database)

    assert declared(fresh_database) == there


def test_migrations_make_exactly_the_tables_that_the_service_works_with(
    fresh_database: str, database_url: str
) -> None:
    engine = make_engine(fresh_database)
    EVERYTHING.create_all(engine)
    engine.dispose()

    assert declared(database_url) == declared(fresh_database)


def test_autogenerate_finds_nothing_to_do(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), EVERYTHING) == []
    engine.dispose()


def test_no_migration_after_the_first_changes_a_block(fresh_database: str) -> None:
    migrate(fresh_database)
    engine = make_engine(fresh_database)
    with PostgresSettings(engine).edit("ada", felt_by=["troll", "bot"]) as settings:
        settings.blocks.put(a_block(target_id="troll", note="kept"))
        settings.blocks.put(a_block(target_id="bot"))
    engine.dispose()
    before = block_checksum(fresh_database)

    migrate_back(fresh_database, "0001")
    assert block_checksum(fresh_database) == before
    migrate(fresh_database)
    assert block_checksum(fresh_database) == before


def test_a_block_that_goes_missing_changes_the_checksum(fresh_database: str) -> None:
    migrate(fresh_database)
    engine = make_engine(fresh_database)
    with PostgresSettings(engine).edit("ada", felt_by=["troll"]) as settings:
        settings.blocks.put(a_block(target_id="troll"))
    engine.dispose()
    before = block_checksum(fresh_database)
    with psycopg.connect(fresh_database) as connection:
        connection.execute("DELETE FROM blocked_by")

    assert block_checksum(fresh_database) != before


def test_starters_that_migrate_at_once_do_not_collide(fresh_database: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(in_a_process_of_its_own, [fresh_database] * 4))

    with psycopg.connect(fresh_database) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(NEWEST,)]


def test_an_index_that_could_not_be_finished_is_built_anew(fresh_database: str) -> None:
    migrate(fresh_database, "0006")
    with psycopg.connect(fresh_database) as connection:  # as a starter leaves it who was killed or gave up
        connection.execute("CREATE INDEX blocks_user_id_revision ON blocks (user_id)")
        connection.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'blocks_user_id_revision'::regclass"
        )
    assert unfinished_indexes(fresh_database) == [("blocks_user_id_revision",)]

    migrate(fresh_database)

    assert unfinished_indexes(fresh_database) == []


def unfinished_indexes(database_url: str) -> list[tuple[str]]:
    with psycopg.connect(database_url) as connection:
        query = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
        return connection.execute(query).fetchall()


def in_a_process_of_its_own(database_url: str) -> None:
    code = f"from service.store.migrating import migrate; migrate({database_url!r})"
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True, capture_output=True)


def test_every_user_owned_key_begins_with_the_user() -> None:
    owned = [table for table in EVERYTHING.tables.values() if "user_id" in table.columns]

    others = [table.name for table in owned if next(iter(table.primary_key)).name != "user_id"]
    assert others == ["outbox"]


def test_every_column_says_what_it_holds() -> None:
    silent = [str(each) for table in EVERYTHING.tables.values() for each in table.columns if not each.comment]

    assert silent == []


def sql_of(before: str, revision: str) -> str:
    alembic = [sys.executable, "-m", "alembic", "upgrade", f"{before}:{revision}", "--sql"]
    return subprocess.run(alembic, cwd=PROJECT, check=True, capture_output=True, text=True).stdout


def lint(sql: str) -> subprocess.CompletedProcess[str]:
    squawk = Path(sys.executable).with_name("squawk")
    command = [str(squawk), "--config", str(PROJECT / ".squawk.toml"), "--stdin-filepath", "migrations.sql"]
    return subprocess.run(command, input=sql, capture_output=True, text=True, check=False)


def test_the_linter_notices_a_migration_that_would_stop_the_service() -> None:
    """`./dev check` lints every migration; this holds that it would find something."""
    newest = sql_of(*migration_steps()[-1])
    assert lint(newest).returncode == 0

    linted = lint(f"{newest}\nCREATE INDEX late ON blocks (source);")

    assert linted.returncode != 0
    assert "require-concurrent-index-creation" in linted.stdout
