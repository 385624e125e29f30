"""Withholding and rounding: what may be read, and that nothing else can be worked out from it."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from service.domain.closing import Tallied, sums_of
from service.domain.insight_definitions import METRICS
from service.domain.insights import (
    Cell,
    CellState,
    OpenCell,
    Table,
    bounds_of,
    close_table,
    people_band,
    round_count,
    withhold_small_groups,
)
from service.domain.market_days import Window
from service.domain.segments import Dimension, Dims

DAY = date(2026, 11, 2)
TODAY = Window(DAY, DAY)
SHARE_OF_PEOPLE = METRICS["not_interested_rate"]
LANGUAGES = ("ar", "de", "en", "hi", "ja", "other")


def of_language(language: str) -> Dims:
    return ((Dimension.LANGUAGE, language),)


def a_table(**by_language: tuple[int, int]) -> Table:
    """Return a table with a total and a breakdown by language: people who sent a signal, people who came."""
    cells = [OpenCell(of_language(name), sent, came, came) for name, (sent, came) in by_language.items()]
    sent, came = (sum(each[place] for each in by_language.values()) for place in (0, 1))
    return Table(SHARE_OF_PEOPLE, TODAY, "", (OpenCell((), sent, came, came), *cells))


def withheld_in(table: Table) -> set[str]:
    safe = withhold_small_groups(table)
    return {dict(cell.dims).get(Dimension.LANGUAGE, "total") for cell in safe.cells if cell.is_withheld}


def published(table: Table) -> dict[str, Cell]:
    cells, _ = close_table(table)
    return {dict(cell.dims).get(Dimension.LANGUAGE, "total"): cell for cell in cells}


def test_a_cell_with_few_people_has_no_number_in_it() -> None:
    cell = published(a_table(de=(20, 400), ja=(20, 300), hi=(8, 49)))["hi"]

    assert cell.state is CellState.WITHHELD
    assert {cell.value, cell.low, cell.high, cell.numerator, cell.denominator, cell.people} == {None}


def test_the_one_small_cell_takes_the_next_smallest_with_it() -> None:
    assert withheld_in(a_table(de=(20, 400), ja=(20, 300), hi=(8, 49))) == {"hi", "ja"}


def test_cells_without_anybody_hide_nobody() -> None:
    assert withheld_in(a_table(de=(20, 400), ja=(20, 300), hi=(8, 49), ar=(0, 0))) == {"hi", "ja", "ar"}


def test_two_small_cells_that_leave_too_little_doubt_take_a_third_with_them() -> None:
    """Shown are 65 to 74 and 55 to 64, of at most 124: four people would be left for both of the small ones."""
    assert withheld_in(a_table(de=(10, 65), ja=(10, 55), hi=(0, 2), ar=(0, 2))) >= {"hi", "ar", "ja"}


def test_what_nearly_everybody_did_is_not_told() -> None:
    assert "hi" in withheld_in(a_table(de=(20, 400), ja=(20, 300), hi=(57, 60)))


def test_what_nobody_did_is_told() -> None:
    assert withheld_in(a_table(de=(20, 400), ja=(0, 300))) == set()


def test_a_table_about_few_people_is_withheld_whole() -> None:
    assert withheld_in(a_table(de=(10, 30), ja=(5, 19))) == {"total", "de", "ja"}


def test_minors_need_twice_as_many() -> None:
    dims = ((Dimension.AGE_BAND, "minor"),)

    assert SHARE_OF_PEOPLE.floor(()) == 50
    assert SHARE_OF_PEOPLE.floor(dims) == 100


def test_rates_come_from_rounded_counts_with_two_digits() -> None:
    cell = published(a_table(de=(34, 996), ja=(20, 300)))["de"]

    assert (cell.numerator, cell.denominator, cell.value, cell.people) == (30, 1000, 3.0, "1000-1999")


def test_how_much_is_withheld_stands_beside_the_table() -> None:
    _, share = close_table(a_table(de=(20, 400), ja=(20, 300), hi=(8, 49)))

    assert (share.cells, share.withheld, share.people_percent) == (4, 2, 50)


tables = st.dictionaries(
    st.sampled_from(LANGUAGES),
    st.integers(0, 400).flatmap(lambda came: st.tuples(st.integers(0, came), st.just(came))),
    min_size=1,
).map(lambda cells: a_table(**cells))


@given(tables)
def test_withholding_twice_is_withholding_once(table: Table) -> None:
    once = withhold_small_groups(table)

    assert withhold_small_groups(once) == once


@given(tables)
def test_withholding_only_ever_removes(table: Table) -> None:
    safe = withhold_small_groups(table)

    kept = [(cell.dims, cell.numerator, cell.denominator, cell.people) for cell in safe.cells]
    assert kept == [(cell.dims, cell.numerator, cell.denominator, cell.people) for cell in table.cells]


@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_cells_does_not_matter(table: Table, dice: object) -> None:
    mixed = Table(table.metric, table.window, table.control, tuple(reversed(table.cells)))

    assert withheld_in(mixed) == withheld_in(table)


@given(st.integers(0, 300_000))
def test_rounding_never_turns_an_order_around(count: int) -> None:
    assert round_count(count) <= round_count(count + 1)


@given(st.integers(0, 300_000))
def test_the_bounds_of_a_rounded_count_are_exactly_those_that_round_to_it(count: int) -> None:
    low, high = bounds_of(round_count(count))

    assert low <= count <= high
    assert round_count(low) == round_count(high) == round_count(count)
    assert round_count(high + 1) > round_count(count)


@given(st.integers(10, 10_000_000))
def test_every_number_of_people_has_a_band(people: int) -> None:
    low, high = map(int, people_band(people).split("-"))

    assert low <= people <= high


counts = st.lists(
    st.builds(
        Tallied,
        st.sampled_from(["DE", "IN", "NP"]),
        st.just(""),
        st.sampled_from(["", "language=de", "language=hi"]),
        st.integers(0, 500),
    )
)


@given(counts)
def test_the_world_is_the_sum_of_its_markets(counted: list[Tallied]) -> None:
    sums = sums_of(counted)

    markets = sum(n for (_, dims), n in sums.items() if dims.startswith("market="))
    assert sums.get(("", ""), 0) == markets == sum(each.n for each in counted if not each.dims)
