"""A gunicorn worker whose main loop waits for nobody.

gunicorn's own (27.0.1) closes a connection whose request it did not read to its end, or whose caller asked for it to be
closed, by waiting up to two seconds for the caller to close as well, within the loop that accepts connections and
hands out requests. Sixteen callers in a row who leave theirs open, which takes no rights, then make the worker
miss its heartbeats, and it is ended with all that it was answering.
"""

import socket
import time
from collections import deque
from concurrent.futures import Future
from functools import partial
from selectors import EVENT_READ
from typing import Any, Final

from gunicorn.workers.gthread import TConn, ThreadWorker

LINGER_SECONDS: Final = 2.0
"""For so long what still comes is read, or the kernel would take back an answer that is on its way (RFC 9112, 9.6)."""
READ_AT_ONCE: Final = 64 * 1024


class LingeringWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Threads, and a loop that lets connections linger beside everything else that it waits for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lingering: deque[TConn] = deque()

    def finish_request(self, conn: TConn, fs: "Future[object]") -> None:
        """Take a connection back from its thread: keep it for the next request, or begin to close it."""
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
            return
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, EVENT_READ, partial(self._read_on, conn))
        except (OSError, ValueError, KeyError):  # the caller was quicker
            self._close(conn)
            return
        conn.timeout = time.monotonic() + LINGER_SECONDS
        self._lingering.append(conn)

    def murder_pending(self) -> None:
        """Close what has waited or lingered for long enough; gunicorn asks about once a second."""
        super().murder_pending()
        now = time.monotonic()
        while self._lingering and self._lingering[0].timeout <= now:
            self._end(self._lingering[0])

    def _read_on(self, conn: TConn, client: socket.socket) -> None:
        """Read what nobody wants; close once the caller has."""
        try:
            if client.recv(READ_AT_ONCE):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._end(conn)

    def _end(self, conn: TConn) -> None:
        self._lingering.remove(conn)
        self.poller.unregister(conn.sock)
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()
