"""What signals do to whom, how strongly, and until when."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.not_interested import (
    Effect,
    EffectKind,
    Entity,
    NewSignal,
    Push,
    Reason,
    Signal,
    author_recovery,
    believable_time,
    effect_of,
    effects_of,
    pushes_of,
    require_named_entities,
)
from service.domain.refusals import InvalidValue
from tests.builders import NOW, a_signal
from tests.domain.strategies import few

DAY = timedelta(days=1)
ENTITIES = st.sampled_from([entity for entity in Entity if entity is not Entity.ITEM])
AGES = st.integers(0, 400 * 24).map(lambda hours: timedelta(hours=hours))


def pushes(entity: Entity, *ages: timedelta, weak: bool = False) -> list[Push]:
    """Return a push of each age against one thing."""
    return [Push(entity, "it", NOW - age, weak=weak) for age in ages]


def strength(of: Sequence[Push], at: datetime = NOW) -> float:
    """Return the factor on the rank of what is pushed against; 0 for hidden, 1 for untouched."""
    effect = effect_of(of, at)
    return effect.strength if effect else 1.0


@st.composite
def histories(draw: st.DrawFn) -> list[Push]:
    """Draw what up to six signals, with and without a reason, pushed against one thing before now."""
    entity = draw(ENTITIES)
    each = st.builds(lambda age, weak: Push(entity, "it", NOW - age, weak=weak), AGES, st.booleans())
    return draw(st.lists(each, min_size=1, max_size=6))


@few
@given(histories(), AGES, AGES)
def test_an_effect_only_ever_fades(history: list[Push], one: timedelta, other: timedelta) -> None:
    sooner, later = sorted([one, other])

    assert strength(history, NOW + sooner) <= strength(history, NOW + later) + 1e-12


@few
@given(histories(), st.randoms())
def test_the_order_of_signals_does_not_matter(history: list[Push], chance: object) -> None:
    shuffled = list(history)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert strength(shuffled) == pytest.approx(strength(history))


@few
@given(histories(), st.booleans())
def test_one_more_signal_never_makes_an_effect_weaker(history: list[Push], weak: bool) -> None:  # noqa: FBT001
    more = [*history, Push(history[0].entity, "it", NOW, weak=weak)]

    assert strength(more) <= strength(history) + 1e-12


@few
@given(histories())
def test_a_thing_is_hidden_or_at_the_floor_or_above(history: list[Push]) -> None:
    effect = effect_of(history, NOW)

    if effect:
        assert effect.strength == 0 or 0.05 <= effect.strength < 1
        assert (effect.kind is EffectKind.HIDE) == (effect.strength == 0)
        assert effect.until is None or effect.until > NOW


@few
@given(histories())
def test_signals_without_a_reason_alone_never_hide(history: list[Push]) -> None:
    weak = [Push(push.entity, push.id, push.at, weak=True) for push in history]

    assert strength(weak) > 0


@few
@given(histories())
def test_everything_but_an_item_comes_back_in_the_end(history: list[Push]) -> None:
    assert effect_of(history, NOW + timedelta(days=365)) is None


def test_a_rejected_item_never_comes_back() -> None:
    effect = effect_of(pushes(Entity.ITEM, timedelta(0)), NOW + timedelta(days=10_000))

    assert effect == Effect(Entity.ITEM, "it", EffectKind.HIDE, 0.0, None)


@pytest.mark.parametrize(
    ("days", "factor"),
    [(14, 0.2), (14 + 35, 0.4), (14 + 70, 0.6), (14 + 105, 0.8), (153, 0.9943), (154, 1.0)],
)
def test_an_author_comes_back_in_a_straight_line_to_the_last_day(days: int, factor: float) -> None:
    assert strength(pushes(Entity.AUTHOR, days * DAY)) == pytest.approx(factor, abs=1e-4)
    assert author_recovery(NOW - days * DAY, NOW) == pytest.approx(factor, abs=1e-4)


def test_an_effect_says_when_it_changes_by_itself() -> None:
    hidden = effect_of(pushes(Entity.AUTHOR, timedelta(0)), NOW)
    recovering = effect_of(pushes(Entity.AUTHOR, 14 * DAY), NOW)
    fading = effect_of(pushes(Entity.SOUND, timedelta(0)), NOW)
    weak = effect_of(pushes(Entity.TOPIC, DAY, weak=True), NOW)

    assert [effect and effect.until for effect in (hidden, recovering, fading, weak)] == [
        NOW + 14 * DAY,
        NOW + 140 * DAY,
        None,
        NOW + 13 * DAY,
    ]


@pytest.mark.parametrize(("signals", "factor"), [(1, 0.5), (2, 0.25)])
def test_each_signal_halves_and_a_month_takes_half_of_it_back(signals: int, factor: float) -> None:
    fresh = pushes(Entity.HASHTAG, *[timedelta(0)] * signals)

    assert strength(fresh) == factor
    assert strength(fresh, NOW + 30 * DAY) == pytest.approx(factor**0.5)


def test_no_number_of_signals_goes_below_the_floor() -> None:
    many = pushes(Entity.TOPIC, *[15 * DAY] * 9)

    assert strength(many) == 0.05
    assert strength(many + pushes(Entity.TOPIC, DAY, weak=True)) == 0.05


def test_a_signal_without_a_reason_weakens_author_and_topics_and_nothing_else() -> None:
    signal = a_signal(sound_id="song", hashtags=("cats",), topics=("pets",))

    assert list(pushes_of(signal)) == [
        Push(Entity.ITEM, "post", NOW),
        Push(Entity.AUTHOR, "author", NOW, weak=True),
        Push(Entity.TOPIC, "pets", NOW, weak=True),
    ]


@pytest.mark.parametrize(
    ("reason", "entity", "name"),
    [
        (Reason.AUTHOR, Entity.AUTHOR, "author"),
        (Reason.SOUND, Entity.SOUND, "song"),
        (Reason.HASHTAG, Entity.HASHTAG, "cats"),
        (Reason.TOPIC, Entity.TOPIC, "pets"),
    ],
)
def test_a_reason_about_a_thing_counts_against_that_thing_alone(
    reason: Reason, entity: Entity, name: str
) -> None:
    signal = a_signal(reasons=(reason,), sound_id="song", hashtags=("cats",), topics=("pets",))

    assert list(pushes_of(signal)) == [Push(Entity.ITEM, "post", NOW), Push(entity, name, NOW)]


@pytest.mark.parametrize(
    "reason",
    [Reason.ITEM, Reason.ALREADY_SEEN, Reason.LOW_QUALITY, Reason.REPETITIVE, Reason.OFFENSIVE, Reason.OTHER],
)
def test_a_reason_about_the_item_counts_against_the_item_alone(reason: Reason) -> None:
    signal = a_signal(reasons=(reason,), sound_id="song", hashtags=("cats",), topics=("pets",))

    assert list(pushes_of(signal)) == [Push(Entity.ITEM, "post", NOW)]


def test_a_thing_that_came_twice_with_the_item_counts_once() -> None:
    both = (Reason.HASHTAG, Reason.TOPIC)
    signal = a_signal(reasons=both, hashtags=("cats", "cats"), topics=("pets", "pets"))

    assert len(list(pushes_of(signal))) == 3


@pytest.mark.parametrize("reason", [Reason.AUTHOR, Reason.SOUND, Reason.HASHTAG, Reason.TOPIC])
def test_a_reason_needs_the_thing_that_it_is_about(reason: Reason) -> None:
    named = NewSignal(
        "post", "for_you", (reason,), author_id="ann", sound_id="s", hashtags=("cats",), topics=("pets",)
    )

    require_named_entities(named)
    with pytest.raises(InvalidValue):
        require_named_entities(NewSignal("post", "for_you", (reason,)))


@pytest.mark.parametrize(
    ("sent_at", "believed"),
    [
        (None, NOW),
        (NOW, NOW),
        (NOW - 3 * DAY, NOW - 3 * DAY),
        (NOW - 7 * DAY, NOW - 7 * DAY),
        (NOW - 8 * DAY, NOW - 7 * DAY),
        (NOW + DAY, NOW),
    ],
)
def test_a_clients_clock_is_believed_for_the_last_seven_days(
    sent_at: datetime | None, believed: datetime
) -> None:
    assert believable_time(sent_at, NOW) == believed


def test_a_receipt_lists_hides_before_downranks_and_each_thing_once() -> None:
    signals = [
        a_signal(id="one", reasons=(Reason.TOPIC,), topics=("pets",)),
        a_signal(id="two", reasons=(Reason.TOPIC, Reason.AUTHOR), topics=("pets",)),
    ]

    effects = effects_of(chain.from_iterable(map(pushes_of, signals)), NOW)

    assert [(effect.entity, effect.id, effect.strength) for effect in effects] == [
        (Entity.AUTHOR, "author", 0.0),
        (Entity.ITEM, "post", 0.0),
        (Entity.TOPIC, "pets", 0.25),
    ]


SENT = [a_signal(id=str(n), topics=("pets",), at=NOW - n * DAY) for n in range(5)]


@given(st.permutations(SENT))
def test_the_list_of_effects_does_not_depend_on_the_order_of_signals(signals: list[Signal]) -> None:
    expected = effects_of(chain.from_iterable(map(pushes_of, SENT)), NOW)

    assert effects_of(chain.from_iterable(map(pushes_of, signals)), NOW) == expected
