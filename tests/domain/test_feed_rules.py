"""Feed rules as they cross the cache."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.comment_limits import Audience, CommentLimits, HoldMode
from service.domain.decisions import ReadyRules, decide_feed
from service.domain.feed import Candidate
from service.domain.feed_rules import FeedRules, rule_of
from service.domain.keyword_filters import FilterWording
from service.domain.surfaces import Surface
from tests.builders import NOW, a_wording, feed_rules
from tests.domain.strategies import candidates, few, rules, surfaces

limits = st.builds(
    CommentLimits,
    who_can_comment=st.none() | st.lists(st.sampled_from(Audience)).map(tuple),
    hold_mode=st.sampled_from(HoldMode),
    keyword_terms=st.lists(st.text(max_size=5), max_size=3).map(tuple),
    revision=st.integers(0, 2**40),
)


def there_and_back(kept: FeedRules) -> FeedRules:
    """Send rules through bytes."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(kept), type=FeedRules)


@few
@given(rules, limits)
def test_rules_come_back_from_bytes_as_they_were(kept: FeedRules, chosen: CommentLimits) -> None:
    whole = msgspec.structs.replace(kept, comment_limits=chosen)

    assert there_and_back(whole) == whole


@few
@given(rules, candidates, surfaces)
def test_rules_from_bytes_decide_alike(kept: FeedRules, candidate: Candidate, surface: Surface) -> None:
    directly = decide_feed([candidate], ReadyRules(kept), surface, NOW)

    assert decide_feed([candidate], ReadyRules(there_and_back(kept)), surface, NOW) == directly


@few
@given(st.data())
def test_rules_cut_short_are_not_rules(data: st.DataObject) -> None:
    whole = msgspec.msgpack.encode(feed_rules(blocks={"troll": None}))
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]

    with pytest.raises(msgspec.DecodeError):
        msgspec.msgpack.decode(cut, type=FeedRules)


def test_a_rule_keeps_everything_that_decides_and_leaves_what_only_its_owner_reads() -> None:
    wording = a_wording(title="my title", expires_at=NOW)

    rule = rule_of("kf_1", wording)

    told = {name: getattr(rule, name) for name in rule.__struct_fields__ if name != "id"}
    assert (rule.id, told) == ("kf_1", {name: getattr(wording, name) for name in told})
    assert set(FilterWording.__slots__) - told.keys() == {"title", "enabled"}
