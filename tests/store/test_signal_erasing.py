"""What resets set aside is erased when its time is over, and nothing that counts goes with it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from service.domain.changes import Place
from service.domain.feed_rules import FeedRules
from service.domain.not_interested import UNDONE_KEPT_FOR, Direction, Reason, UndoneSignal
from service.domain.signal_resets import Reset, ResetScope
from service.domain.topic_preferences import TopicPreference
from service.store.forgetting import RESETS_AT_A_TIME, forget_expired
from service.store.settings import PostgresSettings
from tests.builders import NOW, a_signal

MONTH = timedelta(days=30)
MOMENT = timedelta(microseconds=1)
RESET_AT = NOW - timedelta(hours=1)


def with_a_reset(settings: PostgresSettings, scope: ResetScope, restored_at: datetime | None = None) -> None:
    """Let ada and bob send the same before and after the instant at which ada, and only she, starts over."""
    for user_id in ("ada", "bob"):
        with settings.edit(user_id) as editing:
            for name, at in (("before", RESET_AT - MOMENT), ("after", RESET_AT + MOMENT)):
                editing.signals.put(
                    a_signal(
                        id=name,
                        item_id=name,
                        author_id=f"author {name}",
                        topics=(f"topic {name}",),
                        hashtags=(f"tag {name}",),
                        sound_id=f"sound {name}",
                        reasons=tuple(Reason),
                        at=at,
                    )
                )
                editing.signals.put(
                    a_signal(id=f"{name} topical", reasons=(Reason.TOPIC,), topics=("tea",), at=at)
                )
                editing.topic_preferences.put(TopicPreference(f"slider {name}", 1, at, 1))
    with settings.edit("ada") as editing:
        editing.resets.put(Reset("reset", scope, RESET_AT, 2, restored_at))


def left_of(rules: FeedRules) -> tuple[object, ...]:
    return rules.rejected_items, rules.pushes, rules.topic_levels


@pytest.mark.parametrize("scope", ResetScope)
def test_ni_09_what_a_reset_set_aside_is_erased_after_30_days_and_what_counts_stays(
    engine: Engine, settings: PostgresSettings, scope: ResetScope
) -> None:
    with_a_reset(settings, scope)
    before = {user_id: left_of(settings.feed_rules(user_id)) for user_id in ("ada", "bob")}
    assert before["ada"] != before["bob"]

    assert forget_expired(engine, RESET_AT + MONTH - MOMENT) == 0
    assert forget_expired(engine, RESET_AT + MONTH) == 1

    with settings.read("ada") as reading:
        assert reading.resets.all() == []
        kept = {each.id: each for each in reading.signals.all()}
        sliders = [each.topic for each in reading.topic_preferences.all()]
    assert {user_id: left_of(settings.feed_rules(user_id)) for user_id in ("ada", "bob")} == before
    erased = kept.get("before")
    match scope:
        case ResetScope.ALL:
            assert (set(kept), sliders) == ({"after", "after topical"}, ["slider after"])
        case ResetScope.TOPICS:
            assert erased
            assert (erased.topics, erased.hashtags, erased.sound_id) == ((), (), None)
            assert (erased.author_id, sliders) == ("author before", ["slider after"])
            assert kept["before topical"].reasons == (Reason.ITEM,)
        case ResetScope.AUTHORS:
            assert erased
            assert (erased.author_id, erased.topics) == (None, ("topic before",))
            assert Reason.AUTHOR not in erased.reasons
            assert sliders == ["slider after", "slider before"]


def test_ni_09_what_was_brought_back_is_not_erased(engine: Engine, settings: PostgresSettings) -> None:
    with_a_reset(settings, ResetScope.ALL, restored_at=NOW)
    before = left_of(settings.feed_rules("ada"))

    assert forget_expired(engine, RESET_AT + MONTH) == 1

    assert left_of(settings.feed_rules("ada")) == before
    with settings.read("ada") as reading:
        assert reading.resets.all() == []


def test_ni_08_an_id_that_was_undone_stays_taken_for_90_days(
    engine: Engine, settings: PostgresSettings
) -> None:
    with settings.edit("ada") as editing:
        for name, at in (("old", NOW - UNDONE_KEPT_FOR), ("new", NOW - UNDONE_KEPT_FOR + MOMENT)):
            editing.signals.note_undone(UndoneSignal(name, Direction.LESS, "for_you", (), at, at))

    assert forget_expired(engine, NOW) == 1

    with settings.edit("ada") as editing:
        assert editing.signals.find_undone("old", "new") == {"new"}


def test_ni_09_more_resets_than_a_batch_are_erased_in_one_run(
    engine: Engine, settings: PostgresSettings
) -> None:
    with settings.edit("ada") as editing:
        for number in range(RESETS_AT_A_TIME + 1):
            editing.resets.put(Reset(str(number), ResetScope.ALL, RESET_AT, 1))

    assert forget_expired(engine, RESET_AT + MONTH) == RESETS_AT_A_TIME + 1
    assert forget_expired(engine, RESET_AT + MONTH) == 0


@pytest.mark.parametrize("scope", ResetScope)
def test_sy_02_a_device_that_was_away_learns_what_a_reset_took(
    engine: Engine, settings: PostgresSettings, scope: ResetScope
) -> None:
    with_a_reset(settings, scope)
    with settings.read("ada") as reading:
        copy = {(each.kind, each.id): each.setting for each in reading.changes.since(Place(0, "", ""), 99)}
    away_since = Place(1, "~", "")

    forget_expired(engine, RESET_AT + MONTH)

    with settings.read("ada") as reading:
        for each in reading.changes.since(away_since, 99):
            copy[each.kind, each.id] = each.setting
        kept = {(each.kind, each.id): each.setting for each in reading.changes.since(Place(0, "", ""), 99)}
    assert copy == kept
