"""What the matcher takes and gives: terms, texts and hits."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from service.domain.matching.normalising import normalise
from service.domain.refusals import Refusal


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
    """Something to look for; ``text`` is as the user wrote it, without the ``*`` of its mode."""

    text: str
    mode: Mode = Mode.WORD
    strictness: Strictness = Strictness.STRICT


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

    def __init__(self, term: str, why: str) -> None:
        super().__init__(f"The term {term!r} {why}.", term=term)


def require_matchable(term: str) -> str:
    """Return a term normalised; refuse one that is empty then."""
    normalised = normalise(term)
    if not normalised:
        raise UnmatchableTerm(term, "has nothing to look for")
    return normalised
