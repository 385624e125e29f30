"""Callers report what they showed and what people did with it; and panel viewers' requests are looked at again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from service.domain.events import Arrived
from service.domain.feed_counts import DecidedRequest, ShownUnasked, look_again, look_at_unasked
from service.domain.refusals import InvalidValue
from service.usecases.insight_ports import EventInbox
from service.usecases.ports import Parts, SettingsStore

LATEST: Final = timedelta(days=7)
FASTEST_CLOCK: Final = timedelta(minutes=5)


def accept_events(events: EventInbox, arrived: Sequence[Arrived], now: datetime) -> None:
    """Take a batch of events, all or none; the same event sent again, alone or in another batch, counts once."""
    for place, each in enumerate(arrived):
        _require_recent(each.event.at, now, f"events[{place}].at")
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


def look_at_what_was_shown(parts: Parts, shown: ShownUnasked, event_id: str) -> None:
    """Judge what a surface showed a panel viewer without asking, and keep no more of it than how much that was."""
    _require_recent(shown.at, parts.now(), "at")
    if not parts.events.is_on_panel(shown.viewer_id, shown.at):
        return
    found = look_at_unasked(shown, parts.settings.feed_rules(shown.viewer_id))
    if found:
        parts.events.accept([Arrived(event_id, found)], parts.now())


def _require_recent(at: datetime, now: datetime, field: str) -> None:
    if not now - LATEST <= at <= now + FASTEST_CLOCK:
        raise InvalidValue(field, "lies in the future or more than seven days back")
