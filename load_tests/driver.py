"""Sends requests over kept-alive connections and says how long each took and what the server spent on it."""

import os
import random
import socket
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

_LONGEST_SECONDS = 60
"""An import of ten thousand blocks on a busy machine takes the most."""


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
    """Send ``requests`` requests over some connections, each taking the next of ``calls`` in turn."""
    share = requests // connections
    return _measured(calls, [[None] * share for _ in range(connections)], server_pids)


def measure_at(
    calls: Sequence[Call], *, per_second: float, seconds: float, connections: int, server_pids: Sequence[int]
) -> Measured:
    """Send requests that come by chance, so many a second; one that finds its connection busy waits, which counts."""
    chance = random.Random(1)
    due: list[list[float | None]] = [[] for _ in range(connections)]
    at = chance.expovariate(per_second)
    while at < seconds:
        due[chance.randrange(connections)].append(at)
        at += chance.expovariate(per_second)
    return _measured(calls, due, server_pids)


def _measured(
    calls: Sequence[Call], due: Sequence[Sequence[float | None]], server_pids: Sequence[int]
) -> Measured:
    """Send on each connection a request at each of its times, in seconds; None: as soon as it is free."""
    times: list[float] = []
    failures: list[int] = []
    before, began = _cpu_seconds(server_pids), time.perf_counter()
    threads = [
        threading.Thread(target=_send_all, args=(calls, some, offset, times, failures))
        for offset, some in enumerate(due)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=100)
    return Measured(
        requests=len(times),
        failures=len(failures),
        seconds=seconds,
        p50_ms=cuts[49] * 1000,
        p99_ms=cuts[98] * 1000,
        cpu_ms=(_cpu_seconds(server_pids) - before) / len(times) * 1000,
    )


def _send_all(
    calls: Sequence[Call], due: Sequence[float | None], offset: int, times: list[float], failures: list[int]
) -> None:
    connection = Connection(calls[0])
    first = time.perf_counter()
    for number, at in enumerate(due):
        content = calls[(offset + number) % len(calls)].content
        began = time.perf_counter() if at is None else first + at
        time.sleep(max(began - time.perf_counter(), 0.0))
        status = connection.send(content)
        times.append(time.perf_counter() - began)
        if status != 200:
            failures.append(status)
    connection.close()


def _cpu_seconds(pids: Sequence[int]) -> float:
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
