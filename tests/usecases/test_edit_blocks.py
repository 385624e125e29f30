"""A user blocks and unblocks people."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.domain.blocks import BLOCKS_PER_USER, NewBlock, Source
from service.domain.consistency import BEFORE_EVERYTHING
from service.domain.people import CannotTargetPlatform, CannotTargetYourself
from service.domain.refusals import InvalidItem, InvalidValue, LimitReached, Refusal, TooOften
from service.usecases.edit_blocks import BlockChange, block, edit_blocks, unblock
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


def unblocked_three_times() -> FakeSettings:
    """Return settings of ada, who unblocked troll an hour apart: 3, 2 and 1 hours before now; blocked again."""
    settings = FakeSettings()
    for hours in (3, 2, 1):
        before = parts(settings=settings, now=NOW - timedelta(hours=hours))
        block(before, "ada", NewBlock("troll"))
        unblock(before, "ada", "troll")
    block(parts(settings=settings), "ada", NewBlock("troll"))
    return settings


def test_ab_02_a_fourth_unblock_of_one_person_in_24_hours_is_refused_and_the_block_stands() -> None:
    around = parts(settings=unblocked_three_times())

    with pytest.raises(TooOften) as refused:
        unblock(around, "ada", "troll")

    assert refused.value.facts == {"limit": 3, "current": 4, "retry_after_seconds": 21 * 3600}
    assert around.settings.feed_rules("ada").blocks == {"troll": None}


def test_ab_02_whoever_is_harassed_can_always_block_again() -> None:
    around = parts(settings=unblocked_three_times())

    assert block(around, "ada", NewBlock("troll", note="still at it")).earlier


def test_ab_02_an_unblock_is_possible_again_once_the_first_is_a_day_old() -> None:
    settings = unblocked_three_times()

    with pytest.raises(TooOften):
        unblock(parts(settings=settings, now=NOW + timedelta(hours=21, seconds=-1)), "ada", "troll")
    unblock(parts(settings=settings, now=NOW + timedelta(hours=21)), "ada", "troll")

    assert settings.feed_rules("ada").blocks == {}


def test_ab_02_unblocking_somebody_else_or_nobody_is_not_counted() -> None:
    around = parts(settings=unblocked_three_times())
    block(around, "ada", NewBlock("bob"))

    unblock(around, "ada", "bob")
    for _ in range(5):
        unblock(around, "ada", "carol")
    [of_troll] = edit_blocks(around, "ada", [], ["troll"]).value

    assert isinstance(of_troll.refusal, TooOften)


def test_bm_09_nobody_blocks_an_account_by_which_the_platform_speaks_about_safety() -> None:
    around = replace(parts(), platform_accounts=frozenset({"safety"}))

    with pytest.raises(CannotTargetPlatform):
        block(around, "ada", NewBlock("safety"))

    assert around.settings.feed_rules("safety").version == BEFORE_EVERYTHING


def test_bm_08_a_batch_is_one_edit_with_a_result_each() -> None:
    around = parts()
    block(around, "ada", NewBlock("old"))
    block(around, "ada", NewBlock("leaving"))

    edited = edit_blocks(around, "ada", [NewBlock("new"), NewBlock("old", note="n")], ["leaving", "stranger"])

    assert [(each.target_id, each.status) for each in edited.value] == [
        ("new", BlockChange.BLOCKED),
        ("old", BlockChange.UPDATED),
        ("leaving", BlockChange.UNBLOCKED),
        ("stranger", BlockChange.NOT_BLOCKED),
    ]
    assert edited.head.revision == 3
    assert around.settings.feed_rules("ada").blocks == {"old": None, "new": None}
    assert around.settings.feed_rules("leaving").blocked_by == {}
    assert around.settings.feed_rules("new").blocked_by == {"ada": None}


def test_bm_08_one_bad_item_leaves_the_others_of_a_batch_alone() -> None:
    around = replace(parts(settings=unblocked_three_times()), platform_accounts=frozenset({"safety"}))
    unreadable = InvalidItem({"note": ["Longer than maximum length 200."]})
    add: list[NewBlock | Refusal] = [
        NewBlock("ada"),
        NewBlock("safety"),
        unreadable,
        NewBlock("late", expires_at=NOW),
        NewBlock("bob"),
    ]

    edited = edit_blocks(around, "ada", add, ["troll", unreadable])

    refusals = [type(each.refusal) for each in edited.value]
    assert refusals == [
        CannotTargetYourself,
        CannotTargetPlatform,
        InvalidItem,
        InvalidValue,
        type(None),
        TooOften,
        InvalidItem,
    ]
    assert around.settings.feed_rules("ada").blocks == {"troll": None, "bob": None}


def test_bm_08_a_batch_that_says_the_same_again_keeps_the_last_word() -> None:
    around = parts()

    edited = edit_blocks(
        around, "ada", [NewBlock("bob"), NewBlock("bob", note="n"), NewBlock("eve")], ["eve"]
    )

    assert [each.status for each in edited.value] == [
        BlockChange.BLOCKED,
        BlockChange.UPDATED,
        BlockChange.BLOCKED,
        BlockChange.UNBLOCKED,
    ]
    with around.settings.read("ada") as settings:
        assert [(each.target_id, each.note) for each in settings.blocks.page(9, None)] == [("bob", "n")]


def test_bm_08_a_batch_that_changes_nothing_is_no_edit() -> None:
    around = parts()

    edited = edit_blocks(around, "ada", [NewBlock("ada")], ["stranger"])

    assert edited.head.version == BEFORE_EVERYTHING
    assert around.settings.feed_rules("stranger").version == BEFORE_EVERYTHING


def test_bm_09_a_batch_fills_up_to_the_limit_and_refuses_the_rest() -> None:
    around = parts()
    people = [str(number) for number in range(BLOCKS_PER_USER - 1)]
    with around.settings.edit("ada", felt_by=people) as settings:
        settings.blocks.put(*(a_block(target_id=each) for each in people))

    edited = edit_blocks(around, "ada", [NewBlock("one"), NewBlock("two"), NewBlock("0")], [])

    assert [each.status for each in edited.value] == [
        BlockChange.BLOCKED,
        BlockChange.REFUSED,
        BlockChange.UPDATED,
    ]
    refusal = edited.value[1].refusal
    assert refusal
    assert refusal.facts == {"limit": 10_000, "current": 10_001}
