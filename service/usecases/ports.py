"""What the stories need from the outside, and the bundle in which they get it."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NewType, Protocol

from service.domain.allow_phrases import AllowPhrases
from service.domain.allowances import Spending
from service.domain.answers import RememberedAnswer
from service.domain.blocks import Block, Unblock
from service.domain.changes import Changed, Place
from service.domain.comment_limits import CommentLimits, PostLimits
from service.domain.comments import CommentHistory, CommentReason, HeldComment, HeldCount
from service.domain.consistency import Head, Version
from service.domain.decisions import ReadyRules
from service.domain.events import Event
from service.domain.feed_counts import DecidedRequest
from service.domain.feed_rules import FeedRules
from service.domain.keyword_filters import KeywordFilter
from service.domain.mutes import Mute, MuteTarget
from service.domain.not_interested import Signal, UndoneSignal
from service.domain.paging import Position
from service.domain.people import UserId
from service.domain.refusals import Refusal
from service.domain.segments import NOWHERE, Segment
from service.domain.signal_resets import Reset
from service.domain.topic_preferences import TopicPreference
from service.usecases.insight_ports import EventInbox, NoInbox


class StoreUnavailable(Refusal):
    """The truth cannot be reached right now; nothing was changed, and the call may be repeated."""

    code = "store-unavailable"

    def __init__(self) -> None:
        super().__init__("The settings cannot be reached right now; nothing was changed. Try again.")


class ImportUnderWay(Refusal):
    """Another import of this user, or another edit just now, is in the way."""

    code = "import-under-way"

    def __init__(self) -> None:
        super().__init__("The settings are being changed by something else right now; try again.")


class KeywordFilterStore(Protocol):
    """One user's keyword filters."""

    def all(self) -> list[KeywordFilter]:
        """Return every filter, newest first."""

    def page(self, limit: int, after: Position | None) -> list[KeywordFilter]:
        """Return up to ``limit`` filters that stand after a position, newest first."""

    def find(self, filter_id: str) -> KeywordFilter | None:
        """Return the filter of that id."""

    def put(self, keyword_filter: KeywordFilter) -> None:
        """Keep a filter in place of whatever had its id."""

    def remove(self, filter_id: str) -> bool:
        """Forget a filter; tell whether there was one."""


class AllowPhraseStore(Protocol):
    """One user's exceptions to keyword filters."""

    def get(self) -> AllowPhrases:
        """Return the phrases; those of somebody who never chose any are none, at revision 0."""

    def put(self, phrases: AllowPhrases) -> None:
        """Keep the phrases in place of all earlier ones."""


class BlockStore(Protocol):
    """Whom one user blocked. Keeping and forgetting a block is also noted on the other person's side."""

    def count(self) -> int:
        """Return how many blocks there are, expired ones included."""

    def page(self, limit: int, after: Position | None) -> list[Block]:
        """Return up to ``limit`` blocks that stand after a position, newest first."""

    def find(self, *target_ids: UserId) -> dict[UserId, Block]:
        """Return those blocks of these people that there are, by person."""

    def put(self, *blocks: Block) -> None:
        """Keep blocks of different people in place of earlier ones of the same."""

    def remove(self, *target_ids: UserId) -> set[UserId]:
        """Forget blocks; tell of whom there was one."""

    def find_unblocks(self, *target_ids: UserId) -> dict[UserId, Unblock]:
        """Return when those of these people were unblocked who ever were, as far as it is remembered."""

    def note_unblocks(self, *unblocks: Unblock) -> None:
        """Remember when different people were unblocked, in place of what was remembered of them."""


class MuteStore(Protocol):
    """What one user muted."""

    def count(self) -> int:
        """Return how many mutes there are, expired ones included."""

    def page(self, limit: int, after: Position | None) -> list[Mute]:
        """Return up to ``limit`` mutes after a position (its id is ``type:id``), newest first."""

    def find(self, target: MuteTarget) -> Mute | None:
        """Return the mute of something."""

    def put(self, *mutes: Mute) -> None:
        """Keep mutes of different targets, each in place of an earlier one of the same target."""

    def remove(self, target: MuteTarget) -> bool:
        """Forget a mute; tell whether there was one."""


class SignalStore(Protocol):
    """One user's not-interested signals, and what is left of those that were taken back."""

    def all(self) -> list[Signal]:
        """Return every signal, newest first, those that resets set aside included."""

    def page(self, limit: int, after: Position | None) -> list[Signal]:
        """Return up to ``limit`` signals that stand after a position, newest first.

        Without those that were sent before a reset of everything, as long as that stands.
        """

    def find(self, *signal_ids: str) -> dict[str, Signal]:
        """Return those signals of these ids that there are, by id."""

    def put(self, *signals: Signal) -> None:
        """Keep signals."""

    def remove(self, signal_id: str) -> bool:
        """Forget a signal; tell whether there was one."""

    def find_undone(self, *signal_ids: str) -> set[str]:
        """Return which of these ids belong to signals that were taken back."""

    def note_undone(self, undone: UndoneSignal) -> None:
        """Keep what is left of a signal that was taken back."""


class ResetStore(Protocol):
    """One user's resets that are not erased yet."""

    def all(self) -> list[Reset]:
        """Return every reset, newest first, those that were taken back included."""

    def find(self, reset_id: str) -> Reset | None:
        """Return the reset of that id."""

    def put(self, reset: Reset) -> None:
        """Keep a reset in place of whatever had its id."""


class TopicPreferenceStore(Protocol):
    """One user's topic sliders."""

    def count(self) -> int:
        """Return how many sliders were moved."""

    def all(self) -> list[TopicPreference]:
        """Return every slider that was moved, in the order of the topics."""

    def find(self, topic: str) -> TopicPreference | None:
        """Return the slider of a topic."""

    def put(self, preference: TopicPreference) -> None:
        """Keep a slider in place of an earlier position."""

    def remove(self, topic: str) -> bool:
        """Forget a slider; tell whether it was ever moved."""


class CommentLimitStore(Protocol):
    """One user's comment limits."""

    def get(self) -> CommentLimits:
        """Return the limits; those of somebody who never chose any are the defaults at revision 0."""

    def put(self, limits: CommentLimits) -> None:
        """Keep the limits."""


class ChangeLog(Protocol):
    """What changed in one user's settings, removals included."""

    def since(self, place: Place, limit: int) -> list[Changed]:
        """Return up to ``limit`` changes behind a place, in order of revision, kind and id."""


class PostLimitStore(Protocol):
    """The rules of one user's single posts."""

    def all(self) -> dict[str, PostLimits]:
        """Return every rule, by its post's id."""

    def count(self) -> int:
        """Return how many posts have a rule of their own."""

    def find(self, post_id: str) -> PostLimits | None:
        """Return the rule of one post."""

    def put(self, post_id: str, limits: PostLimits) -> None:
        """Keep a post's rule in place of an earlier one."""

    def remove(self, post_id: str) -> bool:
        """Forget a post's rule; tell whether there was one."""


class HeldCommentStore(Protocol):
    """Comments under one user's posts that were held, as their owner works through them."""

    def page(
        self, limit: int, after: Position | None, *, since: datetime, because: CommentReason | None = None
    ) -> list[HeldComment]:
        """Return up to ``limit`` comments that wait since after an instant, newest first."""

    def find(self, comment_id: str) -> HeldComment | None:
        """Return a comment whose text is not forgotten, whatever became of it."""

    def put(self, comment: HeldComment) -> None:
        """Keep the owner's verdict on a comment that was held; nothing else of it changes."""

    def counts(self, because: CommentReason, start: datetime, end: datetime) -> list[HeldCount]:
        """Count comments held for a reason from ``start`` to ``end``, by what became of them."""


class SettingsReading(Protocol):
    """One user's settings as they stand at one moment."""

    @property
    def head(self) -> Head:
        """Where the settings stand."""

    @property
    def keyword_filters(self) -> KeywordFilterStore:
        """The user's keyword filters."""

    @property
    def allow_phrases(self) -> AllowPhraseStore:
        """The user's exceptions to them."""

    @property
    def blocks(self) -> BlockStore:
        """Whom the user blocked."""

    @property
    def mutes(self) -> MuteStore:
        """What the user muted."""

    @property
    def signals(self) -> SignalStore:
        """The user's not-interested signals."""

    @property
    def resets(self) -> ResetStore:
        """The user's resets of them."""

    @property
    def topic_preferences(self) -> TopicPreferenceStore:
        """The user's topic sliders."""

    @property
    def comment_limits(self) -> CommentLimitStore:
        """The user's comment limits."""

    @property
    def post_limits(self) -> PostLimitStore:
        """The rules of the user's single posts."""

    @property
    def held_comments(self) -> HeldCommentStore:
        """Comments under the user's posts that were held."""

    @property
    def changes(self) -> ChangeLog:
        """What changed, and when."""


class SettingsEdit(SettingsReading, Protocol):
    """One user's settings while they are being changed, in one transaction under the user's lock.

    ``head`` is where the settings will stand once the edit is kept: one revision further.
    """

    @property
    def affected(self) -> Sequence[Head]:
        """Everybody whose feed rules this edit changes, the user first; empty once discarded."""

    def note(self, event: Event) -> None:
        """Have an event counted if the edit is kept."""

    def discard(self) -> None:
        """Say that nothing was changed after all: the revision stays as it was, and so does ``head``."""


class Turn(Protocol):
    """The turn to answer one request, in one transaction."""

    @property
    def earlier(self) -> RememberedAnswer | None:
        """The answer that was given before under the same key."""

    @property
    def settings(self) -> "SettingsStore":
        """The store within this transaction: edits are kept when the turn ends, and not at all when it raises."""

    def remember(self, remembered: RememberedAnswer, at: datetime) -> None:
        """Keep the answer together with what was done in this turn."""


class SettingsStore(Protocol):
    """Where everybody's settings are kept for good. Every call may raise ``StoreUnavailable``."""

    def edit(
        self, user_id: UserId, *, felt_by: Collection[UserId] = (), alone: bool = False
    ) -> AbstractContextManager[SettingsEdit]:
        """Change one user's settings; kept together when the block ends, not at all when it raises.

        ``felt_by`` are other people whose decisions change with it: whoever is being blocked. ``alone``: raise
        ``ImportUnderWay`` at once, instead of waiting, while another such edit of this user is under way.
        """

    def once(self, user_id: UserId, key: str, *, since: datetime) -> "AbstractContextManager[Turn]":
        """Take the turn to answer a request that may come again; everything done in it is kept together.

        ``since``: answers that are older count as forgotten. Raises ``StillInFlight`` while another has the turn.
        """

    def erase(self, user_id: UserId) -> AbstractContextManager[Sequence[Head]]:
        """Erase a user when the block ends, and not at all when it raises.

        Gives where everybody stands whose feed rules that changes, the user first, in a history that ends there.
        """

    def read(self, user_id: UserId) -> AbstractContextManager[SettingsReading]:
        """Read one user's settings, all as of the same moment."""

    def feed_rules(self, user_id: UserId, *, shared: bool = False) -> FeedRules:
        """Return what decisions about one user depend on, all as of the same moment.

        ``shared``: a reading that somebody else began a moment ago will do.
        """

    @property
    def is_doubtful(self) -> bool:
        """Whether the store failed when last asked; costs nothing and asks nothing."""


class CommentStore(Protocol):
    """What decisions about comments need beyond feed rules. Every call may raise ``StoreUnavailable``."""

    def history(
        self, owner_id: UserId, comment_ids: Collection[str], author_ids: Collection[UserId], now: datetime
    ) -> CommentHistory:
        """Return what an owner made of these comments, and of whatever else these people wrote."""

    def hold(
        self, owner_id: UserId, comments: Sequence[HeldComment]
    ) -> AbstractContextManager[Sequence[Head]]:
        """Keep comments for their owner when the block ends; yields whose feed rules change with it.

        What the owner rejected, or has in this very wording, stays as it is.
        """

    def count(
        self, owner_id: UserId, post_id: str, made: Sequence[tuple[UserId, str]], at_most: int, now: datetime
    ) -> frozenset[str]:
        """Count comments (author, id) made under a post; return the ids of those that are too many within the hour.

        A comment counts once however often it is offered, and one that is too many does not count.
        """


Lease = NewType("Lease", str)
"""The right to fill one user's place in the cache, lost as soon as the rules are retired or the cache forgets."""


class RulesCache(Protocol):
    """Feed rules kept close. Nothing here raises: a cache that cannot be reached has nothing and keeps nothing."""

    def get(self, user_id: UserId) -> ReadyRules | None:
        """Return the rules that are kept, at whatever version."""

    def lease(self, user_id: UserId) -> Lease | None:
        """Ask for the right to fill a user's place; only one asker at a time gets it."""

    def put(self, ready: ReadyRules, lease: Lease) -> None:
        """Keep rules that were read after the lease was given, unless newer ones were kept or retired since."""

    def is_answering(self) -> bool:
        """Tell whether the cache can be reached right now."""

    def retire(self, user_id: UserId, version: Version) -> None:
        """Drop rules older than ``version``, and let nobody fill the place with older ones."""


class Tallies(Protocol):
    """Counts answered requests, aside from answering them."""

    def count(self, request: DecidedRequest) -> None:
        """Have a request counted; never waits and never raises."""


class NoTallies:
    """Counts nothing."""

    def count(self, request: DecidedRequest) -> None:
        """Let a request go by."""


class Allowances(Protocol):
    """How much each user may still ask of the service. Nothing here raises: what cannot be counted is allowed."""

    @property
    def writes_per_minute(self) -> int:
        """How large the allowance of writes is."""

    def spend(self, user_id: UserId, spending: Spending) -> timedelta | None:
        """Spend one; return how long to wait instead where there is none left."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that the stories work with."""

    settings: SettingsStore
    rules: RulesCache
    comments: CommentStore
    allowances: Allowances
    now: Callable[[], datetime]
    new_id: Callable[[str], str]
    """Makes an id that nothing has yet, beginning with the prefix given."""
    platform_accounts: frozenset[UserId] = frozenset()
    """Accounts by which the platform speaks about safety: nobody blocks or mutes them, nothing filters them."""
    segment: Segment = NOWHERE
    """What is known of whoever the request is about, for counting alone."""
    tallies: Tallies = field(default_factory=NoTallies)
    events: EventInbox = field(default_factory=NoInbox)
