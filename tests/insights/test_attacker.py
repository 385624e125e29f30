"""Somebody reads everything that is published, every day, and subtracts; here is what they cannot work out."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.domain.insight_definitions import METRICS
from service.domain.insights import (
    LEAST_TOLD_OF,
    NARROWEST_DOUBT,
    PERCENT_STEPS,
    Cell,
    CellState,
    OpenCell,
    Table,
    bounds_of,
    close_table,
    round_count,
)
from service.domain.market_days import DAYS_IN, Grain, Window, window_with
from service.domain.segments import Dimension, dims_text
from tests.insights.linear_program import Infeasible, Known, bounds

DAY = date(2026, 11, 2)
SHARES = METRICS["not_interested_rate"]
LANGUAGES = ("de", "en", "hi", "ja")
AGES = ("adult", "minor", "unknown")
Groups = dict[tuple[str, str], tuple[int, int]]


def table_of(groups: Groups) -> Table:
    """Return the table of people by language and age band; everybody has one of each."""

    def cell(*chosen: tuple[Dimension, str]) -> OpenCell:
        wanted = {value for _, value in chosen}
        inside = [counts for group, counts in groups.items() if wanted <= set(group)]
        sent, came = (sum(counts[place] for counts in inside) for place in (0, 1))
        return OpenCell(tuple(chosen), sent, came, came)

    cells = [cell()]
    cells += [cell((Dimension.LANGUAGE, each)) for each in LANGUAGES]
    cells += [cell((Dimension.AGE_BAND, each)) for each in AGES]
    return Table(SHARES, Window(DAY, DAY), "", tuple(cells))


def what_is_known(
    cells: Iterable[Cell], figure: Callable[[Cell], int | None], peopled: set[str]
) -> list[Known]:
    """Return all that a reader knows who also knows which groups are empty."""
    known = []
    for dimension in (Dimension.LANGUAGE, Dimension.AGE_BAND):
        group = {dims_text(each.dims): 1 for each in cells if each.dims and each.dims[0][0] is dimension}
        known.append(Known({**{name: n for name, n in group.items() if name in peopled}, "": -1}, 0, 0))
    for cell in cells:
        published, name = figure(cell), dims_text(cell.dims)
        if published is not None and (name in peopled or not name):
            known.append(Known({name: 1}, *bounds_of(published)))
    return known


def known_by_share(table: Table, cells: Iterable[Cell], percent: int) -> list[Known]:
    """Return what the share of withheld people adds, for a reader who knows more of it than is told.

    No dimension withholds more. Less than the step below is out of the question wherever that is true.
    """
    gone = {dims_text(each.dims) for each in cells if each.state is CellState.WITHHELD}
    steps = (0, *PERCENT_STEPS)
    below = steps[steps.index(percent) - 1] if percent else 0
    known = []
    for groups in table.breakdowns():
        exact = {dims_text(each.dims): each.people for each in groups if each.people}
        withheld = sum(people for name, people in exact.items() if name in gone)
        known.append(Known({name: percent - 100 * (name in gone) for name in exact}, 0, None))
        if withheld > LEAST_TOLD_OF and 100 * withheld > below * sum(exact.values()):
            known.append(Known({name: 100 * (name in gone) - below for name in exact}, 0, None))
    return known


def doubt_about(
    table: Table, cells: list[Cell], figure: Callable[[Cell], int | None], also: Sequence[Known] = ()
) -> dict[str, Fraction | int | None]:
    """Return for each withheld cell with people in it by how many what remains possible differs; None: no end."""
    peopled = {dims_text(each.dims) for each in table.cells if each.people}
    known = [*what_is_known(cells, figure, peopled), *also]
    doubt: dict[str, Fraction | int | None] = {}
    for cell in cells:
        name = dims_text(cell.dims)
        if cell.state is CellState.WITHHELD and name in peopled and name:
            low, high = bounds(name, known)
            doubt[name] = None if high is None else high - low
    return doubt


group = st.integers(0, 130).flatmap(lambda came: st.tuples(st.integers(0, came), st.just(came)))
populations = st.dictionaries(
    st.tuples(st.sampled_from(LANGUAGES), st.sampled_from(AGES)), group, min_size=1, max_size=9
)


@settings(max_examples=25, deadline=None)
@given(populations)
@example(
    {("de", "adult"): (10, 65), ("ja", "adult"): (10, 55), ("hi", "adult"): (0, 2), ("en", "adult"): (0, 2)}
)
def test_whoever_subtracts_everything_is_left_in_doubt(groups: Groups) -> None:
    table = table_of(groups)
    cells, share = close_table(table)

    told = known_by_share(table, cells, int(share.people_percent))
    for figure, also in ((lambda cell: cell.denominator, told), (lambda cell: cell.numerator, [])):
        doubt = doubt_about(table, cells, figure, also)
        assert all(width is None or width >= NARROWEST_DOUBT for width in doubt.values()), doubt


def test_withholding_small_cells_alone_would_give_them_away() -> None:
    """The attack finds what it looks for, where only the floor is kept."""
    table = table_of({("de", "adult"): (20, 120), ("ja", "adult"): (20, 100), ("hi", "adult"): (0, 4)})
    careless = [
        Cell(
            "m", 1, table.window, "", each.dims,
            CellState.SHOWN if each.people >= 50 else CellState.WITHHELD,
            denominator=round_count(each.denominator) if each.people >= 50 else None,
        )
        for each in table.cells
    ]  # fmt: skip

    doubt = doubt_about(table, careless, lambda cell: cell.denominator)
    assert doubt["language=hi"] is not None
    assert doubt["language=hi"] < 15
    exact = [
        Known({"language=de": 1, "language=ja": 1, "language=hi": 1, "": -1}, 0, 0),
        Known({"": 1}, 224, 224),
        Known({"language=de": 1}, 120, 120),
        Known({"language=ja": 1}, 100, 100),
    ]
    assert bounds("language=hi", exact) == (4, 4)


def test_an_exact_share_of_withheld_people_would_give_them_away() -> None:
    """The total is withheld, for three people stand out in it; how many are withheld altogether would bring it back."""
    table = table_of({("de", "adult"): (0, 120), ("en", "adult"): (3, 120)})
    cells, _ = close_table(table)
    people = {dims_text(each.dims): each.people for each in table.cells}
    hidden = {dims_text(each.dims) for each in cells if each.state is CellState.WITHHELD}
    told = {name: 1 for name in hidden if people[name]}
    exact = Known(told, *bounds_of(round_count(sum(people[name] for name in told))))

    careless = doubt_about(table, cells, lambda cell: cell.denominator, [exact])
    assert careless["language=en"] is not None
    assert careless["language=en"] < NARROWEST_DOUBT


def test_the_program_notices_what_cannot_be() -> None:
    with pytest.raises(Infeasible):
        bounds("x", [Known({"x": 1}, 5, 9), Known({"x": 1}, 10, None)])


def test_the_program_finds_bounds_through_several_sums() -> None:
    known = [Known({"x": 1, "y": 1}, 10, 12), Known({"y": 1, "z": 1}, 4, 4), Known({"z": 1}, 1, 3)]

    assert bounds("x", known) == (7, 11)
    assert bounds("y", known) == (1, 3)


@settings(max_examples=100, deadline=None)
@given(populations, st.sampled_from(LANGUAGES), st.integers(0, 1))
def test_one_person_more_moves_a_figure_by_a_rounding_step_at_most(
    groups: Groups, language: str, sends: int
) -> None:
    """Two readers, one with and one without a person: where both see a number, it is one step apart at most."""
    sent, came = groups.get((language, "adult"), (0, 0))
    one_more = {**groups, (language, "adult"): (sent + sends, came + 1)}
    before, after = (close_table(table_of(each))[0] for each in (groups, one_more))

    for old, new in zip(before, after, strict=True):
        if old.denominator is not None and new.denominator is not None:
            assert new.denominator - old.denominator in {0, 10}
            assert old.numerator is not None
            assert new.numerator is not None
            assert new.numerator - old.numerator in {0, 10}


@pytest.mark.parametrize("grain", list(Grain))
def test_windows_of_a_grain_never_overlap(grain: Grain) -> None:
    """So nobody can slide a week by a day and subtract: every day belongs to one window."""
    for number in range(60):
        day = DAY + timedelta(days=number)
        window = window_with(day, grain)
        assert all(window_with(each, grain) == window for each in window.days())
        assert len(list(window.days())) == DAYS_IN[grain]


def test_what_is_counted_by_the_day_is_not_also_counted_by_the_week() -> None:
    """A numerator over a denominator has one grain: else a week less six days would show the seventh."""
    grains: dict[tuple[object, object], set[Grain]] = {}
    for metric in METRICS.values():
        grains.setdefault((metric.numerator, metric.denominator), set()).add(metric.grain)

    assert all(len(each) == 1 for each in grains.values())


def test_a_denominator_has_one_floor_wherever_it_stands_for_people() -> None:
    """Else one table would show what another withholds."""
    floors: dict[object, set[int]] = {}
    for metric in METRICS.values():
        if metric.counts_people:
            floors.setdefault(metric.denominator, set()).add(metric.floor(()))

    assert all(len(each) == 1 for each in floors.values()), floors
