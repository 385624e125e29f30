"""A user edits keyword filters."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.domain.keyword_filters import (
    FilterWording,
    KeywordFilter,
    KeywordFilterExists,
    NewKeywordFilter,
    require_room,
    require_valid_change,
    require_valid_wording,
)
from service.domain.overlaps import SettingWarning, repeated_terms
from service.domain.people import UserId
from service.domain.refusals import NotFound
from service.domain.segments import Control
from service.usecases.editing import Edited, editing, require_unchanged
from service.usecases.noting import note_removed, note_saved
from service.usecases.ports import Parts, SettingsEdit


@dataclass(frozen=True, slots=True)
class KeptFilter:
    """A filter as it is kept, and what its owner may want to know about it."""

    filter: KeywordFilter
    warnings: tuple[SettingWarning, ...] = ()


def add_keyword_filter(parts: Parts, user_id: UserId, new: NewKeywordFilter) -> Edited[KeptFilter]:
    """Keep something more out of a user's feeds; the same filter under the same id twice changes nothing.

    A preset such as ``7d`` counts from when the filter was first added, so that a retry asks for the same end.
    """
    now = parts.now()
    with editing(parts, user_id) as settings:
        kept = settings.keyword_filters.find(new.id) if new.id else None
        if kept:
            settings.discard()
            if kept.wording != new.wording_from(kept.created_at):
                raise KeywordFilterExists(kept.id)
            return Edited(KeptFilter(kept), settings.head)
        wording = new.wording_from(now)
        require_valid_wording(wording, now)
        filter_id = new.id or parts.new_id("kf")
        added = KeywordFilter(filter_id, wording, now, settings.head.revision)
        standing = settings.keyword_filters.all()
        kept_filter = _keep(settings, added, standing, now)
        note_saved(parts, settings, Control.KEYWORD_FILTER, begins=not standing)
        return Edited(kept_filter, settings.head, created=True)


def change_keyword_filter(
    parts: Parts,
    user_id: UserId,
    filter_id: str,
    change: Callable[[FilterWording], FilterWording],
    *,
    expected: Collection[int] | None = None,
) -> Edited[KeptFilter]:
    """Change what a filter says; ``change`` gets its wording as it stands and returns it as wanted."""
    now = parts.now()
    with editing(parts, user_id) as settings:
        kept = _require_filter(settings, filter_id)
        require_unchanged(kept, expected)
        wording = change(kept.wording)
        if wording == kept.wording:
            settings.discard()
            return Edited(KeptFilter(kept), settings.head)
        require_valid_change(kept.wording, wording, now)
        changed = KeywordFilter(kept.id, wording, kept.created_at, settings.head.revision)
        return Edited(_keep(settings, changed, settings.keyword_filters.all(), now), settings.head)


def remove_keyword_filter(
    parts: Parts, user_id: UserId, filter_id: str, *, expected: Collection[int] | None = None
) -> Edited[None]:
    """Let through again what one filter kept out."""
    with editing(parts, user_id) as settings:
        kept = _require_filter(settings, filter_id)
        require_unchanged(kept, expected)
        settings.keyword_filters.remove(filter_id)
        note_removed(parts, settings, Control.KEYWORD_FILTER, kept.created_at)
        return Edited(None, settings.head)


def _require_filter(settings: SettingsEdit, filter_id: str) -> KeywordFilter:
    kept = settings.keyword_filters.find(filter_id)
    if kept is None:
        raise NotFound("keyword filter")
    return kept


def _keep(
    settings: SettingsEdit, wanted: KeywordFilter, standing: Sequence[KeywordFilter], now: datetime
) -> KeptFilter:
    others = [other for other in standing if other.id != wanted.id]
    require_room(others, wanted.wording)
    settings.keyword_filters.put(wanted)
    return KeptFilter(wanted, tuple(repeated_terms(others, wanted.wording, now)))
