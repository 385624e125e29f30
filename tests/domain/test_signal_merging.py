"""Merged signals say exactly what the signals said, in little room."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cache.rules_codec import encode_rules
from service.domain.not_interested import Direction, Entity, Push, Reason, Signal, by_entity, effects_of
from service.domain.signal_merging import MOST_PUSHES, merged
from service.domain.signal_resets import Reset, ResetScope, counting_pushes
from tests.builders import NOW, a_signal, feed_rules

DAY = timedelta(days=1)
IDS = st.sampled_from(["pets", "cars"])
SIGNALS = st.lists(
    st.builds(
        a_signal,
        id=st.uuids().map(str),
        item_id=IDS,
        author_id=IDS,
        sound_id=IDS,
        hashtags=st.tuples(IDS),
        topics=st.tuples(IDS),
        reasons=st.lists(st.sampled_from(Reason), max_size=3).map(tuple),
        direction=st.sampled_from(Direction),
        at=st.timedeltas(timedelta(0), timedelta(days=60)).map(lambda age: NOW - age),
    ),
    max_size=12,
)


def told(items: Sequence[str], pushes: Sequence[Push], at: object = NOW) -> dict[tuple[str, str], object]:
    effects = effects_of(pushes, at)  # type: ignore[arg-type]
    said: dict[tuple[str, str], object] = {
        (each.entity.value, each.id): (pytest.approx(each.strength), each.until) for each in effects
    }
    return said | {("item", each): (0.0, None) for each in items}


@given(SIGNALS, st.timedeltas(timedelta(0), timedelta(days=200)))
def test_ni_05_merged_signals_have_the_effects_of_the_signals(
    signals: list[Signal], later: timedelta
) -> None:
    at = NOW + later

    assert told(*merged(counting_pushes(signals, ())), at) == told((), list(counting_pushes(signals, ())), at)


@given(SIGNALS, st.randoms())
def test_ni_01_the_order_in_which_signals_arrive_does_not_matter(
    signals: list[Signal], chance: Random
) -> None:
    shuffled = list(signals)
    chance.shuffle(shuffled)

    assert merged(counting_pushes(shuffled, ())) == merged(counting_pushes(signals, ()))


@given(SIGNALS, st.sampled_from(ResetScope), st.randoms())
def test_ni_09_late_signals_are_set_aside_like_those_that_came_in_time(
    signals: list[Signal], scope: ResetScope, chance: Random
) -> None:
    reset = Reset("reset", scope, NOW - 3 * DAY, revision=5)
    in_time = list(counting_pushes(signals, [reset]))
    chance.shuffle(signals)

    assert merged(counting_pushes(signals, [reset])) == merged(in_time)


@given(SIGNALS)
def test_ni_09_a_reset_of_everything_leaves_nothing(signals: list[Signal]) -> None:
    assert merged(counting_pushes(signals, [Reset("reset", ResetScope.ALL, NOW, 1)])) == ((), ())


def test_there_are_at_most_two_pushes_for_each_thing() -> None:
    often = [
        a_signal(id=str(n), reasons=reasons, topics=("pets",), at=NOW - n * DAY)
        for n in range(10)
        for reasons in ((), (Reason.TOPIC, Reason.AUTHOR))
    ]

    _, pushes = merged(counting_pushes(often, ()))

    assert {key: len(about) for key, about in by_entity(pushes).items()} == {
        (Entity.TOPIC, "pets"): 2,
        (Entity.AUTHOR, "author"): 2,
    }


def test_what_had_worn_off_when_the_latest_signal_came_is_left_out_but_items_stay() -> None:
    old = a_signal(item_id="old", reasons=(Reason.AUTHOR,), at=NOW - 155 * DAY)
    new = a_signal(item_id="new", reasons=(Reason.AUTHOR,), author_id="another")

    items, pushes = merged(counting_pushes([old, new], ()))

    assert items == ("new", "old")
    assert [push.id for push in pushes] == ["another"]


def test_five_thousand_signals_fit_into_little_room() -> None:
    random = Random(5)
    signals = [
        a_signal(
            id=str(n),
            item_id=str(7_000_000_000_000_000_000 + random.randrange(10**18)),
            author_id=str(random.randrange(10**18)),
            topics=tuple(f"topic {random.randrange(300)}" for _ in range(4)),
            reasons=(random.choice([Reason.AUTHOR, Reason.TOPIC, Reason.OTHER]),),
            at=NOW - timedelta(minutes=random.randrange(700 * 24 * 60)),
        )
        for n in range(5_000)
    ]

    items, pushes = merged(counting_pushes(signals, ()))

    assert len(items) == 5_000
    assert len(pushes) <= 800
    assert len(encode_rules(feed_rules(rejected_items=items, pushes=pushes))) < 80_000


def test_the_number_of_pushes_has_a_bound_and_the_latest_stay() -> None:
    signals = [
        a_signal(id=str(n), author_id=f"{n:05}", reasons=(Reason.AUTHOR,), at=NOW - timedelta(seconds=n))
        for n in range(MOST_PUSHES + 5)
    ]

    items, pushes = merged(counting_pushes(signals, ()))

    assert [push.id for push in pushes] == [f"{n:05}" for n in range(MOST_PUSHES)]
    assert items == ("post",)
