"""A gunicorn worker whose main loop waits for nobody.

gunicorn's own (27.0.1) closes a connection whose request it did not read to its end, or whose caller asked for it to be
closed, by waiting up to two seconds for the caller to close as well, within the loop that accepts connections and
hands out requests. Sixteen callers in a row who leave theirs open, which takes no rights, then make the worker
miss its heartbeats, and it is ended with all that it was answering.

Nor do callers keep a thread for long who are gone without a word, or slow: gunicorn's own gives a connection a thread
at once and five seconds to say something, and then waits for the rest of a request for ever. And it logs the line of a
request that it cannot read, a token or an id among it.
"""

import socket
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any, Final

import structlog
from flask import Response
from gunicorn.http.errors import LimitRequestHeaders, ParseException
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import TConn, ThreadWorker

from service.api.errors import problem
from service.api.randomness import some_random_bytes

LINGER_SECONDS: Final = 2.0
"""For so long what still comes is read, or the kernel would take back an answer that is on its way (RFC 9112, 9.6)."""
READ_AT_ONCE: Final = 64 * 1024
ARRIVES_WITHIN_SECONDS: Final = 10.0
"""For so long a thread waits for a request to arrive, and as long again for its answer to be taken."""
UNWANTED_WITHIN_SECONDS: Final = 0.1
"""For so long a thread waits for the rest of a body that nobody read, to keep its connection; by itself five."""

log = structlog.stdlib.get_logger(__name__)


def _tell(client: socket.socket, answer: Response, request_id: str) -> None:
    """Send an answer to what never reached the app, with which the connection ends."""
    answer.headers.update({"X-Request-ID": request_id, "Cache-Control": "no-store", "Connection": "close"})
    head = f"HTTP/1.1 {answer.status}\r\n{answer.headers}"
    with suppress(OSError):
        write_nonblock(client, head.encode("latin-1") + answer.data)


class LingeringWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Threads, and a loop beside which connections are silent, slow or lingering."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lingering: deque[TConn] = deque()
        self._with_threads: dict[TConn, tuple[float, int]] = {}
        """Until when a connection may have its thread as it is, and which side of it is then ended."""

    def accept(self, listener: socket.socket) -> bool:
        """Take a connection, if there is one, and give it a thread once its caller says something."""
        with suppress(BlockingIOError, ConnectionAbortedError):
            client, address = listener.accept()
            conn = TConn(self.cfg, client, address, listener.getsockname())
            conn.set_timeout()
            self.nr_conns += 1
            self.pending_conns.append(conn)
            self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))
            return True
        return False

    def enqueue_req(self, conn: TConn) -> None:
        """Hand a connection to a thread, for some seconds."""
        self._with_threads[conn] = time.monotonic() + ARRIVES_WITHIN_SECONDS, socket.SHUT_RD
        super().enqueue_req(conn)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Have a request answered; a body that is broken looks like one that is cut off."""
        req.body.reader = Arriving(req.body.reader)
        return super().handle_request(req, conn)

    def handle_error(self, _req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer what is no request, and log nothing that it says: tokens and ids are written in heads."""
        request_id = some_random_bytes(8).hex()
        if isinstance(exc, LimitRequestHeaders):
            answer = problem("header-fields-too-large", "The header fields are too many or too long.")
        elif isinstance(exc, ParseException):
            answer = problem("bad-request", "This is no HTTP request, or has too long a line.")
        else:
            log.error("request.failed", exc_info=exc, request_id=request_id)
            _tell(client, problem("internal", "Something went wrong on our side."), request_id)
            return
        where, what = (addr or [""])[0], type(exc).__name__
        self.log.warning("Invalid request from ip=%s: %s, answered as %s", where, what, request_id)
        _tell(client, answer, request_id)

    def finish_request(self, conn: TConn, fs: "Future[object]") -> None:
        """Take a connection back from its thread: keep it for the next request, or begin to close it."""
        self._with_threads.pop(conn, None)
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
        for conn in [conn for conn, (until, _) in self._with_threads.items() if until <= now]:
            self._hurry(conn, now)

    def _cap_keepalive(self, deadline: float) -> None:
        """Once the worker is to end, wait neither for the next request of a caller nor for the first one for long.

        Who has connected is still taken, and who comes later is refused at once: the kernel would let them connect
        to nobody, and reset them when the worker is gone.
        """
        super()._cap_keepalive(deadline)
        for listener in self.sockets:
            while self.nr_conns < self.worker_connections and self.accept(listener):
                pass
            listener.close()
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:  # noqa: FBT001  gunicorn's own
        """Tell whether a connection can be kept: not where the rest of a body is still to come."""
        deadline = time.monotonic() + UNWANTED_WITHIN_SECONDS
        with suppress(OSError):  # the rest is broken
            return bool(keepalive and conn.parser.finish_body(deadline=deadline))
        return False

    def _hurry(self, conn: TConn, now: float) -> None:
        """End what a thread waits for: what it still reads, then what it still writes. It takes that from there."""
        _, side = self._with_threads[conn]
        self._with_threads[conn] = now + ARRIVES_WITHIN_SECONDS, socket.SHUT_RDWR
        with suppress(OSError):
            conn.sock.shutdown(side)

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


class Arriving:
    """A body as it comes in: what is wrong with it is told as of a connection that breaks, which the app knows of."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def read(self, size: int) -> bytes:
        """Return what has come, up to a size; nothing at the end."""
        try:
            part: bytes = self._reader.read(size)
        except ParseException:
            raise OSError("the body is not what its head announced") from None
        return part
