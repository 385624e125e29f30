"""Connections to PostgreSQL, how long anything may take there, and what it means when it does not answer."""

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

import psycopg
import structlog
from psycopg import errors
from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url, select
from sqlalchemy.engine import URL, ExceptionContext

from service.breaker import Breaker
from service.domain.refusals import InvalidValue
from service.store.driver import ANSWER_SECONDS, ImpatientConnection
from service.store.watch import Watch
from service.usecases.ports import StoreUnavailable

log = structlog.stdlib.get_logger(__name__)

GRACE_SECONDS: Final = 0.25
"""What a time limit of PostgreSQL's may be late by, on the way here or under load."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the server lets one transaction take, in milliseconds; zero is without end."""

    statement_ms: int
    lock_ms: int
    idle_ms: int
    is_awaited: bool = True
    """Whether somebody waits who should know within half a second that the server is gone."""

    @property
    def answer_seconds(self) -> float:
        """How long we wait for an answer ourselves: PostgreSQL, if it is there at all, gives up first."""
        return self.statement_ms / 1_000 + GRACE_SECONDS

    def as_settings(self) -> dict[str, str]:
        """Return the limits under PostgreSQL's own names."""
        return {
            "statement_timeout": f"{self.statement_ms}ms",
            "lock_timeout": f"{self.lock_ms}ms",
            "idle_in_transaction_session_timeout": f"{self.idle_ms}ms",
        }


FOR_DECISIONS: Final = Patience(statement_ms=250, lock_ms=100, idle_ms=1_000)
FOR_READING: Final = Patience(statement_ms=2_000, lock_ms=500, idle_ms=5_000)
FOR_EDITS: Final = Patience(statement_ms=2_000, lock_ms=1_500, idle_ms=5_000)
FOR_ERASURE: Final = Patience(statement_ms=20_000, lock_ms=1_500, idle_ms=5_000)
"""Under the posts of somebody well known millions of comments have been held, which go in one statement."""
FOR_DELIVERY: Final = Patience(statement_ms=5_000, lock_ms=1_000, idle_ms=30_000, is_awaited=False)

FOR_JOBS: Final = Patience(statement_ms=600_000, lock_ms=10_000, idle_ms=600_000, is_awaited=False)
"""For what is done once a day for everybody, and nobody waits for."""

CONNECT_SECONDS: Final = 2
"""The shortest that psycopg knows."""
POOL_WAIT_SECONDS: Final = 0.4
"""A write is answered with 503 within half a second when there is no connection to be had."""
UNANSWERED_MS: Final = 2_000
"""How long sent bytes may go unacknowledged before the kernel gives up a connection whose network is gone."""

MADE_DURABLE_BY: Final[Mapping[str, frozenset[str]]] = {
    "fsync": frozenset({"on"}),
    "full_page_writes": frozenset({"on"}),
    "synchronous_commit": frozenset({"on", "remote_apply"}),
}

UNAVAILABLE: Final = (errors.IdleInTransactionSessionTimeout, errors.ReadOnlySqlTransaction)
"""Not operational errors to the driver, but to us: it was us who dawdled, or it is a standby that answers."""

SET_PATIENCE: Final = (
    "SELECT set_config('statement_timeout', %(statement_timeout)s, true),"
    " set_config('lock_timeout', %(lock_timeout)s, true),"
    " set_config('idle_in_transaction_session_timeout', %(idle_in_transaction_session_timeout)s, true)"
)


class NotDurableError(RuntimeError):
    """The server may lose what it has confirmed."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        listed = ", ".join(f"{name} = {value}" for name, value in settings.items())
        super().__init__(f"PostgreSQL may lose confirmed changes: {listed}")
        self.settings = settings


def sqlalchemy_url(database_url: str) -> URL:
    """Return the address with our driver named in it, whichever of the usual spellings it came in."""
    url = make_url(database_url)
    if url.drivername in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+psycopg")
    return url


def make_engine(
    database_url: str,
    *,
    breaker: Breaker | None = None,
    pool_size: int = 5,
    prepare_threshold: int | None = 5,
    durable_only: bool = False,
) -> Engine:
    """Return an engine with at most ``pool_size`` connections in this process; none is opened yet.

    ``breaker`` opens when the server refuses or says nothing; new connections are then refused without asking,
    until a ``Watch`` has reached it again. ``prepare_threshold``: a statement is prepared on the server after so
    many uses; None: never, which some poolers between us and the server need. ``durable_only`` raises
    ``NotDurableError`` for a server that may lose what it confirmed, whenever one is connected to: after a failover
    it is another one.
    """
    options: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": UNANSWERED_MS,
        "prepare_threshold": prepare_threshold,
        "application_name": "safety-controls",
    }
    engine = create_engine(
        sqlalchemy_url(database_url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_pre_ping=True,
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args=options,
    )
    watch = Watch(breaker or Breaker(failures=1), partial(_connect_apart, engine, options))
    event.listen(engine, "do_connect", _Door(watch, durable_only=durable_only))
    event.listen(engine, "checkin", _forget_patience)
    event.listen(engine, "handle_error", _leave_a_standby)
    return engine


def _connect_apart(engine: Engine, options: Mapping[str, Any]) -> ImpatientConnection:
    """Connect as the pool does, but for nobody in particular and with all the patience there is."""
    arguments, address = engine.dialect.create_connect_args(engine.url)
    connection = ImpatientConnection.connect(*arguments, autocommit=True, **{**address, **options})
    connection.answer_seconds = CONNECT_SECONDS
    return connection


class _Door:
    """Opens connections, and leaves a server alone that does not answer."""

    def __init__(self, watch: Watch, *, durable_only: bool) -> None:
        self._watch = watch
        self._connect = ImpatientConnection.watched_by(watch).connect
        self._durable_only = durable_only

    def __call__(
        self, dialect: object, record: object, arguments: tuple[str, ...], options: Mapping[str, Any]
    ) -> ImpatientConnection:
        del dialect, record
        if self._watch.is_left_alone():
            raise psycopg.OperationalError("PostgreSQL did not answer a moment ago and is left alone.")
        try:
            connection = self._connect(*arguments, **options)
        except psycopg.OperationalError:
            self._watch.note_lost()
            raise
        self._watch.note_reached()
        if self._durable_only:
            try:
                require_durable(connection)
            except NotDurableError as flaw:
                log.critical("postgres.not_durable", settings=flaw.settings)
                raise psycopg.OperationalError(str(flaw)) from flaw
        return connection


def _forget_patience(connection: ImpatientConnection | None, record: object) -> None:
    del record
    if connection:
        connection.answer_seconds, connection.is_awaited = ANSWER_SECONDS, True


def _leave_a_standby(context: ExceptionContext) -> None:
    """Hang up wherever a server turns out to be a standby: after a failover its address may lead to the primary."""
    if isinstance(context.original_exception, errors.ReadOnlySqlTransaction):
        context.is_disconnect = True


def require_durable(connection: psycopg.Connection[Any]) -> None:
    """Refuse to work with a server that may lose a change after confirming it."""
    names = list(MADE_DURABLE_BY)
    with connection.transaction():
        found = connection.execute(
            "SELECT current_setting(name) FROM unnest(%s::text[]) WITH ORDINALITY AS asked(name, place)"
            " ORDER BY place",
            [names],
        ).fetchall()
    wrong = {
        name: value for name, (value,) in zip(names, found, strict=True) if value not in MADE_DURABLE_BY[name]
    }
    if wrong:
        connection.close()
        raise NotDurableError(wrong)


def require_durable_at(database_url: str) -> None:
    """Refuse to start on such a server; one that does not answer yet is looked at on every new connection."""
    address = sqlalchemy_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with (
        contextlib.suppress(psycopg.OperationalError),
        ImpatientConnection.connect(address, connect_timeout=CONNECT_SECONDS) as connection,
    ):
        require_durable(connection)


@contextmanager
def answering() -> Iterator[None]:
    """Say in our own words what went wrong on the way to the store; the one place that knows the driver's errors.

    Not reached, too slow, shut down, locked out or out of connections is all the same to a caller: try again.
    Anything else that the driver reports is a fault of ours and stays what it is, but for text that PostgreSQL
    cannot keep (a NUL, half a surrogate pair), which is the caller's.
    """
    try:
        yield
    except (exc.TimeoutError, exc.OperationalError, psycopg.OperationalError) as fault:
        raise StoreUnavailable from fault
    except exc.DBAPIError as fault:
        if fault.connection_invalidated or isinstance(fault.orig, UNAVAILABLE):
            raise StoreUnavailable from fault
        if _is_about_text(fault.orig):
            raise unkeepable_text() from fault
        raise
    except (psycopg.DataError, UnicodeEncodeError) as fault:
        if _is_about_text(fault):
            raise unkeepable_text() from fault
        raise


def unkeepable_text() -> InvalidValue:
    """Return the refusal of a text that has no form in PostgreSQL."""
    return InvalidValue("text", "holds a character that cannot be kept")


def _is_about_text(fault: BaseException | None) -> bool:
    """Tell whether a text has no form in PostgreSQL.

    The driver finds out itself, so that there is no SQLSTATE, unless the text comes within a JSON document.
    """
    if isinstance(fault, psycopg.DataError):
        return fault.sqlstate is None or isinstance(fault, errors.UntranslatableCharacter)
    return isinstance(fault, UnicodeEncodeError)


@contextmanager
def transaction(engine: Engine, patience: Patience) -> Iterator[Connection]:
    """Run one transaction that the server cuts short when it takes too long; rolled back when the block raises."""
    with answering(), engine.begin() as connection:
        raw = driven_by(connection)
        raw.answer_seconds, raw.is_awaited = patience.answer_seconds, patience.is_awaited
        connection.exec_driver_sql(SET_PATIENCE, patience.as_settings())
        yield connection


def driven_by(connection: Connection) -> ImpatientConnection:
    """Return the driver's connection under one of SQLAlchemy's."""
    return cast("ImpatientConnection", connection.connection.driver_connection)


@contextmanager
def driver_connection(engine: Engine, patience: Patience) -> Iterator[ImpatientConnection]:
    """Lend a pooled connection without SQLAlchemy around it and without a BEGIN, for what only the driver can do.

    ``patience`` is only how long we wait; telling the server is up to the borrower.
    """
    autocommitting = engine.execution_options(isolation_level="AUTOCOMMIT")
    with answering(), autocommitting.connect() as connection:
        raw = driven_by(connection)
        raw.answer_seconds, raw.is_awaited = patience.answer_seconds, patience.is_awaited
        try:
            yield raw
        finally:
            if raw.closed:
                connection.invalidate()


def document_of(engine: Engine, query: str, parameters: Mapping[str, Any]) -> str:
    """Return the one value of a query; within the patience for decisions, and in one round trip.

    The time limit and the query leave together and are answered together: to PostgreSQL, what a pipeline holds is
    one transaction, which is also as long as the time limit counts. Both are prepared at their first use, and not at
    psycopg's threshold: one that it counted before, and whose preparation then fails within a pipeline, it takes
    for prepared ever after (3.3), and every later use of that connection fails.
    """
    with driver_connection(engine, FOR_DECISIONS) as connection:
        with connection.pipeline():
            connection.execute(SET_PATIENCE, FOR_DECISIONS.as_settings(), prepare=True)
            found = connection.execute(query, parameters, prepare=True)
        ((document,),) = found.fetchall()
    return str(document)


def is_answering(engine: Engine) -> bool:
    """Tell whether PostgreSQL can be reached right now."""
    try:
        with transaction(engine, FOR_DECISIONS) as connection:
            connection.execute(select(1))
    except StoreUnavailable:
        return False
    return True
