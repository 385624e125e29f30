"""Callers report what they showed and what people did with it; and panel viewers' requests are looked at again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from service.domain.events import Arrived
from service.domain.feed_counts import DecidedRequest, look_again
from service.domain.refusals import InvalidValue
from service.usecases.insight_ports import EventInbox
from service.usecases.ports import SettingsStore

LATEST: Final = timedelta(days=7)
FASTEST_CLOCK: Final = timedelta(minutes=5)


def accept_events(events: EventInbox, arrived: Sequence[Arrived], now: datetime) -> None:
    """Take a batch of events, all or none; the same event sent again, alone or in another batch, counts once."""
    for place, each in enumerate(arrived):
        if not now - LATEST <= each.event.at <= now + FASTEST_CLOCK:
            raise InvalidValue(f"events[{place}].at", "lies in the future or more than seven days back")
    if arrived:
        events.accept(arrived, now)


def look_again_at(
    settings: SettingsStore, events: EventInbox, request: DecidedRequest, event_id: str, now: datetime
) -> None:
    """Decide a panel viewer's request again by rules straight from the store, and keep what differs."""
    fresh = settings.feed_rules(request.viewer_id)
    edited_at = None
    if request.ready and request.ready.rules.version != fresh.version:
        edited_at = events.first_edit_after(request.viewer_id, request.ready.rules.revision, now)
    found = look_again(request, fresh, edited_at)
    if found:
        events.accept([Arrived(event_id, found)], now)
