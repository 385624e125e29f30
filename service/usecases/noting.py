"""What edits say about themselves so that they can be counted, in the transaction of the edit."""

from datetime import datetime

from service.domain.events import ESCALATES_WITHIN, REPEATS_WITHIN, Event, EventKind
from service.domain.not_interested import Signal
from service.domain.people import UserId
from service.domain.segments import Control
from service.usecases.ports import Parts, SettingsEdit


def note_saved(parts: Parts, settings: SettingsEdit, control: Control, *, escalates: bool = False) -> None:
    """Count that somebody made a setting."""
    settings.note(
        Event(
            EventKind.SETTING_SAVED,
            parts.now(),
            settings.head.user_id,
            parts.segment,
            control,
            escalates=escalates,
            revision=settings.head.revision,
        )
    )


def note_removed(parts: Parts, settings: SettingsEdit, control: Control, made_at: datetime) -> None:
    """Count that somebody removed by hand what they had made."""
    settings.note(
        Event(
            EventKind.SETTING_REMOVED,
            parts.now(),
            settings.head.user_id,
            parts.segment,
            control,
            made_at=made_at,
            revision=settings.head.revision,
        )
    )


def note_signal(parts: Parts, settings: SettingsEdit, signal: Signal) -> None:
    """Count a signal, before it is put beside the earlier ones."""
    settings.note(
        Event(
            EventKind.SIGNAL_SENT,
            signal.at,
            settings.head.user_id,
            parts.segment,
            Control.NOT_INTERESTED,
            surface=signal.surface,
            reasons=tuple(reason.value for reason in signal.reasons),
            repeats=_repeats(settings, signal),
            revision=settings.head.revision,
            item_id=signal.item_id,
            author_id=signal.author_id,
            hashtags=signal.hashtags[:5],
            request_id=signal.request_id,
            position=signal.position,
        )
    )


def note_undone_signal(parts: Parts, settings: SettingsEdit, signal: Signal) -> None:
    """Count that somebody took a signal back."""
    settings.note(
        Event(
            EventKind.SIGNAL_UNDONE,
            parts.now(),
            settings.head.user_id,
            parts.segment,
            Control.NOT_INTERESTED,
            made_at=signal.at,
            revision=settings.head.revision,
        )
    )


def was_rejected(settings: SettingsEdit, author_id: UserId, now: datetime) -> bool:
    """Tell whether the user rejected a post of somebody in the days before."""
    since = now - ESCALATES_WITHIN
    return any(each.author_id == author_id and each.at >= since for each in settings.signals.all())


def _repeats(settings: SettingsEdit, signal: Signal) -> bool:
    since = signal.at - REPEATS_WITHIN
    return any(
        each.at >= since
        and (
            (each.author_id is not None and each.author_id == signal.author_id)
            or not set(each.hashtags).isdisjoint(signal.hashtags)
        )
        for each in settings.signals.all()
    )
