"""Tells where in an outline patterns may stand, by a few letters at either end of each.

Every place of the outline is looked up at once, in a table that has room for 64 times as many patterns as there are:
a thousand cost hardly more than ten.
"""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from service.domain.matching.charts import Outline
from service.domain.matching.outlines import Numbers

Hashes: TypeAlias = NDArray[np.uint16]

_WIDEST: Final = 4
_MOST_PLACES: Final = 4_096
"""Where hostile texts have more places of more patterns alike, a closer look is quicker than telling them apart."""
_SMALLEST, _LARGEST = 10, 16
_ROOM: Final = 6
"""Sizes of a table as powers of two; the last is how much room each pattern has."""
_FIRST, _SECOND, _THIRD = np.uint16(40_503), np.uint16(30_011), np.uint16(52_361)


class Grams:
    """Patterns by their first and last letters: four, or as many as the shortest of them have."""

    def __init__(self, outline: Outline, starts: Numbers, lengths: Numbers) -> None:
        self._of_width: list[_OfWidth] = []
        for width, low, high in ((1, 1, 1), (2, 2, 3), (_WIDEST, _WIDEST, np.inf)):
            (numbers,) = ((lengths >= low) & (lengths <= high)).nonzero()
            if numbers.size:
                hashes = _hashes(outline, width)
                self._of_width.append(_OfWidth(width, numbers, hashes, starts, lengths))

    def places(self, outline: Outline) -> tuple[Numbers, Numbers]:
        """Return where patterns may begin, and their numbers; the number is -1 where it may be any."""
        found = [each.places(outline) for each in self._of_width]
        at, numbers = zip(*found, strict=True) if found else ((), ())
        return np.concatenate((_NOWHERE, *at)), np.concatenate((_NOWHERE, *numbers))


_NOWHERE: Final[Numbers] = np.empty(0, np.intp)


class _OfWidth:
    """Patterns that are told by as many letters of theirs."""

    def __init__(
        self, width: int, numbers: Numbers, hashes: Hashes, starts: Numbers, lengths: Numbers
    ) -> None:
        self.width = width
        bits = min(max((numbers.size - 1).bit_length() + _ROOM, _SMALLEST), _LARGEST)
        self._shift = np.uint16(_LARGEST - bits)
        firsts = hashes[starts[numbers]]
        order = firsts.argsort()
        self._numbers = numbers[order]
        self._firsts = firsts[order]
        self._reach = lengths[self._numbers] - width
        self._lasts = hashes[starts[self._numbers] + self._reach]
        buckets = np.bincount(self._firsts >> self._shift, minlength=1 << bits)
        self._is_used = buckets > 0
        self._begun = np.concatenate(([0], buckets.cumsum())).astype(np.min_scalar_type(numbers.size))

    def places(self, outline: Outline) -> tuple[Numbers, Numbers]:
        """Return the same as ``Grams.places``."""
        hashes = _hashes(outline, self.width)
        buckets = hashes >> self._shift
        (at,) = self._is_used.take(buckets, mode="clip").nonzero()
        found = buckets[at].astype(np.intp)
        before = self._begun[found].astype(np.intp)
        counts = self._begun[found + 1] - before
        total = int(counts.sum())
        if total > max(_MOST_PLACES, outline.size):
            return at, np.full(at.size, -1)
        which = np.arange(total) + np.repeat(before - counts.cumsum() + counts, counts)
        at = np.repeat(at, counts)
        fits = (hashes[at] == self._firsts[which]) & (
            hashes.take(at + self._reach[which], mode="clip") == self._lasts[which]
        )
        return at[fits], self._numbers[which[fits]]


def _hashes(outline: Outline, width: int) -> Hashes:
    """Return a hash of so many letters from each on; what the outline has no room for counts for nothing."""
    hashes = outline * _FIRST
    if width > 1:
        hashes[:-1] += outline[1:]
        hashes *= _SECOND
    if width == _WIDEST:
        rest = hashes[2:].copy()
        hashes *= _THIRD
        hashes[:-2] += rest
    return hashes
