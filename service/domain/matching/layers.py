"""Terms that are looked for in the same form of a text, and what finds where each may stand."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from service.domain.matching.borders import MAY, NEVER, Borders, RoughBorders
from service.domain.matching.charts import Chart, letters_chart
from service.domain.matching.finder import Finder
from service.domain.matching.outlines import Row
from service.domain.matching.sieve import Shown, Sieve
from service.domain.matching.terms import Hit
from service.domain.matching.wanted import Wanted

# Looking from each beginning of a word is quick for as long as there are few.
_FEW_BEGINNINGS = 8
# Looking for each place by itself is quick for as long as there are few.
_FEW = 64


class Layer:
    """Terms under the patterns that point to them, and what finds those; ``is_costly``: a closer look costs much."""

    def __init__(
        self,
        wanted: Iterable[tuple[str, Wanted]],
        chart: Callable[[], Chart] = letters_chart,
        *,
        is_costly: bool = False,
    ) -> None:
        self._is_costly = is_costly
        self._known: dict[str, list[Wanted]] = defaultdict(list)
        for pattern, each in wanted:
            self._known[pattern].append(each)
        self._sieve = Sieve(self._known, chart)
        self._rooted: dict[int, _Rooted] = {}

    def __bool__(self) -> bool:
        return bool(self._known)

    def left(self, row: Row) -> dict[int, Shown]:
        """Return the texts in which any term may stand, by their number, with the patterns that may."""
        return self._sieve.left(row) if self else {}

    def is_all_found(self, shown: Shown, found: Mapping[int, Hit]) -> bool:
        """Tell whether every term that may stand in a text was found there."""
        return shown is not None and all(
            wanted.number in found for pattern in shown for wanted in self._known[pattern]
        )

    def candidates(
        self, text: str, shown: Shown, found: Mapping[int, Hit], borders: Callable[[], Borders | RoughBorders]
    ) -> Iterator[tuple[Wanted, str, int]]:
        """Yield what may stand in a text: who wants it, the pattern, and the offset of its end.

        Where there are no more than a few places, each pattern that the text shows is looked for by itself.
        """
        places = _few_places(shown, text)
        for end, pattern in self._many_places(text, found, borders) if places is None else places:
            for wanted in self._known[pattern]:
                if wanted.number not in found:
                    yield wanted, pattern, end

    def _many_places(
        self, text: str, found: Mapping[int, Hit], borders: Callable[[], Borders | RoughBorders]
    ) -> Iterator[tuple[int, str]]:
        """Yield where patterns end, but for most that are found and those that the edges of words turn down.

        Hostile terms and texts come with dozens of overlapping endings for each letter, so that most places have
        to be passed over at once: ``open_at`` says where each root is worth a look.
        """
        finder = self._finder
        waiting: dict[int, _Rooted] = {}
        open_at: dict[int, str] = {}
        for root, _, end in finder.places(text):
            if root not in waiting:
                waiting[root] = self._under(root)
                if not self._is_costly:
                    # Most terms stand where they are first seen, before anything has to be known about edges.
                    for pattern in finder.ending(root, text, end):
                        yield end, pattern
                    continue
            if root in open_at and open_at[root][end - 1] == NEVER:
                continue
            rooted = waiting[root]
            if root not in open_at or rooted.is_outdated(found):
                rooted = waiting[root] = rooted.without(found)
                open_at[root] = rooted.open_at(text, borders)
                if open_at[root][end - 1] == NEVER:
                    continue
            for pattern in self._ending(root, rooted, text, end, borders):
                yield end, pattern

    def _ending(
        self, root: int, rooted: "_Rooted", text: str, end: int, borders: Callable[[], Borders | RoughBorders]
    ) -> Iterable[str]:
        """Return the patterns that end at ``end``, by where words begin if that is quicker."""
        if rooted.all_begin:
            begins = borders().begins
            first, last = max(0, end - rooted.longest), max(0, end - rooted.shortest + 1)
            if begins.count(MAY, first, last) <= _FEW_BEGINNINGS:
                return [
                    text[start:end]
                    for start in _places_of(MAY, begins, first, last)
                    if text[start:end] in self._known
                ]
        return self._finder.ending(root, text, end)

    @cached_property
    def _finder(self) -> Finder:
        return Finder(self._known)

    def _under(self, root: int) -> "_Rooted":
        if root not in self._rooted:
            patterns = self._finder.under(root)
            self._rooted[root] = _Rooted.of(
                [(pattern, wanted) for pattern in patterns for wanted in self._known[pattern]], known=0
            )
        return self._rooted[root]


class _Rooted(NamedTuple):
    """Terms whose patterns end in one root, and what all of them ask for.

    ``known``: how many terms of all were found when they were chosen.
    """

    wanted: list[tuple[str, Wanted]]
    known: int
    all_begin: bool
    all_end: bool
    shortest: int
    longest: int

    @classmethod
    def of(cls, wanted: list[tuple[str, Wanted]], known: int) -> "_Rooted":
        """Return terms with what they ask for."""
        lengths = [len(pattern) for pattern, _ in wanted]
        return cls(
            wanted,
            known,
            all(each.begins_plainly for _, each in wanted),
            all(each.ends_plainly for _, each in wanted),
            min(lengths, default=0),
            max(lengths, default=0),
        )

    def is_outdated(self, found: Mapping[int, Hit]) -> bool:
        """Tell whether half of the terms may have been found since: asking more often costs more than it spares."""
        return 2 * (len(found) - self.known) >= max(1, len(self.wanted))

    def without(self, found: Mapping[int, Hit]) -> "_Rooted":
        """Return the terms that were not found."""
        if not found:
            return self
        return _Rooted.of([pair for pair in self.wanted if pair[1].number not in found], len(found))

    def open_at(self, text: str, borders: Callable[[], Borders | RoughBorders]) -> str:
        """Return for each character of a text ``MAY`` or ``NEVER``: whether any of the terms may end with it."""
        if not self.wanted:
            return NEVER * len(text)
        return borders().ends if self.all_end else MAY * len(text)


def _places_of(character: str, text: str, start: int, end: int) -> Iterator[int]:
    """Yield where a character stands in part of a text, from the end."""
    place = text.rfind(character, start, end)
    while place >= 0:
        yield place
        place = text.rfind(character, start, place)


def _few_places(shown: Shown, text: str) -> list[tuple[int, str]] | None:
    """Return where patterns end, shorter ones first, or nothing where there are more than a few places."""
    if shown is None:
        return None
    places = [*islice(_ends_of(shown, text), _FEW + 1)]
    return sorted(places, key=lambda place: (place[0], len(place[1]))) if len(places) <= _FEW else None


def _ends_of(patterns: Iterable[str], text: str) -> Iterator[tuple[int, str]]:
    for pattern in patterns:
        start = text.find(pattern)
        while start >= 0:
            yield start + len(pattern), pattern
            start = text.find(pattern, start + 1)
