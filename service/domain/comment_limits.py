"""Comment limits: who may comment on a user's posts, and what waits for the user's own look."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeVar

from service.domain.matching import Mode, Term, parse_term
from service.domain.refusals import InvalidValue, LimitReached

KEYWORD_TERMS: Final = 500

T = TypeVar("T")


class Audience(StrEnum):
    """Groups of people who may comment, from loose to strict."""

    EVERYONE = "everyone"
    FOLLOWERS = "followers"
    FOLLOWING = "following"
    FRIENDS = "friends"
    MENTIONED = "mentioned"
    NO_ONE = "no_one"


class HoldMode(StrEnum):
    """Which comments wait for the owner, from loose to strict; each holds what the one before it holds, and more.

    ``keywords`` holds what the owner's terms hit and what the caller's classifier suspects.
    """

    OFF = "off"
    SUSPECTED = "suspected"
    KEYWORDS = "keywords"
    ALL = "all"


_LADDER: Final = tuple(HoldMode)


def holds(mode: HoldMode, at_least: HoldMode) -> bool:
    """Tell whether ``mode`` is as strict as ``at_least``."""
    return _LADDER.index(mode) >= _LADDER.index(at_least)


@dataclass(frozen=True, slots=True)
class CommentLimits:
    """A user's comment limits; ``who_can_comment`` None: as the platform decides for somebody like them."""

    who_can_comment: tuple[Audience, ...] | None = None
    hold_mode: HoldMode = HoldMode.KEYWORDS
    keyword_terms: tuple[str, ...] = ()
    revision: int = 0


@dataclass(frozen=True, slots=True)
class CommentLimitsPatch:
    """The members that a PATCH names; the others stay as they are."""

    named: frozenset[str]
    who_can_comment: tuple[Audience, ...] | None = None
    hold_mode: HoldMode = HoldMode.KEYWORDS
    keyword_terms: tuple[str, ...] = ()

    def apply(self, limits: CommentLimits) -> CommentLimits:
        """Return ``limits`` with the named members changed."""
        return replace(limits, **{name: getattr(self, name) for name in self.named})


def require_valid_limits(limits: CommentLimits) -> None:
    """Refuse limits that contradict themselves or hold more terms than they may."""
    audiences = limits.who_can_comment
    if audiences is not None and not audiences:
        raise InvalidValue("who_can_comment", "name at least one group, or no_one")
    if audiences and Audience.NO_ONE in audiences and len(audiences) > 1:
        raise InvalidValue("who_can_comment", "no_one stands alone")
    if len(limits.keyword_terms) > KEYWORD_TERMS:
        raise LimitReached("comment keywords", limit=KEYWORD_TERMS, current=len(limits.keyword_terms))
    for term in limits.keyword_terms:
        keyword(term)


def keyword(written: str) -> Term:
    """Return one of the owner's keywords as the matcher takes it: whole words, loose where long enough."""
    return parse_term(written, Mode.WORD, None)
