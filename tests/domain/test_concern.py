"""Nothing that a rule names slips past the one question that spares most candidates all others."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.decisions import ReadyRules, decide, decide_feed
from service.domain.feed import Candidate, Quoted
from service.domain.feed_rules import FeedRules
from service.domain.mutes import MuteType
from service.domain.not_interested import Entity, Push
from service.domain.surfaces import SURFACES
from tests.builders import NOW, a_mute_rule, feed_rules

IDS = st.sampled_from(["ann", "bob", "cats", "pets", "song", "host.example", "other", "more"])
LINKS = st.sampled_from(["https://www.host.example/x", "https://else.example"])

CANDIDATES = st.builds(
    Candidate,
    id=IDS,
    author_id=IDS,
    hashtags=st.lists(st.sampled_from(["#Cats", "ＣＡＴＳ", "dogs"]), max_size=2).map(tuple),
    sound_id=st.none() | IDS,
    topics=st.lists(IDS, max_size=2).map(tuple),
    links=st.lists(LINKS, max_size=1).map(tuple),
    quoted=st.none() | st.builds(Quoted, author_id=IDS),
    reposter_id=st.none() | IDS,
    parent_author_id=st.none() | IDS,
    root_author_id=st.none() | IDS,
    mentions=st.lists(IDS, max_size=2).map(tuple),
)
THINGS = [entity for entity in Entity if entity is not Entity.ITEM]
RULES = st.builds(
    feed_rules,
    blocks=st.dictionaries(IDS, st.none(), max_size=2),
    blocked_by=st.dictionaries(IDS, st.none(), max_size=2),
    mutes=st.lists(st.builds(a_mute_rule, type=st.sampled_from(MuteType), id=IDS), max_size=3).map(tuple),
    pushes=st.lists(st.builds(Push, st.sampled_from(THINGS), IDS, st.just(NOW)), max_size=3).map(tuple),
    rejected_items=st.lists(IDS, max_size=2).map(tuple),
    topic_levels=st.dictionaries(IDS, st.integers(-2, 2), max_size=2),
)
FOR_YOU = SURFACES["for_you"]


def slips_past(ready: ReadyRules, candidates: Sequence[Candidate]) -> bool:
    """Tell whether deciding all together keeps what deciding each alone does not."""
    alone = [decide(candidate, (), ready, FOR_YOU, NOW) for candidate in candidates]
    return decide_feed(candidates, ready, FOR_YOU, NOW) != alone


@given(RULES, st.lists(CANDIDATES, max_size=6))
def test_candidates_are_decided_together_as_each_alone(rules: FeedRules, candidates: list[Candidate]) -> None:
    assert not slips_past(ReadyRules(rules), candidates)


class OnlyAuthors(ReadyRules):
    """The broken variant: it looks at authors and forgets every other way into a feed."""

    def concern(self, candidates: Sequence[Candidate]) -> set[int]:
        """Return the places of candidates whose author a block names."""
        return {place for place, each in enumerate(candidates) if each.author_id in self.rules.blocks}


@pytest.mark.parametrize(
    "candidate",
    [
        Candidate(id="p", author_id="other", mentions=("ann",)),
        Candidate(id="p", author_id="other", reposter_id="ann"),
        Candidate(id="p", author_id="other", quoted=Quoted("ann")),
        Candidate(id="p", author_id="other", parent_author_id="ann"),
        Candidate(id="p", author_id="other", root_author_id="ann"),
    ],
)
def test_the_check_catches_a_question_that_forgets_a_way_in(candidate: Candidate) -> None:
    assert slips_past(OnlyAuthors(feed_rules(blocks={"ann": None})), [candidate])
