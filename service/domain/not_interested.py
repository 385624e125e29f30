"""Not interested, and its mirror image, show more: what a signal does to whom, how strongly, and until when."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from service.domain.refusals import InvalidValue, LimitReached, require_few

SIGNALS_PER_BATCH: Final = 100
SIGNALS_PER_USER: Final = 10_000
"""Two years of fourteen a day; every reading of a user's rules goes through all of them."""
HASHTAGS_PER_SIGNAL: Final = 100
TOPICS_PER_SIGNAL: Final = 50
LAST_POSITION: Final = 10_000
LATEST_ARRIVAL: Final = timedelta(days=7)
UNDONE_KEPT_FOR: Final = timedelta(days=90)
"""Longer than any device repeats itself, and long enough to be counted."""

AUTHOR_HIDDEN_FOR: Final = timedelta(days=14)
AUTHOR_RECOVERS_OVER: Final = timedelta(days=140)
AUTHOR_LOWEST: Final = 0.2
HALF_LIFE: Final = timedelta(days=30)
FACTOR_PER_SIGNAL: Final = 0.5
LOWEST: Final = 0.05
HIGHEST: Final = 1.6
"""How far signals lift at most: as far as the topmost topic slider."""

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


class Direction(StrEnum):
    """Whether a user wants less of something, or takes an earlier "less" back by asking for more."""

    LESS = "less"
    MORE = "more"


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
    LIFT = "lift"


@dataclass(frozen=True, slots=True)
class NewSignal:
    """A signal as a client sends it: the item, what came with it, and what the user said about it."""

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
    direction: Direction = Direction.LESS


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
    direction: Direction = Direction.LESS


@dataclass(frozen=True, slots=True)
class UndoneSignal:
    """What is left of a signal that was taken back: enough to count it, and to know its id when it comes again."""

    id: str
    direction: Direction
    surface: str
    reasons: tuple[Reason, ...]
    sent_at: datetime
    undone_at: datetime


class Push(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True, gc=False):
    """One signal's share in what happens to one entity, or the share of several taken together.

    ``weight`` counts signals as of ``at``, those that ask for more as negative. ``hides_until`` is the end of the
    hide that several together brought about.
    """

    entity: Entity
    id: str
    at: datetime
    weak: bool = False
    weight: float = 1.0
    hides_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What the signals about one entity do now: ``strength`` is 0 for hidden, else the factor on its rank.

    A lift has a strength above 1, up to 1.6.

    ``until`` is when the effect changes by itself: a hide ends, or a recovery is complete. None: never (an
    item), or fading without a fixed end (a half-life).
    """

    entity: Entity
    id: str
    kind: EffectKind
    strength: float
    until: datetime | None


def require_named_entities(signal: NewSignal | Signal) -> None:
    """Refuse a reason about something that did not come with the item."""
    require_few("reasons of a signal", signal.reasons, len(Reason))
    named = {
        Reason.AUTHOR: signal.author_id,
        Reason.SOUND: signal.sound_id,
        Reason.HASHTAG: signal.hashtags,
        Reason.TOPIC: signal.topics,
    }
    for reason in signal.reasons:
        if reason in named and not named[reason]:
            raise InvalidValue("reasons", f"{reason} needs the {reason} that came with the item")


def believable_time(sent_at: datetime | None, now: datetime) -> datetime:
    """Return when a signal was sent, never in the future and at most seven days late."""
    return now if sent_at is None else min(max(sent_at, now - LATEST_ARRIVAL), now)


def require_room_for_signal(room: int) -> None:
    """Refuse one more signal than there is room for; the oldest make none: what they reject never comes again."""
    if room <= 0:
        raise LimitReached("signals", limit=SIGNALS_PER_USER, current=SIGNALS_PER_USER + 1)


def pushes_of(signal: Signal) -> Iterator[Push]:
    """Say which entities a signal counts for or against, each once however often it came with the item."""
    weight = 1.0 if signal.direction is Direction.LESS else -1.0
    yield Push(Entity.ITEM, signal.item_id, signal.at, weight=weight)
    if not signal.reasons:
        yield from _weak_pushes(signal, weight)
    if Reason.AUTHOR in signal.reasons and signal.author_id:
        yield Push(Entity.AUTHOR, signal.author_id, signal.at, weight=weight)
    if Reason.SOUND in signal.reasons and signal.sound_id:
        yield Push(Entity.SOUND, signal.sound_id, signal.at, weight=weight)
    if Reason.HASHTAG in signal.reasons:
        for tag in dict.fromkeys(signal.hashtags):
            yield Push(Entity.HASHTAG, tag, signal.at, weight=weight)
    if Reason.TOPIC in signal.reasons:
        for topic in dict.fromkeys(signal.topics):
            yield Push(Entity.TOPIC, topic, signal.at, weight=weight)


def _weak_pushes(signal: Signal, weight: float) -> Iterator[Push]:
    if signal.author_id:
        yield Push(Entity.AUTHOR, signal.author_id, signal.at, weak=True, weight=weight)
    for topic in dict.fromkeys(signal.topics):
        yield Push(Entity.TOPIC, topic, signal.at, weak=True, weight=weight)


def effects_of(pushes: Iterable[Push], now: datetime) -> list[Effect]:
    """Return every effect that pushes have at ``now``, strongest first."""
    effects = (effect_of(each, now) for each in by_entity(pushes).values())
    return sorted(
        (effect for effect in effects if effect), key=lambda each: (each.strength, each.entity, each.id)
    )


def by_entity(pushes: Iterable[Push]) -> dict[tuple[Entity, str], list[Push]]:
    """Lay pushes together that are about the same thing."""
    about: dict[tuple[Entity, str], list[Push]] = {}
    for push in pushes:
        about.setdefault((push.entity, push.id), []).append(push)
    return about


def effect_of(pushes: Sequence[Push], now: datetime) -> Effect | None:
    """Return what the pushes about one entity do to it at ``now``; None once they have worn off."""
    entity, entity_id = pushes[0].entity, pushes[0].id
    if entity is Entity.ITEM:
        rejected = last_word(pushes).weight > 0
        return Effect(entity, entity_id, EffectKind.HIDE, 0.0, None) if rejected else None
    full = [push for push in pushes if not push.weak]
    judged = _author_effect(full, now) if entity is Entity.AUTHOR else _fading_effect(full, now)
    strength, until = _adjusted(judged, entity, [push for push in pushes if push.weak], now)
    if math.isclose(strength, 1.0):
        return None
    return Effect(entity, entity_id, _kind(strength), strength, until)


def _kind(strength: float) -> EffectKind:
    if not strength:
        return EffectKind.HIDE
    return EffectKind.DOWNRANK if strength < 1 else EffectKind.LIFT


def last_word(pushes: Sequence[Push]) -> Push:
    """Return the latest push; of two at the same instant the one that asks for less."""
    return max(pushes, key=lambda push: (push.at, push.weight > 0))


def author_recovery(last: datetime, now: datetime) -> float:
    """Return the factor on an author last rejected at ``last``: 0.2 for 14 days, then up to 1 over 140."""
    return AUTHOR_LOWEST + (1 - AUTHOR_LOWEST) * _way_back(last, now)


def _way_back(last: datetime, now: datetime) -> float:
    """Return how far an author has come back to where they stood, from 0 to 1."""
    return min(max((now - last - AUTHOR_HIDDEN_FOR) / AUTHOR_RECOVERS_OVER, 0.0), 1.0)


def _author_effect(pushes: Sequence[Push], now: datetime) -> tuple[float, datetime | None]:
    """Judge an author by the last word alone; asking for more lifts as long as a rejection would lower."""
    if not pushes:
        return 1.0, None
    last = last_word(pushes)
    whole_again = last.at + AUTHOR_HIDDEN_FOR + AUTHOR_RECOVERS_OVER
    if last.weight < 0:
        return HIGHEST - (HIGHEST - 1) * _way_back(last.at, now), whole_again
    if now < last.at + AUTHOR_HIDDEN_FOR:
        return 0.0, last.at + AUTHOR_HIDDEN_FOR
    return author_recovery(last.at, now), whole_again


def _fading_effect(pushes: Sequence[Push], now: datetime) -> tuple[float, datetime | None]:
    hidden_until = end_of_hide(pushes)
    if hidden_until and now < hidden_until:
        return 0.0, hidden_until
    factor = FACTOR_PER_SIGNAL ** weight_left(pushes, now)
    if NOTICEABLE < factor < 1 / NOTICEABLE:
        return 1.0, None
    return min(max(LOWEST, factor), HIGHEST), None


def weight_left(pushes: Iterable[Push], now: datetime) -> float:
    """Return how many fresh signals those about a topic, hashtag or sound still amount to."""
    return math.fsum(push.weight * 0.5 ** ((now - push.at) / HALF_LIFE) for push in pushes)


def end_of_hide(pushes: Sequence[Push]) -> datetime | None:
    """Return when the last hide ends that three signals within 14 days brought about.

    Asking for more ends a hide, and what came before does not count towards the next one.
    """
    taken_back = max((push.at for push in pushes if push.weight < 0), default=None)
    against = [push for push in pushes if push.weight > 0 and (taken_back is None or push.at >= taken_back)]
    times = sorted(push.at for push in against)
    thirds = zip(times, times[REPEATS_THAT_HIDE - 1 :], strict=False)
    ends = [last + REPEATS_HIDE_FOR for first, last in thirds if last - first <= REPEATS_WITHIN]
    return max(ends + [push.hides_until for push in pushes if push.hides_until], default=None)


def _adjusted(
    judged: tuple[float, datetime | None], entity: Entity, weak: Sequence[Push], now: datetime
) -> tuple[float, datetime | None]:
    """Add what signals without a reason do: a fixed factor for 14 days after the last, within the bounds."""
    strength, until = judged
    if not weak or not strength:
        return strength, until
    last = last_word(weak)
    if now >= last.at + WEAK_FOR:
        return strength, until
    factor = WEAK_AUTHOR if entity is Entity.AUTHOR else WEAK_TOPIC
    changed = strength * factor if last.weight > 0 else strength / factor
    return min(max(LOWEST, changed), HIGHEST), last.at + WEAK_FOR
