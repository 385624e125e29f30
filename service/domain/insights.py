"""What analysts may read: counts become cells by being withheld where few people stand behind them, and rounded.

Whoever reads is assumed to read everything, on every day, and to subtract. So a cell is withheld not only when it is
small, but also when what is shown around it would pin it down; figures are computed from rounded counts alone.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, TypeAlias

from service.domain.cross_tables import SUM, hide_enough
from service.domain.insight_definitions import Metric
from service.domain.market_days import Window
from service.domain.measures import COUNTED, Measure, Pair
from service.domain.rates import scaled_digits, wilson_interval
from service.domain.segments import Dims

ROUNDED_TO: Final = 10
COARSE_FROM: Final = 10_000
COARSELY_ROUNDED_TO: Final = 100
FEWEST_OF_A_SHARE: Final = 5
"""A share of people shows neither fewer than this nor all but fewer than this: nobody learns that "all 50 did"."""
NARROWEST_DOUBT: Final = 10
"""How many people at least remain possible for a withheld cell, whatever a reader subtracts from whatever."""

LEAST_TOLD_OF: Final = 50
"""As many people are said to be withheld at least, where any are."""
PERCENT_STEPS: Final = (1, 2, 5, 10, 20, 50, 100)

Count: TypeAlias = "Callable[[OpenCell], int]"
"""Which of a cell's counts is being looked at."""


class CellState(StrEnum):
    """What became of a cell."""

    SHOWN = "shown"
    WITHHELD = "withheld"
    RESTATED = "restated"


@dataclass(frozen=True, slots=True)
class OpenCell:
    """Exact counts, on their way to being closed; never leaves the closing job.

    ``people`` stand behind the denominator. ``dims`` empty: the total of the table.
    """

    dims: Dims
    numerator: int
    denominator: int
    people: int
    is_withheld: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One metric in one window, for one control where it has controls: a total, breakdowns by one dimension, and pairs.

    Tables share no cell and no window, so that withholding can look at one at a time.
    """

    metric: Metric
    window: Window
    control: str
    cells: tuple[OpenCell, ...]

    @property
    def total(self) -> OpenCell | None:
        """The cell without dimensions."""
        return next((cell for cell in self.cells if not cell.dims), None)

    def breakdowns(self) -> list[list[OpenCell]]:
        """Return the cells of every dimension, fewest people first."""
        single = [cell for cell in self.cells if len(cell.dims) == 1]
        ordered = sorted(single, key=lambda cell: (cell.people, cell.denominator, cell.dims))
        dimensions = sorted({cell.dims[0][0] for cell in single})
        return [[cell for cell in ordered if cell.dims[0][0] == each] for each in dimensions]


@dataclass(frozen=True, slots=True)
class Cell:
    """A closed cell, as everybody reads it; where it is withheld there is no number in it at all.

    ``value`` is per ``metric.scale`` with two significant digits, ``low`` and ``high`` its 95 % interval.
    ``people`` is a band such as ``100-199``. ``control`` is empty for a metric without controls.
    """

    metric: str
    version: int
    window: Window
    control: str
    dims: Dims
    state: CellState
    value: float | None = None
    low: float | None = None
    high: float | None = None
    numerator: int | None = None
    denominator: int | None = None
    people: str | None = None


@dataclass(frozen=True, slots=True)
class WithheldShare:
    """How much of one table is withheld: cells with anybody in them, and of how many people in a hundred at most."""

    metric: str
    window: Window
    control: str
    cells: int
    withheld: int
    people_percent: float


class FreshnessState(StrEnum):
    """Whether the newest figures are final."""

    COMPLETE = "complete"
    PROVISIONAL = "provisional"
    RESTATED = "restated"


@dataclass(frozen=True, slots=True)
class Freshness:
    """Up to which day everything is closed, and when that was done; None before the first close."""

    complete_through: date | None
    closed_at: datetime | None
    state: FreshnessState


class AnnotationKind(StrEnum):
    """What happened."""

    RELEASE = "release"
    INCIDENT = "incident"
    POLICY = "policy"
    WORLD_EVENT = "world_event"


@dataclass(frozen=True, slots=True)
class Annotation:
    """Something that happened on a day and may explain a figure; ``market`` None: everywhere."""

    id: str
    day: date
    kind: AnnotationKind
    text: str
    market: str | None = None
    link: str | None = None


def withhold_small_groups(table: Table) -> Table:
    """Withhold every cell from which a reader could learn about few people; what is withheld stays so.

    First by people alone (too few, then whatever would give those away), which falls out the same for every metric
    with this denominator and floor. Then by the numerator, where it is nearly nobody or nearly everybody.
    """
    few = {cell.dims for cell in table.cells if cell.people < table.metric.floor(cell.dims)}
    if table.total is None or () in few:
        return _without(table, {cell.dims for cell in table.cells})
    few = _until_doubtful(table, few, table.metric.denominator, lambda cell: cell.denominator)
    if table.metric.counts_people:
        few |= {cell.dims for cell in table.cells if _is_nearly_nobody_or_everybody(cell)}
    few = _until_doubtful(table, few, table.metric.numerator, lambda cell: cell.numerator)
    for pair in table.metric.pairs:
        few = _until_doubtful_both_ways(table, few, pair)
    return _without(table, few)


def close_table(table: Table, *, restated: bool = False) -> tuple[list[Cell], WithheldShare]:
    """Turn exact counts into the cells that everybody may read, and say how much is missing."""
    safe = withhold_small_groups(table)
    shown = CellState.RESTATED if restated else CellState.SHOWN
    return [_closed(safe, cell, shown) for cell in safe.cells], _withheld_share(safe)


def round_count(count: int) -> int:
    """Round to the nearest 10, from 10,000 on to the nearest 100; halves up."""
    to = COARSELY_ROUNDED_TO if count >= COARSE_FROM else ROUNDED_TO
    return (count + to // 2) // to * to


def bounds_of(rounded: int) -> tuple[int, int]:
    """Return the smallest and the largest count that round to this."""
    half = (COARSELY_ROUNDED_TO if rounded > COARSE_FROM else ROUNDED_TO) // 2
    if rounded == COARSE_FROM:
        return COARSE_FROM - ROUNDED_TO // 2, COARSE_FROM + COARSELY_ROUNDED_TO // 2 - 1
    return max(rounded - half, 0), rounded + half - 1


def people_band(people: int) -> str:
    """Name the band of a number of people: 10-49, 50-99, 100-199, 200-499, 500-999, and so on by tens."""
    bounds = [10, 50, *(lead * 10**power for power in range(2, 10) for lead in (1, 2, 5))]
    low = max((bound for bound in bounds if bound <= people), default=0)
    high = min(bound for bound in bounds if bound > people)
    return f"{low}-{high - 1}"


def least_people(band: str | None) -> int:
    """Return how many people a band stands for at least."""
    return int((band or "0").partition("-")[0])


def _is_nearly_nobody_or_everybody(cell: OpenCell) -> bool:
    rest = cell.denominator - cell.numerator
    return (0 < cell.numerator < FEWEST_OF_A_SHARE) or (0 <= rest < FEWEST_OF_A_SHARE)


def _until_doubtful(table: Table, few: set[Dims], measure: Measure, count: Count) -> set[Dims]:
    """Withhold further cells, smallest first, until no withheld count can be told from the ones shown.

    Where a dimension has nothing left to hide behind, its one group is the total: then the whole table goes.
    """
    withheld = set(few)
    doubt = NARROWEST_DOUBT if COUNTED[measure].people else 0
    grown = True
    while grown:
        grown = False
        for cells in table.breakdowns():
            peopled = [cell for cell in cells if cell.people > 0]
            if not _gives_away(table, peopled, withheld, count, doubt):
                continue
            shown = [cell for cell in peopled if cell.dims not in withheld]
            if not shown:
                return {cell.dims for cell in table.cells}
            withheld.add(shown[0].dims)
            grown = True
    return withheld


def _until_doubtful_both_ways(table: Table, few: set[Dims], pair: Pair) -> set[Dims]:
    """Withhold further cells of two dimensions at once, until no withheld numerator can be told from the ones shown.

    What stands under a cell of both stands under one of its dimensions too, and is withheld with that.
    """
    cells = {
        _place(cell.dims, pair): cell
        for cell in table.cells
        if cell.people > 0 and {dimension for dimension, _ in cell.dims} <= set(pair)
    }
    counts = {place: cell.numerator for place, cell in cells.items()}
    hidden = {place for place, cell in cells.items() if cell.dims in few}
    enough = hide_enough(counts, hidden, lambda count: bounds_of(round_count(count)), NARROWEST_DOUBT)
    if enough is None:
        return {cell.dims for cell in table.cells}
    return few | {cells[place].dims for place in enough}


def _place(dims: Dims, pair: Pair) -> tuple[str, str]:
    named = dict(dims)
    return named.get(pair[0], SUM), named.get(pair[1], SUM)


def _gives_away(table: Table, cells: list[OpenCell], withheld: set[Dims], count: Count, doubt: int) -> bool:
    """Tell whether subtracting what is shown of a dimension from the total says too much about what is not.

    Cells without anybody in them hide nobody: whoever reads may know that they are empty.
    """
    hidden = [cell for cell in cells if cell.dims in withheld]
    if not hidden:
        return False
    total = _highest_total(table, withheld, count)
    if len(hidden) == 1:
        return total is not None
    if total is None or sum(map(count, cells)) != _exact_total(table, count):
        return False  # overlapping groups add up to no total
    least_shown = sum(_low(count(cell)) for cell in cells if cell.dims not in withheld)
    return total - least_shown < doubt


def _highest_total(table: Table, withheld: set[Dims], count: Count) -> int | None:
    """Return the largest total that agrees with everything shown; None where nothing shown bounds it."""
    highest = [_high(count(cell)) for cell in table.cells if not cell.dims and cell.dims not in withheld]
    for cells in table.breakdowns():
        peopled = [cell for cell in cells if cell.people > 0]
        if peopled and all(cell.dims not in withheld for cell in peopled):
            highest.append(sum(_high(count(cell)) for cell in peopled))
    return min(highest, default=None)


def _exact_total(table: Table, count: Count) -> int | None:
    return count(table.total) if table.total else None


def _low(count: int) -> int:
    return bounds_of(round_count(count))[0]


def _high(count: int) -> int:
    return bounds_of(round_count(count))[1]


def _without(table: Table, withheld: Iterable[Dims]) -> Table:
    gone = frozenset(withheld)
    cells = tuple(replace(cell, is_withheld=True) if cell.dims in gone else cell for cell in table.cells)
    return replace(table, cells=cells)


def _closed(table: Table, cell: OpenCell, shown: CellState) -> Cell:
    metric = table.metric
    place = (metric.name, metric.version, table.window, table.control, cell.dims)
    if cell.is_withheld:
        return Cell(*place, CellState.WITHHELD)
    numerator, denominator = round_count(cell.numerator), round_count(cell.denominator)
    value = numerator / denominator if denominator else math.nan
    interval = wilson_interval(numerator, denominator) if value <= 1 else (math.nan, math.nan)
    low, high = (scaled_digits(share, metric.scale) for share in interval)
    value_shown = scaled_digits(value, metric.scale)
    people = people_band(round_count(cell.people))
    return Cell(*place, shown, value_shown, low, high, numerator, denominator, people)


def _withheld_share(table: Table) -> WithheldShare:
    peopled = [cell for cell in table.cells if cell.people > 0]
    gone = [cell for cell in peopled if cell.is_withheld]
    percent = max((_percent_withheld(cells) for cells in table.breakdowns()), default=0)
    return WithheldShare(table.metric.name, table.window, table.control, len(peopled), len(gone), percent)


def _percent_withheld(cells: Sequence[OpenCell]) -> int:
    """Return of how many people in a hundred a dimension withholds at most, in steps that give nobody away.

    As if there were 50 of them at least: an exact share, times what is shown, would be the number of a withheld group.
    """
    gone = sum(cell.people for cell in cells if cell.is_withheld)
    if not gone:
        return 0
    percent = 100 * max(gone, LEAST_TOLD_OF) / sum(cell.people for cell in cells)
    return next((step for step in PERCENT_STEPS if percent <= step), PERCENT_STEPS[-1])
