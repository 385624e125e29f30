"""The closer look at one text in which an automaton saw something."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate

from service.domain.matching.disguises import Letter, falls_inside, read_letters, runs_of
from service.domain.matching.edges import continues_word, ends_word
from service.domain.matching.finder import Finder, Place, decoded, with_offsets
from service.domain.matching.normalising import Alignment, keeps_offsets
from service.domain.matching.terms import Hit, Text
from service.domain.matching.wanted import Wanted

# Comparing a text up to each of its hits is quick for as long as the text is short.
_SHORT = 300


_remembered_letters = lru_cache(maxsize=512)(read_letters)


class Layer:
    """Terms under the patterns that point to them, and the automaton that finds those."""

    def __init__(self, wanted: Iterable[tuple[str, Wanted]]) -> None:
        self._known: dict[str, list[Wanted]] = defaultdict(list)
        for pattern, each in wanted:
            self._known[pattern].append(each)
        self._finder = Finder(self._known)
        under = [self._wanted_under(root) for root in range(len(self._finder))]
        self._numbers = [frozenset(wanted.number for wanted in each) for each in under]
        self._closed = [all(wanted.ends_plainly for wanted in each) for each in under]

    def __bool__(self) -> bool:
        return bool(self._known)

    def places(self, keys: Sequence[bytes]) -> Mapping[int, list[Place]]:
        """Return the places where patterns may end, by the number of the text."""
        found: dict[int, list[Place]] = defaultdict(list)
        for place in self._finder.places(keys):
            found[place.text].append(place)
        return found

    def candidates(
        self, key: bytes, places: Iterable[Place], found: Mapping[int, Hit], goes_on: Callable[[int], bool]
    ) -> Iterator[tuple[Wanted, str, int]]:
        """Yield what may stand in a text: who wants it, the pattern, and the offset of its end.

        Endings are left out at once where all that end there are found, or where the word goes on: hostile
        terms and texts come with dozens of overlapping endings for each letter.
        """
        text = decoded(key)
        for place, end in with_offsets(text, key, places):
            if self._numbers[place.root] <= found.keys():
                continue
            if self._closed[place.root] and goes_on(end):
                continue
            for pattern in self._finder.ending(place.root, text, end):
                for wanted in self._known[pattern]:
                    yield wanted, pattern, end

    def _wanted_under(self, root: int) -> list[Wanted]:
        return [wanted for pattern in self._finder.under(root) for wanted in self._known[pattern]]


class Search:
    """What was found so far in one text; ``index`` is its place in the post."""

    def __init__(self, text: Text, index: int, folded: bytes) -> None:
        self._field, self._value = text.field, text.value
        self._index = index
        self._key = folded
        self._folded = decoded(folded)
        self._hits: dict[int, Hit] = {}
        self._plain: dict[int, bool] = {}
        self._allowed: list[tuple[int, int]] = []

    def found(self) -> list[Hit]:
        """Return the hits in the order of their terms."""
        return [self._hits[number] for number in sorted(self._hits)]

    def allow(self, layer: Layer, places: Iterable[Place]) -> None:
        """Note every place of an allow phrase: nothing inside it counts."""
        for wanted, pattern, end in layer.candidates(self._key, places, {}, self._goes_on):
            if self._stands(wanted, pattern, end):
                self._allowed.append(self._source(end - len(pattern), end))

    def look_for_words(self, layer: Layer, places: Iterable[Place]) -> None:
        """Note the first place of each term that stands in the text undisguised."""
        for wanted, pattern, end in layer.candidates(self._key, places, self._hits, self._goes_on):
            if wanted.number not in self._hits and self._stands(wanted, pattern, end):
                self._note(wanted, end - len(pattern), end, evasion=False)

    def look_for_disguises(self, layer: Layer, bones: bytes, places: Iterable[Place]) -> None:
        """Note the first place of each loose term that only stands there in disguise."""
        text = decoded(bones)
        for wanted, pattern, end in layer.candidates(bones, places, self._hits, self._goes_on_after):
            if wanted.number in self._hits or not wanted.is_looked_for_in(self._field):
                continue
            if not self._is_plain(wanted, text):
                self._look_for_disguise(wanted, end - len(pattern))

    def _goes_on(self, end: int) -> bool:
        return not ends_word(self._folded, end - 1, end)

    def _goes_on_after(self, bone: int) -> bool:
        # Worth knowing only once the letters are read, which the count of plain places may spare.
        if "_letters" not in self.__dict__:
            return False
        start, end = self._runs[bone - 1]
        return end - start == 1 and self._goes_on(self._letters[start].end)

    def _is_plain(self, wanted: Wanted, bones: str) -> bool:
        if wanted.number not in self._plain:
            self._plain[wanted.number] = wanted.is_plain_in(self._folded, bones)
        return self._plain[wanted.number]

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

    def _stands(self, wanted: Wanted, pattern: str, end: int) -> bool:
        return wanted.is_looked_for_in(self._field, pattern) and wanted.stands(
            self._folded, end - len(pattern), end, self._field
        )

    def _note(self, wanted: Wanted, start: int, end: int, *, evasion: bool) -> None:
        place = self._source(start, end)
        if not wanted.stands_in_original(self._value, *place) or self._is_allowed(*place):
            return
        self._hits.setdefault(wanted.number, Hit(wanted.number, self._index, *place, evasion))

    def _is_allowed(self, start: int, end: int) -> bool:
        reached = self._reached
        before = bisect_right(reached, (start, len(self._value)))
        return before > 0 and reached[before - 1][1] >= end

    def _source(self, start: int, end: int) -> tuple[int, int]:
        if len(self._value) <= _SHORT and keeps_offsets(self._value, self._folded, end):
            return start, end
        return self._alignment.source(start, end)

    @cached_property
    def _reached(self) -> list[tuple[int, int]]:
        """Where allow phrases begin, each with the furthest end of those that begin no later."""
        places = sorted(self._allowed)
        return list(
            zip((start for start, _ in places), accumulate((end for _, end in places), max), strict=True)
        )

    @cached_property
    def _alignment(self) -> Alignment:
        return Alignment(self._value)

    @cached_property
    def _letters(self) -> list[Letter]:
        return _remembered_letters(self._value) if len(self._value) <= _SHORT else read_letters(self._value)

    @cached_property
    def _runs(self) -> list[tuple[int, int]]:
        return runs_of(self._letters)
