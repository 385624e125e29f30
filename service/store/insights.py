"""Closes windows into cells, and reads the cells; nothing here ever changes one that stands."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, and_, any_, delete, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from service.domain.closing import Tallied
from service.domain.insight_definitions import Metric
from service.domain.insights import (
    Annotation,
    AnnotationKind,
    Cell,
    CellState,
    Freshness,
    FreshnessState,
    WithheldShare,
)
from service.domain.market_days import Grain, Window
from service.domain.measures import COUNTED, Measure
from service.domain.segments import Dimension, dims_text, read_dims
from service.store.engine import FOR_READING, transaction
from service.store.insight_tables import (
    annotations,
    insight_cells,
    insight_windows,
    insight_withheld,
    tally,
)
from service.store.panel import WORKED_OUT, work_out
from service.store.rows import keep

CELLS_PER_PERSON: Final = 20
"""Into how many cells of one measure a person counts a day; what is beyond is dropped in the order of a hash."""

DROPPED: Final = """
WITH counted AS (
  SELECT day, market, control, dims, person FROM tally_person
  WHERE measure = :measure AND day BETWEEN :first AND :last
), busy AS MATERIALIZED (
  SELECT day, market, person FROM counted WHERE dims <> '' GROUP BY 1, 2, 3 HAVING count(*) > :most
), dropped AS MATERIALIZED (
  SELECT * FROM (
    SELECT counted.*, row_number() OVER (
      PARTITION BY day, market, person ORDER BY md5(control || dims), control, dims) AS place
    FROM counted JOIN busy USING (day, market, person) WHERE dims <> ''
  ) AS placed WHERE place > :most
)
"""
"""Few people count in more cells than they may: only theirs are put in order."""

PEOPLE_OF_A_DAY: Final = text(f"""{DROPPED}
SELECT market, control, dims, everybody.n - coalesce(less.n, 0) AS n
FROM (SELECT market, control, dims, count(*) AS n FROM counted GROUP BY 1, 2, 3) AS everybody
LEFT JOIN (SELECT market, control, dims, count(*) AS n FROM dropped GROUP BY 1, 2, 3) AS less
USING (market, control, dims)
""")  # noqa: S608  both halves stand here
"""On one day nobody stands twice in a cell, so that counting rows counts people."""

PEOPLE: Final = text(f"""{DROPPED}
SELECT market, control, dims, count(*) AS n
FROM (
  SELECT DISTINCT market, control, dims, person FROM counted
  WHERE NOT EXISTS (
    SELECT FROM dropped
    WHERE (dropped.day, dropped.market, dropped.control, dropped.dims, dropped.person)
      = (counted.day, counted.market, counted.control, counted.dims, counted.person)
  )
) AS everybody GROUP BY 1, 2, 3
""")  # noqa: S608


def tallied(connection: Connection, measure: Measure, window: Window) -> list[Tallied]:
    """Return what was counted of a measure within a window, by market, control and dimension."""
    if measure in WORKED_OUT:
        return work_out(connection, measure, window)
    days = {"measure": measure.value, "first": window.first, "last": window.last}
    if COUNTED[measure].people:
        query_of = PEOPLE_OF_A_DAY if window.first == window.last else PEOPLE
        rows = connection.execute(query_of, {**days, "most": CELLS_PER_PERSON})
    else:
        query = select(tally.c.market, tally.c.control, tally.c.dims, func.sum(tally.c.n))
        within = and_(tally.c.measure == measure.value, tally.c.day.between(window.first, window.last))
        rows = connection.execute(query.where(within).group_by(tally.c.market, tally.c.control, tally.c.dims))
    return [Tallied(market, control, dims, int(n)) for market, control, dims, n in rows]


def mark_closed(connection: Connection, grain: Grain, window: Window, now: datetime) -> bool:
    """Say that a window is closed; False where it was."""
    row = {"grain": grain.value, "first_day": window.first, "last_day": window.last, "closed_at": now}
    statement = insert(insight_windows).values(row).on_conflict_do_nothing()
    return connection.execute(statement.returning(insight_windows.c.first_day)).one_or_none() is not None


def mark_restated(connection: Connection, grain: Grain, window: Window, now: datetime) -> bool:
    """Say that a closed window is computed again; False where it was before, or was never closed."""
    table = insight_windows
    once = and_(
        table.c.grain == grain.value, table.c.first_day == window.first, table.c.restated_at.is_(None)
    )
    return connection.execute(update(table).where(once).values(restated_at=now)).rowcount > 0


def keep_table(
    connection: Connection, cells: Sequence[Cell], share: WithheldShare, now: datetime, *, restated: bool
) -> None:
    """Freeze the cells of one table."""
    rows = [_row(cell, now, restated=restated) for cell in cells]
    if rows:
        connection.execute(insert(insight_cells).on_conflict_do_nothing(), rows)
    row = {
        "metric": share.metric,
        "first_day": share.window.first,
        "last_day": share.window.last,
        "control": share.control,
        "restated": restated,
        "cells": share.cells,
        "withheld": share.withheld,
        "people_percent": share.people_percent,
    }
    connection.execute(insert(insight_withheld).values(row).on_conflict_do_nothing())


class PostgresInsights:
    """An ``InsightStore`` on PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

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
        """Return the cells of a metric within some days; restated ones in place of the first."""
        table = insight_cells
        dimensions = sorted(each for each in (by, second) if each)
        query = (
            select(table)
            .ext(distinct_on(table.c.first_day, table.c.control, table.c.dims))
            .where(
                table.c.metric == metric.name,
                table.c.version == metric.version,
                table.c.dimension == ",".join(dimensions),
                *_within(table, days),
            )
            .order_by(table.c.first_day, table.c.control, table.c.dims, table.c.restated.desc())
        )
        if by is not None and value is not None:
            part = dims_text([(by, value)])
            query = query.where(literal(part) == any_(func.string_to_array(table.c.dims, ",")))
        if control is not None:
            query = query.where(table.c.control == control)
        return [_cell(row) for row in self._rows(query)]

    def withheld(self, metric: Metric, days: Window) -> Sequence[WithheldShare]:
        """Return how much is withheld of each table."""
        table = insight_withheld
        query = (
            select(table)
            .ext(distinct_on(table.c.first_day, table.c.control))
            .where(table.c.metric == metric.name, *_within(table, days))
            .order_by(table.c.first_day, table.c.control, table.c.restated.desc())
        )
        return [
            WithheldShare(
                row.metric,
                Window(row.first_day, row.last_day),
                row.control,
                row.cells,
                row.withheld,
                row.people_percent,
            )
            for row in self._rows(query)
        ]

    def freshness(self, grain: Grain = Grain.DAY) -> Freshness:
        """Return up to which day every window of a grain is closed."""
        table = insight_windows
        query = select(table).where(table.c.grain == grain.value).order_by(table.c.first_day.desc()).limit(1)
        newest = next(self._rows(query), None)
        if newest is None:
            return Freshness(None, None, FreshnessState.PROVISIONAL)
        state = FreshnessState.RESTATED if newest.restated_at else FreshnessState.COMPLETE
        return Freshness(newest.last_day, newest.restated_at or newest.closed_at, state)

    def last_closed_at(self) -> datetime | None:
        """Return when anything was last closed or restated."""
        table = insight_windows
        query = select(func.greatest(func.max(table.c.closed_at), func.max(table.c.restated_at)).label("at"))
        newest: datetime | None = next(self._rows(query)).at
        return newest

    def closings(self) -> int:
        """Return how many windows were closed or restated so far."""
        table = insight_windows
        query = select((func.count() + func.count(table.c.restated_at)).label("n")).select_from(table)
        return int(next(self._rows(query)).n)

    def annotations(self, days: Window) -> Sequence[Annotation]:
        """Return what happened within some days."""
        table = annotations
        query = (
            select(table).where(table.c.day.between(days.first, days.last)).order_by(table.c.day, table.c.id)
        )
        return [
            Annotation(row.id, row.day, AnnotationKind(row.kind), row.text, row.market, row.link)
            for row in self._rows(query)
        ]

    def annotate(self, annotation: Annotation) -> None:
        """Keep an annotation in place of one with its id."""
        row = {
            "id": annotation.id,
            "day": annotation.day,
            "kind": annotation.kind.value,
            "text": annotation.text,
            "market": annotation.market,
            "link": annotation.link,
        }
        with transaction(self._engine, FOR_READING) as connection:
            keep(connection, annotations, row)

    def remove_annotation(self, annotation_id: str) -> bool:
        """Forget an annotation; tell whether there was one."""
        with transaction(self._engine, FOR_READING) as connection:
            statement = delete(annotations).where(annotations.c.id == annotation_id)
            return connection.execute(statement).rowcount > 0

    def closed_days(self, days: Window) -> Sequence[date]:
        """Return which days are closed."""
        table = insight_windows
        query = (
            select(table.c.first_day)
            .where(table.c.grain == Grain.DAY.value, table.c.first_day.between(days.first, days.last))
            .order_by(table.c.first_day)
        )
        return [row.first_day for row in self._rows(query)]

    def _rows(self, query: Any) -> Iterator[Row[Any]]:
        with transaction(self._engine, FOR_READING) as connection:
            return iter(connection.execute(query).all())


def _within(table: Any, days: Window) -> tuple[Any, Any]:
    return table.c.first_day >= days.first, table.c.last_day <= days.last


def _row(cell: Cell, now: datetime, *, restated: bool) -> dict[str, object]:
    return {
        "metric": cell.metric,
        "version": cell.version,
        "first_day": cell.window.first,
        "last_day": cell.window.last,
        "control": cell.control,
        "dimension": ",".join(dimension for dimension, _ in cell.dims),
        "dims": dims_text(cell.dims),
        "restated": restated,
        "state": cell.state.value,
        "value": cell.value,
        "low": cell.low,
        "high": cell.high,
        "numerator": cell.numerator,
        "denominator": cell.denominator,
        "people": cell.people,
        "closed_at": now,
    }


def _cell(row: Row[Any]) -> Cell:
    return Cell(
        row.metric,
        row.version,
        Window(row.first_day, row.last_day),
        row.control,
        read_dims(row.dims),
        CellState(row.state),
        row.value,
        row.low,
        row.high,
        row.numerator,
        row.denominator,
        row.people,
    )
