"""What every settings store promises, on the fake and on PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from service.domain.allow_phrases import AllowPhrases
from service.domain.blocks import Source, Unblock
from service.domain.comment_limits import Audience, CommentLimits, HoldMode
from service.domain.consistency import BEFORE_EVERYTHING, Head, Version
from service.domain.feed_rules import FeedRules, FilterRule, MuteRule, rule_of
from service.domain.keyword_filters import Action, AuthorScope, Field, Op, ScopeKind
from service.domain.matching import Mode, Strictness
from service.domain.mutes import ALL_SCOPES, MuteScope, MuteTarget, MuteType
from service.domain.not_interested import Direction, Entity, Push, Reason, UndoneSignal
from service.domain.paging import Position
from service.domain.signal_resets import Reset, ResetScope
from service.domain.staff_reads import StaffRead, StaffView
from service.domain.topic_preferences import TopicPreference
from service.store.settings import PostgresSettings
from service.usecases.ports import ImportUnderWay, SettingsStore
from tests.builders import NOW, a_block, a_keyword_filter, a_mute, a_signal

SOON = NOW + timedelta(minutes=30)
LONG_AGO = NOW - timedelta(days=400)


class Mishap(Exception):  # noqa: N818
    """Something goes wrong in the middle of an edit."""


def edit_that_fails(store: SettingsStore) -> None:
    with store.edit("ada", felt_by=["troll"]) as settings:
        settings.blocks.put(a_block(target_id="troll"))
        settings.keyword_filters.put(a_keyword_filter())
        raise Mishap


def block(store: SettingsStore, user_id: str, target_id: str, **rest: Any) -> None:
    with store.edit(user_id, felt_by=[target_id]) as settings:
        settings.blocks.put(a_block(target_id=target_id, **rest))


def head_of(store: SettingsStore, user_id: str) -> Head:
    with store.read(user_id) as settings:
        return settings.head


# Where settings stand


def test_somebody_who_never_chose_anything_stands_before_everything(store: SettingsStore) -> None:
    assert head_of(store, "newcomer") == Head("newcomer", 0, BEFORE_EVERYTHING)


def test_every_edit_moves_revision_and_version_one_further(store: SettingsStore) -> None:
    with store.edit("ada") as first:
        pass
    with store.edit("ada") as second:
        pass

    epoch = first.head.version.epoch
    assert epoch > 0
    assert first.head == Head("ada", 1, Version(epoch, 1))
    assert second.head == Head("ada", 2, Version(epoch, 2)) == head_of(store, "ada")


def test_an_edit_leaves_everybody_else_where_they_stand(store: SettingsStore) -> None:
    with store.edit("ada"):
        pass

    assert head_of(store, "bob") == Head("bob", 0, BEFORE_EVERYTHING)


def test_people_who_feel_an_edit_move_in_version_but_not_in_revision(store: SettingsStore) -> None:
    with store.edit("ada", felt_by=["bob"]) as settings:
        announced = list(settings.affected)

    assert [head.user_id for head in announced] == ["ada", "bob"]
    assert announced == [head_of(store, "ada"), head_of(store, "bob")]
    assert (announced[1].revision, announced[1].version.number) == (0, 1)


def test_a_first_edit_goes_on_from_the_version_that_others_brought_about(store: SettingsStore) -> None:
    with store.edit("ada", felt_by=["bob"]):
        pass
    with store.edit("bob") as settings:
        pass

    assert (settings.head.revision, settings.head.version.number) == (1, 2)


def test_whoever_edits_is_named_once_even_among_those_who_feel_it(store: SettingsStore) -> None:
    with store.edit("ada", felt_by=["ada", "bob", "bob"]) as settings:
        assert [head.user_id for head in settings.affected] == ["ada", "bob"]

    assert head_of(store, "ada").version.number == 1


# What is kept, and what is not


def test_what_is_put_can_be_read_back_within_the_edit_and_after_it(store: SettingsStore) -> None:
    with store.edit("ada") as editing:
        editing.keyword_filters.put(a_keyword_filter(filter_id="kf_1"))
        assert editing.keyword_filters.find("kf_1") == a_keyword_filter(filter_id="kf_1")

    with store.read("ada") as settings:
        assert settings.keyword_filters.all() == [a_keyword_filter(filter_id="kf_1")]


def test_nothing_of_an_edit_that_raises_is_kept(store: SettingsStore) -> None:
    with pytest.raises(Mishap):
        edit_that_fails(store)

    with store.read("ada") as settings:
        assert settings.blocks.count() == 0
        assert settings.keyword_filters.all() == []
        assert settings.head.version == BEFORE_EVERYTHING
    assert store.feed_rules("troll").blocked_by == {}
    assert head_of(store, "troll").version == BEFORE_EVERYTHING


def test_an_edit_that_is_discarded_leaves_everything_as_it_was(store: SettingsStore) -> None:
    with store.edit("ada") as kept:
        pass
    with store.edit("ada", felt_by=["bob"]) as settings:
        settings.mutes.put(a_mute())
        settings.discard()
        assert settings.head == kept.head
        assert settings.affected in ([], ())

    assert head_of(store, "ada") == kept.head
    assert head_of(store, "bob").version == BEFORE_EVERYTHING
    with store.read("ada") as reading:
        assert reading.mutes.count() == 0


def test_a_newcomer_who_discards_still_stands_before_everything(store: SettingsStore) -> None:
    with store.edit("ada") as settings:
        settings.discard()
        assert settings.head == Head("ada", 0, BEFORE_EVERYTHING)

    assert head_of(store, "ada") == Head("ada", 0, BEFORE_EVERYTHING)


def test_a_discarded_edit_can_still_be_read(store: SettingsStore) -> None:
    with store.edit("ada") as settings:
        settings.signals.put(a_signal())
    with store.edit("ada") as settings:
        settings.discard()
        assert settings.signals.all() == [a_signal()]


def test_an_edit_is_seen_by_nobody_before_it_ends(store: SettingsStore) -> None:
    with store.edit("ada") as settings:
        settings.keyword_filters.put(a_keyword_filter())

        assert store.feed_rules("ada").filters == ()
        assert head_of(store, "ada").revision == 0


def test_a_reading_stays_at_its_moment_while_others_edit(store: SettingsStore) -> None:
    with store.read("ada") as reading:
        before = reading.head
        with store.edit("ada") as editing:
            editing.keyword_filters.put(a_keyword_filter())

        assert reading.keyword_filters.all() == []
        assert reading.head == before


def test_one_edit_that_wants_to_be_alone_sends_the_next_one_away(store: SettingsStore) -> None:
    with store.edit("ada", alone=True) as settings:
        settings.mutes.put(a_mute())
        with pytest.raises(ImportUnderWay), store.edit("ada", alone=True):
            pass
        if isinstance(store, PostgresSettings):
            with store.edit("bob", alone=True):
                pass

    with store.edit("ada", alone=True) as settings:
        assert settings.mutes.count() == 1


def test_many_settings_are_kept_at_once(store: SettingsStore) -> None:
    people = [f"user{number}" for number in range(201)]
    with store.edit("ada", felt_by=people) as settings:
        settings.blocks.put(*(a_block(target_id=each) for each in people))
        settings.mutes.put(*(a_mute(id=each) for each in people))
        settings.signals.put(*(a_signal(id=each) for each in people))
        settings.blocks.put()

    with store.read("ada") as reading:
        assert (reading.blocks.count(), reading.mutes.count()) == (201, 201)
        assert len(reading.signals.all()) == 201
    assert store.feed_rules("user200").blocked_by == {"ada": None}


# Keyword filters


def test_a_keyword_filter_comes_back_exactly_as_it_was_put(store: SettingsStore) -> None:
    every_member = a_keyword_filter(
        filter_id="client-chosen ☂",
        terms=(
            "cat*",
            "ÄÖ \\*",
            "猫",
            "'; drop table blocks; --",
            "{NULL}",
            "",
        ),
        title="no “cats” please",
        op=Op.ALL,
        mode=Mode.PREFIX,
        strictness=Strictness.LOOSE,
        fields=(Field.QUOTED, Field.AUTHOR_NAME),
        surfaces=("search", "live"),
        author_scope=AuthorScope(ScopeKind.EXCEPT, ("friend", "other friend")),
        action=Action.BLUR,
        expires_at=SOON,
        enabled=False,
        created_at=NOW + timedelta(microseconds=123_456),
        revision=7,
    )
    fewest_members = a_keyword_filter(filter_id="kf_2", fields=())
    with store.edit("ada") as settings:
        settings.keyword_filters.put(every_member)
        settings.keyword_filters.put(fewest_members)

    with store.read("ada") as reading:
        assert reading.keyword_filters.find("client-chosen ☂") == every_member
        assert reading.keyword_filters.find("kf_2") == fewest_members


def test_a_filter_put_again_takes_the_place_of_the_old_one(store: SettingsStore) -> None:
    with store.edit("ada") as settings:
        settings.keyword_filters.put(a_keyword_filter(terms=("old",)))
        settings.keyword_filters.put(a_keyword_filter(terms=("new",), title="changed", revision=2))

    with store.read("ada") as reading:
        assert reading.keyword_filters.all() == [
            a_keyword_filter(terms=("new",), title="changed", revision=2)
        ]


def test_removing_a_filter_tells_whether_there_was_one(store: SettingsStore) -> None:
    with store.edit("ada") as settings:
        settings.keyword_filters.put(a_keyword_filter(filter_id="kf_1"))
        settings.keyword_filters.put(a_keyword_filter(filter_id="kf_2"))

        assert settings.keyword_filters.remove("kf_1") is True
        assert settings.keyword_filters.remove("kf_1") is False
        assert settings.keyword_filters.all() == [a_keyword_filter(filter_id="kf_2")]


# Allow phrases


def test_allow_phrases_come_back_exactly_as_they_were_put(store: SettingsStore) -> None:
    phrases = AllowPhrases(("spoiler alert", "l'été 🎃", "*"), 1)
    with store.edit("ada") as settings:
        assert settings.allow_phrases.get() == AllowPhrases()
        settings.allow_phrases.put(phrases)
        assert settings.allow_phrases.get() == phrases

    with store.read("ada") as reading:
        assert reading.allow_phrases.get() == phrases
    with store.read("eve") as reading:
        assert reading.allow_phrases.get() == AllowPhrases()
    assert store.feed_rules("ada").allow_phrases == phrases.phrases
    assert store.feed_rules("eve").allow_phrases == ()


def test_allow_phrases_put_again_take_the_place_of_the_old_ones(store: SettingsStore) -> None:
    with store.edit("ada") as settings:
        settings.allow_phrases.put(AllowPhrases(("one", "two"), 1))
    with store.edit("ada") as settings:
        settings.allow_phrases.put(AllowPhrases((), 2))

    assert store.feed_rules("ada").allow_phrases == ()
    with store.read("ada") as reading:
        assert reading.allow_phrases.get() == AllowPhrases((), 2)


# Blocks


def test_a_block_comes_back_exactly_as_it_was_put(store: SettingsStore) -> None:
    kept = a_block(note="met at “work” 🙃", expires_at=SOON, source=Source.GUARDIAN, revision=3)
    with store.edit("ada", felt_by=["troll"]) as settings:
        settings.blocks.put(kept)

    with store.read("ada") as reading:
        assert reading.blocks.find("troll", "somebody else") == {"troll": kept}
        assert reading.blocks.count() == 1


def test_a_block_is_felt_on_both_sides_and_by_nobody_else(store: SettingsStore) -> None:
    block(store, "ada", "troll", expires_at=SOON)
    block(store, "eve", "troll")

    assert store.feed_rules("ada").blocks == {"troll": SOON}
    assert store.feed_rules("ada").blocked_by == {}
    assert store.feed_rules("troll").blocked_by == {"ada": SOON, "eve": None}
    assert store.feed_rules("troll").blocks == {}
    assert store.feed_rules("bob").blocked_by == {}


def test_a_block_put_again_changes_both_sides(store: SettingsStore) -> None:
    block(store, "ada", "troll", expires_at=SOON)
    block(store, "ada", "troll", note="for good", revision=2)

    assert store.feed_rules("ada").blocks == {"troll": None}
    assert store.feed_rules("troll").blocked_by == {"ada": None}
    with store.read("ada") as reading:
        assert reading.blocks.page(9, None) == [a_block(note="for good", revision=2)]


def test_removing_a_block_lets_both_sides_see_each_other_again(store: SettingsStore) -> None:
    block(store, "ada", "troll")
    block(store, "eve", "troll")
    with store.edit("ada", felt_by=["troll"]) as settings:
        assert settings.blocks.remove("troll") == {"troll"}
        assert settings.blocks.remove("troll") == set()

    assert store.feed_rules("ada").blocks == {}
    assert store.feed_rules("troll").blocked_by == {"eve": None}


def test_a_block_of_somebody_who_was_not_announced_is_a_bug(store: SettingsStore) -> None:
    with pytest.raises(ValueError, match="felt_by"), store.edit("ada", felt_by=["bob"]) as settings:
        settings.blocks.put(a_block(target_id="troll"))
    with pytest.raises(ValueError, match="felt_by"), store.edit("ada") as settings:
        settings.blocks.remove("troll")

    assert store.feed_rules("ada").blocks == {}


def test_of_very_many_blockers_rules_list_some_and_all_can_be_looked_up(
    store: SettingsStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for owner in ("service.store.feed_rules", "tests.fakes.settings"):
        monkeypatch.setattr(f"{owner}.BLOCKERS_LISTED", 2)
    block(store, "ada", "troll", expires_at=SOON)
    block(store, "eve", "troll")
    assert not store.feed_rules("troll").has_more_blockers
    block(store, "mia", "troll")
    block(store, "mia", "bob")

    rules = store.feed_rules("troll")

    assert (len(rules.blocked_by), rules.has_more_blockers) == (2, True)
    asked = {"ada", "mia", "bob", "nul \x00", "half \ud800"}
    assert store.find_blockers("troll", asked) == {"ada": SOON, "mia": None}
    assert store.find_blockers("troll", ()) == store.find_blockers("nobody", asked) == {}


# Mutes


def test_a_mute_comes_back_exactly_as_it_was_put(store: SettingsStore) -> None:
    kept = a_mute(
        type=MuteType.DOMAIN,
        id="пример.example:8080",
        scopes=(
            MuteScope.LIVE,
            MuteScope.POSTS,
        ),
        note="ads",
        expires_at=SOON,
        revision=4,
    )
    with store.edit("ada") as settings:
        settings.mutes.put(kept)

    with store.read("ada") as reading:
        assert reading.mutes.find(kept.target) == kept
        assert reading.mutes.find(MuteTarget(MuteType.TOPIC, kept.target.id)) is None


def test_removing_a_mute_tells_whether_there_was_one(store: SettingsStore) -> None:
    target = MuteTarget(MuteType.USER, "bore")
    with store.edit("ada") as settings:
        settings.mutes.put(a_mute(type=MuteType.USER, id="bore"))
        settings.mutes.put(a_mute(type=MuteType.TOPIC, id="bore"))

        assert settings.mutes.remove(target) is True
        assert settings.mutes.remove(target) is False
        assert settings.mutes.count() == 1


def test_a_mute_put_again_takes_the_place_of_the_old_one(store: SettingsStore) -> None:
    with store.edit("ada") as settings:
        settings.mutes.put(a_mute(expires_at=SOON))
        settings.mutes.put(a_mute(scopes=(MuteScope.COMMENTS,), revision=2))

        assert settings.mutes.page(9, None) == [a_mute(scopes=(MuteScope.COMMENTS,), revision=2)]


# Signals and comment limits


def test_a_signal_comes_back_exactly_as_it_was_put(store: SettingsStore) -> None:
    every_member = a_signal(
        id="ni_1",
        item_id="post ☂",
        surface="live",
        reasons=(
            Reason.AUTHOR,
            Reason.OTHER,
        ),
        author_id="author",
        sound_id="sound",
        hashtags=(
            "a",
            "b",
        ),
        topics=("cooking, slow",),
        request_id="request",
        position=2**40,
        revision=5,
    )
    fewest_members = a_signal(id="ni_2", at=SOON)
    with store.edit("ada") as settings:
        settings.signals.put(every_member)
        settings.signals.put(fewest_members)

        assert settings.signals.find("ni_1", "ni_2", "ni_3") == {"ni_1": every_member, "ni_2": fewest_members}
        assert settings.signals.all() == [fewest_members, every_member]
        assert settings.signals.remove("ni_1") is True
        assert settings.signals.remove("ni_1") is False
        assert settings.signals.find("ni_1") == {}


def test_signals_that_ask_for_more_come_back_as_such(store: SettingsStore) -> None:
    more = a_signal(direction=Direction.MORE)
    with store.edit("ada") as settings:
        settings.signals.put(more, a_signal(id="another"))

        assert settings.signals.find("signal") == {"signal": more}


def test_ni_08_an_id_that_was_undone_is_remembered_for_its_owner_alone(store: SettingsStore) -> None:
    undone = UndoneSignal("ni_1", Direction.LESS, "for_you", (Reason.TOPIC,), NOW, SOON)
    with store.edit("ada") as settings:
        settings.signals.note_undone(undone)

        assert settings.signals.find_undone("ni_1", "ni_2") == {"ni_1"}
        assert settings.signals.find("ni_1") == {}
    with store.edit("bob") as settings:
        assert settings.signals.find_undone("ni_1") == set()


def test_ni_09_resets_are_kept_newest_first_and_change_in_place(store: SettingsStore) -> None:
    first = Reset("one", ResetScope.TOPICS, NOW, 1)
    second = Reset("two", ResetScope.ALL, SOON, 1)
    with store.edit("ada") as settings:
        settings.resets.put(first)
        settings.resets.put(second)
        settings.resets.put(replace(first, restored_at=SOON))

        assert settings.resets.all() == [second, replace(first, restored_at=SOON)]
        assert settings.resets.find("two") == second
        assert settings.resets.find("three") is None


def test_ni_09_pages_leave_out_what_a_reset_of_everything_sets_aside(store: SettingsStore) -> None:
    with store.edit("ada") as settings:
        settings.signals.put(a_signal(id="before"), a_signal(id="after", at=SOON))
        settings.resets.put(Reset("topics", ResetScope.TOPICS, SOON, 9))
        assert [each.id for each in settings.signals.page(9, None)] == ["after", "before"]

        settings.resets.put(Reset("all", ResetScope.ALL, NOW, 1))
        assert [each.id for each in settings.signals.page(9, None)] == ["after"]
        assert [each.id for each in settings.signals.all()] == ["after", "before"]

        settings.resets.put(Reset("all", ResetScope.ALL, NOW, 1, restored_at=SOON))
        assert [each.id for each in settings.signals.page(9, None)] == ["after", "before"]


def test_ni_10_sliders_are_kept_by_topic(store: SettingsStore) -> None:
    with store.edit("ada") as settings:
        settings.topic_preferences.put(TopicPreference("pets", -2, NOW, 1))
        settings.topic_preferences.put(TopicPreference("cars", 2, NOW, 1))
        settings.topic_preferences.put(TopicPreference("pets", 1, SOON, 1))

        assert settings.topic_preferences.all() == [
            TopicPreference("cars", 2, NOW, 1),
            TopicPreference("pets", 1, SOON, 1),
        ]
        assert settings.topic_preferences.remove("cars") is True
        assert settings.topic_preferences.remove("cars") is False
        assert [each.topic for each in settings.topic_preferences.all()] == ["pets"]


def test_ni_09_feed_rules_carry_nothing_that_a_reset_sets_aside(store: SettingsStore) -> None:
    def rules_after(*resets: Reset) -> FeedRules:
        with store.edit("ada") as settings:
            for reset in resets:
                settings.resets.put(reset)
        return store.feed_rules("ada")

    with store.edit("ada") as settings:
        both = (Reason.AUTHOR, Reason.TOPIC)
        settings.signals.put(a_signal(reasons=both, author_id="ann", topics=("tea",)))
        settings.topic_preferences.put(TopicPreference("pets", -2, NOW, 1))
    author, topic = Push(Entity.AUTHOR, "ann", NOW), Push(Entity.TOPIC, "tea", NOW)

    untouched = rules_after()
    assert (untouched.rejected_items, untouched.pushes) == (("post",), (author, topic))
    assert untouched.topic_levels == {"pets": -2}
    topics = rules_after(Reset("topics", ResetScope.TOPICS, NOW, 1))
    assert (topics.rejected_items, topics.pushes, topics.topic_levels) == (("post",), (author,), {})
    everything = rules_after(Reset("all", ResetScope.ALL, NOW, 1))
    assert (everything.rejected_items, everything.pushes, everything.topic_levels) == ((), (), {})
    back = rules_after(
        Reset("all", ResetScope.ALL, NOW, 1, restored_at=SOON),
        Reset("topics", ResetScope.TOPICS, NOW, 1, restored_at=SOON),
    )
    assert (back.rejected_items, back.pushes) == (untouched.rejected_items, untouched.pushes)


def test_somebody_who_never_chose_has_the_default_comment_limits(store: SettingsStore) -> None:
    with store.read("ada") as reading:
        assert reading.comment_limits.get() == CommentLimits()
    assert store.feed_rules("ada").comment_limits == CommentLimits()


@pytest.mark.parametrize(
    "limits",
    [
        CommentLimits(
            who_can_comment=(Audience.FRIENDS, Audience.MENTIONED),
            hold_mode=HoldMode.ALL,
            keyword_terms=("ugly", "größe"),
            revision=2,
        ),
        CommentLimits(who_can_comment=None, hold_mode=HoldMode.OFF, revision=3),
    ],
)
def test_comment_limits_come_back_exactly_as_they_were_put(
    store: SettingsStore, limits: CommentLimits
) -> None:
    with store.edit("ada") as settings:
        settings.comment_limits.put(CommentLimits(keyword_terms=("earlier",)))
        settings.comment_limits.put(limits)

    with store.read("ada") as reading:
        assert reading.comment_limits.get() == limits
    assert store.feed_rules("ada").comment_limits == limits


# Everybody's own


def test_nobody_sees_or_removes_what_somebody_else_chose(store: SettingsStore) -> None:
    with store.edit("ada", felt_by=["troll"]) as settings:
        settings.keyword_filters.put(a_keyword_filter(filter_id="kf_1"))
        settings.blocks.put(a_block(target_id="troll"))
        settings.mutes.put(a_mute())
        settings.signals.put(a_signal(id="ni_1"))
        settings.comment_limits.put(CommentLimits(keyword_terms=("ugly",)))

    with store.edit("eve", felt_by=["troll"]) as settings:
        assert settings.keyword_filters.find("kf_1") is None
        assert settings.keyword_filters.remove("kf_1") is False
        assert settings.blocks.find("troll") == {}
        assert settings.blocks.remove("troll") == set()
        assert settings.mutes.remove(a_mute().target) is False
        assert settings.signals.remove("ni_1") is False
        assert settings.comment_limits.get() == CommentLimits()

    with store.read("ada") as reading:
        assert len(reading.keyword_filters.all()) == 1
        assert (reading.blocks.count(), reading.mutes.count()) == (1, 1)
    assert store.feed_rules("troll").blocked_by == {"ada": None}


# Pages


def test_lists_are_paged_newest_first_and_ties_are_ordered_by_id(store: SettingsStore) -> None:
    targets = ["b", "B", "a", "ä", "猫", "Z", "_"]
    with store.edit("ada", felt_by=[*targets, "newest", "oldest"]) as settings:
        for target in targets:
            settings.blocks.put(a_block(target_id=target))
        settings.blocks.put(a_block(target_id="newest", created_at=SOON))
        settings.blocks.put(a_block(target_id="oldest", created_at=LONG_AGO))

    paged: list[str] = []
    after: Position | None = None
    with store.read("ada") as reading:
        while page := reading.blocks.page(2, after):
            paged += [each.target_id for each in page]
            after = Position(page[-1].created_at, page[-1].target_id)

    assert paged == ["newest", *sorted(targets, reverse=True), "oldest"]


def test_every_list_goes_on_behind_the_position_it_is_given(store: SettingsStore) -> None:
    with store.edit("ada") as settings:
        for number in range(3):
            at = NOW + timedelta(minutes=number)
            settings.keyword_filters.put(a_keyword_filter(filter_id=f"kf_{number}", created_at=at))
            settings.signals.put(a_signal(id=f"ni_{number}", at=at))
        settings.mutes.put(a_mute(type=MuteType.TOPIC, id="a:b"))
        settings.mutes.put(a_mute(type=MuteType.TOPIC, id="a"))
        settings.mutes.put(a_mute(type=MuteType.HASHTAG, id="z"))

    with store.read("ada") as reading:
        filters = reading.keyword_filters.page(2, Position((NOW + timedelta(minutes=2)), "kf_2"))
        signals = reading.signals.page(1, Position((NOW + timedelta(minutes=1)), "ni_1"))
        mutes = reading.mutes.page(5, Position(NOW, "topic:a:b"))
    assert [each.id for each in filters] == ["kf_1", "kf_0"]
    assert [each.id for each in signals] == ["ni_0"]
    assert [":".join(each.target) for each in mutes] == ["topic:a", "hashtag:z"]


def test_a_position_that_is_in_no_list_is_a_place_all_the_same(store: SettingsStore) -> None:
    with store.edit("ada") as settings:
        settings.mutes.put(a_mute(type=MuteType.TOPIC, id="tea"))

    with store.read("ada") as reading:
        assert reading.mutes.page(5, Position(SOON, "no such thing")) == [
            a_mute(type=MuteType.TOPIC, id="tea")
        ]
        assert reading.mutes.page(5, Position(LONG_AGO, "")) == []
        assert reading.blocks.page(5, Position(LONG_AGO, "'; --")) == []


def test_bm_08_many_blocks_are_kept_and_forgotten_together_on_both_sides(store: SettingsStore) -> None:
    people = ["ann", "bob", "troll"]
    with store.edit("ada", felt_by=people) as settings:
        settings.blocks.put(*(a_block(target_id=each, expires_at=SOON) for each in people))
        settings.blocks.put(a_block(target_id="bob"))
        assert settings.blocks.remove("ann", "troll", "bob") == {"ann", "bob", "troll"}
        settings.blocks.put(a_block(target_id="bob"), a_block(target_id="troll"))

    assert store.feed_rules("ada").blocks == {"bob": None, "troll": None}
    assert [store.feed_rules(each).blocked_by for each in people] == [{}, {"ada": None}, {"ada": None}]


def test_ab_02_unblocks_are_remembered_for_the_user_alone(store: SettingsStore) -> None:
    again = Unblock("troll", SOON, earlier=(NOW, LONG_AGO))
    with store.edit("ada") as settings:
        settings.blocks.note_unblocks(Unblock("troll", NOW), Unblock("bob", NOW))
        settings.blocks.note_unblocks(again)

        assert settings.blocks.find_unblocks("troll", "eve") == {"troll": again}
        assert settings.blocks.find_unblocks("bob") == {"bob": Unblock("bob", NOW)}
    with store.edit("bob") as settings:
        assert settings.blocks.find_unblocks("troll") == {}


# Feed rules


def test_feed_rules_of_a_newcomer_say_nothing(store: SettingsStore) -> None:
    rules = store.feed_rules("newcomer")

    assert (rules.user_id, rules.version, rules.revision) == ("newcomer", BEFORE_EVERYTHING, 0)
    assert (rules.blocks, rules.blocked_by, rules.mutes) == ({}, {}, ())
    assert (rules.filters, rules.pushes, rules.comment_limits) == ((), (), CommentLimits())
    assert (rules.rejected_items, rules.topic_levels) == ((), {})


def test_feed_rules_hold_all_that_decisions_depend_on(store: SettingsStore) -> None:
    scoped = a_keyword_filter(
        filter_id="kf_1",
        terms=(
            "one",
            "two",
        ),
        op=Op.ALL,
        mode=Mode.SUBSTRING,
        strictness=Strictness.STRICT,
        fields=(Field.CAPTION,),
        surfaces=("live",),
        author_scope=AuthorScope(ScopeKind.ONLY, ("author",)),
        action=Action.WARN,
        expires_at=SOON,
    )
    newer = a_keyword_filter(filter_id="kf_2", created_at=SOON)
    with store.edit("ada", felt_by=["troll"]) as settings:
        settings.keyword_filters.put(scoped)
        settings.keyword_filters.put(newer)
        settings.blocks.put(a_block(target_id="troll"))
        settings.mutes.put(a_mute(id="bore", scopes=(MuteScope.LIVE,), expires_at=SOON))
        settings.mutes.put(a_mute(type=MuteType.TOPIC, id="tea"))
        settings.signals.put(
            a_signal(
                reasons=(Reason.TOPIC,),
                item_id="post",
                topics=(
                    "tea",
                    "cake",
                ),
            )
        )
    block(store, "eve", "ada", expires_at=SOON)

    rules = store.feed_rules("ada")

    assert rules.version == head_of(store, "ada").version
    assert (rules.version.number, rules.revision) == (2, 1)
    assert (rules.blocks, rules.blocked_by) == ({"troll": None}, {"eve": SOON})
    assert rules.filters == (rule_of("kf_2", newer.wording), rule_of("kf_1", scoped.wording))
    assert all(isinstance(rule, FilterRule) for rule in rules.filters)
    assert {rule.id: rule for rule in rules.mutes} == {
        "bore": MuteRule(MuteType.USER, "bore", (MuteScope.LIVE,), SOON),
        "tea": MuteRule(MuteType.TOPIC, "tea", ALL_SCOPES, None),
    }
    assert rules.rejected_items == ("post",)
    assert rules.pushes == (Push(Entity.TOPIC, "cake", NOW), Push(Entity.TOPIC, "tea", NOW))


def test_feed_rules_leave_out_filters_that_are_switched_off(store: SettingsStore) -> None:
    with store.edit("ada") as settings:
        settings.keyword_filters.put(a_keyword_filter(filter_id="off", enabled=False))
        settings.keyword_filters.put(a_keyword_filter(filter_id="on"))

    assert [rule.id for rule in store.feed_rules("ada").filters] == ["on"]


def test_feed_rules_leave_it_to_the_clock_of_the_decision_what_has_expired(store: SettingsStore) -> None:
    with store.edit("ada", felt_by=["troll"]) as settings:
        settings.keyword_filters.put(a_keyword_filter(expires_at=LONG_AGO))
        settings.blocks.put(a_block(expires_at=LONG_AGO))
        settings.mutes.put(a_mute(expires_at=LONG_AGO))

    rules = store.feed_rules("ada")

    assert [rule.expires_at for rule in rules.filters] == [LONG_AGO]
    assert rules.blocks == {"troll": LONG_AGO}
    assert store.feed_rules("troll").blocked_by == {"ada": LONG_AGO}
    assert [rule.expires_at for rule in rules.mutes] == [LONG_AGO]


@pytest.mark.parametrize(
    "user_id", ["'", '"', "\\", "%s", "{}", "a,b", "ａ", "👩‍👩‍👧", " ", "null", "x" * 128]
)
def test_an_id_may_be_any_text(store: SettingsStore, user_id: str) -> None:
    block(store, user_id, "troll")
    block(store, "troll", user_id)

    rules = store.feed_rules(user_id)

    assert (rules.user_id, rules.blocks, rules.blocked_by) == (user_id, {"troll": None}, {"troll": None})


def test_ab_05_looks_of_staff_are_kept_newest_first_and_apart_from_settings(store: SettingsStore) -> None:
    reads = [
        StaffRead(f"read_{n}", "ada", "sam", "SUP-1", StaffView.SETTINGS, NOW + timedelta(minutes=n // 2))
        for n in range(4)
    ]
    for each in (*reads, replace(reads[0], user_id="bob")):
        store.note_staff_read(each)

    first = store.staff_reads("ada", 3, None)

    assert first == [reads[3], reads[2], reads[1]]
    assert store.staff_reads("ada", 3, Position(first[-1].at, first[-1].id)) == [reads[0]]
    assert head_of(store, "ada") == Head("ada", 0, BEFORE_EVERYTHING)


def test_ab_05_a_look_stays_on_record_when_the_person_is_erased(store: SettingsStore) -> None:
    read = StaffRead("read", "ada", "sam", "SUP-1", StaffView.SETTINGS, NOW)
    store.note_staff_read(read)

    with store.erase("ada"):
        pass

    assert store.staff_reads("ada", 9, None) == [read]
