"""A settings store in dictionaries, with every promise of the real one and none of its SQL."""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count, islice
from typing import TypeVar

from service.domain.allow_phrases import AllowPhrases
from service.domain.answers import RememberedAnswer, StillInFlight
from service.domain.blocks import BLOCKERS_LISTED, Block, Unblock
from service.domain.changes import Changed, ChangeKind, Place
from service.domain.comment_limits import CommentLimits, PostLimits
from service.domain.comments import CommentReason, CommentState, HeldComment, HeldCount
from service.domain.consistency import BEFORE_EVERYTHING, Head, Version
from service.domain.events import Event
from service.domain.feed_rules import FeedRules, MuteRule, rule_of
from service.domain.keyword_filters import KeywordFilter
from service.domain.mutes import Mute, MuteTarget
from service.domain.not_interested import Signal, UndoneSignal
from service.domain.paging import Position
from service.domain.people import UserId
from service.domain.signal_merging import merged
from service.domain.signal_resets import Reset, counting_pushes, counting_signals
from service.domain.staff_reads import StaffRead
from service.domain.topic_preferences import TopicPreference, counting_preferences, levels_of
from service.usecases.ports import ImportUnderWay, SettingsEdit, SettingsReading, StoreUnavailable, Turn

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


@dataclass
class Shelf:
    """All that is kept for one user."""

    revision: int = 0
    version: Version = BEFORE_EVERYTHING
    keyword_filters: dict[str, KeywordFilter] = field(default_factory=dict)
    allow_phrases: AllowPhrases = field(default_factory=AllowPhrases)
    blocks: dict[UserId, Block] = field(default_factory=dict)
    blocked_by: dict[UserId, datetime | None] = field(default_factory=dict)
    mutes: dict[MuteTarget, Mute] = field(default_factory=dict)
    signals: dict[str, Signal] = field(default_factory=dict)
    undone_signals: dict[str, UndoneSignal] = field(default_factory=dict)
    resets: dict[str, Reset] = field(default_factory=dict)
    topic_preferences: dict[str, TopicPreference] = field(default_factory=dict)
    comment_limits: CommentLimits = field(default_factory=CommentLimits)
    post_limits: dict[str, PostLimits] = field(default_factory=dict)
    held_comments: dict[str, HeldComment] = field(default_factory=dict)
    counted_comments: dict[tuple[str, UserId, str], datetime] = field(default_factory=dict)
    unblocks: dict[UserId, Unblock] = field(default_factory=dict)
    tombstones: dict[tuple[ChangeKind, str], int] = field(default_factory=dict)

    def copy(self) -> "Shelf":
        """Return a shelf of its own with the same values, none of which can change."""
        return replace(
            self,
            keyword_filters=dict(self.keyword_filters),
            blocks=dict(self.blocks),
            blocked_by=dict(self.blocked_by),
            mutes=dict(self.mutes),
            signals=dict(self.signals),
            undone_signals=dict(self.undone_signals),
            resets=dict(self.resets),
            topic_preferences=dict(self.topic_preferences),
            post_limits=dict(self.post_limits),
            held_comments=dict(self.held_comments),
            counted_comments=dict(self.counted_comments),
            unblocks=dict(self.unblocks),
            tombstones=dict(self.tombstones),
        )

    def everything(self) -> list[Changed]:
        """Return every setting as a change, and every tombstone that nothing stands in the place of."""
        filters = self.keyword_filters.values()
        standing = [
            *(Changed(ChangeKind.KEYWORD_FILTER, each.id, each.revision, each) for each in filters),
            *(
                Changed(ChangeKind.BLOCK, each.target_id, each.revision, each)
                for each in self.blocks.values()
            ),
            *(
                Changed(ChangeKind.MUTE, ":".join(each.target), each.revision, each)
                for each in self.mutes.values()
            ),
            *(
                Changed(ChangeKind.NOT_INTERESTED, each.id, each.revision, each)
                for each in self.signals.values()
            ),
        ]
        standing += [
            Changed(ChangeKind.POST_COMMENT_LIMITS, post_id, each.revision, each)
            for post_id, each in self.post_limits.items()
        ]
        standing += [
            Changed(ChangeKind.NOT_INTERESTED_RESET, each.id, each.revision, each)
            for each in self.resets.values()
        ]
        standing += [
            Changed(ChangeKind.TOPIC_PREFERENCE, each.topic, each.revision, each)
            for each in self.topic_preferences.values()
        ]
        if self.comment_limits.revision:
            limits = self.comment_limits
            standing.append(Changed(ChangeKind.COMMENT_LIMITS, "account", limits.revision, limits))
        if self.allow_phrases.revision:
            phrases = self.allow_phrases
            standing.append(Changed(ChangeKind.ALLOW_PHRASES, "account", phrases.revision, phrases))
        taken = {(each.kind, each.id) for each in standing}
        gone = (Changed(*key, at, None) for key, at in self.tombstones.items() if key not in taken)
        return sorted([*standing, *gone], key=lambda change: change.place)


class FakeSettings:
    """Keeps settings; ``announced`` lists every head that an edit led to, ``noted`` what edits had counted.

    ``is_reachable`` False: every call raises ``StoreUnavailable``. An edit within an edit is told so at once,
    where the real store lets it wait for the lock in vain.
    """

    def __init__(self) -> None:
        self.announced: list[Head] = []
        self.noted: list[Event] = []
        self.is_reachable = True
        self._shelves: dict[UserId, Shelf] = {}
        self._epochs = count(1_790_000_000_000_000)
        self._editing = threading.Lock()
        self._alone: set[UserId] = set()
        self._answers: dict[tuple[UserId, str], tuple[datetime, RememberedAnswer]] = {}
        self._turns: set[tuple[UserId, str]] = set()
        self._staff_reads: list[StaffRead] = []

    @contextmanager
    def once(self, user_id: UserId, key: str, *, since: datetime) -> Iterator[Turn]:
        """Work on copies, and put them in place of the originals when the turn ends."""
        self._require_reachable()
        place = (user_id, key)
        if place in self._turns:
            raise StillInFlight
        self._turns.add(place)
        try:
            at, earlier = self._answers.get(place, (since, None))
            joined = FakeSettings()
            joined._shelves, joined._epochs, joined._alone = dict(self._shelves), self._epochs, self._alone
            turn = FakeTurn(joined, earlier if at > since else None)
            yield turn
            self._shelves |= {
                each: shelf for each, shelf in joined._shelves.items() if shelf is not self._shelves.get(each)
            }
            self.announced += joined.announced
            if turn.remembered:
                self._answers[place] = turn.remembered
        finally:
            self._turns.discard(place)

    def note_staff_read(self, read: StaffRead) -> None:
        """Keep an entry."""
        self._require_reachable()
        self._staff_reads.append(read)

    def staff_reads(self, user_id: UserId, limit: int, after: Position | None) -> list[StaffRead]:
        """Return up to ``limit`` entries about a user, newest first."""
        self._require_reachable()
        about = sorted(
            (each for each in self._staff_reads if each.user_id == user_id),
            key=lambda each: (each.at, each.id),
            reverse=True,
        )
        return [each for each in about if after is None or (each.at, each.id) < after][:limit]

    @contextmanager
    def edit(
        self, user_id: UserId, *, felt_by: Collection[UserId] = (), alone: bool = False
    ) -> Iterator[SettingsEdit]:
        """Change copies, and put them in place of the originals when the block ends."""
        self._require_reachable()
        if alone and user_id in self._alone:
            raise ImportUnderWay
        if not self._editing.acquire(timeout=1):
            raise StoreUnavailable
        try:
            self._alone |= {user_id} if alone else set()
            people = [user_id, *sorted({*felt_by} - {user_id})]
            shelves = {each: self._shelf(each) for each in people}
            editing = FakeEdit(user_id, shelves, epoch=next(self._epochs))
            yield editing
            if editing.affected:
                self._shelves |= shelves
                self.announced += editing.affected
                self.noted += editing.noted
        finally:
            self._alone.discard(user_id)
            self._editing.release()

    @contextmanager
    def erase(self, user_id: UserId) -> Iterator[Sequence[Head]]:
        """Clear the user's shelf but for what others put there, and the other side of the user's blocks."""
        self._require_reachable()
        own = self._shelf(user_id)
        shelves = {each: self._shelf(each) for each in own.blocks}
        for shelf in shelves.values():
            shelf.blocked_by.pop(user_id, None)
        heads = [_advance(each, shelf, next(self._epochs)) for each, shelf in shelves.items()]
        affected = [Head(user_id, 0, Version(next(self._epochs), 0)), *heads]
        yield affected
        self._shelves |= {**shelves, user_id: Shelf(blocked_by=own.blocked_by)}
        self._answers = {place: told for place, told in self._answers.items() if place[0] != user_id}
        self.announced += affected

    @contextmanager
    def read(self, user_id: UserId) -> Iterator[SettingsReading]:
        """Read a copy, which later edits leave alone."""
        self._require_reachable()
        yield FakeReading(user_id, {user_id: self._shelf(user_id)})

    @property
    def is_doubtful(self) -> bool:
        """Doubt whoever cannot be reached."""
        return not self.is_reachable

    def feed_rules(self, user_id: UserId, *, shared: bool = False) -> FeedRules:
        """Return what decisions about one user depend on."""
        del shared
        self._require_reachable()
        shelf = self._shelf(user_id)
        filters = newest_first(shelf.keyword_filters.values(), filter_position)
        resets = shelf.resets.values()
        items, pushes = merged(counting_pushes(shelf.signals.values(), resets))
        return FeedRules(
            user_id=user_id,
            version=shelf.version,
            revision=shelf.revision,
            blocks={block.target_id: block.expires_at for block in shelf.blocks.values()},
            blocked_by=dict(islice(shelf.blocked_by.items(), BLOCKERS_LISTED)),
            mutes=tuple(
                MuteRule(*mute.target, mute.scopes, mute.expires_at) for mute in shelf.mutes.values()
            ),
            filters=tuple(rule_of(each.id, each.wording) for each in filters if each.wording.enabled),
            pushes=pushes,
            comment_limits=shelf.comment_limits,
            post_limits=shelf.post_limits,
            has_comment_history=bool(shelf.held_comments),
            allow_phrases=shelf.allow_phrases.phrases,
            rejected_items=items,
            topic_levels=levels_of(counting_preferences(shelf.topic_preferences.values(), resets)),
            has_more_blockers=len(shelf.blocked_by) > BLOCKERS_LISTED,
        )

    def find_blockers(self, user_id: UserId, people: Collection[UserId]) -> dict[UserId, datetime | None]:
        """Return who of some people blocked a user."""
        self._require_reachable()
        return {each: end for each, end in self._shelf(user_id).blocked_by.items() if each in people}

    @contextmanager
    def shelf_of(self, user_id: UserId) -> Iterator[Shelf]:
        """Lend what is kept for one user to a store beside this one; nothing of it is kept if the block raises."""
        self._require_reachable()
        shelf = self._shelf(user_id)
        yield shelf
        self._shelves[user_id] = shelf

    def advance(self, user_id: UserId, shelf: Shelf) -> Head:
        """Move the version of somebody whose rules others changed, and announce it."""
        head = _advance(user_id, shelf, next(self._epochs))
        self.announced.append(head)
        return head

    def _shelf(self, user_id: UserId) -> Shelf:
        return self._shelves.get(user_id, Shelf()).copy()

    def _require_reachable(self) -> None:
        if not self.is_reachable:
            raise StoreUnavailable


@dataclass
class FakeTurn:
    """The turn to answer one request; ``remembered`` is what it leaves behind."""

    settings: FakeSettings
    earlier: RememberedAnswer | None
    remembered: tuple[datetime, RememberedAnswer] | None = None

    def remember(self, remembered: RememberedAnswer, at: datetime) -> None:
        """Keep the answer together with what was done in this turn."""
        self.remembered = (at, remembered)


class FakeReading:
    """One user's settings; ``shelves`` are copies of the user's own and of those who will feel a change."""

    def __init__(self, user_id: UserId, shelves: dict[UserId, Shelf]) -> None:
        own = shelves[user_id]
        self._user_id = user_id
        self._own = own
        self.keyword_filters = FakeKeywordFilters(own)
        self.allow_phrases = FakeAllowPhrases(own)
        self.blocks = FakeBlocks(user_id, shelves)
        self.mutes = FakeMutes(own)
        self.signals = FakeSignals(own)
        self.resets = FakeResets(own.resets)
        self.topic_preferences = FakeTopicPreferences(own)
        self.comment_limits = FakeCommentLimits(own)
        self.post_limits = FakePostLimits(own)
        self.held_comments = FakeHeldComments(own.held_comments)
        self.changes = FakeChanges(own)

    @property
    def head(self) -> Head:
        """Where the settings stand."""
        return Head(self._user_id, self._own.revision, self._own.version)


class FakeEdit(FakeReading):
    """One user's settings while they are being changed; the counters move first."""

    def __init__(self, user_id: UserId, shelves: dict[UserId, Shelf], epoch: int) -> None:
        super().__init__(user_id, shelves)
        self._before = super().head
        self._own.revision += 1
        self._affected = [_advance(each, shelf, epoch) for each, shelf in shelves.items()]
        self.noted: list[Event] = []

    @property
    def head(self) -> Head:
        """Where the settings will stand; once discarded, where they stood."""
        return self._affected[0] if self._affected else self._before

    @property
    def affected(self) -> Sequence[Head]:
        """Everybody whose feed rules this edit changes, the user first; empty once discarded."""
        return self._affected

    def note(self, event: Event) -> None:
        """Have an event counted if the edit is kept."""
        self.noted.append(event)

    def discard(self) -> None:
        """Say that nothing was changed after all."""
        self._affected = []


def _advance(user_id: UserId, shelf: Shelf, epoch: int) -> Head:
    shelf.version = Version(shelf.version.epoch or epoch, shelf.version.number + 1)
    return Head(user_id, shelf.revision, shelf.version)


def _bury(
    shelf: Shelf, kind: ChangeKind, kept: dict[K, V], keys: Iterable[K], id_of: Callable[[K], str] = str
) -> set[K]:
    gone = {key for key in keys if kept.pop(key, None) is not None}
    for key in gone:
        shelf.tombstones[kind, id_of(key)] = shelf.revision
    return gone


class FakeChanges:
    """What changed in one user's settings."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def since(self, place: Place, limit: int) -> list[Changed]:
        """Return up to ``limit`` changes behind a place."""
        return [each for each in self._shelf.everything() if each.place > place][:limit]


class FakeKeywordFilters:
    """One user's keyword filters."""

    def __init__(self, shelf: Shelf) -> None:
        self._kept = shelf.keyword_filters
        self._shelf = shelf

    def all(self) -> list[KeywordFilter]:
        """Return every filter, newest first."""
        return newest_first(self._kept.values(), filter_position)

    def page(self, limit: int, after: Position | None) -> list[KeywordFilter]:
        """Return up to ``limit`` filters after a position."""
        return page(self._kept.values(), filter_position, limit, after)

    def find(self, filter_id: str) -> KeywordFilter | None:
        """Return the filter of that id."""
        return self._kept.get(filter_id)

    def put(self, keyword_filter: KeywordFilter) -> None:
        """Keep a filter."""
        self._kept[keyword_filter.id] = keyword_filter

    def remove(self, *filter_ids: str) -> bool:
        """Forget filters; tell whether there was one."""
        return bool(_bury(self._shelf, ChangeKind.KEYWORD_FILTER, self._kept, filter_ids))


class FakeAllowPhrases:
    """One user's allow phrases."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def get(self) -> AllowPhrases:
        """Return the phrases."""
        return self._shelf.allow_phrases

    def put(self, phrases: AllowPhrases) -> None:
        """Keep the phrases."""
        self._shelf.allow_phrases = phrases


class FakeBlocks:
    """Whom one user blocked, written on both shelves."""

    def __init__(self, user_id: UserId, shelves: dict[UserId, Shelf]) -> None:
        self._user_id = user_id
        self._kept = shelves[user_id].blocks
        self._unblocks = shelves[user_id].unblocks
        self._shelf = shelves[user_id]
        self._felt_by = {each: shelf.blocked_by for each, shelf in shelves.items() if each != user_id}

    def count(self) -> int:
        """Return how many blocks there are."""
        return len(self._kept)

    def page(self, limit: int, after: Position | None) -> list[Block]:
        """Return up to ``limit`` blocks after a position."""
        return page(self._kept.values(), block_position, limit, after)

    def find(self, *target_ids: UserId) -> dict[UserId, Block]:
        """Return those blocks of these people that there are."""
        return {each: self._kept[each] for each in target_ids if each in self._kept}

    def put(self, *blocks: Block) -> None:
        """Keep blocks on both sides."""
        for block in blocks:
            self._side_of(block.target_id)[self._user_id] = block.expires_at
            self._kept[block.target_id] = block

    def remove(self, *target_ids: UserId) -> set[UserId]:
        """Forget blocks on both sides; tell of whom there was one."""
        for each in target_ids:
            self._side_of(each).pop(self._user_id, None)
        return _bury(self._shelf, ChangeKind.BLOCK, self._kept, target_ids)

    def find_unblocks(self, *target_ids: UserId) -> dict[UserId, Unblock]:
        """Return when these people were unblocked."""
        return {each: self._unblocks[each] for each in target_ids if each in self._unblocks}

    def note_unblocks(self, *unblocks: Unblock) -> None:
        """Remember when people were unblocked."""
        self._unblocks |= {each.target_id: each for each in unblocks}

    def _side_of(self, target_id: UserId) -> dict[UserId, datetime | None]:
        if target_id not in self._felt_by:
            raise ValueError("a block changes the feed rules of its target, who must be named in felt_by")
        return self._felt_by[target_id]


class FakeMutes:
    """What one user muted."""

    def __init__(self, shelf: Shelf) -> None:
        self._kept = shelf.mutes
        self._shelf = shelf

    def count(self) -> int:
        """Return how many mutes there are."""
        return len(self._kept)

    def page(self, limit: int, after: Position | None) -> list[Mute]:
        """Return up to ``limit`` mutes after a position."""
        return page(self._kept.values(), mute_position, limit, after)

    def find(self, target: MuteTarget) -> Mute | None:
        """Return the mute of something."""
        return self._kept.get(target)

    def put(self, *mutes: Mute) -> None:
        """Keep mutes."""
        self._kept |= {mute.target: mute for mute in mutes}

    def remove(self, *targets: MuteTarget) -> bool:
        """Forget mutes; tell whether there was one."""
        return bool(_bury(self._shelf, ChangeKind.MUTE, self._kept, targets, ":".join))


class FakeSignals:
    """One user's not-interested signals."""

    def __init__(self, shelf: Shelf) -> None:
        self._kept = shelf.signals
        self._undone = shelf.undone_signals
        self._resets = shelf.resets
        self._shelf = shelf

    def all(self) -> list[Signal]:
        """Return every signal, newest first."""
        return newest_first(self._kept.values(), signal_position)

    def page(self, limit: int, after: Position | None) -> list[Signal]:
        """Return up to ``limit`` signals after a position."""
        counting = counting_signals(self._kept.values(), self._resets.values())
        return page(counting, signal_position, limit, after)

    def find(self, *signal_ids: str) -> dict[str, Signal]:
        """Return those signals of these ids that there are."""
        return {each: self._kept[each] for each in signal_ids if each in self._kept}

    def put(self, *signals: Signal) -> None:
        """Keep signals."""
        self._kept |= {signal.id: signal for signal in signals}

    def remove(self, *signal_ids: str) -> bool:
        """Forget signals; tell whether there was one."""
        return bool(_bury(self._shelf, ChangeKind.NOT_INTERESTED, self._kept, signal_ids))

    def find_undone(self, *signal_ids: str) -> set[str]:
        """Return which of these ids were taken back."""
        return self._undone.keys() & set(signal_ids)

    def note_undone(self, undone: UndoneSignal) -> None:
        """Keep what is left of a signal."""
        self._undone[undone.id] = undone


class FakeResets:
    """One user's resets."""

    def __init__(self, kept: dict[str, Reset]) -> None:
        self._kept = kept

    def all(self) -> list[Reset]:
        """Return every reset, newest first."""
        return sorted(self._kept.values(), key=lambda each: (each.at, each.revision), reverse=True)

    def find(self, reset_id: str) -> Reset | None:
        """Return the reset of that id."""
        return self._kept.get(reset_id)

    def put(self, reset: Reset) -> None:
        """Keep a reset."""
        self._kept[reset.id] = reset


class FakeTopicPreferences:
    """One user's topic sliders."""

    def __init__(self, shelf: Shelf) -> None:
        self._kept = shelf.topic_preferences
        self._shelf = shelf

    def all(self) -> list[TopicPreference]:
        """Return every slider, in the order of the topics."""
        return sorted(self._kept.values(), key=lambda each: each.topic)

    def put(self, preference: TopicPreference) -> None:
        """Keep a slider."""
        self._kept[preference.topic] = preference

    def remove(self, *topics: str) -> bool:
        """Forget sliders; tell whether one was ever moved."""
        return bool(_bury(self._shelf, ChangeKind.TOPIC_PREFERENCE, self._kept, topics))


class FakeCommentLimits:
    """One user's comment limits."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def get(self) -> CommentLimits:
        """Return the limits."""
        return self._shelf.comment_limits

    def put(self, limits: CommentLimits) -> None:
        """Keep the limits."""
        self._shelf.comment_limits = limits


class FakePostLimits:
    """The rules of one user's single posts."""

    def __init__(self, shelf: Shelf) -> None:
        self._kept = shelf.post_limits
        self._shelf = shelf

    def all(self) -> dict[str, PostLimits]:
        """Return every rule."""
        return dict(self._kept)

    def count(self) -> int:
        """Return how many rules there are."""
        return len(self._kept)

    def find(self, post_id: str) -> PostLimits | None:
        """Return the rule of one post."""
        return self._kept.get(post_id)

    def put(self, post_id: str, limits: PostLimits) -> None:
        """Keep a post's rule."""
        self._kept[post_id] = limits

    def remove(self, *post_ids: str) -> bool:
        """Forget posts' rules; tell whether there was one."""
        return bool(_bury(self._shelf, ChangeKind.POST_COMMENT_LIMITS, self._kept, post_ids))


class FakeHeldComments:
    """Comments under one user's posts that were held."""

    def __init__(self, kept: dict[str, HeldComment]) -> None:
        self._kept = kept

    def page(
        self, limit: int, after: Position | None, *, since: datetime, because: CommentReason | None = None
    ) -> list[HeldComment]:
        """Return up to ``limit`` comments that wait."""
        waiting = [
            each
            for each in self._kept.values()
            if each.state is CommentState.HELD
            and each.held_at > since
            and (because is None or because in each.reasons)
        ]
        return page(waiting, held_position, limit, after)

    def find(self, comment_id: str) -> HeldComment | None:
        """Return a comment that was held."""
        return self._kept.get(comment_id)

    def put(self, comment: HeldComment) -> None:
        """Keep a verdict."""
        kept = self._kept[comment.comment_id]
        self._kept[comment.comment_id] = replace(
            kept, state=comment.state, decided_at=comment.decided_at, revision=comment.revision
        )

    def counts(self, because: CommentReason, start: datetime, end: datetime) -> list[HeldCount]:
        """Count comments held for a reason."""
        states = Counter(
            each.state
            for each in self._kept.values()
            if because in each.reasons and start <= each.held_at <= end
        )
        return [HeldCount(state, comments) for state, comments in states.items()]


def filter_position(each: KeywordFilter) -> Position:
    """Return where a filter stands in a list."""
    return Position(each.created_at, each.id)


def block_position(each: Block) -> Position:
    """Return where a block stands in a list."""
    return Position(each.created_at, each.target_id)


def mute_position(each: Mute) -> Position:
    """Return where a mute stands in a list."""
    return Position(each.created_at, ":".join(each.target))


def signal_position(each: Signal) -> Position:
    """Return where a signal stands in a list."""
    return Position(each.at, each.id)


def held_position(each: HeldComment) -> Position:
    """Return where a held comment stands in a list."""
    return Position(each.held_at, each.comment_id)


def newest_first(items: Collection[T], position: Callable[[T], Position]) -> list[T]:
    """Return items in the order of every list."""
    return sorted(items, key=position, reverse=True)


def page(
    items: Collection[T], position: Callable[[T], Position], limit: int, after: Position | None
) -> list[T]:
    """Return up to ``limit`` items that stand after a position."""
    ordered = newest_first(items, position)
    return [each for each in ordered if after is None or position(each) < after][:limit]
