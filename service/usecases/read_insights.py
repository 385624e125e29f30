"""An analyst reads figures: closed cells, side by side and compared. Every read is noted, and a day has its limit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final, TypeVar

from service.domain.insight_answers import (
    Breakdown,
    BreakdownRow,
    LookFirst,
    Series,
    SeriesRow,
    Trust,
    Withheld,
    breakdown_rows,
    series_rows,
    withheld_in,
)
from service.domain.insight_definitions import METRICS, Direction
from service.domain.insight_questions import (
    Asked,
    Question,
    WindowNotClosed,
    metric_named,
    newest_window,
    question_from,
    require_few_rows,
)
from service.domain.insights import Annotation, Cell, Freshness, WithheldShare
from service.domain.market_days import Grain, Window
from service.domain.people import UserId
from service.domain.refusals import TooOften
from service.usecases.insight_ports import AnalystRead, InsightParts
from service.usecases.mine import look_first

R = TypeVar("R")

QUERIES_PER_DAY: Final = 2_000
"""How often an analyst may ask for cells in a day (UTC); whoever needs more is copying the cube."""


def read_series(parts: InsightParts, analyst: UserId, asked: Asked) -> Series:
    """Return one metric over time, window by window."""
    return read_several(parts, analyst, "series", [asked])[0]


def read_several(parts: InsightParts, analyst: UserId, what: str, asked: Sequence[Asked]) -> list[Series]:
    """Return several metrics over time that are looked at together, noted as one read."""
    at = _Moment(parts)
    questions = [at.question(each) for each in asked]
    _note_questions(parts, analyst, what, questions)
    return [at.series(question) for question in questions]


def read_breakdown(parts: InsightParts, analyst: UserId, asked: Asked) -> Breakdown:
    """Return one metric over a whole period by one dimension, worst first."""
    return read_breakdowns(parts, analyst, "breakdown", [asked])[0]


def read_breakdowns(
    parts: InsightParts, analyst: UserId, what: str, asked: Sequence[Asked]
) -> list[Breakdown]:
    """Return several breakdowns that are looked at together, noted as one read."""
    at = _Moment(parts)
    questions = [at.question(each) for each in asked]
    _note_questions(parts, analyst, what, questions)
    return [at.breakdown(question) for question in questions]


def read_trust(parts: InsightParts, analyst: UserId) -> Trust:
    """Return what tells whether the newest figures can be trusted: those about the counting itself."""
    freshness = {grain: parts.insights.freshness(grain) for grain in (Grain.DAY, Grain.WEEK)}
    through = freshness[Grain.DAY].complete_through
    note_read(parts, analyst, "freshness", len(COUNTING_METRICS) if through else 0)
    figures, withheld = parts.remembered.answer(
        parts.insights.closings(), "trust", lambda: _newest_of_all(parts, freshness)
    )
    silences = tuple(parts.mined.silences())
    return Trust(freshness[Grain.DAY], freshness[Grain.WEEK], figures, withheld, silences)


def read_look_first(
    parts: InsightParts, analyst: UserId, week: Window | None = None, *, ending_by: date | None = None
) -> LookFirst:
    """Return for whom it was worst in a week, or in the newest one that is closed and over by a day."""
    freshness = parts.insights.freshness(Grain.WEEK)
    through = freshness.complete_through
    if through is None or (week and week.last > through):
        raise WindowNotClosed("The week", through)
    week = week or newest_window(Grain.WEEK, min(ending_by or through, through), days=1)
    cost = sum(
        1 + len(metric.dimensions) for metric in METRICS.values() if metric.good is not Direction.NEITHER
    )
    note_read(parts, analyst, f"look-first {week.first}..{week.last}", cost)
    places = parts.remembered.answer(
        parts.insights.closings(), week, lambda: tuple(look_first(parts.insights, week.last))
    )
    return LookFirst(week, freshness, places)


def note_read(parts: InsightParts, analyst: UserId, query: str, cell_queries: int) -> None:
    """Note who reads what before it is read; refuse what goes beyond a day's allowance."""
    now = parts.now()
    spent = parts.reads.note(AnalystRead(analyst, query, cell_queries, now))
    if spent > QUERIES_PER_DAY:
        raise TooOften(
            "queries for cells a day",
            limit=QUERIES_PER_DAY,
            current=spent,
            retry_after_seconds=_seconds_to_midnight(now),
        )


def _newest_of_all(
    parts: InsightParts, freshness: Mapping[Grain, Freshness]
) -> tuple[tuple[Cell, ...], tuple[WithheldShare, ...]]:
    """Return the newest figures about the counting itself, and how much of every metric's newest is withheld."""
    figures: list[Cell] = []
    withheld: list[WithheldShare] = []
    for metric in METRICS.values():
        of_grain = freshness.get(metric.grain)
        if not of_grain or not of_grain.complete_through:
            continue
        newest = newest_window(metric.grain, of_grain.complete_through, days=1)
        withheld += _together(parts.insights.withheld(metric, newest))
        if metric.name in COUNTING_METRICS:
            for by in (None, *metric.dimensions):
                figures += parts.insights.cells(metric, newest, by=by)
    return tuple(cell for cell in figures if cell.denominator is not None), tuple(withheld)


COUNTING_METRICS: Final = ("coverage", "degraded", "lateness")
"""What tells how well it is counted, rather than how well controls work."""


class _Moment:
    """What several answers share: what is closed, how fresh figures of a grain are, and what happened in some days."""

    def __init__(self, parts: InsightParts) -> None:
        self._parts = parts
        self._closings = parts.insights.closings()
        self._freshness: dict[Grain, Freshness] = {}
        self._annotations: dict[Window, tuple[Annotation, ...]] = {}

    def question(self, asked: Asked) -> Question:
        return question_from(asked, self.freshness(metric_named(asked.metric).grain).complete_through)

    def freshness(self, grain: Grain) -> Freshness:
        if grain not in self._freshness:
            self._freshness[grain] = self._parts.insights.freshness(grain)
        return self._freshness[grain]

    def annotations(self, days: Window) -> tuple[Annotation, ...]:
        if days not in self._annotations:
            self._annotations[days] = tuple(self._parts.insights.annotations(days))
        return self._annotations[days]

    def series(self, question: Question) -> Series:
        rows, withheld = self._closed("series", question, self._series_rows)
        freshness = self.freshness(question.metric.grain)
        return Series(question, freshness, rows, withheld, self.annotations(question.days))

    def breakdown(self, question: Question) -> Breakdown:
        (rows, total), withheld = self._closed("breakdown", question, self._breakdown_rows)
        return Breakdown(question, self.freshness(question.metric.grain), rows, total, withheld)

    def _closed(self, what: str, question: Question, rows: Callable[[Question], R]) -> tuple[R, Withheld]:
        """Return rows with how much of them is withheld, from cells that are only read again once more is closed."""
        return self._parts.remembered.answer(
            self._closings, (what, question), lambda: (rows(question), self._withheld(question))
        )

    def _series_rows(self, question: Question) -> tuple[SeriesRow, ...]:
        cells, earlier = self._cells(question)
        require_few_rows(cells)
        return series_rows(question, cells, earlier)

    def _breakdown_rows(
        self, question: Question
    ) -> tuple[tuple[BreakdownRow, ...], tuple[BreakdownRow, ...]]:
        rows = breakdown_rows(question, *self._cells(question))
        require_few_rows(rows)
        undivided = replace(question, by=None, value=None, second=None, second_value=None)
        total = breakdown_rows(undivided, *self._cells(undivided)) if question.by else rows
        return rows, total

    def _cells(self, question: Question) -> tuple[Sequence[Cell], Sequence[Cell]]:
        before = question.compared_to
        if before is None:
            return self._read(question, question.days), ()
        if before.last + timedelta(days=1) != question.days.first:
            return self._read(question, question.days), self._read(question, before)
        both = self._read(question, Window(before.first, question.days.last))
        return (
            [cell for cell in both if cell.window.first >= question.days.first],
            [cell for cell in both if cell.window.first < question.days.first],
        )

    def _read(self, question: Question, days: Window) -> Sequence[Cell]:
        cells = self._parts.insights.cells(
            question.metric,
            days,
            by=question.by,
            value=question.value,
            second=question.second,
            control=question.control,
        )
        if question.second is None or question.second_value is None:
            return cells
        wanted = question.second, question.second_value
        return [cell for cell in cells if wanted in cell.dims]

    def _withheld(self, question: Question) -> Withheld:
        shares = self._parts.insights.withheld(question.metric, question.days)
        return withheld_in(each for each in shares if question.control in {None, each.control})


def _note_questions(parts: InsightParts, analyst: UserId, what: str, questions: Sequence[Question]) -> None:
    """Note questions together; each costs one, and one more for what it is compared with."""
    cost = sum(1 if question.compared_to is None else 2 for question in questions)
    note_read(parts, analyst, f"{what}: {'; '.join(map(str, questions))}", cost)


def _together(shares: Sequence[WithheldShare]) -> list[WithheldShare]:
    """Return how much is withheld of all controls of a metric together."""
    if not shares:
        return []
    whole = withheld_in(shares)
    return [
        replace(
            shares[0],
            control="",
            cells=whole.cells,
            withheld=whole.withheld,
            people_percent=whole.people_percent,
        )
    ]


def _seconds_to_midnight(now: datetime) -> int:
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=now.tzinfo)
    return int((midnight - now).total_seconds()) + 1
