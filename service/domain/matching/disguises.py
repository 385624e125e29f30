"""Reads a disguised text letter by letter, to tell a disguise from a coincidence.

``likeness.skeleton`` says where a term could be. Whether it is there depends on whether each difference has
an excuse: a digit stands for a letter only beside letters, a Cyrillic letter for a Latin one only where the
two are mixed, a hyphen vanishes only inside a word, a space only between single letters.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import groupby, pairwise

from service.domain.matching.alignment import Alignment
from service.domain.matching.characters import Remembered
from service.domain.matching.glimpses import INNER, LONGEST_SEPARATOR
from service.domain.matching.likeness import STAND_INS, alphabet_of, base_of, class_of, look_of, without_bars
from service.domain.matching.normalising import compatible, fold
from service.domain.matching.scripts import Script, script_of


class Gap(IntEnum):
    """What stands between two letters."""

    NONE = 0
    INNER = 1  # a hyphen, dot or apostrophe inside a word
    SPELT = 2  # a separator between single letters
    SPACE = 3
    OTHER = 4


class Kind(IntEnum):
    """What a character is before anything is made of it."""

    LETTER = 0
    DIGIT = 1
    SIGN = 2
    SILENT = 3
    GAP = 4


@dataclass(slots=True)
class Letter:
    """One letter, digit or sign, where its folded form stands, and what parts it from the one before."""

    base: str
    look: str
    kind: Kind
    start: int
    end: int
    before: str
    capital: bool
    fancy: bool
    gap: Gap = Gap.NONE
    may_pose: bool = False

    def passes_for(self, wanted: "Letter") -> bool:
        """Tell whether a reader takes this letter for another."""
        if self.base == wanted.base:
            return True
        return (self.may_pose or wanted.may_pose) and not set(self.look).isdisjoint(wanted.look)


Token = list[Letter]


def falls_inside(text: Token, index: int) -> bool:
    """Tell whether a cut before a letter falls inside one character that folds to several, as sharp s does."""
    return 0 < index < len(text) and text[index - 1].start == text[index].start


def begins_spelt(text: Token, first: int) -> bool:
    """Tell whether a word may begin with a letter, which may be spelt out: not amid s p a m m e r, but after I or a."""
    return (
        first < 2
        or first + 1 >= len(text)
        or not (text[first - 1].gap is Gap.SPELT and _goes_on(text, first))
    )


def ends_spelt(text: Token, last: int) -> bool:
    """Tell whether a word may end before a letter, though it may be spelt out like s p a m m e r."""
    return last >= len(text) or not _goes_on(text, last - 1)


def _goes_on(text: Token, index: int) -> bool:
    # Scripts without spaces go on anyway, and whoever changes the separator begins another word.
    before, after = text[index : index + 2]
    is_spelt = before.gap is after.gap is Gap.SPELT and before.before == after.before
    return is_spelt and script_of(before.base) is script_of(after.base) is Script.OTHER


# After an apostrophe: English clitics. Before one: elided articles and pronouns of the Romance languages.
_CONTRACTIONS = frozenset({"s", "t", "d", "m", "ll", "re", "ve", "em", "n", "all"})
_ELISIONS = frozenset({"l", "d", "j", "c", "m", "n", "s", "t", "y", "i", "qu", "un", "dell", "all", "nell"})
_FULL_WIDTH = re.compile("[\uff01-\uff5e]")


def read_letters(value: str, *, of_term: bool = False) -> Token:
    """Read a text as the caller sent it; a character of its skeleton is one letter here, or a few alike.

    A term has no company that would tell a Russian word from a Latin one in disguise: it is taken at its word.
    """
    found = _bare_letters(value)
    tokens = _split(found)
    for token in tokens:
        _let_signs_pose(token)
        _let_digits_pose(token)
        _let_capital_i_pose(token)
    for before, after in pairwise(tokens):
        after[0].gap = _gap(before, after)
    _let_spelt_pose(tokens)
    _let_mixed_pose(tokens)
    if not of_term:
        _let_lone_lookalikes_pose(found)
    return found


def runs_of(text: Token) -> list[tuple[int, int]]:
    """Return the stretches of letters that a skeleton shows as one character, as indexes."""
    runs = []
    start = 0
    for _, alike in groupby(text, key=lambda letter: class_of(letter.base)):
        end = start + sum(1 for _ in alike)
        runs.append((start, end))
        start = end
    return runs


def wanted_runs(term: Token) -> list[tuple[Letter, int]]:
    """Return a term's letters with how often each stands in a row."""
    runs: list[tuple[Letter, int]] = []
    for letter in term:
        if runs and not letter.before and letter.base == runs[-1][0].base:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((letter, 1))
    return runs


def ways_to_read(
    wanted: Sequence[tuple[Letter, int]], text: Token, first: int, *, spaces_vanish: bool
) -> set[int]:
    """Return where the stretches end that begin with the letter ``first`` of a text and spell a term."""
    ends = {first}
    for number, (letter, count) in enumerate(wanted):
        ends = {
            end
            for start in ends
            if start < len(text)
            and (not number or _gap_fits(letter, text[start], spaces_vanish=spaces_vanish))
            for end in _ends_of_run(letter, count, text, start)
        }
    return ends


def _ends_of_run(wanted: Letter, count: int, text: Token, start: int) -> set[int]:
    # As often as wanted, or drawn out: three or more times.
    end = start
    while end < len(text) and text[end].passes_for(wanted) and (end == start or text[end].gap <= Gap.SPELT):
        end += 1
    length = end - start
    if length < count:
        return set()
    return {start + count, end} if length > 2 else {start + count}


def _gap_fits(wanted: Letter, found: Letter, *, spaces_vanish: bool) -> bool:
    if wanted.before == found.before:
        return True
    if wanted.gap is Gap.SPACE:
        return found.gap in {Gap.SPACE, Gap.INNER, Gap.SPELT} or (spaces_vanish and not found.before)
    return wanted.gap <= Gap.SPELT and found.gap <= Gap.SPELT


def _bare_letters(value: str) -> Token:
    found: Token = []
    before = ""
    for character, at, until, fancy in _placed(value):
        capital = character.isupper()
        for base, look, kind in _parts_of(character):
            if kind is Kind.SILENT:
                if found and not before:
                    found[-1].end = until
            elif kind is Kind.GAP:
                before += base
            else:
                found.append(Letter(base, look, kind, at, until, before, capital, fancy))
                before = ""
    return found


@lru_cache(maxsize=8192)
def _parts_of(character: str) -> tuple[tuple[str, str, Kind], ...]:
    return tuple((base, look_of(base), _kind_of(base)) for base in base_of(character))


def _placed(value: str) -> Iterator[tuple[str, int, int, bool]]:
    """Yield characters in compatibility form, where each stands in the folded text, and whether it is fancy."""
    value = without_bars(value)
    alignment = Alignment(value)
    for (start, end), (at, until) in zip(pairwise(alignment.starts), pairwise(alignment.ats), strict=True):
        characters = compatible(value[start:end])
        fancy = characters != value[start:end] and not _FULL_WIDTH.match(value, start)
        exact = len(characters) == until - at
        for index, character in enumerate(characters):
            if _IS_SILENT[character] and _IS_SILENT[characters[index + 1 : index + 2] or " "]:
                # Of marks in a row only the last tells anything: where they end.
                continue
            place = (at + index, at + index + 1) if exact else (at, until)
            yield character, *place, fancy


def _is_silent(character: str) -> bool:
    parts = _parts_of(character)
    return bool(parts) and all(kind is Kind.SILENT for _, _, kind in parts)


_IS_SILENT = Remembered(_is_silent)


def _kind_of(base: str) -> Kind:
    if not class_of(base):
        # A mark parts nothing: it stands on the letter before it.
        return Kind.SILENT if unicodedata.category(base)[0] == "M" else Kind.GAP
    if base.isdigit():
        return Kind.DIGIT
    return Kind.SIGN if look_of(base) and not base.isalpha() else Kind.LETTER


def _split(text: Token) -> list[Token]:
    starts = [index for index, letter in enumerate(text) if letter.before or not index]
    return [text[start:end] for start, end in pairwise([*starts, len(text)])]


def _let_signs_pose(token: Token) -> None:
    # A sign at the end of a word is punctuation, save after another disguise, and but for the two that nobody
    # ends a sentence with.
    is_word = any(letter.kind is Kind.LETTER for letter in token)
    disguised = any(letter.kind is not Kind.LETTER for letter in token[:-1])
    follows = False
    for letter in reversed(token):
        if letter.kind is Kind.SIGN:
            last = letter is token[-1] and disguised
            letter.may_pose = is_word and (follows or last or letter.base in "@$")
        follows = letter.kind is not Kind.SIGN or letter.may_pose


def _let_digits_pose(token: Token) -> None:
    # A number is a number, also beside letters of a script that puts no spaces; so is a lone 5 after a word, which
    # would make a plural of it (level5, season5).
    if not any(letter.kind is Kind.LETTER and script_of(letter.base) is Script.OTHER for letter in token):
        return
    posing = [letter for letter in token if letter.kind is not Kind.LETTER]
    if len(posing) == 1 and posing[0] is token[-1] and posing[0].base == "5":
        return
    for letter in posing:
        letter.may_pose = letter.may_pose or letter.kind is Kind.DIGIT


def _let_capital_i_pose(token: Token) -> None:
    # A capital I is drawn like a small l: it may be one after a small letter, or where it is a fancy sign.
    for index, letter in enumerate(token):
        after_small = index > 0 and token[index - 1].kind is Kind.LETTER and not token[index - 1].capital
        if letter.base == "i" and letter.capital and (after_small or letter.fancy):
            letter.look, letter.may_pose = STAND_INS["1"], True


def _gap(before: Token, after: Token) -> Gap:
    between = after[0].before
    if _width(before) == _width(after) == 1 and len(between) <= LONGEST_SEPARATOR:
        return Gap.SPELT
    if between in INNER and _is_inside_word(before, between, after):
        return Gap.INNER
    return Gap.SPACE if fold(between) == " " else Gap.OTHER


def _width(token: Token) -> int:
    return sum(letter.kind is not Kind.SIGN or letter.may_pose for letter in token) or len(token)


def _is_inside_word(before: Token, between: str, after: Token) -> bool:
    if between == ".":
        # A capital after a small letter begins a sentence whose space was forgotten.
        return before[-1].capital or not after[0].capital
    if between == "'":
        if before[-1].base == "n" and _spelling(after) == "t":
            # Many leave out this one, and hardly anything else is spelt so.
            return True
        # After a capitalised word it parts a name from its ending, in Turkish from any of hundreds.
        if before[0].capital and not after[0].capital:
            return False
        return _spelling(after) not in _CONTRACTIONS and _spelling(before) not in _ELISIONS
    return True


def _spelling(token: Token) -> str:
    return "".join(letter.base for letter in token)


def _let_spelt_pose(tokens: list[Token]) -> None:
    chain: list[Token] = []
    for token in tokens:
        if token[0].gap is not Gap.SPELT:
            _let_chain_pose(chain)
            chain = []
        chain.append(token)
    _let_chain_pose(chain)


def _let_chain_pose(chain: list[Token]) -> None:
    spelt = [letter for token in chain for letter in token]
    if len(chain) > 2 and any(letter.kind is Kind.LETTER for letter in spelt):
        for letter in spelt:
            letter.may_pose = letter.may_pose or letter.kind is not Kind.LETTER


def _let_mixed_pose(tokens: list[Token]) -> None:
    # No word mixes alphabets, save to look like another.
    for token in tokens:
        plain = [letter for letter in token if letter.kind is Kind.LETTER]
        if len({alphabet_of(letter.base) for letter in plain}) > 1:
            for letter in plain:
                letter.may_pose = True


def _let_lone_lookalikes_pose(text: Token) -> None:
    """Let letters stand for Latin ones where a text has no letter of their alphabet that looks like no other.

    A Russian sentence has such letters, so that its words stay Russian words, even those that happen to look
    English; look-alikes in an English sentence have no such company.
    """
    plain = [letter for letter in text if letter.kind is Kind.LETTER]
    unmistakable = {alphabet_of(letter.base) for letter in plain if not letter.look}
    for letter in plain:
        if not letter.base.isascii() and alphabet_of(letter.base) not in unmistakable:
            letter.may_pose = True
