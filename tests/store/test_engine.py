"""What a server that is slow, away or surprised means to whoever asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, exc, text
from structlog.testing import capture_logs

from service.breaker import Breaker
from service.domain.refusals import InvalidValue
from service.store import feed_rules
from service.store.engine import (
    FOR_DECISIONS,
    FOR_READING,
    NotDurableError,
    Patience,
    driver_connection,
    is_answering,
    make_engine,
    require_durable_at,
    sqlalchemy_url,
    transaction,
)
from service.store.feed_rules import load_feed_rules
from service.store.settings import PostgresSettings
from service.usecases.ports import StoreUnavailable
from tests.builders import a_block, a_keyword_filter
from tests.fault_proxy import FaultProxy
from tests.servers import end_connections
from tests.waiting import eventually

NOBODY_LISTENS = "postgresql://nobody@127.0.0.1:1/nothing"
pytestmark = pytest.mark.usefixtures("real_patience")
SHORTLY = Patience(statement_ms=50, lock_ms=50, idle_ms=50)


def restart(database_url: str) -> None:
    end_connections(database_url, "application_name = 'safety-controls'")


@contextmanager
def locked(engine: Engine, table: str) -> Iterator[None]:
    """Hold a table as a migration in its worst moment does."""
    with engine.connect() as connection:
        connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        yield
        connection.rollback()


def edit(settings: PostgresSettings) -> None:
    with settings.edit("ada") as editing:
        editing.keyword_filters.put(a_keyword_filter())


def read(settings: PostgresSettings) -> None:
    with settings.read("ada") as reading:
        reading.keyword_filters.all()


def decide(settings: PostgresSettings) -> None:
    settings.feed_rules("ada")


EVERY_WAY_IN = pytest.mark.parametrize("ask", [edit, read, decide])


@EVERY_WAY_IN
def test_a_server_that_cannot_be_reached_is_unavailable(ask: Callable[[PostgresSettings], None]) -> None:
    settings = PostgresSettings(make_engine(NOBODY_LISTENS))

    with pytest.raises(StoreUnavailable):
        ask(settings)


@EVERY_WAY_IN
def test_a_server_whose_tables_are_locked_is_unavailable_for_as_long(
    engine: Engine, settings: PostgresSettings, ask: Callable[[PostgresSettings], None]
) -> None:
    with locked(engine, "keyword_filters"), pytest.raises(StoreUnavailable):
        ask(settings)

    ask(settings)


def test_a_connection_that_met_a_lock_again_and_again_is_as_good_as_new(
    clean_database: str, engine: Engine
) -> None:
    pooled = make_engine(clean_database, pool_size=1, prepare_threshold=2)
    settings = PostgresSettings(pooled)
    decide(settings)
    with locked(engine, "keyword_filters"):
        for _ in range(4):  # past the threshold, where the driver begins to prepare statements
            with pytest.raises(StoreUnavailable):
                decide(settings)

    decide(settings)
    pooled.dispose()


@EVERY_WAY_IN
def test_a_store_without_a_connection_to_spare_is_unavailable(
    clean_database: str, ask: Callable[[PostgresSettings], None]
) -> None:
    engine = make_engine(clean_database, pool_size=1)
    with engine.connect(), pytest.raises(StoreUnavailable):
        ask(PostgresSettings(engine))

    ask(PostgresSettings(engine))
    engine.dispose()


@EVERY_WAY_IN
def test_connections_that_a_restart_ended_are_replaced_unnoticed(
    clean_database: str, settings: PostgresSettings, ask: Callable[[PostgresSettings], None]
) -> None:
    ask(settings)
    restart(clean_database)

    ask(settings)


def test_an_edit_whose_connection_ends_half_way_is_not_kept(
    clean_database: str, settings: PostgresSettings
) -> None:
    def block_through_a_restart() -> None:
        with settings.edit("ada", felt_by=["troll"]) as editing:
            editing.blocks.put(a_block(target_id="troll"))
            restart(clean_database)

    with pytest.raises(StoreUnavailable):
        block_through_a_restart()

    assert settings.feed_rules("ada").blocks == {}
    assert settings.feed_rules("troll").blocked_by == {}


def test_a_server_that_became_a_standby_is_left_for_whoever_has_its_address_now(clean_database: str) -> None:
    engine = make_engine(clean_database, pool_size=2)
    settings = PostgresSettings(engine)
    with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):  # as those are that were made before the name led to the successor
            connection.execute(text("SET default_transaction_read_only = on"))
            connection.commit()

    with pytest.raises(StoreUnavailable):
        edit(settings)

    edit(settings)
    engine.dispose()


def test_a_statement_that_takes_too_long_is_cut_short(engine: Engine) -> None:
    with pytest.raises(StoreUnavailable), transaction(engine, SHORTLY) as connection:
        connection.execute(text("SELECT pg_sleep(30)"))


def test_a_transaction_that_dawdles_loses_its_connection(engine: Engine) -> None:
    with engine.connect() as other, pytest.raises(StoreUnavailable), transaction(engine, SHORTLY):
        other.execute(text("SELECT pg_sleep(0.5)"))


def test_feed_rules_that_take_too_long_are_cut_short(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_rules, "QUERY", "SELECT pg_sleep(30), %(user_id)s::text")

    with pytest.raises(StoreUnavailable):
        load_feed_rules(engine, "ada")


def test_time_limits_end_with_the_transaction_they_were_set_for(clean_database: str) -> None:
    engine = make_engine(clean_database, pool_size=1)
    with transaction(engine, FOR_DECISIONS):
        pass
    load_feed_rules(engine, "ada")

    with driver_connection(engine, FOR_DECISIONS) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("0",)
        assert connection.execute("SHOW lock_timeout").fetchone() == ("0",)
    engine.dispose()


def test_a_fault_of_ours_stays_a_fault(engine: Engine, settings: PostgresSettings) -> None:
    with pytest.raises(exc.ProgrammingError), transaction(engine, FOR_READING) as connection:
        connection.execute(text("SELECT no_such_column"))
    with pytest.raises(exc.DataError), transaction(engine, FOR_READING) as connection:
        connection.execute(text("SELECT 1 / 0"))
    with pytest.raises(exc.IntegrityError), settings.edit("ada", felt_by=["bob"]) as editing:
        editing.blocks.put(a_block(target_id="bob", note="x" * 201))


@pytest.mark.parametrize("odd", ["nul \0 inside", "half a pair \ud83d"])
def test_text_that_postgresql_cannot_keep_is_refused(settings: PostgresSettings, odd: str) -> None:
    with pytest.raises(InvalidValue), settings.edit("ada") as editing:
        editing.keyword_filters.put(a_keyword_filter(terms=(odd,)))
    with pytest.raises(InvalidValue), settings.edit(odd):
        pass
    with pytest.raises(InvalidValue), settings.read("ada") as reading:
        reading.keyword_filters.find(odd)
    with pytest.raises(InvalidValue):
        settings.feed_rules(odd)


@pytest.fixture
def proxied(clean_database: str) -> Iterator[tuple[FaultProxy, PostgresSettings]]:
    """A store behind a network that can be told to fail."""
    with FaultProxy.before(clean_database) as proxy:
        breaker = Breaker(failures=1)
        engine = make_engine(proxy.url(clean_database), breaker=breaker)
        yield proxy, PostgresSettings(engine, breaker)
        engine.dispose()


@EVERY_WAY_IN
def test_a_server_that_accepts_everything_and_says_nothing_is_unavailable(
    proxied: tuple[FaultProxy, PostgresSettings], ask: Callable[[PostgresSettings], None]
) -> None:
    proxy, settings = proxied
    ask(settings)

    proxy.hold()
    with pytest.raises(StoreUnavailable):
        ask(settings)
    proxy.heal()

    once_reached_again(settings, ask)


def once_reached_again(settings: PostgresSettings, ask: Callable[[PostgresSettings], None]) -> None:
    """Ask when the probe has found the server again, which is within a pause of the breaker or two."""
    eventually(lambda: not settings.is_doubtful)
    ask(settings)


def test_an_answer_that_comes_late_is_nobody_elses(proxied: tuple[FaultProxy, PostgresSettings]) -> None:
    proxy, settings = proxied
    with settings.edit("ada") as editing:
        editing.keyword_filters.put(a_keyword_filter())
    settings.feed_rules("bob")

    proxy.hold(replies_only=True)
    with pytest.raises(StoreUnavailable):
        settings.feed_rules("ada")
    proxy.heal()

    once_reached_again(settings, lambda again: assert_has_no_filters(again, "bob"))


def assert_has_no_filters(settings: PostgresSettings, user_id: str) -> None:
    assert settings.feed_rules(user_id).filters == ()


def test_requests_after_the_first_do_not_wait_for_a_silent_server(
    proxied: tuple[FaultProxy, PostgresSettings],
) -> None:
    proxy, settings = proxied
    settings.feed_rules("ada")
    proxy.hold()
    with pytest.raises(StoreUnavailable):
        settings.feed_rules("ada")

    assert settings.is_doubtful
    began = proxy.accepted
    for _ in range(20):
        with pytest.raises(StoreUnavailable):
            settings.feed_rules("ada")
    assert proxy.accepted - began <= 2, "each of them asked for itself"
    proxy.heal()


def test_a_server_that_may_lose_confirmed_changes_is_refused(clean_database: str) -> None:
    told = "fsync = off, full_page_writes = off, synchronous_commit = off"
    insisting = make_engine(clean_database, durable_only=True)

    with pytest.raises(NotDurableError, match=told):
        require_durable_at(clean_database)
    for ask in (edit, decide):  # as where nobody answers: what is cached decides, and the rest is tried again
        with pytest.raises(StoreUnavailable), capture_logs() as logged:
            ask(PostgresSettings(insisting))
        assert [each["event"] for each in logged] == ["postgres.not_durable"]
    assert not is_answering(insisting)
    insisting.dispose()


def test_a_server_that_keeps_what_it_confirms_is_accepted(
    clean_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.store.engine.MADE_DURABLE_BY", {"synchronous_commit": {"off"}})
    insisting = make_engine(clean_database, durable_only=True)

    require_durable_at(clean_database)
    edit(PostgresSettings(insisting))
    insisting.dispose()


def test_a_server_that_does_not_answer_keeps_nobody_from_starting() -> None:
    require_durable_at(NOBODY_LISTENS)


def test_readiness_asks_the_server(engine: Engine) -> None:
    assert is_answering(engine)
    assert not is_answering(make_engine(NOBODY_LISTENS))


@pytest.mark.parametrize("spelling", ["postgres", "postgresql", "postgresql+psycopg"])
def test_an_address_may_be_spelt_in_the_usual_ways(spelling: str) -> None:
    url = sqlalchemy_url(f"{spelling}://me:p%40ss@db:5433/settings?sslmode=require")

    assert url.drivername == "postgresql+psycopg"
    assert (url.password, url.port, url.query["sslmode"]) == ("p@ss", 5433, "require")
