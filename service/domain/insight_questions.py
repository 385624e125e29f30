"""What analysts may ask: one metric, whole windows, its dimensions beside the control, and what to compare with.

Questions are about closed cells alone. A window that is not one of the metric's own cannot be said, so that no two
answers differ by a day that neither of them shows.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import chain
from typing import Final

from service.domain.insight_definitions import METRICS, Metric
from service.domain.market_days import DAYS_IN, Grain, Window, window_with
from service.domain.refusals import InvalidValue, LimitReached, NotFound, Refusal
from service.domain.segments import VALUES, Control, Dimension

CONTROL: Final = "control"
"""What the controls of a metric are called among its dimensions."""
MOST_DAYS: Final = 400
MOST_ROWS: Final = 400
USUAL_DAYS: Final = 28
WEEK_DAYS: Final = 7
YEAR_DAYS: Final = 364
"""52 weeks: a year ago on the same day of the week, and 13 blocks."""

CATALOGUE_VERSION: Final = hashlib.sha256(repr(list(METRICS.values())).encode()).hexdigest()[:12]
"""Changes whenever anything in the catalogue does."""


class Compare(StrEnum):
    """With what a period is compared; both keep the days of the week on top of each other."""

    PREVIOUS = "previous"
    YEAR = "year"
    NONE = "none"


class MetricUnknown(NotFound):
    """A metric that the catalogue does not have."""

    code = "metric-unknown"

    def __init__(self) -> None:
        super().__init__("metric in the catalogue")


class DimensionNotOffered(Refusal):
    """A metric is not kept by this dimension; ``offered`` are those by which it is."""

    code = "dimension-not-offered"

    def __init__(self, metric: Metric) -> None:
        offered = offered_by(metric)
        listed = ", ".join(offered) or "nothing"
        super().__init__(f"{metric.name} is kept by {listed}.", offered=offered)


class TooManyDimensions(Refusal):
    """More dimensions than one cell has."""

    code = "too-many-dimensions"

    def __init__(self, metric: Metric) -> None:
        beside = " beside the control" if metric.by_control else ""
        pairs = "".join(f", or by {one} and {other}" for one, other in metric.pairs)
        limit = (2 if metric.pairs else 1) + metric.by_control
        super().__init__(f"{metric.name} is kept by one dimension at a time{beside}{pairs}.", limit=limit)


class WindowNotAligned(Refusal):
    """Days that cut through a window of the metric; the facts are the nearest ones that do not."""

    code = "window-not-aligned"

    def __init__(self, metric: Metric, whole: Window) -> None:
        super().__init__(
            f"{metric.name} is kept by the {metric.grain}; {whole.first} to {whole.last} are whole ones.",
            aligned_from=whole.first.isoformat(),
            aligned_to=whole.last.isoformat(),
        )


class WindowNotClosed(Refusal):
    """Days that are not final yet, or none that ever were."""

    code = "window-not-closed"

    def __init__(self, what: str, complete_through: date | None) -> None:
        until = f"through {complete_through}" if complete_through else "for no day so far"
        super().__init__(
            f"{what} is final {until}.",
            complete_through=complete_through.isoformat() if complete_through else None,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was put; ``by`` are names of dimensions, ``where`` are ``dimension:value``.

    Without a first day it is about the 28 days that end on the last, which is the newest closed one unless it is
    said. ``weeks`` asks for as many weeks of whole windows as are closed by the last day instead, whatever the grain.
    """

    metric: str
    first: date | None = None
    last: date | None = None
    by: Sequence[str] = ()
    where: Sequence[str] = ()
    compare: Compare = Compare.NONE
    weeks: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question that has an answer: cells of one metric in whole windows that are closed.

    ``by`` and ``value`` say which cells: those of every value of a dimension, or of one; ``second`` and
    ``second_value`` the same of a second dimension. ``control`` None: every control that the metric has.
    """

    metric: Metric
    days: Window
    by: Dimension | None = None
    value: str | None = None
    control: str | None = None
    compare: Compare = Compare.NONE
    second: Dimension | None = None
    second_value: str | None = None

    @property
    def compared_to(self) -> Window | None:
        """Return the days to compare with, a whole number of weeks earlier."""
        back = self.days_back
        return None if back is None else Window(self.days.first - back, self.days.last - back)

    @property
    def days_back(self) -> timedelta | None:
        """Return how much earlier the compared days are."""
        if self.compare is Compare.NONE:
            return None
        if self.compare is Compare.YEAR:
            return timedelta(days=YEAR_DAYS)
        length = (self.days.last - self.days.first).days + 1
        return timedelta(days=-(-length // WEEK_DAYS) * WEEK_DAYS)

    def __str__(self) -> str:
        """Write the question for the log of reads, made of names in the catalogue alone."""
        narrowed = _narrowed(self.by, self.value) + _narrowed(self.second, self.second_value)
        control = f" control={self.control}" if self.control else ""
        return f"{self.metric.name} {self.days.first}..{self.days.last}{control}{narrowed} {self.compare}"


def metric_named(name: str) -> Metric:
    """Return a metric of the catalogue, by its name."""
    metric = METRICS.get(name)
    if metric is None:
        raise MetricUnknown
    return metric


def offered_by(metric: Metric) -> list[str]:
    """Return by what a metric can be broken down."""
    return [*([CONTROL] if metric.by_control else []), *metric.dimensions]


def question_from(asked: Asked, closed_through: date | None) -> Question:
    """Return the question that was asked; refuse one that closed cells do not answer."""
    metric = metric_named(asked.metric)
    where = _conditions(asked.where)
    names = [*asked.by, *where]
    if not set(names) <= set(offered_by(metric)):
        raise DimensionNotOffered(metric)
    dimensions = [Dimension(name) for name in dict.fromkeys(names) if name != CONTROL]
    if len(dimensions) > 1 and tuple(sorted(dimensions)) not in metric.pairs:
        raise TooManyDimensions(metric)
    for name, value in where.items():
        _require_value(name, value)
    by, second = (*dimensions, None, None)[:2]
    question = Question(
        metric=metric,
        days=_days(asked, metric, closed_through),
        by=by,
        value=where.get(by) if by else None,
        control=where.get(CONTROL, None if metric.by_control else ""),
        compare=asked.compare,
        second=second,
        second_value=where.get(second) if second else None,
    )
    _require_time_before(question)
    return question


def require_few_rows(rows: Collection[object]) -> None:
    """Refuse an answer that is longer than anybody reads."""
    if len(rows) > MOST_ROWS:
        raise LimitReached("rows", limit=MOST_ROWS, current=len(rows))


def newest_window(grain: Grain, closed_through: date, days: int = USUAL_DAYS) -> Window:
    """Return the newest closed windows of a grain that fill some days, at least one of them."""
    length = DAYS_IN[grain]
    try:
        last = window_with(closed_through + timedelta(days=1), grain).first - timedelta(days=1)
        return Window(last - timedelta(days=max(days // length, 1) * length - 1), last)
    except OverflowError as wrong:
        raise InvalidValue("to", "is outside of time") from wrong


def _days(asked: Asked, metric: Metric, closed_through: date | None) -> Window:
    if asked.weeks and closed_through:
        ended = min(asked.last or closed_through, closed_through)
        return newest_window(metric.grain, ended, asked.weeks * WEEK_DAYS)
    last = asked.last or closed_through
    if last is None or closed_through is None or last > closed_through:
        raise WindowNotClosed(metric.name, closed_through)
    first = asked.first or newest_window(metric.grain, last).first
    if first > last:
        raise InvalidValue("from", "comes after to")
    length = (last - first).days + 1
    if length > MOST_DAYS:
        raise LimitReached("days", limit=MOST_DAYS, current=length)
    whole = Window(_whole(metric.grain, first).first, _whole(metric.grain, last).last)
    if (first, last) != (whole.first, whole.last):
        raise WindowNotAligned(metric, whole)
    return Window(first, last)


def _require_time_before(question: Question) -> None:
    try:
        _ = question.compared_to
    except OverflowError as wrong:
        raise InvalidValue("compare", "reaches out of time") from wrong


def _whole(grain: Grain, day: date) -> Window:
    try:
        return window_with(day, grain)
    except OverflowError as wrong:
        raise InvalidValue("from", "is outside of time") from wrong


def _narrowed(by: Dimension | None, value: str | None) -> str:
    of_value = f"={value}" if value else ""
    return f" {by}{of_value}" if by else ""


def _conditions(written: Sequence[str]) -> dict[str, str]:
    where = dict(_pair(each) for each in written)
    if len(where) < len(written):
        raise InvalidValue("where", "names a dimension twice")
    return where


def _pair(written: str) -> tuple[str, str]:
    name, colon, value = written.partition(":")
    if not colon:
        raise InvalidValue("where", "takes dimension:value")
    return name, value


def _require_value(name: str, value: str) -> None:
    values = chain(Control) if name == CONTROL else chain(VALUES[Dimension(name)])
    if value not in set(map(str, values)):
        raise InvalidValue("where", f"{name} has no such value")
