"""How what people do looks as calls of the API."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from service.domain.segments import Segment
from service.local.population.people import Inhabitant

EVENTS: Final = "/v1/events"
EVENTS_PER_CALL: Final = 500
_NAMES: Final = uuid.UUID("5c1d22ac-7d1c-4d8e-9a3f-1f6a8f0f9b11")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: ``user`` is whose token it carries, None: a service's of the platform.

    Calls of one ``shard`` are made one after the other. ``headers`` come on top of those that every call has.
    """

    at: datetime
    method: str
    path: str
    body: dict[str, Any] | None = None
    user: str | None = None
    segment: Segment | None = None
    shard: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def edit(
    person: Inhabitant, at: datetime, method: str, path: str, body: dict[str, Any] | None = None
) -> Call:
    """Return what somebody's app sends when they change a setting."""
    return Call(at, method, path, body, person.id, person.segment, person.id)


def ask(person: Inhabitant, at: datetime, path: str, body: dict[str, Any]) -> Call:
    """Return what a service of the platform asks about somebody."""
    return Call(at, "POST", path, body, segment=person.segment, shard=person.id)


def report(person: Inhabitant, at: datetime, kind: str, surface: str, event_id: str, **rest: Any) -> Call:
    """Return what the platform reports about somebody."""
    event = {
        "id": event_id,
        "kind": kind,
        "at": at.isoformat(),
        "viewer_id": person.id,
        "surface": surface,
        "segment": asdict(person.segment),
        **rest,
    }
    return Call(at, "POST", EVENTS, {"events": [event]}, shard=person.id)


def event_id_of(*names: object) -> str:
    """Return an id that is the same for the same names, as on a retry."""
    return str(uuid.uuid5(_NAMES, "-".join(map(str, names))))


def batched(calls: Sequence[Call]) -> list[Call]:
    """Put reports together, as a platform would; other calls stay as they are and come first."""
    reports = [call for call in calls if call.path == EVENTS]
    events = [event for call in reports for event in (call.body or {})["events"]]
    others = [call for call in calls if call.path != EVENTS]
    for start in range(0, len(events), EVENTS_PER_CALL):
        body = {"events": events[start : start + EVENTS_PER_CALL]}
        at = max(call.at for call in reports)
        others.append(Call(at, "POST", EVENTS, body, shard=f"batch-{start}"))
    return others
