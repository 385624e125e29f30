"""Makes outlines of texts: what their characters show, side by side."""

from collections.abc import Sequence
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from service.domain.matching.charts import BETWEEN, DROPPED, EDGE, ODD, SEVERAL, Chart, Outline

Numbers: TypeAlias = NDArray[np.intp]

_SPACE, _BETWEEN = ord(" "), ord(BETWEEN)


class Row:
    """Texts in one row, ready to be shown by any chart."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.torn: list[int] = []
        """Texts that contain what stands between texts, so that each would count as two."""

    @cached_property
    def _codes(self) -> NDArray[np.uint32]:
        codes = _codes_of(self.texts)
        if np.count_nonzero(codes == _BETWEEN) != len(self.texts) + 1:
            self.torn = [number for number, text in enumerate(self.texts) if BETWEEN in text]
            codes = _codes_of(["" if BETWEEN in text else text for text in self.texts])
        return codes

    def outline(self, chart: Chart) -> Outline:
        """Return the outline of all texts, with an edge before the first and after each."""
        shown: Outline = chart.table.take(self._codes, mode="clip")
        if shown.max() == SEVERAL:
            shown = spelt_out(shown, self._codes, chart)
        kept: Outline = shown[shown != DROPPED]
        return squeezed(kept) if chart.is_squeezed else kept


def _codes_of(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Return the code points of texts with ``BETWEEN`` around each; numpy lays them out faster than a codec."""
    return np.array([BETWEEN.join(("", *texts, ""))]).view(np.uint32)


def spelt_out(outline: Outline, codes: NDArray[np.uint32], chart: Chart) -> Outline:
    """Return an outline with the letters of what folds to several."""
    letters = outline.view(np.uint8).data
    pieces: list[bytes | memoryview] = []
    at = 0
    (places,) = (outline == SEVERAL).nonzero()
    for place, code in zip((2 * places).tolist(), codes[places].tolist(), strict=True):
        if at < place:
            pieces.append(letters[at:place])
        pieces.append(chart.letters[code])
        at = place + 2
    return np.frombuffer(b"".join((*pieces, letters[at:])), np.uint16)


def squeezed(outline: Outline) -> Outline:
    """Return an outline without what stands beside its like, but for edges: an empty text counts."""
    fresh = np.empty(outline.size, bool)
    fresh[:1] = True
    np.not_equal(outline[1:], outline[:-1], out=fresh[1:])
    fresh |= outline == EDGE
    return outline[fresh]


def odd_places(outline: Outline) -> Numbers:
    """Return where an outline is not to be trusted: at odd characters, and at spaces that folding makes one."""
    spaces = outline == _SPACE
    odd = outline == ODD
    odd[1:] |= spaces[1:] & spaces[:-1]
    places: Numbers = odd.nonzero()[0]
    return places
