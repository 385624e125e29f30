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
_APOSTROPHES = "\u2018\u2019\u201a\u201b\u02bb\u02bc\u05f3"
_QUOTES = "\u201c\u201d\u201e\u201f\u05f4"
_DASHES = "\\-\u2010-\u2015"
_SPACES = re.compile(rf"[\s_{_DASHES}]+")
_DROPPED = re.compile(f"[{_IGNORABLE}{_OPTIONAL_MARKS}]+")
# Twice, because a class with characters beyond 16 bits is four times as slow everywhere.
_DROPPED_16 = re.compile(f"[{_IGNORABLE_16}{_OPTIONAL_MARKS}]+")
_DROPPED_BEYOND = re.compile(f"[{_IGNORABLE_BEYOND}]+")
# Three flags are black ones with the letters of a nation behind them that nobody sees.
_NATION = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]+\U000e007f"
_NATION_OR_DROPPED = re.compile(f"({_NATION})|[{_IGNORABLE_BEYOND}]+")
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
        return _with_single_spaces(_by_characters(text) or _settled(text))
    if not _is_odd(folded):
        return folded
    plain = _without_extras(folded)
    return _SPACES.sub(" ", plain if unicodedata.is_normalized("NFKC", plain) else _settled(text))


def _with_single_spaces(text: str) -> str:
    return _SPACES.sub(" ", text) if _is_odd(text) else text


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


def _by_characters(text: str) -> str:
    """Return a long text folded, one character after the other; nothing where the neighbours of any matter."""
    if len(text) <= _SHORT_PIECE:
        return ""
    characters = [*map(_BY_ITSELF.__getitem__, text)]
    return "".join(characters) if all(characters) else ""


def _settled(text: str) -> str:
    # Dropping a character can bring two others together that now compose; each round leaves fewer of them.
    while True:
        folded = _compatible_form(unicodedata.normalize("NFKC", text).casefold())
        if _is_odd(folded):
            folded = _without_extras(folded)
        if folded == text or (folded.casefold() == folded and unicodedata.is_normalized("NFKC", folded)):
            return folded
        text = folded


def _compatible_form(text: str) -> str:
    # Asking costs a tenth of doing.
    return text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)


def _without_extras(text: str) -> str:
    # Texts that are odd for a hyphen or an emoji are common, and each pattern reads the whole of them.
    text = _DROPPED_16.sub("", text)
    if _BEYOND.search(text):
        text = _NATION_OR_DROPPED.sub(r"\1", text)
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
_JOINS_BACK = re.compile(f"[{_IGNORABLE}{JOINER}\u0640\uff9e\uff9f]")
# Korean letters make a syllable where they can, and stand for themselves beside anything else (해ㅠㅠ).
_CONSONANT = re.compile("[\u1100-\u1112]")
_OPEN_SYLLABLES = frozenset(map(chr, range(0xAC00, 0xD7A4, 28)))
_VOWEL = re.compile("[\u1161-\u1175]")
_FINAL = re.compile("[\u11a8-\u11c2]")


@lru_cache(maxsize=4096)
def _joins_back(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or bool(_JOINS_BACK.match(character))


def _width_of(character: str) -> int:
    """Return how many characters one folds to by itself, or -1 for one whose neighbours matter."""
    folded = _BY_ITSELF[character]
    return len(folded) if folded and (character == " " or " " not in folded) else -1


def _by_itself(character: str) -> str:
    """Return what a character folds to beside any other but for spaces, nothing if that depends on the other."""
    if character in _SECOND_HALVES or _joins_back(character):
        return ""
    folded = fold(character)
    return "" if _VOWEL.match(folded) or _FINAL.match(folded) else folded


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
_BEGINS_SYLLABLE, _VOWEL_OF, _IS_OPEN, _ENDS_SYLLABLE = "c", "v", "s", "f"
_HALVES = {"\u0e4d": "t", "\u0ecd": "T", "\u0e32": "u", "\u0eb2": "U"}
_WHOLES = "t[xj]*u|T[xj]*U"
_PICTURES = "p(?:[xy]*j[xy]*p)+"
_SYLLABLES = "(?:c[xyj]*v|[s?])(?:[xyj]*f)?"
_PIECE = re.compile(
    f"(?P<plain>[1cs]+(?![bjxtTvf]))| |(?:{_WHOLES}|{_PICTURES}|{_SYLLABLES}|.)(?:{_WHOLES}|[btTxj])*",
    re.DOTALL,
)
_SHORT_PIECE = 8
_remembered_piece = lru_cache(maxsize=4096)(fold)


def _kind_of(character: str) -> str:
    if character in _KNOWN_KINDS:
        return _KNOWN_KINDS[character]
    if _DROPPED.match(character):
        return _DROPPED_TOO if _joins_back(character) else _DROPPED_APART
    if _joins_back(character):
        return _JOINING
    if _PICTURED.match(character):
        return _PICTURE
    return _kind_of_jamo(fold(character)) or (_ALONE if _WIDTHS[character] == 1 else _OTHER)


def _kind_of_jamo(folded: str) -> str:
    if _VOWEL.match(folded):
        return _VOWEL_OF
    if _FINAL.match(folded):
        return _ENDS_SYLLABLE
    if _CONSONANT.match(folded[-1:]):
        return _BEGINS_SYLLABLE
    return _IS_OPEN if folded in _OPEN_SYLLABLES else ""


_KNOWN_KINDS = {" ": _SPACE, JOINER: _JOINING_PICTURES, **_HALVES}
_PICTURED = re.compile(f"[{PICTOGRAPHS}]")
_BY_ITSELF = Remembered(_by_itself)
_WIDTHS = Remembered(_width_of)
_KINDS = Remembered(_kind_of)
