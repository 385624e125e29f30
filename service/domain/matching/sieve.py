"""Passes over the texts of a whole feed and leaves those few that a closer look may find a term in.

What is compared is an outline of the folded text: letters without the marks on them, in 16 bits each. A term that
stands in a text stands in its outline; the other way about is for the closer look to say. Unlike folding, outlining
hardly ever depends on what stands beside a character, so that one look-up in a table is enough for each.
"""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np

from service.domain.matching.charts import EDGE, Chart, letters_chart
from service.domain.matching.grams import Grams
from service.domain.matching.outlines import Numbers, Row, odd_places

_FEW: Final = 24
"""Up to about here the closer look at every text is quicker."""
_MANY: Final = 1_000
"""From about here on it is quicker to leave out pairs that come again than to go through all."""

Shown: TypeAlias = AbstractSet[str] | None
"""The patterns that may stand in a text; nothing where the sieve cannot tell."""


class Sieve:
    """Patterns made ready to tell which of many texts may contain any of them.

    A pattern with an odd character in it needs no looking for: a text with such a character is left anyway.
    """

    def __init__(self, patterns: Iterable[str], chart: Callable[[], Chart] = letters_chart) -> None:
        self._patterns = [*patterns]
        self._chart = chart

    def left(self, row: Row) -> dict[int, Shown]:
        """Return what the texts that need a closer look may contain, by their number; no other contains a pattern."""
        if len(row.texts) < _FEW or self._grams is None:
            return dict.fromkeys(range(len(row.texts)))
        outline = row.outline(self._chart())
        (edges,) = (outline == EDGE).nonzero()
        # Nothing begins at the last edge, whatever its hash.
        starts, patterns = self._grams.places(outline[:-1])
        shown: dict[int, set[str]] = {}
        unsure = {*row.torn, *_texts_at(odd_places(outline), edges).tolist()}
        for text, number in _different(_texts_at(starts, edges), patterns):
            if number < 0:
                unsure.add(text)
            else:
                shown.setdefault(text, set()).add(self._patterns[number])
        return {number: None if number in unsure else shown[number] for number in sorted({*unsure, *shown})}

    @cached_property
    def _grams(self) -> Grams | None:
        """What looks for the outlines, None if that of a pattern is empty; made for the first feed that needs it."""
        row = Row(self._patterns)
        outline = row.outline(self._chart())
        (edges,) = (outline == EDGE).nonzero()
        lengths = np.diff(edges) - 1
        if not lengths.all():
            return None
        lengths[_texts_at(odd_places(outline), edges)] = 0
        return Grams(outline, edges[:-1] + 1, lengths)


def _different(texts: Numbers, patterns: Numbers) -> Iterator[tuple[int, int]]:
    """Yield each pair once: a hostile text shows the same pattern hundreds of times."""
    if texts.size > _MANY:
        width = patterns.max() + 2
        texts, above = np.divmod(np.unique(texts * width + patterns + 1), width)
        patterns = above - 1
    return zip(texts.tolist(), patterns.tolist(), strict=True)


def _texts_at(places: Numbers, edges: Numbers) -> Numbers:
    """Return the numbers of the texts that places in an outline stand in."""
    return edges.searchsorted(places, "right") - 1
