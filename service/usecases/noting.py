"""What edits say about themselves so that they can be counted, in the transaction of the edit."""

from collections.abc import Collection
from datetime import datetime

from service.domain.comments import CommentState, HeldComment
from service.domain.events import ESCALATES_WITHIN, REPEATS_WITHIN, Event, EventKind
from service.domain.not_interested import Direction, Signal
from service.domain.people import UserId
from service.domain.segments import Control
from service.usecases.ports import Parts, SettingsEdit


def note_saved(
    parts: Parts, settings: SettingsEdit, control: Control, *, begins: bool, escalates: bool = False
) -> None:
    """Count that somebody made a setting; ``begins``: they had none of this control before."""
    settings.note(
        Event(
            EventKind.SETTING_SAVED,
            parts.now(),
            settings.head.user_id,
            parts.segment,
            control,
            begins=begins,
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


def note_signal(parts: Parts, settings: SettingsEdit, signal: Signal, *, earlier: Collection[Signal]) -> None:
    """Count a signal beside the earlier ones; asking for more is no rejection and is not counted as one."""
    if signal.direction is Direction.MORE:
        return
    settings.note(
        Event(
            EventKind.SIGNAL_SENT,
            signal.at,
            settings.head.user_id,
            parts.segment,
            Control.NOT_INTERESTED,
            surface=signal.surface,
            reasons=tuple(reason.value for reason in signal.reasons),
            begins=not earlier,
            repeats=_repeats(signal, earlier),
            revision=settings.head.revision,
            item_id=signal.item_id,
            author_id=signal.author_id,
            hashtags=signal.hashtags[:5],
            topics=signal.topics[:5],
            request_id=signal.request_id,
            position=signal.position,
        )
    )


def note_undone_signal(parts: Parts, settings: SettingsEdit, signal: Signal) -> None:
    """Count that somebody took a rejection back."""
    if signal.direction is Direction.MORE:
        return
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


def note_review(parts: Parts, settings: SettingsEdit, judged: HeldComment) -> None:
    """Count that somebody decided about a comment that waited."""
    approved = judged.state is CommentState.APPROVED
    settings.note(
        Event(
            EventKind.COMMENT_APPROVED if approved else EventKind.COMMENT_REJECTED,
            parts.now(),
            settings.head.user_id,
            parts.segment,
            Control.COMMENT_LIMIT,
            limit=judged.reasons[0].value if judged.reasons else None,
            made_at=judged.held_at,
            revision=settings.head.revision,
        )
    )


def recently_rejected(settings: SettingsEdit, now: datetime) -> set[UserId]:
    """Return of whom the user rejected a post in the days before."""
    since = now - ESCALATES_WITHIN
    return {
        each.author_id
        for each in settings.signals.all()
        if each.author_id and each.at >= since and each.direction is Direction.LESS
    }


def _repeats(signal: Signal, earlier: Collection[Signal]) -> bool:
    since = signal.at - REPEATS_WITHIN
    return any(
        each.at >= since
        and each.direction is Direction.LESS
        and (
            (each.author_id is not None and each.author_id == signal.author_id)
            or not set(each.hashtags).isdisjoint(signal.hashtags)
        )
        for each in earlier
    )
