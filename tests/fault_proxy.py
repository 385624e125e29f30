"""A TCP proxy that does to a connection what networks do: delay, hold, lose, cut and refuse.

It speaks no protocol, so it stands before Redis and PostgreSQL alike. Faults apply to connections that are open
as well as to new ones, from the moment they are asked for.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit, urlunsplit

LOOPBACK: Final = "127.0.0.1"
CHUNK_BYTES: Final = 65536


class FaultProxy:
    """Stands before one server; a context manager that ends every thread it began.

    With ``replies_only`` a delay or hold applies to what the server says, so that commands still take effect.
    """

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._state = threading.Condition()
        self._seconds = 0.0
        self._holding = False
        self._losing = False
        self._replies_only = False
        self._ended = threading.Event()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._threads: list[threading.Thread] = []
        self._listener: socket.socket | None = None
        self._place = keep_a_port()
        self.port = int(self._place.getsockname()[1])
        self.accepted = 0
        """How many connections were ever accepted."""
        self._listen()

    @classmethod
    def before(cls, url: str) -> Self:
        """Stand before the server of a URL."""
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        return cls((parts.hostname, parts.port))

    def url(self, upstream_url: str) -> str:
        """Return a server's URL with the proxy's address in place of its own."""
        parts = urlsplit(upstream_url)
        credentials, at, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{credentials}{at}{LOOPBACK}:{self.port}"))

    def delay(self, seconds: float, *, replies_only: bool = False) -> None:
        """Let every piece of data wait before it goes on."""
        self._set(seconds=seconds, replies_only=replies_only)

    def hold(self, *, replies_only: bool = False) -> None:
        """Let nothing through; what was held goes on when the fault heals, late. New connections hang too."""
        self._set(holding=True, replies_only=replies_only)

    def lose(self) -> None:
        """Swallow everything; connections that lost something are cut when the fault heals."""
        self._set(losing=True)

    def cut(self) -> None:
        """Close every open connection, once; new ones are served."""
        with self._state:
            open_now = [end for pair in self._pairs for end in pair]
        for end in open_now:
            _hang_up(end)

    def refuse(self) -> None:
        """Close every connection, also those that are just being let in, and refuse new ones."""
        with self._state:
            listener, self._listener = self._listener, None
        if listener:
            _hang_up(listener)  # or accept() keeps the port open
            listener.close()
        self.cut()

    def heal(self) -> None:
        """End every fault."""
        if self._losing:
            self.cut()
        self._set()
        if self._listener is None:
            self._listen()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self.refuse()
        self._set()
        for thread in self._threads:
            thread.join(timeout=5)
        self._place.close()

    def _set(
        self,
        *,
        seconds: float = 0.0,
        holding: bool = False,
        losing: bool = False,
        replies_only: bool = False,
    ) -> None:
        with self._state:
            self._seconds, self._holding, self._losing = seconds, holding, losing
            self._replies_only = replies_only
            self._state.notify_all()

    def _listen(self) -> None:
        listener = socket.create_server((LOOPBACK, self.port))
        with self._state:
            self._listener = listener
        self._begin(partial(self._accept, listener))

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._upstream, timeout=5)
            except OSError:
                near.close()
                continue
            if self._let_in(listener, near, far):
                self._begin(partial(self._serve, near, far))
            else:
                near.close()
                far.close()

    def _let_in(self, listener: socket.socket, near: socket.socket, far: socket.socket) -> bool:
        """Enter a connection among the open ones, unless its listener has been closed since it came."""
        with self._state:
            if listener is not self._listener:
                return False
            self.accepted += 1
            self._pairs.add((near, far))
            return True

    def _serve(self, near: socket.socket, far: socket.socket) -> None:
        far.settimeout(None)
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        replies = threading.Thread(target=self._pump, args=(far, near), kwargs={"reply": True}, daemon=True)
        replies.start()
        self._pump(near, far, reply=False)
        replies.join()
        with self._state:
            self._pairs.discard((near, far))
        near.close()
        far.close()

    def _begin(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _pump(self, source: socket.socket, sink: socket.socket, *, reply: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK_BYTES):
                if self._may_pass(reply=reply):
                    sink.sendall(data)
        _hang_up(source)
        _hang_up(sink)

    def _may_pass(self, *, reply: bool) -> bool:
        """Wait as long as the fault says; tell whether the data goes on at all."""
        with self._state:
            if reply or not self._replies_only:
                if self._seconds:
                    self._state.wait_for(self._ended.is_set, timeout=self._seconds)
                self._state.wait_for(lambda: not self._holding or self._ended.is_set())
            return not self._losing


def keep_a_port() -> socket.socket:
    """Return what keeps a port from being given to anybody else, though nobody listens on it.

    Servers that reuse addresses, as all of ours do, may listen there all the same.
    """
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind((LOOPBACK, 0))
    return place


def _hang_up(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
