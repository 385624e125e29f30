"""How far apart languages are is told where enough people speak them."""

import pytest

from service.domain.insight_answers import BreakdownRow, Sum, SumState
from service.domain.language_gaps import LanguageGap, language_gap
from service.domain.segments import Dimension


def spoken(
    language: str, value: float | None, people: str | None = "200-499", control: str = ""
) -> BreakdownRow:
    return BreakdownRow(
        control, ((Dimension.LANGUAGE, language),), Sum(SumState.SHOWN, 4, value, people=people)
    )


ROWS = [
    spoken("ta", 9.0, "50-99"),
    spoken("hi", 6.1, "100-199"),
    spoken("en", 3.0),
    spoken("pt", 2.4, "10000-19999"),
    spoken("ja", None, None),
]


def test_the_worst_and_the_best_language_with_a_hundred_people_are_held_against_each_other() -> None:
    assert language_gap("leakage", Dimension.LANGUAGE, ROWS) == LanguageGap("hi", "pt", 3.7)


@pytest.mark.parametrize(
    ("metric", "by", "rows"),
    [
        ("reach", Dimension.LANGUAGE, ROWS),
        ("leakage", Dimension.SURFACE, ROWS),
        ("leakage", None, ROWS),
        ("leakage", Dimension.LANGUAGE, ROWS[:2]),
        ("undo", Dimension.LANGUAGE, [spoken("hi", 6.1, control="block"), spoken("en", 3.0, control="mute")]),
    ],
)
def test_there_is_no_gap_of_what_says_nothing_of_languages(
    metric: str, by: Dimension | None, rows: list[BreakdownRow]
) -> None:
    assert language_gap(metric, by, rows) is None
