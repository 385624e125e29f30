"""Terms that are looked for in the same form of a text, and what finds where each may stand."""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import islice
from operator import itemgetter

from service.domain.matching.borders import MAY, NEVER, Borders, RoughBorders
from service.domain.matching.charts import Chart, letters_chart
from service.domain.matching.compiled import sieve_for
from service.domain.matching.finder import Finder, Place
from service.domain.matching.outlines import Row
from service.domain.matching.sieve import Shown
from service.domain.matching.wanted import LookedFor, Wanted

# Looking from each beginning of a word is quick for as long as there are few.
_FEW_BEGINNINGS = 8
# How many more terms may stand elsewhere or nowhere than stand at the first place that edges allow.
_PATIENCE = 2
_FEW_LEAPS = 8
# Looking for each place by itself is quick for as long as there are few.
_FEW = 64


class Layer:
    """Terms under the patterns that point to them, and what finds those.

    ``numbered``: patterns, each with the number of a term; ``is_costly``: a closer look costs much.
    """

    def __init__(
        self,
        numbered: Iterable[tuple[str, int]],
        looked_for: LookedFor,
        chart: Callable[[], Chart] = letters_chart,
        *,
        is_costly: bool = False,
    ) -> None:
        self._is_costly = is_costly
        self._looked_for = looked_for
        self._known: dict[str, list[int]] = {}
        for pattern, number in numbered:
            self._known.setdefault(pattern, []).append(number)
        self._sieve = sieve_for(self._known, chart)
        self._rooted: dict[int, _Rooted] = {}

    def __bool__(self) -> bool:
        return bool(self._known)

    def left(self, row: Row) -> dict[int, Shown]:
        """Return the texts in which any term may stand, by their number, with the patterns that may."""
        return self._sieve.left(row) if self else {}

    def _wanting(self, pattern: str) -> list[Wanted]:
        """Return the terms that a pattern points to."""
        return [*map(self._looked_for.at, self._known[pattern])]

    def is_all_settled(self, shown: Shown, settled: AbstractSet[int]) -> bool:
        """Tell whether no term that may stand in a text has to be looked for any more."""
        return shown is not None and all(
            number in settled for pattern in shown for number in self._known[pattern]
        )

    def candidates(
        self,
        text: str,
        shown: Shown,
        settled: AbstractSet[int],
        borders: Callable[[], Borders | RoughBorders],
    ) -> Iterator[tuple[Wanted, str, int]]:
        """Yield what may stand in a text: who wants it, the pattern, and the offset of its end.

        Where there are no more than a few places, all are named: the same whether or not a sieve could tell the
        patterns, for sieves differ in that, and what is found, and what that may cost, must not.
        """
        roots = self._finder.places(text) if shown is None else []
        places = _few_of(self._ends_of_any(roots, text) if shown is None else _ends_of(shown, text))
        if places is None:
            yield from self._candidates_of_many(roots or self._finder.places(text), text, settled, borders)
            return
        for end, pattern in places:
            for wanted in self._wanting(pattern):
                if wanted.number not in settled:
                    yield wanted, pattern, end

    def _ends_of_any(self, roots: Iterable[Place], text: str) -> Iterator[tuple[int, str]]:
        for root, _, end in roots:
            for pattern in self._finder.ending(root, text, end):
                yield end, pattern

    def _candidates_of_many(
        self,
        places: list[Place],
        text: str,
        settled: AbstractSet[int],
        borders: Callable[[], Borders | RoughBorders],
    ) -> Iterator[tuple[Wanted, str, int]]:
        is_crowded = len(places) > _FEW
        if is_crowded:
            roots = [*map(self._under, set(map(itemgetter(0), places)))]
            if not self._is_costly:
                yield from self._first_places(text, roots, settled, borders)
                if all(root.is_settled(settled) for root in roots):
                    return
            if all(root.all_end for root in roots):
                ends = borders().ends
                places = [place for place in places if ends[place[2] - 1] != NEVER]
        # Most terms stand where they are first seen, before anything has to be known about edges.
        is_eager = not (is_crowded or self._is_costly)
        for end, pattern in self._many_places(places, text, settled, borders, is_eager=is_eager):
            for wanted in self._wanting(pattern):
                if wanted.number not in settled:
                    yield wanted, pattern, end

    def _first_places(
        self,
        text: str,
        roots: Iterable["_Rooted"],
        settled: AbstractSet[int],
        borders: Callable[[], Borders | RoughBorders],
    ) -> Iterator[tuple[Wanted, str, int]]:
        """Yield for one term after the other the first places that edges of words allow, while most stand there.

        Hostile terms that do stand in a text mostly stand there, and looking for those places alone is quicker than
        passing over all places for all terms.
        """
        luck = _PATIENCE
        for root in roots:
            for pattern, wanted in root.alone:
                if wanted.number in settled:
                    continue
                start = text.find(pattern)
                if start < 0:
                    continue
                first = start + len(pattern)
                yield wanted, pattern, first
                if (
                    wanted.number not in settled
                    and (end := _first_end(wanted, pattern, text, borders())) > first
                ):
                    yield wanted, pattern, end
                luck += 1 if wanted.number in settled else -1
                if luck < 0:
                    return

    def _many_places(
        self,
        places: list[Place],
        text: str,
        settled: AbstractSet[int],
        borders: Callable[[], Borders | RoughBorders],
        *,
        is_eager: bool,
    ) -> Iterator[tuple[int, str]]:
        """Yield where patterns end, but for most that are found and those that the edges of words turn down.

        Hostile terms and texts come with dozens of overlapping endings for each letter, so that most places have
        to be passed over at once: ``open_at`` says where each root is worth a look. Whoever is eager sees the first
        place of each before that is known.
        """
        finder = self._finder
        waiting: dict[int, _Waiting] = {}
        for root, _, end in places:
            still = waiting.get(root)
            if still is None:
                still = waiting[root] = _Waiting(self._under(root))
                if is_eager:
                    for pattern in finder.ending(root, text, end):
                        yield end, pattern
                    continue
            if still.open_at and still.open_at[end - 1] == NEVER:
                continue
            if not still.open_at or still.rooted.is_outdated(settled):
                still.look_again(settled, text, borders)
                if still.open_at[end - 1] == NEVER:
                    continue
            patterns = self._begun(still, text, end) if still.begins else None
            for pattern in finder.ending(root, text, end) if patterns is None else patterns:
                yield end, pattern

    def _begun(self, waiting: "_Waiting", text: str, end: int) -> list[str] | None:
        """Return the patterns that end at ``end``, by where words begin; nothing if those are more than a few."""
        begins, first = waiting.begins, max(0, end - waiting.rooted.longest)
        patterns: list[str] = []
        start = begins.rfind(MAY, first, max(0, end - waiting.rooted.shortest + 1))
        for _ in range(_FEW_BEGINNINGS):
            if start < 0:
                return patterns
            if text[start:end] in self._known:
                patterns.append(text[start:end])
            start = begins.rfind(MAY, first, start)
        return None

    @cached_property
    def _finder(self) -> Finder:
        return Finder(self._known)

    def _under(self, root: int) -> "_Rooted":
        if root not in self._rooted:
            patterns = self._finder.under(root)
            self._rooted[root] = _Rooted(
                [(pattern, wanted) for pattern in patterns for wanted in self._wanting(pattern)]
            )
        return self._rooted[root]


class _Rooted:
    """Terms whose patterns end in one root, and what all of them ask for.

    ``known``: how many terms of all were found when they were chosen.
    """

    def __init__(self, wanted: list[tuple[str, Wanted]], known: int = 0) -> None:
        self.wanted = wanted
        self._known = known
        lengths = [len(pattern) for pattern, _ in wanted]
        self.shortest, self.longest = min(lengths, default=0), max(lengths, default=0)
        self.all_begin = all(each.begins_plainly for _, each in wanted)
        self.all_end = all(each.ends_plainly for _, each in wanted)

    @cached_property
    def alone(self) -> list[tuple[str, Wanted]]:
        """The terms that have no other pattern, in their order."""
        alone = [pair for pair in self.wanted if len(pair[1].patterns) == 1]
        return sorted(alone, key=lambda pair: pair[1].number)

    def is_settled(self, settled: AbstractSet[int]) -> bool:
        """Tell whether none of the terms has to be looked for any more."""
        return all(each.number in settled for _, each in self.wanted)

    def is_outdated(self, settled: AbstractSet[int]) -> bool:
        """Tell whether half of the terms may have been found since: asking more often costs more than it spares."""
        return 2 * (len(settled) - self._known) >= max(1, len(self.wanted))

    def left(self, settled: AbstractSet[int], text: str) -> "_Rooted":
        """Return the terms that a text shows and that were not found."""
        left = [pair for pair in self.wanted if pair[1].number not in settled and pair[0] in text]
        return _Rooted(left, len(settled))


class _Waiting:
    """The terms of one root that one text was not yet seen to hold, and where they may stand.

    ``open_at``: for each character ``MAY`` or ``NEVER``, as any of the terms may end with it; ``begins``: the same
    for their beginnings, if all of them begin where words do.
    """

    __slots__ = ("begins", "open_at", "rooted")

    def __init__(self, rooted: _Rooted) -> None:
        self.rooted = rooted
        self.open_at = self.begins = ""

    def look_again(
        self, settled: AbstractSet[int], text: str, borders: Callable[[], Borders | RoughBorders]
    ) -> None:
        """Leave out what was found, and work out where the others may stand."""
        self.rooted = self.rooted.left(settled, text)
        if not self.rooted.wanted:
            self.open_at = NEVER * len(text)
            return
        self.open_at = borders().ends if self.rooted.all_end else MAY * len(text)
        self.begins = borders().begins if self.rooted.all_begin else ""


def _first_end(wanted: Wanted, pattern: str, text: str, borders: Borders | RoughBorders) -> int:
    """Return where a pattern first ends so that no edge turns it down at a glance, 0 where a few leaps find none."""
    begins = borders.begins if wanted.begins_plainly else ""
    ends = borders.ends if wanted.ends_plainly else ""
    start = text.find(pattern)
    for _ in range(_FEW_LEAPS):
        end = start + len(pattern)
        if start < 0:
            return 0
        if begins and begins[start] == NEVER:
            leap = begins.find(MAY, start)
        elif ends and ends[end - 1] == NEVER:
            leap = ends.find(MAY, end) + 1 - len(pattern)
        else:
            return end
        start = text.find(pattern, leap) if leap > start else -1
    return 0


def _few_of(ends: Iterable[tuple[int, str]]) -> list[tuple[int, str]] | None:
    """Return where patterns end, shorter ones first, or nothing where there are more than a few places."""
    places = [*islice(ends, _FEW + 1)]
    if len(places) > 1:
        places.sort(key=lambda place: (place[0], len(place[1])))
    return places if len(places) <= _FEW else None


def _ends_of(patterns: Iterable[str], text: str) -> Iterator[tuple[int, str]]:
    for pattern in patterns:
        start = text.find(pattern)
        while start >= 0:
            yield start + len(pattern), pattern
            start = text.find(pattern, start + 1)
