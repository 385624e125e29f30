"""Starting over: a reset sets aside what signals and sliders did so far, for a day in a way that can be undone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from service.domain.not_interested import Entity, Push, Signal, pushes_of
from service.domain.refusals import Refusal

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


def counting_pushes(signals: Iterable[Signal], resets: Iterable[Reset]) -> Iterator[Push]:
    """Return what signals count for or against, without what resets set aside."""
    aside = Aside(resets)
    for signal in signals:
        for push in pushes_of(signal):
            if not aside.holds(push.entity, signal.at, signal.revision):
                yield push
