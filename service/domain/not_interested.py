"""Not interested: what a signal does to whom, how strongly, and until when."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from service.domain.refusals import InvalidValue

SIGNALS_PER_BATCH: Final = 100
LATEST_ARRIVAL: Final = timedelta(days=7)

AUTHOR_HIDDEN_FOR: Final = timedelta(days=14)
AUTHOR_RECOVERS_OVER: Final = timedelta(days=140)
AUTHOR_LOWEST: Final = 0.2
HALF_LIFE: Final = timedelta(days=30)
FACTOR_PER_SIGNAL: Final = 0.5
LOWEST: Final = 0.05
REPEATS_THAT_HIDE: Final = 3
REPEATS_WITHIN: Final = timedelta(days=14)
REPEATS_HIDE_FOR: Final = timedelta(days=14)
WEAK_FOR: Final = timedelta(days=14)
WEAK_AUTHOR: Final = 0.7
WEAK_TOPIC: Final = 0.8
NOTICEABLE: Final = 0.99


class Reason(StrEnum):
    """What a user says is wrong with an item."""

    ITEM = "item"
    AUTHOR = "author"
    SOUND = "sound"
    HASHTAG = "hashtag"
    TOPIC = "topic"
    ALREADY_SEEN = "already_seen"
    LOW_QUALITY = "low_quality"
    REPETITIVE = "repetitive"
    OFFENSIVE = "offensive"
    OTHER = "other"


class Entity(StrEnum):
    """What an effect is about."""

    ITEM = "item"
    AUTHOR = "author"
    SOUND = "sound"
    HASHTAG = "hashtag"
    TOPIC = "topic"


class EffectKind(StrEnum):
    """What an effect does to a post."""

    HIDE = "hide"
    DOWNRANK = "downrank"


@dataclass(frozen=True, slots=True)
class NewSignal:
    """A signal as a client sends it: the item, what came with it, and what the user said is wrong."""

    item_id: str
    surface: str
    reasons: tuple[Reason, ...] = ()
    author_id: str | None = None
    sound_id: str | None = None
    hashtags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    request_id: str | None = None
    position: int | None = None
    sent_at: datetime | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal that is kept; ``at`` is when it was sent, held within what a late batch may claim."""

    id: str
    item_id: str
    surface: str
    reasons: tuple[Reason, ...]
    author_id: str | None
    sound_id: str | None
    hashtags: tuple[str, ...]
    topics: tuple[str, ...]
    request_id: str | None
    position: int | None
    at: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class Push:
    """One signal's share in what happens to one entity."""

    entity: Entity
    id: str
    at: datetime
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What the signals about one entity do now: ``strength`` is 0 for hidden, else the factor on its rank.

    ``until`` is when the effect changes by itself: a hide ends, or a recovery is complete. None: never (an
    item), or fading without a fixed end (a half-life).
    """

    entity: Entity
    id: str
    kind: EffectKind
    strength: float
    until: datetime | None


def require_named_entities(new: NewSignal) -> None:
    """Refuse a reason about something that did not come with the item."""
    named = {
        Reason.AUTHOR: new.author_id,
        Reason.SOUND: new.sound_id,
        Reason.HASHTAG: new.hashtags,
        Reason.TOPIC: new.topics,
    }
    for reason in new.reasons:
        if reason in named and not named[reason]:
            raise InvalidValue("reasons", f"{reason} needs the {reason} that came with the item")


def believable_time(sent_at: datetime | None, now: datetime) -> datetime:
    """Return when a signal was sent, never in the future and at most seven days late."""
    return now if sent_at is None else min(max(sent_at, now - LATEST_ARRIVAL), now)


def pushes_of(signal: Signal) -> Iterator[Push]:
    """Say which entities a signal counts against, each once however often it came with the item."""
    yield Push(Entity.ITEM, signal.item_id, signal.at)
    if not signal.reasons:
        yield from _weak_pushes(signal)
    if Reason.AUTHOR in signal.reasons and signal.author_id:
        yield Push(Entity.AUTHOR, signal.author_id, signal.at)
    if Reason.SOUND in signal.reasons and signal.sound_id:
        yield Push(Entity.SOUND, signal.sound_id, signal.at)
    if Reason.HASHTAG in signal.reasons:
        yield from (Push(Entity.HASHTAG, tag, signal.at) for tag in dict.fromkeys(signal.hashtags))
    if Reason.TOPIC in signal.reasons:
        yield from (Push(Entity.TOPIC, topic, signal.at) for topic in dict.fromkeys(signal.topics))


def _weak_pushes(signal: Signal) -> Iterator[Push]:
    if signal.author_id:
        yield Push(Entity.AUTHOR, signal.author_id, signal.at, weak=True)
    yield from (Push(Entity.TOPIC, topic, signal.at, weak=True) for topic in dict.fromkeys(signal.topics))


def effects_of(signals: Iterable[Signal], now: datetime) -> list[Effect]:
    """Return every effect that the signals have at ``now``, strongest first."""
    by_entity: dict[tuple[Entity, str], list[Push]] = {}
    for signal in signals:
        for push in pushes_of(signal):
            by_entity.setdefault((push.entity, push.id), []).append(push)
    effects = (effect_of(pushes, now) for pushes in by_entity.values())
    return sorted((effect for effect in effects if effect), key=lambda effect: (effect.strength, effect.id))


def effect_of(pushes: Sequence[Push], now: datetime) -> Effect | None:
    """Return what the pushes against one entity do to it at ``now``; None once they have worn off."""
    entity, entity_id = pushes[0].entity, pushes[0].id
    if entity is Entity.ITEM:
        return Effect(entity, entity_id, EffectKind.HIDE, 0.0, None)
    full = [push.at for push in pushes if not push.weak]
    judged = _author_effect(full, now) if entity is Entity.AUTHOR else _fading_effect(full, now)
    strength, until = _weakened(judged, entity, [push.at for push in pushes if push.weak], now)
    if strength >= 1.0:
        return None
    kind = EffectKind.DOWNRANK if strength else EffectKind.HIDE
    return Effect(entity, entity_id, kind, strength, until)


def author_recovery(last: datetime, now: datetime) -> float:
    """Return the factor on an author last rejected at ``last``: 0.2 for 14 days, then up to 1 over 140."""
    into = (now - last - AUTHOR_HIDDEN_FOR) / AUTHOR_RECOVERS_OVER
    return AUTHOR_LOWEST + (1 - AUTHOR_LOWEST) * min(max(into, 0.0), 1.0)


def _author_effect(times: Sequence[datetime], now: datetime) -> tuple[float, datetime | None]:
    if not times:
        return 1.0, None
    last = max(times)
    if now < last + AUTHOR_HIDDEN_FOR:
        return 0.0, last + AUTHOR_HIDDEN_FOR
    return author_recovery(last, now), last + AUTHOR_HIDDEN_FOR + AUTHOR_RECOVERS_OVER


def _fading_effect(times: Sequence[datetime], now: datetime) -> tuple[float, datetime | None]:
    hidden_until = _hidden_by_repetition(sorted(times))
    if hidden_until and now < hidden_until:
        return 0.0, hidden_until
    left = sum(0.5 ** ((now - at) / HALF_LIFE) for at in times)
    factor = FACTOR_PER_SIGNAL**left
    return (1.0 if factor > NOTICEABLE else max(LOWEST, factor)), None


def _hidden_by_repetition(times: Sequence[datetime]) -> datetime | None:
    """Return the end of the last hide that three signals within 14 days brought about."""
    thirds = zip(times, times[REPEATS_THAT_HIDE - 1 :], strict=False)
    ends = (last + REPEATS_HIDE_FOR for first, last in thirds if last - first <= REPEATS_WITHIN)
    return max(ends, default=None)


def _weakened(
    judged: tuple[float, datetime | None], entity: Entity, weak: Sequence[datetime], now: datetime
) -> tuple[float, datetime | None]:
    """Add what signals without a reason do: a fixed factor for 14 days after the last, never below the floor."""
    strength, until = judged
    weak_until = max((at + WEAK_FOR for at in weak), default=now)
    if now >= weak_until or not strength:
        return strength, until
    factor = WEAK_AUTHOR if entity is Entity.AUTHOR else WEAK_TOPIC
    return max(LOWEST, strength * factor), weak_until
