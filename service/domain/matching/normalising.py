"""How both sides of a comparison are brought to one form, and how to find the way back."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from functools import lru_cache

from service.domain.matching.characters import Remembered
from service.domain.matching.scripts import PICTOGRAPHS

JOINER = "\u200d"
# Default_Ignorable_Code_Point but the joiner, and skin tones: they change how text looks, not what it says.
_IGNORABLE_16 = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
)
_IGNORABLE_BEYOND = "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U0001f3fb-\U0001f3ff"
_IGNORABLE = _IGNORABLE_16 + _IGNORABLE_BEYOND
# Arabic harakat, Koranic signs and tatweel; Hebrew points and accents: most writers leave them out.
_OPTIONAL_MARKS = (
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0897-\u089f\u08ca-\u08e1"
    "\u08e3-\u08ff\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
)
_APOSTROPHES = "\u2018\u2019\u201a\u201b\u02bc\u05f3"
_QUOTES = "\u201c\u201d\u201e\u201f\u05f4"
_DASHES = "\\-\u2010-\u2015"
_SPACES = re.compile(rf"[\s_{_DASHES}]+")
_DROPPED = re.compile(f"[{_IGNORABLE}{_OPTIONAL_MARKS}]+")
# Twice, because a class with characters beyond 16 bits is four times as slow everywhere.
_DROPPED_16 = re.compile(f"[{_IGNORABLE_16}{_OPTIONAL_MARKS}]+")
_DROPPED_BEYOND = re.compile(f"[{_IGNORABLE_BEYOND}]+")
_LOOSE_JOINER = re.compile(f"(?<![{PICTOGRAPHS}]){JOINER}|{JOINER}(?![{PICTOGRAPHS}])")
_APOSTROPHE = re.compile(f"[{_APOSTROPHES}]")
_QUOTE = re.compile(f"[{_QUOTES}]")
_DOTTED_I = re.compile("i\u0307+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACED = re.compile(f"[{_APOSTROPHES}{_QUOTES}\ud800-\udfff]")
# The compatibility form takes Thai and Lao AM apart, which no dictionary of words knows.
_APART = {"\u0e4d\u0e32": "\u0e33", "\u0ecd\u0eb2": "\u0eb3"}
_SECOND_HALVES = frozenset(apart[1] for apart in _APART)
_ODD = re.compile(
    rf"[{_IGNORABLE_16}{_OPTIONAL_MARKS}{JOINER}{_APOSTROPHES}{_QUOTES}_{_DASHES}\ud800-\udfff\u0307\u0ecd\u0e4d"
    r"\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
)
_BEYOND = re.compile("[^\x00-\uffff]")
_ODD_ASCII = re.compile(r"[\s_-]{2}|[\t-\r\x1c-\x1f_-]")


def normalise(text: str) -> str:
    """Return text in the form that terms are compared in, without space at its ends.

    The form: NFKC and case folding; without what is invisible or optional; straight quotes; one space for
    every run of white space, ``_`` and hyphens. Doing it twice changes nothing.
    """
    return fold(text).strip(" ")


def fold(text: str) -> str:
    """Return text normalised but for its outer spaces, so that it can be searched as it is."""
    if text.isascii():
        lower = text.lower()
        return _SPACES.sub(" ", lower) if _ODD_ASCII.search(lower) else lower
    folded = text.casefold()
    # The iota below folds to a letter, so that marks have to be put in order before.
    if "\u0345" in text or not unicodedata.is_normalized("NFKC", folded):
        return _SPACES.sub(" ", _settled(text))
    if not _is_odd(folded):
        return folded
    plain = _without_extras(folded)
    return _SPACES.sub(" ", plain if unicodedata.is_normalized("NFKC", plain) else _settled(text))


def is_folded(text: str) -> bool:
    """Tell at a glance that a text folds to itself; where this says no, ``fold`` may still change nothing."""
    return text.casefold() == text and unicodedata.is_normalized("NFKC", text) and not _is_odd(text)


def _is_odd(text: str) -> bool:
    """Tell whether anything in a text is dropped, or becomes something else beyond case and compatibility."""
    if _ODD.search(text) or "  " in text:
        return True
    return bool(_BEYOND.search(text) and _DROPPED_BEYOND.search(text))


def compatible(text: str) -> str:
    """Return text in compatibility form with case, spaces and hyphens kept, without what is invisible."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text)
    return _without_extras(plain) if _is_odd(plain) else plain


def _settled(text: str) -> str:
    # Dropping a character can bring two others together that now compose; each round leaves fewer of them.
    while True:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        if _is_odd(folded):
            folded = _without_extras(folded)
        if folded == text:
            return folded
        text = folded


def _without_extras(text: str) -> str:
    # Texts that are odd for a hyphen or an emoji are common, and each pattern reads the whole of them.
    text = _DROPPED_16.sub("", text)
    if _BEYOND.search(text):
        text = _DROPPED_BEYOND.sub("", text)
    if JOINER in text:
        text = _LOOSE_JOINER.sub("", text)
    for apart, together in _APART.items():
        text = text.replace(apart, together)
    if "\u0307" in text:
        text = _DOTTED_I.sub("i", text)
    if _REPLACED.search(text):
        text = _SURROGATE.sub("\ufffd", _QUOTE.sub('"', _APOSTROPHE.sub("'", text)))
    return text


class Alignment:
    """Where each part of a folded text stands in the original.

    The original is cut into pieces where nothing composes, joins or is dropped across the cut, so that each
    folds to the same as it does inside the whole. Piece ``n`` is ``value[starts[n]:starts[n + 1]]``, folded to
    ``[ats[n]:ats[n + 1]]``.
    """

    def __init__(self, value: str) -> None:
        self._value = value
        self.starts, self.ats = _cut(value)

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
    if end < len(value) and _WIDTHS[value[end]] < 0 and value[end] not in _SPACE_LIKE:
        return False
    plain, wanted = value[:end].lower(), folded[:end]
    if plain == wanted or len(plain) != end:
        return plain == wanted
    for like in _SPACE_LIKE:
        plain = plain.replace(like, " ")
    return plain.replace("\u2019", "'") == wanted


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
    if fold(value[:first]) != folded[:opening] or fold(words) != stretch:
        return None
    begun, ended = start - opening, end - opening
    if not keeps_offsets(words, stretch, ended):
        begun, ended = Alignment(words).source(begun, ended)
    return first + begun, first + ended


_SPACE_LIKE = "-_\n"
_TRAILING = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_JOINS_BACK = re.compile(
    f"[{_IGNORABLE}{JOINER}\u0640\u1161-\u11ff\ud7b0-\ud7fb\u3131-\u318e\uff9e\uff9f\uffa0-\uffdc]",
)


@lru_cache(maxsize=4096)
def _joins_back(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or bool(_JOINS_BACK.match(character))


def _width_of(character: str) -> int:
    """Return how many characters one folds to by itself, or -1 for one whose neighbours matter."""
    folded = fold(character)
    alone = bool(folded) and (character == " " or " " not in folded)
    alone = alone and character not in _SECOND_HALVES and not _joins_back(character)
    return len(folded) if alone else -1


def _cut(value: str) -> tuple[list[int], list[int]]:
    starts, ats = [], []
    start = at = 0
    after_space = False
    length = len(value)
    while start < length:
        starts.append(start)
        ats.append(at)
        end = start + 1
        width = _WIDTHS[value[start]]
        if width < 0 or (value[start] != " " and end < length and _WIDTHS[value[end]] < 0):
            while end < length and _continues_piece(value, start, end):
                end += 1
            folded = fold(value[start:end])
            width = len(folded) - (after_space and folded.startswith(" "))
            after_space = folded.endswith(" ") if folded else after_space
        elif value[start] == " ":
            width = 0 if after_space else 1
            after_space = True
        else:
            after_space = False
        start, at = end, at + width
    return [*starts, length], [*ats, at]


def _continues_piece(value: str, start: int, index: int) -> bool:
    if value[index] == " ":
        return False
    if _joins_back(value[index]):
        return True
    before = index - 1
    while before > start and _DROPPED.match(value[before]):
        before -= 1
    return value[before] == JOINER or value[before] + value[index] in _APART


_WIDTHS = Remembered(_width_of)
