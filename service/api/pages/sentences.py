"""What figures say, in words: names for readers, and a sentence for what changed, with how sure it is."""

from collections.abc import Mapping, Sequence
from typing import Final

from service.domain.effect_times import EffectTimes, effect_times
from service.domain.insight_answers import BreakdownRow, Sum
from service.domain.insight_definitions import Direction, Metric
from service.domain.insight_questions import Compare, Question
from service.domain.insight_units import number_text, unit_of
from service.domain.language_gaps import language_gap
from service.domain.market_days import DAYS_IN, Grain
from service.domain.segments import Control, Dimension, Dims

CONTROLS: Final[Mapping[str, str]] = {
    Control.KEYWORD_FILTER: "Keyword filters",
    Control.NOT_INTERESTED: "Not interested",
    Control.BLOCK: "Blocks",
    Control.MUTE: "Mutes",
    Control.COMMENT_LIMIT: "Comment limits",
}
DIMENSIONS: Final[Mapping[str, str]] = {Dimension.BECAUSE: "reason code", Dimension.WITHIN: "time"}
PARTS: Final = frozenset(
    {Dimension.CAUSE, Dimension.BECAUSE, Dimension.REASON, Dimension.LIMIT, Dimension.TOPIC}
)
"""Dimensions whose values are parts of a whole rather than groups to be compared."""
_MANY: Final[Mapping[Grain, str]] = {
    Grain.DAY: "days",
    Grain.WEEK: "weeks",
    Grain.BLOCK: "blocks",
    Grain.COHORT: "days",
}
BETTER, WORSE, NEITHER = "better", "worse", "neither"


def name_of(metric: Metric) -> str:
    """Return a metric's name as a heading."""
    return metric.name.replace("_", " ").capitalize()


def dimension_of(name: str) -> str:
    """Return a dimension's name in words."""
    return DIMENSIONS.get(name, name.replace("_", " "))


def place_of(control: str, dims: Dims) -> str:
    """Return which control and which segment, in words; empty for everybody."""
    parts = [CONTROLS.get(control, "")] if control else []
    return ", ".join([*parts, *(value_of(dimension, value) for dimension, value in dims)])


def value_of(dimension: Dimension, value: str) -> str:
    """Return a segment in words."""
    if dimension is Dimension.WITHIN:
        return "at once" if value == "0s" else f"{value.removesuffix('s')} s"
    if dimension in {Dimension.MARKET, Dimension.LANGUAGE} and len(value) <= 3:
        return value
    return value.replace("_", " ")


def finding(question: Question, row: BreakdownRow) -> str:
    """Say what a figure is over a period, and how it changed since the one before."""
    place = place_of(row.control, row.dims)
    of_place = f" ({place})" if place else ""
    subject = f"{name_of(question.metric)}{of_place}"
    if row.now.value is None:
        return f"{subject}: too few people to tell."
    unit = unit_of(question.metric)
    figure = f"{number_text(row.now.value)} {unit}"
    rest = _missing(question, row.now)
    if question.compare is Compare.NONE:
        return f"{subject} was {figure}{rest}."
    if row.earlier is None or row.earlier.value is None or row.change is None:
        return f"{subject} was {figure}{rest}; there is nothing earlier to compare with."
    before = _missing(question, row.earlier)
    return f"{subject} {_moved(row)} {unit}{rest} {since(question)}{before}; {certainty(row)}."


def certainty(row: BreakdownRow) -> str:
    """Say whether a change is clear, with the interval of the change."""
    change = row.change
    if change is None or change.low is None or change.high is None:
        return "how sure that is cannot be told"
    interval = f"95 % interval of the change {signed(change.low)} to {signed(change.high)}"
    return f"{'clear change' if change.is_clear else 'no clear change'} ({interval})"


def since(question: Question) -> str:
    """Say what a period is compared with."""
    if question.compare is Compare.YEAR:
        return "since the same days 52 weeks before"
    days = (question.days.last - question.days.first).days + 1
    return f"since the {days} days before"


def judged(metric: Metric, row: BreakdownRow) -> str:
    """Tell whether a clear change is for better or worse; neither where it is unclear or only describes."""
    change = row.change
    if change is None or not change.is_clear or not change.value or metric.good is Direction.NEITHER:
        return NEITHER
    return BETTER if (change.value > 0) is (metric.good is Direction.UP) else WORSE


def signed(value: float | None) -> str:
    """Write a change with its sign, minus as a minus."""
    if value is None:
        return "–"
    return ("+" if value > 0 else "−" if value < 0 else "±") + number_text(abs(value))


def headline(pairs: Sequence[tuple[Question, BreakdownRow]]) -> str:
    """Return the sentence about the clear change for the worse, else for the better, else that there is none.

    Where nothing is compared, there is no change to speak of, and the first figure is told.
    """
    for wanted in (WORSE, BETTER):
        for question, row in pairs:
            if judged(question.metric, row) == wanted:
                return finding(question, row)
    if not pairs:
        return "Nothing is known of these weeks."
    if all(row.change is None for _, row in pairs):
        return finding(*pairs[0])
    return f"No clear change for better or worse {since(pairs[0][0])}."


def worst_and_best(question: Question, rows: Sequence[BreakdownRow]) -> str:
    """Say between which segments a figure lies, or which parts are largest, and how many are withheld."""
    shown = [row for row in rows if row.now.value is not None]
    hidden = len(rows) - len(shown)
    rest = (
        f" {hidden} more {'is' if hidden == 1 else 'are'} withheld: too few people, or nobody."
        if hidden
        else ""
    )
    if not shown:
        return f"{name_of(question.metric)}: too few people everywhere to tell."
    if len(shown) == 1:
        return f"{finding(question, shown[0])}{rest}"
    head = f"{name_of(question.metric)} {unit_of(question.metric)} is"
    if times := effect_times(question.by, rows):
        return f"{_half_and_most(times)}{rest}"
    if question.by in PARTS:
        return f"{head} highest for {', then '.join(_told(question, row) for row in shown[:2])}.{rest}"
    rest += _gap(question, rows)
    ends = ("worst", "best") if question.metric.good is not Direction.NEITHER else ("highest", "lowest")
    worst, best = (_told(question, row) for row in (shown[0], shown[-1]))
    return f"{head} {ends[0]} for {worst} and {ends[1]} for {best}.{rest}"


def _half_and_most(times: EffectTimes) -> str:
    return f"Half of all edits count {_within(times.p50)}, 95 of 100 {_within(times.p95)}."


def _within(time: str | None) -> str:
    if time == "0s":
        return "at once"
    return (
        f"within {time.removesuffix('s')} seconds" if time else "later than within any time that is measured"
    )


def _gap(question: Question, rows: Sequence[BreakdownRow]) -> str:
    gap = language_gap(question.metric.name, question.by, rows)
    if gap is None:
        return ""
    apart = f"{number_text(gap.gap)} {unit_of(question.metric)}"
    return f" Of languages with 100 people or more, {gap.worst} and {gap.best} lie {apart} apart."


def _told(question: Question, row: BreakdownRow) -> str:
    place = place_of(row.control if question.control is None else "", row.dims)
    return f"{place or place_of(row.control, ())} ({number_text(row.now.value)})"


def _moved(row: BreakdownRow) -> str:
    then, now = row.earlier.value if row.earlier else None, row.now.value
    if then is not None and now is not None and then != now:
        return f"{'rose' if now > then else 'fell'} from {number_text(then)} to {number_text(now)}"
    if row.change and row.change.is_clear and row.change.value:  # by less than figures show
        by = number_text(abs(row.change.value))
        return f"{'rose' if row.change.value > 0 else 'fell'} by {by} and is still about {number_text(now)}"
    return f"stayed at {number_text(now)}"


def _missing(question: Question, figure: Sum) -> str:
    known = known_windows(question, figure)
    return f" (of {known}: the others are withheld or not known)" if known else ""


def known_windows(question: Question, figure: Sum) -> str:
    """Say how many of a period's windows a figure is from, where it is not all of them."""
    grain = question.metric.grain
    windows = ((question.days.last - question.days.first).days + 1) // DAYS_IN[grain]
    return "" if figure.windows >= windows else f"{figure.windows} of {windows} {_MANY[grain]}"
