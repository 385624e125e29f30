"""A first look at a place where a skeleton has a term, which spares reading the text letter by letter.

A skeleton knows no spaces, and half of the Latin letters share their class with others, so that most of what it
shows is nothing. The first look costs a fiftieth of reading the letters. It may let pass what they then turn
down; what it turns down they never let pass.
"""

import unicodedata
from collections.abc import Iterable
from functools import cached_property

from service.domain.matching.borders import RoughBorders
from service.domain.matching.characters import Remembered
from service.domain.matching.likeness import (
    alphabet_of,
    base_of,
    bones_of,
    class_of,
    look_of,
    squeezed,
    without_bars,
)
from service.domain.matching.normalising import compatible

INNER = frozenset("-.'\u2010\u2011\u00b7")
"""What vanishes inside a word."""
LONGEST_SEPARATOR = 3
"""How much may part single letters that are read as a word."""
# Longer ones are not looked at more than once.
_LONGEST_RUN = 64


class Glimpse:
    """Where the bones of a text's skeleton stand in the text, and what letters they are made of."""

    def __init__(self, value: str) -> None:
        self._text = compatible(without_bars(value))
        self._had_bars = "|" in value
        firsts: list[int] = []
        ends: list[int] = []
        kept: list[str] = []
        last, at = "", 0
        for index, bone in _bones_in(self._text):
            if bone:
                if bone != last:
                    firsts.append(index)
                    ends.append(at)
                    kept.append(bone)
                    last = bone
                at = index
        self._firsts, self._lasts = firsts, [*ends[1:], at]
        self.bones = "".join(kept)
        """The skeleton of the text."""

    @cached_property
    def _borders(self) -> RoughBorders:
        if self._had_bars:
            return RoughBorders(" " * len(self._text), self._firsts, self._lasts)
        return RoughBorders(self._text, self._firsts, self._lasts)

    def borders(self) -> RoughBorders:
        """Return where words may begin and end in the skeleton; a bar parts letters or poses for one."""
        return self._borders

    def is_plain(self, folded: str, first: int, count: int) -> bool:
        """Tell whether bones in a row, and the marks on the last, are a folded text as it stands."""
        start, end = self._firsts[first], self._lasts[first + count - 1] + 1
        # Nothing gets shorter when it is folded, so that no more marks than the text has room for tell.
        while end < len(self._text) and end - start <= len(folded) and _is_mark(self._text[end]):
            end += 1
        return not self._had_bars and self._text[start:end].casefold() == folded

    @cached_property
    def letters(self) -> list[str]:
        """The letters that each bone is made of."""
        return list(map(self._letters_of, range(len(self._firsts))))

    def is_apart(self, bone: int) -> bool:
        """Tell whether anything stands between a bone and the one before."""
        return self._firsts[bone] - self._lasts[bone - 1] > 1

    def may_show(self, term: "Glimpse", first: int, *, poses: bool) -> bool:
        """Tell whether a term may be read where its skeleton begins; ``poses``: its own letters may be others."""
        for number, wanted in enumerate(term.letters):
            bone = first + number
            if number and self.is_apart(bone) and not (term.is_apart(number) or self._may_join(bone)):
                return False
            if not self._may_be(wanted, bone, poses=poses):
                return False
        return True

    def _letters_of(self, bone: int) -> str:
        characters = self._text[self._firsts[bone] : self._lasts[bone] + 1]
        letters = "".join(map(_LETTERS.__getitem__, characters))
        if len(_BONES[characters[0]]) > 1 or len(_BONES[characters[-1]]) > 1:
            wanted = squeezed("".join(map(_BONES.__getitem__, self._text)))[bone]
            return "".join(letter for letter in letters if class_of(letter) == wanted)
        return letters

    def _may_be(self, wanted: str, bone: int, *, poses: bool) -> bool:
        if self._lasts[bone] - self._firsts[bone] > _LONGEST_RUN:
            return True
        found = self._letters_of(bone)
        if len(found) < len(wanted):
            return False
        return poses or set(wanted) <= set(found) or self._may_pose(bone)

    def _may_join(self, bone: int) -> bool:
        before, after = self._lasts[bone - 1], self._firsts[bone]
        gap = self._text[before + 1 : after]
        if gap in INNER or any(map(_is_mark, gap)):
            return True
        if len(gap) > LONGEST_SEPARATOR:
            return False
        return not (
            _are_letters(self._text[before - 1 : before + 1]) or _are_letters(self._text[after : after + 2])
        )

    def _may_pose(self, bone: int) -> bool:
        """Tell whether any of a bone's letters may stand for another, as ``disguises`` has it."""
        first, last = self._firsts[bone], self._lasts[bone]
        for character in self._text[first : last + 1]:
            for letter in _LETTERS[character]:
                if not letter.isalpha() or (letter == "i" and character != "i"):
                    return True
                if not letter.isascii() and alphabet_of(letter) not in self._unmistakable:
                    return True
        return self._mixes_alphabets(first, last)

    def _mixes_alphabets(self, first: int, last: int) -> bool:
        closing = self._text.find(" ", last)
        word = self._text[self._text.rfind(" ", 0, first) + 1 : closing if closing >= 0 else len(self._text)]
        return not word.isascii() and len(_alphabets(word)) > 1

    @cached_property
    def _unmistakable(self) -> set[str]:
        return _alphabets(each for each in set(self._text) if not any(map(look_of, _LETTERS[each])))


def _letters_of(character: str) -> str:
    """Return what a character stands for that leaves something in a skeleton."""
    return "".join(filter(class_of, base_of(character)))


def _bones_in(text: str) -> Iterable[tuple[int, str]]:
    """Return what each character leaves in a skeleton, which may be nothing, with its place."""
    bones = [*map(_BONES.__getitem__, text)]
    if len("".join(bones)) == len(bones) - bones.count(""):
        return enumerate(bones)
    return [(index, bone) for index, letters in enumerate(bones) for bone in letters]


_LETTERS = Remembered(_letters_of)
_BONES = Remembered(bones_of)


def _alphabets(characters: Iterable[str]) -> set[str]:
    return {alphabet_of(letter) for each in characters for letter in _LETTERS[each] if not letter.isdigit()}


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


def _are_letters(pair: str) -> bool:
    return len(pair) == 2 and all(each.isalpha() or each.isdigit() for each in pair)
