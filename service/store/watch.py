"""Tells a server that is gone from one that has much to do, and finds out when it is back.

Who waits for a lock and who waits for a server that hangs hear the same: nothing. So whoever hears nothing for a while
has the server asked something that takes it no time, on a connection that nothing else is done with.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import psycopg
import structlog

from service.breaker import Breaker
from service.telemetry.metrics import STORE_BREAKER_OPEN

log = structlog.stdlib.get_logger(__name__)

SILENT_SECONDS: Final = 0.15
"""How long nothing may be heard before the server is asked whether it is there."""
HEARD_WITHIN_SECONDS: Final = 0.2
"""How long it may take to say so. With the time above and a look or two, a write is refused within half a second."""
ASKED_EVERY_SECONDS: Final = 0.25
"""How often, where there is no connection to ask on."""
KEPT_SECONDS: Final = 60.0
"""How long after the last doubt the connection is kept: on a busy machine, connecting takes longer than asking."""


class Watch:
    """Asks in a thread of its own, which begins with the first doubt and ends when there was none for a while.

    Nobody but that thread tries a server that is left alone, so that no request pays for it.
    """

    def __init__(self, breaker: Breaker, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._breaker = breaker
        self._connect = connect
        self._connection: psycopg.Connection[Any] | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread()
        self._doubted = threading.Event()
        self._asking_since: float | None = None

    def is_left_alone(self) -> bool:
        """Tell whether the server is gone, as far as we know."""
        if self._breaker.is_open:
            self._ask_soon()  # anew, should the thread have died
        return self._breaker.is_open

    def is_lost(self, silent_seconds: float) -> bool:
        """Tell somebody who has heard nothing for so long whether to give up."""
        if silent_seconds < SILENT_SECONDS:
            return False
        self._ask_soon()
        since = self._asking_since
        return self._breaker.is_open or (
            since is not None and time.monotonic() - since >= HEARD_WITHIN_SECONDS
        )

    def note_lost(self) -> None:
        """Leave the server alone from now on, and ask until it is back."""
        if self._breaker.note_failure(slow=True):
            STORE_BREAKER_OPEN.set(1)
            log.warning("postgres.unreachable")
        self._ask_soon()

    def note_reached(self) -> None:
        """Let everybody try again."""
        if self._breaker.note_success():
            STORE_BREAKER_OPEN.set(0)
            log.info("postgres.reachable_again")

    def _ask_soon(self) -> None:
        self._doubted.set()
        with self._lock:
            if not self._thread.is_alive():
                self._thread = threading.Thread(target=self._ask, name="postgres-watch", daemon=True)
                self._thread.start()

    def _ask(self) -> None:
        try:
            while self._breaker.is_open or self._doubted.wait(KEPT_SECONDS):
                self._doubted.clear()
                self._ask_once()
                if self._connection is None:
                    time.sleep(ASKED_EVERY_SECONDS)
        finally:
            self._hang_up()

    def _ask_once(self) -> None:
        self._asking_since = time.monotonic()
        try:
            if not self._hears():
                self._connection = self._connect()
        except psycopg.Error as refusal:
            if self._breaker.is_open or not _says_something(refusal):
                self.note_lost()
        else:
            self.note_reached()
        finally:
            self._asking_since = None

    def _hears(self) -> bool:
        """Tell whether there is an answer on the connection at hand, which may have ended for reasons of its own."""
        if self._connection is None:
            return False
        with suppress(psycopg.Error):
            self._connection.execute("SELECT 1")
            return True
        self._hang_up()
        return False

    def _hang_up(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None


def _says_something(refusal: psycopg.Error) -> bool:
    """Tell whether a server turned us away itself, as one does that has no room: it does not hang.

    Of what happens before a connection is there, libpq gives the text alone.
    """
    return "FATAL" in str(refusal)
