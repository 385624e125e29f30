"""A feed is filtered by rules as new as promised, or says that it cannot tell."""

from collections.abc import Sequence
from typing import Any

import pytest

from service.domain.blocks import NewBlock
from service.domain.comments import CommentOutcome
from service.domain.consistency import Head, Version
from service.domain.cost_ceilings import CEILING
from service.domain.feed import Decision, Outcome
from service.domain.matching import Mode, matcher
from service.domain.people import UserId
from service.usecases.check_comments import check_comments
from service.usecases.edit_blocks import block, unblock
from service.usecases.edit_keyword_filters import add_keyword_filter
from service.usecases.filter_feed import FilteredFeed, filter_feed
from service.usecases.ports import Parts, StoreUnavailable
from tests import builders
from tests.builders import a_candidate, a_comment, a_post
from tests.fakes.rules import FakeRules
from tests.fakes.settings import FakeSettings

FRIEND, TROLL = a_candidate(id="nice", author_id="friend"), a_candidate(id="mean", author_id="troll")


class House:
    """A service on fakes, whose store and cache can be taken away."""

    def __init__(self) -> None:
        self.settings, self.rules = FakeSettings(), FakeRules()
        self.parts: Parts = builders.parts(settings=self.settings, rules=self.rules)

    def feed(self, viewer: UserId = "mia", *, at_least: Version | None = None) -> FilteredFeed:
        """Filter a page of one nice and one mean post."""
        return filter_feed(self.parts, viewer, "for_you", [FRIEND, TROLL], slots=2, at_least=at_least)

    def block(self, user: UserId = "mia", target: UserId = "troll") -> Head:
        """Let one user block another."""
        return block(self.parts, user, NewBlock(target)).head


@pytest.fixture
def house() -> House:
    return House()


def outcomes(decisions: Sequence[Decision]) -> list[Outcome]:
    """Return the outcomes alone."""
    return [decision.outcome for decision in decisions]


def test_a_feed_says_what_was_removed_and_how_much_to_fetch(house: House) -> None:
    house.block()

    filtered = house.feed()

    assert outcomes(filtered.decisions) == [Outcome.KEEP, Outcome.HIDE]
    assert (filtered.removed, filtered.kept, filtered.fetch_more) == ({"block": 1}, 1, 1)
    assert not filtered.degraded


def test_an_emptied_page_still_says_how_much_to_fetch(house: House) -> None:
    house.block(target="troll")
    house.block(target="friend")

    filtered = house.feed()

    assert (filtered.kept, filtered.fetch_more) == (0, 2)


def test_the_second_feed_asks_the_store_nothing(house: House) -> None:
    house.block()
    house.feed()
    house.settings.is_reachable = False

    assert outcomes(house.feed().decisions) == [Outcome.KEEP, Outcome.HIDE]


def test_a_block_is_felt_in_both_feeds_at_once(house: House) -> None:
    both = [house.feed("mia"), house.feed("troll")]
    house.block("mia", "troll")

    mine = house.feed("mia")
    theirs = filter_feed(house.parts, "troll", "for_you", [a_candidate(author_id="mia")])

    assert all(outcomes(each.decisions) == [Outcome.KEEP, Outcome.KEEP] for each in both)
    assert outcomes(mine.decisions)[1] is Outcome.HIDE
    assert outcomes(theirs.decisions) == [Outcome.HIDE]


@pytest.fixture
def notorious(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """The same, where more people blocked the viewer than their rules list."""
    monkeypatch.setattr("tests.fakes.settings.BLOCKERS_LISTED", 1)
    house.block("stranger", "mia")
    house.block("troll", "mia")
    return house


def test_of_very_many_blockers_it_is_looked_up_who_is_on_a_page(notorious: House) -> None:
    pages = [notorious.feed(), notorious.feed()]
    notorious.rules.is_reachable = False
    pages.append(notorious.feed())
    unblock(notorious.parts, "troll", "mia")
    pages.append(notorious.feed())

    assert [outcomes(page.decisions) for page in pages] == [
        *[[Outcome.KEEP, Outcome.HIDE]] * 3,
        [Outcome.KEEP, Outcome.KEEP],
    ]


def test_of_very_many_blockers_it_is_looked_up_who_speaks_in_comments(notorious: House) -> None:
    comments = [a_comment(author_id="friend"), a_comment(author_id="troll")]

    made = check_comments(notorious.parts, a_post(owner_id="mia"), comments)
    seen = check_comments(notorious.parts, a_post(), comments, viewer_id="mia")
    theirs = check_comments(notorious.parts, a_post(owner_id="mia"), comments, viewer_id="troll")

    assert [each.outcome for each in made.decisions] == [CommentOutcome.ALLOW, CommentOutcome.REFUSE]
    assert [each.outcome for each in seen.decisions] == [CommentOutcome.SHOW, CommentOutcome.HIDE]
    assert {each.outcome for each in theirs.decisions} == {CommentOutcome.HIDE}


def test_where_very_many_blockers_cannot_be_looked_up_nobody_is_kept(notorious: House) -> None:
    notorious.feed()
    notorious.settings.is_reachable = False

    filtered = notorious.feed()

    assert outcomes(filtered.decisions) == [Outcome.UNVERIFIED, Outcome.UNVERIFIED]
    assert filtered.degraded
    with pytest.raises(StoreUnavailable):
        check_comments(notorious.parts, a_post(owner_id="mia"), [a_comment()])


def test_whoever_trusts_the_list_would_keep_a_blocker_who_is_not_on_it(
    notorious: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = notorious.settings.feed_rules("mia").blocked_by
    monkeypatch.setattr(notorious.settings, "find_blockers", lambda *_: listed)

    assert outcomes(notorious.feed().decisions) == [Outcome.KEEP, Outcome.KEEP]


def test_without_the_cache_decisions_are_exact(house: House) -> None:
    house.rules.is_reachable = False
    token = house.block()

    filtered = house.feed(at_least=token.version)

    assert outcomes(filtered.decisions) == [Outcome.KEEP, Outcome.HIDE]
    assert not filtered.degraded


def test_without_the_store_cached_rules_decide_and_say_that_they_are_degraded(house: House) -> None:
    house.block()
    house.feed()
    house.settings.is_reachable = False

    filtered = house.feed()

    assert outcomes(filtered.decisions) == [Outcome.KEEP, Outcome.HIDE]
    assert filtered.degraded


@pytest.mark.parametrize("with_token", [False, True])
def test_without_the_store_a_cache_that_did_not_answer_in_time_is_asked_again(
    house: House, *, with_token: bool
) -> None:
    token = house.block()
    house.feed()
    house.settings.is_reachable = False
    house.rules.is_stumbling = True

    filtered = house.feed(at_least=token.version if with_token else None)

    assert outcomes(filtered.decisions) == [Outcome.KEEP, Outcome.HIDE]
    assert filtered.degraded


def test_what_is_found_the_second_time_proves_no_more_than_its_version(house: House) -> None:
    token = stale_house(house)
    house.rules.is_stumbling = True

    filtered = house.feed(at_least=token)

    assert outcomes(filtered.decisions) == [Outcome.HIDE, Outcome.UNVERIFIED]


def stale_house(house: House) -> Version:
    """Let the cache miss a block, as an edit does while Redis is away; return the version of the block."""
    house.block(target="friend")
    house.feed()
    house.rules.is_reachable = False
    token = house.block(target="troll").version
    house.rules.is_reachable = True
    house.settings.is_reachable = False
    return token


def test_rules_older_than_the_token_prove_a_hide_but_never_a_keep(house: House) -> None:
    token = stale_house(house)

    filtered = house.feed(at_least=token)

    assert outcomes(filtered.decisions) == [Outcome.HIDE, Outcome.UNVERIFIED]
    assert (filtered.kept, filtered.degraded) == (0, True)


def test_the_check_catches_a_feed_that_ignores_its_token(house: House) -> None:
    stale_house(house)

    assert outcomes(house.feed(at_least=None).decisions) == [Outcome.HIDE, Outcome.KEEP]


def test_an_answer_never_hands_out_an_older_token_than_it_was_given(house: House) -> None:
    token = stale_house(house)

    assert house.feed(at_least=token).head.version == token


def test_without_store_and_rules_nobody_can_tell(house: House) -> None:
    house.settings.is_reachable = False

    filtered = house.feed()

    assert outcomes(filtered.decisions) == [Outcome.UNVERIFIED, Outcome.UNVERIFIED]
    assert (filtered.kept, filtered.fetch_more, filtered.degraded) == (0, 2, True)


def test_without_store_and_cache_there_is_no_answer(house: House) -> None:
    house.block()
    house.settings.is_reachable = house.rules.is_reachable = False

    with pytest.raises(StoreUnavailable):
        house.feed()


def test_a_token_of_another_history_is_met_by_the_head(house: House) -> None:
    token = house.block().version

    filtered = house.feed(at_least=Version(token.epoch - 1, 1_000))

    assert outcomes(filtered.decisions) == [Outcome.KEEP, Outcome.HIDE]
    assert filtered.head.version == token


def test_a_store_that_is_behind_a_token_of_its_own_history_proves_no_keep(house: House) -> None:
    token = house.block().version

    filtered = house.feed(at_least=Version(token.epoch, token.number + 1))

    assert outcomes(filtered.decisions) == [Outcome.UNVERIFIED, Outcome.HIDE]


def test_comments_are_not_judged_by_rules_that_may_be_out_of_date(house: House) -> None:
    token = stale_house(house)

    with pytest.raises(StoreUnavailable):
        check_comments(house.parts, a_post(owner_id="mia"), [a_comment(author_id="troll")], at_least=token)


def test_an_unblock_brings_posts_back(house: House) -> None:
    house.block()
    house.feed()
    token = unblock(house.parts, "mia", "troll").head.version

    assert outcomes(house.feed(at_least=token).decisions) == [Outcome.KEEP, Outcome.KEEP]


def costly_page(size: int, **wording: Any) -> list[tuple[Outcome, bool]]:
    """Return outcomes of a disguised, a plain, a blocked and a harmless post, in a request of some size."""
    parts = builders.parts()
    add_keyword_filter(parts, "viewer", builders.a_new_keyword_filter(**wording))
    block(parts, "viewer", NewBlock("troll"))
    posts = [
        builders.a_candidate(id="disguised", caption="sp0iler"),
        builders.a_candidate(id="plain", caption="a spoiler"),
        builders.a_candidate(id="blocked", author_id="troll"),
        builders.a_candidate(id="harmless"),
    ]
    filtered = filter_feed(parts, "viewer", "for_you", posts, size=size)
    return [(each.outcome, filtered.degraded) for each in filtered.decisions]


def test_ab_03_within_the_ceiling_everything_is_found() -> None:
    assert costly_page(CEILING) == [
        (Outcome.HIDE, False),
        (Outcome.HIDE, False),
        (Outcome.HIDE, False),
        (Outcome.KEEP, False),
    ]


def test_ab_03_over_it_spellings_in_disguise_are_not_found_and_the_answer_says_so() -> None:
    assert costly_page(CEILING + 1) == [
        (Outcome.KEEP, True),
        (Outcome.HIDE, True),
        (Outcome.HIDE, True),
        (Outcome.KEEP, True),
    ]


def test_ab_03_where_filters_cannot_be_looked_at_nothing_is_kept() -> None:
    assert costly_page(CEILING + 1, mode=Mode.SUBSTRING) == [
        (Outcome.UNVERIFIED, True),
        (Outcome.UNVERIFIED, True),
        (Outcome.HIDE, True),
        (Outcome.UNVERIFIED, True),
    ]


def test_ab_03_a_page_that_shows_too_many_spellings_is_answered_as_one_that_is_too_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matcher, "LOOKS_FOR_DISGUISES_AT_MOST", 0)

    assert costly_page(1) == costly_page(CEILING + 1)


def test_ab_03_where_words_stand_at_too_many_places_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matcher, "LOOKS_AT_MOST", 0)

    assert costly_page(1) == costly_page(CEILING + 1, mode=Mode.SUBSTRING)
