"""What looking for terms may cost within one request, and what is given up first where it would cost more.

Most terms cost what a scan of the text costs, however many they are. Looking closely costs more: for spellings in
disguise, and for terms that may stand anywhere in a word. Whether a request is too much is told by its size and the
viewer's terms beforehand, and in the end by how many places terms may stand at: never by the clock, so that the same
request is always answered alike.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from enum import IntEnum
from typing import Final, NamedTuple, TypeVar

import msgspec

from service.domain.feed_rules import FilterRule
from service.domain.matching import Mode, Strictness, TooManyLooks

T = TypeVar("T")

CEILING: Final = 300_000_000
"""Bytes of a request times the weight of the terms that have to be looked for closely.

As many terms as a user may have, in 300 KB: nearly three times a page of 200 posts. Of eight hostile kinds in 500 posts
six took 0.4 to 0.9 s of a busy processor. What weighs too little here, as strings of two letters over and over do, is
stopped by the places that it makes the matcher look at.
"""
_OPEN: Final = frozenset({Mode.PREFIX, Mode.SUFFIX, Mode.SUBSTRING})
_SHORT: Final = 3
"""Letters up to which a term that may stand anywhere is found all over a text."""
_SHORT_ANYWHERE: Final = 5
_SHORT_DISGUISED: Final = 20
"""What such terms weigh, beside 1 of any other: as they were measured."""


class Effort(IntEnum):
    """How closely texts are looked at, in the order in which things are given up."""

    WHOLE = 0
    """All that is wanted is looked for."""
    UNDISGUISED = 1
    """Terms are looked for as they are written, and not in disguise."""
    UNFILTERED = 2
    """Terms are not looked for at all, so that nothing can be known to be right."""


class CloseLooks(NamedTuple):
    """What terms weigh that have to be looked for closely: in disguise, and anywhere in a word."""

    disguised: int
    anywhere: int


def close_looks(filters: Iterable[FilterRule]) -> CloseLooks:
    """Weigh the terms of filters that cost more than a scan."""
    return _weigh((term, rule.mode, rule.strictness) for rule in filters for term in rule.terms)


def close_looks_for_keywords(keywords: Iterable[str]) -> CloseLooks:
    """Weigh the words of somebody's list for comments, which are looked for in disguise too."""
    return _weigh((keyword, Mode.WORD, Strictness.LOOSE) for keyword in keywords)


def _weigh(terms: Iterable[tuple[str, Mode, Strictness | None]]) -> CloseLooks:
    disguised = anywhere = 0
    for term, mode, strictness in terms:
        is_open = mode in _OPEN or "*" in term
        is_short = is_open and len(term.strip("*")) <= _SHORT
        if is_open:
            anywhere += _SHORT_ANYWHERE if is_short else 1
        if strictness is not Strictness.STRICT:
            disguised += _SHORT_DISGUISED if is_short else 1
    return CloseLooks(disguised, anywhere)


def effort_for(size: int, looks: CloseLooks) -> Effort:
    """Return how closely a request of ``size`` bytes can be looked at."""
    if size * (looks.disguised + looks.anywhere) <= CEILING:
        return Effort.WHOLE
    return Effort.UNDISGUISED if size * looks.anywhere <= CEILING else Effort.UNFILTERED


def as_closely_as_possible(effort: Effort, judge: Callable[[Effort], T]) -> tuple[T, Effort]:
    """Return what is judged with an effort, or with less where that turns out too much, and the effort made."""
    for less in (Effort.UNDISGUISED, Effort.UNFILTERED):
        if effort < less:
            with suppress(TooManyLooks):
                return judge(effort), effort
            effort = less
    return judge(effort), effort


def filters_at(effort: Effort, filters: Sequence[FilterRule]) -> tuple[FilterRule, ...]:
    """Return what is left of filters once an effort is all that can be made."""
    if effort is Effort.WHOLE:
        return tuple(filters)
    if effort is Effort.UNFILTERED:
        return ()
    return tuple(msgspec.structs.replace(rule, strictness=Strictness.STRICT) for rule in filters)
