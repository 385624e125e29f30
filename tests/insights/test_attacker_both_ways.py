"""Somebody reads a table in two dimensions with all its sums, and subtracts; here is what they cannot work out."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.domain.insight_definitions import METRICS
from service.domain.insights import (
    NARROWEST_DOUBT,
    Cell,
    CellState,
    OpenCell,
    Table,
    bounds_of,
    close_table,
    round_count,
)
from service.domain.market_days import Grain, window_with
from service.domain.segments import Dimension, Dims, dims_text
from tests.insights.counting import MONDAY
from tests.insights.linear_program import Known, bounds

TOPICS_BY_LANGUAGE = METRICS["rejected_topics"]
LANGUAGES = ("de", "hi", "ja")
TOPICS = ("diets", "gossip", "horror")
Rejections = Mapping[tuple[str, str], int]


def dims_of(language: str = "", topic: str = "") -> Dims:
    named = ((Dimension.LANGUAGE, language), (Dimension.TOPIC, topic))
    return tuple((dimension, value) for dimension, value in named if value)


def table_of(rejected: Rejections, came: Mapping[str, int], twice: Mapping[str, int] | None = None) -> Table:
    """Return how many rejected what, of so many in each language; ``twice`` rejected one topic more."""

    def cell(language: str = "", topic: str = "") -> OpenCell:
        sent = sum(
            n
            for (of_language, of_topic), n in rejected.items()
            if language in {"", of_language} and topic in {"", of_topic}
        )
        if not topic:
            sent -= sum(n for each, n in (twice or {}).items() if language in {"", each})
        people = sum(n for each, n in came.items() if language in {"", each})
        return OpenCell(dims_of(language, topic), sent, people, people)

    cells = [cell(), *map(cell, LANGUAGES), *(cell(topic=each) for each in TOPICS)]
    cells += [cell(language, topic) for language in LANGUAGES for topic in TOPICS]
    return Table(TOPICS_BY_LANGUAGE, window_with(MONDAY, Grain.WEEK), "", tuple(cells))


def terms_of(dims: Dims, peopled: set[str], *, overlap: bool) -> dict[str, int]:
    """Return a cell as the sum of its parts, down to what is no sum; empty groups are none.

    Languages add up. Topics do too unless they overlap: then a language is more than any and less than all of them.
    """
    named = dict(dims)
    languages = [named[Dimension.LANGUAGE]] if Dimension.LANGUAGE in named else LANGUAGES
    if Dimension.TOPIC in named:
        topics: Iterable[str] = [named[Dimension.TOPIC]]
    else:
        topics = [""] if overlap else TOPICS
    names = (dims_text(dims_of(language, topic)) for language in languages for topic in topics)
    return {name: 1 for name in names if name in peopled}


def what_is_known(cells: Iterable[Cell], peopled: set[str], *, overlap: bool) -> list[Known]:
    """Return all that a reader knows: what is shown, and how what is shown adds up."""
    known = [
        Known(terms_of(cell.dims, peopled, overlap=overlap), *bounds_of(cell.numerator))
        for cell in cells
        if cell.numerator is not None and dims_text(cell.dims) in peopled
    ]
    for language in LANGUAGES if overlap else ():
        whole = dims_text(dims_of(language))
        parts = [dims_text(dims_of(language, each)) for each in TOPICS]
        if whole in peopled:
            known += [Known({whole: 1, each: -1}, 0, None) for each in parts]
            known.append(Known({whole: -1, **dict.fromkeys(parts, 1)}, 0, None))
    return known


def doubt_about(table: Table, cells: list[Cell], *, overlap: bool) -> dict[str, Fraction | int]:
    """Return for each withheld cell by how many what remains possible differs, where anything is to be hidden."""
    peopled = {dims_text(each.dims) for each in table.cells if each.people}
    known = what_is_known(cells, peopled, overlap=overlap)
    zero = {cell.dims for cell in cells if cell.numerator == 0 and len(cell.dims) == 1}
    doubt: dict[str, Fraction | int] = {}
    for cell in cells:
        name = dims_text(cell.dims)
        if (
            cell.state is CellState.WITHHELD
            and name in peopled
            and not zero & {(each,) for each in cell.dims}
        ):
            terms = terms_of(cell.dims, peopled, overlap=overlap)
            low, high = bounds("?", [*known, Known({**terms, "?": -1}, 0, 0)])
            doubt[name] = NARROWEST_DOUBT if high is None else high - low
    return doubt


rejections = st.dictionaries(
    st.tuples(st.sampled_from(LANGUAGES), st.sampled_from(TOPICS)), st.integers(0, 60), min_size=3, max_size=9
)
speakers = st.fixed_dictionaries({each: st.sampled_from((0, 20, 70, 150)) for each in LANGUAGES})


@settings(max_examples=4, deadline=None)
@given(rejections, speakers)
@example(
    {("de", each): 40 for each in TOPICS} | {("hi", "diets"): 3, ("ja", "diets"): 30}, {"hi": 120, "ja": 90}
)
def test_whoever_subtracts_both_ways_is_left_in_doubt(rejected: Rejections, also: Mapping[str, int]) -> None:
    table = table_of(rejected, came_for(rejected, also))

    doubt = doubt_about(table, close_table(table)[0], overlap=False)
    assert all(width >= NARROWEST_DOUBT for width in doubt.values()), doubt


@settings(max_examples=3, deadline=None)
@given(rejections, speakers, st.integers(0, 20))
def test_whoever_knows_that_topics_overlap_is_left_in_doubt(
    rejected: Rejections, also: Mapping[str, int], most: int
) -> None:
    of_language = {each: [rejected.get((each, topic), 0) for topic in TOPICS] for each in LANGUAGES}
    twice = {each: min(most, sum(n) - max(n)) for each, n in of_language.items()}
    table = table_of(rejected, came_for(rejected, also), twice)

    doubt = doubt_about(table, close_table(table)[0], overlap=True)
    assert all(width >= NARROWEST_DOUBT for width in doubt.values()), doubt


def came_for(rejected: Rejections, also: Mapping[str, int]) -> dict[str, int]:
    """Return how many came: all who rejected something, and some who did not."""
    return {
        each: sum(n for (language, _), n in rejected.items() if language == each) + also.get(each, 0)
        for each in LANGUAGES
    }


def test_withholding_line_by_line_would_give_a_cell_away() -> None:
    """The attack finds what it looks for: one cell alone is withheld in its line and in its column."""
    rejected = {(language, topic): 45 for language in LANGUAGES for topic in TOPICS} | {("hi", "diets"): 4}
    table = table_of(rejected, dict.fromkeys(LANGUAGES, 300))
    careless = [
        Cell(
            "m", 1, table.window, "", each.dims,
            CellState.WITHHELD if each.numerator == 4 else CellState.SHOWN,
            numerator=None if each.numerator == 4 else round_count(each.numerator),
        )
        for each in table.cells
    ]  # fmt: skip

    assert doubt_about(table, careless, overlap=False)["language=hi,topic=diets"] < NARROWEST_DOUBT
    withheld = {each.dims for each in close_table(table)[0] if each.state is CellState.WITHHELD}
    assert len(withheld & {dims_of("hi", each) for each in TOPICS}) > 1
    assert len(withheld & {dims_of(each, "diets") for each in LANGUAGES}) > 1
    assert () not in withheld
