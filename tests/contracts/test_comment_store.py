"""What every comment store promises, on the fake and on PostgreSQL, beside the settings store that it belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from service.domain.blocks import Unblock
from service.domain.comment_limits import (
    Audience,
    CommentLimits,
    Gates,
    HoldMode,
    LimitedAudience,
    LimitedMode,
    PostLimits,
)
from service.domain.comments import (
    CommentHistory,
    CommentReason,
    CommentState,
    HeldComment,
    HeldCount,
    KnownComment,
    mark_of,
)
from service.domain.consistency import Head
from service.domain.paging import Position
from service.store.engine import make_engine
from service.store.held_comments import PostgresComments
from service.store.settings import PostgresSettings
from service.usecases.comment_ports import CommentStore
from service.usecases.ports import SettingsStore
from tests.builders import NOW, a_block, a_held_comment
from tests.fakes.comments import FakeComments
from tests.fakes.settings import FakeSettings

SOON = NOW + timedelta(minutes=30)
AGES_AGO = NOW - timedelta(days=400)


@dataclass
class Stores:
    """Both stores on the same ground."""

    settings: SettingsStore
    comments: CommentStore

    def hold(self, *held: HeldComment, owner: str = "owner") -> list[Head]:
        """Keep comments for an owner; return whose rules changed with it."""
        with self.comments.hold(owner, held) as affected:
            return list(affected)

    def judge(self, comment_id: str, state: CommentState, at: datetime = NOW) -> None:
        """Say what becomes of a comment."""
        with self.settings.edit("owner") as settings:
            kept = settings.held_comments.find(comment_id)
            assert kept
            judged = replace(kept, state=state, decided_at=at, revision=settings.head.revision)
            settings.held_comments.put(judged)

    def find(self, comment_id: str, owner: str = "owner") -> HeldComment | None:
        """Return a comment that was held."""
        with self.settings.read(owner) as settings:
            return settings.held_comments.find(comment_id)

    def waiting(self, owner: str = "owner", **wanted: Any) -> list[str]:
        """Return the ids of what waits."""
        with self.settings.read(owner) as settings:
            page = settings.held_comments.page(9, None, **{"since": AGES_AGO, **wanted})
        return [each.comment_id for each in page]

    def history(self, *comments: str, people: tuple[str, ...] = (), now: datetime = NOW) -> CommentHistory:
        """Return what the owner made of comments and people."""
        return self.comments.history("owner", comments, people, now)


@pytest.fixture(params=["fake", pytest.param("postgres", marks=pytest.mark.servers)])
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    if request.param == "fake":
        settings = FakeSettings()
        yield Stores(settings, FakeComments(settings))
        return
    engine = make_engine(request.getfixturevalue("clean_database"))
    yield Stores(PostgresSettings(engine), PostgresComments(engine))
    engine.dispose()


# Held comments


def test_a_held_comment_comes_back_exactly_as_it_was_put(stores: Stores) -> None:
    held = a_held_comment(
        text="“quoted”, {NULL} \\ 猫\n", reasons=(CommentReason.KEYWORD, CommentReason.SUSPECTED)
    )
    stores.hold(held)

    assert stores.find("comment") == held
    assert stores.find("another") is None
    assert stores.find("comment", owner="eve") is None


def test_only_the_first_held_comment_changes_the_feed_rules_of_its_owner(stores: Stores) -> None:
    assert not stores.settings.feed_rules("owner").has_comment_history

    [head] = stores.hold(a_held_comment())
    later = stores.hold(a_held_comment(comment_id="second"))

    rules = stores.settings.feed_rules("owner")
    assert rules.has_comment_history
    assert (rules.version, rules.revision, later) == (head.version, 0, [])
    assert (head.user_id, head.revision, head.version.number) == ("owner", 0, 1)


def test_a_comment_held_again_waits_once_and_as_long_as_before(stores: Stores) -> None:
    stores.hold(a_held_comment())
    stores.hold(a_held_comment(held_at=SOON))
    stores.hold(a_held_comment(held_at=SOON, text="you joker", reasons=(CommentReason.HELD,)))

    assert stores.waiting() == ["comment"]
    assert stores.find("comment") == a_held_comment(text="you joker", reasons=(CommentReason.HELD,))


def test_an_approved_comment_waits_again_with_another_text_only(stores: Stores) -> None:
    stores.hold(a_held_comment())
    stores.judge("comment", CommentState.APPROVED)

    stores.hold(a_held_comment(held_at=SOON))
    assert stores.waiting() == []
    stores.hold(a_held_comment(held_at=SOON, text="you joker"))

    assert stores.find("comment") == a_held_comment(held_at=SOON, text="you joker")


def test_a_rejected_comment_stays_rejected_whatever_its_author_makes_of_it(stores: Stores) -> None:
    stores.hold(a_held_comment())
    stores.judge("comment", CommentState.REJECTED)
    stores.hold(a_held_comment(text="lovely"))

    kept = stores.find("comment")
    assert kept
    assert (kept.state, kept.text, kept.decided_at, kept.revision) == (
        CommentState.REJECTED,
        "you clown",
        NOW,
        1,
    )


def test_what_waits_is_listed_newest_first_by_time_and_reason(stores: Stores) -> None:
    limited = (CommentReason.LIMITED_MODE,)
    stores.hold(a_held_comment(comment_id="a"), a_held_comment(comment_id="b", reasons=limited))
    stores.hold(
        a_held_comment(comment_id="c", held_at=SOON), a_held_comment(comment_id="d", held_at=AGES_AGO)
    )
    stores.hold(a_held_comment(comment_id="x"), owner="eve")
    stores.hold(a_held_comment(comment_id="judged"))
    stores.judge("judged", CommentState.APPROVED)

    assert stores.waiting() == ["c", "b", "a"]
    assert stores.waiting(because=CommentReason.LIMITED_MODE) == ["b"]
    assert stores.waiting(since=NOW) == ["c"]
    with stores.settings.read("owner") as settings:
        page = settings.held_comments.page(1, Position(NOW, "b"), since=AGES_AGO)
    assert [each.comment_id for each in page] == ["a"]


def test_what_one_reason_held_is_counted_by_what_became_of_it(stores: Stores) -> None:
    limited = (CommentReason.KEYWORD, CommentReason.LIMITED_MODE)
    for number in range(3):
        stores.hold(a_held_comment(comment_id=f"c{number}", reasons=limited))
    stores.hold(a_held_comment(comment_id="late", reasons=limited, held_at=SOON), a_held_comment())
    stores.judge("c1", CommentState.APPROVED)

    with stores.settings.read("owner") as settings:
        counts = settings.held_comments.counts(CommentReason.LIMITED_MODE, NOW, NOW)
    assert set(counts) == {HeldCount(CommentState.HELD, 2), HeldCount(CommentState.APPROVED, 1)}


def test_nothing_of_a_hold_that_raises_is_kept(stores: Stores) -> None:
    with pytest.raises(ZeroDivisionError), stores.comments.hold("owner", [a_held_comment()]):
        raise ZeroDivisionError

    assert stores.waiting() == []
    assert not stores.settings.feed_rules("owner").has_comment_history


# What is known


def test_nothing_is_known_of_comments_and_people_that_never_waited(stores: Stores) -> None:
    stores.hold(a_held_comment())

    assert stores.history("another", people=("stranger",)) == CommentHistory()


def test_a_comment_is_known_by_its_state_and_mark(stores: Stores) -> None:
    stores.hold(a_held_comment(), a_held_comment(comment_id="second"))
    stores.judge("second", CommentState.REJECTED)

    mark, why = mark_of("you clown"), (CommentReason.KEYWORD,)
    assert stores.history("comment", "second", "third").known == {
        "comment": KnownComment(CommentState.HELD, "commenter", NOW, mark, why),
        "second": KnownComment(CommentState.REJECTED, "commenter", NOW, mark, why),
    }


def test_people_are_known_by_what_the_owner_made_of_their_comments(stores: Stores) -> None:
    for person in ("good", "bad", "new"):
        stores.hold(a_held_comment(comment_id=person, author_id=person))
    stores.judge("good", CommentState.APPROVED)
    stores.judge("bad", CommentState.REJECTED)

    history = stores.history(people=("good", "bad", "new"))
    later = stores.history(people=("good", "bad", "new"), now=NOW + timedelta(days=90))
    assert history == CommentHistory(approved=frozenset({"good"}), turned_away=frozenset({"bad"}))
    assert later == CommentHistory(approved=frozenset({"good"}))
    assert stores.history(people=("new",)) == CommentHistory()


def test_somebody_unblocked_is_turned_away_for_ninety_days(stores: Stores) -> None:
    with stores.settings.edit("owner", felt_by=["troll", "other"]) as settings:
        settings.blocks.put(a_block())
        settings.blocks.put(a_block(target_id="other"))
        settings.blocks.remove("troll")
        settings.blocks.note_unblocks(Unblock("troll", NOW))

    today = NOW + timedelta(hours=1)
    assert stores.history(people=("troll", "other"), now=today).turned_away == {"troll"}
    assert not stores.history(people=("troll",), now=today + timedelta(days=91)).turned_away


def test_whoever_is_held_five_times_within_the_hour_is_held_often(stores: Stores) -> None:
    for number in range(5):
        assert not stores.history(people=("commenter",)).often_held
        stores.hold(a_held_comment(comment_id=f"c{number}"))

    assert stores.history(people=("commenter",)).often_held == {"commenter"}
    assert not stores.history(people=("commenter",), now=NOW + timedelta(hours=1)).often_held
    stores.judge("c1", CommentState.APPROVED)
    assert not stores.history(people=("commenter",)).often_held


# How many within the hour


def test_a_comment_counts_once_however_often_it_is_offered(stores: Stores) -> None:
    def count(*ids: str, author: str = "ada", post: str = "post", now: datetime = NOW) -> set[str]:
        made = [(author, each) for each in ids]
        return set(stores.comments.count("owner", post, made, 2, now))

    assert count("c1") == set()
    assert count("c1", "c2") == set()
    assert count("c3", "c1") == {"c3"}
    assert count("c3", author="bob") == set()
    assert count("c3", post="another") == set()
    assert count("c4", now=NOW + timedelta(minutes=59)) == {"c4"}
    assert count("c4", now=NOW + timedelta(hours=1)) == set()


# Limits


EVERYTHING = CommentLimits(
    who_can_comment=(Audience.FOLLOWERS,),
    hold_mode=HoldMode.FIRST_TIME,
    keyword_terms=("ugly",),
    revision=4,
    gates=Gates(7, 30, verified_contact=True, no_links=True, max_mentions=0, max_per_hour=5),
    approved_users=("friend", "'; --", "{a,b}"),
    approved_users_exempt=True,
    care_mode=True,
    limited_mode=LimitedMode(LimitedAudience.ALL_BUT_FRIENDS, SOON, NOW + timedelta(microseconds=5)),
)


def test_every_member_of_comment_limits_comes_back_also_in_feed_rules(stores: Stores) -> None:
    with stores.settings.edit("owner") as settings:
        settings.comment_limits.put(EVERYTHING)

    with stores.settings.read("owner") as settings:
        assert settings.comment_limits.get() == EVERYTHING
    assert stores.settings.feed_rules("owner").comment_limits == EVERYTHING


def test_rules_of_posts_come_back_also_in_feed_rules_until_they_are_removed(stores: Stores) -> None:
    whole = PostLimits((Audience.NO_ONE,), HoldMode.ALL, Gates(no_links=True), 1)
    with stores.settings.edit("owner") as settings:
        settings.post_limits.put("p1", PostLimits(revision=9))
        settings.post_limits.put("p1", whole)
        settings.post_limits.put("p2", PostLimits())
        assert settings.post_limits.count() == 2

    assert stores.settings.feed_rules("owner").post_limits == {"p1": whole, "p2": PostLimits()}
    assert stores.settings.feed_rules("eve").post_limits == {}
    with stores.settings.edit("owner") as settings:
        assert settings.post_limits.remove("p2") is True
        assert settings.post_limits.remove("p2") is False
        assert settings.post_limits.find("p2") is None
        assert settings.post_limits.all() == {"p1": whole}
