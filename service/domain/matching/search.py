"""The closer look at one text that a sieve left."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import TypeVar

from service.domain.matching.alignment import Alignment, joins_before, keeps_offsets, source_by_words
from service.domain.matching.borders import Borders
from service.domain.matching.disguises import Letter, falls_inside, read_letters, runs_of
from service.domain.matching.edges import continues_word
from service.domain.matching.glimpses import Glimpse
from service.domain.matching.hosts import Hosts
from service.domain.matching.layers import Layer
from service.domain.matching.normalising import fold
from service.domain.matching.sieve import Shown
from service.domain.matching.terms import Hit, Mode
from service.domain.matching.wanted import Wanted

T = TypeVar("T")

# Comparing a text up to each of its hits is quick for as long as the text is short.
_SHORT = 300
_TOLD_BY_ORIGINAL = frozenset({Mode.DOMAIN, Mode.TAG})
"""Modes in which the caller's own text has a say in whether a term stands there."""

_UNCUT = Alignment("")
_remembered_letters = lru_cache(maxsize=512)(read_letters)
_remembered_glimpse = lru_cache(maxsize=512)(Glimpse)


class TooManyLooks(Exception):  # noqa: N818 - a statement, like every refusal
    """Texts show terms at so many places that looking at all of them would take too long."""


class Looks:
    """How many places may still be looked at, in all texts of a call."""

    def __init__(self, left: int) -> None:
        self._left = left

    def at(self, places: Iterable[T]) -> Iterator[T]:
        """Yield one place after the other; raise ``TooManyLooks`` where there are more than may be looked at."""
        for place in places:
            if not self._left:
                raise TooManyLooks
            self._left -= 1
            yield place


class Search:
    """What was found so far in one text; ``index`` is its place in the post."""

    def __init__(self, field: str, value: str, index: int, allowed: Layer) -> None:
        self._field, self._value = field, value
        self._index = index
        self._folded = fold(value)
        self._alignment = _UNCUT
        self._places: dict[int, tuple[Wanted, int, int, bool]] = {}
        self._settled: set[int] = set()
        self._plain: dict[int, bool] = {}
        self._allowed = allowed

    def found(self) -> list[Hit]:
        """Return the hits in the order of their terms, of alternatives the first alone."""
        hits: list[Hit] = []
        following = 0
        for number in sorted(self._places):
            if number >= following:
                wanted, start, end, evasion = self._places[number]
                hits.append(Hit(number, self._index, *self._source(start, end), evasion))
                following = wanted.following
        return hits

    def look_for_words(self, layer: Layer, shown: Shown, looks: Looks) -> None:
        """Note the first place of each term that stands in the text undisguised."""
        places = layer.candidates(self._folded, shown, self._settled, self._words)
        for wanted, pattern, end in looks.at(places):
            start = end - len(pattern)
            if self._stands(wanted, pattern, start, end):
                self._note(wanted, start, end, evasion=False)

    def look_for_disguises(self, layer: Layer, shown: Shown, looks: Looks) -> None:
        """Note the first place of each loose term that only stands there in disguise."""
        if layer.is_all_settled(shown, self._settled):
            return
        text = self._glimpse.bones
        places = layer.candidates(text, shown, self._settled, self._glimpse.borders)
        for wanted, pattern, end in looks.at(places):
            if not wanted.is_looked_for_in(self._field):
                continue
            if not self._is_plain(wanted, text, pattern) and self._is_worth_reading(wanted, pattern, end):
                self._look_for_disguise(wanted, end - len(pattern))

    def _words(self) -> Borders:
        return self._borders

    @cached_property
    def _borders(self) -> Borders:
        return Borders(self._folded)

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
                if not wanted.is_whole_in(self._letters, first, last):
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
        # Where a hit stands in the original is worked out once it is known to be told, if nothing asks before.
        if (self._allowed or wanted.mode in _TOLD_BY_ORIGINAL) and not self._counts(wanted, start, end):
            return
        self._places[wanted.number] = wanted, start, end, evasion
        self._settled.update(range(wanted.number, wanted.following))

    def _counts(self, wanted: Wanted, start: int, end: int) -> bool:
        first, last = self._source(start, end)
        if wanted.mode is Mode.DOMAIN and not self._hosts.has_suffix(first, last):
            return False
        if not wanted.stands_in_original(self._value, first, last, self._field):
            return False
        return not self._is_allowed(first, last)

    def _is_allowed(self, start: int, end: int) -> bool:
        if not self._allowed:
            return False
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
        elif self._keeps_all_offsets and not joins_before(self._value, end):
            return start, end
        return self._alignment_to(end).source(start, end)

    def _alignment_to(self, end: int) -> Alignment:
        # Most hits stand near the beginning, so that a long text is cut bit by bit.
        if not self._alignment.reaches(end):
            self._alignment = Alignment(self._value, max(end, 4 * self._alignment.ats[-1]))
        return self._alignment

    @cached_property
    def _reached(self) -> list[tuple[int, int]]:
        """Where allow phrases begin, each with the furthest end of those that begin no later."""
        places = sorted(self._allowed_places())
        return list(
            zip((start for start, _ in places), accumulate((end for _, end in places), max), strict=True)
        )

    def _allowed_places(self) -> Iterator[tuple[int, int]]:
        for wanted, pattern, end in self._allowed.candidates(self._folded, None, set(), self._words):
            start = end - len(pattern)
            if self._stands(wanted, pattern, start, end):
                yield self._source(start, end)

    @cached_property
    def _hosts(self) -> Hosts:
        return Hosts(self._value)

    @cached_property
    def _keeps_all_offsets(self) -> bool:
        return keeps_offsets(self._value, self._folded, len(self._value))

    @cached_property
    def _glimpse(self) -> Glimpse:
        return _remembered_glimpse(self._value) if len(self._value) <= _SHORT else Glimpse(self._value)

    @cached_property
    def _letters(self) -> list[Letter]:
        return _remembered_letters(self._value) if len(self._value) <= _SHORT else read_letters(self._value)

    @cached_property
    def _runs(self) -> list[tuple[int, int]]:
        return runs_of(self._letters)


def forget_letters() -> None:
    """Forget texts that were read letter by letter, as if the process had just begun."""
    _remembered_letters.cache_clear()
    _remembered_glimpse.cache_clear()
