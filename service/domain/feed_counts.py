"""What one answered feed request adds to the figures, and what a second look at it finds."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.domain.cost_ceilings import Effort, as_closely_as_possible
from service.domain.decisions import ReadyRules, decide_feed
from service.domain.events import Event, EventKind, PanelLook
from service.domain.feed import Candidate, Decision, Outcome
from service.domain.feed_rules import FeedRules
from service.domain.market_days import day_in
from service.domain.measures import Measure
from service.domain.occurrences import Occurrence, place_of
from service.domain.people import UserId
from service.domain.segments import CONTROL_BEHIND, Cause, Control, Segment
from service.domain.surfaces import Surface

DEEP_FROM: Final = 6
"""How many live settings of a control somebody has who uses it a lot."""
COVERED: Final = frozenset({Outcome.WARN, Outcome.BLUR})
NOT_SHOWN: Final = frozenset({Outcome.HIDE, Outcome.UNVERIFIED})


@dataclass(frozen=True, slots=True)
class DecidedRequest:
    """One request as it was answered, with those of its candidates that would have stood within its page.

    ``ready`` is what was decided by, None where rules could not be had. ``slots``: how many posts the page has
    room for, None where nobody said. ``shown``: how many of all candidates it can be filled with.
    """

    viewer_id: UserId
    segment: Segment
    surface: Surface
    at: datetime
    candidates: Sequence[Candidate]
    decisions: Sequence[Decision]
    ready: ReadyRules | None
    slots: int | None = None
    shown: int = 0
    degraded: bool = False

    @classmethod
    def of(
        cls,
        viewer_id: UserId,
        segment: Segment,
        surface: Surface,
        at: datetime,
        *,
        candidates: Sequence[Candidate],
        decisions: Sequence[Decision],
        ready: ReadyRules | None,
        slots: int | None,
        degraded: bool = False,
    ) -> "DecidedRequest":
        """Keep of all candidates what is counted.

        Candidates come in the order of their rank, so that the first ``slots`` of them are what would have been
        shown. The others are let go with the answer: held until they are counted, they cost the next request a
        tenth of its processor time, which then reads itself into memory that is in no cache.
        """
        page = slice(slots or 0)
        shown = _shown_of(decisions, slots or 0)
        return cls(
            viewer_id, segment, surface, at, candidates[page], decisions[page], ready, slots, shown, degraded
        )


@dataclass(frozen=True, slots=True)
class ShownUnasked:
    """Posts that a surface showed to a viewer without asking what the viewer's settings make of them."""

    viewer_id: UserId
    segment: Segment
    surface: Surface
    at: datetime
    candidates: Sequence[Candidate]


def settings_in(rules: FeedRules) -> dict[Control, int]:
    """Return how many live settings a user has, by kind, where there are any.

    A signal rejects an item, and may count against any number of other things or against none.
    """
    held = {
        Control.KEYWORD_FILTER: len(rules.filters),
        Control.NOT_INTERESTED: max(len(rules.rejected_items), len(rules.pushes)),
        Control.BLOCK: len(rules.blocks),
        Control.MUTE: len(rules.mutes),
        Control.COMMENT_LIMIT: int(rules.comment_limits.revision > 0),
    }
    return {control: n for control, n in held.items() if n}


def occurrences_in(request: DecidedRequest) -> Iterator[tuple[Occurrence, int]]:
    """Yield what a request adds, and how much: its viewer among the active ones, and what stood within its page."""
    place = place_of(day_in(request.segment.market, request.at), request.segment, request.surface.name)
    yield Occurrence(Measure.ACTIVE, place), 1
    for control, settings in settings_in(request.ready.rules).items() if request.ready else ():
        yield Occurrence(Measure.ADOPTERS, place, control), 1
        if settings >= DEEP_FROM:
            yield Occurrence(Measure.DEEP_ADOPTERS, place, control), 1
    if request.slots is None:
        return
    yield Occurrence(Measure.REQUESTS, place), 1
    yield Occurrence(Measure.WOULD_BE, place), len(request.decisions)
    yield Occurrence(Measure.SHOWN, place), request.shown
    if request.degraded:
        yield Occurrence(Measure.DEGRADED_REQUESTS, place), 1
    if request.shown < request.slots:
        yield Occurrence(Measure.THIN_REQUESTS, place), 1
    for (outcome, control, because), n in _reasons(request.decisions).items():
        if outcome is Outcome.HIDE:
            yield Occurrence(Measure.PREVENTED, place, control, because), n
        elif outcome in COVERED:
            yield Occurrence(Measure.COVERED, place, control, because), n
            yield Occurrence(Measure.COVERED_VIEWERS, place, control, because), 1


def _shown_of(decisions: Sequence[Decision], slots: int) -> int:
    """Count what is shown, no further than the page has room: most feeds fetch many times as much."""
    shown = 0
    for decision in decisions:
        if decision.outcome is not Outcome.HIDE and decision.outcome is not Outcome.UNVERIFIED:
            shown += 1
            if shown == slots:
                break
    return shown


def look_again(request: DecidedRequest, fresh: FeedRules, edited_at: datetime | None = None) -> Event | None:
    """Decide a request again by rules straight from the store; None where nothing of it was within a page.

    ``edited_at`` is when the settings first changed after the rules that were decided by; a change after the
    decision is nobody's fault.
    """
    if request.slots is None or request.ready is None or not settings_in(fresh):
        return None
    cause = _cause(request, request.ready.rules, fresh, edited_at)
    again = _decided(request, fresh)
    leaked: Counter[tuple[Control, Cause]] = Counter()
    for before, after in zip(request.decisions, again, strict=True):
        if before.outcome not in NOT_SHOWN and (control := _hidden_by(after)):
            leaked[control, cause] += 1
    prevented: Counter[Control] = Counter()
    for (outcome, control, _), n in _reasons(request.decisions).items():
        if outcome is Outcome.HIDE:
            prevented[control] += n
    shown = sum(each.outcome not in NOT_SHOWN for each in request.decisions)
    look = PanelLook(shown, tuple(sorted(prevented.items())), _in_order(leaked))
    return _panel_event(request, request.ready.rules.revision, look)


def look_at_unasked(shown: ShownUnasked, fresh: FeedRules) -> Event | None:
    """Decide what was shown without asking; None where the viewer has no settings that could have mattered."""
    if not settings_in(fresh):
        return None
    leaked: Counter[tuple[Control, Cause]] = Counter()
    for decision in _decided(shown, fresh):
        if control := _hidden_by(decision):
            leaked[control, Cause.DID_NOT_ASK] += 1
    return _panel_event(shown, None, PanelLook(len(shown.candidates), leaked=_in_order(leaked)))


def _decided(seen: DecidedRequest | ShownUnasked, fresh: FeedRules) -> list[Decision]:
    ready = ReadyRules(fresh)
    decisions, _ = as_closely_as_possible(
        Effort.WHOLE,
        lambda effort: decide_feed(seen.candidates, ready.at(effort), seen.surface, seen.at),
    )
    return decisions


def _hidden_by(decision: Decision) -> Control | None:
    """Return whose doing it is that something is hidden; None where it is not, or is nobody's."""
    if decision.outcome is not Outcome.HIDE or not decision.reasons:
        return None
    return CONTROL_BEHIND.get(decision.reasons[0].code)


def _panel_event(seen: "DecidedRequest | ShownUnasked", revision: int | None, look: PanelLook) -> Event:
    return Event(
        EventKind.DECIDED,
        seen.at,
        seen.viewer_id,
        seen.segment,
        surface=seen.surface.name,
        revision=revision,
        look=look,
    )


def _in_order(leaked: Counter[tuple[Control, Cause]]) -> tuple[tuple[Control, Cause, int], ...]:
    return tuple((control, cause, n) for (control, cause), n in sorted(leaked.items()))


def _cause(
    request: DecidedRequest, decided_by: FeedRules, fresh: FeedRules, edited_at: datetime | None
) -> Cause:
    if decided_by.version == fresh.version:
        return Cause.DEGRADED if request.degraded else Cause.MATCHER_DISAGREES
    if edited_at is not None and edited_at > request.at:
        return Cause.EDITED_AFTERWARDS
    return Cause.DEGRADED if request.degraded else Cause.STALE_RULES


def _reasons(decisions: Sequence[Decision]) -> Counter[tuple[Outcome, Control, str]]:
    found: Counter[tuple[Outcome, Control, str]] = Counter()
    for decision in decisions:
        if decision.reasons:
            code = decision.reasons[0].code
            control = CONTROL_BEHIND.get(code)
            if control:
                found[decision.outcome, control, code.value] += 1
    return found
