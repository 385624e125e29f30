"""What is looked for: a term, the patterns that point to it, and where one of them may stand."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from service.domain.matching.affixes import after_lam
from service.domain.matching.disguises import (
    Letter,
    begins_spelt,
    ends_spelt,
    read_letters,
    wanted_runs,
    ways_to_read,
)
from service.domain.matching.edges import begins_word, ends_word, splits_cluster
from service.domain.matching.glimpses import Glimpse
from service.domain.matching.hashtags import continues_hashtag, is_hashtag
from service.domain.matching.hosts import host_of, spellings
from service.domain.matching.likeness import has_piled_marks, skeleton
from service.domain.matching.normalising import fold
from service.domain.matching.scripts import Script, script_of
from service.domain.matching.terms import REMEMBERED_TERMS, Mode, Strictness, Term

HASHTAGS: Final = "hashtags"

_BOUNDED_LEFT = frozenset({Mode.WORD, Mode.PREFIX})
_BOUNDED_RIGHT = frozenset({Mode.WORD, Mode.SUFFIX})
_WITHOUT_SPACES = frozenset({Mode.TAG, Mode.DOMAIN})


class Spellings(NamedTuple):
    """How a term is written once folded.

    ``text`` is the term itself, ``usual`` the spellings that count everywhere; ``patterns`` are all of them, and one of
    those stands wherever the term does. ``bones``: the skeleton of a term that is looked for in disguise as well; where
    all letters look alike it is a single one, which stands in nearly every text, and nothing is looked for.
    """

    text: str
    usual: frozenset[str]
    patterns: tuple[str, ...]
    bones: str = ""


@lru_cache(maxsize=REMEMBERED_TERMS)
def spellings_of(term: Term) -> Spellings:
    """Return how a term is written once folded; remembered, as many look for the same words."""
    text = fold(term.text).strip(" ")
    if term.mode is Mode.TAG:
        text = text.lstrip("#").strip(" ")
    usual = frozenset({text, after_lam(text) if term.mode in _BOUNDED_LEFT else ""})
    if term.mode is Mode.DOMAIN:
        return Spellings(text, usual, tuple(spellings(host_of(term.text))))
    patterns = {*usual, text.removeprefix("#").replace(" ", "")} - {""}
    bones = skeleton(term.text) if term.strictness is Strictness.LOOSE else ""
    return Spellings(text, usual, tuple(patterns), bones if len(bones) > 1 else "")


class LookedFor:
    """The terms of one viewer; each is made ready to be compared when a text first shows it, which few ever do.

    Of ``alternatives``, indexes of terms in a row, a text shows no more than the first.
    """

    def __init__(self, terms: Sequence[Term], alternatives: Iterable[range] = ()) -> None:
        self._terms = terms
        self._spellings = [*map(spellings_of, terms)]
        self._following = [*range(1, len(terms) + 1)]
        for each in alternatives:
            self._following[each.start : each.stop] = [each.stop] * len(each)
        self._ready: dict[int, Wanted] = {}

    def patterns(self) -> Iterator[tuple[str, int]]:
        """Yield the patterns of all terms, each with the number of its term."""
        for number, each in enumerate(self._spellings):
            for pattern in each.patterns:
                yield pattern, number

    def bones(self) -> Iterator[tuple[str, int]]:
        """Yield the skeletons of those terms that are looked for in disguise, with their numbers."""
        for number, each in enumerate(self._spellings):
            if each.bones:
                yield each.bones, number

    def at(self, number: int) -> "Wanted":
        """Return the term of that number."""
        ready = self._ready.get(number)
        if ready is None:
            ready = self._ready[number] = Wanted(number, self._terms[number], self._following[number])
        return ready


class Wanted:
    """A term that is looked for.

    ``number`` is its index among the terms; those between it and ``following`` need not be looked for where it stands.
    """

    def __init__(self, number: int, term: Term, following: int) -> None:
        self.number = number
        self.following = following
        self.term = term
        self.mode = term.mode
        self.is_bounded_left = term.mode in _BOUNDED_LEFT
        self.is_bounded_right = term.mode in _BOUNDED_RIGHT
        self.text, self._usual_spellings, self.patterns, _ = spellings_of(term)

    @cached_property
    def begins_plainly(self) -> bool:
        """Whether a word has to begin where the term does."""
        return self.is_bounded_left and self.text[:1].isalnum()

    @cached_property
    def ends_plainly(self) -> bool:
        """Whether a word has to end where the term does, however much of it stands before; not so in Korean."""
        last = self.text[-1:]
        return self.is_bounded_right and last.isalnum() and script_of(last) is not Script.HANGUL

    def is_looked_for_in(self, field: str, pattern: str = "") -> bool:
        """Tell whether a field is one of the term's; a spelling without spaces counts in hashtags and hosts only."""
        if pattern and pattern not in self._usual_spellings and not self._may_lack_spaces_in(field):
            return False
        return self.term.fields is None or field in self.term.fields

    def stands(self, text: str, start: int, end: int, field: str) -> bool:
        """Tell whether the edges of ``text[start:end]``, a folded text, are where a hit may begin and end."""
        if self.is_bounded_left and not begins_word(text, start):
            return False
        if self.is_bounded_right and not ends_word(text, start, end):
            return False
        if splits_cluster(text, start) or splits_cluster(text, end):
            return False
        return self.mode is not Mode.TAG or _is_whole_hashtag(text, start, end, field)

    def stands_in_original(self, value: str, start: int, end: int, field: str) -> bool:
        """Tell whether the caller's text agrees, which knows more of hashtags than the folded one."""
        if self.mode is not Mode.TAG:
            return True
        return is_hashtag(value, start, end, is_alone=field == HASHTAGS)

    def _may_lack_spaces_in(self, field: str) -> bool:
        return field == HASHTAGS or self.mode in _WITHOUT_SPACES

    def is_plain_in(self, folded: str, bones: str, pattern: str) -> bool:
        """Tell whether the term stands undisguised wherever a skeleton has it, so that nothing is left to read.

        Most of what a skeleton shows is plain: parts of other words. Each plain place shows once in a skeleton,
        so that an equal count leaves no place for a disguise, unless marks are piled on a letter, or the first
        or last is drawn out.
        """
        if has_piled_marks(folded):
            return False
        if _count(bones, pattern) > _count(folded, self.text):
            return False
        drawn_out = self.text[0] + self.text in folded or self.text + self.text[-1] in folded
        return not drawn_out

    def ways_to_read(self, letters: list[Letter], first: int, field: str) -> set[int]:
        """Return where the stretches of a disguised text end that begin with a letter and spell the term."""
        return ways_to_read(self.runs, letters, first, spaces_vanish=self._may_lack_spaces_in(field))

    def is_whole_in(self, letters: list[Letter], first: int, last: int) -> bool:
        """Tell whether a stretch of a disguised text is no part of a longer word that is spelt out."""
        if self.is_bounded_left and not begins_spelt(letters, first):
            return False
        return not self.is_bounded_right or ends_spelt(letters, last)

    @cached_property
    def glimpse(self) -> Glimpse:
        """The first look at the term itself."""
        return Glimpse(self.term.text)

    @cached_property
    def poses(self) -> bool:
        """Whether the term's own letters may be others, as those of a term written with digits."""
        return any(letter.may_pose for letter, _ in self.runs)

    @cached_property
    def runs(self) -> list[tuple[Letter, int]]:
        """The letters of the term, with how often each stands in a row."""
        return wanted_runs(self._letters)

    @cached_property
    def trim(self) -> tuple[str, str]:
        """What stands before the first and after the last letter of the term: a disguise leaves it alone."""
        folded = fold(self.term.text)
        return folded[: self._letters[0].start].lstrip(" "), folded[self._letters[-1].end :].rstrip(" ")

    @cached_property
    def _letters(self) -> list[Letter]:
        return read_letters(self.term.text, of_term=True)


def _count(text: str, pattern: str) -> int:
    found = 0
    at = text.find(pattern)
    while at >= 0:
        found += 1
        at = text.find(pattern, at + 1)
    return found


def _is_whole_hashtag(text: str, start: int, end: int, field: str) -> bool:
    if field == HASHTAGS:
        return text[:start].strip(" ") in {"", "#"} and not text[end:].strip(" ")
    return text[start - 1 : start] == "#" and not continues_hashtag(text[end : end + 1])
