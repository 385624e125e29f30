"""A user says what is not for them, or after all, gets a receipt, and can take it back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from service.domain.mutes import usable_hashtags
from service.domain.not_interested import (
    Effect,
    NewSignal,
    Push,
    Signal,
    UndoneSignal,
    believable_time,
    effects_of,
    pushes_of,
    require_named_entities,
    require_room_for_signal,
)
from service.domain.offers import Offer, offers_from
from service.domain.people import UserId
from service.domain.refusals import NotFound, Refusal
from service.domain.signal_resets import counting_pushes, room_for_signals
from service.domain.surfaces import require_known_surface
from service.usecases.editing import Edited, editing
from service.usecases.noting import note_signal, note_undone_signal
from service.usecases.ports import Parts, SettingsEdit


class Taking(StrEnum):
    """What became of one signal."""

    TAKEN = "taken"
    KNOWN = "known"
    UNDONE = "undone"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A signal that was sent, and everything that now happens to what it is about."""

    id: str | None
    status: Taking
    revision: int
    signal: Signal | None = None
    effects: tuple[Effect, ...] = ()
    offers: tuple[Offer, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class _Heard:
    """What became of one signal, before the effects of all of them are known."""

    id: str | None
    status: Taking
    signal: Signal | None = None
    refusal: Refusal | None = None


def send_not_interested(parts: Parts, user_id: UserId, new: NewSignal) -> Edited[Receipt]:
    """Take a signal, once for every id, and answer with what it does."""
    sent = send_many_not_interested(parts, user_id, [new])
    [receipt] = sent.value
    if receipt.refusal:
        raise receipt.refusal
    return Edited(receipt, sent.head, created=receipt.status is Taking.TAKEN)


def send_many_not_interested(
    parts: Parts, user_id: UserId, asked: Sequence[NewSignal | Refusal]
) -> Edited[tuple[Receipt, ...]]:
    """Take signals as a device collected them, in one edit; one that is refused leaves the others alone.

    What the caller could not even read comes as a refusal, and goes back in its place.
    """
    with editing(parts, user_id) as settings:
        signals, resets = settings.signals.all(), settings.resets.all()
        heard = _hear(parts, settings, asked, room_for_signals(signals, resets))
        taken = [each.signal for each in heard if each.signal and each.status is Taking.TAKEN]
        if not taken:
            settings.discard()
        for signal in taken:
            note_signal(parts, settings, signal, earlier=signals)
            signals.append(signal)
        settings.signals.put(*taken)
        pushes = list(counting_pushes(signals, resets))
        revision = settings.head.revision
        return Edited(tuple(_receipt(parts, each, revision, pushes) for each in heard), settings.head)


def _hear(
    parts: Parts, settings: SettingsEdit, asked: Sequence[NewSignal | Refusal], room: int
) -> list[_Heard]:
    """Judge each by itself, where there is room for so many more."""
    ids = [new.id for new in asked if isinstance(new, NewSignal) and new.id]
    known = settings.signals.find(*ids)
    undone = settings.signals.find_undone(*ids)
    heard = []
    for new in asked:
        if isinstance(new, Refusal):
            heard.append(_Heard(None, Taking.REFUSED, refusal=new))
        elif new.id in known:
            heard.append(_Heard(new.id, Taking.KNOWN, known[new.id]))
        elif new.id in undone:
            heard.append(_Heard(new.id, Taking.UNDONE))
        else:
            heard.append(_taken(parts, settings, new, room))
            if heard[-1].signal:
                room -= 1
                known[heard[-1].signal.id] = heard[-1].signal
    return heard


def _taken(parts: Parts, settings: SettingsEdit, new: NewSignal, room: int) -> _Heard:
    new = replace(new, hashtags=usable_hashtags(new.hashtags))
    try:
        require_known_surface(new.surface)
        require_named_entities(new)
        require_room_for_signal(room)
    except Refusal as refusal:
        return _Heard(new.id, Taking.REFUSED, refusal=refusal)
    signal = Signal(
        id=new.id or parts.new_id("ni"),
        item_id=new.item_id,
        surface=new.surface,
        reasons=new.reasons,
        author_id=new.author_id,
        sound_id=new.sound_id,
        hashtags=new.hashtags,
        topics=new.topics,
        request_id=new.request_id,
        position=new.position,
        at=believable_time(new.sent_at, parts.now()),
        revision=settings.head.revision,
        direction=new.direction,
    )
    return _Heard(signal.id, Taking.TAKEN, signal)


def _receipt(parts: Parts, heard: _Heard, revision: int, pushes: Iterable[Push]) -> Receipt:
    """Say what happens to the entities of one signal, earlier signals about them included."""
    if heard.signal is None:
        return Receipt(heard.id, heard.status, revision, refusal=heard.refusal)
    named = {(push.entity, push.id) for push in pushes_of(heard.signal)}
    about = [push for push in pushes if (push.entity, push.id) in named]
    now = parts.now()
    return Receipt(
        heard.id,
        heard.status,
        heard.signal.revision,
        heard.signal,
        tuple(effects_of(about, now)),
        tuple(offers_from(about, now)),
    )


def undo_not_interested(parts: Parts, user_id: UserId, signal_id: str) -> Edited[None]:
    """Take a signal back, however old it is; fine where it was taken back before."""
    with editing(parts, user_id) as settings:
        signal = settings.signals.find(signal_id).get(signal_id)
        if signal is None:
            if not settings.signals.find_undone(signal_id):
                raise NotFound("signal")
            settings.discard()
            return Edited(None, settings.head)
        settings.signals.remove(signal_id)
        note_undone_signal(parts, settings, signal)
        settings.signals.note_undone(
            UndoneSignal(
                id=signal.id,
                direction=signal.direction,
                surface=signal.surface,
                reasons=signal.reasons,
                sent_at=signal.at,
                undone_at=parts.now(),
            )
        )
        return Edited(None, settings.head)
