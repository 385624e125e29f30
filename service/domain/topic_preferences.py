"""Topic sliders: how much of a topic a user wants, on purpose and without an end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.domain.not_interested import Entity
from service.domain.refusals import InvalidValue, LimitReached
from service.domain.signal_resets import Aside, Reset

TOPICS_PER_USER: Final = 500
FACTORS: Final = {-2: 0.1, -1: 0.5, 0: 1.0, 1: 1.3, 2: 1.6}
"""The factor on a post's rank for each position. The lowest is no guarantee; muting the topic is."""


@dataclass(frozen=True, slots=True)
class TopicPreference:
    """A slider that a user moved; ``set_at`` is when they last did."""

    topic: str
    level: int
    set_at: datetime
    revision: int


def counting_preferences(
    preferences: Iterable[TopicPreference], resets: Iterable[Reset]
) -> list[TopicPreference]:
    """Return the sliders that no reset set aside, in their order."""
    aside = Aside(resets)
    return [each for each in preferences if not aside.holds(Entity.TOPIC, each.set_at, each.revision)]


def levels_of(preferences: Iterable[TopicPreference]) -> dict[str, int]:
    """Return the positions that change anything, by topic."""
    return {each.topic: each.level for each in preferences if each.level}


def require_position(level: int) -> None:
    """Refuse a position that the slider does not have."""
    if level not in FACTORS:
        raise InvalidValue("level", f"is one of {', '.join(map(str, FACTORS))}")


def require_room_for_topic(count: int) -> None:
    """Refuse one more slider than a user can have moved."""
    if count >= TOPICS_PER_USER:
        raise LimitReached("topic preferences", limit=TOPICS_PER_USER, current=count + 1)
