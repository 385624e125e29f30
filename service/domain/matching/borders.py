"""Where words may begin and end in one text, told of all its places at once.

Hostile texts and terms ask about every place for dozens of terms. Few passes over the shape of a text, which says of
each character what it means to the edges beside it, turn most places down for all of them.
"""

import re
import unicodedata
from functools import cached_property
from typing import Final

from service.domain.matching.affixes import is_adnominal
from service.domain.matching.characters import Remembered
from service.domain.matching.edges import begins_word, continues_word, word_boundaries
from service.domain.matching.likeness import STAND_INS
from service.domain.matching.scripts import KEYCAP, Script, script_of

MAY: Final = "x"
"""A word may have an edge here; whether it has is for ``begins_word`` and ``ends_word`` to say."""
NEVER: Final = "."

_SIGN, _OUTSIDE, _ADNOMINAL, _FRAME = "!", "-", "n", "c"
_LETTERS: Final = {
    Script.OTHER: "o",
    Script.HAN: "h",
    Script.HIRAGANA: "i",
    Script.KATAKANA: "k",
    Script.HANGUL: "g",
    Script.DICTIONARY: "d",
    Script.ARABIC: "a",
}
"""In capitals for marks that stand on what is before."""
# The longest chain of proclitics has four letters, the longest pronoun three. A digit in the frame of a keycap is none.
_NO_BEGINNING: Final = re.compile("(?<=[oO])[oO]+(?!c)|(?<=[aA]{5})[aA]+|(?<=[gG])[gG]*[gGn]")
_NO_END: Final = re.compile("o+(?=[oO](?!c))|a+(?=[aA]{4})")
# The marks on a bone's last letter are part of it.
_NO_ROUGH_END: Final = re.compile("o+(?=o(?!c))|a+(?=a{4})")
# Here a dictionary has to be asked, and in Hiragana more than that.
_ASKED_BEGINNING: Final = re.compile("(?<=[dD])[dD]+|(?<=[kK])[kK]+")
_ASKED_END: Final = re.compile("d+(?=[dD])|k+(?=[kK])")
_HIRAGANA_BEGINNING: Final = re.compile("(?<=[iI])[iI]")
_GLUED_SIGN: Final = re.compile(f"(?<=[o{_SIGN}]){_SIGN}+")
_EDGES: Final = str.maketrans({each: MAY for each in map(chr, range(128)) if each != NEVER})


class Borders:
    """The edges of words in a folded text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._shape = _shape_of(text)

    @cached_property
    def begins(self) -> str:
        """For each character ``MAY`` or ``NEVER``: whether a word begins with it."""
        shape = _none_at(_NO_BEGINNING, self._shape)
        shape = _ASKED_BEGINNING.sub(lambda run: self._parted(range(run.start(), run.end())), shape)
        return _HIRAGANA_BEGINNING.sub(self._begun, shape).translate(_EDGES)

    @cached_property
    def ends(self) -> str:
        """For each character ``MAY`` or ``NEVER``: whether a word ends with it."""
        shape = _none_at(_NO_END, self._shape)
        shape = _ASKED_END.sub(lambda run: self._parted(range(run.start() + 1, run.end() + 1)), shape)
        return shape.translate(_EDGES)

    def _parted(self, places: range) -> str:
        known = word_boundaries(self._text)
        return "".join([MAY if place in known else NEVER for place in places])

    def _begun(self, place: re.Match[str]) -> str:
        return MAY if begins_word(self._text, place.start()) else NEVER


class RoughBorders:
    """The same of a text in compatibility form, for the stretches of it that a skeleton's bones are made of.

    A bone that is made of more than one character may have an edge at any of them. A sign that poses for a letter
    goes on with a word as the letter would.
    """

    def __init__(self, text: str, firsts: list[int], lasts: list[int]) -> None:
        self._shape = _shape_of(text)
        self._firsts, self._lasts = firsts, lasts

    @cached_property
    def begins(self) -> str:
        """For each bone ``MAY`` or ``NEVER``."""
        return self._of_bones(_none_at(_GLUED_SIGN, _none_at(_NO_BEGINNING, self._shape)))

    @cached_property
    def ends(self) -> str:
        """For each bone ``MAY`` or ``NEVER``."""
        return self._of_bones(_none_at(_NO_ROUGH_END, self._shape))

    def _of_bones(self, edges: str) -> str:
        told = edges.translate(_EDGES)
        places = zip(self._firsts, self._lasts, strict=True)
        return "".join([MAY if MAY in told[first : last + 1] else NEVER for first, last in places])


def _none_at(places: re.Pattern[str], shape: str) -> str:
    return places.sub(lambda place: NEVER * (place.end() - place.start()), shape)


def _shape_of(text: str) -> str:
    if text.isascii():
        return text.translate(_ASCII_SHAPES)
    return "".join(map(_SHAPES.__getitem__, text))


def _shape_of_one(character: str) -> str:
    if character == KEYCAP:
        return _FRAME
    if not continues_word(character):
        return _SIGN if character in STAND_INS else _OUTSIDE
    script = script_of(character)
    if script is Script.HANGUL and is_adnominal(character):
        return _ADNOMINAL
    letter = _LETTERS[script]
    return (
        letter.upper()
        if unicodedata.combining(character) or unicodedata.category(character) == "Me"
        else letter
    )


_SHAPES = Remembered(_shape_of_one)
_ASCII_SHAPES = str.maketrans({each: _shape_of_one(each) for each in map(chr, range(128))})
