"""What every settings store promises of its changes, on the fake and on PostgreSQL."""

import pytest

from service.domain.allow_phrases import AllowPhrases
from service.domain.changes import BEGINNING, Changed, ChangeKind, Place
from service.domain.comment_limits import CommentLimits, PostLimits
from service.domain.mutes import MuteType
from service.domain.signal_resets import Reset, ResetScope
from service.domain.topic_preferences import TopicPreference
from service.usecases.ports import SettingsEdit, SettingsStore
from tests.builders import NOW, a_block, a_keyword_filter, a_mute, a_signal


def changes(
    store: SettingsStore, place: Place = BEGINNING, limit: int = 99, user_id: str = "ada"
) -> list[Changed]:
    with store.read(user_id) as reading:
        return reading.changes.since(place, limit)


def put_one_of_each(settings: SettingsEdit) -> None:
    revision = settings.head.revision
    settings.keyword_filters.put(a_keyword_filter(filter_id="kf ☂", revision=revision))
    settings.blocks.put(a_block(target_id="troll", revision=revision))
    settings.mutes.put(a_mute(type=MuteType.TOPIC, id="a:b", revision=revision))
    settings.signals.put(a_signal(id="ni", revision=revision))
    settings.resets.put(Reset("reset", ResetScope.AUTHORS, NOW, revision))
    settings.comment_limits.put(CommentLimits(keyword_terms=("ugly",), revision=revision))
    settings.post_limits.put("post", PostLimits(revision=revision))
    settings.topic_preferences.put(TopicPreference("tea", -2, NOW, revision))
    settings.allow_phrases.put(AllowPhrases(("ugly duckling",), revision))


def remove_one_of_each(settings: SettingsEdit) -> None:
    settings.keyword_filters.remove("kf ☂")
    settings.blocks.remove("troll")
    settings.mutes.remove(a_mute(type=MuteType.TOPIC, id="a:b").target)
    settings.signals.remove("ni")
    settings.post_limits.remove("post")
    settings.topic_preferences.remove("tea")


def test_SY_02_every_kind_of_setting_comes_with_its_revision(store: SettingsStore) -> None:  # noqa: N802
    with store.edit("ada", felt_by=["troll"]) as settings:
        put_one_of_each(settings)

    assert changes(store) == [
        Changed(ChangeKind.ALLOW_PHRASES, "account", 1, AllowPhrases(("ugly duckling",), 1)),
        Changed(ChangeKind.BLOCK, "troll", 1, a_block(target_id="troll")),
        Changed(ChangeKind.COMMENT_LIMITS, "account", 1, CommentLimits(keyword_terms=("ugly",), revision=1)),
        Changed(ChangeKind.KEYWORD_FILTER, "kf ☂", 1, a_keyword_filter(filter_id="kf ☂")),
        Changed(ChangeKind.MUTE, "topic:a:b", 1, a_mute(type=MuteType.TOPIC, id="a:b")),
        Changed(ChangeKind.NOT_INTERESTED, "ni", 1, a_signal(id="ni")),
        Changed(ChangeKind.NOT_INTERESTED_RESET, "reset", 1, Reset("reset", ResetScope.AUTHORS, NOW, 1)),
        Changed(ChangeKind.POST_COMMENT_LIMITS, "post", 1, PostLimits(revision=1)),
        Changed(ChangeKind.TOPIC_PREFERENCE, "tea", 1, TopicPreference("tea", -2, NOW, 1)),
    ]


def test_SY_02_what_was_removed_leaves_a_tombstone_at_that_revision(store: SettingsStore) -> None:  # noqa: N802
    with store.edit("ada", felt_by=["troll"]) as settings:
        put_one_of_each(settings)
    with store.edit("ada", felt_by=["troll"]) as settings:
        remove_one_of_each(settings)

    assert [
        (each.kind, each.id, each.revision, each.setting) for each in changes(store) if each.revision == 2
    ] == [
        (ChangeKind.BLOCK, "troll", 2, None),
        (ChangeKind.KEYWORD_FILTER, "kf ☂", 2, None),
        (ChangeKind.MUTE, "topic:a:b", 2, None),
        (ChangeKind.NOT_INTERESTED, "ni", 2, None),
        (ChangeKind.POST_COMMENT_LIMITS, "post", 2, None),
        (ChangeKind.TOPIC_PREFERENCE, "tea", 2, None),
    ]


def test_removing_what_is_not_there_leaves_no_tombstone(store: SettingsStore) -> None:
    with store.edit("ada", felt_by=["troll"]) as settings:
        remove_one_of_each(settings)

    assert changes(store) == []


@pytest.mark.parametrize("within_one_edit", [True, False])
def test_what_was_removed_and_made_again_stands(store: SettingsStore, *, within_one_edit: bool) -> None:
    with store.edit("ada") as settings:
        settings.keyword_filters.put(a_keyword_filter())
    with store.edit("ada") as settings:
        settings.keyword_filters.remove("filter")
        if within_one_edit:
            settings.keyword_filters.put(a_keyword_filter(revision=2))
    if not within_one_edit:
        with store.edit("ada") as settings:
            settings.keyword_filters.put(a_keyword_filter(revision=3))

    kept = a_keyword_filter(revision=2 if within_one_edit else 3)
    assert changes(store) == [Changed(ChangeKind.KEYWORD_FILTER, "filter", kept.revision, kept)]


def test_what_was_removed_again_is_gone_at_the_later_revision(store: SettingsStore) -> None:
    for _ in range(2):
        with store.edit("ada") as settings:
            settings.mutes.put(a_mute(revision=settings.head.revision))
        with store.edit("ada") as settings:
            settings.mutes.remove(a_mute().target)

    assert changes(store) == [Changed(ChangeKind.MUTE, "user:troll", 4, None)]


def test_changes_go_on_behind_any_place(store: SettingsStore) -> None:
    ids = ["b", "B", "a", "ä", "猫", "Z", "_"]
    with store.edit("ada", felt_by=ids) as settings:
        for each in ids:
            settings.blocks.put(a_block(target_id=each, revision=1))
            settings.keyword_filters.put(a_keyword_filter(filter_id=each, revision=1))
    with store.edit("ada", felt_by=["a"]) as settings:
        settings.blocks.remove("a")

    everything = changes(store)
    one_by_one: list[Changed] = []
    place = BEGINNING
    while page := changes(store, place, 2):
        one_by_one += page
        place = page[-1].place

    assert one_by_one == everything == sorted(everything, key=lambda each: each.place)
    assert len(everything) == 14


def test_changes_are_ones_own(store: SettingsStore) -> None:
    with store.edit("ada", felt_by=["troll"]) as settings:
        put_one_of_each(settings)
        settings.blocks.remove("troll")

    assert changes(store, user_id="troll") == []


def test_of_an_edit_that_is_discarded_nothing_is_told(store: SettingsStore) -> None:
    with store.edit("ada") as settings:
        settings.keyword_filters.put(a_keyword_filter())
    with store.edit("ada") as settings:
        settings.keyword_filters.remove("filter")
        settings.discard()

    assert [each.setting for each in changes(store)] == [a_keyword_filter()]
