"""The driver's connection, made to give up a server that says nothing.

PostgreSQL's own time limits only work while PostgreSQL does. One that hangs, or whose answer a network keeps, would
hold a thread for as long as that lasts, and soon all of them.
"""

import time
from collections.abc import Generator
from typing import Any, ClassVar, Final, Self, TypeVar

import psycopg
from psycopg.abc import PQGen, PQGenConn

from service.store.watch import Watch

ANSWER_SECONDS: Final = 0.5
"""Where nobody said how long it may take: for the question of the pool whether a connection still lives."""
LOOK_SECONDS: Final = 0.05
"""How often we look up from waiting."""

T = TypeVar("T")
Wanted = TypeVar("Wanted")
Found = TypeVar("Found")


class ImpatientConnection(psycopg.Connection[Any]):
    """A connection that closes itself when an answer takes longer than ``answer_seconds`` (None: never).

    Where somebody ``is_awaited`` it does so as soon as ``watch`` says that the server is gone, also while connecting.
    """

    watch: ClassVar[Watch | None] = None
    answer_seconds: float | None = ANSWER_SECONDS
    is_awaited: bool = True

    @classmethod
    def watched_by(cls, watch: Watch) -> type[Self]:
        """Return the class of connections to one server."""
        return type(cls.__name__, (cls,), {"watch": watch})

    def wait(self, gen: PQGen[T], interval: float = LOOK_SECONDS, timeout: float | None = None) -> T:
        """Wait for the server; every exchange of psycopg's but connecting goes through here.

        Whoever asks for a time of their own, as for notifications, may wait in vain without harm.
        """
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        watch = self.watch if self.is_awaited else None
        try:
            return super().wait(listening(gen, watch) if watch else gen, interval, self.answer_seconds)
        except (psycopg.errors._WaitTimeout, SilenceError):  # noqa: SLF001  what wait() raises, under no other name
            self.pgconn.finish()
            if self.watch:
                self.watch.note_lost()
            raise

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> PQGenConn[Self]:
        """Connect; psycopg's own time limit counts whole seconds from two on."""
        connecting = super()._connect_gen(conninfo)
        return listening(connecting, cls.watch) if cls.watch else connecting

    def __del__(self) -> None:  # type: ignore[override]  # psycopg hides what it warns with in a default
        """Hang up without a word: a pool that is disposed of leaves to the collector what was out on loan."""
        if hasattr(self, "pgconn"):
            self.pgconn.finish()


class SilenceError(psycopg.OperationalError):
    """The server says nothing, neither here nor when asked whether it is there."""


def listening(exchange: Generator[Wanted, Found, T], watch: Watch) -> Generator[Wanted, Found, T]:
    """Go through an exchange of psycopg's, and end it when nothing is heard and the server is gone.

    psycopg sends in what it found on the socket, and nothing whenever it looked up from waiting.
    """
    heard_at = time.monotonic()
    try:
        wanted = next(exchange)
        while True:
            found = yield wanted
            if found:
                heard_at = time.monotonic()
            elif watch.is_lost(time.monotonic() - heard_at):
                raise SilenceError("PostgreSQL says nothing and is left alone.")
            wanted = exchange.send(found)
    except StopIteration as done:
        result: T = done.value
        return result
