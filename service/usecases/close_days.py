"""A job closes what is over: counts become cells that everybody may read and nobody can change."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from service.domain.closing import Sums, tables_of
from service.domain.insight_definitions import METRICS
from service.domain.insights import close_table
from service.domain.market_days import BLOCK_DAYS, DAYS_IN, Grain, Window, closes_at, window_with
from service.domain.measures import Measure
from service.usecases.insight_ports import ClosedTable, ClosingDesk

RESTATED_FROM: Final = 0.005
"""Which share of a day's events must have come late for the day to be computed again."""
KEPT_DAYS: Final = 35
"""How long it is known who stands behind a count; nothing older can be closed."""

Progress = Callable[[Grain, Window], None]


def close_days(desk: ClosingDesk, now: datetime, *, progress: Progress = lambda *_: None) -> int:
    """Close every window that is over and fully counted, oldest first; tell how many.

    May run twice at once, and be killed anywhere: a window is closed in one transaction, by whoever is first.
    """
    closed = 0
    for grain in Grain:
        for window in _due(desk, grain, now):
            if desk.close(grain, window, partial(tables_in, grain, window), now):
                closed += 1
                progress(grain, window)
    return closed


def restate_days(desk: ClosingDesk, now: datetime, *, progress: Progress = lambda *_: None) -> int:
    """Compute days again of which too much came late, once, on Mondays alone; tell how many."""
    if now.weekday() != 0:
        return 0
    restated = 0
    for window in _over(desk, Grain.DAY, now):
        if desk.is_closed(Grain.DAY, window) and desk.lateness(window) > RESTATED_FROM:
            compute = partial(tables_in, Grain.DAY, window, restated=True)
            if desk.restate(Grain.DAY, window, compute, now):
                restated += 1
                progress(Grain.DAY, window)
    return restated


def tables_in(
    grain: Grain, window: Window, sums: Mapping[Measure, Sums], *, restated: bool = False
) -> Iterable[ClosedTable]:
    """Yield the closed tables of every metric of a grain."""
    for metric in METRICS.values():
        if metric.grain is grain:
            for table in tables_of(metric, window, sums):
                yield ClosedTable(*close_table(table, restated=restated))


def _due(desk: ClosingDesk, grain: Grain, now: datetime) -> Iterator[Window]:
    for window in _over(desk, grain, now):
        if not desk.is_closed(grain, window) and not desk.is_waiting(window.last):
            yield window


def _over(desk: ClosingDesk, grain: Grain, now: datetime) -> Iterator[Window]:
    oldest = desk.oldest_day()
    if oldest is None:
        return
    kept = now.date() - timedelta(days=KEPT_DAYS - 1)
    window = window_with(max(oldest, kept) if DAYS_IN[grain] == 1 else oldest, grain)
    while closes_at(window, grain) <= now:
        if window.first >= kept or DAYS_IN[grain] == BLOCK_DAYS:
            yield window
        window = window_with(window.last + timedelta(days=1), grain)
