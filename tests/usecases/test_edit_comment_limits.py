"""A user decides who may comment and which comments wait."""

import pytest

from service.domain.comment_limits import (
    KEYWORD_TERMS,
    Audience,
    CommentLimits,
    CommentLimitsPatch,
    HoldMode,
)
from service.domain.consistency import BEFORE_EVERYTHING
from service.domain.refusals import InvalidValue, LimitReached, RevisionMismatch
from service.usecases.edit_comment_limits import change_comment_limits
from tests.builders import parts
from tests.fakes.rules import FakeRules
from tests.fakes.settings import FakeSettings

FRIENDS_ONLY = CommentLimitsPatch(frozenset({"who_can_comment"}), who_can_comment=(Audience.FRIENDS,))
HOLD_ALL = CommentLimitsPatch(frozenset({"hold_mode"}), hold_mode=HoldMode.ALL)


def test_a_change_names_some_members_and_leaves_the_others() -> None:
    rules = FakeRules()
    around = parts(rules=rules)
    change_comment_limits(around, "ada", FRIENDS_ONLY)

    edited = change_comment_limits(around, "ada", HOLD_ALL)

    wanted = CommentLimits(who_can_comment=(Audience.FRIENDS,), hold_mode=HoldMode.ALL, revision=2)
    assert edited.value == wanted == around.settings.feed_rules("ada").comment_limits
    assert [version.number for _, version in rules.retired] == [1, 2]


def test_a_change_that_changes_nothing_leaves_the_revision_as_it_was() -> None:
    settings = FakeSettings()
    around = parts(settings=settings)
    change_comment_limits(around, "ada", FRIENDS_ONLY)

    edited = change_comment_limits(around, "ada", FRIENDS_ONLY)

    assert edited.value.revision == edited.head.revision == 1
    assert len(settings.announced) == 1


def test_a_choice_can_be_given_back_to_the_platform() -> None:
    around = parts()
    change_comment_limits(around, "ada", FRIENDS_ONLY)

    edited = change_comment_limits(around, "ada", CommentLimitsPatch(frozenset({"who_can_comment"})))

    assert edited.value.who_can_comment is None


def test_whoever_never_chose_changes_revision_nought() -> None:
    edited = change_comment_limits(parts(), "ada", HOLD_ALL, expected={0})

    assert edited.value.revision == 1


def test_a_change_of_a_state_that_is_not_the_current_one_is_refused() -> None:
    around = parts()
    change_comment_limits(around, "ada", FRIENDS_ONLY)

    with pytest.raises(RevisionMismatch) as refusal:
        change_comment_limits(around, "ada", HOLD_ALL, expected={0})

    assert refusal.value.kept == around.settings.feed_rules("ada").comment_limits
    assert around.settings.feed_rules("ada").comment_limits.hold_mode is HoldMode.KEYWORDS


@pytest.mark.parametrize("audiences", [(), (Audience.NO_ONE, Audience.FRIENDS)])
def test_groups_that_contradict_each_other_are_refused(audiences: tuple[Audience, ...]) -> None:
    around = parts()

    with pytest.raises(InvalidValue):
        change_comment_limits(
            around, "ada", CommentLimitsPatch(frozenset({"who_can_comment"}), who_can_comment=audiences)
        )

    assert around.settings.feed_rules("ada").version == BEFORE_EVERYTHING


def test_one_keyword_too_many_is_refused_and_nothing_is_cut_off() -> None:
    around = parts()
    words = tuple(f"word {number}" for number in range(KEYWORD_TERMS + 1))

    def keywords(terms: tuple[str, ...]) -> CommentLimitsPatch:
        return CommentLimitsPatch(frozenset({"keyword_terms"}), keyword_terms=terms)

    change_comment_limits(around, "ada", keywords(words[:-1]))
    with pytest.raises(LimitReached):
        change_comment_limits(around, "ada", keywords(words))

    assert around.settings.feed_rules("ada").comment_limits.keyword_terms == words[:-1]


def test_a_word_that_a_later_matcher_refuses_keeps_nobody_from_limiting_comments() -> None:
    around = parts()
    with around.settings.edit("ada") as settings:
        settings.comment_limits.put(CommentLimits(keyword_terms=("a",), revision=1))

    edited = change_comment_limits(around, "ada", FRIENDS_ONLY)

    assert (edited.value.who_can_comment, edited.value.keyword_terms) == ((Audience.FRIENDS,), ("a",))
