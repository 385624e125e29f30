"""Filters that end: presets that may be sent twice, and what can be done once they have ended."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.domain.expiry import PRESETS
from service.domain.keyword_filters import KeywordFilterExists, NewKeywordFilter
from service.domain.refusals import InvalidValue
from service.usecases.edit_keyword_filters import add_keyword_filter, change_keyword_filter
from service.usecases.forget_filters import forget_ended_filters
from service.usecases.ports import Parts
from service.usecases.read_settings import find_keyword_filter
from tests.builders import NOW, a_keyword_filter, a_wording, parts

HOUR = timedelta(hours=1)


def later(around: Parts, by: timedelta) -> Parts:
    """Return the same parts with a clock that stands later."""
    moment: datetime = NOW + by
    return replace(around, now=lambda: moment)


@pytest.mark.parametrize("preset", PRESETS)
def test_kf_10_a_retry_with_a_preset_is_taken_once_and_keeps_the_first_end(preset: str) -> None:
    around = parts()
    new = NewKeywordFilter(a_wording(), "mine", lasts=preset)
    first = add_keyword_filter(around, "ada", new)

    again = add_keyword_filter(later(around, HOUR), "ada", new)

    length = PRESETS[preset]
    assert first.value.filter.wording.expires_at == (None if length is None else NOW + length)
    assert (again.created, again.value.filter) == (False, first.value.filter)


def test_kf_10_a_retry_with_another_preset_is_another_filter() -> None:
    around = parts()
    add_keyword_filter(around, "ada", NewKeywordFilter(a_wording(), "mine", lasts="7d"))

    with pytest.raises(KeywordFilterExists):
        add_keyword_filter(around, "ada", NewKeywordFilter(a_wording(), "mine", lasts="1d"))


def test_kf_10_a_retry_that_arrives_after_the_end_is_still_the_same_filter() -> None:
    around = parts()
    new = NewKeywordFilter(a_wording(expires_at=NOW + HOUR), "mine")
    add_keyword_filter(around, "ada", new)

    assert not add_keyword_filter(later(around, 2 * HOUR), "ada", new).created


def test_kf_10_an_expired_filter_can_be_renamed_and_switched_on_again() -> None:
    around = parts()
    add_keyword_filter(around, "ada", NewKeywordFilter(a_wording(), "mine", lasts="30m"))
    after = later(around, HOUR)

    change_keyword_filter(after, "ada", "mine", lambda wording: replace(wording, title="finale"))
    resting = find_keyword_filter(after, "ada", "mine")
    change_keyword_filter(after, "ada", "mine", lambda wording: replace(wording, expires_at=NOW + 2 * HOUR))
    working = find_keyword_filter(after, "ada", "mine")

    assert (resting.wording.title, resting.is_live(NOW + HOUR)) == ("finale", False)
    assert (working.wording.title, working.is_live(NOW + HOUR)) == ("finale", True)


def test_kf_10_an_expired_filter_cannot_be_given_an_end_in_the_past() -> None:
    around = parts()
    add_keyword_filter(around, "ada", NewKeywordFilter(a_wording(), "mine", lasts="30m"))
    after = later(around, HOUR)

    with pytest.raises(InvalidValue):
        change_keyword_filter(
            after,
            "ada",
            "mine",
            lambda wording: replace(wording, expires_at=NOW + HOUR - timedelta(minutes=1)),
        )


def test_kf_10_a_filter_is_forgotten_ninety_days_after_its_end_and_not_before() -> None:
    around = parts()
    with around.settings.edit("ada") as settings:
        for name, days in (("long ago", 90), ("lately", 89)):
            settings.keyword_filters.put(
                a_keyword_filter(filter_id=name, expires_at=NOW - timedelta(days=days))
            )
        settings.keyword_filters.put(a_keyword_filter(filter_id="for good"))

    forgotten = forget_ended_filters(around.settings, "ada", NOW)
    again = forget_ended_filters(around.settings, "ada", NOW)

    rules = around.settings.feed_rules("ada")
    assert (forgotten, again, rules.revision) == (1, 0, 2)
    assert {rule.id for rule in rules.filters} == {"lately", "for good"}
