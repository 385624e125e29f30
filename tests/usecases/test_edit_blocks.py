"""A user blocks and unblocks people."""

from datetime import datetime, timedelta

import pytest

from service.domain.blocks import BLOCKS_PER_USER, NewBlock, Source
from service.domain.consistency import BEFORE_EVERYTHING
from service.domain.people import CannotTargetYourself
from service.domain.refusals import InvalidValue, LimitReached
from service.usecases.edit_blocks import block, unblock
from tests.builders import NOW, a_block, parts
from tests.fakes.rules import FakeRules
from tests.fakes.settings import FakeSettings

TOMORROW = NOW + timedelta(days=1)


def test_a_block_counts_for_both_people_from_now_on() -> None:
    around = parts()

    edited = block(around, "ada", NewBlock("troll", note="spam", expires_at=TOMORROW))

    assert edited.created
    assert edited.earlier is None
    assert edited.value == a_block(note="spam", expires_at=TOMORROW)
    assert around.settings.feed_rules("ada").blocks == {"troll": TOMORROW}
    assert around.settings.feed_rules("troll").blocked_by == {"ada": TOMORROW}


def test_a_block_moves_the_blocked_persons_version_but_not_their_revision() -> None:
    around = parts()

    block(around, "ada", NewBlock("troll"))

    rules = around.settings.feed_rules("troll")
    assert (rules.version.number, rules.revision) == (1, 0)


def test_a_block_and_its_end_retire_what_is_cached_of_both_people() -> None:
    rules = FakeRules()
    around = parts(rules=rules)

    block(around, "ada", NewBlock("troll"))
    unblock(around, "ada", "troll")

    assert [(user_id, version.number) for user_id, version in rules.retired] == [
        ("ada", 1),
        ("troll", 1),
        ("ada", 2),
        ("troll", 2),
    ]


def test_a_block_made_again_is_updated_in_place_and_says_what_was_there() -> None:
    around = parts()
    first = block(around, "ada", NewBlock("troll", note="old", expires_at=TOMORROW))
    later = parts(settings=around.settings, now=TOMORROW)

    again = block(later, "ada", NewBlock("troll", note="new", source=Source.COMMENT))

    assert not again.created
    assert again.earlier == first.value
    assert again.value == a_block(note="new", source=Source.COMMENT, created_at=NOW, revision=2)
    assert around.settings.feed_rules("troll").blocked_by == {"ada": None}


def test_nobody_blocks_themself() -> None:
    around = parts()

    with pytest.raises(CannotTargetYourself):
        block(around, "ada", NewBlock("ada"))

    assert around.settings.feed_rules("ada").version == BEFORE_EVERYTHING


@pytest.mark.parametrize("expires_at", [NOW, NOW + timedelta(days=367)])
def test_a_block_that_ends_in_the_past_or_too_late_is_refused(expires_at: datetime) -> None:
    with pytest.raises(InvalidValue):
        block(parts(), "ada", NewBlock("troll", expires_at=expires_at))


def test_one_block_too_many_is_refused_but_those_there_are_can_be_changed() -> None:
    around = parts()
    everybody = [f"troll-{number}" for number in range(BLOCKS_PER_USER)]
    with around.settings.edit("ada", felt_by=everybody) as settings:
        for target_id in everybody:
            settings.blocks.put(a_block(target_id=target_id))

    with pytest.raises(LimitReached):
        block(around, "ada", NewBlock("one-more"))
    block(around, "ada", NewBlock("troll-0", note="changed"))

    assert around.settings.feed_rules("ada").revision == 2
    assert around.settings.feed_rules("one-more").version == BEFORE_EVERYTHING


def test_unblocking_lets_both_people_see_each_other_again() -> None:
    around = parts()
    block(around, "ada", NewBlock("troll"))

    edited = unblock(around, "ada", "troll")

    assert edited.head.revision == 2
    assert around.settings.feed_rules("ada").blocks == {}
    assert around.settings.feed_rules("troll").blocked_by == {}


def test_unblocking_somebody_who_is_not_blocked_changes_nothing() -> None:
    settings = FakeSettings()

    edited = unblock(parts(settings=settings), "ada", "stranger")

    assert (edited.head.revision, edited.head.version) == (0, BEFORE_EVERYTHING)
    assert settings.announced == []


def test_unblocking_does_not_end_what_the_other_person_blocked() -> None:
    around = parts()
    block(around, "ada", NewBlock("bob"))
    block(around, "bob", NewBlock("ada"))

    unblock(around, "ada", "bob")

    assert around.settings.feed_rules("bob").blocks == {"ada": None}
    assert around.settings.feed_rules("ada").blocked_by == {"bob": None}
