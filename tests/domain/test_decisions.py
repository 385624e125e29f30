"""What one viewer sees of a candidate: whatever the settings, some things always hold."""

from datetime import timedelta
from itertools import permutations
from typing import Any

from service.domain.decisions import decide_feed
from service.domain.feed import Decision, Outcome, Quoted, ReasonCode
from service.domain.mutes import MuteScope, MuteType
from service.domain.not_interested import Entity, Push
from service.domain.surfaces import SURFACES
from tests.builders import NOW, a_candidate, a_mute_rule, ready_rules


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


def test_a_viewer_may_reject_one_item_of_their_own() -> None:
    rules = {"pushes": (Push(Entity.ITEM, "post", NOW),)}

    assert decided(author_id="viewer", rules=rules).outcome is Outcome.HIDE
