"""What the stories need from the outside, and the bundle in which they get it."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NewType, Protocol

from service.domain.allowances import Spending
from service.domain.answers import RememberedAnswer
from service.domain.comment_counts import CheckedRequest
from service.domain.consistency import Head, Version
from service.domain.decisions import ReadyRules
from service.domain.events import Event
from service.domain.feed_counts import DecidedRequest
from service.domain.feed_rules import FeedRules
from service.domain.paging import Position
from service.domain.people import UserId
from service.domain.refusals import Refusal
from service.domain.segments import NOWHERE, Segment
from service.domain.staff_reads import StaffRead
from service.usecases.comment_ports import CommentLimitStore, CommentStore, HeldCommentStore, PostLimitStore
from service.usecases.insight_ports import EventInbox, NoInbox
from service.usecases.setting_ports import (
    AllowPhraseStore,
    BlockStore,
    ChangeLog,
    KeywordFilterStore,
    MuteStore,
    ResetStore,
    SignalStore,
    TopicPreferenceStore,
)


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

        ``shared``: a reading that somebody else began a moment ago will do; else one begins now.
        """

    def find_blockers(self, user_id: UserId, people: Collection[UserId]) -> dict[UserId, datetime | None]:
        """Return who of some people blocked a user right now, with the end of each block."""

    def note_staff_read(self, read: StaffRead) -> None:
        """Keep on record that staff look at somebody's settings; it is kept when this returns."""

    def staff_reads(self, user_id: UserId, limit: int, after: Position | None) -> list[StaffRead]:
        """Return up to ``limit`` such entries about a user that stand after a position, newest first."""

    @property
    def is_doubtful(self) -> bool:
        """Whether the store failed when last asked; costs nothing and asks nothing."""


Lease = NewType("Lease", str)
"""The right to fill one user's place in the cache, lost as soon as the rules are retired or the cache forgets."""


class RulesCache(Protocol):
    """Feed rules kept close. Nothing here raises: a cache that cannot be reached has nothing and keeps nothing."""

    def get(self, user_id: UserId) -> ReadyRules | None:
        """Return the rules that are kept, at whatever version."""

    def get_at_last(self, user_id: UserId) -> ReadyRules | None:
        """As ``get``, for whoever cannot ask the store: tries again what did not answer a moment ago."""

    def lease(self, user_id: UserId) -> Lease | None:
        """Ask for the right to fill a user's place; only one asker at a time gets it."""

    def put(self, ready: ReadyRules, lease: Lease) -> None:
        """Keep rules that were read after the lease was given, unless newer ones were kept or retired since."""

    def is_answering(self) -> bool:
        """Tell whether the cache can be reached right now."""

    def retire(self, user_id: UserId, version: Version) -> None:
        """Drop rules older than ``version``, and let nobody fill the place with older ones."""

    def retire_many(self, heads: Sequence[Head]) -> None:
        """As ``retire`` for each of them, without waiting for one after the other."""


class Tallies(Protocol):
    """Counts answered requests, aside from answering them."""

    def count(self, request: DecidedRequest | CheckedRequest) -> None:
        """Have a request counted; never waits and never raises."""


class NoTallies:
    """Counts nothing."""

    def count(self, request: DecidedRequest | CheckedRequest) -> None:
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
    guardians: frozenset[UserId] = frozenset()
    """Guardians of whoever asks, as the identity provider knows them: their ward does not block them."""
    segment: Segment = NOWHERE
    """What is known of whoever the request is about, for counting alone."""
    tallies: Tallies = field(default_factory=NoTallies)
    events: EventInbox = field(default_factory=NoInbox)
