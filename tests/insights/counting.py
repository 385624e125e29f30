"""What tests of figures do again and again: let things happen, count them, close days, read cells."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID, uuid5

from sqlalchemy import Engine, text

from service.domain.events import Arrived, Event
from service.domain.insight_definitions import METRICS
from service.domain.insights import Cell
from service.domain.market_days import Window, closes_at
from service.domain.segments import Dimension, Segment
from service.store.closing import PostgresClosing
from service.store.events import PostgresEvents
from service.store.insights import PostgresInsights
from service.store.pseudonyms import Epochs
from service.store.settings import PostgresSettings
from service.usecases.close_days import close_days
from service.usecases.ports import Parts
from tests.fakes.allowances import FakeAllowances
from tests.fakes.comments import FakeComments
from tests.fakes.rules import FakeRules
from tests.fakes.settings import FakeSettings

MONDAY = date(2026, 11, 2)
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
NAMES = UUID(int=0)


def event_id(name: object) -> str:
    """Return an id that is the same for the same name."""
    return str(uuid5(NAMES, str(name)))


class Counting:
    """Everything that counts, around one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.epochs = Epochs(engine)
        self.events = PostgresEvents(engine, self.epochs)
        self.closing = PostgresClosing(engine)
        self.insights = PostgresInsights(engine)
        self.settings = PostgresSettings(engine)

    def parts(self, *, now: datetime = NOON, segment: Segment | None = None) -> Parts:
        """Return what stories need, at a time that stands still."""
        numbers = count(1)
        return Parts(
            self.settings,
            FakeRules(),
            FakeComments(FakeSettings()),
            allowances=FakeAllowances(),
            now=lambda: now,
            new_id=lambda prefix: f"{prefix}_{next(numbers)}",
            segment=segment or Segment(market="DE", language="de", platform="ios", age_band="adult"),
        )

    def accept(self, events: Sequence[Event], *, names: Sequence[object] | None = None) -> None:
        """Send events, with ids made of their names."""
        ids = [event_id(name) for name in (names or range(len(events)))]
        arrived = [Arrived(each, event) for each, event in zip(ids, events, strict=True)]
        self.events.accept(arrived, NOON)

    def count_all(self) -> int:
        """Count until the inbox is empty; return how many events counted."""
        counted = 0
        while (progress := self.events.count_once()).taken:
            counted += progress.counted
        return counted

    def close(self, day: date = MONDAY, *, grain_days: int = 1) -> int:
        """Close what is over once a day's successor is."""
        window = Window(day, day + timedelta(days=grain_days - 1))
        return close_days(self.closing, closes_at(window))

    def cells(
        self, metric: str, *, by: Dimension | None = None, first: date = MONDAY, days: int = 7
    ) -> list[Cell]:
        """Read closed cells."""
        window = Window(first, first + timedelta(days=days - 1))
        return list(self.insights.cells(METRICS[metric], window, by=by))

    def snapshot(self) -> list[tuple[object, ...]]:
        """Return all tallies and cells but for the times at which they were made, in a fixed order."""
        queries = (
            "SELECT day, market, measure, control, dims, n FROM tally",
            "SELECT day, market, measure, control, dims, encode(person, 'hex') FROM tally_person",
            "SELECT metric, first_day, control, dims, restated::text, to_jsonb(c) - 'closed_at' FROM insight_cells c",
        )
        with self.engine.connect() as connection:
            return [
                tuple(row)
                for query in queries
                for row in connection.execute(text(f"{query} ORDER BY 1,2,3,4,5,6"))
            ]
