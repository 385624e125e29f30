"""Where windows are closed, on PostgreSQL: one transaction a window, won by whoever marks it first."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, Engine, func, select, text, union_all

from service.domain.closing import Sums, measures_for, sums_of
from service.domain.market_days import Grain, Window
from service.domain.measures import Measure
from service.store.engine import FOR_JOBS, transaction
from service.store.events import FOR_COUNTING
from service.store.insight_tables import event_inbox, events, insight_windows, tally, tally_person
from service.store.insights import keep_table, mark_closed, mark_restated, tallied
from service.usecases.insight_ports import Compute

AT_ONCE: Final = text(
    "SELECT set_config('work_mem', '256MB', true), set_config('enable_nestloop', 'off', true)"
)
"""So that a day's people are told apart in memory, of which one job at a time has so much, and never one by one: rows
are often newer than what PostgreSQL knows of their number, and what is quick for one of them takes minutes for many."""


class PostgresClosing:
    """A ``ClosingDesk`` on PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def oldest_day(self) -> date | None:
        """Return the first day that anything was counted on."""
        oldest = union_all(select(func.min(tally.c.day)), select(func.min(tally_person.c.day)))
        with transaction(self._engine, FOR_COUNTING) as connection:
            return min((day for (day,) in connection.execute(oldest) if day), default=None)

    def is_closed(self, grain: Grain, window: Window) -> bool:
        """Tell whether a window is closed."""
        table = insight_windows
        query = select(table.c.closed_at).where(
            table.c.grain == grain.value, table.c.first_day == window.first
        )
        with transaction(self._engine, FOR_COUNTING) as connection:
            return connection.execute(query).one_or_none() is not None

    def is_waiting(self, day: date) -> bool:
        """Tell whether anything of a day, or of one before, has arrived without being counted yet."""
        with transaction(self._engine, FOR_COUNTING) as connection:
            oldest = connection.execute(select(func.min(event_inbox.c.day))).scalar_one()
        return oldest is not None and oldest <= day

    def close(self, grain: Grain, window: Window, compute: Compute, now: datetime) -> bool:
        """Freeze a window's tables, all or none; False where somebody else did."""
        with transaction(self._engine, FOR_JOBS) as connection:
            if not mark_closed(connection, grain, window, now):
                return False
            _keep(connection, grain, window, compute, now, restated=False)
        return True

    def restate(self, grain: Grain, window: Window, compute: Compute, now: datetime) -> bool:
        """Put tables beside those of a closed window, to be read in their place; once, else False."""
        with transaction(self._engine, FOR_JOBS) as connection:
            if not mark_restated(connection, grain, window, now):
                return False
            _keep(connection, grain, window, compute, now, restated=True)
        return True

    def lateness(self, window: Window) -> float:
        """Return which share of a window's events came after it was closed."""
        late = events.c.counted_at > insight_windows.c.closed_at
        query = (
            select(func.count(), func.count().filter(late))
            .select_from(events.join(insight_windows, insight_windows.c.first_day == events.c.day))
            .where(
                insight_windows.c.grain == Grain.DAY.value, events.c.day.between(window.first, window.last)
            )
        )
        with transaction(self._engine, FOR_JOBS) as connection:
            everything, afterwards = connection.execute(query).one()
        return afterwards / everything if everything else 0.0


def _keep(
    connection: Connection, grain: Grain, window: Window, compute: Compute, now: datetime, *, restated: bool
) -> None:
    connection.execute(AT_ONCE)
    sums: Mapping[Measure, Sums] = {
        measure: sums_of(tallied(connection, measure, window)) for measure in sorted(measures_for(grain))
    }
    for table in compute(sums):
        keep_table(connection, table.cells, table.share, now, restated=restated)
