"""The closer look at one text that a sieve left."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import accumulate, islice

from service.domain.matching.charts import Chart, letters_chart
from service.domain.matching.disguises import Letter, falls_inside, read_letters, runs_of
from service.domain.matching.edges import continues_word, ends_word
from service.domain.matching.finder import Finder
from service.domain.matching.glimpses import Glimpse
from service.domain.matching.hosts import hosts_in, is_host_suffix
from service.domain.matching.normalising import Alignment, fold, keeps_offsets, source_by_words
from service.domain.matching.outlines import Row
from service.domain.matching.sieve import Shown, Sieve
from service.domain.matching.terms import Hit, Mode
from service.domain.matching.wanted import Wanted

# Comparing a text up to each of its hits is quick for as long as the text is short.
_SHORT = 300
# Looking for each place by itself is quick for as long as there are few.
_FEW = 64


_remembered_letters = lru_cache(maxsize=512)(read_letters)
_remembered_glimpse = lru_cache(maxsize=512)(Glimpse)


class Layer:
    """Terms under the patterns that point to them, and what finds those."""

    def __init__(
        self, wanted: Iterable[tuple[str, Wanted]], chart: Callable[[], Chart] = letters_chart
    ) -> None:
        self._known: dict[str, list[Wanted]] = defaultdict(list)
        for pattern, each in wanted:
            self._known[pattern].append(each)
        self._sieve = Sieve(self._known, chart)
        self._shared: dict[int, tuple[frozenset[int], bool]] = {}

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
        self, text: str, shown: Shown, found: Mapping[int, Hit], goes_on: Callable[[int], bool]
    ) -> Iterator[tuple[Wanted, str, int]]:
        """Yield what may stand in a text: who wants it, the pattern, and the offset of its end.

        Where there are no more than a few places, each pattern that the text shows is looked for by itself.
        """
        places = _few_places(shown, text)
        for end, pattern in self._many_places(text, found, goes_on) if places is None else places:
            for wanted in self._known[pattern]:
                yield wanted, pattern, end

    def _many_places(
        self, text: str, found: Mapping[int, Hit], goes_on: Callable[[int], bool]
    ) -> Iterator[tuple[int, str]]:
        """Yield where patterns end.

        Endings that patterns share are left out at once where all that end there are found, or where the word
        goes on: hostile terms and texts come with dozens of overlapping endings for each letter.
        """
        finder = self._finder
        for root, end in finder.places(text):
            if finder.is_shared(root):
                numbers, closed = self._about(root)
                if numbers <= found.keys() or (closed and goes_on(end)):
                    continue
            for pattern in finder.ending(root, text, end):
                yield end, pattern

    @cached_property
    def _finder(self) -> Finder:
        return Finder(self._known)

    def _about(self, root: int) -> tuple[frozenset[int], bool]:
        """Return the terms that end in a root, and whether a word has to end where they all do."""
        if root not in self._shared:
            under = [wanted for pattern in self._finder.under(root) for wanted in self._known[pattern]]
            numbers = frozenset(wanted.number for wanted in under)
            self._shared[root] = numbers, all(wanted.ends_plainly for wanted in under)
        return self._shared[root]


class Search:
    """What was found so far in one text; ``index`` is its place in the post."""

    def __init__(self, field: str, value: str, index: int, allowed: Layer) -> None:
        self._field, self._value = field, value
        self._index = index
        self._folded = fold(value)
        self._hits: dict[int, Hit] = {}
        self._plain: dict[int, bool] = {}
        self._allowed = allowed

    def found(self) -> list[Hit]:
        """Return the hits in the order of their terms."""
        return [self._hits[number] for number in sorted(self._hits)]

    def look_for_words(self, layer: Layer, shown: Shown) -> None:
        """Note the first place of each term that stands in the text undisguised."""
        hits = self._hits
        for wanted, pattern, end in layer.candidates(self._folded, shown, hits, self._goes_on):
            start = end - len(pattern)
            if wanted.number not in hits and self._stands(wanted, pattern, start, end):
                self._note(wanted, start, end, evasion=False)

    def look_for_disguises(self, layer: Layer, shown: Shown) -> None:
        """Note the first place of each loose term that only stands there in disguise."""
        if layer.is_all_found(shown, self._hits):
            return
        text = self._glimpse.bones
        for wanted, pattern, end in layer.candidates(text, shown, self._hits, self._goes_on_after):
            if wanted.number in self._hits or not wanted.is_looked_for_in(self._field):
                continue
            if not self._is_plain(wanted, text, pattern) and self._is_worth_reading(wanted, pattern, end):
                self._look_for_disguise(wanted, end - len(pattern))

    def _goes_on(self, end: int) -> bool:
        return not ends_word(self._folded, end - 1, end)

    def _goes_on_after(self, bone: int) -> bool:
        # Worth knowing only once the letters are read, which the count of plain places may spare.
        if "_letters" not in self.__dict__:
            return False
        start, end = self._runs[bone - 1]
        return end - start == 1 and self._goes_on(self._letters[start].end)

    def _is_plain(self, wanted: Wanted, bones: str, pattern: str) -> bool:
        if wanted.number not in self._plain:
            self._plain[wanted.number] = wanted.is_plain_in(self._folded, bones, pattern)
        return self._plain[wanted.number]

    def _is_worth_reading(self, wanted: Wanted, bones: str, end: int) -> bool:
        first, count = end - len(bones), len(bones)
        return self._glimpse.may_show(
            wanted.glimpse, first, poses=wanted.poses
        ) and not self._glimpse.is_plain(wanted.text, first, count)

    def _look_for_disguise(self, wanted: Wanted, first_bone: int) -> None:
        start, end = self._runs[first_bone]
        again = [index for index in range(start + 1, end) if self._letters[index].before]
        for first in sorted({start, max(start, end - wanted.runs[0][1]), *again[-2:]}):
            for last in sorted(wanted.ways_to_read(self._letters, first, self._field)):
                if falls_inside(self._letters, first) or falls_inside(self._letters, last):
                    continue
                place = self._trimmed(wanted, self._letters[first].start, self._letters[last - 1].end)
                if place and self._edges_fit(wanted, first, *place):
                    self._note(wanted, *place, evasion=True)
                    return

    def _edges_fit(self, wanted: Wanted, first: int, start: int, end: int) -> bool:
        # A sign that stands for a letter continues a word as the letter would.
        glued = not self._letters[first].before and first > 0 and not continues_word(self._folded[start])
        return not (glued and wanted.is_bounded_left) and wanted.stands(self._folded, start, end, self._field)

    def _trimmed(self, wanted: Wanted, start: int, end: int) -> tuple[int, int] | None:
        before, after = wanted.trim
        first = start - len(before)
        if first < 0 or not (self._folded.startswith(before, first) and self._folded.startswith(after, end)):
            return None
        return first, end + len(after)

    def _stands(self, wanted: Wanted, pattern: str, start: int, end: int) -> bool:
        return wanted.is_looked_for_in(self._field, pattern) and wanted.stands(
            self._folded, start, end, self._field
        )

    def _note(self, wanted: Wanted, start: int, end: int, *, evasion: bool) -> None:
        first, last = self._source(start, end)
        if wanted.mode is Mode.DOMAIN and not is_host_suffix(self._hosts, self._value, first, last):
            return
        if wanted.goes_on_in_original(self._value, last):
            return
        if self._allowed and self._is_allowed(first, last):
            return
        self._hits[wanted.number] = Hit(wanted.number, self._index, first, last, evasion)

    def _is_allowed(self, start: int, end: int) -> bool:
        reached = self._reached
        before = bisect_right(reached, (start, len(self._value)))
        return before > 0 and reached[before - 1][1] >= end

    def _source(self, start: int, end: int) -> tuple[int, int]:
        if len(self._value) <= _SHORT:
            if keeps_offsets(self._value, self._folded, end):
                return start, end
            place = source_by_words(self._value, self._folded, start, end)
            if place:
                return place
        return self._alignment.source(start, end)

    @cached_property
    def _reached(self) -> list[tuple[int, int]]:
        """Where allow phrases begin, each with the furthest end of those that begin no later."""
        places = sorted(self._allowed_places())
        return list(
            zip((start for start, _ in places), accumulate((end for _, end in places), max), strict=True)
        )

    def _allowed_places(self) -> Iterator[tuple[int, int]]:
        for wanted, pattern, end in self._allowed.candidates(self._folded, None, {}, self._goes_on):
            start = end - len(pattern)
            if self._stands(wanted, pattern, start, end):
                yield self._source(start, end)

    @cached_property
    def _hosts(self) -> dict[int, int]:
        return hosts_in(self._value)

    @cached_property
    def _alignment(self) -> Alignment:
        return Alignment(self._value)

    @cached_property
    def _glimpse(self) -> Glimpse:
        return _remembered_glimpse(self._value) if len(self._value) <= _SHORT else Glimpse(self._value)

    @cached_property
    def _letters(self) -> list[Letter]:
        return _remembered_letters(self._value) if len(self._value) <= _SHORT else read_letters(self._value)

    @cached_property
    def _runs(self) -> list[tuple[int, int]]:
        return runs_of(self._letters)


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


def forget_letters() -> None:
    """Forget texts that were read letter by letter, as if the process had just begun."""
    _remembered_letters.cache_clear()
    _remembered_glimpse.cache_clear()
