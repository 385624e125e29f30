"""Signals in the form that decisions need: as few numbers as say the same, however many signals there were."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from service.domain.not_interested import (
    Entity,
    Push,
    by_entity,
    effect_of,
    end_of_hide,
    last_word,
    weight_left,
)

MOST_PUSHES: Final = 2_000
"""How many pushes a user's rules carry, the latest; rejected items are not among them and all stay."""


def merged(pushes: Iterable[Push]) -> tuple[tuple[str, ...], tuple[Push, ...]]:
    """Return the rejected items, and at most two pushes for each other thing, latest first.

    What had worn off when the latest signal was sent is left out; no clock is needed for that, and nothing that
    has worn off ever comes back.
    """
    about = by_entity(pushes)
    items = sorted(
        entity_id
        for (entity, entity_id), each in about.items()
        if entity is Entity.ITEM and last_word(each).weight > 0
    )
    latest = max((push.at for each in about.values() for push in each), default=None)
    alive = [
        push
        for (entity, _), each in about.items()
        if entity is not Entity.ITEM
        for push in _merged_about_one(each)
        if latest and effect_of([push], latest)
    ]
    alive.sort(key=lambda push: (push.entity, push.id, push.weak))
    alive.sort(key=lambda push: push.at, reverse=True)
    return tuple(items), tuple(alive[:MOST_PUSHES])


def _merged_about_one(pushes: Sequence[Push]) -> list[Push]:
    full = [push for push in pushes if not push.weak]
    weak = [push for push in pushes if push.weak]
    return ([_merged_full(full)] if full else []) + ([last_word(weak)] if weak else [])


def _merged_full(pushes: Sequence[Push]) -> Push:
    """Return one push that says the same: halving is the same for all, so that their sum can stand at one time."""
    last = last_word(pushes)
    if last.entity is Entity.AUTHOR or len(pushes) == 1:
        return last
    at: datetime = last.at
    return Push(last.entity, last.id, at, weight=weight_left(pushes, at), hides_until=end_of_hide(pushes))
