"""What every settings store promises of erasing a user, on the fake and on PostgreSQL."""

from datetime import timedelta

import pytest

from service.domain.answers import Answer, RememberedAnswer
from service.domain.changes import BEGINNING
from service.domain.comment_limits import CommentLimits
from service.domain.consistency import BEFORE_EVERYTHING, Head
from service.usecases.ports import SettingsStore
from tests.builders import NOW, a_block, a_keyword_filter, a_mute, a_signal

YESTERDAY = NOW - timedelta(days=1)


def live(store: SettingsStore, user_id: str, *blocked: str) -> None:
    """Let somebody use everything there is."""
    with store.once(user_id, "k", since=YESTERDAY) as turn:
        with turn.settings.edit(user_id, felt_by=blocked) as settings:
            settings.keyword_filters.put(a_keyword_filter(terms=("mine",)))
            settings.mutes.put(a_mute())
            settings.signals.put(a_signal())
            settings.comment_limits.put(CommentLimits(keyword_terms=("mine",), revision=1))
            for each in blocked:
                settings.blocks.put(a_block(target_id=each))
        turn.remember(RememberedAnswer(b"", Answer(200, (), b"mine")), NOW)
    with store.edit(user_id) as settings:
        settings.mutes.remove(a_mute().target)


def test_nothing_of_an_erased_user_is_left(store: SettingsStore) -> None:
    live(store, "ada", "bob")

    with store.erase("ada"):
        pass

    with store.read("ada") as reading:
        assert reading.head == Head("ada", 0, BEFORE_EVERYTHING)
        assert reading.changes.since(BEGINNING, 99) == []
        assert reading.comment_limits.get() == CommentLimits()
    with store.once("ada", "k", since=YESTERDAY) as turn:
        assert turn.earlier is None


def test_whom_the_erased_user_blocked_is_free_again_and_told(store: SettingsStore) -> None:
    live(store, "ada", "bob", "carol")
    before = store.feed_rules("bob").version

    with store.erase("ada") as affected:
        assert [head.user_id for head in affected] == ["ada", "bob", "carol"]

    assert store.feed_rules("bob").blocked_by == {}
    assert store.feed_rules("bob").version == affected[1].version > before


def test_blocks_of_the_erased_user_by_others_go_on_for_both_sides(store: SettingsStore) -> None:
    live(store, "eve", "ada")
    live(store, "ada")

    with store.erase("ada"):
        pass

    assert store.feed_rules("eve").blocks == {"ada": None}
    assert store.feed_rules("ada").blocked_by == {"eve": None}


def test_settings_of_others_stay_as_they_are(store: SettingsStore) -> None:
    live(store, "ada", "bob")
    live(store, "eve", "bob")
    before = store.feed_rules("eve")

    with store.erase("ada"):
        pass

    assert store.feed_rules("eve") == before
    assert store.feed_rules("bob").blocked_by == {"eve": None}


def test_a_user_who_comes_back_begins_a_history_after_the_one_that_ended(store: SettingsStore) -> None:
    live(store, "ada")
    before = store.feed_rules("ada").version

    with store.erase("ada") as (ended, *_):
        pass
    with store.edit("ada") as settings:
        pass

    assert before.epoch < ended.version.epoch < settings.head.version.epoch
    assert settings.head.revision == 1


def fail_to_erase(store: SettingsStore) -> None:
    with store.erase("ada"):
        raise LookupError


def test_an_erasure_that_raises_erases_nothing(store: SettingsStore) -> None:
    live(store, "ada", "bob")
    before = store.feed_rules("ada")

    with pytest.raises(LookupError):
        fail_to_erase(store)

    assert store.feed_rules("ada") == before
    assert store.feed_rules("bob").blocked_by == {"ada": None}


def test_somebody_unknown_can_be_erased_any_number_of_times(store: SettingsStore) -> None:
    for _ in range(2):
        with store.erase("nobody") as affected:
            assert [head.user_id for head in affected] == ["nobody"]
