"""Sends requests over kept-alive connections and says how long each took and what the server spent on it."""

import random
import socket
import statistics
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any
from urllib.parse import urlsplit

import msgspec

_LONGEST_SECONDS = 60
"""An import of ten thousand blocks on a busy machine takes the most."""
_CONNECT_SECONDS = 0.2
"""After that all connections are open, so that the first requests need not wait for it."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request as bytes, ready to be sent again and again."""

    host: str
    port: int
    content: bytes

    @classmethod
    def post(
        cls, base_url: str, path: str, body: bytes, *, token: str, kind: str = "application/json"
    ) -> "Call":
        """Return a POST of ``body``, answered in the type it is sent in."""
        address = urlsplit(base_url)
        host, port = address.hostname or "127.0.0.1", address.port or 80
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: {kind}\r\nAccept: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return cls(host, port, head.encode() + body)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came; header names are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        return msgspec.json.decode(self.body)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run of one call showed; times in milliseconds, ``cpu_ms`` a request on the server's side."""

    requests: int
    failures: int
    seconds: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float

    @property
    def per_second(self) -> float:
        """Requests answered a second."""
        return self.requests / self.seconds


@dataclass(frozen=True, slots=True)
class Timed:
    """One request: when it should have begun, by the clock that all processes share, and how long it took from then."""

    due: float
    seconds: float
    status: int


class Connection:
    """One kept-alive connection."""

    def __init__(self, call: Call) -> None:
        self._socket = socket.create_connection((call.host, call.port), timeout=_LONGEST_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")

    def send(self, content: bytes) -> int:
        """Send one request, read its whole answer, return its status."""
        return self.exchange(content).status

    def exchange(self, content: bytes) -> Reply:
        """Send one request and return its whole answer; raise ConnectionError where there is none."""
        self.begin(content)
        return self.finish()

    def begin(self, content: bytes) -> None:
        """Send one request."""
        self._socket.sendall(content)

    def finish(self) -> Reply:
        """Return the whole answer to the request that was sent."""
        status = self._reader.readline().split()
        if not status:
            raise ConnectionResetError("The server hung up without an answer.")
        headers: dict[str, str] = {}
        while (line := self._reader.readline()) not in {b"\r\n", b""}:
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = self._reader.read(int(headers.get("content-length", 0)))
        return Reply(int(status[1]), headers, body)

    def close(self) -> None:
        """Hang up."""
        self._reader.close()
        self._socket.close()


def measure(
    calls: Sequence[Call], *, requests: int, connections: int, server_pids: Sequence[int]
) -> Measured:
    """Send ``requests`` requests over some connections, each as soon as it is free, and ``calls`` in turn."""
    return measure_at(calls, repeat(None, requests), connections=connections, server_pids=server_pids)


def measure_at(
    calls: Sequence[Call], due: Iterable[float | None], *, connections: int, server_pids: Sequence[int]
) -> Measured:
    """Send a request at each of these seconds; one that finds no connection free waits for it, which counts.

    None: as soon as a connection is free.
    """
    before, began = cpu_seconds(server_pids), time.monotonic()
    answers = send_at(calls, due, connections=connections)
    seconds = time.monotonic() - began
    p50, p99 = p50_and_p99_ms(answers)
    return Measured(
        requests=len(answers),
        failures=sum(each.status != 200 for each in answers),
        seconds=seconds,
        p50_ms=p50,
        p99_ms=p99,
        cpu_ms=(cpu_seconds(server_pids) - before) / len(answers) * 1000,
    )


def send_at(calls: Sequence[Call], due: Iterable[float | None], *, connections: int) -> list[Timed]:
    """Send requests as ``measure_at`` does, and return each of them."""
    run = _Run(calls, due)
    threads = [threading.Thread(target=run.send) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return run.answers


def p50_and_p99_ms(answers: Iterable[Timed]) -> tuple[float, float]:
    """Return how long a request took in the middle, and how long all but one of a hundred did at most."""
    cuts = statistics.quantiles((each.seconds for each in answers), n=100)
    return cuts[49] * 1000, cuts[98] * 1000


def evenly(per_second: float, seconds: float) -> Iterator[float]:
    """Yield when requests are due that come at even distances."""
    return (number / per_second for number in range(int(per_second * seconds)))


def by_chance(per_second: float, seconds: float, *, seed: int) -> Iterator[float]:
    """Yield when requests are due that know nothing of each other: a Poisson process."""
    chance = random.Random(seed)
    at = chance.expovariate(per_second)
    while at < seconds:
        yield at
        at += chance.expovariate(per_second)


class _Run:
    """Requests that connections take from one queue, as a pool of them does."""

    def __init__(self, calls: Sequence[Call], due: Iterable[float | None]) -> None:
        self._calls = calls
        self._due = enumerate(due)
        self._taking = threading.Lock()
        self._first = time.monotonic() + _CONNECT_SECONDS
        self.answers: list[Timed] = []

    def send(self) -> None:
        """Send whatever is due next over a connection of one's own, until nothing is."""
        connection = Connection(self._calls[0])
        while (taken := self._take()) is not None:
            number, at = taken
            began = time.monotonic() if at is None else self._first + at
            time.sleep(max(began - time.monotonic(), 0.0))
            status = connection.send(self._calls[number % len(self._calls)].content)
            self.answers.append(Timed(began, time.monotonic() - began, status))
        connection.close()

    def _take(self) -> tuple[int, float | None] | None:
        with self._taking:
            return next(self._due, None)


def cpu_seconds(pids: Sequence[int]) -> float:
    """Return what some processes have used so far; their ``stat`` counts in hundredths of a second."""
    return sum(
        time.clock_gettime(~pid << 3 | 2) for pid in pids
    )  # clock_getcpuclockid, which Python does not have
