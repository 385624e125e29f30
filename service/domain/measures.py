"""What is counted: each measure, where its counts come from, and into which cells one occurrence goes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import product
from typing import Final, TypeAlias

from service.domain.segments import Control, Dimension, dims_text

D = Dimension


class Measure(StrEnum):
    """Something that is counted every day, for every market."""

    ACTIVE = "active"
    ADOPTERS = "adopters"
    SIGNALLERS = "signallers"
    REPEAT_SIGNALLERS = "repeat_signallers"
    ESCALATORS = "escalators"
    ACTORS = "actors"
    ACTORS_WITH = "actors_with"
    MAKERS = "makers"
    UNDOERS = "undoers"
    WOULD_BE = "would_be"
    SHOWN = "shown"
    PREVENTED = "prevented"
    REQUESTS = "requests"
    THIN_REQUESTS = "thin_requests"
    DEGRADED_REQUESTS = "degraded_requests"
    COVERED = "covered"
    COVERED_VIEWERS = "covered_viewers"
    REVEALED = "revealed"
    REPORTED_SHOWINGS = "reported_showings"
    PANEL_VIEWERS = "panel_viewers"
    PANEL_SHOWN = "panel_shown"
    PANEL_PREVENTED = "panel_prevented"
    PANEL_PROMISED = "panel_promised"
    PANEL_LEAKED = "panel_leaked"
    COMPLAINERS = "complainers"
    EVENTS = "events"
    LATE_EVENTS = "late_events"
    DEEP_ADOPTERS = "deep_adopters"
    BEGINNERS = "beginners"
    SEERS = "seers"
    OPENERS = "openers"
    SIGNALS = "signals"
    MADE = "made"
    EDITS = "edits"
    IN_EFFECT = "in_effect"
    COMMENTS = "comments"
    COMMENTS_HELD = "comments_held"
    COMMENTS_REFUSED = "comments_refused"
    COMMENT_OWNERS = "comment_owners"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    REVIEWED_LATE = "reviewed_late"
    REVIEWERS = "reviewers"
    TOPIC_SIGNALLERS = "topic_signallers"
    KEPT = "kept"
    PANEL_EDITORS = "panel_editors"
    HEAVILY_FILTERED = "heavily_filtered"


Pair: TypeAlias = tuple[Dimension, Dimension]


@dataclass(frozen=True, slots=True)
class Counting:
    """How a measure is counted.

    ``people``: each person once a day and cell, else every occurrence. ``by_control``: apart for every control.
    The market is kept beside every count and needs no mention. ``pairs`` are dimensions by which it is counted both
    at once, each in the order of their names.
    """

    dimensions: frozenset[Dimension] = frozenset()
    by_control: bool = False
    people: bool = False
    pairs: frozenset[Pair] = frozenset()


def _people(*dimensions: Dimension, by_control: bool = False, pairs: Iterable[Pair] = ()) -> Counting:
    return Counting(frozenset(dimensions), by_control, people=True, pairs=frozenset(pairs))


def _all(*dimensions: Dimension, by_control: bool = False) -> Counting:
    return Counting(frozenset(dimensions), by_control)


COUNTED: Final[Mapping[Measure, Counting]] = {
    Measure.ACTIVE: _people(D.SURFACE, D.LANGUAGE, D.PLATFORM, D.AGE_BAND, D.TENURE),
    Measure.ADOPTERS: _people(D.LANGUAGE, D.PLATFORM, D.AGE_BAND, D.TENURE, by_control=True),
    Measure.DEEP_ADOPTERS: _people(D.AGE_BAND, D.TENURE, by_control=True),
    Measure.BEGINNERS: _people(D.LANGUAGE, D.PLATFORM, D.AGE_BAND, D.TENURE, by_control=True),
    Measure.SEERS: _people(D.LANGUAGE, D.PLATFORM, by_control=True),
    Measure.OPENERS: _people(D.LANGUAGE, D.PLATFORM, by_control=True),
    Measure.SIGNALS: _all(D.SURFACE),
    Measure.SIGNALLERS: _people(D.SURFACE, D.REASON, D.LANGUAGE, D.AGE_BAND),
    Measure.TOPIC_SIGNALLERS: _people(D.TOPIC, D.LANGUAGE, pairs=[(D.LANGUAGE, D.TOPIC)]),
    Measure.REPEAT_SIGNALLERS: _people(D.REASON, D.LANGUAGE),
    Measure.ESCALATORS: _people(D.LANGUAGE, D.AGE_BAND),
    Measure.ACTORS: _people(D.AGE_BAND),
    Measure.ACTORS_WITH: _people(D.AGE_BAND, by_control=True),
    Measure.MAKERS: _people(D.LANGUAGE, D.PLATFORM, by_control=True),
    Measure.UNDOERS: _people(D.LANGUAGE, D.PLATFORM, by_control=True),
    Measure.MADE: _all(D.LANGUAGE, by_control=True),
    Measure.KEPT: _all(D.LANGUAGE, by_control=True),
    Measure.WOULD_BE: _all(D.SURFACE, D.LANGUAGE),
    Measure.SHOWN: _all(D.SURFACE),
    Measure.PREVENTED: _all(D.SURFACE, D.LANGUAGE, D.PLATFORM, D.BECAUSE, by_control=True),
    Measure.REQUESTS: _all(D.SURFACE),
    Measure.THIN_REQUESTS: _all(D.SURFACE),
    Measure.DEGRADED_REQUESTS: _all(D.SURFACE),
    Measure.COVERED: _all(D.BECAUSE, D.LANGUAGE, by_control=True),
    Measure.COVERED_VIEWERS: _people(D.BECAUSE, D.LANGUAGE, by_control=True),
    Measure.REVEALED: _all(D.BECAUSE, D.LANGUAGE, by_control=True),
    Measure.REPORTED_SHOWINGS: _all(D.SURFACE),
    Measure.PANEL_VIEWERS: _people(D.SURFACE, D.LANGUAGE),
    Measure.PANEL_SHOWN: _all(D.SURFACE, D.LANGUAGE),
    Measure.PANEL_PREVENTED: _all(D.SURFACE, D.LANGUAGE, by_control=True),
    Measure.PANEL_PROMISED: _all(D.SURFACE, D.LANGUAGE, by_control=True),
    Measure.PANEL_LEAKED: _all(D.SURFACE, D.LANGUAGE, D.CAUSE),
    Measure.EDITS: _all(D.PLATFORM),
    Measure.IN_EFFECT: _all(D.PLATFORM, D.WITHIN),
    Measure.PANEL_EDITORS: _people(D.PLATFORM),
    Measure.HEAVILY_FILTERED: _people(D.LANGUAGE),
    Measure.COMMENTS: _all(),
    Measure.COMMENTS_HELD: _all(D.LIMIT),
    Measure.COMMENTS_REFUSED: _all(D.LIMIT),
    Measure.COMMENT_OWNERS: _people(),
    Measure.REVIEWED: _all(D.LIMIT, D.LANGUAGE),
    Measure.APPROVED: _all(D.LIMIT, D.LANGUAGE),
    Measure.REVIEWED_LATE: _all(D.LIMIT, D.LANGUAGE),
    Measure.REVIEWERS: _people(D.LIMIT, D.LANGUAGE),
    Measure.COMPLAINERS: _people(D.LANGUAGE, by_control=True),
    Measure.EVENTS: _all(),
    Measure.LATE_EVENTS: _all(),
}


@dataclass(frozen=True, slots=True, order=True)
class CellKey:
    """Where one count goes: a measure on a market's day, a control where it has one, at most two dimensions."""

    day: date
    market: str
    measure: Measure
    control: str
    dims: str


def cells_of(
    measure: Measure,
    day: date,
    market: str,
    values: Mapping[Dimension, Sequence[str]],
    control: Control | None = None,
) -> Iterator[CellKey]:
    """Yield the cells that one occurrence counts in: the total, and one for every value of every dimension or pair."""
    counting = COUNTED[measure]
    of_control = control.value if counting.by_control and control else ""
    yield CellKey(day, market, measure, of_control, "")
    for dimension, several in sorted(values.items()):
        if dimension in counting.dimensions:
            for value in several:
                yield CellKey(day, market, measure, of_control, dims_text([(dimension, value)]))
    for one, other in sorted(counting.pairs):
        for both in product(values.get(one, ()), values.get(other, ())):
            dims = dims_text(zip((one, other), both, strict=True))
            yield CellKey(day, market, measure, of_control, dims)
