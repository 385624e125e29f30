"""What one viewer sees of a candidate: whatever the settings, some things always hold."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations
from math import prod
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.domain.decisions import ReadyRules, decide_feed
from service.domain.feed import Candidate, Decision, Outcome, Quoted, ReasonCode
from service.domain.feed import Reason as FeedReason
from service.domain.feed_rules import FeedRules, FilterRule
from service.domain.keyword_filters import Action
from service.domain.mutes import MuteScope, MuteType
from service.domain.not_interested import Entity, Push
from service.domain.surfaces import SURFACES, Surface
from tests.builders import NOW, a_candidate, a_filter_rule, a_mute_rule, feed_rules, ready_rules
from tests.domain.strategies import candidates, few, filters, others, pushes, rules, surfaces


def decided(surface: str = "for_you", /, *, rules: dict[str, Any], **members: Any) -> Decision:
    """Decide one candidate of these members for a viewer with these rules."""
    [decision] = decide_feed([a_candidate(**members)], ready_rules(**rules), SURFACES[surface], NOW)
    return decision


def test_of_several_blocks_the_last_to_end_says_until_when() -> None:
    soon, later = NOW + timedelta(hours=1), NOW + timedelta(days=7)
    for ends in permutations([soon, later]):
        rules = {"blocks": dict(zip(["author", "friend"], ends, strict=True))}

        [reason] = decided(mentions=("friend",), rules=rules).reasons

        assert (reason.code, reason.until) == (ReasonCode.BLOCK, later)


def test_of_several_blocks_one_without_end_has_no_end() -> None:
    rules = {"blocks": {"author": NOW + timedelta(hours=1), "friend": None}}

    [reason] = decided(mentions=("friend",), rules=rules).reasons

    assert reason.until is None


def test_a_hashtag_written_twice_in_a_post_counts_once() -> None:
    rejected = {"pushes": (Push(Entity.HASHTAG, "cats", NOW),)}

    decision = decided(hashtags=("#cats", "Cats"), rules=rejected)

    assert (decision.multiplier, len(decision.reasons)) == (0.5, 1)


def test_a_muted_thing_is_named_once_however_often_it_occurs() -> None:
    muted = {"mutes": (a_mute_rule(type=MuteType.DOMAIN, id="bad.example"), a_mute_rule(id="author"))}
    links = ("https://bad.example/1", "https://www.bad.example/2")

    decision = decided(links=links, reposter_id="author", rules=muted)

    assert [reason.code for reason in decision.reasons] == [ReasonCode.MUTE_USER, ReasonCode.MUTE_DOMAIN]


def test_on_the_surface_of_comments_a_mute_needs_the_scope_of_comments() -> None:
    comments = {"mutes": (a_mute_rule(id="author", scopes=(MuteScope.COMMENTS,)),)}
    posts = {"mutes": (a_mute_rule(id="author", scopes=(MuteScope.POSTS,)),)}

    assert decided("comments", rules=comments).outcome is Outcome.HIDE
    assert decided("comments", rules=posts).outcome is Outcome.KEEP


def test_what_a_viewer_muted_or_rejected_leaves_the_viewers_own_posts_alone() -> None:
    rules = {
        "mutes": (a_mute_rule(type=MuteType.HASHTAG, id="cats"), a_mute_rule(id="friend")),
        "pushes": (Push(Entity.TOPIC, "pets", NOW),),
    }
    post: dict[str, Any] = {"hashtags": ("cats",), "topics": ("pets",), "quoted": Quoted("friend")}

    assert decided(author_id="viewer", **post, rules=rules).outcome is Outcome.KEEP
    assert decided(author_id="author", **post, rules=rules).outcome is Outcome.HIDE


def test_a_muted_person_cannot_come_back_by_reposting_the_viewer() -> None:
    rules = {"mutes": (a_mute_rule(id="troll"),)}

    assert decided(author_id="viewer", reposter_id="troll", rules=rules).outcome is Outcome.HIDE


NOTICE: dict[str, Any] = {
    "author_id": "safety",
    "caption": "a spoiler",
    "hashtags": ("cats",),
    "topics": ("pets",),
    "mentions": ("troll",),
}
AGAINST_EVERYTHING: dict[str, Any] = {
    "filters": (a_filter_rule(),),
    "blocks": {"troll": None},
    "mutes": (
        a_mute_rule(type=MuteType.HASHTAG, id="cats"),
        a_mute_rule(id="safety"),
        a_mute_rule(id="bore"),
    ),
    "rejected_items": ("post",),
    "topic_levels": {"pets": -2},
}


def about_notice(platform_accounts: tuple[str, ...] = ("safety",), **members: Any) -> Outcome:
    """Return what becomes of a safety notice for somebody who keeps everything about it out."""
    notice = a_candidate(**{**NOTICE, **members})
    [decision] = decide_feed(
        [notice],
        ready_rules(**AGAINST_EVERYTHING),
        SURFACES["for_you"],
        NOW,
        platform_accounts=platform_accounts,
    )
    return decision.outcome


def test_kf_11_notices_of_platform_safety_accounts_are_never_filtered() -> None:
    assert about_notice() is Outcome.KEEP
    assert about_notice(platform_accounts=()) is Outcome.HIDE


def test_kf_11_who_passes_a_notice_on_may_still_be_blocked_or_muted() -> None:
    assert about_notice(reposter_id="troll") is Outcome.HIDE
    assert about_notice(reposter_id="bore") is Outcome.HIDE
    assert about_notice(reposter_id="friend") is Outcome.KEEP


def test_a_viewer_may_reject_one_item_of_their_own() -> None:
    rules = {"rejected_items": ("post",)}

    assert decided(author_id="viewer", rules=rules).outcome is Outcome.HIDE


def rank(decision: Decision) -> tuple[int, float]:
    """Return how much is left of a post: the stronger the outcome and the lower the multiplier, the less."""
    return -list(Outcome).index(decision.outcome), decision.multiplier


def told(reason: FeedReason) -> tuple[str, str | None, Outcome]:
    """Return what tells one reason from another."""
    return reason.code, reason.setting_id, reason.outcome


@few
@given(st.lists(candidates, min_size=1, max_size=5), rules, surfaces, st.randoms(use_true_random=False))
def test_what_becomes_of_a_candidate_depends_on_it_alone(
    page: list[Candidate], given_rules: FeedRules, surface: Surface, chance: Random
) -> None:
    ready = ReadyRules(given_rules)
    alone = [decide_feed([candidate], ready, surface, NOW)[0] for candidate in page]
    order = [*range(len(page)), *range(len(page))]
    chance.shuffle(order)

    mixed = decide_feed([page[number] for number in order], ready, surface, NOW)

    assert mixed == [alone[number] for number in order]


@few
@given(candidates, rules, surfaces)
def test_the_strongest_reason_rules_and_stands_first(
    candidate: Candidate, given_rules: FeedRules, surface: Surface
) -> None:
    [decision] = decide_feed([candidate], ReadyRules(given_rules), surface, NOW)

    strength = [list(Outcome).index(reason.outcome) for reason in decision.reasons]
    assert strength == sorted(strength, reverse=True)
    assert decision.outcome is (decision.reasons[0].outcome if decision.reasons else Outcome.KEEP)
    assert Outcome.KEEP not in {reason.outcome for reason in decision.reasons}


@few
@given(candidates, rules, surfaces)
def test_the_multiplier_is_what_the_reasons_multiply_to(
    candidate: Candidate, given_rules: FeedRules, surface: Surface
) -> None:
    [decision] = decide_feed([candidate], ReadyRules(given_rules), surface, NOW)

    assert decision.multiplier == pytest.approx(prod(reason.multiplier for reason in decision.reasons))
    assert 0 < decision.multiplier <= 1
    assert all(0 < reason.multiplier < 1 for reason in decision.reasons if reason.outcome is Outcome.DOWNRANK)


@few
@given(candidates, rules, surfaces)
def test_every_setting_that_objects_is_told_whatever_the_others_do(
    candidate: Candidate, given_rules: FeedRules, surface: Surface
) -> None:
    [together] = decide_feed([candidate], ReadyRules(given_rules), surface, NOW)

    apart = {
        told(reason)
        for single in one_at_a_time(given_rules)
        for reason in decide_feed([candidate], ReadyRules(single), surface, NOW)[0].reasons
    }

    assert {told(reason) for reason in together.reasons} == apart


def one_at_a_time(given_rules: FeedRules) -> Iterator[FeedRules]:
    """Take rules apart: each holds what is about one person or thing."""
    for person, end in given_rules.blocks.items():
        yield feed_rules(blocks={person: end})
    for person, end in given_rules.blocked_by.items():
        yield feed_rules(blocked_by={person: end})
    for mute in given_rules.mutes:
        yield feed_rules(mutes=(mute,))
    for each in given_rules.filters:
        yield feed_rules(filters=(each,))
    for entity in {(push.entity, push.id) for push in given_rules.pushes}:
        yield feed_rules(
            pushes=tuple(push for push in given_rules.pushes if (push.entity, push.id) == entity)
        )


@few
@given(candidates, rules, surfaces, others)
def test_one_more_block_never_lets_more_through(
    candidate: Candidate, given_rules: FeedRules, surface: Surface, person: str
) -> None:
    blocking = replace(given_rules, blocks={**given_rules.blocks, person: None})
    blocked = replace(given_rules, blocked_by={**given_rules.blocked_by, person: None})
    [before] = decide_feed([candidate], ReadyRules(given_rules), surface, NOW)

    for more in (blocking, blocked):
        [after] = decide_feed([candidate], ReadyRules(more), surface, NOW)

        assert rank(after) <= rank(before)


@few
@given(candidates, rules, surfaces, filters, pushes)
def test_one_more_filter_or_signal_never_lets_more_through(
    candidate: Candidate, given_rules: FeedRules, surface: Surface, another: FilterRule, push: Push
) -> None:
    filtering = replace(given_rules, filters=(*given_rules.filters, another))
    fresh = Push(push.entity, push.id, NOW, weak=push.weak)
    rejecting = replace(given_rules, pushes=(*given_rules.pushes, fresh))
    [before] = decide_feed([candidate], ReadyRules(given_rules), surface, NOW)

    for more in (filtering, rejecting):
        [after] = decide_feed([candidate], ReadyRules(more), surface, NOW)

        assert after.outcome is Outcome.HIDE or rank(after) <= (rank(before)[0], rank(before)[1] + 1e-9)


@few
@given(candidates, rules, surfaces)
def test_who_follows_an_author_never_sees_less(
    candidate: Candidate, given_rules: FeedRules, surface: Surface
) -> None:
    strange, followed = (replace(candidate, viewer_follows_author=follows) for follows in (False, True))

    before, after = decide_feed([strange, followed], ReadyRules(given_rules), surface, NOW)

    assert rank(after)[0] >= rank(before)[0]


@few
@given(candidates, rules)
def test_a_visit_to_a_profile_shows_what_a_feed_with_the_same_rules_would(
    candidate: Candidate, given_rules: FeedRules
) -> None:
    everywhere = tuple(replace(each, surfaces=()) for each in given_rules.filters)
    ready = ReadyRules(replace(given_rules, filters=everywhere))

    [feed] = decide_feed([candidate], ready, SURFACES["following"], NOW)
    [profile] = decide_feed([candidate], ready, SURFACES["profile"], NOW)

    assert rank(profile)[0] >= rank(feed)[0]
    assert [reason.code for reason in profile.reasons if reason.outcome is Outcome.HIDE] == [
        reason.code
        for reason in feed.reasons
        if reason.code in {ReasonCode.BLOCK, ReasonCode.UNAVAILABLE} or hides_on_purpose(reason, everywhere)
    ]


def hides_on_purpose(reason: FeedReason, rules_of_filters: tuple[FilterRule, ...]) -> bool:
    """Tell whether a reason is a filter that asks to hide, rather than one that asks for nothing."""
    asked = {each.id: each.action for each in rules_of_filters}
    return reason.setting_id is not None and asked[reason.setting_id] is Action.HIDE


def test_nobody_objects_to_anything_before_anything_is_chosen() -> None:
    post = a_candidate(caption="a spoiler", hashtags=("cats",), mentions=("troll",))

    assert decide_feed([post], ready_rules(), SURFACES["for_you"], NOW) == [Decision("post", Outcome.KEEP)]


def test_an_empty_page_has_no_decisions() -> None:
    assert decide_feed([], ready_rules(), SURFACES["for_you"], NOW) == []
