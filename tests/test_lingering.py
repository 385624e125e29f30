"""A caller who leaves a connection open keeps nobody else waiting."""

import selectors
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from io import StringIO
from logging import StreamHandler
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http.body import ChunkedReader
from gunicorn.http.unreader import SocketUnreader
from gunicorn.util import close_graceful
from gunicorn.workers.gthread import TConn, ThreadWorker

from service import lingering
from service.lingering import Arriving, LingeringWorker
from tests.waiting import eventually


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection: the server's and the caller's."""
    server, caller = socket.socketpair()
    caller.settimeout(60)
    with server, caller:
        yield server, caller


@contextmanager
def working(kind: type[ThreadWorker] = LingeringWorker) -> Iterator[ThreadWorker]:
    """Give a worker that serves nothing yet and has one connection."""
    worker = kind(1, 0, [], SimpleNamespace(), 30, Config(), Logger(Config()))
    worker.poller = selectors.DefaultSelector()
    worker.nr_conns = 1
    with closing(worker.poller), closing(worker.tmp):
        yield worker


@pytest.fixture
def worker() -> Iterator[ThreadWorker]:
    """A worker of ours."""
    with working() as worker:
        yield worker


def answered(worker: ThreadWorker, server: socket.socket) -> None:
    """Let a request be answered whose connection is not kept."""
    done: Future[bool] = Future()
    done.set_result(False)
    worker.finish_request(TConn(worker.cfg, server, None, None), done)


def go_round(worker: ThreadWorker) -> None:
    """Let the loop go round once."""
    worker.wait_for_and_dispatch_events(0)
    worker.murder_pending()


def test_a_caller_hears_the_end_of_the_answer_and_is_not_waited_for(
    worker: ThreadWorker, ends: tuple[socket.socket, socket.socket]
) -> None:
    server, caller = ends

    answered(worker, server)

    assert caller.recv(1) == b""
    assert worker.nr_conns == 1  # it goes on lingering beside the loop


def test_what_gunicorn_does_by_itself_is_wait(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, _ = ends
    monkeypatch.setattr(close_graceful, "__defaults__", (0.01, 65536))

    with working(ThreadWorker) as worker:
        answered(worker, server)

        assert worker.nr_conns == 0  # it was not given back before the wait was over


def test_what_still_comes_is_read_until_the_caller_closes(
    worker: ThreadWorker, ends: tuple[socket.socket, socket.socket]
) -> None:
    server, caller = ends
    answered(worker, server)

    caller.sendall(b"the rest of a body")
    go_round(worker)
    assert worker.nr_conns == 1

    caller.close()
    go_round(worker)
    assert worker.nr_conns == 0
    assert server.fileno() == -1


def test_a_caller_who_never_closes_is_left(
    worker: ThreadWorker, ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, _ = ends
    monkeypatch.setattr(lingering, "LINGER_SECONDS", 0)
    answered(worker, server)

    go_round(worker)

    assert (worker.nr_conns, server.fileno()) == (0, -1)


def test_a_caller_who_was_quicker_is_forgotten_at_once(worker: ThreadWorker) -> None:
    with socket.socket() as unconnected:
        answered(worker, unconnected)

    assert worker.nr_conns == 0


def test_a_caller_who_says_nothing_takes_no_thread(worker: ThreadWorker) -> None:
    worker.tpool = ThreadPoolExecutor(1)
    with socket.create_server(("127.0.0.1", 0)) as listener, worker.tpool:
        with socket.create_connection(listener.getsockname()):
            worker.accept(listener)
            assert (len(worker.pending_conns), worker.nr_conns) == (1, 2)
            assert worker.tpool._threads == set()

            worker._cap_keepalive(0)  # nor does one keep a worker that is to end
            go_round(worker)

        assert (len(worker.pending_conns), worker.nr_conns) == (0, 1)


def test_a_worker_that_ends_takes_who_has_connected_and_nobody_else(worker: ThreadWorker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        worker.sockets = [listener]
        address = listener.getsockname()
        with socket.create_connection(address), socket.create_connection(address):
            worker._cap_keepalive(0)

            assert len(worker.pending_conns) == 2
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(address)
            go_round(worker)


@pytest.mark.parametrize("waits_for", ["a request", "somebody to take its answer"])
def test_a_thread_waits_for_a_caller_for_seconds_only(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch, waits_for: str
) -> None:
    monkeypatch.setattr(lingering, "ARRIVES_WITHIN_SECONDS", 0)
    server, _ = ends
    ended: list[object] = []

    class Waiting(LingeringWorker):
        def handle(self, conn: TConn) -> bool:
            conn.sock.setblocking(True)
            if waits_for == "a request":
                ended.append(conn.sock.recv(1))
                return False
            try:
                conn.sock.sendall(bytes(10_000_000))
            except BrokenPipeError as broken:
                ended.append(broken)
            return False

    with working(Waiting) as worker, ThreadPoolExecutor(1) as worker.tpool:
        worker.method_queue.init()
        worker.enqueue_req(TConn(worker.cfg, server, None, None))

        def is_over() -> bool:
            go_round(worker)
            return ended != []

        eventually(is_over)


def test_a_body_that_is_broken_looks_like_one_that_is_cut_off(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    server, caller = ends
    caller.sendall(b"plugh\r\n")
    request = SimpleNamespace(limit_request_field_size=8190, limit_request_fields=50)

    with pytest.raises(OSError, match=r"^the body is not what its head announced$"):
        Arriving(ChunkedReader(request, SocketUnreader(server))).read(1)


NO_REQUESTS = (
    b"GET /v1/me/blocks/plugh or so HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nAuthorization Bearer plugh\r\n\r\n",
    b"GET / HTTP/1.1\r\nBearer plugh: 1\r\n\r\n",
    b'{"terms":["plugh"]}\r\n\r\n',
    b"GET / HTTP/1.1\r\nTransfer-Encoding: plugh\r\n\r\n",
)


def logged_of(kind: type[ThreadWorker], said: bytes) -> tuple[bytes, str]:
    """Return how something is answered, and what is logged meanwhile."""
    logged = StringIO()
    server, caller = socket.socketpair()
    with server, caller, working(kind) as worker:
        worker.log.error_log.handlers = [StreamHandler(logged)]
        caller.sendall(said)
        worker.handle(TConn(worker.cfg, server, ("127.0.0.1", 1), ("127.0.0.1", 2)))
        return caller.recv(4_096), logged.getvalue()


@pytest.mark.parametrize("said", NO_REQUESTS)
def test_what_is_no_request_is_not_quoted_in_the_log(said: bytes) -> None:
    answer, logged = logged_of(LingeringWorker, said)

    assert answer.startswith(b"HTTP/1.1 400")
    assert "Invalid request from ip=127.0.0.1" in logged
    assert "plugh" not in logged


@pytest.mark.parametrize(
    ("said", "code"),
    [
        *((each, b"bad-request") for each in NO_REQUESTS),
        (b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\n\r\n", b"bad-request"),
        (b"GET / HTTP/1.1\r\nX-A: " + b"a" * 9_000 + b"\r\n\r\n", b"header-fields-too-large"),
    ],
)
def test_what_is_no_request_is_told_as_a_problem(said: bytes, code: bytes) -> None:
    head, _, body = logged_of(LingeringWorker, said)[0].partition(b"\r\n\r\n")

    assert b"\r\nContent-Type: application/problem+json\r\n" in head
    assert b"\r\nX-Request-ID: " in head
    assert f"\r\nContent-Length: {len(body)}\r\n".encode() in head
    assert b'"code":"' + code + b'"' in body


def test_what_gunicorn_does_by_itself_is_quote() -> None:
    assert all("plugh" in logged_of(ThreadWorker, said)[1] for said in NO_REQUESTS[1:])
