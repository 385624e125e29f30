"""Killed anywhere, takers and closers have done all of their work or nothing: cells end up the same, bit for bit."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, exc, insert, select, text

from service.domain.market_days import Window, closes_at
from service.domain.measures import CellKey, Measure
from service.local.accounts import server_room
from service.local.postgres import EmbeddedPostgres
from service.store.engine import make_engine
from service.store.insight_tables import insight_epochs
from service.store.migrating import migrate
from service.usecases.close_days import close_days
from service.usecases.insight_ports import TakenCount, TakenMinute
from service.usecases.ports import StoreUnavailable
from tests.insights.counting import MONDAY, Counting
from tests.insights.test_exactly_once import EVENTS, counted, empty
from tests.servers import PROJECT
from tests.waiting import eventually

NEVER = 10**9
MINUTE = TakenMinute(
    "202611021200:aa",
    tuple(
        TakenCount(CellKey(MONDAY, "DE", measure, "", dims), 60, person)
        for measure, person in ((Measure.WOULD_BE, None), (Measure.SHOWN, None))
        for dims in ("", "surface=for_you")
    )
    + tuple(
        TakenCount(CellKey(MONDAY, "DE", Measure.ACTIVE, "", ""), 1, number.to_bytes(16))
        for number in range(60)
    ),
)


class Assassin:
    """Ends a back-end of PostgreSQL before a given statement of those it runs, commits included."""

    def __init__(self, victims: Engine, killing: Callable[[int], None]) -> None:
        self._killing = killing
        self.before = NEVER
        self.seen = 0
        event.listen(victims, "before_cursor_execute", self._statement)
        event.listen(victims, "commit", self._commit)

    def attack(self, before: int, work: Callable[[], object]) -> bool:
        """Do some work, ending its back-end before a statement; tell whether it came to that."""
        self.before, self.seen = before, 0
        with suppress(StoreUnavailable):
            work()
        return self.seen > before

    def _statement(self, connection: Connection, *_: Any) -> None:
        self._count(connection)

    def _commit(self, connection: Connection) -> None:
        self._count(connection)

    def _count(self, connection: Connection) -> None:
        if self.seen == self.before:
            driver: Any = connection.connection.driver_connection
            self._killing(driver.info.backend_pid)
        self.seen += 1


@pytest.fixture
def victims(clean_database: str) -> Iterator[Engine]:
    """Connections of their own for whoever is killed."""
    engine = make_engine(clean_database)
    yield engine
    engine.dispose()


def ended_by(engine: Engine) -> Callable[[int], None]:
    """Return how to end a back-end, and to wait until it is gone."""

    def end(pid: int) -> None:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})

    return end


def rows(counting: Counting, *tables: str) -> int:
    with counting.engine.connect() as connection:
        return sum(
            int(connection.execute(text(f"SELECT count(*) FROM {each}")).scalar_one()) for each in tables
        )


def everything_closed(counting: Counting) -> int:
    return rows(counting, "insight_cells", "insight_windows", "insight_withheld")


def close(counting: Counting) -> int:
    return close_days(counting.closing, closes_at(Window(MONDAY, MONDAY)))


def plain(counting: Counting) -> list[tuple[object, ...]]:
    """Return what comes of it all where nobody is killed."""
    counted(counting, range(len(EVENTS)))
    empty(counting)
    counting.accept(EVENTS)
    counting.count_all()
    counting.events.add(MINUTE)
    close(counting)
    expected = counting.snapshot()
    empty(counting)
    with counting.engine.begin() as connection:
        connection.execute(text("DELETE FROM tallies_taken"))
    return expected


def attacked_everywhere(assassin: Assassin, work: Callable[[], object], check: Callable[[], None]) -> int:
    """Kill before the first statement, then before the second, until it gets through; return how often."""
    at = 0
    while assassin.attack(at, work):
        check()
        at += 1
    return at


def test_a_taker_that_is_killed_before_any_of_its_statements_has_done_nothing(
    counting: Counting, victims: Engine
) -> None:
    expected = plain(counting)
    assassin, victim = Assassin(victims, ended_by(counting.engine)), Counting(victims)
    counting.accept(EVENTS)

    def check() -> None:
        assert rows(counting, "tally", "tally_person", "events", "hourly_tally", "tallies_taken") == 0

    assert attacked_everywhere(assassin, lambda: victim.events.count_once(most=10_000), check) >= 2
    assert rows(counting, "event_inbox") == 0
    before = rows(counting, "tally", "tally_person")
    killed = attacked_everywhere(
        assassin,
        lambda: victim.events.add(MINUTE),
        lambda: None if rows(counting, "tally", "tally_person") == before else pytest.fail("half a minute"),
    )
    close(counting)

    assert killed >= 4
    assert counting.snapshot() == expected


def counted_with(counting: Counting, victims: Engine) -> tuple[Assassin, Counting]:
    """Count everything, and return who closes the day, and who kills them at it."""
    counting.accept(EVENTS)
    counting.count_all()
    counting.events.add(MINUTE)
    return Assassin(victims, ended_by(counting.engine)), Counting(victims)


def test_a_closer_that_is_killed_leaves_the_day_open_and_the_next_closes_it_the_same(
    counting: Counting, victims: Engine
) -> None:
    expected = plain(counting)

    assassin, victim = counted_with(counting, victims)
    left, at = [], 0
    while assassin.attack(at, lambda: close(victim)):
        left.append(everything_closed(counting))
        at += 1 if at < 8 else 13

    assert left.count(0) > 12
    assert set(left) <= {0, everything_closed(counting)}
    assert counting.snapshot() == expected


def test_closing_without_a_transaction_would_be_found_half_done(counting: Counting, victims: Engine) -> None:
    expected = plain(counting)
    careless = victims.execution_options(isolation_level="AUTOCOMMIT")
    assassin, victim = counted_with(counting, careless)

    assert assassin.attack(60, lambda: close(victim))
    close(counting)

    assert counting.snapshot() != expected


# Killed as processes are: kill -9

KILLED_AT = """
import os, signal, sys
from sqlalchemy import Engine, event

seen = 0

def strike(connection, cursor, statement, *rest):
    global seen
    seen += sys.argv[2] in statement
    if seen == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "after_cursor_execute", strike)
from service.cli import main
main([sys.argv[1]])
"""


@pytest.mark.parametrize(
    ("job", "statement", "time"),
    [("roll-up", "WITH moved", 1), ("close-days", "INSERT INTO insight_cells", 9)],
)
def test_a_job_that_is_killed_with_nine_is_done_by_the_next(
    counting: Counting, clean_database: str, clean_redis: str, job: str, statement: str, time: int
) -> None:
    expected = plain(counting)
    counting.accept(EVENTS)
    counting.events.add(MINUTE)
    environment = {
        **os.environ,
        "DATABASE_URL": clean_database,
        "REDIS_URL": clean_redis,
        "AUTH_JWKS": "keys.json",
        "AUTH_ISSUER": "https://id.example",
        "AUTH_AUDIENCE": "safety-controls",
        "CONSISTENCY_KEY": "01" * 32,
    }

    ended = subprocess.run(
        [sys.executable, "-c", KILLED_AT, job, statement, str(time)],
        cwd=PROJECT,
        env=environment,
        check=False,
        capture_output=True,
    )
    left = rows(counting, "insight_cells")
    counting.count_all()
    close(counting)

    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert left == 0
    assert counting.snapshot() == expected


@pytest.fixture
def own_server() -> Iterator[str]:
    """A PostgreSQL that nobody else uses, so that its back-ends may be killed; its database is migrated."""
    folder = Path(tempfile.mkdtemp(prefix="killed-", dir=server_room(PROJECT)))
    folder.chmod(0o711)
    server = EmbeddedPostgres(
        folder, password=secrets.token_hex(16), log=folder / "postgres.log", throw_away=folder
    )
    try:
        server.start()
        migrate(server.url())
        yield server.url()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def kill_nine(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def done_in_the_end(work: Callable[[], object]) -> None:
    """Begin anew as often as the server, which ends every back-end after one was killed, is on the way back."""

    def is_done() -> bool:
        with suppress(StoreUnavailable, exc.OperationalError):
            work()
            return True
        return False

    eventually(is_done)


def with_the_secrets_of(counting: Counting, url: str) -> Counting:
    """Count in another database under the same pseudonyms, so that everything can be compared."""
    other = Counting(make_engine(url))
    with counting.engine.connect() as source, other.engine.begin() as target:
        target.execute(
            insert(insight_epochs), [dict(row) for row in source.execute(select(insight_epochs)).mappings()]
        )
    return other


def test_back_ends_that_are_killed_with_nine_lose_and_double_nothing(
    counting: Counting, own_server: str
) -> None:
    expected = plain(counting)
    killed = with_the_secrets_of(counting, own_server)
    assassin = Assassin(killed.engine, kill_nine)
    killed.accept(EVENTS)
    killed.events.add(MINUTE)

    for work, statement in ((killed.count_all, 1), (lambda: close(killed), 40)):
        assert assassin.attack(statement, work)
        assassin.before = NEVER
        done_in_the_end(work)
    found = killed.snapshot()
    killed.engine.dispose()

    assert found == expected
