"""What pages with figures show: a chart, its finding in words, the same numbers in a table, and their source."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from service.api.pages.charts import (
    LineChart,
    Reading,
    RowChart,
    StackChart,
    line_chart,
    row_chart,
    sparkline,
    stack_chart,
)
from service.api.pages.heat import HeatTable, heat_table
from service.api.pages.sentences import (
    dimension_of,
    finding,
    judged,
    known_windows,
    name_of,
    place_of,
    signed,
    since,
    value_of,
    worst_and_best,
)
from service.domain.insight_answers import Breakdown, BreakdownRow, Series, SeriesRow, Sum, SumState, summed
from service.domain.insight_definitions import Metric
from service.domain.insight_questions import CONTROL, Question
from service.domain.insight_units import number_text, unit_of
from service.domain.insights import Cell, CellState, least_people
from service.domain.segments import VALUES, Dimension

FIGURE_COLUMNS: Final = ("Figure", "95 % interval", "People")
CHANGE_COLUMNS: Final = ("Before", "Change", "Clear")
STACKED: Final = 4
"""How many parts a column has at most: more cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One chart with everything that belongs to it; of the kinds of chart there is one at most."""

    id: str
    title: str
    metric: Metric
    unit: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    api: str
    window: str
    line: LineChart | None = None
    rows_chart: RowChart | None = None
    stack: StackChart | None = None
    heat: HeatTable | None = None
    bars: bool = False
    notes: tuple[tuple[int, str], ...] = ()

    @property
    def csv(self) -> str:
        """Where the same numbers are as CSV."""
        path, _, query = self.api.partition("?")
        return f"{path}.csv?{query}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure of an overview: now, its interval, its change, and where to read on.

    ``before``: how many windows of the period before are known, where not all are.
    """

    metric: Metric
    value: str
    interval: str
    people: str
    change: str
    is_clear: bool
    before: str
    judged: str
    spark: str
    link: str


def line_figures(series: Series) -> list[Figure]:
    """Return a line for every place of a series, worst first; those of which nothing is shown are left out."""
    places: dict[tuple[str, object], list[SeriesRow]] = {}
    for row in series.rows:
        places.setdefault((row.cell.control, row.cell.dims), []).append(row)
    sums = [row for row in summed(series) if row.now.value is not None]
    return [_line_figure(series, row, places[row.control, row.dims]) for row in sums]


def stacked_figure(series: Series) -> Figure | None:
    """Return windows as columns of parts, the largest first; None where nothing is shown."""
    question = series.question
    parts = [row for row in summed(series) if row.now.value is not None][:STACKED]
    if not parts:
        return None
    days = sorted({each.cell.window.first for each in series.rows})
    cells = {(each.cell.control, each.cell.dims, each.cell.window.first): each.cell for each in series.rows}
    columns = [
        (
            place_of(row.control, row.dims),
            [_reading_on(day, cells.get((row.control, row.dims, day))) for day in days],
        )
        for row in parts
    ]
    return Figure(
        id=figure_id(question, parts[0]) + "-parts",
        title=f"{name_of(question.metric)} by {dimension_of(question.by or CONTROL)}",
        metric=question.metric,
        unit=unit_of(question.metric),
        caption=worst_and_best(question, summed(series)),
        columns=(
            question.metric.grain.capitalize(),
            dimension_of(question.by or CONTROL).capitalize(),
            *FIGURE_COLUMNS,
        ),
        rows=tuple(sorted(_part_cells(each.cell) for each in series.rows)),
        api=_api("series", question),
        window=window_text(question),
        stack=stack_chart(columns),
    )


def breakdown_figure(breakdown: Breakdown, *, bars: bool = False) -> Figure:
    """Return segments below each other, worst first: as bars without those at zero, or beside the undivided figure."""
    question = breakdown.question
    rows = [row for row in breakdown.rows if row.now.value or (row.now.value == 0 and not bars)]
    if question.by is Dimension.WITHIN:  # times have an order of their own
        rows.sort(key=lambda row: VALUES[Dimension.WITHIN].index(row.dims[0][1]))
    readings = [
        (
            place_of(row.control if question.control is None else "", row.dims) or place_of(row.control, ()),
            row,
        )
        for row in rows
    ]
    total = breakdown.total[0].now.value if len(breakdown.total) == 1 else None
    chart = row_chart(
        [
            (name, Reading(question.days.first, row.now.value, row.now.low, row.now.high))
            for name, row in readings
        ],
        reference=None if bars else total,
        bars=bars,
    )
    return Figure(
        id=figure_id(question, None),
        title=f"{name_of(question.metric)} by {dimension_of(question.by or CONTROL)}",
        metric=question.metric,
        unit=unit_of(question.metric),
        caption=worst_and_best(question, breakdown.rows),
        columns=(
            dimension_of(question.by or CONTROL).capitalize(),
            *FIGURE_COLUMNS,
            *CHANGE_COLUMNS,
        ),
        rows=tuple((name, *_sum_cells(row)) for name, row in readings),
        api=_api("breakdown", question),
        window=window_text(question),
        rows_chart=chart if readings else None,
        bars=bars,
    )


def heat_figure(breakdown: Breakdown) -> Figure | None:
    """Return two dimensions at once as a table: the second down, those with most people first, the first across."""
    question = breakdown.question
    by, second = question.by, question.second
    shown = [row for row in breakdown.rows if row.now.value is not None]
    if by is None or second is None or not shown:
        return None
    peopled = sorted(shown, key=lambda row: -least_people(row.now.people))
    heat = heat_table(
        {(_value(row, second), _value(row, by)): row.now.value for row in breakdown.rows},
        list(dict.fromkeys(_value(row, second) for row in peopled)),
    )
    return Figure(
        id=f"{figure_id(question, None)}-{second}",
        title=f"{name_of(question.metric)} by {dimension_of(by)} and {dimension_of(second)}",
        metric=question.metric,
        unit=unit_of(question.metric),
        caption=worst_and_best(question, breakdown.rows),
        columns=(
            f"{dimension_of(second).capitalize()}, {dimension_of(by)}",
            *FIGURE_COLUMNS,
            *CHANGE_COLUMNS,
        ),
        rows=tuple((place_of(row.control, row.dims), *_sum_cells(row)) for row in shown),
        api=_api("breakdown", question),
        window=window_text(question),
        heat=heat,
    )


def entry(series: Series, row: BreakdownRow, link: str) -> Entry:
    """Return one place of a series as it stands in an overview."""
    figure, change = row.now, row.change
    values = [
        each.cell.value
        for each in series.rows
        if (each.cell.control, each.cell.dims) == (row.control, row.dims)
    ]
    return Entry(
        series.question.metric,
        number_text(figure.value),
        interval_text(figure.low, figure.high),
        people_of(figure, " people"),
        signed(change.value) if change else "",
        bool(change and change.is_clear),
        known_windows(series.question, row.earlier) if row.earlier else "",
        judged(series.question.metric, row),
        sparkline(values),
        link,
    )


def interval_text(low: float | None, high: float | None) -> str:
    """Write an interval."""
    return "" if low is None or high is None else f"{number_text(low)} to {number_text(high)}"


def window_text(question: Question) -> str:
    """Write from when to when a figure is about, and what it is compared with."""
    days, before = question.days, question.compared_to
    compared = f", compared with {before.first} to {before.last}" if before else ""
    return f"{days.first} to {days.last}, by the {question.metric.grain}{compared}"


def _line_figure(series: Series, row: BreakdownRow, of_place: Sequence[SeriesRow]) -> Figure:
    question = series.question
    unit = unit_of(question.metric)
    notes = _notes(series, of_place)
    narrowed = Question(
        question.metric,
        question.days,
        question.by,
        row.dims[0][1] if row.dims else None,
        row.control if question.metric.by_control else "",
        question.compare,
    )
    compared = question.compared_to is not None
    return Figure(
        id=figure_id(question, row),
        title=f"{name_of(question.metric)}: {place_of(row.control, row.dims)}".removesuffix(": "),
        metric=question.metric,
        unit=unit,
        caption=finding(question, row),
        columns=(
            question.metric.grain.capitalize(),
            *FIGURE_COLUMNS,
            *(("Same weekday before", "Change", "Clear") if compared else ()),
        ),
        rows=tuple(_series_cells(each, compared=compared) for each in of_place),
        api=_api("series", narrowed),
        window=window_text(question),
        line=line_chart(
            since(question).removeprefix("since "),
            [_reading(each.cell) for each in of_place],
            [_earlier_reading(each) for each in of_place] if any(each.earlier for each in of_place) else (),
            notes=[(number, day) for number, day, _ in notes],
        ),
        notes=tuple((number, text) for number, _, text in notes),
    )


def _notes(series: Series, of_place: Sequence[SeriesRow]) -> list[tuple[int, date, str]]:
    """Number what happened, and put each on the window that its day belongs to."""
    found = []
    for number, note in enumerate(series.annotations, start=1):
        window = next(
            (
                row.cell.window
                for row in of_place
                if row.cell.window.first <= note.day <= row.cell.window.last
            ),
            None,
        )
        if window:
            place = f" ({note.market})" if note.market else ""
            found.append((number, window.first, f"{note.day}: {note.text}{place}"))
    return found


def _series_cells(row: SeriesRow, *, compared: bool) -> tuple[str, ...]:
    shown = (row.cell.window.first.isoformat(), *_cell_cells(row.cell))
    if not compared:
        return shown
    return (*shown, number_text(row.earlier.value) if row.earlier else "", *_change_cells(row))


def _part_cells(cell: Cell) -> tuple[str, ...]:
    return (cell.window.first.isoformat(), place_of(cell.control, cell.dims), *_cell_cells(cell))


def _cell_cells(cell: Cell) -> tuple[str, str, str]:
    people = f"{cell.people}, restated" if cell.state is CellState.RESTATED else cell.people
    return number_text(cell.value), interval_text(cell.low, cell.high), people or "withheld"


def _sum_cells(row: BreakdownRow) -> tuple[str, ...]:
    figure = row.now
    shown = (number_text(figure.value), interval_text(figure.low, figure.high), people_of(figure))
    return (*shown, number_text(row.earlier.value) if row.earlier else "", *_change_cells(row))


def _value(row: BreakdownRow, dimension: Dimension) -> str:
    return value_of(dimension, dict(row.dims)[dimension])


def _change_cells(row: SeriesRow | BreakdownRow) -> tuple[str, str]:
    if row.change is None:
        return "", ""
    return signed(row.change.value), "clear" if row.change.is_clear else "not clear"


def people_of(figure: Sum, noun: str = "") -> str:
    """Write how many people stand behind a figure, and whether some of its windows are withheld."""
    partly = ", partly withheld" if figure.state is SumState.PARTLY_WITHHELD else ""
    return f"{figure.people}{noun}{partly}" if figure.people else "withheld"


def _reading_on(day: date, cell: Cell | None) -> Reading:
    return _reading(cell) if cell else Reading(day, None)


def _reading(cell: Cell) -> Reading:
    return Reading(cell.window.first, cell.value, cell.low, cell.high)


def _earlier_reading(row: SeriesRow) -> Reading:
    if row.earlier is None:
        return Reading(row.cell.window.first, None)
    return Reading(row.earlier.window.first, row.earlier.value)


def figure_id(question: Question, row: BreakdownRow | None) -> str:
    """Return what a figure is called within its page."""
    parts = [
        question.metric.name,
        *([row.control, *(value for _, value in row.dims)] if row else [str(question.by)]),
    ]
    return "-".join(part.replace("_", "-") for part in parts if part)


def _api(call: str, question: Question) -> str:
    """Return where the API answers the same question."""
    where = [f"{CONTROL}:{question.control}"] if question.control else []
    where += [f"{question.by}:{question.value}"] if question.by and question.value else []
    asked = {
        "metric": question.metric.name,
        "from": question.days.first.isoformat(),
        "to": question.days.last.isoformat(),
        "by": "" if question.value else str(question.by or (CONTROL if call == "breakdown" else "")),
        "second": str(question.second or ""),
        "where": ",".join(where),
        "compare": str(question.compare),
    }
    query = urlencode({name: value for name, value in asked.items() if value}, safe=":,")
    return f"/v1/insights/{call}?{query}"
