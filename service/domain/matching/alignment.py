"""Where each part of a folded text stands in the caller's."""

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache

from service.domain.matching.characters import Remembered
from service.domain.matching.normalising import (
    BY_ITSELF,
    DROPPED,
    HANGUL_FINAL,
    HANGUL_VOWEL,
    JOINER,
    fold,
    joins_back,
)
from service.domain.matching.scripts import PICTOGRAPHS


class Alignment:
    """Where each part of a folded text stands in the original.

    The original is cut into pieces where nothing composes, joins or is dropped across the cut, so that each
    folds to the same as it does inside the whole. Piece ``n`` is ``value[starts[n]:starts[n + 1]]``, folded to
    ``[ats[n]:ats[n + 1]]``. With ``until``, an offset into the folded text, no more is cut than up to there.
    """

    def __init__(self, value: str, until: int | None = None) -> None:
        self._value = value
        self.starts, self.ats = _cut(value, until)

    def reaches(self, end: int) -> bool:
        """Tell whether the original is cut up to an offset into the folded text."""
        return self.ats[-1] >= end

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the original of ``folded[start:end]``, as code-point offsets."""
        first = self.starts[bisect_right(self.ats, start) - 1]
        last = bisect_left(self.ats, end) - 1
        stop = self.starts[last + 1]
        while stop > self.starts[last] + 1 and _TRAILING.match(self._value[stop - 1]):
            stop -= 1
        return first, stop


def keeps_offsets(value: str, folded: str, end: int) -> bool:
    """Tell whether everything up to ``end`` folds one for one, so that offsets are the same in both."""
    if joins_before(value, end):
        return False
    plain, wanted = value[:end].lower(), folded[:end]
    if plain == wanted or len(plain) != end:
        return plain == wanted
    for like in _SPACE_LIKE:
        plain = plain.replace(like, " ")
    return plain.replace("\u2019", "'") == wanted


def joins_before(value: str, end: int) -> bool:
    """Tell whether what stands at ``end`` may belong to what is before."""
    return end < len(value) and _WIDTHS[value[end]] < 0 and value[end] not in _SPACE_LIKE


def source_by_words(value: str, folded: str, start: int, end: int) -> tuple[int, int] | None:
    """Return what ``Alignment.source`` does, by looking at the words of the hit alone, where that is possible.

    Nothing joins across a space: if all before a word folds to all before it in the folded text, that is where
    the word begins.
    """
    opening = folded.rfind(" ", 0, start) + 1
    closing = folded.find(" ", end)
    stretch = folded[opening : closing if closing >= 0 else len(folded)]
    before = value.split(" ", folded.count(" ", 0, opening))[-1]
    first = len(value) - len(before)
    words = " ".join(before.split(" ", stretch.count(" ") + 1)[: stretch.count(" ") + 1])
    if len(words) > _LONGEST_WORDS or fold(value[:first]) != folded[:opening] or fold(words) != stretch:
        return None
    begun, ended = start - opening, end - opening
    if not keeps_offsets(words, stretch, ended):
        begun, ended = Alignment(words).source(begun, ended)
    return first + begun, first + ended


# Folding longer ones once more costs more than cutting them.
_LONGEST_WORDS = 80
_SPACE_LIKE = "-_\n"
_TRAILING = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")


def _width_of(character: str) -> int:
    """Return how many characters one folds to by itself, or -1 for one whose neighbours matter."""
    folded = BY_ITSELF[character]
    return len(folded) if folded and (character == " " or " " not in folded) else -1


def _cut(value: str, until: int | None) -> tuple[list[int], list[int]]:
    starts: list[int] = []
    ats: list[int] = []
    at = 0
    after_space = False
    for piece in _PIECE.finditer("".join(map(_KINDS.__getitem__, value))):
        start, end = piece.span()
        if piece.lastgroup == "plain":
            starts += range(start, end)
            ats += range(at, at + end - start)
            at += end - start
            after_space = False
            continue
        folded = (
            _remembered_piece(value[start:end]) if end - start <= _SHORT_PIECE else fold(value[start:end])
        )
        starts.append(start)
        ats.append(at)
        at += len(folded) - (after_space and folded.startswith(" "))
        after_space = folded.endswith(" ") if folded else after_space
        if until is not None and at >= until:
            return [*starts, end], [*ats, at]
    return [*starts, len(value)], [*ats, at]


# What a character is to the pieces of a text. It folds to one by itself, and its neighbours do not matter; ...
_ALONE, _SPACE, _OTHER = "1", " ", "?"
# ... or it belongs to what is before: by itself, or as what does not part its neighbours; ...
_JOINING, _DROPPED_TOO = "b", "x"
_DROPPED_APART = "y"
"""Dropped, and a piece by itself, because it is too new for the table of what joins."""
# ... or certain neighbours become one with it.
_PICTURE, _JOINING_PICTURES = "p", "j"
# Korean letters stand for themselves beside anything else (해ㅠㅠ).
_BEGINS_SYLLABLE, _VOWEL_OF, _IS_OPEN, _ENDS_SYLLABLE = "c", "v", "s", "f"
_HALVES = {"\u0e4d": "t", "\u0ecd": "T", "\u0e32": "u", "\u0eb2": "U"}
_WHOLES = "t[xj]*u|T[xj]*U"
_PICTURES = "p(?:[xy]*j[xy]*p)+"
_SYLLABLES = "(?:c[xyj]*v|[s?])(?:[xyj]*f)?"
_CONSONANT = re.compile("[\u1100-\u1112]")
_OPEN_SYLLABLES = frozenset(map(chr, range(0xAC00, 0xD7A4, 28)))
_PIECE = re.compile(
    f"(?P<plain>[1cs]+(?![bjxtTvf]))| |(?:{_WHOLES}|{_PICTURES}|{_SYLLABLES}|.)(?:{_WHOLES}|[btTxj])*",
    re.DOTALL,
)
_SHORT_PIECE = 8
_remembered_piece = lru_cache(maxsize=4096)(fold)


def _kind_of(character: str) -> str:
    if character in _KNOWN_KINDS:
        return _KNOWN_KINDS[character]
    if DROPPED.match(character):
        return _DROPPED_TOO if joins_back(character) else _DROPPED_APART
    if joins_back(character):
        return _JOINING
    folded = fold(character)
    if _PICTURED.match(folded):
        return _PICTURE
    return _kind_of_jamo(folded) or (_ALONE if _WIDTHS[character] == 1 else _OTHER)


def _kind_of_jamo(folded: str) -> str:
    if HANGUL_VOWEL.match(folded):
        return _VOWEL_OF
    if HANGUL_FINAL.match(folded):
        return _ENDS_SYLLABLE
    if _CONSONANT.match(folded[-1:]):
        return _BEGINS_SYLLABLE
    return _IS_OPEN if folded in _OPEN_SYLLABLES else ""


_KNOWN_KINDS = {" ": _SPACE, JOINER: _JOINING_PICTURES, **_HALVES}
_PICTURED = re.compile(f"[{PICTOGRAPHS}]")
_WIDTHS = Remembered(_width_of)
_KINDS = Remembered(_kind_of)
