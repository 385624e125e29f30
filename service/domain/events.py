"""Events: what happened, as far as it is counted. No text, phrase or handle ever enters one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from service.domain.feed import ReasonCode
from service.domain.market_days import FOLLOWED_FOR, day_in
from service.domain.measures import CellKey, Measure, cells_of
from service.domain.people import UserId
from service.domain.segments import (
    CONTROL_BEHIND,
    NOWHERE,
    UNSTATED,
    Cause,
    Control,
    Dimension,
    Segment,
    broad_topic,
)

UNDONE_WITHIN: Final = timedelta(hours=24)
REVIEWED_LATE_AFTER: Final = timedelta(hours=24)
ESCALATES_WITHIN: Final = timedelta(days=7)
REPEATS_WITHIN: Final = timedelta(days=28)


class EventKind(StrEnum):
    """What can happen."""

    CONTROL_SEEN = "control_seen"
    CONTROL_OPENED = "control_opened"
    SETTING_SAVED = "setting_saved"
    SETTING_REMOVED = "setting_removed"
    SIGNAL_SENT = "signal_sent"
    SIGNAL_UNDONE = "signal_undone"
    SHOWING_REPORTED = "showing_reported"
    REVEALED = "revealed"
    SHOULD_HAVE_BEEN_HIDDEN = "should_have_been_hidden"
    COMMENT_APPROVED = "comment_approved"
    COMMENT_REJECTED = "comment_rejected"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class PanelLook:
    """What the second look at one request of a panel viewer found, in showings.

    ``kept`` are showings within the page, ``prevented`` those that a control took away, ``leaked`` those that a
    control should have taken away, with the cause.
    """

    shown: int
    prevented: tuple[tuple[Control, int], ...] = ()
    leaked: tuple[tuple[Control, Cause, int], ...] = ()

    @property
    def hidden(self) -> int:
        """How many showings controls took away."""
        return sum(n for _, n in self.prevented)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to or through one person.

    Ids are kept only as keyed hashes. ``made_at`` is when what is being removed or reviewed had been made.
    ``begins``: the person had nothing of this control before. ``limit`` is why a comment waited. ``repeats``: the
    same author or hashtag had been rejected before; ``escalates``: whoever is blocked had been rejected before.
    ``showings`` is how many a report stands for.
    """

    kind: EventKind
    at: datetime
    user_id: UserId
    segment: Segment = NOWHERE
    control: Control | None = None
    surface: str | None = None
    reasons: tuple[str, ...] = ()
    because: ReasonCode | None = None
    limit: str | None = None
    made_at: datetime | None = None
    begins: bool = False
    repeats: bool = False
    escalates: bool = False
    revision: int | None = None
    item_id: str | None = None
    author_id: str | None = None
    hashtags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    request_id: str | None = None
    position: int | None = None
    showings: int = 1
    look: PanelLook | None = None

    @property
    def market(self) -> str:
        """Where the event counts."""
        return self.segment.market

    @property
    def age(self) -> timedelta:
        """How long ago what is being removed or reviewed had been made; for ever where nobody knows."""
        return self.at - self.made_at if self.made_at else timedelta.max

    def values(self) -> dict[Dimension, tuple[str, ...]]:
        """Return what the event can be broken down by."""
        values = self.segment.values()
        if self.surface:
            values[Dimension.SURFACE] = (self.surface,)
        if self.because:
            values[Dimension.BECAUSE] = (self.because.value,)
        if self.limit:
            values[Dimension.LIMIT] = (self.limit,)
        if self.kind is EventKind.SIGNAL_SENT:
            values[Dimension.REASON] = self.reasons or (UNSTATED,)
            values[Dimension.TOPIC] = tuple(dict.fromkeys(map(broad_topic, self.topics)))
        return values


@dataclass(frozen=True, slots=True)
class Arrived:
    """An event with the id that its sender gave it, a UUID as text, the same on every retry."""

    event_id: str
    event: Event


@dataclass(frozen=True, slots=True)
class Count:
    """How much an event adds to one cell."""

    cell: CellKey
    n: int = 1


def counts_of(event: Event) -> Iterator[Count]:
    """Yield everything that an event counts in."""
    day, values = day_in(event.market, event.at), event.values()
    for measure, n in _measured(event):
        for cell in cells_of(measure, day, event.market, values, _control(event)):
            yield Count(cell, n)
    for measure, n in _measured_where_made(event):
        made = day_in(event.market, event.made_at or event.at)
        for cell in cells_of(measure, made, event.market, values, _control(event)):
            yield Count(cell, n)
    if event.look:
        yield from _counts_of_look(event, event.look)


def _measured(event: Event) -> Iterable[tuple[Measure, int]]:
    match event.kind:
        case EventKind.SETTING_SAVED | EventKind.SIGNAL_SENT:
            yield from ((each, 1) for each in _MEASURED_OF_EDITS)
            if event.begins:
                yield Measure.BEGINNERS, 1
            if event.escalates:
                yield Measure.ESCALATORS, 1
            if event.kind is EventKind.SIGNAL_SENT:
                yield from _measured_of_signal(event)
        case EventKind.COMMENT_APPROVED | EventKind.COMMENT_REJECTED:
            yield from _measured_of_review(event)
        case EventKind.SHOWING_REPORTED:
            yield Measure.REPORTED_SHOWINGS, event.showings
        case _ if event.kind in _MEASURED_ONCE:
            yield _MEASURED_ONCE[event.kind], 1
        case _:
            return


def _measured_where_made(event: Event) -> Iterable[tuple[Measure, int]]:
    """Yield what a removal changes on the day on which the setting was made, beside those who made something."""
    if event.kind not in {EventKind.SETTING_REMOVED, EventKind.SIGNAL_UNDONE}:
        return
    if event.age <= UNDONE_WITHIN:
        yield Measure.UNDOERS, 1
    if event.age <= FOLLOWED_FOR:
        yield Measure.KEPT, -1


_MEASURED_OF_EDITS: Final = (
    *(Measure.MAKERS, Measure.ACTORS, Measure.ACTORS_WITH),
    *(Measure.MADE, Measure.KEPT),
)
_MEASURED_ONCE: Final = {
    EventKind.CONTROL_SEEN: Measure.SEERS,
    EventKind.CONTROL_OPENED: Measure.OPENERS,
    EventKind.REVEALED: Measure.REVEALED,
    EventKind.SHOULD_HAVE_BEEN_HIDDEN: Measure.COMPLAINERS,
    EventKind.DECIDED: Measure.PANEL_VIEWERS,
}


def _measured_of_signal(event: Event) -> Iterable[tuple[Measure, int]]:
    yield Measure.SIGNALS, 1
    yield Measure.SIGNALLERS, 1
    if event.topics:
        yield Measure.TOPIC_SIGNALLERS, 1
    if event.repeats:
        yield Measure.REPEAT_SIGNALLERS, 1


def _measured_of_review(event: Event) -> Iterable[tuple[Measure, int]]:
    yield Measure.REVIEWED, 1
    yield Measure.REVIEWERS, 1
    if event.kind is EventKind.COMMENT_APPROVED:
        yield Measure.APPROVED, 1
    if event.age > REVIEWED_LATE_AFTER:
        yield Measure.REVIEWED_LATE, 1


def _counts_of_look(event: Event, look: PanelLook) -> Iterator[Count]:
    day, values = day_in(event.market, event.at), event.values()

    def counts(
        measure: Measure, n: int, control: Control | None, cause: Cause | None = None
    ) -> Iterator[Count]:
        split = {**values, Dimension.CAUSE: (cause.value,)} if cause else values
        for cell in cells_of(measure, day, event.market, split, control):
            yield Count(cell, n)

    if look.shown:
        yield from counts(Measure.PANEL_SHOWN, look.shown, None)
    for control, n in look.prevented:
        yield from counts(Measure.PANEL_PREVENTED, n, control)
        yield from counts(Measure.PANEL_PROMISED, n, control)
    for control, cause, n in look.leaked:
        yield from counts(Measure.PANEL_LEAKED, n, control, cause)
        yield from counts(Measure.PANEL_PROMISED, n, control)


def _control(event: Event) -> Control | None:
    if event.control is None and event.because:
        return CONTROL_BEHIND.get(event.because)
    return event.control
