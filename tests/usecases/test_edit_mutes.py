"""A user mutes and unmutes."""

from datetime import timedelta

import pytest

from service.domain.consistency import BEFORE_EVERYTHING
from service.domain.feed_rules import MuteRule
from service.domain.mutes import ALL_SCOPES, MUTES_PER_USER, MuteScope, MuteTarget, MuteType
from service.domain.people import CannotTargetYourself
from service.domain.refusals import InvalidValue, LimitReached
from service.usecases.edit_mutes import mute, unmute
from tests.builders import NOW, a_mute, a_new_mute, parts
from tests.fakes.rules import FakeRules
from tests.fakes.settings import FakeSettings

TOMORROW = NOW + timedelta(days=1)


def test_a_mute_counts_from_now_on_and_only_for_whoever_made_it() -> None:
    rules = FakeRules()
    around = parts(rules=rules)

    edited = mute(around, "ada", a_new_mute(id="bore", scopes=(MuteScope.LIVE,), expires_at=TOMORROW))

    assert edited.created
    assert edited.value == a_mute(id="bore", scopes=(MuteScope.LIVE,), expires_at=TOMORROW)
    assert around.settings.feed_rules("ada").mutes == (
        MuteRule(MuteType.USER, "bore", (MuteScope.LIVE,), TOMORROW),
    )
    assert around.settings.feed_rules("bore").version == BEFORE_EVERYTHING
    assert [user_id for user_id, _ in rules.retired] == ["ada"]


def test_a_mute_made_again_is_updated_in_place_and_says_what_was_there() -> None:
    around = parts()
    first = mute(around, "ada", a_new_mute(scopes=(MuteScope.LIVE,)))

    again = mute(parts(settings=around.settings, now=TOMORROW), "ada", a_new_mute())

    assert (again.created, again.earlier) == (False, first.value)
    assert again.value == a_mute(scopes=ALL_SCOPES, created_at=NOW, revision=2)


def test_what_cannot_be_muted_is_refused() -> None:
    around = parts()

    with pytest.raises(CannotTargetYourself):
        mute(around, "ada", a_new_mute(id="ada"))
    with pytest.raises(InvalidValue):
        mute(around, "ada", a_new_mute(type=MuteType.TOPIC, id="tea", scopes=(MuteScope.LIVE,)))
    with pytest.raises(InvalidValue):
        mute(around, "ada", a_new_mute(expires_at=NOW))

    assert around.settings.feed_rules("ada").version == BEFORE_EVERYTHING


def test_somebody_may_mute_a_topic_that_is_called_like_themself() -> None:
    assert mute(parts(), "ada", a_new_mute(type=MuteType.TOPIC, id="ada")).created


def test_one_mute_too_many_is_refused_but_those_there_are_can_be_changed() -> None:
    around = parts()
    with around.settings.edit("ada") as settings:
        for number in range(MUTES_PER_USER):
            settings.mutes.put(a_mute(id=f"bore-{number}"))

    with pytest.raises(LimitReached):
        mute(around, "ada", a_new_mute(id="one-more"))
    mute(around, "ada", a_new_mute(id="bore-0", scopes=(MuteScope.LIVE,)))

    assert around.settings.feed_rules("ada").revision == 2


def test_unmuting_forgets_exactly_one_target() -> None:
    around = parts()
    mute(around, "ada", a_new_mute(type=MuteType.TOPIC, id="tea"))
    mute(around, "ada", a_new_mute(type=MuteType.HASHTAG, id="tea"))

    edited = unmute(around, "ada", MuteTarget(MuteType.TOPIC, "tea"))

    assert edited.head.revision == 3
    assert [rule.type for rule in around.settings.feed_rules("ada").mutes] == [MuteType.HASHTAG]


def test_unmuting_what_is_not_muted_changes_nothing() -> None:
    settings = FakeSettings()

    edited = unmute(parts(settings=settings), "ada", MuteTarget(MuteType.USER, "stranger"))

    assert edited.head.revision == 0
    assert settings.announced == []
