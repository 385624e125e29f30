"""Counting and closing a day: python -m load_tests.closing [--events N] [--people N], on a PostgreSQL of its own.

Fills the inbox with a day's events of many kinds and the tallies with a day's visitors, then runs the jobs as they
run in production, in this process, and says how long each took and how much memory it held.
"""

import argparse
import json
import resource
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, text

from service.domain.events import Event, EventKind, PanelLook
from service.domain.feed import ReasonCode
from service.domain.market_days import Window, closes_at
from service.domain.measures import Measure
from service.domain.occurrences import Occurrence, cells_counting, place_of
from service.domain.segments import Cause, Control, Segment
from service.local.accounts import server_room
from service.local.postgres import EmbeddedPostgres
from service.local.state import PROJECT
from service.store.closing import PostgresClosing
from service.store.engine import Patience, make_engine, transaction
from service.store.events import PostgresEvents, row_of
from service.store.migrating import migrate
from service.store.pseudonyms import Epochs
from service.usecases.close_days import close_days
from service.usecases.roll_up import roll_up

DAY = date(2026, 11, 2)
ENDLESS = Patience(statement_ms=3_600_000, lock_ms=10_000, idle_ms=60_000)
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
SEGMENTS = [
    Segment(market, language, platform, "adult", tenure)
    for market, language in (("JP", "ja"), ("BR", "pt"), ("IN", "hi"), ("DE", "de"), ("US", "en"))
    for platform in ("ios", "android")
    for tenure in ("8-90d", "90d+")
]


def main(arguments: Sequence[str]) -> int:
    """Measure once and print a table."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.closing", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=1_000_000, help="who asked for a feed that day")
    wanted = parser.parse_args(arguments)
    with a_database() as url:
        engine = make_engine(url)
        fill(engine, wanted.events, wanted.people)
        print("| step | seconds | peak memory of the job |\n|---|---|---|")
        counted = timed("count the events", lambda: roll_up(PostgresEvents(engine, Epochs(engine))))
        closed = timed(
            "close the day", lambda: close_days(PostgresClosing(engine), closes_at(Window(DAY, DAY)))
        )
        print(f"{counted:,} events counted, {closed} windows closed")
        engine.dispose()
    return 0


def timed(what: str, work: Callable[[], int]) -> int:
    """Do something and print how long it took."""
    began = time.perf_counter()
    done = work()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| {what} | {time.perf_counter() - began:.1f} | {memory:.0f} MiB |", flush=True)
    return done


@contextmanager
def a_database() -> Iterator[str]:
    """Run a PostgreSQL with everything in it but rows, and remove every trace of it."""
    folder = Path(tempfile.mkdtemp(prefix="closing-", dir=server_room(PROJECT)))
    folder.chmod(0o711)
    server = EmbeddedPostgres(
        folder, password=secrets.token_hex(16), log=folder / "postgres.log", throw_away=folder
    )
    try:
        server.start()
        server.create_database("closing")
        migrate(server.url("closing"))
        yield server.url("closing")
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def some_events() -> Iterator[Event]:
    """Yield one event of every kind and segment, the frequent kinds more often."""
    for segment in SEGMENTS:
        for _ in range(5):
            yield Event(EventKind.SHOWING_REPORTED, NOON, "x", segment, surface="for_you", showings=20)
        look = PanelLook(20, ((Control.BLOCK, 1),), ((Control.MUTE, Cause.STALE_RULES, 1),))
        for _ in range(2):
            yield Event(EventKind.DECIDED, NOON, "x", segment, surface="for_you", revision=3, look=look)
        yield Event(
            EventKind.SIGNAL_SENT,
            NOON,
            "x",
            segment,
            Control.NOT_INTERESTED,
            "for_you",
            ("author",),
            revision=3,
        )
        yield Event(
            EventKind.SETTING_SAVED, NOON, "x", segment, Control.KEYWORD_FILTER, begins=True, revision=4
        )
        yield Event(
            EventKind.REVEALED, NOON, "x", segment, surface="for_you", because=ReasonCode.KEYWORD_FILTER
        )


def fill(engine: Engine, events: int, people: int) -> None:
    """Put events of as many people as there are events / 3 into the inbox, and visitors into the tallies."""
    pseudonyms = Epochs(engine).at(NOON)
    rows = [row_of(uuid4(), event, pseudonyms, NOON) for event in some_events()]
    with transaction(engine, ENDLESS) as connection:
        connection.execute(text("CREATE TEMPORARY TABLE kinds AS SELECT * FROM event_inbox"))
        for number, row in enumerate(rows):
            connection.execute(text(KIND), {**row, "id": number, "facts": json.dumps(row["facts"])})
        connection.execute(text(FILL), {"events": events, "kinds": len(rows)})
        connection.execute(text("ALTER TABLE tally_person DROP CONSTRAINT tally_person_pkey"))
        for number, segment in enumerate(SEGMENTS):
            occurrence = Occurrence(Measure.ACTIVE, place_of(DAY, segment, "for_you"))
            for cell in cells_counting(occurrence):
                connection.execute(
                    text(VISITORS),
                    {
                        "day": cell.day,
                        "market": cell.market,
                        "measure": cell.measure.value,
                        "dims": cell.dims,
                        "first": number * people // len(SEGMENTS),
                        "last": (number + 1) * people // len(SEGMENTS) - 1,
                    },
                )
        connection.execute(text(KEY))
    with transaction(engine, ENDLESS) as connection:
        connection.execute(text("ANALYZE"))


KIND = """
INSERT INTO kinds (id, event_id, kind, at, day, received_day, market, person, counts, facts)
VALUES (:id, :event_id, :kind, :at, :day, :received_day, :market, :person, :counts, CAST(:facts AS jsonb))
"""
FILL = """
INSERT INTO event_inbox (event_id, kind, at, day, received_day, market, person, counts, facts)
SELECT gen_random_uuid(), kind, at, day, received_day, market, decode(md5((n / 3)::text), 'hex'), counts, facts
FROM generate_series(0, CAST(:events AS bigint) - 1) AS n JOIN kinds ON kinds.id = n % CAST(:kinds AS bigint) ORDER BY n
"""
VISITORS = """
INSERT INTO tally_person (day, market, measure, control, dims, person)
SELECT CAST(:day AS date), CAST(:market AS text), CAST(:measure AS text), '', CAST(:dims AS text),
  decode(md5(n::text), 'hex') FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n
"""
KEY = "ALTER TABLE tally_person ADD PRIMARY KEY (day, market, measure, control, dims, person)"

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
