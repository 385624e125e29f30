"""An insight store in lists, with every promise of the real one and none of its SQL."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from service.domain.emerging_terms import ReviewState, TermReview
from service.domain.insight_definitions import METRICS, Metric
from service.domain.insights import Annotation, Cell, CellState, Freshness, FreshnessState, WithheldShare
from service.domain.market_days import Grain, Window
from service.domain.segments import Dimension
from service.domain.silence import Silence
from service.usecases.insight_ports import AnalystRead, ClosedTable, InsightParts
from tests.builders import NOW


class FakeInsights:
    """Keeps closed cells, restatements beside what they restate, and annotations."""

    def __init__(self) -> None:
        self._cells: dict[str, dict[tuple[object, ...], Cell]] = {}
        self._shares: dict[tuple[object, ...], WithheldShare] = {}
        self._annotations: dict[str, Annotation] = {}
        self._closed: dict[tuple[Grain, date], datetime] = {}
        self._restated: set[tuple[Grain, date]] = set()

    def keep(self, cells: Sequence[Cell], share: WithheldShare, closed_at: datetime) -> None:
        """Close one table; what is closed already stays as it is, unless it is being restated."""
        if cells:
            grain = METRICS[cells[0].metric].grain
            self._closed.setdefault((grain, cells[0].window.last), closed_at)
            if any(cell.state is CellState.RESTATED for cell in cells):
                self._restated.add((grain, cells[0].window.last))
        of_metric = self._cells.setdefault(share.metric, {})
        restating = any(cell.state is CellState.RESTATED for cell in cells)
        new = {_place(cell): cell for cell in cells if restating or _place(cell) not in of_metric}
        of_metric |= new
        if new:
            self._shares[_table(share)] = share

    def keep_closed(self, grain: Grain, window: Window, table: ClosedTable, closed_at: datetime) -> None:
        """Close one table as the closing job would."""
        del grain, window
        self.keep(table.cells, table.share, closed_at)

    def copy(self) -> "FakeInsights":
        """Return a store with the same figures, to close and annotate as one likes."""
        copied = FakeInsights()
        copied._cells = {metric: dict(cells) for metric, cells in self._cells.items()}
        copied._shares, copied._annotations = dict(self._shares), dict(self._annotations)
        copied._closed, copied._restated = dict(self._closed), set(self._restated)
        return copied

    def cells(
        self,
        metric: Metric,
        days: Window,
        *,
        by: Dimension | None = None,
        value: str | None = None,
        second: Dimension | None = None,
        control: str | None = None,
    ) -> Sequence[Cell]:
        """Return the cells of a metric within some days."""
        found = []
        for cell in self._cells.get(metric.name, {}).values():
            if (cell.version, {dimension for dimension, _ in cell.dims}) != (
                metric.version,
                {by, second} - {None},
            ):
                continue
            if (
                _is_within(cell.window, days)
                and control in {None, cell.control}
                and (value is None or (by, value) in cell.dims)
            ):
                found.append(cell)
        return sorted(found, key=lambda cell: (cell.window.first, cell.control, cell.dims))

    def withheld(self, metric: Metric, days: Window) -> Sequence[WithheldShare]:
        """Return how much is withheld of each table."""
        of_metric = [each for each in self._shares.values() if each.metric == metric.name]
        shares = [each for each in of_metric if _is_within(each.window, days)]
        return sorted(shares, key=lambda each: (each.window.first, each.control))

    def freshness(self, grain: Grain = Grain.DAY) -> Freshness:
        """Return up to which day every window of a grain is closed."""
        days = [day for of, day in self._closed if of is grain]
        if not days:
            return Freshness(None, None, FreshnessState.PROVISIONAL)
        day = max(days)
        state = FreshnessState.RESTATED if (grain, day) in self._restated else FreshnessState.COMPLETE
        return Freshness(day, self._closed[grain, day], state)

    def last_closed_at(self) -> datetime | None:
        """Return when anything was last closed."""
        return max(self._closed.values(), default=None)

    def closings(self) -> int:
        """Return how many windows were closed or restated so far."""
        return len(self._closed) + len(self._restated)

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
        closed = [day for grain, day in self._closed if grain is Grain.DAY]
        return sorted(day for day in closed if days.first <= day <= days.last)


class FakeReads:
    """Remembers who read what."""

    def __init__(self) -> None:
        self.reads: list[AnalystRead] = []

    def note(self, read: AnalystRead) -> int:
        """Keep a read; return what the analyst has spent on that day, this read included."""
        self.reads.append(read)
        of_day = [
            each.cell_queries
            for each in self.reads
            if each.analyst == read.analyst and each.at.date() == read.at.date()
        ]
        return sum(of_day)


class FakeTerms:
    """Keeps terms under review, and how watched series are doing."""

    def __init__(self) -> None:
        self.found: dict[str, TermReview] = {}
        self.heard: list[Silence] = []

    def terms(self, state: ReviewState | None = None) -> Sequence[TermReview]:
        """Return terms in one state, or all, newest first."""
        wanted = [each for each in self.found.values() if state in {None, each.state}]
        return sorted(wanted, key=lambda each: (-each.found.found_on.toordinal(), each.id))

    def decide_term(self, term_id: str, state: ReviewState, category: str | None, now: datetime) -> bool:
        """Say what a reviewer decided about a term."""
        term = self.found.get(term_id)
        if term:
            self.found[term_id] = replace(term, state=state, category=category, decided_at=now)
        return term is not None

    def silences(self) -> Sequence[Silence]:
        """Return how every watched series is doing."""
        return self.heard


def fake_figures(
    now: Callable[[], datetime] = lambda: NOW, new_id: Callable[[str], str] = lambda prefix: f"{prefix}_1"
) -> InsightParts:
    """Return what stories about figures work with, around fakes that hold nothing yet."""
    return InsightParts(FakeInsights(), FakeTerms(), FakeReads(), now, new_id)


def _place(cell: Cell) -> tuple[object, ...]:
    return cell.metric, cell.version, cell.window, cell.control, cell.dims


def _table(share: WithheldShare) -> tuple[object, ...]:
    return share.metric, share.window, share.control


def _is_within(window: Window, days: Window) -> bool:
    return days.first <= window.first and window.last <= days.last
