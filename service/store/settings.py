"""Keeps everybody's settings in PostgreSQL: every edit in one transaction, every reading as of one moment."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from sqlalchemy import Connection, Engine, func, select

from service.breaker import Breaker
from service.domain.answers import RememberedAnswer
from service.domain.consistency import BEFORE_EVERYTHING, Head, Version
from service.domain.events import Event
from service.domain.feed_rules import FeedRules
from service.domain.paging import Position
from service.domain.people import UserId
from service.domain.staff_reads import StaffRead
from service.store.allow_phrases import PostgresAllowPhrases
from service.store.answers import PostgresAnswers
from service.store.blocks import PostgresBlocks
from service.store.changes import PostgresChanges
from service.store.comment_limits import PostgresCommentLimits, PostgresPostLimits
from service.store.engine import FOR_EDITS, FOR_ERASURE, FOR_READING, transaction
from service.store.erasure import blocked_people, erase
from service.store.events import note_events
from service.store.feed_rules import find_blockers, load_feed_rules
from service.store.held_comments import PostgresHeldComments
from service.store.keyword_filters import PostgresKeywordFilters
from service.store.mutes import PostgresMutes
from service.store.not_interested import PostgresSignals
from service.store.outbox import announce
from service.store.pseudonyms import Epochs
from service.store.shared_readings import SharedReadings
from service.store.signal_resets import PostgresResets
from service.store.staff_reads import note_staff_read, staff_reads_of
from service.store.tables import user_state
from service.store.topic_preferences import PostgresTopicPreferences
from service.store.user_state import advance
from service.usecases.ports import ImportUnderWay, SettingsEdit, SettingsReading, Turn


class PostgresSettings:
    """A ``SettingsStore`` on PostgreSQL."""

    def __init__(
        self, engine: Engine, breaker: Breaker | None = None, *, epochs: Epochs | None = None
    ) -> None:
        """Work on an engine; ``breaker`` watches over its connections, ``epochs`` name people in what is counted."""
        self._engine = engine
        self._breaker = breaker or Breaker()
        self._readings: SharedReadings[FeedRules] = SharedReadings()
        self._epochs = epochs or Epochs(engine)
        self._frozen = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def edit(
        self, user_id: UserId, *, felt_by: Collection[UserId] = (), alone: bool = False
    ) -> Iterator[SettingsEdit]:
        """Change one user's settings; kept together when the block ends, not at all when it raises.

        The counters move first: that takes the locks, and tells the caller where the settings will stand.
        """
        with transaction(self._engine, FOR_EDITS) as connection:
            with self.editing(connection, user_id, felt_by, alone=alone) as edit:
                yield edit
            if not edit.affected:
                connection.rollback()

    @contextmanager
    def editing(
        self, connection: Connection, user_id: UserId, felt_by: Collection[UserId], *, alone: bool
    ) -> Iterator["PostgresEdit"]:
        """Change one user's settings within a transaction; its owner undoes what was discarded."""
        if alone:
            _require_alone(connection, user_id)
        edit = PostgresEdit(connection, advance(connection, {user_id, *felt_by}, editor=user_id))
        yield edit
        if edit.affected:
            announce(connection, edit.affected)
            note_events(connection, edit.noted, self._epochs)

    @contextmanager
    def once(self, user_id: UserId, key: str, *, since: datetime) -> Iterator[Turn]:
        """Take the turn to answer a request that may come again; everything done in it is kept together."""
        with transaction(self._engine, FOR_EDITS) as connection:
            yield _turn(_Joined(self, connection), connection, user_id, key, since)

    @contextmanager
    def erase(self, user_id: UserId) -> Iterator[Sequence[Head]]:
        """Erase a user; the outbox tells caches that could not be reached."""
        with transaction(self._engine, FOR_ERASURE) as connection, _erasure(connection, user_id) as affected:
            yield affected

    @contextmanager
    def read(self, user_id: UserId) -> Iterator[SettingsReading]:
        """Read one user's settings, all as of the same moment."""
        with transaction(self._frozen, FOR_READING) as connection:
            yield PostgresReading(connection, user_id)

    def feed_rules(self, user_id: UserId, *, shared: bool = False) -> FeedRules:
        """Return what decisions about one user depend on, all as of the same moment."""
        return self._readings.read(user_id, lambda: load_feed_rules(self._engine, user_id), anew=not shared)

    def find_blockers(self, user_id: UserId, people: Collection[UserId]) -> dict[UserId, datetime | None]:
        """Return who of some people blocked a user right now."""
        return find_blockers(self._engine, user_id, people)

    def note_staff_read(self, read: StaffRead) -> None:
        """Keep on record that staff look at somebody's settings."""
        with transaction(self._engine, FOR_EDITS) as connection:
            note_staff_read(connection, read)

    def staff_reads(self, user_id: UserId, limit: int, after: Position | None) -> list[StaffRead]:
        """Return who of the staff looked at a user, newest first."""
        with transaction(self._frozen, FOR_READING) as connection:
            return staff_reads_of(connection, user_id, limit, after)

    @property
    def is_doubtful(self) -> bool:
        """Whether PostgreSQL failed when last asked; once it did, a ``Watch`` asks until it is back."""
        return self._breaker.is_open


class _Joined:
    """The store within one transaction that somebody else began and ends."""

    def __init__(self, outside: PostgresSettings, connection: Connection) -> None:
        self._outside = outside
        self._connection = connection

    @contextmanager
    def edit(
        self, user_id: UserId, *, felt_by: Collection[UserId] = (), alone: bool = False
    ) -> Iterator[SettingsEdit]:
        """Change one user's settings, as far as the block goes through."""
        with self._connection.begin_nested() as savepoint:
            with self._outside.editing(self._connection, user_id, felt_by, alone=alone) as edit:
                yield edit
            if not edit.affected:
                savepoint.rollback()

    @contextmanager
    def once(self, user_id: UserId, key: str, *, since: datetime) -> Iterator[Turn]:
        """Take a turn within this one; it is kept when both end."""
        with self._connection.begin_nested():
            yield _turn(self, self._connection, user_id, key, since)

    @contextmanager
    def erase(self, user_id: UserId) -> Iterator[Sequence[Head]]:
        """Erase a user, as far as the block goes through."""
        with self._connection.begin_nested(), _erasure(self._connection, user_id) as affected:
            yield affected

    @contextmanager
    def read(self, user_id: UserId) -> Iterator[SettingsReading]:
        """Read one user's settings, own changes included; the lock keeps them at one moment."""
        lock = select(user_state.c.user_id).where(user_state.c.user_id == user_id)
        self._connection.execute(lock.with_for_update(key_share=True))
        yield PostgresReading(self._connection, user_id)

    def feed_rules(self, user_id: UserId, *, shared: bool = False) -> FeedRules:
        """Return what decisions about one user depend on, as everybody else sees it."""
        return self._outside.feed_rules(user_id, shared=shared)

    def find_blockers(self, user_id: UserId, people: Collection[UserId]) -> dict[UserId, datetime | None]:
        """Return who of some people blocked a user, as everybody else sees it."""
        return self._outside.find_blockers(user_id, people)

    def note_staff_read(self, read: StaffRead) -> None:
        """Keep on record that staff look at somebody's settings, whatever becomes of this transaction."""
        self._outside.note_staff_read(read)

    def staff_reads(self, user_id: UserId, limit: int, after: Position | None) -> list[StaffRead]:
        """Return who of the staff looked at a user, newest first."""
        return self._outside.staff_reads(user_id, limit, after)

    @property
    def is_doubtful(self) -> bool:
        """Whether PostgreSQL failed when last asked."""
        return self._outside.is_doubtful


@dataclass(frozen=True, slots=True)
class PostgresTurn:
    """The turn to answer one request, in one transaction."""

    settings: _Joined
    _answers: PostgresAnswers
    _key: str
    earlier: RememberedAnswer | None

    def remember(self, remembered: RememberedAnswer, at: datetime) -> None:
        """Keep the answer together with what was done in this turn."""
        self._answers.keep(self._key, remembered, at)


class PostgresReading:
    """One user's settings, within one transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    @property
    def head(self) -> Head:
        """Where the settings stand."""
        query = select(user_state).where(user_state.c.user_id == self._user_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return Head(self._user_id, 0, BEFORE_EVERYTHING)
        return Head(self._user_id, row.revision, Version(row.epoch, row.version))

    @cached_property
    def keyword_filters(self) -> PostgresKeywordFilters:
        """The user's keyword filters."""
        return PostgresKeywordFilters(self._connection, self._user_id)

    @cached_property
    def allow_phrases(self) -> PostgresAllowPhrases:
        """The user's exceptions to them."""
        return PostgresAllowPhrases(self._connection, self._user_id)

    @cached_property
    def blocks(self) -> PostgresBlocks:
        """Whom the user blocked."""
        return PostgresBlocks(self._connection, self._user_id, frozenset())

    @cached_property
    def mutes(self) -> PostgresMutes:
        """What the user muted."""
        return PostgresMutes(self._connection, self._user_id)

    @cached_property
    def signals(self) -> PostgresSignals:
        """The user's not-interested signals."""
        return PostgresSignals(self._connection, self._user_id)

    @cached_property
    def resets(self) -> PostgresResets:
        """The user's resets of them."""
        return PostgresResets(self._connection, self._user_id)

    @cached_property
    def topic_preferences(self) -> PostgresTopicPreferences:
        """The user's topic sliders."""
        return PostgresTopicPreferences(self._connection, self._user_id)

    @cached_property
    def comment_limits(self) -> PostgresCommentLimits:
        """The user's comment limits."""
        return PostgresCommentLimits(self._connection, self._user_id)

    @cached_property
    def post_limits(self) -> PostgresPostLimits:
        """The rules of the user's single posts."""
        return PostgresPostLimits(self._connection, self._user_id)

    @cached_property
    def held_comments(self) -> PostgresHeldComments:
        """Comments under the user's posts that were held."""
        return PostgresHeldComments(self._connection, self._user_id)

    @cached_property
    def changes(self) -> PostgresChanges:
        """What changed, and when."""
        return PostgresChanges(self._connection, self._user_id)


class PostgresEdit(PostgresReading):
    """One user's settings while they are being changed, under the locks of everybody who will feel it."""

    def __init__(self, connection: Connection, heads: Sequence[Head]) -> None:
        super().__init__(connection, heads[0].user_id)
        self._heads = heads
        self._discarded = False
        self.noted: list[Event] = []

    @property
    def head(self) -> Head:
        """Where the settings will stand once the edit is kept; once discarded, where they stood."""
        return _before(self._heads[0]) if self._discarded else self._heads[0]

    @property
    def affected(self) -> Sequence[Head]:
        """Everybody whose feed rules this edit changes, the user first; empty once discarded."""
        return () if self._discarded else self._heads

    def note(self, event: Event) -> None:
        """Have an event counted if the edit is kept."""
        self.noted.append(event)

    def discard(self) -> None:
        """Say that nothing was changed after all; whatever was put is thrown away with the counters."""
        self._discarded = True

    @cached_property
    def blocks(self) -> PostgresBlocks:
        """Whom the user blocked; of those who feel this edit, also their side."""
        return PostgresBlocks(self._connection, self._user_id, {head.user_id for head in self._heads[1:]})


def _require_alone(connection: Connection, user_id: UserId) -> None:
    """Take a lock that ends with the transaction; its number may belong to others too, who then try again."""
    number = func.hashtextextended(user_id, _IMPORTS)
    if not connection.execute(select(func.pg_try_advisory_xact_lock(number))).scalar_one():
        raise ImportUnderWay


_IMPORTS: Final = 20_261
"""Which of the many things that advisory locks stand for is meant."""


def _turn(
    joined: _Joined, connection: Connection, user_id: UserId, key: str, since: datetime
) -> PostgresTurn:
    answers = PostgresAnswers(connection, user_id)
    answers.claim(key)
    return PostgresTurn(joined, answers, key, answers.find(key, since=since))


@contextmanager
def _erasure(connection: Connection, user_id: UserId) -> Iterator[Sequence[Head]]:
    """Erase a user within a transaction, under the locks of everybody who will feel it.

    The user is locked before the blocks are read, so that none is made in between.
    """
    advance(connection, {user_id}, editor=user_id)
    everybody = {user_id, *blocked_people(connection, user_id)}
    affected = erase(connection, advance(connection, everybody, editor=user_id))
    yield affected
    announce(connection, affected)


def _before(head: Head) -> Head:
    """Return where an edit that leads to ``head`` began."""
    number = head.version.number - 1
    version = Version(head.version.epoch, number) if number else BEFORE_EVERYTHING
    return Head(head.user_id, head.revision - 1, version)
