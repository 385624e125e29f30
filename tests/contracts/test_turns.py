"""What every settings store promises of answers that are given once, on the fake and on PostgreSQL."""

from contextlib import ExitStack
from datetime import timedelta

import pytest

from service.domain.answers import Answer, RememberedAnswer, StillInFlight
from service.domain.consistency import BEFORE_EVERYTHING
from service.usecases.ports import SettingsStore
from tests.builders import NOW, a_block, a_keyword_filter

YESTERDAY = NOW - timedelta(days=1)
TOLD = RememberedAnswer(b"\0fingerprint", Answer(201, (("ETag", '"1"'), ("X", "ä")), "{“ä”}\0".encode()))


class Mishap(Exception):  # noqa: N818
    """Something goes wrong in the middle of a turn."""


def earlier(store: SettingsStore, user_id: str = "ada", key: str = "k") -> RememberedAnswer | None:
    with store.once(user_id, key, since=YESTERDAY) as turn:
        return turn.earlier


def answer(store: SettingsStore, told: RememberedAnswer = TOLD, key: str = "k") -> None:
    with store.once("ada", key, since=YESTERDAY) as turn:
        turn.remember(told, NOW)


def test_an_answer_comes_back_exactly_as_it_was_given(store: SettingsStore) -> None:
    answer(store)

    assert earlier(store) == TOLD


def test_an_answer_belongs_to_one_key_of_one_user(store: SettingsStore) -> None:
    answer(store)

    assert earlier(store, key="K") is None
    assert earlier(store, user_id="eve") is None


def test_an_answer_of_long_ago_is_forgotten_and_its_key_is_free(store: SettingsStore) -> None:
    answer(store)
    later = RememberedAnswer(b"other", Answer(200, (), b""))

    with store.once("ada", "k", since=NOW) as turn:
        assert turn.earlier is None
        turn.remember(later, NOW + timedelta(days=1))

    assert earlier(store) == later


def test_edits_and_the_answer_are_kept_together(store: SettingsStore) -> None:
    with store.once("ada", "k", since=YESTERDAY) as turn:
        with turn.settings.edit("ada", felt_by=["troll"]) as settings:
            settings.blocks.put(a_block(target_id="troll"))
        with turn.settings.edit("ada") as settings:
            settings.keyword_filters.put(a_keyword_filter())
        turn.remember(TOLD, NOW)
        assert store.feed_rules("ada").version == BEFORE_EVERYTHING

    assert store.feed_rules("ada").revision == 2
    assert store.feed_rules("troll").blocked_by == {"ada": None}
    assert earlier(store) == TOLD


def fail_in_a_turn(store: SettingsStore) -> None:
    with store.once("ada", "k", since=YESTERDAY) as turn:
        with turn.settings.edit("ada") as settings:
            settings.keyword_filters.put(a_keyword_filter())
        turn.remember(TOLD, NOW)
        raise Mishap


def test_nothing_of_a_turn_that_raises_is_kept(store: SettingsStore) -> None:
    with pytest.raises(Mishap):
        fail_in_a_turn(store)

    assert store.feed_rules("ada").version == BEFORE_EVERYTHING
    assert earlier(store) is None


def refused_edit(store: SettingsStore) -> None:
    with store.edit("ada") as settings:
        settings.keyword_filters.put(a_keyword_filter(filter_id="refused"))
        raise Mishap


def test_of_an_edit_that_raises_within_a_turn_nothing_is_kept_but_of_the_turn_all(
    store: SettingsStore,
) -> None:
    with store.once("ada", "k", since=YESTERDAY) as turn:
        with pytest.raises(Mishap):
            refused_edit(turn.settings)
        with turn.settings.edit("ada") as settings:
            settings.keyword_filters.put(a_keyword_filter(filter_id="discarded"))
            settings.discard()
        with turn.settings.edit("ada") as settings:
            settings.keyword_filters.put(a_keyword_filter(filter_id="kept"))
        turn.remember(TOLD, NOW)

    assert [rule.id for rule in store.feed_rules("ada").filters] == ["kept"]
    assert store.feed_rules("ada").revision == 1
    assert earlier(store) == TOLD


def test_a_turn_reads_what_was_changed_in_it(store: SettingsStore) -> None:
    with store.once("ada", "k", since=YESTERDAY) as turn:
        with turn.settings.edit("ada") as settings:
            settings.keyword_filters.put(a_keyword_filter())
        with turn.settings.read("ada") as reading:
            assert reading.keyword_filters.all() == [a_keyword_filter()]
            assert reading.head.revision == 1


def test_only_one_at_a_time_has_the_turn_of_a_key(store: SettingsStore) -> None:
    with ExitStack() as turns:
        turns.enter_context(store.once("ada", "k", since=YESTERDAY))
        with pytest.raises(StillInFlight):
            earlier(store)
        assert earlier(store, key="other") is None
        assert earlier(store, user_id="eve") is None

    assert earlier(store) is None
