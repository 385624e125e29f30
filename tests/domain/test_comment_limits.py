"""Comment limits: the ladder of holds, patches that merge, and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.comment_limits import (
    KEYWORD_TERMS,
    Audience,
    CommentLimits,
    CommentLimitsPatch,
    HoldMode,
    holds,
    keyword,
    require_valid_limits,
)
from service.domain.matching import Mode, Strictness, UnmatchableTerm
from service.domain.refusals import InvalidValue, LimitReached

MEMBERS = ("who_can_comment", "hold_mode", "keyword_terms")
values = {
    "who_can_comment": st.none() | st.lists(st.sampled_from(Audience), max_size=2).map(tuple),
    "hold_mode": st.sampled_from(HoldMode),
    "keyword_terms": st.lists(st.sampled_from(["spam", "scam"]), max_size=2).map(tuple),
}
limits = st.builds(CommentLimits, **values, revision=st.integers(0, 9))
patches = st.builds(CommentLimitsPatch, named=st.frozensets(st.sampled_from(MEMBERS)), **values)


@given(limits, patches)
def test_a_patch_changes_what_it_names_and_nothing_else(
    kept: CommentLimits, patch: CommentLimitsPatch
) -> None:
    changed = patch.apply(kept)

    for member in MEMBERS:
        source: Any = patch if member in patch.named else kept
        assert getattr(changed, member) == getattr(source, member)
    assert changed.revision == kept.revision


@given(limits, patches)
def test_a_patch_that_is_sent_twice_changes_nothing_more(
    kept: CommentLimits, patch: CommentLimitsPatch
) -> None:
    once = patch.apply(kept)

    assert patch.apply(once) == once


@given(limits, patches, patches)
def test_patches_of_different_members_do_not_disturb_each_other(
    kept: CommentLimits, one: CommentLimitsPatch, other: CommentLimitsPatch
) -> None:
    if not one.named & other.named:
        assert one.apply(other.apply(kept)) == other.apply(one.apply(kept))


def test_a_member_can_be_given_back_to_the_platform() -> None:
    chosen = CommentLimits(who_can_comment=(Audience.FRIENDS,), keyword_terms=("spam",))

    given_back = CommentLimitsPatch(frozenset({"who_can_comment"}), who_can_comment=None).apply(chosen)

    assert given_back == CommentLimits(who_can_comment=None, keyword_terms=("spam",))


@given(st.sampled_from(HoldMode), st.sampled_from(HoldMode))
def test_of_two_hold_modes_one_is_as_strict_as_the_other(one: HoldMode, other: HoldMode) -> None:
    assert holds(one, other) or holds(other, one)
    assert (holds(one, other) and holds(other, one)) == (one is other)


def test_the_ladder_goes_from_off_over_suspected_and_keywords_to_all() -> None:
    steps = [HoldMode.OFF, HoldMode.SUSPECTED, HoldMode.KEYWORDS, HoldMode.ALL]

    assert [[holds(mode, step) for step in steps[1:]] for mode in steps] == [
        [False, False, False],
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


@pytest.mark.parametrize(
    "audiences",
    [None, (Audience.NO_ONE,), (Audience.EVERYONE,), (Audience.FOLLOWERS, Audience.MENTIONED)],
)
def test_groups_that_make_sense_are_accepted(audiences: tuple[Audience, ...] | None) -> None:
    require_valid_limits(CommentLimits(who_can_comment=audiences))


@pytest.mark.parametrize("audiences", [(), (Audience.NO_ONE, Audience.FRIENDS), (Audience.NO_ONE,) * 2])
def test_groups_that_contradict_each_other_are_refused(audiences: tuple[Audience, ...]) -> None:
    with pytest.raises(InvalidValue, match="who_can_comment"):
        require_valid_limits(CommentLimits(who_can_comment=audiences))


def test_the_limit_on_keywords_says_where_it_stands() -> None:
    terms = tuple(f"term{number}" for number in range(KEYWORD_TERMS + 1))

    require_valid_limits(CommentLimits(keyword_terms=terms[:-1]))
    with pytest.raises(LimitReached) as refused:
        require_valid_limits(CommentLimits(keyword_terms=terms))

    assert refused.value.facts == {"limit": 500, "current": 501}


@pytest.mark.parametrize("term", ["", " ", "a", "b*d"])
def test_a_keyword_that_would_hold_nothing_or_everything_is_refused(term: str) -> None:
    with pytest.raises(UnmatchableTerm):
        require_valid_limits(CommentLimits(keyword_terms=("spam", term)))


def test_keywords_are_whole_words_and_loose_where_long_enough() -> None:
    assert (keyword("spam").mode, keyword("spam").strictness) == (Mode.WORD, Strictness.LOOSE)
    assert keyword("cat").strictness is Strictness.STRICT
    assert keyword("spam*").mode is Mode.PREFIX
