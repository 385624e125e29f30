"""A user says what is not for them, gets a receipt, and can take it back."""

from dataclasses import dataclass

from service.domain.mutes import as_hashtag
from service.domain.not_interested import (
    Effect,
    NewSignal,
    Signal,
    believable_time,
    effects_of,
    pushes_of,
    require_named_entities,
)
from service.domain.people import UserId
from service.domain.refusals import NotFound
from service.domain.surfaces import require_known_surface
from service.usecases.editing import Edited, editing
from service.usecases.noting import note_signal, note_undone_signal
from service.usecases.ports import Parts, SettingsEdit


@dataclass(frozen=True, slots=True)
class Receipt:
    """A signal that was taken, and everything that now happens to what it is about."""

    signal: Signal
    effects: tuple[Effect, ...]


def send_not_interested(parts: Parts, user_id: UserId, new: NewSignal) -> Edited[Receipt]:
    """Take a signal, once for every id, and answer with what it does."""
    require_known_surface(new.surface)
    require_named_entities(new)
    with editing(parts, user_id) as settings:
        taken = settings.signals.find(new.id) if new.id else None
        if taken:
            settings.discard()
            return Edited(_receipt(parts, settings, taken), settings.head)
        signal = Signal(
            id=new.id or parts.new_id("ni"),
            item_id=new.item_id,
            surface=new.surface,
            reasons=new.reasons,
            author_id=new.author_id,
            sound_id=new.sound_id,
            hashtags=tuple(as_hashtag(tag) for tag in new.hashtags),
            topics=new.topics,
            request_id=new.request_id,
            position=new.position,
            at=believable_time(new.sent_at, parts.now()),
            revision=settings.head.revision,
        )
        note_signal(parts, settings, signal)
        settings.signals.put(signal)
        return Edited(_receipt(parts, settings, signal), settings.head, created=True)


def undo_not_interested(parts: Parts, user_id: UserId, signal_id: str) -> Edited[None]:
    """Take a signal back, however old it is."""
    with editing(parts, user_id) as settings:
        kept = settings.signals.find(signal_id)
        if kept is None:
            raise NotFound("signal")
        settings.signals.remove(signal_id)
        note_undone_signal(parts, settings, kept)
        return Edited(None, settings.head)


def _receipt(parts: Parts, settings: SettingsEdit, signal: Signal) -> Receipt:
    """Say what happens to the entities of one signal, earlier signals about them included."""
    about = {(push.entity, push.id) for push in pushes_of(signal)}
    effects = effects_of(settings.signals.all(), parts.now())
    return Receipt(signal, tuple(effect for effect in effects if (effect.entity, effect.id) in about))
