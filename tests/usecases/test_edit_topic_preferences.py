"""A user moves topic sliders."""

import pytest

from service.domain.refusals import InvalidValue, LimitReached
from service.domain.signal_resets import ResetScope
from service.domain.topic_preferences import TOPICS_PER_USER, TopicPreference
from service.usecases.edit_topic_preferences import (
    forget_topic_preference,
    list_topic_preferences,
    prefer_topic,
)
from service.usecases.reset_not_interested import reset_not_interested, restore_not_interested
from tests.builders import NOW, parts


def test_ni_10_a_slider_moves_and_tells_where_it_stood() -> None:
    around = parts()
    first = prefer_topic(around, "ada", "pets", -2)

    second = prefer_topic(around, "ada", "pets", 1)

    assert first.created
    assert not second.created
    assert second.earlier == TopicPreference("pets", -2, NOW, 1)
    assert list_topic_preferences(around, "ada") == [TopicPreference("pets", 1, NOW, 2)]
    assert list_topic_preferences(around, "bob") == []


def test_ni_10_a_slider_in_the_middle_changes_nothing() -> None:
    around = parts()

    prefer_topic(around, "ada", "pets", 0)

    assert around.settings.feed_rules("ada").topic_levels == {}


def test_ni_10_a_slider_can_be_put_back_even_where_it_never_moved() -> None:
    around = parts()
    prefer_topic(around, "ada", "pets", 2)

    assert forget_topic_preference(around, "ada", "pets").head.revision == 2
    assert forget_topic_preference(around, "ada", "pets").head.revision == 2
    assert list_topic_preferences(around, "ada") == []


@pytest.mark.parametrize("level", [-3, 3])
def test_ni_10_a_slider_has_five_positions(level: int) -> None:
    with pytest.raises(InvalidValue):
        prefer_topic(parts(), "ada", "pets", level)


def test_ni_10_the_number_of_sliders_has_a_limit_that_says_where_it_stands() -> None:
    around = parts()
    with around.settings.edit("ada") as settings:
        for number in range(TOPICS_PER_USER):
            settings.topic_preferences.put(TopicPreference(str(number), 1, NOW, 1))

    prefer_topic(around, "ada", "0", 2)
    with pytest.raises(LimitReached) as refused:
        prefer_topic(around, "ada", "one more", 1)

    assert refused.value.facts == {"limit": 500, "current": 501}


def test_ni_09_ni_10_sliders_that_a_reset_set_aside_are_in_nobodys_way_and_come_back_with_it() -> None:
    around = parts()
    with around.settings.edit("ada") as settings:
        for number in range(TOPICS_PER_USER):
            settings.topic_preferences.put(TopicPreference(str(number), 1, NOW, 1))
    reset = reset_not_interested(around, "ada", ResetScope.TOPICS).value

    added = prefer_topic(around, "ada", "one more", 1)
    moved = prefer_topic(around, "ada", "0", 2)
    forget_topic_preference(around, "ada", "1")
    restore_not_interested(around, "ada", reset.id)

    assert (added.created, moved.created, moved.earlier) == (True, True, None)
    levels = around.settings.feed_rules("ada").topic_levels
    assert (levels["0"], levels["1"], len(levels)) == (2, 1, TOPICS_PER_USER + 1)
