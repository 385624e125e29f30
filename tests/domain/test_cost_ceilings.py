"""What a request may cost: the order in which things are given up, and on which side of the ceiling."""

import pytest

from service.domain.cost_ceilings import (
    CEILING,
    CloseLooks,
    Effort,
    as_closely_as_possible,
    close_looks,
    close_looks_for_keywords,
    effort_for,
    filters_at,
)
from service.domain.matching import Mode, Strictness, TooManyLooks
from tests.builders import a_filter_rule


@pytest.mark.parametrize(
    ("size", "looks", "effort"),
    [
        (1024 * 1024, CloseLooks(0, 0), Effort.WHOLE),
        (CEILING // 1_000, CloseLooks(1_000, 0), Effort.WHOLE),
        (CEILING // 1_000 + 1, CloseLooks(1_000, 0), Effort.UNDISGUISED),
        (CEILING // 1_000, CloseLooks(1_000, 1), Effort.UNDISGUISED),
        (CEILING // 1_000, CloseLooks(1_000, 1_000), Effort.UNDISGUISED),
        (CEILING // 1_000 + 1, CloseLooks(0, 1_000), Effort.UNFILTERED),
    ],
)
def test_ab_03_disguises_are_given_up_first_and_filters_last(
    size: int, looks: CloseLooks, effort: Effort
) -> None:
    assert effort_for(size, looks) is effort


def test_ab_03_the_largest_page_that_feeds_send_is_looked_at_whole_with_as_many_terms_as_there_may_be() -> (
    None
):
    assert effort_for(115 * 1024, CloseLooks(1_000, 1_000)) is Effort.WHOLE


def test_ab_03_terms_that_a_scan_finds_cost_nothing() -> None:
    rules = [
        a_filter_rule(terms=("a", "b"), strictness=Strictness.STRICT),
        a_filter_rule(terms=("word", "wide*")),
        a_filter_rule(terms=("in",), mode=Mode.SUBSTRING, strictness=Strictness.STRICT),
    ]

    assert close_looks(rules) == CloseLooks(disguised=2, anywhere=1 + 5)


def test_ab_03_keywords_for_comments_are_looked_for_in_disguise_too() -> None:
    assert close_looks_for_keywords(("clown", "in*")) == CloseLooks(disguised=1 + 20, anywhere=5)


def test_ab_03_what_is_left_looks_for_the_same_words() -> None:
    rules = [a_filter_rule(terms=("spoiler",))]

    assert filters_at(Effort.WHOLE, rules) == (rules[0],)
    assert [(rule.terms, rule.strictness) for rule in filters_at(Effort.UNDISGUISED, rules)] == [
        (("spoiler",), Strictness.STRICT)
    ]
    assert filters_at(Effort.UNFILTERED, rules) == ()


@pytest.mark.parametrize("enough", Effort)
@pytest.mark.parametrize("wanted", Effort)
def test_ab_03_what_turns_out_too_much_is_judged_with_less_effort(wanted: Effort, enough: Effort) -> None:
    def judge(effort: Effort) -> str:
        if effort < enough:
            raise TooManyLooks
        return effort.name

    made = max(wanted, enough)

    assert as_closely_as_possible(wanted, judge) == (made.name, made)
