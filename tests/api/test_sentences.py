"""What pages say in words is what the figures bear out, and no more."""

from datetime import date, timedelta

from service.api.pages.sentences import finding, headline, known_windows, worst_and_best
from service.domain.insight_answers import BreakdownRow, breakdown_rows
from service.domain.insight_definitions import METRICS
from service.domain.insight_questions import Compare, Question
from service.domain.insights import Cell, CellState
from service.domain.market_days import Window
from service.domain.segments import Dimension

FORTNIGHT = Window(date(2026, 11, 2), date(2026, 11, 15))


def about_leakage(compare: Compare = Compare.PREVIOUS) -> Question:
    return Question(METRICS["leakage"], FORTNIGHT, control="", compare=compare)


def leaks(monday: date, hits: int, of: int = 1_000_000) -> Cell:
    week = Window(monday, monday + timedelta(days=6))
    return Cell("leakage", 1, week, "", (), CellState.SHOWN, 0.5, 0.4, 0.6, hits, of, "1000-1999")


def row_of(question: Question, now: list[int], before: list[int]) -> BreakdownRow:
    """Return a figure of as many weeks as there are numbers, the newest last."""
    earlier = FORTNIGHT.first - timedelta(days=14)
    cells = [leaks(FORTNIGHT.first + timedelta(days=7 * week), hits) for week, hits in enumerate(now)]
    then = [leaks(earlier + timedelta(days=7 * week), hits) for week, hits in enumerate(before)]
    [row] = breakdown_rows(question, cells, then)
    return row


def test_a_change_is_told_with_how_sure_it_is() -> None:
    question = about_leakage()

    assert finding(question, row_of(question, [500, 500], [800, 800])) == (
        "Leakage fell from 0.8 to 0.5 per 1,000 showings since the 14 days before; clear change"
        " (95 % interval of the change −0.35 to −0.25)."
    )


def test_a_period_of_which_little_is_known_is_not_told_as_whole() -> None:
    question = about_leakage()

    said = finding(question, row_of(question, [500, 500], [800]))
    assert "since the 14 days before (of 1 of 2 weeks: the others are withheld or not known);" in said
    said = finding(question, row_of(question, [500], [800, 800]))
    assert "per 1,000 showings (of 1 of 2 weeks: the others are withheld or not known) since" in said


def test_an_overview_tells_how_much_is_known_of_the_period_before_only_where_not_all_is() -> None:
    question = about_leakage()
    little, whole = row_of(question, [500, 500], [800]), row_of(question, [500, 500], [800, 800])

    assert little.earlier
    assert known_windows(question, little.earlier) == "1 of 2 weeks"
    assert whole.earlier
    assert known_windows(question, whole.earlier) == ""


def test_a_clear_change_that_rounding_hides_is_no_standstill() -> None:
    question = about_leakage()
    row = row_of(question, [50_400, 50_400], [49_600, 49_600])

    assert finding(question, row).startswith("Leakage rose by 0.8 and is still about 50 per 1,000 showings")
    assert "clear change" in finding(question, row)
    assert "stayed at 50" in finding(question, row_of(question, [50_000, 50_000], [50_000, 50_000]))


def test_where_nothing_is_compared_no_change_is_spoken_of() -> None:
    alone, new = about_leakage(Compare.NONE), about_leakage()

    assert headline([(alone, row_of(alone, [500, 500], []))]) == "Leakage was 0.5 per 1,000 showings."
    assert headline([(new, row_of(new, [500, 500], []))]) == (
        "Leakage was 0.5 per 1,000 showings; there is nothing earlier to compare with."
    )
    assert headline([]) == "Nothing is known of these weeks."


def test_how_soon_edits_count_is_told_in_times() -> None:
    question = Question(METRICS["time_to_effect"], FORTNIGHT, by=Dimension.WITHIN, control="")
    cells = [
        Cell(
            "time_to_effect", 1, Window(FORTNIGHT.first, FORTNIGHT.first), "", ((Dimension.WITHIN, time),),
            CellState.SHOWN, None, None, None, hits, 1_000, "500-999",
        )
        for time, hits in (("0s", 600), ("2s", 970))
    ]  # fmt: skip

    said = worst_and_best(question, breakdown_rows(question, cells, []))
    assert said == "Half of all edits count at once, 95 of 100 within 2 seconds."
