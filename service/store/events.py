"""Events on their way into tallies: written in anybody's transaction, counted exactly once by deleting them.

There is no reading position. A row of the inbox is deleted, checked against the events counted before, and added
to the tallies by one statement: whoever dies in the middle has done nothing, and any number may work at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, delete, insert, select, text

from service.domain.events import Arrived, Event, counts_of
from service.domain.market_days import day_in
from service.domain.measures import COUNTED, CellKey, Measure
from service.domain.people import UserId
from service.domain.pseudonyms import Pseudonyms, epoch_of
from service.domain.segments import Dimension, read_dims
from service.store.engine import FOR_JOBS, Patience, transaction
from service.store.insight_tables import erased_people, event_inbox, events, tally_person
from service.store.pseudonyms import Epochs, destroy_before
from service.usecases.insight_ports import Counted, TakenMinute

FOR_COUNTING: Final = Patience(statement_ms=60_000, lock_ms=10_000, idle_ms=60_000)
BATCH: Final = 5_000
ERASED_AT_ONCE: Final = 500

COUNT: Final = text("""
WITH moved AS (
  DELETE FROM event_inbox WHERE id = ANY(ARRAY(
    SELECT id FROM event_inbox ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED))
  RETURNING *
), kept AS (
  INSERT INTO events (event_id, kind, at, day, market, person, facts)
  SELECT event_id, kind, at, day, market, person, facts FROM moved ORDER BY event_id
  ON CONFLICT (event_id) DO NOTHING
  RETURNING event_id
), fresh AS (
  SELECT DISTINCT ON (event_id) moved.* FROM moved JOIN kept USING (event_id) ORDER BY event_id, id
), counts AS (
  SELECT market, person, c FROM fresh, unnest(counts) AS c
), sums AS (
  SELECT market, string_to_array(c, '|') AS c, times FROM (
    SELECT market, c, count(*) AS times FROM counts WHERE starts_with(c, 'n') GROUP BY 1, 2
  ) AS written
), occurrences AS (
  SELECT c[2]::date AS day, market, c[3] AS measure, c[4] AS control, c[5] AS dims, c[6]::bigint * times AS n
  FROM sums
  UNION ALL
  SELECT received_day, market, 'events', '', '', 1 FROM fresh
  UNION ALL
  SELECT received_day, market, 'late_events', '', '', 1 FROM fresh
  JOIN insight_windows AS closed ON closed.grain = 'day' AND closed.first_day = fresh.day
), added AS (
  INSERT INTO tally AS standing (day, market, measure, control, dims, n)
  SELECT day, market, measure, control, dims, sum(n) FROM occurrences GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (day, market, measure, control, dims) DO UPDATE SET n = standing.n + excluded.n
), hours AS (
  INSERT INTO hourly_tally AS standing (hour, kind, control, platform, n)
  SELECT date_trunc('hour', at), CASE kind WHEN 'signal_sent' THEN 'signals' ELSE 'saves' END,
    facts ->> 'control', facts ->> 'platform', count(*)
  FROM fresh WHERE kind IN ('signal_sent', 'setting_saved') GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT (hour, kind, control, platform) DO UPDATE SET n = standing.n + excluded.n
), people AS (
  INSERT INTO tally_person (day, market, measure, control, dims, person)
  SELECT c[2]::date, market, c[3], c[4], c[5], person FROM (
    SELECT market, person, string_to_array(c, '|') AS c FROM (
      SELECT DISTINCT market, person, c FROM counts WHERE starts_with(c, 'p')
    ) AS written
  ) AS split ORDER BY 1, 2, 3, 4, 5, 6
  ON CONFLICT DO NOTHING
)
SELECT (SELECT count(*) FROM moved), (SELECT count(*) FROM kept)
""")
"""Rows are upserted in order, so that two who count at once wait for each other in turn rather than forever.
What an event counts in is put together as it is written, and taken apart afterwards: of tens of thousands that a batch
brings, a hundred are different."""


class PostgresEvents:
    """Where events are put and counted."""

    def __init__(self, engine: Engine, epochs: Epochs) -> None:
        self._engine = engine
        self._epochs = epochs

    def accept(self, arrived: Sequence[Arrived], now: datetime) -> None:
        """Keep events that were sent to us, all or none; a retry may send the same ones again."""
        rows = [
            row_of(UUID(each.event_id), each.event, self._epochs.at(each.event.at), now) for each in arrived
        ]
        with transaction(self._engine, FOR_COUNTING) as connection:
            connection.execute(insert(event_inbox), rows)

    def count_once(self, *, most: int = BATCH) -> Counted:
        """Count up to ``most`` events of the inbox; none twice, whoever else does the same."""
        with transaction(self._engine, FOR_COUNTING) as connection:
            return Counted(*connection.execute(COUNT, {"most": most}).one())

    def add(self, taken: TakenMinute) -> bool:
        """Add a minute's tallies; False, and nothing added, where they were added before."""
        with transaction(self._engine, FOR_COUNTING) as connection:
            return _add(connection, taken)

    def first_edit_after(self, user_id: UserId, revision: int, now: datetime) -> datetime | None:
        """Return when somebody's settings first went beyond a revision, as far as events tell."""
        key = {"person": self._epochs.at(now).person(user_id), "revision": revision}
        with transaction(self._engine, FOR_COUNTING) as connection:
            found: datetime | None = connection.execute(FIRST_EDIT, key).scalar_one()
        return found

    def is_on_panel(self, user_id: UserId, at: datetime) -> bool:
        """Tell whether somebody is measured in detail at a time."""
        return self._epochs.at(at).is_in_panel(user_id)

    def forget_before(self, day: date, *, most: int = BATCH) -> int:
        """Delete up to ``most`` rows about single people from before a day, of each table; tell how many."""
        with transaction(self._engine, FOR_COUNTING) as connection:
            return sum(
                connection.execute(text(statement), {"day": day, "most": most}).rowcount
                for statement in FORGET
            )

    def forget_erased(self, before: datetime, *, most: int = ERASED_AT_ONCE) -> int:
        """Delete every row about up to ``most`` people who were erased before a time; tell how many people.

        For all of them together: rows behind counts are kept in an order in which one person's lie far apart.
        """
        some = select(erased_people.c.person).where(erased_people.c.erased_at <= before).limit(most)
        with transaction(self._engine, FOR_JOBS) as connection:
            people = connection.execute(some.with_for_update(skip_locked=True)).scalars().all()
            for table in (event_inbox, events, tally_person, erased_people) if people else ():
                connection.execute(delete(table).where(table.c.person.in_(people)))
        return len(people)

    def destroy_secrets(self, before: datetime) -> int:
        """Destroy the secrets of epochs that ended before a time; tell how many. What is left is anonymous."""
        with transaction(self._engine, FOR_COUNTING) as connection:
            return destroy_before(connection, epoch_of(before))


def note_events(connection: Connection, noted: Iterable[Event], epochs: Epochs) -> None:
    """Put events into the inbox in the transaction of what they tell of: kept together or not at all."""
    rows = [row_of(uuid4(), event, epochs.at(event.at), event.at) for event in noted]
    if rows:
        connection.execute(insert(event_inbox), rows)


def row_of(event_id: UUID, event: Event, pseudonyms: Pseudonyms, now: datetime) -> dict[str, object]:
    """Return an event as a row, with keyed hashes in place of every id."""
    return {
        "event_id": event_id,
        "kind": event.kind.value,
        "at": event.at,
        "day": day_in(event.market, event.at),
        "received_day": day_in(event.market, now),
        "market": event.market,
        "person": pseudonyms.person(event.user_id),
        "counts": [
            f"{'p' if COUNTED[cell.measure].people else 'n'}|{cell.day}|{cell.measure}|{cell.control}|{cell.dims}|{n}"
            for cell, n in ((count.cell, count.n) for count in counts_of(event))
        ],
        "facts": _facts(event, pseudonyms),
    }


def _facts(event: Event, pseudonyms: Pseudonyms) -> dict[str, object]:
    keyed = {"item": event.item_id, "author": event.author_id, "request": event.request_id}
    facts: dict[str, object] = {
        name: pseudonyms.entity(name, value) for name, value in keyed.items() if value is not None
    }
    if event.hashtags:
        facts["hashtags"] = [pseudonyms.entity("hashtag", each) for each in event.hashtags]
    if event.look:
        facts |= {"shown": event.look.shown, "hidden": event.look.hidden, "language": event.segment.language}
    plain = {
        "control": event.control,
        "surface": event.surface,
        "because": event.because,
        "position": event.position,
        "revision": event.revision,
        "platform": event.segment.platform,
    }
    return facts | {name: value for name, value in plain.items() if value is not None}


def _add(connection: Connection, taken: TakenMinute) -> bool:
    first = connection.execute(
        text("INSERT INTO tallies_taken (id) VALUES (:id) ON CONFLICT DO NOTHING"), {"id": taken.id}
    )
    if not first.rowcount:
        return False
    ordered = sorted(taken.counts, key=lambda count: (count.cell, count.person or b""))
    occurrences = [_cell_row(each.cell) | {"n": each.n} for each in ordered if each.person is None]
    people = [_cell_row(each.cell) | {"person": each.person} for each in ordered if each.person is not None]
    hours = [_hour_row(taken.id, row) for row in occurrences if row["measure"] == Measure.PREVENTED]
    if occurrences:
        connection.execute(ADD, _columns(occurrences))
    if people:
        connection.execute(ADD_PEOPLE, _columns(people))
    if watched := [row for row in hours if row]:
        connection.execute(ADD_HOUR, watched)
    return True


def _cell_row(cell: CellKey) -> dict[str, object]:
    return {
        "day": cell.day,
        "market": cell.market,
        "measure": cell.measure.value,
        "control": cell.control,
        "dims": cell.dims,
    }


def _hour_row(minute: str, row: dict[str, object]) -> dict[str, object] | None:
    """Return what a minute adds to its hour's matches, on one platform."""
    dims = dict(read_dims(str(row["dims"])))
    if Dimension.PLATFORM not in dims:
        return None
    hour = datetime.strptime(minute[:10], "%Y%m%d%H").replace(tzinfo=UTC)
    return {"hour": hour, "control": row["control"], "platform": dims[Dimension.PLATFORM], "n": row["n"]}


def _columns(rows: Sequence[Mapping[str, object]]) -> dict[str, list[object]]:
    """Turn rows into columns: one statement takes them all, whatever their number."""
    return {name: [row[name] for row in rows] for name in rows[0]}


ADD: Final = text("""
INSERT INTO tally AS standing (day, market, measure, control, dims, n)
SELECT * FROM unnest(CAST(:day AS date[]), CAST(:market AS text[]), CAST(:measure AS text[]),
  CAST(:control AS text[]), CAST(:dims AS text[]), CAST(:n AS bigint[]))
ON CONFLICT (day, market, measure, control, dims) DO UPDATE SET n = standing.n + excluded.n
""")

ADD_PEOPLE: Final = text("""
INSERT INTO tally_person (day, market, measure, control, dims, person)
SELECT * FROM unnest(CAST(:day AS date[]), CAST(:market AS text[]), CAST(:measure AS text[]),
  CAST(:control AS text[]), CAST(:dims AS text[]), CAST(:person AS bytea[]))
ON CONFLICT DO NOTHING
""")

ADD_HOUR: Final = text("""
INSERT INTO hourly_tally AS standing (hour, kind, control, platform, n)
VALUES (:hour, 'matches', :control, :platform, :n)
ON CONFLICT (hour, kind, control, platform) DO UPDATE SET n = standing.n + excluded.n
""")

FIRST_EDIT: Final = text("""
SELECT min(at) FROM (
  SELECT at, facts FROM event_inbox WHERE person = :person AND kind <> 'decided'
  UNION ALL
  SELECT at, facts FROM events WHERE person = :person AND kind <> 'decided'
) AS edits WHERE (facts ->> 'revision')::bigint > :revision
""")

FORGET: Final = tuple(
    f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {expired} LIMIT :most))"  # noqa: S608
    for table, expired in (
        ("events", "day < :day"),
        ("tally_person", "day < :day"),
        ("tallies_taken", "taken_at < :day"),
        ("hourly_tally", "hour < :day"),
    )
)
