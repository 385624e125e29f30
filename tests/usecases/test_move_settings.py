"""A user takes all settings along, or brings them back."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from service.domain.allow_phrases import AllowPhrases
from service.domain.blocks import Block, Unblock
from service.domain.comment_limits import Audience, CommentLimits, HoldMode, PostLimits
from service.domain.exports import BlockRow, Export, FilterRow, MuteRow
from service.domain.import_plans import ImportMode
from service.domain.imports import ROWS_PER_IMPORT, Brought, ImportDocument, read_document, read_terms
from service.domain.keyword_filters import Action, AuthorScope, Field, FilterWording, Op, ScopeKind
from service.domain.matching import Mode, Strictness
from service.domain.mutes import Mute, MuteScope, MuteType
from service.domain.not_interested import Reason
from service.domain.refusals import LimitReached, TooOften
from service.domain.signal_resets import ResetScope
from service.domain.topic_preferences import TopicPreference
from service.usecases.edit_keyword_filters import add_keyword_filter
from service.usecases.move_settings import InvalidImport, export_settings, export_terms, import_settings
from service.usecases.ports import ImportUnderWay, Parts
from service.usecases.reset_not_interested import reset_not_interested
from tests.builders import NOW, a_block, a_keyword_filter, a_mute, a_new_keyword_filter, a_signal, parts

BEFORE = NOW - timedelta(days=3)
SOON = NOW + timedelta(hours=1)
AN_HOUR_AGO = NOW - timedelta(hours=1)


SMALLEST: dict[str, dict[str, Any]] = {
    "not_interested": msgspec.to_builtins(a_signal(author_id=None)),
    "blocks": {"user_id": "troll"},
    "mutes": {"type": "topic", "id": "tea"},
    "topic_preferences": {"topic": "tea", "level": 1, "set_at": NOW, "revision": 1},
    "comment_limits": {},
    "post_comment_limits": {},
}
"""A row of each kind with no more than it needs."""


def limited(since: datetime, until: datetime) -> dict[str, Any]:
    return {"audience": "non_followers", "since": since, "until": until}


def with_everything() -> Parts:
    """Return parts in which ``ada`` chose something of every kind, in every member."""
    around = parts()
    with around.settings.edit("ada", felt_by=["troll", "bot"]) as settings:
        settings.keyword_filters.put(
            a_keyword_filter(
                filter_id="mine_1",
                created_at=BEFORE,
                terms=("one", "two*", "c\\*t"),
                title="mine",
                op=Op.ALL,
                mode=Mode.SUFFIX,
                strictness=Strictness.LOOSE,
                fields=(Field.AUTHOR_NAME, Field.CAPTION),
                surfaces=("live",),
                author_scope=AuthorScope(ScopeKind.ONLY, ("author",)),
                action=Action.BLUR,
                expires_at=SOON,
                enabled=False,
            )
        )
        settings.keyword_filters.put(a_keyword_filter(filter_id="mine_2", expires_at=BEFORE))
        settings.allow_phrases.put(AllowPhrases(("spoiler alert", "été"), 1))
        settings.blocks.put(a_block(note="why", expires_at=SOON, created_at=BEFORE), a_block(target_id="bot"))
        settings.mutes.put(
            a_mute(id="bore", scopes=(MuteScope.LIVE,), note="n", expires_at=SOON),
            a_mute(type=MuteType.TOPIC, id="tea", created_at=BEFORE),
        )
        settings.signals.put(a_signal(reasons=(Reason.AUTHOR,), hashtags=("a",), at=BEFORE, position=3))
        settings.topic_preferences.put(TopicPreference("tea", -2, BEFORE, 1))
        settings.post_limits.put("p9", PostLimits(hold_mode=HoldMode.ALL, revision=1))
        settings.comment_limits.put(
            CommentLimits(who_can_comment=(Audience.FRIENDS,), keyword_terms=("ugly",), revision=1)
        )
    return around


def as_bytes(around: Parts, user_id: str = "ada") -> bytes:
    return msgspec.json.encode(export_settings(around, user_id))


def brought(exported: bytes, user_id: str = "ada") -> Brought:
    return read_document(msgspec.json.decode(exported, type=ImportDocument), user_id, NOW)


def document(**kinds: Any) -> Brought:
    return brought(msgspec.json.encode(kinds))


def comparable(around: Parts, user_id: str = "ada") -> Export:
    """Return an export without the counts that differ from user to user."""
    exported = export_settings(around, user_id)
    limits = exported.comment_limits
    return msgspec.structs.replace(
        exported,
        not_interested=tuple(replace(each, revision=0) for each in exported.not_interested),
        topic_preferences=tuple(replace(each, revision=0) for each in exported.topic_preferences),
        comment_limits=limits and replace(limits, revision=0),
        post_comment_limits={
            post_id: replace(each, revision=0) for post_id, each in exported.post_comment_limits.items()
        },
    )


@pytest.mark.parametrize("mode", ImportMode)
def test_kf_15_an_export_brings_back_everything_without_loss(mode: ImportMode) -> None:
    original, empty = with_everything(), parts()

    import_settings(empty, "ada", brought(as_bytes(original)), mode)

    assert comparable(empty) == comparable(original)
    assert empty.settings.feed_rules("troll").blocked_by == {"ada": SOON}
    assert empty.settings.feed_rules("ada").allow_phrases == ("spoiler alert", "été")


def test_kf_15_replacing_with_the_export_of_somebody_who_chose_nothing_leaves_nothing() -> None:
    around = with_everything()

    done = import_settings(around, "ada", brought(as_bytes(parts())), ImportMode.REPLACE)
    again = import_settings(around, "ada", brought(as_bytes(parts())), ImportMode.REPLACE)

    assert comparable(around) == comparable(parts())
    assert (done.value.total("removed"), done.value.total("changed")) == (12, 0)
    assert again.value.changes_nothing


def test_kf_15_replaced_phrases_are_spelled_as_the_import_spells_them() -> None:
    around = with_everything()
    spelled = document(allow_phrases=["SPOILER ALERT", "été"])

    done = import_settings(around, "ada", spelled, ImportMode.REPLACE)

    assert around.settings.feed_rules("ada").allow_phrases == ("été", "SPOILER ALERT")
    assert msgspec.to_builtins(done.value.counts["allow_phrases"]) == {
        "added": 1,
        "changed": 0,
        "removed": 1,
        "duplicate": 1,
    }


@pytest.mark.parametrize("mode", ImportMode)
def test_kf_15_ni_09_an_import_twice_changes_nothing_after_a_reset_either(mode: ImportMode) -> None:
    around = with_everything()
    exported = as_bytes(around)
    reset_not_interested(around, "ada", ResetScope.ALL)
    import_settings(around, "ada", brought(exported), mode)

    again = import_settings(around, "ada", brought(exported), mode)

    assert again.value.changes_nothing
    assert around.settings.feed_rules("ada").topic_levels == {}


@pytest.mark.parametrize("mode", ImportMode)
def test_kf_15_the_same_import_twice_changes_nothing(mode: ImportMode) -> None:
    exported, around = as_bytes(with_everything()), parts()
    first = import_settings(around, "ada", brought(exported), mode)
    before = around.settings.feed_rules("ada")

    again = import_settings(around, "ada", brought(exported), mode)

    assert (first.value.total("added"), first.value.total("duplicate")) == (12, 0)
    assert again.value.changes_nothing
    assert (again.value.total("duplicate"), again.head) == (12, first.head)
    assert around.settings.feed_rules("ada") == before


def test_kf_15_no_member_of_a_setting_is_missing_from_its_row() -> None:
    """A column that somebody adds must travel too, or the export loses it."""
    derived = {"target", "target_id", "revision"}
    for row, kept, own in (
        (FilterRow, FilterWording, {"id", "created_at"}),
        (BlockRow, Block, {"user_id"}),
        (MuteRow, Mute, {"type", "id"}),
    ):
        assert set(row.__struct_fields__) == ({each.name for each in fields(kept)} - derived) | own


def test_kf_15_merging_leaves_what_is_there_and_adds_what_is_missing() -> None:
    around = with_everything()

    done = import_settings(
        around,
        "ada",
        document(
            keyword_filters=[{"terms": ["new"]}, {"id": "mine_2", "terms": ["another"]}],
            blocks=[{"user_id": "troll", "note": "other"}, {"user_id": "eve"}],
            allow_phrases=["SPOILER ALERT", "fresh"],
        ),
        ImportMode.MERGE,
    )

    exported = export_settings(around, "ada")
    assert (done.value.total("added"), done.value.total("duplicate")) == (4, 2)
    assert (done.value.total("changed"), done.value.total("removed")) == (0, 0)
    assert sorted(row.terms[0] for row in exported.keyword_filters) == ["another", "new", "one", "spoiler"]
    assert {row.user_id: row.note for row in exported.blocks} == {"troll": "why", "bot": None, "eve": None}
    assert exported.allow_phrases == ("spoiler alert", "été", "fresh")


def test_kf_15_replacing_makes_the_kinds_that_are_named_what_the_import_says() -> None:
    around = with_everything()

    done = import_settings(
        around,
        "ada",
        document(
            keyword_filters=[{"id": "mine_2", "terms": ["changed"]}],
            blocks=[{"user_id": "troll", "note": "other"}],
            mutes=[],
        ),
        ImportMode.REPLACE,
    )

    exported = export_settings(around, "ada")
    assert [(row.id, row.terms) for row in exported.keyword_filters] == [("mine_2", ("changed",))]
    assert [(row.user_id, row.note) for row in exported.blocks] == [("troll", "other")]
    assert (exported.mutes, len(exported.not_interested)) == ((), 1)
    assert exported.allow_phrases == ("spoiler alert", "été")
    assert done.value.counts["mutes"].removed == 2
    assert (done.value.total("changed"), done.value.total("removed")) == (2, 4)
    assert around.settings.feed_rules("bot").blocked_by == {}
    assert around.settings.feed_rules("troll").blocked_by == {"ada": None}


def test_kf_15_a_dry_run_tells_what_would_happen_and_changes_nothing() -> None:
    around = parts()
    wanted = document(
        keyword_filters=[{"terms": ["good"]}, {"terms": ["x"]}, {"terms": []}, {"trems": ["typo"]}],
        blocks=[{"user_id": "ada"}, {"user_id": "troll"}, {"user_id": "troll"}, 7],
        mutes=[{"type": "sound"}, {"type": "user", "id": "a\u0000b"}],
        not_interested=[{"id": "ni"}],
        comment_limits={"who_can_comment": ["no_one", "friends"]},
        topic_preferences=[{"topic": "tea", "level": 7, "set_at": "2026-11-01T00:00:00Z", "revision": 1}],
        post_comment_limits={"p1": {"hold_mode": "most"}},
    )

    done = import_settings(around, "ada", wanted, ImportMode.MERGE, dry_run=True)

    assert (done.value.total("added"), done.value.total("duplicate")) == (2, 1)
    assert [(each.row, each.code) for each in done.value.invalid] == [
        ("keyword_filters[1]", "unmatchable-term"),
        ("keyword_filters[2]", "invalid"),
        ("keyword_filters[3]", "invalid"),
        ("blocks[0]", "cannot-target-yourself"),
        ("blocks[3]", "invalid"),
        ("mutes[0]", "invalid"),
        ("mutes[1]", "invalid"),
        ("not_interested[0]", "invalid"),
        ("topic_preferences[0]", "invalid"),
        ("comment_limits", "invalid"),
        ("post_comment_limits[p1]", "invalid"),
    ]
    assert all(each.reason for each in done.value.invalid)
    assert comparable(around) == comparable(parts())
    assert around.settings.feed_rules("ada").revision == 0


def test_kf_15_an_import_with_a_row_that_cannot_be_used_is_wholly_absent() -> None:
    around = parts()

    with pytest.raises(InvalidImport) as refused:
        import_settings(
            around, "ada", document(keyword_filters=[{"terms": ["good"]}, {"terms": ["x"]}]), ImportMode.MERGE
        )

    assert "keyword_filters[1]" in str(refused.value.facts["invalid"])
    assert around.settings.feed_rules("ada").revision == 0


@pytest.mark.parametrize(
    ("kind", "members", "why"),
    [
        ("not_interested", {"at": "0001-01-01T00:00:00+14:00"}, "lies before 1970"),
        ("not_interested", {"position": 10**30}, "position: is 0 to 10000"),
        ("not_interested", {"position": -1}, "position: is 0 to 10000"),
        ("not_interested", {"surface": "nowhere"}, "'nowhere' is not a surface"),
        ("not_interested", {"reasons": ["author"]}, "author needs the author"),
        ("not_interested", {"reasons": ["hashtag"], "hashtags": ["#"]}, "hashtag needs the hashtag"),
        ("not_interested", {"author_id": "x" * 129}, "author_id: has 1 to 128"),
        ("not_interested", {"topics": [""]}, "topics: has 1 to 128"),
        ("not_interested", {"topics": [f"t{number}" for number in range(51)]}, "At most 50 topics"),
        ("not_interested", {"hashtags": [f"t{number}" for number in range(101)]}, "At most 100 hashtags"),
        ("not_interested", {"reson": ["author"]}, "reson: is no member"),
        ("blocks", {"created_at": "0001-01-01T00:00:00+14:00"}, "lies before 1970"),
        ("mutes", {"expires_at": "0001-01-01T00:00:00+14:00"}, "lies before 1970"),
        ("topic_preferences", {"lvl": 1}, "lvl: is no member"),
        ("topic_preferences", {"set_at": "0001-01-01T00:00:00+14:00"}, "lies before 1970"),
        ("comment_limits", {"gates": {"min_follow_age_days": 10**18}}, "min_follow_age_days: is 0 to 3650"),
        ("comment_limits", {"gates": {"max_per_hour": 0}}, "max_per_hour: is 1 to 1000"),
        ("comment_limits", {"gates": {"nolinks": True}}, "nolinks: is no member"),
        ("comment_limits", {"limited_mode": limited(NOW, NOW + timedelta(days=29))}, "more than 28 days"),
        ("comment_limits", {"limited_mode": limited(SOON, SOON)}, "lies in the future"),
        ("post_comment_limits", {"gates": {"max_mentions": -1}}, "max_mentions: is 0 to 100"),
    ],
)
def test_kf_15_an_import_keeps_nothing_that_the_calls_for_one_setting_would_refuse(
    kind: str, members: dict[str, Any], why: str
) -> None:
    """One such row would be read by every decision about its owner from then on."""
    row = {**SMALLEST[kind], **members}
    kinds = {"comment_limits": row, "post_comment_limits": {"p1": row}}

    done = import_settings(
        parts(), "ada", document(**{kind: kinds.get(kind, [row])}), ImportMode.MERGE, dry_run=True
    )

    [invalid] = done.value.invalid
    assert why in invalid.reason
    assert done.value.total("added") == 0


@pytest.mark.parametrize("rows", [(None,), (BEFORE, None), (None, BEFORE)])
def test_kf_15_a_block_and_a_mute_that_are_over_are_not_there_already(
    rows: tuple[datetime | None, ...],
) -> None:
    around = parts()
    with around.settings.edit("ada", felt_by=["troll"]) as settings:
        settings.blocks.put(a_block(target_id="troll", expires_at=BEFORE))
        settings.mutes.put(a_mute(type=MuteType.TOPIC, id="tea", expires_at=BEFORE))
    brought = Brought(
        blocks=[BlockRow(user_id="troll", expires_at=end) for end in rows],
        mutes=[MuteRow(type=MuteType.TOPIC, id="tea", expires_at=end) for end in rows],
    )

    report = import_settings(around, "ada", brought, ImportMode.MERGE).value
    again = import_settings(around, "ada", brought, ImportMode.MERGE).value

    with around.settings.read("ada") as reading:
        ends = [each.expires_at for each in reading.blocks.page(9, None)]
        ends += [each.expires_at for each in reading.mutes.page(9, None)]
    assert ends == [None, None]
    assert (report.total("changed"), again.changes_nothing) == (2, True)


def test_kf_15_a_limited_mode_that_was_over_comes_back_over() -> None:
    around = parts()
    mode = limited(BEFORE, NOW - timedelta(days=1))

    import_settings(around, "ada", document(comment_limits={"limited_mode": mode}), ImportMode.MERGE)

    kept = around.settings.feed_rules("ada").comment_limits.limited_mode
    assert kept
    assert (kept.since, kept.is_on(NOW)) == (BEFORE, False)


def test_kf_15_hashtags_of_an_imported_signal_are_compared_as_those_of_posts() -> None:
    around = parts()
    signal = {**SMALLEST["not_interested"], "reasons": ["hashtag"], "hashtags": ["#Cats", "cats", "#"]}

    import_settings(around, "ada", document(not_interested=[signal]), ImportMode.MERGE)

    assert [push.id for push in around.settings.feed_rules("ada").pushes] == ["cats"]


@pytest.mark.parametrize(
    ("kinds", "what", "limit"),
    [
        ({"keyword_filters": [{"terms": [f"term {number}"]} for number in range(201)]}, "filters", 200),
        (
            {"keyword_filters": [{"terms": [f"{n} {t}" for t in range(20)]} for n in range(51)]},
            "terms",
            1_000,
        ),
        ({"blocks": [{"user_id": f"u{number}"} for number in range(10_001)]}, "blocks", 10_000),
        ({"mutes": [{"type": "user", "id": f"u{number}"} for number in range(10_001)]}, "mutes", 10_000),
        ({"allow_phrases": [f"phrase {number}" for number in range(101)]}, "phrases", 100),
    ],
)
def test_kf_15_an_import_over_a_limit_is_wholly_absent(kinds: dict[str, Any], what: str, limit: int) -> None:
    around = parts()

    with pytest.raises(LimitReached, match=what) as refused:
        import_settings(around, "ada", document(**kinds), ImportMode.MERGE)

    assert refused.value.facts["limit"] == limit
    assert around.settings.feed_rules("ada").revision == 0


def test_kf_15_more_rows_than_an_import_can_have_are_refused() -> None:
    with pytest.raises(LimitReached) as refused:
        document(blocks=[{}] * ROWS_PER_IMPORT, mutes=[{}])

    assert refused.value.facts == {"limit": ROWS_PER_IMPORT, "current": ROWS_PER_IMPORT + 1}


def terms_of(around: Parts) -> list[tuple[str, ...]]:
    return sorted(rule.terms for rule in around.settings.feed_rules("ada").filters)


def test_kf_15_a_plain_list_becomes_filters_of_twenty_terms_and_twice_is_as_good_as_once() -> None:
    around = parts()
    add_keyword_filter(around, "ada", a_new_keyword_filter(terms=("term 3", "cats")))
    text = "\ufeff" + "\r\n".join([*(f"Term {number}" for number in range(45)), "", "term 7", "cat*"])

    done = import_settings(around, "ada", read_terms(text), ImportMode.MERGE)
    again = import_settings(around, "ada", read_terms(text), ImportMode.MERGE)

    assert [len(terms) for terms in terms_of(around)] == [20, 20, 5, 2]
    assert (done.value.total("added"), done.value.total("duplicate")) == (3, 2)
    assert again.value.changes_nothing


@pytest.mark.parametrize(
    ("wording", "added"),
    [
        ({}, 0),
        ({"action": Action.HIDE}, 0),
        ({"action": Action.DOWNRANK}, 1),
        ({"enabled": False}, 1),
        ({"expires_at": SOON}, 1),
        ({"terms": ("spoiler", "cats"), "op": Op.ALL}, 1),
        ({"surfaces": ("live",)}, 1),
        ({"fields": (Field.LINKS,)}, 1),
        ({"author_scope": AuthorScope(ScopeKind.ONLY, ("bob",))}, 1),
    ],
)
def test_kf_15_a_term_is_there_already_where_a_filter_does_as_much_with_it(
    wording: dict[str, Any], added: int
) -> None:
    """Else somebody brings a list, is told that all of it is there, and goes on seeing what it names."""
    around = parts()
    add_keyword_filter(around, "ada", a_new_keyword_filter(**{"terms": ("spoiler",), **wording}))

    done = import_settings(around, "ada", read_terms("spoiler"), ImportMode.MERGE)
    again = import_settings(around, "ada", read_terms("spoiler"), ImportMode.MERGE)

    assert done.value.total("added") == added
    assert again.value.changes_nothing


@pytest.mark.parametrize("mode", ImportMode)
@pytest.mark.parametrize(
    "rows",
    [
        [{"id": "x", "terms": ["one"]}, {"id": "x", "terms": ["two"]}],
        [{"id": "x", "terms": ["one"]}, {"terms": ["two"]}],
        [{"terms": ["two"]}, {"id": "x", "terms": ["one"]}],
    ],
)
def test_kf_15_no_filter_of_an_import_takes_the_place_of_another(
    mode: ImportMode, rows: list[dict[str, Any]]
) -> None:
    around = parts()
    add_keyword_filter(around, "ada", a_new_keyword_filter(filter_id="x", terms=("two",)))

    import_settings(around, "ada", document(keyword_filters=rows), mode)
    again = import_settings(around, "ada", document(keyword_filters=rows), mode)

    assert terms_of(around) == [("one",), ("two",)]
    assert again.value.changes_nothing


def test_kf_15_replacing_one_kind_says_nothing_of_filters_that_it_does_not_name() -> None:
    around = with_everything()
    before = terms_of(around)

    done = import_settings(around, "ada", document(mutes=[]), ImportMode.REPLACE)
    again = import_settings(around, "ada", document(mutes=[]), ImportMode.REPLACE)

    assert (done.value.counts["keyword_filters"].removed, terms_of(around)) == (0, before)
    assert again.value.changes_nothing


def test_kf_15_a_block_that_stands_twice_in_an_import_is_settled_at_once() -> None:
    around = parts()
    over = {"user_id": "troll", "expires_at": BEFORE, "created_at": BEFORE}
    rows = document(blocks=[over, {"user_id": "troll", "created_at": BEFORE}])

    import_settings(around, "ada", rows, ImportMode.REPLACE)

    assert around.settings.feed_rules("ada").blocks == {"troll": None}
    assert import_settings(around, "ada", rows, ImportMode.REPLACE).value.changes_nothing


def test_kf_15_a_plain_list_can_replace_all_filters() -> None:
    around = with_everything()

    import_settings(around, "ada", read_terms("one\ntwo"), ImportMode.REPLACE)
    again = import_settings(around, "ada", read_terms("one\ntwo"), ImportMode.REPLACE)

    assert terms_of(around) == [("one", "two")]
    assert len(export_settings(around, "ada").blocks) == 2
    assert again.value.changes_nothing


def test_kf_15_a_line_that_cannot_be_a_term_is_told_by_its_number() -> None:
    done = import_settings(parts(), "ada", read_terms("good\n\nx\n"), ImportMode.MERGE, dry_run=True)

    assert [(each.row, each.code) for each in done.value.invalid] == [("line 3", "unmatchable-term")]


def test_kf_15_a_plain_export_has_every_term_once_with_its_stars() -> None:
    around = parts()
    for terms, mode in ((("cat", "dog*"), Mode.SUBSTRING), (("cat",), Mode.WORD), (("cat",), Mode.WORD)):
        add_keyword_filter(around, "ada", a_new_keyword_filter(terms=terms, mode=mode))

    assert sorted(export_terms(around, "ada")) == ["*cat*", "cat", "dog*"]


def test_kf_15_an_edit_in_between_is_neither_lost_nor_overwritten() -> None:
    around = parts()
    store = around.settings
    real_edit = store.edit
    interrupted: list[bool] = []

    def edit_behind_another(user_id: str, **how: Any) -> Any:
        if how.get("alone") and not interrupted:
            interrupted.append(True)
            with real_edit("ada", felt_by=["eve"]) as settings:
                settings.blocks.put(a_block(target_id="eve", note="from another device"))
        return real_edit(user_id, **how)

    store.edit = edit_behind_another  # type: ignore[method-assign]
    import_settings(
        around, "ada", document(blocks=[{"user_id": "eve"}, {"user_id": "bot"}]), ImportMode.MERGE
    )

    notes = {row.user_id: row.note for row in export_settings(around, "ada").blocks}
    assert interrupted
    assert notes == {"eve": "from another device", "bot": None}


def test_kf_15_only_one_import_of_a_user_runs_at_a_time() -> None:
    around = parts()

    with around.settings.edit("ada", alone=True), pytest.raises(ImportUnderWay):
        import_settings(around, "ada", document(keyword_filters=[{"terms": ["late"]}]), ImportMode.MERGE)

    assert terms_of(around) == []


def test_kf_15_what_is_imported_counts_from_the_next_decision_on() -> None:
    around = parts()
    done = import_settings(around, "ada", document(blocks=[{"user_id": "troll"}]), ImportMode.MERGE)

    assert around.rules.get("ada") is None
    assert done.head.version == around.settings.feed_rules("ada").version


def test_ab_02_an_import_that_unblocks_somebody_is_remembered_as_an_unblock() -> None:
    around = with_everything()
    with around.settings.edit("ada") as settings:
        settings.blocks.note_unblocks(Unblock("bot", AN_HOUR_AGO, earlier=(BEFORE,)))

    import_settings(around, "ada", Brought(blocks=[]), ImportMode.REPLACE)

    with around.settings.read("ada") as reading:
        assert reading.blocks.find_unblocks("troll", "bot") == {
            "troll": Unblock("troll", NOW),
            "bot": Unblock("bot", NOW, earlier=(AN_HOUR_AGO,)),
        }


@pytest.mark.parametrize("dry_run", [False, True])
def test_ab_02_an_import_unblocks_nobody_a_fourth_time_in_24_hours(*, dry_run: bool) -> None:
    around = with_everything()
    with around.settings.edit("ada") as settings:
        settings.blocks.note_unblocks(Unblock("bot", AN_HOUR_AGO, earlier=(AN_HOUR_AGO, AN_HOUR_AGO)))
    before = comparable(around)

    with pytest.raises(TooOften):
        import_settings(around, "ada", Brought(blocks=[]), ImportMode.REPLACE, dry_run=dry_run)

    assert comparable(around) == before


def test_kf_15_an_import_blocks_or_mutes_no_account_of_the_platform() -> None:
    rows = {"blocks": [{"user_id": "safety"}], "mutes": [{"type": "user", "id": "safety"}]}
    raw = msgspec.json.decode(msgspec.json.encode(rows), type=ImportDocument)

    read = read_document(raw, "ada", NOW, platform_accounts={"safety"})

    assert [each.row for each in read.invalid] == ["blocks[0]", "mutes[0]"]
