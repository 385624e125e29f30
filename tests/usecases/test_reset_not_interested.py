"""A user starts over, and may think better of it for a day."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from service.domain.import_plans import ImportMode
from service.domain.imports import Brought
from service.domain.not_interested import Reason
from service.domain.refusals import NotFound
from service.domain.signal_resets import ResetScope, TooLateToRestore
from service.usecases.edit_not_interested import send_not_interested
from service.usecases.edit_topic_preferences import list_topic_preferences, prefer_topic
from service.usecases.move_settings import export_settings, import_settings
from service.usecases.ports import Parts, SettingsStore
from service.usecases.read_settings import list_not_interested
from service.usecases.reset_not_interested import (
    list_resets,
    reset_not_interested,
    restore_not_interested,
)
from tests.builders import NOW, a_new_signal, parts
from tests.fakes.settings import FakeSettings


def at(settings: SettingsStore, after: timedelta) -> Parts:
    """Return what stories work with some time later, with ids that nothing has yet."""
    around = parts(settings=settings, now=NOW + after)
    return replace(around, new_id=lambda prefix: f"{prefix}_{uuid4()}")


def what_counts(settings: SettingsStore) -> tuple[int, int, int]:
    """Return how many items, other things and topics the rules lean for or against."""
    rules = settings.feed_rules("ada")
    return len(rules.rejected_items), len(rules.pushes), len(rules.topic_levels)


@pytest.fixture
def settings() -> FakeSettings:
    kept = FakeSettings()
    both = (Reason.AUTHOR, Reason.TOPIC)
    send_not_interested(
        parts(settings=kept), "ada", a_new_signal(reasons=both, author_id="ann", topics=("tea",))
    )
    prefer_topic(parts(settings=kept), "ada", "pets", -2)
    return kept


@pytest.mark.parametrize(
    ("scope", "left"),
    [(ResetScope.ALL, (0, 0, 0)), (ResetScope.TOPICS, (1, 1, 0)), (ResetScope.AUTHORS, (1, 1, 1))],
)
def test_ni_09_what_a_reset_covers_does_not_count_from_then_on(
    settings: FakeSettings, scope: ResetScope, left: tuple[int, int, int]
) -> None:
    assert what_counts(settings) == (1, 2, 1)

    edited = reset_not_interested(at(settings, timedelta(hours=1)), "ada", scope)

    assert (edited.created, edited.value.scope) == (True, scope)
    assert what_counts(settings) == left


def test_ni_09_a_reset_of_everything_empties_the_lists(settings: FakeSettings) -> None:
    around = at(settings, timedelta(hours=1))

    reset_not_interested(around, "ada", ResetScope.ALL)

    listed = list_not_interested(around, "ada", 50, None)
    assert (list(listed.signals.items), listed.effects) == ([], ())
    assert list_topic_preferences(around, "ada") == []


def test_ni_09_what_is_sent_after_a_reset_counts(settings: FakeSettings) -> None:
    reset_not_interested(at(settings, timedelta(hours=1)), "ada", ResetScope.ALL)

    later = at(settings, timedelta(hours=2))
    send_not_interested(later, "ada", a_new_signal(item_id="new"))
    send_not_interested(later, "ada", a_new_signal(item_id="late", sent_at=NOW))

    assert settings.feed_rules("ada").rejected_items == ("new",)


def test_ni_09_at_the_same_instant_what_came_later_counts(settings: FakeSettings) -> None:
    around = parts(settings=settings)
    reset_not_interested(around, "ada", ResetScope.ALL)
    send_not_interested(around, "ada", a_new_signal(item_id="new"))

    assert settings.feed_rules("ada").rejected_items == ("new",)


def test_ni_09_a_reset_can_be_taken_back_until_24_hours_have_passed(settings: FakeSettings) -> None:
    reset = reset_not_interested(parts(settings=settings), "ada", ResetScope.ALL).value
    just_in_time = at(settings, timedelta(hours=24, microseconds=-1))

    restored = restore_not_interested(just_in_time, "ada", reset.id)

    assert restored.value.restored_at == just_in_time.now()
    assert what_counts(settings) == (1, 2, 1)
    assert restore_not_interested(at(settings, timedelta(days=2)), "ada", reset.id).head == restored.head


def test_ni_09_after_24_hours_a_reset_stands(settings: FakeSettings) -> None:
    reset = reset_not_interested(parts(settings=settings), "ada", ResetScope.ALL).value

    with pytest.raises(TooLateToRestore) as refused:
        restore_not_interested(at(settings, timedelta(hours=24)), "ada", reset.id)

    assert refused.value.facts == {"restorable_until": NOW + timedelta(hours=24)}
    assert what_counts(settings) == (0, 0, 0)


def test_ni_09_taking_back_one_reset_leaves_another_standing(settings: FakeSettings) -> None:
    topics = reset_not_interested(at(settings, timedelta(hours=1)), "ada", ResetScope.TOPICS).value
    everything = reset_not_interested(at(settings, timedelta(hours=2)), "ada", ResetScope.ALL).value

    restore_not_interested(at(settings, timedelta(hours=3)), "ada", everything.id)

    assert what_counts(settings) == (1, 1, 0)
    listed = list_resets(parts(settings=settings), "ada")
    assert [(each.id, bool(each.restored_at)) for each in listed] == [
        (everything.id, True),
        (topics.id, False),
    ]


def test_ni_09_somebody_elses_reset_cannot_be_taken_back(settings: FakeSettings) -> None:
    reset = reset_not_interested(parts(settings=settings), "ada", ResetScope.ALL).value

    with pytest.raises(NotFound):
        restore_not_interested(parts(settings=settings), "eve", reset.id)


def test_ni_09_what_a_reset_of_everything_set_aside_is_not_taken_along(settings: FakeSettings) -> None:
    around = at(settings, timedelta(hours=1))
    assert len(export_settings(around, "ada").not_interested) == 1

    reset_not_interested(around, "ada", ResetScope.ALL)

    assert export_settings(around, "ada").not_interested == ()


@pytest.mark.parametrize("reasons", [(), (Reason.TOPIC,), (Reason.AUTHOR, Reason.SOUND), (Reason.HASHTAG,)])
@pytest.mark.parametrize(
    "scopes", [[ResetScope.TOPICS], [ResetScope.AUTHORS], [ResetScope.TOPICS, ResetScope.AUTHORS]]
)
def test_ni_09_what_a_reset_set_aside_of_a_signal_is_not_taken_along(
    reasons: tuple[Reason, ...], scopes: list[ResetScope]
) -> None:
    settings, elsewhere = FakeSettings(), FakeSettings()
    signal = a_new_signal(
        reasons=reasons, author_id="ann", sound_id="hum", hashtags=("tea",), topics=("tea", "pets")
    )
    send_not_interested(parts(settings=settings), "ada", signal)
    for scope in scopes:
        reset_not_interested(at(settings, timedelta(hours=1)), "ada", scope)
    exported = export_settings(at(settings, timedelta(hours=2)), "ada").not_interested

    for _ in range(2):
        import_settings(
            at(elsewhere, timedelta(hours=2)), "ada", Brought(signals=exported), ImportMode.REPLACE
        )

    told, meant = elsewhere.feed_rules("ada"), settings.feed_rules("ada")
    assert (told.pushes, told.rejected_items) == (meant.pushes, meant.rejected_items)
    assert elsewhere.feed_rules("ada").revision == 1
