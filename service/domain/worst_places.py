"""Look here first: for whom it is worst, by how many people it concerns. Goes by closed cells alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from service.domain.insight_definitions import Direction, Metric
from service.domain.insights import Cell, CellState, least_people
from service.domain.rates import newcombe_interval, scaled_digits, two_digits
from service.domain.segments import Dims
from service.domain.surprise import discoveries, two_sided_p

FALSE_SHARE: Final = 0.05
LEAST_GAP: Final = 0.1


@dataclass(frozen=True, slots=True)
class WorstPlace:
    """A segment that does worse than everybody else, and how many more people than elsewhere that is a week.

    ``gap``, ``low`` and ``high`` are per the metric's scale: how much worse, with its 95 % interval. ``people`` is the
    band of the segment's window with the fewest.
    """

    metric: str
    version: int
    control: str
    dims: Dims
    rate: float | None
    rest_rate: float | None
    gap: float | None
    low: float | None
    high: float | None
    people: str | None
    state: CellState
    excess: int


@dataclass(frozen=True, slots=True)
class _Sum:
    hits: int = 0
    of: int = 0
    people: str | None = None
    state: CellState = CellState.SHOWN

    def plus(self, cell: Cell) -> "_Sum":
        bands = [band for band in (self.people, cell.people) if band]
        return _Sum(
            self.hits + (cell.numerator or 0),
            self.of + (cell.denominator or 0),
            min(bands, key=least_people, default=None),
            CellState.RESTATED if CellState.RESTATED in {self.state, cell.state} else CellState.SHOWN,
        )

    def at_most_all(self) -> "_Sum":
        """Leave out what is there only because both numbers were rounded for themselves."""
        return replace(self, hits=min(self.hits, self.of))


def worst_places(cells: Mapping[Metric, Sequence[Cell]]) -> list[WorstPlace]:
    """Rank segments of every metric that has a bad direction by their excess people, worst first."""
    found: list[tuple[float, WorstPlace]] = []
    for metric, of_metric in cells.items():
        if metric.good is not Direction.NEITHER:
            found += _compared(metric, of_metric)
    believed = discoveries([p for p, _ in found], FALSE_SHARE)
    places = [place for (_, place), is_believed in zip(found, believed, strict=True) if is_believed]
    return sorted(places, key=lambda place: (-place.excess, place.metric, place.control, place.dims))


def _compared(metric: Metric, cells: Iterable[Cell]) -> list[tuple[float, WorstPlace]]:
    sums: dict[tuple[str, Dims], _Sum] = {}
    for cell in cells:
        if cell.denominator is not None:
            key = cell.control, cell.dims
            sums[key] = sums.get(key, _Sum()).plus(cell)
    found = []
    for (control, dims), told in sums.items():
        total = sums.get((control, ()))
        if not dims or total is None or told.of >= total.of or told.of == 0:
            continue
        rest = _Sum(max(total.hits - told.hits, 0), total.of - told.of).at_most_all()
        part = told.at_most_all()
        place = _place(metric, control, dims, part, rest)
        if place:
            found.append((two_sided_p(part.hits, part.of, rest.hits, rest.of), place))
    return found


def _place(metric: Metric, control: str, dims: Dims, part: _Sum, rest: _Sum) -> WorstPlace | None:
    sign = 1 if metric.good is Direction.DOWN else -1
    share, rest_share = part.hits / part.of, rest.hits / rest.of
    worse_by = sign * (share - rest_share)
    if worse_by <= 0 or worse_by < LEAST_GAP * rest_share:
        return None
    low, high = newcombe_interval(part.hits, part.of, rest.hits, rest.of)
    low, high = sorted((sign * low, sign * high))
    excess = round(part.of * worse_by / 10) * 10
    rate, rest_rate = (scaled_digits(each, metric.scale) for each in (share, rest_share))
    gap, lowest, highest = (two_digits(each * metric.scale) for each in (worse_by, low, high))
    return WorstPlace(
        metric=metric.name,
        version=metric.version,
        control=control,
        dims=dims,
        rate=rate,
        rest_rate=rest_rate,
        gap=gap,
        low=lowest,
        high=highest,
        people=part.people,
        state=part.state,
        excess=excess,
    )
