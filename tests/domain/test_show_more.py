"""Asking for more: the mirror image of a signal, so that a suppression can be walked back on purpose."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.not_interested import (
    Direction,
    Effect,
    EffectKind,
    Entity,
    Push,
    Reason,
    effect_of,
    pushes_of,
)
from tests.builders import NOW, a_signal

DAY = timedelta(days=1)
AGES = st.timedeltas(timedelta(0), timedelta(days=400))
LESS, MORE = 1.0, -1.0


def push(entity: Entity, weight: float, age: timedelta = timedelta(0), *, weak: bool = False) -> Push:
    return Push(entity, "it", NOW - age, weak=weak, weight=weight)


def strength(*pushes: Push, at: datetime = NOW) -> float:
    effect = effect_of(pushes, at)
    return effect.strength if effect else 1.0


def test_ni_11_more_of_an_item_brings_it_back() -> None:
    assert strength(push(Entity.ITEM, LESS, DAY), push(Entity.ITEM, MORE)) == 1.0
    assert strength(push(Entity.ITEM, LESS), push(Entity.ITEM, MORE, DAY)) == 0.0


def test_ni_11_of_two_words_at_the_same_instant_the_one_for_less_counts() -> None:
    assert strength(push(Entity.ITEM, MORE), push(Entity.ITEM, LESS)) == 0.0
    assert strength(push(Entity.AUTHOR, LESS), push(Entity.AUTHOR, MORE)) == 0.0


def test_ni_11_more_of_an_author_ends_the_14_days() -> None:
    rejected, wanted = push(Entity.AUTHOR, LESS, DAY), push(Entity.AUTHOR, MORE)

    assert strength(rejected) == 0.0
    assert strength(rejected, wanted) == 1.6


@pytest.mark.parametrize(("days", "factor"), [(0, 1.6), (14, 1.6), (84, 1.3), (154, 1.0)])
def test_ni_11_an_author_is_lifted_for_as_long_as_a_rejection_would_lower(days: int, factor: float) -> None:
    assert strength(push(Entity.AUTHOR, MORE, days * DAY)) == pytest.approx(factor)


@pytest.mark.parametrize("entity", [Entity.TOPIC, Entity.HASHTAG, Entity.SOUND])
def test_ni_11_one_more_takes_back_one_less(entity: Entity) -> None:
    assert strength(push(entity, LESS), push(entity, MORE)) == 1.0
    assert strength(push(entity, LESS), push(entity, LESS), push(entity, MORE)) == 0.5


def test_ni_11_more_lifts_and_fades_like_less_and_stops_at_the_ceiling() -> None:
    assert strength(push(Entity.TOPIC, MORE)) == 1.6
    assert strength(push(Entity.TOPIC, MORE, 60 * DAY)) == pytest.approx(2**0.25)
    assert strength(push(Entity.TOPIC, MORE, 200 * DAY)) == 1.0


def test_ni_11_more_ends_the_hide_that_three_signals_brought_about() -> None:
    three = [push(Entity.TOPIC, LESS, age * DAY) for age in (3, 2, 1)]

    assert strength(*three) == 0.0
    assert strength(*three, push(Entity.TOPIC, MORE)) == pytest.approx(
        0.5 ** (0.933 + 0.955 + 0.977 - 1), 0.01
    )
    assert strength(*three, push(Entity.TOPIC, MORE), push(Entity.TOPIC, LESS)) > 0


def test_ni_11_a_wish_for_more_without_a_reason_mirrors_the_weak_effects() -> None:
    assert strength(push(Entity.AUTHOR, MORE, weak=True)) == pytest.approx(1 / 0.7)
    assert strength(push(Entity.TOPIC, MORE, 13 * DAY, weak=True)) == pytest.approx(1 / 0.8)
    assert strength(push(Entity.TOPIC, MORE, 14 * DAY, weak=True)) == 1.0
    weakened, wanted = push(Entity.TOPIC, LESS, DAY, weak=True), push(Entity.TOPIC, MORE, weak=True)
    assert strength(weakened, wanted) == pytest.approx(1 / 0.8)


def test_ni_11_a_weak_wish_for_more_ends_no_hide() -> None:
    assert strength(push(Entity.AUTHOR, LESS), push(Entity.AUTHOR, MORE, weak=True)) == 0.0


def test_ni_11_a_lift_is_told_as_such() -> None:
    effect = effect_of([push(Entity.AUTHOR, MORE)], NOW)

    assert effect == Effect(Entity.AUTHOR, "it", EffectKind.LIFT, 1.6, NOW + 154 * DAY)


def test_ni_11_a_signal_for_more_pulls_at_what_one_for_less_pushes_at() -> None:
    about = {"reasons": (Reason.AUTHOR, Reason.TOPIC), "topics": ("pets",)}
    less, more = a_signal(**about), a_signal(**about, direction=Direction.MORE)

    assert [(each.entity, each.id, -each.weight) for each in pushes_of(more)] == [
        (each.entity, each.id, each.weight) for each in pushes_of(less)
    ]


@given(st.lists(st.tuples(AGES, st.sampled_from([LESS, MORE]), st.booleans()), min_size=1, max_size=6))
def test_ni_11_nothing_is_lifted_past_the_topmost_slider(
    history: list[tuple[timedelta, float, bool]],
) -> None:
    for entity in (Entity.AUTHOR, Entity.TOPIC):
        left = strength(*(push(entity, weight, age, weak=weak) for age, weight, weak in history))

        assert left == 0.0 or 0.05 <= left <= 1.6
