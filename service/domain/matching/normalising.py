"""How both sides of a comparison are brought to one form."""

import re
import unicodedata
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
DROPPED = re.compile(f"[{_IGNORABLE}{_OPTIONAL_MARKS}]+")
# Twice, because a class with characters beyond 16 bits is four times as slow everywhere.
_DROPPED_16 = re.compile(f"[{_IGNORABLE_16}{_OPTIONAL_MARKS}]+")
_DROPPED_BEYOND = re.compile(f"[{_IGNORABLE_BEYOND}]+")
# Three flags are black ones with the letters of a nation behind them that nobody sees.
_BLACK_FLAG = "\U0001f3f4"
_NATION = f"{_BLACK_FLAG}[\U000e0030-\U000e0039\U000e0061-\U000e007a]+\U000e007f"
_NATION_OR_DROPPED = re.compile(f"({_NATION})|[{_IGNORABLE_BEYOND}]+")
# The joiner first, so that nothing is asked where there is none: a quarter of the time.
_LOOSE_JOINER = re.compile(f"{JOINER}(?:(?<![{PICTOGRAPHS}]{JOINER})|(?![{PICTOGRAPHS}]))")
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
_ODD_SPACE = re.compile(
    rf"[_{_DASHES}\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]|  "
)
_BEYOND = re.compile("[^\x00-\uffff]")
_ODD_ASCII = re.compile(r"[\s_-]{2}|[\t-\r\x1c-\x1f_-]")
_SHORT = 8
"""Up to about here folding is quicker at once than character by character."""


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
    return _with_single_spaces(plain if unicodedata.is_normalized("NFKC", plain) else _settled(text))


def _with_single_spaces(text: str) -> str:
    return _SPACES.sub(" ", text) if _ODD_SPACE.search(text) else text


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
    if len(text) <= _SHORT:
        return ""
    characters = [*map(BY_ITSELF.__getitem__, text)]
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
        text = _NATION_OR_DROPPED.sub(r"\1", text) if _BLACK_FLAG in text else _DROPPED_BEYOND.sub("", text)
    if JOINER in text:
        text = _LOOSE_JOINER.sub("", text)
    for apart, together in _APART.items():
        text = text.replace(apart, together)
    if "\u0307" in text:
        text = _DOTTED_I.sub("i", text)
    if _REPLACED.search(text):
        text = _SURROGATE.sub("\ufffd", _QUOTE.sub('"', _APOSTROPHE.sub("'", text)))
    return text


_JOINS_BACK = re.compile(f"[{_IGNORABLE}{JOINER}\u0640\uff9e\uff9f]")
# They make a syllable with what is before, where they can.
HANGUL_VOWEL = re.compile("[\u1161-\u1175]")
HANGUL_FINAL = re.compile("[\u11a8-\u11c2]")


@lru_cache(maxsize=4096)
def joins_back(character: str) -> bool:
    """Tell whether a character belongs to the one before, whatever that is."""
    return unicodedata.category(character)[0] == "M" or bool(_JOINS_BACK.match(character))


def _by_itself(character: str) -> str:
    """Return what a character folds to beside any other but for spaces, nothing if that depends on the other."""
    if character in _SECOND_HALVES or joins_back(character):
        return ""
    folded = fold(character)
    return "" if HANGUL_VOWEL.match(folded) or HANGUL_FINAL.match(folded) else folded


BY_ITSELF = Remembered(_by_itself)
