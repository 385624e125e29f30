"""The driver's connection, made to give up a server that says nothing.

PostgreSQL's own time limits only work while PostgreSQL does. One that hangs, or whose answer a network keeps, would
hold a thread for as long as that lasts, and soon all of them.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen

ANSWER_SECONDS: Final = 0.5
"""Where nobody said how long it may take: for the question of the pool whether a connection still lives."""
LOOK_SECONDS: Final = 0.1
"""How often psycopg looks up from waiting, for Ctrl-C."""

T = TypeVar("T")


class ImpatientConnection(psycopg.Connection[Any]):
    """A connection that closes itself when an answer takes longer than ``answer_seconds`` (None: never).

    ``on_silence`` is called then, so that nobody else waits for the same server.
    """

    answer_seconds: float | None = ANSWER_SECONDS
    on_silence: Callable[[], object] | None = None

    def wait(self, gen: PQGen[T], interval: float = LOOK_SECONDS, timeout: float | None = None) -> T:
        """Wait for the server; every exchange of psycopg's goes through here.

        Whoever asks for a time of their own, as for notifications, may wait in vain without harm.
        """
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_seconds)
        except psycopg.errors._WaitTimeout:  # noqa: SLF001  what wait() raises, under no other name
            self.pgconn.finish()
            if self.on_silence:
                self.on_silence()
            raise

    def __del__(self) -> None:  # type: ignore[override]  # psycopg hides what it warns with in a default
        """Hang up without a word: a pool that is disposed of leaves to the collector what was out on loan."""
        if hasattr(self, "pgconn"):
            self.pgconn.finish()
