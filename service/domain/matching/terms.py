"""What the matcher takes and gives: terms, texts and hits."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from service.domain.matching.edges import is_one_cluster
from service.domain.matching.hosts import host_of
from service.domain.matching.normalising import normalise
from service.domain.matching.scripts import KEYCAP, clusters, stands_alone
from service.domain.refusals import Refusal

LONGEST_TERM_CLUSTERS = 64
LETTERS_FOR_LOOSE = 4
REMEMBERED_TERMS = 10_000

# The star of a keycap is part of an emoji.
_STAR = rf"\*(?!\ufe0f?{KEYCAP})"
_WRITTEN = re.compile(rf"(?P<open>(?:{_STAR})?)(?P<text>(?:\\\*|(?!{_STAR}).)*?)(?P<close>\*?)", re.DOTALL)


class Mode(StrEnum):
    """Where a hit may begin and end."""

    WORD = "word"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    SUBSTRING = "substring"
    TAG = "tag"
    DOMAIN = "domain"


class Strictness(StrEnum):
    """Whether a second folding also finds spellings that try to get past a filter."""

    STRICT = "strict"
    LOOSE = "loose"


@dataclass(frozen=True, slots=True)
class Term:
    """Something to look for; ``text`` is as the user wrote it, without the ``*`` of its mode.

    ``fields``: the only fields in which it is looked for; all of them where this is ``None``.
    """

    text: str
    mode: Mode = Mode.WORD
    strictness: Strictness = Strictness.STRICT
    fields: frozenset[str] | None = None


class Text(NamedTuple):
    """One piece of a post: the field it stands in and what it says, as the caller sent it."""

    field: str
    value: str


class Hit(NamedTuple):
    """One place where a term was found.

    ``term`` and ``text`` are indexes into the matcher's terms and the post's texts. ``start`` and ``end`` are
    code-point offsets into that text as the caller sent it. ``evasion``: only the second folding finds it.
    """

    term: int
    text: int
    start: int
    end: int
    evasion: bool


class UnmatchableTerm(Refusal):
    """A term that could never be found, or would be found everywhere."""

    code = "unmatchable-term"

    def __init__(self, term: str, why: str, **facts: int) -> None:
        super().__init__(f"The term {term!r} {why}.", term=term, **facts)


def parse_term(written: str, mode: Mode = Mode.WORD, strictness: Strictness | None = None) -> Term:
    r"""Read a term as a user writes it; refuse one that could never be found or would be found everywhere.

    A ``*`` at an end overrides the mode: ``cat*`` is a prefix, ``*cat`` a suffix, ``*cat*`` a substring;
    ``\*`` is a star to look for. ``*.example.com`` is a domain like any other, as all hosts below it count anyway.
    Without a strictness the term is loose from four letters on: shorter ones fold onto each other too easily.
    """
    if mode is Mode.DOMAIN:
        written = written.removeprefix("*.")
    text, mode = _without_stars(written, mode) if "*" in written else (written, mode)
    normalised = require_matchable(text, written)
    if (mode is Mode.DOMAIN and not host_of(text)) or (mode is Mode.TAG and not normalised.strip("# ")):
        raise UnmatchableTerm(written, "has nothing to look for")
    if strictness is None:
        strictness = Strictness.LOOSE if _letters(normalised) >= LETTERS_FOR_LOOSE else Strictness.STRICT
    return Term(text, mode, strictness)


@lru_cache(maxsize=REMEMBERED_TERMS)
def parse_stored_term(
    written: str, mode: Mode = Mode.WORD, strictness: Strictness | None = None
) -> Term | None:
    """Read a term that was accepted once; return nothing for one that this version of the matcher refuses.

    What a user stored must not cost them their whole feed because a later version normalises it away. Many filter the
    same words: one that somebody else filters costs a sixth.
    """
    try:
        return parse_term(written, mode, strictness)
    except UnmatchableTerm:
        return None


def require_matchable(term: str, written: str = "") -> str:
    """Return a term normalised; refuse one that is then empty, too long or a single letter, as it was ``written``."""
    written = written or term
    normalised = normalise(term)
    if not normalised:
        raise UnmatchableTerm(written, "has nothing to look for")
    if len(normalised) > LONGEST_TERM_CLUSTERS:
        length = sum(1 for _ in clusters(normalised))
        if length > LONGEST_TERM_CLUSTERS:
            why = f"is longer than {LONGEST_TERM_CLUSTERS} characters"
            raise UnmatchableTerm(written, why, limit=LONGEST_TERM_CLUSTERS, current=length)
    if is_one_cluster(normalised) and not stands_alone(normalised):
        raise UnmatchableTerm(written, "is a single character, which would be found everywhere")
    return normalised


def _without_stars(written: str, mode: Mode) -> tuple[str, Mode]:
    parts = _WRITTEN.fullmatch(written)
    if parts is None:
        raise UnmatchableTerm(written, "has a * inside; write \\* for a star to look for")
    starred = _STARRED.get((bool(parts["open"]), bool(parts["close"])), mode)
    return parts["text"].replace("\\*", "*"), starred


_STARRED = {
    (True, False): Mode.SUFFIX,
    (False, True): Mode.PREFIX,
    (True, True): Mode.SUBSTRING,
}


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))
