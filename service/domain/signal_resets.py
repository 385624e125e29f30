"""Starting over: a reset sets aside what signals and sliders did so far, for a day in a way that can be undone."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from service.domain.not_interested import SIGNALS_PER_USER, Entity, Push, Reason, Signal, pushes_of
from service.domain.refusals import LimitReached, Refusal

RESETS_PER_USER: Final = 100
RESTORABLE_FOR: Final = timedelta(hours=24)
ERASED_AFTER: Final = timedelta(days=30)


class ResetScope(StrEnum):
    """What a reset sets aside: everything, what posts are about (topics, hashtags, sounds), or authors."""

    ALL = "all"
    TOPICS = "topics"
    AUTHORS = "authors"


COVERED: Final = {
    ResetScope.ALL: frozenset(Entity),
    ResetScope.TOPICS: frozenset({Entity.TOPIC, Entity.HASHTAG, Entity.SOUND}),
    ResetScope.AUTHORS: frozenset({Entity.AUTHOR}),
}

_UNNAMED: Final[dict[Entity, dict[str, Any]]] = {
    Entity.AUTHOR: {"author_id": None},
    Entity.SOUND: {"sound_id": None},
    Entity.HASHTAG: {"hashtags": ()},
    Entity.TOPIC: {"topics": ()},
}
"""How a signal says nothing about an entity; about its item it always does."""


@dataclass(frozen=True, slots=True)
class Reset:
    """A reset of everything in its scope that was sent before it; ``restored_at``: when it was taken back."""

    id: str
    scope: ResetScope
    at: datetime
    revision: int
    restored_at: datetime | None = None

    @property
    def restorable_until(self) -> datetime:
        """When what was set aside cannot be brought back any more."""
        return self.at + RESTORABLE_FOR

    @property
    def erased_from(self) -> datetime:
        """When what was set aside may be erased."""
        return self.at + ERASED_AFTER


class TooLateToRestore(Refusal):
    """A reset was made more than a day ago and stands."""

    code = "too-late-to-restore"

    def __init__(self, until: datetime) -> None:
        super().__init__("A reset can be taken back for 24 hours.", restorable_until=until)


def require_room_for_reset(count: int) -> None:
    """Refuse one more reset than there can be of which the subject is not erased yet."""
    if count >= RESETS_PER_USER:
        raise LimitReached(f"resets in {ERASED_AFTER.days} days", limit=RESETS_PER_USER, current=count + 1)


def require_restorable(reset: Reset, now: datetime) -> None:
    """Refuse to bring back what was set aside more than a day ago."""
    if now >= reset.restorable_until:
        raise TooLateToRestore(reset.restorable_until)


class Aside:
    """What resets set aside of one user's signals and sliders.

    By the time of sending, so that a late batch changes nothing about what a reset meant; where the clock shows
    the same instant, by which came first.
    """

    def __init__(self, resets: Iterable[Reset]) -> None:
        self._until: dict[Entity, tuple[datetime, int]] = {}
        for reset in resets:
            if reset.restored_at is None:
                for entity in COVERED[reset.scope]:
                    mark = (reset.at, reset.revision)
                    self._until[entity] = max(mark, self._until.get(entity, mark))

    def holds(self, entity: Entity, at: datetime, revision: int) -> bool:
        """Tell whether something about an entity, sent at an instant, does not count any more."""
        mark = self._until.get(entity)
        return mark is not None and (at, revision) <= mark


def counting_signals(signals: Iterable[Signal], resets: Iterable[Reset]) -> list[Signal]:
    """Return the signals that no reset of everything set aside, in their order."""
    aside = Aside(resets)
    return [each for each in signals if not aside.holds(Entity.ITEM, each.at, each.revision)]


def room_for_signals(signals: Collection[Signal], resets: Iterable[Reset]) -> int:
    """Return how many more signals a user may send; what resets set aside has as much room again."""
    return min(SIGNALS_PER_USER - len(counting_signals(signals, resets)), 2 * SIGNALS_PER_USER - len(signals))


def counting_parts(signals: Iterable[Signal], resets: Iterable[Reset]) -> Iterator[Signal]:
    """Yield signals that say no more than what still counts of each, for where nobody knows of the resets."""
    aside = Aside(resets)
    for signal in signals:
        yield _without(signal, [each for each in _UNNAMED if aside.holds(each, signal.at, signal.revision)])


def _without(signal: Signal, entities: Collection[Entity]) -> Signal:
    """Return a signal that does not speak of some entities.

    With none of its reasons left it keeps the item for one: a signal without a reason weakly means all that it names.
    """
    gone = {Reason(entity.value) for entity in entities}
    left = tuple(reason for reason in signal.reasons if reason not in gone)
    unnamed = {name: value for entity in entities for name, value in _UNNAMED[entity].items()}
    return replace(signal, reasons=left or (signal.reasons and (Reason.ITEM,)), **unnamed)


def counting_pushes(signals: Iterable[Signal], resets: Iterable[Reset]) -> Iterator[Push]:
    """Return what signals count for or against, without what resets set aside."""
    aside = Aside(resets)
    for signal in signals:
        for push in pushes_of(signal):
            if not aside.holds(push.entity, signal.at, signal.revision):
                yield push
