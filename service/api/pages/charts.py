"""Charts as numbers: rows become scales, positions and path strings, which a template only writes down.

Pure functions. Every mark carries the text of its number, so that what a chart says can be held against the table
under it. Positions are in units of the drawing, which a browser scales to the width that there is.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from service.domain.insight_units import number_text

WIDTH: Final = 640
HEIGHT: Final = 250
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 14, 34
ROW: Final = 34
FIRST_NOTE, NOTE = 12, 20
LABEL_WIDTH: Final = 150
MOST_LABELS: Final = 5
STEPS: Final = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Reading:
    """One number of a line: of which day, with its interval; None where it is withheld."""

    day: date
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis and what stands there; ``is_extra`` where there is no room for it on a small screen."""

    at: float
    text: str
    is_extra: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """One number, where it stands."""

    x: float
    y: float
    day: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its band; broken where something is withheld."""

    name: str
    path: str
    band: str
    dots: tuple[Dot, ...]
    is_earlier: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something that happened on a day; what else did in the same window stands below it."""

    x: float
    y: float
    number: int


@dataclass(frozen=True, slots=True)
class LineChart:
    """A line over time, the period before it dashed, on one scale."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    notes: tuple[Note, ...]
    begins_at_zero: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a chart in rows: a number with its interval, from a common scale."""

    name: str
    y: float
    x: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True, slots=True)
class RowChart:
    """Numbers in rows: as dots with intervals, or as bars from zero."""

    width: int
    height: int
    left: int
    bottom: int
    rows: tuple[Bar, ...]
    x_ticks: tuple[Tick, ...]
    reference: float | None


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a stacked column."""

    name: str
    series: int
    x: float
    y: float
    width: float
    height: float
    day: str
    text: str


@dataclass(frozen=True, slots=True)
class StackChart:
    """Columns of parts that add up, one a window."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    names: tuple[str, ...]
    pieces: tuple[Piece, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


def line_chart(
    name: str,
    now: Sequence[Reading],
    before: Sequence[Reading] = (),
    notes: Sequence[tuple[int, date]] = (),
) -> LineChart:
    """Draw a line with its interval, and what it is compared with dashed on the same days."""
    marks = sorted(_values([*now, *before]))
    low, high = (marks[0], marks[-1]) if marks else (0.0, 1.0)
    ticks = _ticks(0.0 if low < high / 2 else low, high)
    days = [reading.day for reading in now]
    places = {day: _along(place, len(days)) for place, day in enumerate(days)}
    up = _scale(ticks[0], ticks[-1], HEIGHT - BOTTOM, TOP)
    lines = [_line(name, now, [places[day] for day in days], up)]
    if before:
        earlier = [places[day] for day, _ in zip(days, before, strict=False)]
        lines.insert(0, _line("before", before, earlier, up, is_earlier=True))
    return LineChart(
        WIDTH,
        HEIGHT,
        LEFT,
        WIDTH - RIGHT,
        HEIGHT - BOTTOM,
        tuple(lines),
        _day_ticks(days),
        tuple(Tick(up(tick), number_text(tick)) for tick in ticks),
        _notes(notes, places),
        ticks[0] == 0,
    )


def row_chart(
    rows: Sequence[tuple[str, Reading]], *, reference: float | None = None, bars: bool = False
) -> RowChart:
    """Draw numbers below each other on one scale, in the order given; ``reference`` is a line through all."""
    marks = sorted(
        [*_values(reading for _, reading in rows), *([reference] if reference is not None else [])]
    )
    low, high = (marks[0], marks[-1]) if marks else (0.0, 1.0)
    ticks = _ticks(0.0 if bars or low < high / 2 else low, high)
    across = _scale(ticks[0], ticks[-1], LABEL_WIDTH, WIDTH - 60)
    height = len(rows) * ROW + 34
    drawn = [
        Bar(
            name,
            ROW / 2 + ROW * place,
            across(reading.value or 0),
            None if reading.low is None else across(reading.low),
            None if reading.high is None else across(reading.high),
            number_text(reading.value),
        )
        for place, (name, reading) in enumerate(rows)
    ]
    x_ticks = tuple(Tick(across(tick), number_text(tick), place % 2 == 1) for place, tick in enumerate(ticks))
    middle = None if reference is None else across(reference)
    return RowChart(WIDTH, height, LABEL_WIDTH, height - 34, tuple(drawn), x_ticks, middle)


def stack_chart(parts: Sequence[tuple[str, Sequence[Reading]]]) -> StackChart:
    """Draw windows as columns of parts; parts that are withheld are missing from their column."""
    days = [reading.day for reading in parts[0][1]] if parts else []
    tops = [sum(readings[place].value or 0 for _, readings in parts) for place in range(len(days))]
    ticks = _ticks(0.0, max(tops, default=1.0) or 1.0)
    up = _scale(ticks[0], ticks[-1], HEIGHT - BOTTOM, TOP)
    room = (WIDTH - LEFT - RIGHT) / max(len(days), 1)
    pieces = []
    for place, day in enumerate(days):
        below = 0.0
        for series, (name, readings) in enumerate(parts):
            value = readings[place].value
            if not value:
                continue
            x, y = LEFT + room * (place + 0.2), up(below + value)
            height = _one_digit(up(below) - y)
            text = number_text(value)
            pieces.append(
                Piece(name, series, _one_digit(x), y, _one_digit(room * 0.6), height, day.isoformat(), text)
            )
            below += value
    centres = [
        Tick(_one_digit(LEFT + room * (place + 0.5)), _day(day), False) for place, day in enumerate(days)
    ]
    return StackChart(
        WIDTH,
        HEIGHT,
        LEFT,
        WIDTH - RIGHT,
        HEIGHT - BOTTOM,
        tuple(name for name, _ in parts),
        tuple(pieces),
        _thinned(centres),
        tuple(Tick(up(tick), number_text(tick)) for tick in ticks),
    )


def sparkline(values: Sequence[float | None], *, width: int = 120, height: int = 28) -> str:
    """Return the path of a small line without numbers; they stand beside it."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    up = _scale(min(known), max(known) if max(known) > min(known) else min(known) + 1, height - 3, 3)
    step = (width - 6) / (len(values) - 1)
    points = [(3 + step * place, None if value is None else up(value)) for place, value in enumerate(values)]
    return _path(points)


def _line(
    name: str, readings: Sequence[Reading], xs: Sequence[float], up: "_Scale", *, is_earlier: bool = False
) -> Line:
    pairs = list(zip(readings, xs, strict=False))
    points = [(x, None if reading.value is None else up(reading.value)) for reading, x in pairs]
    dots = [
        Dot(x, y, reading.day.isoformat(), number_text(reading.value))
        for (reading, _), (x, y) in zip(pairs, points, strict=True)
        if y is not None
    ]
    band = "" if is_earlier else _band(pairs, up)
    return Line(name, _path(points), band, tuple(dots), is_earlier)


def _path(points: Iterable[tuple[float, float | None]]) -> str:
    """Write a path that breaks where there is no value; a value alone between two gaps becomes a short dash."""
    written, is_down, last = [], False, ""
    for x, y in points:
        if y is None:
            is_down = False
            continue
        last = f"{x:g},{_one_digit(y):g}"
        written.append(f"{'L' if is_down else 'M'}{last}" + ("" if is_down else "h0.01"))
        is_down = True
    return "".join(written)


def _band(pairs: Sequence[tuple[Reading, float]], up: "_Scale") -> str:
    """Write the outline of intervals, a closed shape for every stretch without a gap."""
    shapes: list[str] = []
    stretch: list[tuple[float, float, float]] = []
    for reading, x in [*pairs, (Reading(date.min, None), 0.0)]:
        if reading.low is not None and reading.high is not None:
            stretch.append((x, up(reading.low), up(reading.high)))
            continue
        if len(stretch) > 1:
            there = "L".join(f"{x:g},{high:g}" for x, _, high in stretch)
            back = "L".join(f"{x:g},{low:g}" for x, low, _ in reversed(stretch))
            shapes.append(f"M{there}L{back}Z")
        stretch = []
    return "".join(shapes)


def _notes(notes: Sequence[tuple[int, date]], places: Mapping[date, float]) -> tuple[Note, ...]:
    below: Counter[date] = Counter()
    drawn = []
    for number, day in notes:
        if day in places:
            drawn.append(Note(places[day], FIRST_NOTE + NOTE * below[day], number))
            below[day] += 1
    return tuple(drawn)


def _values(readings: Iterable[Reading]) -> list[float]:
    return [
        each
        for reading in readings
        for each in (reading.value, reading.low, reading.high)
        if each is not None
    ]


def _ticks(low: float, high: float, most: int = MOST_LABELS) -> list[float]:
    """Return round numbers that enclose a range, in steps that people count in."""
    if high <= low:
        low, high = (low * 0.9, low * 1.1) if low else (0.0, 1.0)
    rough = (high - low) / (most - 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(each * power for each in STEPS if each * power >= rough)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


class _Scale:
    """Turns a value into a position."""

    def __init__(self, low: float, high: float, at_low: float, at_high: float) -> None:
        self._low, self._at_low = low, at_low
        self._per_unit = (at_high - at_low) / (high - low)

    def __call__(self, value: float) -> float:
        return _one_digit(self._at_low + (value - self._low) * self._per_unit)


def _scale(low: float, high: float, at_low: float, at_high: float) -> _Scale:
    return _Scale(low, high, at_low, at_high)


def _along(place: int, count: int) -> float:
    """Return where the place-th of so many days stands; one alone stands in the middle."""
    room = WIDTH - LEFT - RIGHT
    return _one_digit(LEFT + (room / 2 if count == 1 else room * place / (count - 1)))


def _day_ticks(days: Sequence[date]) -> tuple[Tick, ...]:
    """Label Mondays, or every window of a longer grain."""
    ticks = [(place, day) for place, day in enumerate(days) if day.weekday() == 0] or list(enumerate(days))
    return _thinned([Tick(_along(place, len(days)), _day(day)) for place, day in ticks])


def _thinned(ticks: Sequence[Tick]) -> tuple[Tick, ...]:
    """Leave so many labels that they do not touch, and mark those that a small screen leaves out."""
    every = -(-len(ticks) // 8)
    kept = ticks[::every]
    return tuple(
        Tick(tick.at, tick.text, place % 2 == 1 and len(kept) > 2) for place, tick in enumerate(kept)
    )


def _day(day: date) -> str:
    return f"{day:%m-%d}"


def _one_digit(number: float) -> float:
    return round(number, 1)
