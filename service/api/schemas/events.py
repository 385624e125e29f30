"""Events on the wire: typed, closed, and without room for text."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from service.api.schemas.feed import Candidates
from service.domain.events import Arrived, Event, EventKind
from service.domain.expiry import Instant
from service.domain.feed import LARGEST_REQUEST, ReasonCode
from service.domain.people import Id, UserId, require_id
from service.domain.refusals import InvalidValue
from service.domain.segments import Control, segment_from
from service.domain.surfaces import SURFACES, require_known_surface

EVENTS_PER_BATCH = 1_000
Short = Annotated[str, Meta(max_length=16)]


class SegmentBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is known of the viewer; a value on no list counts as other or unknown."""

    market: Short = ""
    language: Short = ""
    platform: Short = ""
    age_band: Short = ""
    tenure: Short = ""


class EventBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One event: a showing, an opened cover, a post that should have been hidden, a control that was seen or opened.

    ``id`` is the same on every retry. ``showings`` says how many showings a report stands for. What is about a
    control names it, everything else its surface.
    """

    id: UUID
    kind: Literal["showing_reported", "revealed", "should_have_been_hidden", "control_seen", "control_opened"]
    at: Instant
    viewer_id: UserId
    surface: str | None = None
    segment: SegmentBody = SegmentBody()
    item_id: Id | None = None
    author_id: Id | None = None
    because: ReasonCode | None = None
    control: Control | None = None
    request_id: Id | None = None
    position: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    showings: Annotated[int, Meta(ge=1, le=LARGEST_REQUEST)] = 1


class EventsRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A batch of events, taken whole or not at all."""

    events: Annotated[list[EventBody], Meta(min_length=1, max_length=EVENTS_PER_BATCH)]


class SecondLookRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a surface showed a viewer without asking; ``id`` is the same on every retry."""

    id: UUID
    viewer_id: UserId
    surface: Annotated[str, Meta(extra_json_schema={"enum": list(SURFACES)})]
    at: Instant
    shown: Candidates


class EventsAnswer(msgspec.Struct, kw_only=True):
    """How many events were taken; those sent before are among them and count once."""

    accepted: int


def arrived_from(body: EventBody, place: str) -> Arrived:
    """Return an event as the story takes it; refuse an unknown surface and ids that cannot be kept.

    ``place`` is where it stands in the request, which a refusal names.
    """
    segment = body.segment
    if body.kind.startswith("control_"):
        if body.control is None:
            raise InvalidValue(f"{place}.control", "is missing")
    elif body.surface is None:
        raise InvalidValue(f"{place}.surface", "is missing")
    stated = {name: getattr(segment, name) for name in segment.__struct_fields__}
    return Arrived(
        str(body.id),
        Event(
            EventKind(body.kind),
            body.at,
            require_id(body.viewer_id, f"{place}.viewer_id"),
            segment_from(stated),
            body.control,
            surface=require_known_surface(body.surface, f"{place}.surface").name if body.surface else None,
            because=body.because,
            item_id=body.item_id,
            author_id=body.author_id,
            request_id=body.request_id,
            position=body.position,
            showings=body.showings,
        ),
    )
