"""A platform's figures to read: believable counts of ten weeks, closed by the real code into whatever keeps cells."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from service.domain.closing import Sums
from service.domain.market_days import Grain, Window, closes_at, window_with
from service.domain.measures import COUNTED, Measure
from service.domain.segments import CONTROL_BEHIND, VALUES, Control, Dimension
from service.usecases.close_days import tables_in
from service.usecases.insight_ports import ClosedTable
from tests.fakes.insights import FakeInsights

FIRST_DAY: Final = date(2026, 9, 7)
LAST_DAY: Final = date(2026, 11, 15)
"""A Monday, and the Sunday ten weeks later."""

MEASURES: Final = list(Measure)
CONTROLS: Final = list(Control)

Keep = Callable[[Grain, Window, ClosedTable, datetime], None]

WEIGHTS: Final[Mapping[Dimension, Mapping[str, float]]] = {
    Dimension.MARKET: {"JP": 30, "BR": 22, "DE": 16, "IN": 14, "US": 9, "FR": 6, "KE": 2, "NP": 0.2},
    Dimension.LANGUAGE: {"ja": 30, "pt": 22, "de": 15, "hi": 13, "en": 11, "fr": 6, "ar": 2, "ne": 0.2},
    Dimension.SURFACE: {"for_you": 70, "following": 15, "search": 8, "profile": 4, "live": 3},
    Dimension.PLATFORM: {"android": 55, "ios": 38, "web": 7},
    Dimension.AGE_BAND: {"adult": 94, "minor": 4, "unknown": 2},
    Dimension.TENURE: {"90d+": 70, "8-90d": 22, "0-7d": 8},
    Dimension.REASON: {"author": 34, "topic": 28, "repetitive": 15, "offensive": 8, "none": 15},
    Dimension.CAUSE: {"stale_rules": 50, "matcher_disagrees": 25, "degraded": 15, "edited_afterwards": 10},
    Dimension.TOPIC: {"diets": 24, "gossip": 20, "gambling": 14, "politics": 12, "spoilers": 8, "other": 22},
    Dimension.LIMIT: {"keyword": 60, "first_time": 25, "suspected": 15},
}
UP_TO: Final = {"0s": 0.93, "1s": 0.96, "2s": 0.985, "5s": 1.0, "10s": 1.005, "30s": 1.01}
"""Of what counts in time, how much counts within which time; within longer ones as much as within the longest."""
SHARES: Final[Mapping[Measure, float]] = {
    Measure.ACTIVE: 1,
    Measure.ADOPTERS: 0.16,
    Measure.DEEP_ADOPTERS: 0.03,
    Measure.BEGINNERS: 0.004,
    Measure.SEERS: 0.3,
    Measure.OPENERS: 0.06,
    Measure.SIGNALLERS: 0.05,
    Measure.TOPIC_SIGNALLERS: 0.045,
    Measure.SIGNALS: 0.09,
    Measure.MADE: 0.05,
    Measure.KEPT: 0.046,
    Measure.EDITS: 0.04,
    Measure.IN_EFFECT: 0.0392,
    Measure.PANEL_EDITORS: 0.02,
    Measure.HEAVILY_FILTERED: 0.003,
    Measure.COMMENTS: 3,
    Measure.COMMENTS_HELD: 0.2,
    Measure.COMMENTS_REFUSED: 0.1,
    Measure.COMMENT_OWNERS: 0.04,
    Measure.REVIEWED: 0.15,
    Measure.APPROVED: 0.06,
    Measure.REVIEWED_LATE: 0.03,
    Measure.REVIEWERS: 0.02,
    Measure.REPEAT_SIGNALLERS: 0.006,
    Measure.ESCALATORS: 0.004,
    Measure.ACTORS: 0.08,
    Measure.ACTORS_WITH: 0.03,
    Measure.MAKERS: 0.03,
    Measure.UNDOERS: 0.0018,
    Measure.WOULD_BE: 240,
    Measure.SHOWN: 230,
    Measure.PREVENTED: 1.6,
    Measure.REQUESTS: 12,
    Measure.THIN_REQUESTS: 0.05,
    Measure.DEGRADED_REQUESTS: 0.004,
    Measure.COVERED: 0.9,
    Measure.COVERED_VIEWERS: 0.1,
    Measure.REVEALED: 0.11,
    Measure.REPORTED_SHOWINGS: 231,
    Measure.PANEL_VIEWERS: 0.3,
    Measure.PANEL_SHOWN: 60,
    Measure.PANEL_PREVENTED: 0.4,
    Measure.PANEL_PROMISED: 0.4024,
    Measure.PANEL_LEAKED: 0.03,
    Measure.COMPLAINERS: 0.0016,
    Measure.EVENTS: 8,
    Measure.LATE_EVENTS: 0.02,
}
"""How much there is of a measure for every active viewer; what is not listed is rare."""
IN_STEP: Final = {
    Measure.PANEL_PREVENTED: Measure.PANEL_PROMISED,
    Measure.SHOWN: Measure.REPORTED_SHOWINGS,
    Measure.KEPT: Measure.MADE,
    Measure.IN_EFFECT: Measure.EDITS,
}
"""What never outgrows what it is a part of, because both rise and fall together."""
OF_CONTROL: Final = {
    Control.KEYWORD_FILTER: 1.0,
    Control.NOT_INTERESTED: 1.35,
    Control.BLOCK: 0.6,
    Control.MUTE: 0.45,
    Control.COMMENT_LIMIT: 0.12,
}


def close_figures(
    keep: Keep, *, people: int = 24_000, first: date = FIRST_DAY, last: date = LAST_DAY
) -> None:
    """Close every window between two days that is to be closed by the time the last of them is."""
    newest = closes_at(Window(last, last))
    for grain in Grain:
        for window in _windows(grain, first, last):
            closed_at, counts = closes_at(window, grain), _counts(people, window)
            for table in tables_in(grain, window, counts) if closed_at <= newest else ():
                keep(grain, window, table, closed_at)


def _windows(grain: Grain, first: date, last: date) -> Iterator[Window]:
    window = window_with(first, grain)
    while window.last <= last:
        if window.first >= first:
            yield window
        window = window_with(window.last + timedelta(days=1), grain)


def _counts(people: int, window: Window) -> Mapping[Measure, Sums]:
    """Return what was counted in a window: every dimension splits the same total, with a tilt of its own."""
    active = people * _season(window)
    return {measure: _sums(measure, active, _age(window)) for measure in Measure}


def _sums(measure: Measure, active: float, age: int) -> Sums:
    counting = COUNTED[measure]
    share = SHARES.get(measure, 0.002)
    sums: dict[tuple[str, str], int] = {}
    for control in Control if counting.by_control else [None]:
        number = _number(IN_STEP.get(measure, measure), control)
        scale = OF_CONTROL[control] if control else 1.0
        drift = 1 + 0.05 * math.sin(number + age / 9) * (measure is not Measure.ACTIVE)
        total = round(active * min(share * scale, 1 if counting.people else 10_000) * drift)
        name = control.value if control else ""
        sums[name, ""] = total
        for dimension in (*counting.dimensions - {Dimension.WITHIN}, Dimension.MARKET):
            for value, n in _split(total, _weights(dimension, control), number):
                sums[name, f"{dimension}={value}"] = n
        for time in VALUES[Dimension.WITHIN] if Dimension.WITHIN in counting.dimensions else ():
            sums[name, f"{Dimension.WITHIN}={time}"] = round(total * UP_TO.get(time, 1.015))
        for one, other in counting.pairs:
            for value, n in _split(total, _weights(one, control), number):
                for other_value, of_both in _split(n, _weights(other, control), number + len(value)):
                    sums[name, f"{one}={value},{other}={other_value}"] = of_both
    return sums


def _season(window: Window) -> float:
    """Return how busy a window is: weekends are, and so is every later week a little."""
    if window.first != window.last:
        return 2.2 * (1 + _age(window) / 700)
    return (1.12 if window.first.weekday() >= 5 else 1) * (1 + _age(window) / 700)


def _age(window: Window) -> int:
    return (window.first - FIRST_DAY).days


def _number(measure: Measure, control: Control | None) -> int:
    """Return a number that is different for every series: 0 for those who came."""
    return 7 * MEASURES.index(measure) + (3 * CONTROLS.index(control) if control else 0)


def _weights(dimension: Dimension, control: Control | None) -> Mapping[str, float]:
    if dimension is Dimension.BECAUSE:
        behind = [code for code, of in CONTROL_BEHIND.items() if of is control]
        return {str(code): 1 + place for place, code in enumerate(behind)} or {VALUES[dimension][-1]: 1}
    return WEIGHTS[dimension]


def _split(total: int, weights: Mapping[str, float], number: int) -> Sequence[tuple[str, int]]:
    """Split a total so that the parts add up to it; rarer measures lean towards the later names."""
    lean = 0.03 * math.sin(number)
    leaned = [(name, weight * (1 + lean * place)) for place, (name, weight) in enumerate(weights.items())]
    whole = sum(weight for _, weight in leaned)
    parts = [(name, int(total * weight / whole)) for name, weight in leaned]
    (name, largest), *rest = parts
    return [(name, largest + total - sum(n for _, n in parts)), *rest]


@cache
def a_closed_fortnight() -> FakeInsights:
    """Return two weeks of figures, computed once in a process; take a copy to change anything."""
    insights = FakeInsights()
    close_figures(insights.keep_closed, people=6_000, first=date(2026, 11, 2))
    return insights
