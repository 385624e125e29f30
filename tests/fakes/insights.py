"""An insight store in lists, with every promise of the real one and none of its SQL."""

from collections.abc import Sequence
from datetime import date, datetime

from service.domain.insight_definitions import METRICS, Metric
from service.domain.insights import Annotation, Cell, CellState, Freshness, FreshnessState, WithheldShare
from service.domain.market_days import Grain, Window
from service.domain.segments import Dimension


class FakeInsights:
    """Keeps closed cells, restatements beside what they restate, and annotations."""

    def __init__(self) -> None:
        self._cells: list[Cell] = []
        self._shares: list[WithheldShare] = []
        self._annotations: dict[str, Annotation] = {}
        self._closed: dict[date, datetime] = {}

    def keep(self, cells: Sequence[Cell], share: WithheldShare, closed_at: datetime) -> None:
        """Close one table; what is closed already stays as it is, unless it is being restated."""
        if cells and METRICS[cells[0].metric].grain is Grain.DAY:
            self._closed.setdefault(cells[0].window.first, closed_at)
        standing = {_place(cell) for cell in self._cells if cell.state is not CellState.RESTATED}
        restating = any(cell.state is CellState.RESTATED for cell in cells)
        new = [cell for cell in cells if restating or _place(cell) not in standing]
        self._cells += new
        if new:
            self._shares = [each for each in self._shares if _table(each) != _table(share)] + [share]

    def cells(
        self, metric: Metric, days: Window, *, by: Dimension | None = None, control: str | None = None
    ) -> Sequence[Cell]:
        """Return the cells of a metric within some days."""
        newest: dict[tuple[object, ...], Cell] = {}
        for cell in self._cells:
            dimension = cell.dims[0][0] if cell.dims else None
            if (cell.metric, cell.version, dimension) != (metric.name, metric.version, by):
                continue
            if _is_within(cell.window, days) and control in {None, cell.control}:
                newest[_place(cell)] = cell
        return sorted(newest.values(), key=lambda cell: (cell.window.first, cell.control, cell.dims))

    def withheld(self, metric: Metric, days: Window) -> Sequence[WithheldShare]:
        """Return how much is withheld of each table."""
        shares = [
            each for each in self._shares if each.metric == metric.name and _is_within(each.window, days)
        ]
        return sorted(shares, key=lambda each: (each.window.first, each.control))

    def freshness(self) -> Freshness:
        """Return up to which day everything is closed."""
        if not self._closed:
            return Freshness(None, None, FreshnessState.PROVISIONAL)
        day = max(self._closed)
        restated = any(c.state is CellState.RESTATED and c.window.last == day for c in self._cells)
        state = FreshnessState.RESTATED if restated else FreshnessState.COMPLETE
        return Freshness(day, self._closed[day], state)

    def annotations(self, days: Window) -> Sequence[Annotation]:
        """Return what happened within some days."""
        found = [each for each in self._annotations.values() if days.first <= each.day <= days.last]
        return sorted(found, key=lambda each: (each.day, each.id))

    def annotate(self, annotation: Annotation) -> None:
        """Keep an annotation."""
        self._annotations[annotation.id] = annotation

    def remove_annotation(self, annotation_id: str) -> bool:
        """Forget an annotation; tell whether there was one."""
        return self._annotations.pop(annotation_id, None) is not None

    def closed_days(self, days: Window) -> Sequence[date]:
        """Return which days are closed."""
        return sorted(day for day in self._closed if days.first <= day <= days.last)


def _place(cell: Cell) -> tuple[object, ...]:
    return cell.metric, cell.version, cell.window, cell.control, cell.dims


def _table(share: WithheldShare) -> tuple[object, ...]:
    return share.metric, share.window, share.control


def _is_within(window: Window, days: Window) -> bool:
    return days.first <= window.first and window.last <= days.last
