"""A post in which somebody blocked has any part is never kept; and the check that says so catches every slip."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.decisions import ReadyRules, decide_feed
from service.domain.feed import Candidate, Decision, Outcome, Quoted
from service.domain.feed_rules import FeedRules
from service.domain.surfaces import SURFACES, Surface
from tests.builders import NOW, a_candidate, feed_rules
from tests.domain.strategies import candidates, few, rules, surfaces

Decide = Callable[[Sequence[Candidate], ReadyRules, Surface, datetime], list[Decision]]

PARTS: Final[dict[str, dict[str, Any]]] = {
    "author": {"author_id": "troll"},
    "reposter": {"reposter_id": "troll"},
    "reposter of the viewer": {"author_id": "viewer", "reposter_id": "troll"},
    "quoted": {"quoted": Quoted("troll", "hello")},
    "quoted without text": {"quoted": Quoted("troll")},
    "parent": {"parent_author_id": "troll"},
    "root": {"root_author_id": "troll"},
    "only one mentioned": {"mentions": ("troll",)},
    "last one mentioned": {"mentions": ("friend", "stranger", "troll")},
    "mentioned by somebody followed": {"mentions": ("troll",), "viewer_follows_author": True},
}
SIDES: Final[dict[str, dict[str, Any]]] = {
    "blocked for good": {"blocks": {"troll": None}},
    "blocked for one more microsecond": {"blocks": {"troll": NOW + timedelta(microseconds=1)}},
    "blocked beside others": {"blocks": {"stranger": NOW, "troll": None}},
    "blocked by": {"blocked_by": {"troll": None}},
    "blocked by for one more microsecond": {"blocked_by": {"troll": NOW + timedelta(microseconds=1)}},
}


def wrong_keeps(decide: Decide) -> Iterator[str]:
    """Name every case in which a post that must be hidden is not, among posts that nobody objects to."""
    noise = [a_candidate(id="before", author_id="friend"), a_candidate(id="after", author_id="friend")]
    for surface in SURFACES.values():
        for side, members in SIDES.items():
            ready = ReadyRules(feed_rules(**members))
            for part, candidate in PARTS.items():
                page = [noise[0], a_candidate(**candidate), noise[1]]
                before, decision, after = decide(page, ready, surface, NOW)
                if decision.outcome is not Outcome.HIDE or {before.outcome, after.outcome} != {Outcome.KEEP}:
                    yield f"{side}: {part} on {surface.name}"


def test_somebody_blocked_is_hidden_in_every_part_on_every_surface_and_from_both_sides() -> None:
    assert list(wrong_keeps(decide_feed)) == []


def forgetting(**members: Any) -> Decide:
    """Return a decision that does not look at some members of a candidate."""

    def decide(
        page: Sequence[Candidate], ready: ReadyRules, surface: Surface, now: datetime
    ) -> list[Decision]:
        return decide_feed([msgspec.structs.replace(each, **members) for each in page], ready, surface, now)

    return decide


def with_rules(change: Callable[[FeedRules], FeedRules]) -> Decide:
    """Return a decision that goes by other rules than it is given."""

    def decide(
        page: Sequence[Candidate], ready: ReadyRules, surface: Surface, now: datetime
    ) -> list[Decision]:
        return decide_feed(page, ReadyRules(change(ready.rules)), surface, now)

    return decide


def first_mention_only(
    page: Sequence[Candidate], ready: ReadyRules, surface: Surface, now: datetime
) -> list[Decision]:
    """Decide by the first person mentioned."""
    return decide_feed(
        [msgspec.structs.replace(each, mentions=each.mentions[:1]) for each in page], ready, surface, now
    )


def profiles_are_open(
    page: Sequence[Candidate], ready: ReadyRules, surface: Surface, now: datetime
) -> list[Decision]:
    """Keep everything that somebody visits on purpose."""
    if surface.visited:
        return [Decision(each.id, Outcome.KEEP) for each in page]
    return decide_feed(page, ready, surface, now)


def own_posts_are_kept(
    page: Sequence[Candidate], ready: ReadyRules, surface: Surface, now: datetime
) -> list[Decision]:
    """Keep the viewer's own posts whoever passes them on."""
    decided = decide_feed(page, ready, surface, now)
    return [
        Decision(each.id, Outcome.KEEP) if each.author_id == ready.rules.user_id else decision
        for each, decision in zip(page, decided, strict=True)
    ]


def one_microsecond_early(
    page: Sequence[Candidate], ready: ReadyRules, surface: Surface, now: datetime
) -> list[Decision]:
    """Let blocks end before they end."""
    return decide_feed(page, ready, surface, now + timedelta(microseconds=1))


def out_of_order(
    page: Sequence[Candidate], ready: ReadyRules, surface: Surface, now: datetime
) -> list[Decision]:
    """Answer in another order than asked."""
    decided = decide_feed(page, ready, surface, now)
    return [*decided[1:], decided[0]]


def hiding_everything(
    page: Sequence[Candidate], ready: ReadyRules, surface: Surface, now: datetime
) -> list[Decision]:
    """Be safe by showing nothing at all."""
    return [Decision(each.id, Outcome.HIDE) for each in page]


BROKEN: Final[dict[str, Decide]] = {
    "forgets the author": forgetting(author_id="friend"),
    "forgets the reposter": forgetting(reposter_id=None),
    "forgets the quoted author": forgetting(quoted=None),
    "forgets the parent author": forgetting(parent_author_id=None),
    "forgets the root author": forgetting(root_author_id=None),
    "forgets mentions": forgetting(mentions=()),
    "reads the first mention only": first_mention_only,
    "forgets who blocked the viewer": with_rules(lambda kept: msgspec.structs.replace(kept, blocked_by={})),
    "forgets whom the viewer blocked": with_rules(lambda kept: msgspec.structs.replace(kept, blocks={})),
    "opens profiles": profiles_are_open,
    "keeps the viewer's own posts": own_posts_are_kept,
    "ends blocks early": one_microsecond_early,
    "answers out of order": out_of_order,
    "hides everything": hiding_everything,
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_check_catches_a_decision_that(broken: Decide) -> None:
    assert list(wrong_keeps(broken))


@few
@given(st.lists(candidates, max_size=4), rules, surfaces)
def test_whatever_else_is_set_nobody_blocked_is_ever_kept(
    page: list[Candidate], given_rules: FeedRules, surface: Surface
) -> None:
    barred = {
        person
        for side in (given_rules.blocks, given_rules.blocked_by)
        for person, end in side.items()
        if end is None or end > NOW
    }

    decided = decide_feed(page, ReadyRules(given_rules), surface, NOW)

    for candidate, decision in zip(page, decided, strict=True):
        told = msgspec.to_builtins(candidate)
        quoted = told["quoted"] or {}
        parts = [told["author_id"], told["reposter_id"], told["parent_author_id"], told["root_author_id"]]
        if barred & {*parts, *told["mentions"], quoted.get("author_id")}:
            assert decision.outcome is Outcome.HIDE
