"""What every store of closed figures promises, on the fake and on PostgreSQL."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from service.domain.insight_definitions import METRICS
from service.domain.insights import Annotation, AnnotationKind, Cell, CellState, FreshnessState, WithheldShare
from service.domain.market_days import DAYS_IN, Grain, Window
from service.domain.segments import Dimension, Dims
from service.store.analyst_reads import PostgresReads
from service.store.engine import FOR_READING, make_engine, transaction
from service.store.insights import PostgresInsights, keep_table, mark_closed, mark_restated
from service.usecases.insight_ports import AnalystRead, ClosedTable, InsightStore, ReadLog
from tests.builders import NOW
from tests.fakes.insights import FakeInsights, FakeReads

MONDAY = date(2026, 11, 9)
WEEK = Window(MONDAY, MONDAY + timedelta(days=6))
CLOSED_AT = datetime(2026, 11, 18, 6, tzinfo=UTC)
GERMAN: Dims = ((Dimension.LANGUAGE, "de"),)
JAPANESE: Dims = ((Dimension.LANGUAGE, "ja"),)

Close = Callable[[ClosedTable, datetime], None]


@pytest.fixture(params=["fake", pytest.param("postgres", marks=pytest.mark.servers)])
def kept(request: pytest.FixtureRequest) -> Iterator[tuple[InsightStore, Close, ReadLog]]:
    """A store, what closes a table into it, and a log of reads."""
    if request.param == "fake":
        fake = FakeInsights()
        yield fake, lambda table, at: fake.keep(table.cells, table.share, at), FakeReads()
        return
    engine = make_engine(request.getfixturevalue("clean_database"))

    def close(table: ClosedTable, at: datetime) -> None:
        grain = METRICS[table.share.metric].grain
        restated = table.cells[0].state is CellState.RESTATED
        with transaction(engine, FOR_READING) as connection:
            mark = mark_restated if restated else mark_closed
            mark(connection, grain, table.share.window, at)
            keep_table(connection, table.cells, table.share, at, restated=restated)

    yield PostgresInsights(engine), close, PostgresReads(engine)
    engine.dispose()


def a_table(
    metric: str = "undo", first: date = MONDAY, value: float = 5.0, state: CellState = CellState.SHOWN
) -> ClosedTable:
    """Return a table with a total, a language that is shown and one that is withheld."""
    length = DAYS_IN[METRICS[metric].grain]
    window, control = Window(first, first + timedelta(days=length - 1)), "block"
    version = METRICS[metric].version
    total = Cell(
        metric, version, window, control, (), state, value, value - 1, value + 1, 50, 1000, "1000-1999"
    )
    withheld = Cell(metric, version, window, control, JAPANESE, CellState.WITHHELD)
    cells = [total, replace(total, dims=GERMAN), withheld]
    return ClosedTable(cells, WithheldShare(metric, window, control, 3, 1, 5))


def test_cells_are_found_by_metric_window_and_what_they_are_about(
    kept: tuple[InsightStore, Close, ReadLog],
) -> None:
    store, close, _ = kept
    for number in range(3):
        close(a_table(first=MONDAY + timedelta(days=number), value=5.0 + number), CLOSED_AT)
    undo, days = METRICS["undo"], Window(MONDAY, MONDAY + timedelta(days=1))

    assert [cell.value for cell in store.cells(undo, days)] == [5.0, 6.0]
    assert [cell.dims for cell in store.cells(undo, days, by=Dimension.LANGUAGE)] == [GERMAN, JAPANESE] * 2
    [one, _] = store.cells(undo, days, by=Dimension.LANGUAGE, value="ja")
    assert (one.state, one.value, one.people) == (CellState.WITHHELD, None, None)
    assert store.cells(undo, days, control="mute") == []
    assert store.cells(METRICS["reach"], days) == []
    assert [share.window.first for share in store.withheld(undo, days)] == list(days.days())


def test_cells_of_two_dimensions_are_found_by_both(kept: tuple[InsightStore, Close, ReadLog]) -> None:
    store, close, _ = kept
    table, topics = a_table("rejected_topics"), METRICS["rejected_topics"]
    both = [(*GERMAN, (Dimension.TOPIC, each)) for each in ("diets", "horror")]
    pairs = [replace(table.cells[0], dims=dims) for dims in both]
    close(replace(table, cells=[*table.cells, *pairs]), CLOSED_AT)

    by: dict[str, Any] = {"by": Dimension.TOPIC, "second": Dimension.LANGUAGE}
    assert [cell.dims for cell in store.cells(topics, WEEK, **by)] == both
    assert [cell.dims for cell in store.cells(topics, WEEK, **by, value="horror")] == both[1:]
    assert [cell.dims for cell in store.cells(topics, WEEK, by=Dimension.LANGUAGE)] == [GERMAN, JAPANESE]
    assert store.cells(topics, WEEK, by=Dimension.TOPIC) == []


def test_a_restated_cell_comes_in_place_of_the_first(kept: tuple[InsightStore, Close, ReadLog]) -> None:
    store, close, _ = kept
    close(a_table(), CLOSED_AT)
    close(a_table(value=7.0, state=CellState.RESTATED), CLOSED_AT + timedelta(days=5))

    [cell] = store.cells(METRICS["undo"], WEEK)
    assert (cell.value, cell.state) == (7.0, CellState.RESTATED)
    assert store.freshness().state is FreshnessState.RESTATED


def test_every_grain_is_as_fresh_as_its_own_newest_window(kept: tuple[InsightStore, Close, ReadLog]) -> None:
    store, close, _ = kept
    assert (store.freshness().complete_through, store.last_closed_at()) == (None, None)

    close(a_table("undo", MONDAY + timedelta(days=8)), CLOSED_AT + timedelta(days=2))
    close(a_table("told_us_twice", MONDAY), CLOSED_AT)

    assert store.freshness().complete_through == MONDAY + timedelta(days=8)
    assert store.freshness(Grain.WEEK).complete_through == WEEK.last
    assert store.freshness(Grain.WEEK).closed_at == CLOSED_AT
    assert store.freshness(Grain.BLOCK).state is FreshnessState.PROVISIONAL
    assert store.last_closed_at() == CLOSED_AT + timedelta(days=2)


def test_every_close_and_every_restatement_is_one_closing_more(
    kept: tuple[InsightStore, Close, ReadLog],
) -> None:
    store, close, _ = kept
    closings = [store.closings()]
    for table in (a_table(), a_table("told_us_twice"), a_table(value=7.0, state=CellState.RESTATED)):
        close(table, CLOSED_AT)  # as one run of the job does it, all at the same time
        closings.append(store.closings())

    assert closings == [0, 1, 2, 3]


def test_notes_are_found_by_their_day(kept: tuple[InsightStore, Close, ReadLog]) -> None:
    store, _, _ = kept
    note = Annotation("n1", MONDAY, AnnotationKind.INCIDENT, "slow", "JP", "https://notes.example/1")
    store.annotate(replace(note, id="n2", day=MONDAY - timedelta(days=1)))
    store.annotate(note)

    assert list(store.annotations(WEEK)) == [note]
    assert store.remove_annotation("n1")
    assert not store.remove_annotation("n1")
    assert list(store.annotations(WEEK)) == []


def test_what_an_analyst_spends_is_counted_by_the_day(kept: tuple[InsightStore, Close, ReadLog]) -> None:
    _, _, log = kept
    read = AnalystRead("grace", "series", 3, NOW)

    assert log.note(read) == 3
    assert log.note(replace(read, cell_queries=4)) == 7
    assert log.note(replace(read, analyst="heidi")) == 3
    assert log.note(replace(read, at=NOW + timedelta(days=1))) == 3
