"""What every character shows of itself in an outline: a few letters of 16 bits each.

Characters are shown without the marks on them, so that what a text shows hardly ever depends on what stands beside a
character. Where it does, the character is odd.
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from service.domain.matching.likeness import bones_of, lookalikes
from service.domain.matching.normalising import JOINER, compatible, fold, is_folded

Outline: TypeAlias = NDArray[np.uint16]

BETWEEN: Final = "\x00"
"""What parts texts in a row of them."""
DROPPED, EDGE, ODD, SEVERAL = 0, 1, 0xFFFE, 0xFFFF
"""Not in the outline; between two texts; for a closer look; more than one letter."""

_TABLED: Final = 0x30000
"""Characters from here on are taken for the last one below, which is worth a closer look."""
_BLOCK: Final = 0x100
_PRIVATE: Final = range(0xE000, 0xF900)
"""Where characters beyond 16 bits are shown; several share a place."""
_THAI_TONES: Final = 107
"""The one combining class that is kept. Marks of one class never change places, and without its tones much of Thai
looks alike."""
_HANGUL_SYLLABLES: Final = frozenset(map(chr, range(0xAC00, 0xD7A4)))
_HANGUL_ENDS: Final = frozenset(map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))))
"""They become one with what stands before."""
_IOTA_BELOW: Final = "\u0345"
"""The one mark that folds to a letter."""
_BAR: Final = "|"
"""It parts letters or stands for one, as its neighbours have it."""
# Thai and Lao AM folds to itself, and so do its halves where something stands between them: the second is shown.
_SECOND_HALVES: Final = {"\u0e33": "\u0e32", "\u0eb3": "\u0eb2"}
_LEFT_OUT: Final = frozenset({"\u0e4d", "\u0ecd", JOINER})


@dataclass(frozen=True, slots=True)
class Chart:
    """The outline of every character, by its code, and the letters of those that show several.

    ``is_squeezed``: no letter counts twice in a row.
    """

    table: Outline
    letters: dict[int, bytes]
    is_squeezed: bool


def _chart_of(shown_by: Callable[[str], str], odd: Callable[[str], bool], *, is_squeezed: bool) -> Chart:
    """Return what characters show, given what each folds to and which are odd."""
    codes = np.arange(_TABLED, dtype=np.uint32)
    table = np.where(codes > SEVERAL, _PRIVATE.start + codes % len(_PRIVATE), codes).astype(np.uint16)
    several: dict[int, bytes] = {}
    for start in range(0, _TABLED, _BLOCK):
        block = "".join(map(chr, range(start, start + _BLOCK)))
        if _is_uneventful(block):
            table[start : start + _BLOCK] *= bool(shown_by(block[0]))
            continue
        for code, character in enumerate(block, start):
            letters = [ODD] if odd(character) else list(_letters(shown_by(character)))
            table[code] = letters[0] if len(letters) == 1 else SEVERAL if letters else DROPPED
            if len(letters) > 1:
                several[code] = np.array(letters, np.uint16).tobytes()
    table[0], table[-1] = EDGE, ODD
    return Chart(table, several, is_squeezed)


def _is_uneventful(block: str) -> bool:
    """Tell whether all of these characters are letters or none is, fold to themselves and pass for nothing else.

    Most ideographs, syllables and unused places are like this.
    """
    if block[0] in _HANGUL_SYLLABLES and block[-1] in _HANGUL_SYLLABLES:
        return True
    return (
        (block.isalpha() or not any(each.isalnum() for each in block))
        and is_folded(BETWEEN.join(block))
        and unicodedata.is_normalized("NFD", block)
        and not any(unicodedata.category(each)[0] == "M" for each in block)
        and JOINER not in block
        and lookalikes().keys().isdisjoint(block)
    )


def _letters(folded: str) -> Iterator[int]:
    for each in "".join(map(_taken_apart, folded)):
        if each not in _LEFT_OUT and unicodedata.combining(each) in {0, _THAI_TONES}:
            code = ord(_SECOND_HALVES.get(each, each))
            yield code if EDGE < code < ODD else _PRIVATE.start + code % len(_PRIVATE)


def _taken_apart(character: str) -> str:
    return character if character in _HANGUL_SYLLABLES else unicodedata.normalize("NFD", character)


def _joins_as_letter(character: str) -> bool:
    return character == _IOTA_BELOW or any(each in _HANGUL_ENDS for each in fold(character))


def _bones_of(character: str) -> str:
    return "".join(map(bones_of, compatible(character)))


def _changes_bones(character: str) -> bool:
    return character == _BAR or character in _changing_marks() or _joins_as_letter(character)


@cache
def _changing_marks() -> frozenset[str]:
    """Return the marks that make another letter of one that passes for something: alef with madda is no l."""
    found: set[str] = set()
    for code in range(_TABLED):
        parts = unicodedata.normalize("NFD", chr(code))
        if len(parts) > 1 and chr(code) not in _HANGUL_SYLLABLES:
            apart = [letter for each in parts for letter in _letters(_bones_of(each))]
            if apart != list(_letters(_bones_of(chr(code)))):
                found.update(parts[1:])
    return frozenset(found)


@cache
def letters_chart() -> Chart:
    """Return the chart of folded text without marks; drawing it takes 0.2 s."""
    return _chart_of(fold, _joins_as_letter, is_squeezed=False)


@cache
def bones_chart() -> Chart:
    """Return the chart of what skeletons are made of; drawing it takes 0.6 s."""
    return _chart_of(_bones_of, _changes_bones, is_squeezed=True)


def draw_charts() -> None:
    """Draw both now, so that no request has to wait for it."""
    letters_chart()
    bones_chart()
