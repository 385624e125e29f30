"""The second folding: letters that look alike, stand in for one another or are pulled apart."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

from confusable_homoglyphs import confusables

from service.domain.matching.normalising import compatible

# What people write for a letter; 1, ! and | stand for i or l, which share a class.
STAND_INS: Final = {
    "0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b",
    "@": "a", "$": "s", "!": "il", "|": "il",
}  # fmt: skip
_STROKES = str.maketrans("øđłħŧƀɨʉı", "odlhtbiui")
# Nobody takes @ and $ for a border of letters where a bar is one.
_BAR = re.compile(r"(?<![^\W_])(?<![@$])([^\W_]|[@$])\|(?=(?:[^\W_]|[@$])(?![^\W_]|[@$]))")
_STACKED_MARK = re.compile("[\u0300-\u036f\u0488\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_BEFORE_ITSELF = re.compile(r"(.)(?=\1)", re.DOTALL)
# Their breve is no accent that a writer leaves out: it tells the genitive plural from the nominative.
_LETTERS_BY_THEMSELVES = frozenset("йў")
# Of these forms compatibility knows nothing.
_DRAWN_OTHERWISE: Final = {
    **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", _LATIN.replace("x", ""), strict=True)),
    **{chr(ord("🅐") + at): letter for at, letter in enumerate(_LATIN)},
    **{chr(ord("🅰") + at): letter for at, letter in enumerate(_LATIN)},
}
_STRIPPED = ("LATIN", "GREEK", "CYRILLIC")


def skeleton(text: str) -> str:
    """Return what is left of a text as the caller sent it when all that could be disguise is taken away.

    Letters and digits by class, nothing twice in a row, nothing between. Far too much looks alike in this
    form: it tells where to look, and ``matches`` tells whether there is anything.
    """
    return squeezed("".join(map(bones_of, compatible(without_bars(text)))))


def squeezed(bones: str) -> str:
    """Return bones with no letter twice in a row."""
    return _BEFORE_ITSELF.sub("", bones)


def has_piled_marks(text: str) -> bool:
    """Tell whether a folded text holds marks that make no letter with what they stand on."""
    return bool(_STACKED_MARK.search(text))


def without_bars(text: str) -> str:
    """Return text with a space for each bar between two single letters, where it parts and does not pose."""
    return _BAR.sub(r"\1 ", text) if "|" in text else text


def base_of(character: str) -> str:
    """Return a letter in lower case without its diacritics, or the character itself."""
    return "".join(map(_bare, character.casefold()))


@lru_cache(maxsize=8192)
def look_of(base: str) -> str:
    """Return the Latin letters that a bare character may be taken for, or nothing."""
    if base.isascii():
        return base if base.isalpha() else STAND_INS.get(base, "")
    return lookalikes().get(base, "")


@lru_cache(maxsize=8192)
def alphabet_of(character: str) -> str:
    """Return the first word of a letter's Unicode name, which is its script: ``LATIN``, ``CYRILLIC``."""
    return unicodedata.name(character, "").split(" ")[0]


def _bare(letter: str) -> str:
    if letter in _DRAWN_OTHERWISE:
        return _DRAWN_OTHERWISE[letter]
    if letter.isascii() or letter in _LETTERS_BY_THEMSELVES or alphabet_of(letter) not in _STRIPPED:
        return letter
    return _STACKED_MARK.sub("", unicodedata.normalize("NFD", letter)).translate(_STROKES)


@lru_cache(maxsize=8192)
def bones_of(character: str) -> str:
    """Return what a skeleton keeps of a character in compatibility form, which is rarely more than one."""
    return "".join(map(class_of, base_of(character)))


@lru_cache(maxsize=8192)
def class_of(base: str) -> str:
    """Return the one character that stands in skeletons for a bare character and all that it is taken for."""
    look = look_of(base)
    if look:
        return _letter_classes()[look[0]]
    if _STACKED_MARK.match(base):
        return ""
    return base if base.isalnum() or unicodedata.category(base)[0] == "M" else ""


@cache
def lookalikes() -> dict[str, str]:
    """Return the Unicode confusables of single letters, by the form they have after folding.

    A small and a capital letter may look like different Latin letters, as those of nu do: v and N.
    """
    found: dict[str, str] = {}
    for letter in _LATIN + _LATIN.upper():
        for likeness in confusables.confusables_data.get(letter, []):
            other = base_of(unicodedata.normalize("NFKC", likeness["c"].strip("\u200e")))
            if len(other) == 1 and not other.isascii():
                look = found.get(other, "")
                found[other] = look if letter.lower() in look else look + letter.lower()
    return found


@cache
def _letter_classes() -> dict[str, str]:
    """Return for each Latin letter the first of those that something looks like as well."""
    classes = {letter: letter for letter in _LATIN}
    for look in [*STAND_INS.values(), *lookalikes().values()]:
        merged = {classes[letter] for letter in look}
        for letter in _LATIN:
            if classes[letter] in merged:
                classes[letter] = min(merged)
    return classes
