"""The outbox: whatever is committed is delivered, whoever dies on the way.

Of ``OUTBOX_TRANSACTIONS`` (20,000) that sixteen writers make, every twentieth is an edit of the store; the others run
within PostgreSQL, where they cost little, and leave the same rows.
"""

import math
import os
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Event, Thread

import psycopg
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Engine, func, select, update

from service.domain.consistency import Change, Head, Version
from service.store.engine import FOR_EDITS, make_engine, transaction
from service.store.outbox import CHANNEL, NotDeliveredError, announce, measure_backlog, relay, relay_once
from service.store.settings import PostgresSettings
from service.store.tables import outbox, user_state
from tests.builders import a_block
from tests.servers import end_connections
from tests.waiting import LONGEST_SECONDS, eventually

WRITERS = 16
TRANSACTIONS = int(os.environ.get("OUTBOX_TRANSACTIONS", "20000"))
DEATHS = int(os.environ.get("OUTBOX_DEATHS", "50"))
PEOPLE = 200
BETWEEN_EDITS = 19

MANY_TRANSACTIONS = f"""
    DO $$
    DECLARE
        one int;
        other int;
    BEGIN
        FOR done IN 1 .. {{times}} LOOP
            one := random() * {PEOPLE - 1};
            other := (one + 1 + (random() * {PEOPLE - 2})::int) % {PEOPLE};
            WITH advanced AS (
                INSERT INTO user_state (user_id, revision, version)
                SELECT each::text, (each = one)::int, 1 FROM unnest(ARRAY[one, other]) AS each ORDER BY each::text
                ON CONFLICT (user_id) DO UPDATE
                SET revision = user_state.revision + excluded.revision, version = user_state.version + 1
                RETURNING user_id, epoch, version
            )
            INSERT INTO outbox (user_id, epoch, version) SELECT user_id, epoch, version FROM advanced;
            PERFORM pg_notify('{CHANNEL}', '');
            IF random() < 0.1 THEN
                ROLLBACK;
            ELSE
                COMMIT;
            END IF;
        END LOOP;
    END $$
"""
"""What ``advance`` and ``announce`` do, again and again, and undone every tenth time."""


class RolledBack(Exception):  # noqa: N818
    """A writer changes its mind."""


def waiting_in(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(outbox)).scalar_one()


def backlog_told() -> tuple[float, float]:
    """Return how many rows the metrics page speaks of, and how old the oldest is."""
    rows, seconds = (REGISTRY.get_sample_value(name) for name in ("outbox_rows", "outbox_oldest_seconds"))
    assert rows is not None
    assert seconds is not None
    return rows, seconds


@contextmanager
def relaying(engine: Engine, deliver: Callable[[Sequence[Change]], None]) -> Iterator[None]:
    stop = Event()
    thread = Thread(target=relay, args=(engine, deliver, stop), kwargs={"limit": 100, "pause_seconds": 0.05})
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(LONGEST_SECONDS)
        assert not thread.is_alive()


@pytest.fixture
def relay_engine(clean_database: str) -> Iterator[Engine]:
    """Connections that can be told from the writers' and ended."""
    engine = make_engine(f"{clean_database}?application_name=relay", pool_size=2)
    yield engine
    engine.dispose()


# One by one


def test_an_edit_puts_everybody_it_affects_into_the_outbox(
    engine: Engine, settings: PostgresSettings
) -> None:
    with settings.edit("ada", felt_by=["troll"]) as editing:
        editing.blocks.put(a_block(target_id="troll"))
    delivered: list[Change] = []

    assert relay_once(engine, delivered.extend) == 2
    assert delivered == [Change(head.user_id, head.version) for head in editing.affected]


def test_an_edit_that_is_not_kept_puts_nobody_into_the_outbox(
    engine: Engine, settings: PostgresSettings
) -> None:
    with settings.edit("ada") as editing:
        editing.discard()
    with pytest.raises(RolledBack), settings.edit("ada"):
        raise RolledBack

    assert waiting_in(engine) == 0


def test_changes_are_delivered_once_and_oldest_first(engine: Engine, settings: PostgresSettings) -> None:
    for _ in range(5):
        with settings.edit("ada"):
            pass
    batches: list[list[int]] = []

    def deliver(changes: Sequence[Change]) -> None:
        batches.append([change.version.number for change in changes])

    assert [relay_once(engine, deliver, limit=3) for _ in range(3)] == [3, 2, 0]
    assert batches == [[1, 2, 3], [4, 5]]


def test_the_metrics_say_how_much_waits_and_for_how_long(engine: Engine, settings: PostgresSettings) -> None:
    with settings.edit("ada", felt_by=["troll"]):
        pass
    age_all = update(outbox).values(created_at=func.clock_timestamp() - timedelta(seconds=90))
    with engine.begin() as connection:
        connection.execute(age_all)

    measure_backlog(engine)
    behind = backlog_told()
    relay_once(engine, lambda _: None)
    measure_backlog(engine)

    assert (behind[0], 90 <= behind[1] < 90 + LONGEST_SECONDS) == (2, True)
    assert backlog_told() == (0, 0)


def test_a_backlog_that_cannot_be_asked_for_is_no_number() -> None:
    measure_backlog(make_engine("postgresql://nobody@127.0.0.1:1/nothing"))

    assert all(math.isnan(told) for told in backlog_told())


def test_what_could_not_be_delivered_stays_in_the_outbox(engine: Engine, settings: PostgresSettings) -> None:
    with settings.edit("ada"):
        pass

    def fail(changes: Sequence[Change]) -> None:
        raise NotDeliveredError

    with pytest.raises(NotDeliveredError):
        relay_once(engine, fail)

    assert waiting_in(engine) == 1


def test_two_relays_share_the_outbox_without_waiting_for_each_other(
    engine: Engine, settings: PostgresSettings
) -> None:
    for user_id in ("ada", "bob"):
        with settings.edit(user_id):
            pass
    delivered: list[str] = []

    def deliver_while_another_relay_works(changes: Sequence[Change]) -> None:
        delivered.extend(change.user_id for change in changes)
        relay_once(engine, lambda others: delivered.extend(other.user_id for other in others))

    relay_once(engine, deliver_while_another_relay_works, limit=1)

    assert delivered == ["ada", "bob"]


# Day and night


def test_a_relay_delivers_what_waited_for_it_and_what_comes(
    relay_engine: Engine, settings: PostgresSettings
) -> None:
    delivered: list[Change] = []
    with settings.edit("ada"):
        pass
    with relaying(relay_engine, delivered.extend):
        eventually(lambda: len(delivered) == 1)
        with settings.edit("bob"):
            pass
        eventually(lambda: len(delivered) == 2)

    assert [change.user_id for change in delivered] == ["ada", "bob"]


def test_a_relay_tries_again_when_the_other_side_was_away(
    relay_engine: Engine, settings: PostgresSettings
) -> None:
    attempts: list[Sequence[Change]] = []

    def deliver(changes: Sequence[Change]) -> None:
        attempts.append(changes)
        if len(attempts) == 1:
            raise NotDeliveredError

    with settings.edit("ada"):
        pass
    with relaying(relay_engine, deliver):
        eventually(lambda: waiting_in(relay_engine) == 0)

    assert len(attempts) == 2
    assert attempts[0] == attempts[1]


def test_a_fault_of_the_other_side_is_not_swallowed(engine: Engine, settings: PostgresSettings) -> None:
    with settings.edit("ada"):
        pass

    def fail(changes: Sequence[Change]) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        relay(engine, fail, Event())


# Under fire


def end_relay(database_url: str) -> None:
    """End both of the relay's connections on the server's side, the listening one and the working one."""
    end_connections(database_url, "application_name = 'relay'")


def change_mind_sometimes(dice: random.Random) -> None:
    if dice.random() < 0.1:
        raise RolledBack


def edit_sometimes(settings: PostgresSettings, dice: random.Random) -> list[Head]:
    """Edit as somebody whom somebody else feels, and roll back every tenth time; return what was kept."""
    user_id, felt_by = (str(each) for each in dice.sample(range(PEOPLE), 2))
    with suppress(RolledBack), settings.edit(user_id, felt_by=[felt_by]) as editing:
        change_mind_sometimes(dice)
        return list(editing.affected)
    return []


def write(settings: PostgresSettings, database_url: str, writer: int) -> list[Head]:
    """Make a writer's share of all transactions; return what its edits moved."""
    dice, many = random.Random(writer), MANY_TRANSACTIONS.format(times=BETWEEN_EDITS)
    kept: list[Head] = []
    with psycopg.connect(database_url, autocommit=True) as connection:
        for _ in range(0, TRANSACTIONS, WRITERS * (BETWEEN_EDITS + 1)):
            kept += edit_sometimes(settings, dice)
            connection.execute(many)
    return kept


def everything_kept(engine: Engine) -> set[Change]:
    """Return every change since the beginning, as counters tell that move by one with each."""
    with engine.connect() as connection:
        stands = connection.execute(select(user_state)).all()
    return {
        Change(row.user_id, Version(row.epoch, number))
        for row in stands
        for number in range(1, row.version + 1)
    }


def test_nothing_is_lost_while_relays_die_again_and_again(
    clean_database: str, settings: PostgresSettings, engine: Engine, relay_engine: Engine
) -> None:
    delivered: set[Change] = set()
    deaths: list[str] = []

    def deliver_or_die(changes: Sequence[Change]) -> None:
        if len(deaths) < DEATHS and len(deaths) % 2:
            deaths.append("before it delivers")
            raise NotDeliveredError
        delivered.update(changes)
        if len(deaths) < DEATHS:
            deaths.append("after it delivered, with the rows in its hands")
            end_relay(clean_database)

    with relaying(relay_engine, deliver_or_die), ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, settings, clean_database, number) for number in range(WRITERS)]
        edited = {Change(head.user_id, head.version) for each in writers for head in each.result()}
        eventually(lambda: waiting_in(relay_engine) == 0)

    kept = everything_kept(engine)
    assert len(deaths) == DEATHS
    assert len(kept) > 1.5 * TRANSACTIONS
    assert edited
    assert edited <= kept
    assert (len(kept - delivered), len(delivered - kept)) == (0, 0)


def test_what_was_lost_on_the_way_would_be_noticed(engine: Engine, settings: PostgresSettings) -> None:
    for user_id in ("ada", "bob", "ada"):
        with settings.edit(user_id):
            pass
    delivered: set[Change] = set()

    def lose_the_first(changes: Sequence[Change]) -> None:
        delivered.update(changes[1:])

    relay_once(engine, lose_the_first)

    assert {(each.user_id, each.version.number) for each in everything_kept(engine) - delivered} == {
        ("ada", 1)
    }


def test_reading_on_from_the_last_id_would_lose_what_commits_late(engine: Engine) -> None:
    """The way that suggests itself, and why it is not the way here."""
    slow, quick = (Head(name, 1, Version(1, 1)) for name in ("slow", "quick"))
    read: list[str] = []

    def read_on(last: int) -> int:
        with engine.connect() as connection:
            found = connection.execute(select(outbox).where(outbox.c.id > last).order_by(outbox.c.id)).all()
        read.extend(row.user_id for row in found)
        return max(last, *(int(row.id) for row in found)) if found else last

    with transaction(engine, FOR_EDITS) as late:
        announce(late, [slow])
        with transaction(engine, FOR_EDITS) as early:
            announce(early, [quick])
        last = read_on(0)
    read_on(last)

    assert read == ["quick"]
