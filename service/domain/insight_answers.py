"""What analysts are answered: closed cells side by side, added up, and held against an earlier period.

Everything here is made of cells that everybody may read, by arithmetic alone. A sum over windows adds rounded counts
of windows that are shown; what is withheld adds nothing, and is said to be missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from service.domain.insight_definitions import Direction, Metric
from service.domain.insight_questions import CONTROL, Question
from service.domain.insights import Annotation, Cell, Freshness, WithheldShare
from service.domain.market_days import Window
from service.domain.rates import (
    is_clear_change,
    newcombe_interval,
    scaled_digits,
    two_digits,
    wilson_interval,
)
from service.domain.segments import Dims
from service.domain.silence import Silence
from service.domain.worst_places import WorstPlace

Place: TypeAlias = tuple[str, Dims]
"""Which control, and which value of which dimension."""


@dataclass(frozen=True, slots=True)
class Change:
    """How much a figure changed, per the metric's scale; ``is_clear`` where its 95 % interval leaves zero out."""

    value: float | None
    low: float | None
    high: float | None
    is_clear: bool


@dataclass(frozen=True, slots=True)
class Withheld:
    """How much of what was asked about is withheld: cells with anybody in them, and of how many people in a hundred.

    The latter is at most so many, as the mean of the tables.
    """

    cells: int
    withheld: int
    people_percent: float


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One cell, and the one of the same weekday before it."""

    cell: Cell
    earlier: Cell | None = None
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Cells of one metric in the order of their windows, with all that belongs beside a figure."""

    question: Question
    freshness: Freshness
    rows: tuple[SeriesRow, ...]
    withheld: Withheld
    annotations: tuple[Annotation, ...]


class SumState(StrEnum):
    """Whether a sum is one of all windows."""

    SHOWN = "shown"
    PARTLY_WITHHELD = "partly_withheld"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Sum:
    """One figure over several windows, from those that are shown.

    ``people`` is the band of the window with the fewest, so that it never says more than any of the windows.
    """

    state: SumState
    windows: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    people: str | None = None


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """One place over all windows of a period, and what changed since the period before."""

    control: str
    dims: Dims
    now: Sum
    earlier: Sum | None = None
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One figure by one dimension, worst first, what is withheld last; ``total`` are the same figures undivided."""

    question: Question
    freshness: Freshness
    rows: tuple[BreakdownRow, ...]
    total: tuple[BreakdownRow, ...]
    withheld: Withheld


@dataclass(frozen=True, slots=True)
class LookFirst:
    """Where it was worst in a week, by how many more people than elsewhere."""

    week: Window
    freshness: Freshness
    places: tuple[WorstPlace, ...]


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether the newest figures can be trusted: how final, how well counted, how much withheld, what fell silent."""

    days: Freshness
    weeks: Freshness
    figures: tuple[Cell, ...]
    withheld: tuple[WithheldShare, ...]
    silences: tuple[Silence, ...]


def series_rows(question: Question, cells: Sequence[Cell], earlier: Sequence[Cell]) -> tuple[SeriesRow, ...]:
    """Put every cell beside the one that it is compared with, if there is one."""
    back = question.days_back
    before = {(cell.window.first, cell.control, cell.dims): cell for cell in earlier}
    rows = []
    for cell in cells:
        then = before.get((cell.window.first - back, cell.control, cell.dims)) if back else None
        change = _change(question.metric, [cell], [then]) if then else None
        rows.append(SeriesRow(cell, then, change))
    return tuple(rows)


def breakdown_rows(
    question: Question, cells: Sequence[Cell], earlier: Sequence[Cell]
) -> tuple[BreakdownRow, ...]:
    """Add every place up over its windows, and sort them worst first."""
    metric, before = question.metric, _by_place(earlier)
    rows = []
    for place, of_place in _by_place(cells).items():
        then = before.get(place, [])
        compared = question.compared_to is not None
        rows.append(
            BreakdownRow(
                *place,
                now=sum_of(metric, of_place),
                earlier=sum_of(metric, then) if compared else None,
                change=_change(metric, of_place, then) if compared else None,
            )
        )
    return tuple(sorted(rows, key=lambda row: _badness(metric, row)))


def sum_of(metric: Metric, cells: Sequence[Cell]) -> Sum:
    """Return one figure over windows.

    Shares of people are averaged over windows, and are no surer than one window is: the same people come every
    day, so that a month of days is not thirty times as many people.
    """
    shown = [cell for cell in cells if cell.denominator is not None]
    if not shown:
        return Sum(SumState.WITHHELD, 0)
    state = SumState.SHOWN if len(shown) == len(cells) else SumState.PARTLY_WITHHELD
    hits, of = _counts(metric, shown)
    share = hits / of if of else float("nan")
    interval = wilson_interval(hits, of) if share <= 1 else (float("nan"), float("nan"))
    value, low, high = (scaled_digits(each, metric.scale) for each in (share, *interval))
    fewest = min(shown, key=lambda cell: cell.denominator or 0)
    return Sum(state, len(shown), value, low, high, fewest.people)


def withheld_in(shares: Iterable[WithheldShare]) -> Withheld:
    """Return how much is withheld of several tables together, and of how many people in a table of them."""
    listed = list(shares)
    percent = round(sum(each.people_percent for each in listed) / max(len(listed), 1))
    return Withheld(sum(each.cells for each in listed), sum(each.withheld for each in listed), percent)


def dims_of(control: str, dims: Dims) -> Mapping[str, str]:
    """Return which control and which segment a figure is about, by name of the dimension."""
    return {**({CONTROL: control} if control else {}), **{str(name): value for name, value in dims}}


def summed(series: Series) -> tuple[BreakdownRow, ...]:
    """Return every place of a series over all its windows, as a breakdown of the same cells would."""
    earlier = [row.earlier for row in series.rows if row.earlier]
    return breakdown_rows(series.question, [row.cell for row in series.rows], earlier)


def _counts(metric: Metric, shown: Sequence[Cell]) -> tuple[float, float]:
    """Return hits and denominators as far as they are independent of each other."""
    hits = sum(cell.numerator or 0 for cell in shown)
    of = sum(cell.denominator or 0 for cell in shown)
    windows = len(shown) if metric.counts_people else 1
    return hits / windows, of / windows


def _change(metric: Metric, cells: Sequence[Cell], earlier: Sequence[Cell]) -> Change | None:
    now, then = ([cell for cell in each if cell.denominator] for each in (cells, earlier))
    if not now or not then:
        return None
    (hits, of), (earlier_hits, earlier_of) = _counts(metric, now), _counts(metric, then)
    value = two_digits((hits / of - earlier_hits / earlier_of) * metric.scale)
    if hits > of or earlier_hits > earlier_of:
        return Change(value, None, None, is_clear=False)
    interval = newcombe_interval(hits, of, earlier_hits, earlier_of)
    low, high = (two_digits(each * metric.scale) for each in interval)
    return Change(value, low, high, is_clear_change(interval))


def _by_place(cells: Iterable[Cell]) -> dict[Place, list[Cell]]:
    places: dict[Place, list[Cell]] = {}
    for cell in cells:
        places.setdefault((cell.control, cell.dims), []).append(cell)
    return places


def _badness(metric: Metric, row: BreakdownRow) -> tuple[bool, float, str, Dims]:
    """Order figures by how bad they are; where neither end is, the highest come first."""
    value = row.now.value
    sign = 1 if metric.good is Direction.UP else -1
    return value is None, sign * (value or 0.0), row.control, row.dims
