"""Tables in two dimensions with all their sums: what else to withhold so that nobody subtracts their way to a cell.

Every line of such a table adds up to its sum, and every sum to the total. What remains possible for a withheld number
is what can be moved through the table without touching anything that is shown by more than its rounding: a flow
between the row and the column of the cell. So the doubt that is left is exact, not a rule of thumb.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

Place: TypeAlias = tuple[str, str]
"""Row and column; the sum of a line has an empty name in place of the other one, the total has two."""
Line: TypeAlias = tuple[int, str]
"""A row (0) or a column (1), by its name."""
Bounds = Callable[[int], tuple[int, int]]
"""Says for a count that is shown between which counts it may lie."""

SUM: Final = ""
_OVERLAP: Final = "overlap"
"""By how much the columns of a row are more than its sum, because somebody counts in several: nobody is told."""
_NO_END: Final = 1 << 40


def hide_enough(
    counts: Mapping[Place, int], hidden: set[Place], bounds: Bounds, doubt: int
) -> set[Place] | None:
    """Return what to withhold, ``hidden`` among it, so that ``doubt`` is left about each; None: everything.

    ``counts`` are all cells with anybody in them, and all sums. Where a sum is withheld, so is its whole line.
    Columns may overlap by anything. Rows hardly do, and whoever reads is assumed to know by how much.
    """
    table = _CrossTable(counts, hidden, bounds)
    waiting = deque(sorted(table.hidden))
    while waiting:
        place = waiting.popleft()
        while not table.is_told_to_be_zero(place) and table.doubt_about(place, doubt) < doubt:
            another = table.smallest_shown_beside(place)
            if another is None:
                return None
            waiting += table.hide(another)
    return table.hidden


class _CrossTable:
    """Counts by row and column, of which some are hidden; hiding more never takes doubt away from others.

    Signs are such that every row and every column adds up to nothing: sums count against what they are sums of.
    """

    def __init__(self, counts: Mapping[Place, int], hidden: set[Place], bounds: Bounds) -> None:
        self._counts = dict(counts)
        self._bounds = bounds
        self._rows = sorted({row for row, _ in counts})
        self._columns = sorted({column for _, column in counts})
        surplus = {row: self._surplus([(row, each) for each in self._columns]) for row in self._rows}
        self._columns_overlap = any(surplus.values())
        self._rows_overlap = any(self._surplus([(row, each) for row in self._rows]) for each in self._columns)
        self._rooms: dict[Place, tuple[int, int]] = {}
        self.hidden = set[Place]()
        for place in sorted(hidden):
            self.hide(place)
        if self._columns_overlap:
            self._columns.append(_OVERLAP)
            self._rooms = {
                (row, _OVERLAP): _signed((row, _OVERLAP), n, _NO_END) for row, n in surplus.items()
            }

    def hide(self, place: Place) -> list[Place]:
        """Withhold a cell, and with a sum its line; return what was not withheld before."""
        row, column = place
        line = [place]
        if SUM in place:
            line += [each for each in self._counts if SUM not in each and (row in each or column in each)]
        new = [each for each in line if each not in self.hidden]
        self.hidden.update(new)
        for each in new:
            self._rooms.pop(each, None)
        return new

    def smallest_shown_beside(self, place: Place) -> Place | None:
        """Return what to withhold next for a cell's sake: in its lines first, then anywhere, sums last."""
        row, column = place
        shown = [each for each in self._counts if each not in self.hidden and each != (SUM, SUM)]
        beside = [each for each in shown if SUM not in each and (each[0] == row or each[1] == column)]
        inner = [each for each in shown if SUM not in each]
        return min(beside or inner or shown, key=lambda each: (self._counts[each], each), default=None)

    def is_told_to_be_zero(self, place: Place) -> bool:
        """Tell whether a cell stands in a line in which nobody did anything, and which says so."""
        sums = {(place[0], SUM), (SUM, place[1])} - {place, (SUM, SUM)}
        return any(self._counts.get(each) == 0 and each not in self.hidden for each in sums)

    def doubt_about(self, place: Place, enough: int) -> int:
        """Return by how much what remains possible for a cell differs; no further than ``enough``."""
        down, up = self._room(place)
        row, column = (0, place[0]), (1, place[1])
        rise = _Search(row, column, place)
        higher = 0
        if place in self.hidden and SUM not in place:
            higher = self._flow(replace(rise, with_sums=True), enough)
        higher += min(up, self._flow(rise, enough - higher))
        fall = _Search(column, row, place, rising=self._line_of(place))
        return higher + min(down, self._flow(fall, enough))

    def _line_of(self, place: Place) -> Line | None:
        """Return the line whose parts rise with a sum, and so never outgrow it."""
        if self._rows_overlap == self._columns_overlap or place not in self.hidden:
            return None
        row, column = place
        if self._columns_overlap:
            return (0, row) if column == SUM else None
        return (1, column) if row == SUM else None

    def _room(self, place: Place) -> tuple[int, int]:
        """Return by how much a cell, with its sign, may be lower and higher for itself."""
        if place not in self._rooms:
            self._rooms[place] = self._room_now(place)
        return self._rooms[place]

    def _room_now(self, place: Place) -> tuple[int, int]:
        count = self._counts[place]
        if place in self.hidden:
            down, up = count, _NO_END
        elif count == 0:
            return 0, 0
        else:
            low, high = self._bounds(count)
            down, up = count - low, high - count
        return _signed(place, *self._kept_within_sums(place, down, up))

    def _kept_within_sums(self, place: Place, down: int, up: int) -> tuple[int, int]:
        """Keep parts that overlap from outgrowing what they are parts of: each side may go half of the way."""
        row, column = place
        if self._columns_overlap:
            down, up = self._kept_within(place, [(row, each) for each in self._columns], down, up)
        if self._rows_overlap:
            down, up = self._kept_within(place, [(each, column) for each in self._rows], down, up)
        return down, up

    def _kept_within(self, place: Place, line: list[Place], down: int, up: int) -> tuple[int, int]:
        whole, *parts = line
        most = max((self._counts.get(each, 0) for each in parts), default=0)
        half = max(self._counts.get(whole, 0) - most, 0) // 2
        if place == whole:
            return min(down, half), up
        return down, min(up, max(self._counts.get(whole, 0) - self._counts[place] - half, 0))

    def _surplus(self, line: list[Place]) -> int:
        whole, *parts = (self._counts.get(each, 0) for each in line)
        return sum(parts) - whole

    def _flow(self, search: "_Search", enough: int) -> int:
        """Return how much more can be moved from a line to another, no further than ``enough``."""
        moved, total = search.moved, 0
        while total < enough:
            came_from = self._way(search)
            if search.sink not in came_from:
                break
            steps = list(_steps(came_from, search))
            least = min(enough - total, *(self._left(step, search) for step in steps))
            for is_row, place in steps:
                moved[place] = moved.get(place, 0) + (-least if is_row else least)
            total += least
        return total

    def _way(self, search: "_Search") -> dict[Line, Line]:
        """Return from where every line is reached, until the sink is."""
        came_from = {search.source: search.source}
        waiting = deque([search.source])
        while waiting and search.sink not in came_from:
            here = waiting.popleft()
            for name in self._columns if here[0] == 0 else self._rows:
                there = (1 - here[0], name)
                if there not in came_from and self._may_step(here, there, search):
                    came_from[there] = here
                    waiting.append(there)
        return came_from

    def _may_step(self, here: Line, there: Line, search: "_Search") -> bool:
        step = _step(here, there)
        if step[1] == search.left_out or not self._exists(step[1]):
            return False
        if search.with_sums and here == search.source and self._columns_overlap and there[1] != SUM:
            return False
        if search.with_sums and there == search.sink and self._rows_overlap and here[1] != SUM:
            return False
        return self._left(step, search) > 0

    def _exists(self, place: Place) -> bool:
        return place in self._rooms or place in self._counts

    def _left(self, step: tuple[bool, Place], search: "_Search") -> int:
        """Return how much a cell can still be lowered, for a step from its row, or else raised."""
        is_row, place = step
        down, up = self._room(place)
        if search.is_rising(place) and place in self.hidden:
            up = _NO_END
        moved = search.moved.get(place, 0)
        return down + moved if is_row else up - moved


@dataclass(frozen=True, slots=True)
class _Search:
    """What is moved from where to where by other cells than the one in question, and how far so far.

    ``with_sums``: only so that sums of overlapping parts move with the part, which then cannot outgrow them.
    ``rising``: a line whose parts rise with their sum, and cannot outgrow it either.
    """

    source: Line
    sink: Line
    left_out: Place
    moved: dict[Place, int] = field(default_factory=dict)
    with_sums: bool = False
    rising: Line | None = None

    def is_rising(self, place: Place) -> bool:
        return self.rising is not None and SUM not in place and place[self.rising[0]] == self.rising[1]


def _signed(place: Place, down: int, up: int) -> tuple[int, int]:
    """Turn a cell's room around where the cell counts against the others of its lines."""
    row, column = place
    is_against = (row == SUM) != (column in {SUM, _OVERLAP})
    return (up, down) if is_against else (down, up)


def _step(here: Line, there: Line) -> tuple[bool, Place]:
    is_row = here[0] == 0
    return is_row, (here[1], there[1]) if is_row else (there[1], here[1])


def _steps(came_from: Mapping[Line, Line], search: _Search) -> Iterator[tuple[bool, Place]]:
    there = search.sink
    while there != search.source:
        here = came_from[there]
        yield _step(here, there)
        there = here
