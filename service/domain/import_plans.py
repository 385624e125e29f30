"""What an import changes: worked out in full before anything is written, so that a dry run shows just that."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Generic, TypeVar

import msgspec

from service.domain.allow_phrases import AllowPhrases, require_usable_phrases
from service.domain.blocks import BLOCKS_PER_USER, Block
from service.domain.comment_limits import POSTS_WITH_LIMITS, CommentLimits, PostLimits, are_defaults
from service.domain.expiry import is_live
from service.domain.exports import Belongings, BlockRow, FilterRow, MuteRow
from service.domain.imports import Brought, InvalidRow
from service.domain.keyword_filters import (
    FILTERS_PER_USER,
    TERMS_PER_FILTER,
    TERMS_PER_USER,
    FilterWording,
    KeywordFilter,
)
from service.domain.matching import normalise
from service.domain.mutes import MUTES_PER_USER, Mute, MuteTarget, mute_target, usable_hashtags
from service.domain.not_interested import SIGNALS_PER_USER, Signal
from service.domain.overlaps import likeness, works_wherever
from service.domain.people import UserId
from service.domain.refusals import LimitReached
from service.domain.topic_preferences import TOPICS_PER_USER, TopicPreference

TITLE_OF_LISTS: Final = "Imported"

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
R = TypeVar("R")
NewId = Callable[[str], str]


class ImportMode(StrEnum):
    """Whether what is there stays beside what comes (merge) or gives way to it (replace).

    Merging never changes what is there; what has ended by itself is not. Replacing touches only the kinds that the
    import names.
    """

    MERGE = "merge"
    REPLACE = "replace"


@dataclass(slots=True)
class Count:
    """What happens to the rows of one kind."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    duplicate: int = 0


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import does, by kind, and which rows stand in its way."""

    counts: Mapping[str, Count]
    invalid: Sequence[InvalidRow]

    def total(self, what: str) -> int:
        """Return how many rows of all kinds are ``added``, ``changed``, ``removed`` or ``duplicate``."""
        return sum(getattr(count, what) for count in self.counts.values())

    @property
    def changes_nothing(self) -> bool:
        """Whether everything is there already."""
        return not any(self.total(what) for what in ("added", "changed", "removed"))


@dataclass(slots=True)
class Changes(Generic[K, V]):
    """What to keep and what to forget of one kind."""

    put: list[V] = field(default_factory=list)
    removed: list[K] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Everything that an import writes; None: that kind stays as it is."""

    report: ImportReport
    filters: Changes[str, KeywordFilter]
    blocks: Changes[UserId, Block]
    mutes: Changes[MuteTarget, Mute]
    signals: Changes[str, Signal]
    topics: Changes[str, TopicPreference]
    allow_phrases: AllowPhrases | None
    comment_limits: CommentLimits | None
    posts: Changes[str, tuple[str, PostLimits]]

    @property
    def felt_by(self) -> frozenset[UserId]:
        """Whose decisions change beside the user's own."""
        return frozenset([*(block.target_id for block in self.blocks.put), *self.blocks.removed])


def plan_import(
    own: Belongings, brought: Brought, mode: ImportMode, *, revision: int, now: datetime, new_id: NewId
) -> ImportPlan:
    """Work out what an import changes; ``revision`` is the one that it leads to.

    Raises ``LimitReached`` where it would leave the user with more of something than there can be.
    """
    planner = _Planner(mode, revision, now)
    filters = planner.filters(own.keyword_filters, brought, new_id)
    plan = ImportPlan(
        filters=filters,
        blocks=planner.blocks(own.blocks, brought.blocks),
        mutes=planner.mutes(own.mutes, brought.mutes),
        signals=planner.signals(own, brought.signals),
        topics=planner.topics(own, brought.topic_preferences),
        allow_phrases=planner.phrases(own.allow_phrases, brought.allow_phrases),
        comment_limits=planner.comment_limits(own.comment_limits, brought.comment_limits),
        posts=planner.posts(own.post_limits, brought.post_limits),
        report=ImportReport(planner.counts, tuple(brought.invalid)),
    )
    _require_room(own, plan)
    return plan


class _Planner:
    """Compares kind by kind what comes with what is there."""

    def __init__(self, mode: ImportMode, revision: int, now: datetime) -> None:
        self._replaces = mode is ImportMode.REPLACE
        self._revision = revision
        self._now = now
        self.counts: dict[str, Count] = {}

    def filters(
        self, kept: Sequence[KeywordFilter], brought: Brought, new_id: NewId
    ) -> Changes[str, KeywordFilter]:
        """Compare filters by what they say: the same words under another id are the same filter."""
        count = self.counts["keyword_filters"] = Count()
        if brought.keyword_filters is None and brought.terms is None:
            return Changes()
        rows = list(brought.keyword_filters or ())
        if brought.terms is not None:
            rows += self._packed(brought.terms, [] if self._replaces else kept, count)
        changes: Changes[str, KeywordFilter] = Changes()
        by_id, by_wording = {each.id: each for each in kept}, {each.wording: each for each in reversed(kept)}
        staying: set[str] = set()
        for row in _named_first(rows):
            same = self._same_filter(row, by_id, by_wording)
            if same:
                count.duplicate += 1
                staying.add(same.id)
                continue
            made = self._filter(row, by_id, new_id)
            gives_way = by_id.get(made.id)
            if gives_way and by_wording.get(gives_way.wording) is gives_way:
                del by_wording[gives_way.wording]
            by_id[made.id] = by_wording[made.wording] = made
            staying.add(made.id)
            changes.put.append(made)
        self._settle(count, changes, {each.id for each in kept}, staying, [each.id for each in changes.put])
        return changes

    def _same_filter(
        self,
        row: FilterRow,
        by_id: Mapping[str, KeywordFilter],
        by_wording: Mapping[FilterWording, KeywordFilter],
    ) -> KeywordFilter | None:
        under_id = by_id.get(row.id) if row.id else None
        if under_id and under_id.wording == row.wording and row.created_at in {None, under_id.created_at}:
            return under_id
        same = by_wording.get(row.wording)
        return same if same and (row.id is None or not self._replaces) else None

    def _filter(self, row: FilterRow, taken: Mapping[str, KeywordFilter], new_id: NewId) -> KeywordFilter:
        is_free = row.id is not None and (self._replaces or row.id not in taken)
        filter_id = row.id if is_free and row.id else new_id("kf")
        return KeywordFilter(filter_id, row.wording, row.created_at or self._now, self._revision)

    def _packed(
        self, terms: Iterable[str], kept: Sequence[KeywordFilter], count: Count
    ) -> Iterator[FilterRow]:
        """Put the terms of a plain list into filters of 20; what stands already and does as much is a duplicate."""
        known = {
            likeness(term, each.wording)
            for each in kept
            if each.is_live(self._now)
            for term in each.wording.terms
            if works_wherever(each.wording, FilterWording((term,)))
        }
        fresh = []
        for term in terms:
            like = likeness(term, FilterWording((term,)))
            if like in known:
                count.duplicate += 1
            else:
                fresh.append(term)
            known.add(like)
        for start in range(0, len(fresh), TERMS_PER_FILTER):
            yield FilterRow(terms=tuple(fresh[start : start + TERMS_PER_FILTER]), title=TITLE_OF_LISTS)

    def blocks(self, kept: Sequence[Block], rows: Sequence[BlockRow] | None) -> Changes[UserId, Block]:
        """Compare blocks by whom they are about."""
        by_target = {each.target_id: each for each in kept}
        return self._compared(
            "blocks", by_target, rows, lambda row: row.user_id, self._block, is_over=self._is_over
        )

    def mutes(self, kept: Sequence[Mute], rows: Sequence[MuteRow] | None) -> Changes[MuteTarget, Mute]:
        """Compare mutes by what they are about."""
        by_target = {each.target: each for each in kept}
        return self._compared(
            "mutes",
            by_target,
            rows,
            lambda row: mute_target(row.type, row.id),
            self._mute,
            is_over=self._is_over,
        )

    def signals(self, own: Belongings, rows: Sequence[Signal] | None) -> Changes[str, Signal]:
        """Compare signals by their id; what a reset set aside stays so, and is there already."""
        by_id, aside = ({each.id: each for each in kept} for kept in (own.signals, own.signals_aside))
        return self._compared("not_interested", by_id, rows, lambda row: row.id, self._signal, aside)

    def topics(
        self, own: Belongings, rows: Sequence[TopicPreference] | None
    ) -> Changes[str, TopicPreference]:
        """Compare sliders by their topic; what a reset set aside stays so, and is there already."""
        sliders = own.topic_preferences, own.topics_aside
        by_topic, aside = ({each.topic: each for each in kept} for kept in sliders)
        return self._compared("topic_preferences", by_topic, rows, lambda row: row.topic, self._topic, aside)

    def posts(
        self, kept: Mapping[str, PostLimits], brought: Mapping[str, PostLimits] | None
    ) -> Changes[str, tuple[str, PostLimits]]:
        """Compare the rules of single posts by the post's id."""
        there = {post_id: (post_id, limits) for post_id, limits in kept.items()}
        rows = None if brought is None else list(brought.items())
        return self._compared("post_comment_limits", there, rows, lambda row: row[0], self._post)

    def _compared(
        self,
        kind: str,
        kept: Mapping[K, V],
        rows: Sequence[R] | None,
        key_of: Callable[[R], K],
        made_of: Callable[[R, V | None], V],
        aside: Mapping[K, V] | None = None,
        *,
        is_over: Callable[[V], bool] = lambda _: False,
    ) -> Changes[K, V]:
        count = self.counts[kind] = Count()
        changes: Changes[K, V] = Changes()
        if rows is None:
            return changes
        wanted: dict[K, V] = {}
        for row in rows:
            key = key_of(row)
            if aside and key in aside and made_of(row, aside[key]) == aside[key]:
                count.duplicate += 1
                continue
            made = made_of(row, kept.get(key))
            stands = wanted.get(key, kept.get(key))
            is_revived = stands is not None and is_over(stands) and not is_over(made)
            is_there = key in wanted or (key in kept and (made == kept[key] or not self._replaces))
            if is_there and not is_revived:
                count.duplicate += 1
                wanted.setdefault(key, kept.get(key, made))
                continue
            wanted[key] = made
        put = [key for key, value in wanted.items() if kept.get(key) != value]
        changes.put = [wanted[key] for key in put]
        self._settle(count, changes, set(kept), set(wanted), put)
        return changes

    def _settle(
        self, count: Count, changes: Changes[K, V], kept: set[K], staying: set[K], put: Sequence[K]
    ) -> None:
        count.changed = len(kept.intersection(put))
        count.added = len(put) - count.changed
        if self._replaces:
            changes.removed = [key for key in kept if key not in staying]
            count.removed = len(changes.removed)

    def _is_over(self, kept: Block | Mute) -> bool:
        return not is_live(kept.expires_at, self._now)

    def _block(self, row: BlockRow, kept: Block | None) -> Block:
        made = Block(
            target_id=row.user_id,
            note=row.note,
            expires_at=row.expires_at,
            source=row.source,
            created_at=row.created_at or (kept.created_at if kept else self._now),
            revision=kept.revision if kept else self._revision,
        )
        return made if made == kept else replace(made, revision=self._revision)

    def _mute(self, row: MuteRow, kept: Mute | None) -> Mute:
        made = Mute(
            target=mute_target(row.type, row.id),
            scopes=row.scopes,
            note=row.note,
            expires_at=row.expires_at,
            source=row.source,
            created_at=row.created_at or (kept.created_at if kept else self._now),
            revision=kept.revision if kept else self._revision,
        )
        return made if made == kept else replace(made, revision=self._revision)

    def _signal(self, row: Signal, kept: Signal | None) -> Signal:
        hashtags = usable_hashtags(row.hashtags)
        made = replace(row, hashtags=hashtags, revision=kept.revision if kept else self._revision)
        return made if made == kept else replace(made, revision=self._revision)

    def _topic(self, row: TopicPreference, kept: TopicPreference | None) -> TopicPreference:
        made = replace(row, revision=kept.revision if kept else self._revision)
        return made if made == kept else replace(made, revision=self._revision)

    def _post(
        self, row: tuple[str, PostLimits], kept: tuple[str, PostLimits] | None
    ) -> tuple[str, PostLimits]:
        post_id, limits = row
        made = (post_id, replace(limits, revision=kept[1].revision if kept else self._revision))
        return made if made == kept else (post_id, replace(limits, revision=self._revision))

    def phrases(self, kept: tuple[str, ...], rows: Sequence[str] | None) -> AllowPhrases | None:
        """Compare allow phrases as they match; where they replace others, as they are written."""
        count = self.counts["allow_phrases"] = Count()
        if rows is None:
            return None
        same = str if self._replaces else normalise
        brought = {same(each): each for each in reversed(rows)}
        brought = dict(reversed(brought.items()))
        before = {same(each) for each in kept}
        fresh = [each for like, each in brought.items() if like not in before]
        staying = [each for each in kept if not self._replaces or each in brought]
        wanted = (*staying, *fresh)
        count.added, count.removed = len(fresh), len(kept) - len(staying)
        count.duplicate = len(rows) - len(fresh)
        return None if wanted == kept else AllowPhrases(wanted, self._revision)

    def comment_limits(self, kept: CommentLimits, wanted: CommentLimits | None) -> CommentLimits | None:
        """Take comment limits where they replace others, or where there are none yet; the defaults are none."""
        count = self.counts["comment_limits"] = Count()
        if wanted is None or (are_defaults(wanted) and (are_defaults(kept) or not self._replaces)):
            return None
        if replace(wanted, revision=kept.revision) == kept or (kept.revision and not self._replaces):
            count.duplicate = 1
            return None
        if are_defaults(wanted):
            count.removed = 1
        elif kept.revision:
            count.changed = 1
        else:
            count.added = 1
        return replace(wanted, revision=self._revision)


def _named_first(rows: Iterable[FilterRow]) -> Iterator[FilterRow]:
    """Yield filters with an id, then the others, which may not take the place of one; an id counts once."""
    named: set[str] = set()
    others = []
    for row in rows:
        if row.id is None or row.id in named:
            others.append(msgspec.structs.replace(row, id=None))
        else:
            named.add(row.id)
            yield row
    yield from others


def _require_room(own: Belongings, plan: ImportPlan) -> None:
    filters = {each.id: each for each in own.keyword_filters}
    filters |= {each.id: each for each in plan.filters.put}
    for gone in plan.filters.removed:
        del filters[gone]
    terms = sum(len(each.wording.terms) for each in filters.values())
    blocks = len(own.blocks) + plan.report.counts["blocks"].added - len(plan.blocks.removed)
    mutes = len(own.mutes) + plan.report.counts["mutes"].added - len(plan.mutes.removed)
    signals = len(own.signals) + plan.report.counts["not_interested"].added - len(plan.signals.removed)
    topics = (
        len(own.topic_preferences) + plan.report.counts["topic_preferences"].added - len(plan.topics.removed)
    )
    posts = len(own.post_limits) + plan.report.counts["post_comment_limits"].added - len(plan.posts.removed)
    for what, current, limit in (
        ("keyword filters", len(filters), FILTERS_PER_USER),
        ("terms", terms, TERMS_PER_USER),
        ("blocks", blocks, BLOCKS_PER_USER),
        ("mutes", mutes, MUTES_PER_USER),
        ("signals", signals, SIGNALS_PER_USER),
        ("topic preferences", topics, TOPICS_PER_USER),
        ("posts with limits of their own", posts, POSTS_WITH_LIMITS),
    ):
        if current > limit:
            raise LimitReached(what, limit=limit, current=current)
    if plan.allow_phrases:
        require_usable_phrases(plan.allow_phrases.phrases)
