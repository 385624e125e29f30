"""The faults that other tests rely on are faults."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.fault_proxy import LOOPBACK, FaultProxy


@pytest.fixture
def echo() -> Iterator[FaultProxy]:
    """A proxy before a server that says back what it hears."""
    listener = socket.create_server((LOOPBACK, 0))
    thread = threading.Thread(target=_answer_everybody, args=(listener,), daemon=True)
    thread.start()
    with FaultProxy(listener.getsockname()) as proxy:
        yield proxy
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(timeout=60)


def _answer_everybody(listener: socket.socket) -> None:
    answering = []
    while True:
        try:
            visitor, _ = listener.accept()
        except OSError:
            break
        answering.append(threading.Thread(target=_say_back, args=(visitor,), daemon=True))
        answering[-1].start()
    for thread in answering:
        thread.join(timeout=60)


def _say_back(visitor: socket.socket) -> None:
    with visitor:
        try:
            while heard := visitor.recv(1024):
                visitor.sendall(heard)
        except OSError:
            return


def visit(proxy: FaultProxy, timeout: float = 60) -> socket.socket:
    return socket.create_connection((LOOPBACK, proxy.port), timeout=timeout)


def test_what_is_said_passes(echo: FaultProxy) -> None:
    with visit(echo) as client:
        client.sendall(b"hello")

        assert client.recv(5) == b"hello"


def test_what_was_held_arrives_late(echo: FaultProxy) -> None:
    with visit(echo) as client:
        echo.hold()
        client.sendall(b"hello")
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(5)
        client.settimeout(60)

        echo.heal()

        assert client.recv(5) == b"hello"


def test_what_was_lost_never_arrives(echo: FaultProxy) -> None:
    with visit(echo) as client:
        echo.lose()
        client.sendall(b"hello")
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(5)
        client.settimeout(60)

        echo.heal()

        assert client.recv(5) == b""


@pytest.mark.parametrize("fault", [FaultProxy.cut, FaultProxy.refuse])
def test_open_connections_end(echo: FaultProxy, fault: Callable[[FaultProxy], None]) -> None:
    with visit(echo) as client:
        client.sendall(b"hello")
        client.recv(5)

        fault(echo)

        assert client.recv(5) == b""


def test_nobody_gets_in_while_it_refuses(echo: FaultProxy) -> None:
    echo.refuse()
    with pytest.raises(ConnectionRefusedError):
        visit(echo).close()

    echo.heal()

    with visit(echo) as client:
        client.sendall(b"back")
        assert client.recv(4) == b"back"


@pytest.mark.parametrize("afterwards", [lambda _: None, FaultProxy.heal], ids=["still refusing", "healed"])
def test_whoever_is_being_let_in_when_it_begins_to_refuse_is_sent_away(
    echo: FaultProxy, monkeypatch: pytest.MonkeyPatch, afterwards: Callable[[FaultProxy], None]
) -> None:
    connect, on_the_way, may_go_on = socket.create_connection, threading.Event(), threading.Event()

    def connect_late(address: tuple[str, int], timeout: float) -> socket.socket:
        on_the_way.set()
        may_go_on.wait(timeout)
        return connect(address, timeout)

    with socket.socket() as client:
        monkeypatch.setattr(socket, "create_connection", connect_late)
        client.settimeout(60)
        client.connect((LOOPBACK, echo.port))
        assert on_the_way.wait(60)

        echo.refuse()
        afterwards(echo)
        may_go_on.set()

        assert client.recv(1) == b""


def test_nobody_else_gets_the_port_while_it_refuses(echo: FaultProxy) -> None:
    echo.refuse()

    with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
        stranger.bind((LOOPBACK, echo.port))


def test_a_delay_lets_everything_through(echo: FaultProxy) -> None:
    echo.delay(0.01)

    with visit(echo) as client:
        client.sendall(b"hello")

        assert client.recv(5) == b"hello"
