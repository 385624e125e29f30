"""Counts of answered requests: handed over in a microsecond, added up aside, kept in Redis by the minute.

The request path only puts a request into a short queue. A thread of this process adds many together and sends them
in one call, so that neither a slow nor a dead Redis ever costs a viewer anything; what cannot be sent or has no room
is dropped and counted as dropped, and the coverage of the figures shows it.
"""

import atexit
import os
import queue
import secrets
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, TypeAlias

import structlog

from service.cache.client import ForgivingRedis
from service.cache.keys import TALLY_MINUTES, taken_minute, tally_key
from service.cache.scripts import ADD_TALLIES, TAKE_TALLIES
from service.domain.comment_counts import CheckedRequest, comments_in
from service.domain.feed_counts import DecidedRequest, occurrences_in
from service.domain.measures import COUNTED, CellKey, Measure
from service.domain.occurrences import Occurrence, cells_counting
from service.domain.pseudonyms import Pseudonyms
from service.telemetry.metrics import TALLIES_DROPPED
from service.usecases.insight_ports import TakenCount, TakenMinute
from service.usecases.ports import StoreUnavailable

QUEUED: Final = 512
ADDED_EVERY_SECONDS: Final = 0.05
"""Adding up the requests of half a second takes 5 to 10 ms, for which those under way stood still; of a slice, 1 ms."""
SENT_AFTER_SLICES: Final = 10
FIELDS_PER_CALL: Final = 2_000
"""More than Lua unpacks at once is not sent at once."""
SENT_WITHIN_SECONDS: Final = 1.0
TAKEN_WITHIN_SECONDS: Final = 30.0
"""Nobody waits for either: a busy minute of a large platform holds a million people, and takes its time."""
LIVES_FOR: Final = timedelta(days=3)
SETTLED_AFTER: Final = timedelta(minutes=2)
REMEMBERED_PEOPLE: Final = 500_000
_MINUTE: Final = "%Y%m%d%H%M"

log = structlog.stdlib.get_logger(__name__)

CountedRequest: TypeAlias = DecidedRequest | CheckedRequest
Looker = Callable[[DecidedRequest], None]
"""Looks at a request again, aside from its answer."""


class RedisTallies:
    """Counts requests of one process; may be used from many threads and after a fork."""

    def __init__(
        self,
        reached: ForgivingRedis,
        pseudonyms: Callable[[datetime], Pseudonyms],
        *,
        look: Looker | None = None,
        works_aside: bool = True,
    ) -> None:
        self._redis = reached
        self._pseudonyms = pseudonyms
        self._look = look
        self._works_aside = works_aside
        self._queue: queue.Queue[CountedRequest] = queue.Queue(QUEUED)
        self._sums: Counter[tuple[str, Occurrence]] = Counter()
        self._people: set[tuple[bytes, Occurrence]] = set()
        self._newcomers: list[tuple[str, Occurrence, bytes]] = []
        self._starting = threading.Lock()
        self._started_in = 0

    def count(self, request: CountedRequest) -> None:
        """Have a request counted; never waits and never raises."""
        if self._started_in != os.getpid() and self._works_aside:
            self._start()
        try:
            self._queue.put_nowait(request)
        except queue.Full:
            TALLIES_DROPPED.labels("full").inc()

    def send(self) -> None:
        """Add up what waits and send it; the thread sends twice a second."""
        self._add_what_waits()
        self._send_sums()

    def _add_what_waits(self) -> None:
        while True:
            try:
                request = self._queue.get_nowait()
            except queue.Empty:
                break
            try:
                self._add(request)
            except StoreUnavailable:
                TALLIES_DROPPED.labels("store").inc()

    def _add(self, request: CountedRequest) -> None:
        pseudonyms = self._pseudonyms(request.at)
        person = pseudonyms.person(request.viewer_id)
        minute = _minute(request.at.replace(second=0, microsecond=0))
        for occurrence, n in _occurrences(request):
            if COUNTED[occurrence.measure].people:
                if (person, occurrence) not in self._people:
                    self._people.add((person, occurrence))
                    self._newcomers.append((minute, occurrence, person))
            else:
                self._sums[minute, occurrence] += n
        if len(self._people) > REMEMBERED_PEOPLE:
            self._people.clear()
        if self._look and isinstance(request, DecidedRequest) and pseudonyms.is_in_panel(request.viewer_id):
            self._look(request)

    def _send_sums(self) -> None:
        """Send what was added up; only now are occurrences spread over cells, once for many requests."""
        sums, self._sums = self._sums, Counter()
        newcomers, self._newcomers = self._newcomers, []
        by_minute: dict[str, Counter[str]] = defaultdict(Counter)
        for (minute, occurrence), n in sums.items():
            for field in _fields(occurrence):
                by_minute[minute][field] += n
        for minute, occurrence, person in newcomers:
            for field in _fields(occurrence):
                by_minute[minute][f"{field}|{person.hex()}"] = 1
        for minute, fields in by_minute.items():
            pairs: list[str | int] = [each for pair in fields.items() for each in pair]
            for start in range(0, len(pairs), FIELDS_PER_CALL):
                self._send_some(minute, pairs[start : start + FIELDS_PER_CALL])

    def _send_some(self, minute: str, pairs: Sequence[str | int]) -> None:
        keys = (tally_key(minute), TALLY_MINUTES)
        args = (minute, int(LIVES_FOR.total_seconds()), *pairs)
        if self._redis.ask("tally", lambda client: ADD_TALLIES.run(client, keys, args)) is None:
            TALLIES_DROPPED.labels("cache").inc()
            self._people.clear()  # who was not sent is sent again with their next request

    def _start(self) -> None:
        with self._starting:
            if self._started_in == os.getpid():
                return
            self._queue = queue.Queue(QUEUED)
            self._started_in = os.getpid()
            threading.Thread(target=self._work, name="tallies", daemon=True).start()
            atexit.register(self.send)

    def _work(self) -> None:
        while True:
            for _ in range(SENT_AFTER_SLICES):
                time.sleep(ADDED_EVERY_SECONDS)
                _surely(self._add_what_waits)
            _surely(self._send_sums)


class RedisTaker:
    """Takes minutes out of Redis. Raises ``CacheUnreachable``; whoever dies in between leaves a minute to the next."""

    def __init__(self, reached: ForgivingRedis) -> None:
        self._redis = reached

    def waiting(self, now: datetime) -> list[str]:
        """Return the names of minutes that nothing is added to any more, and of those that somebody took and left."""
        names = self._redis.insist("list tallies", lambda client: client.smembers(TALLY_MINUTES))
        settled = (now - SETTLED_AFTER).strftime(_MINUTE)
        return sorted(each for each in map(_text, names) if each[: len(settled)] < settled)

    def take(self, name: str) -> TakenMinute | None:
        """Take a minute, or one that was taken and left; None where somebody else was faster."""
        taken = name if ":" in name else taken_minute(name, secrets.token_hex(8))
        if taken != name:
            keys = (tally_key(name), tally_key(taken), TALLY_MINUTES)
            if not self._redis.insist("take", lambda client: TAKE_TALLIES.run(client, keys, (name, taken))):
                return None
        fields = self._redis.insist("read tallies", lambda client: client.hgetall(tally_key(taken)))
        return TakenMinute(taken, tuple(_counted(_text(field), int(n)) for field, n in fields.items()))

    def forget(self, taken: TakenMinute) -> None:
        """Delete a minute that is counted."""
        self._redis.insist("forget tallies", lambda client: client.delete(tally_key(taken.id)))
        self._redis.insist("forget tallies", lambda client: client.srem(TALLY_MINUTES, taken.id))


def _surely(work: Callable[[], None]) -> None:
    """Do a piece of work; whatever goes wrong is told, and ends nothing."""
    try:
        work()
    except Exception:
        TALLIES_DROPPED.labels("fault").inc()
        log.exception("tallies.failed")


@lru_cache(maxsize=16)
def _minute(at: datetime) -> str:
    return at.strftime(_MINUTE)


def _occurrences(request: CountedRequest) -> Iterator[tuple[Occurrence, int]]:
    return comments_in(request) if isinstance(request, CheckedRequest) else occurrences_in(request)


@lru_cache(maxsize=20_000)
def _fields(occurrence: Occurrence) -> tuple[str, ...]:
    kind = "p" if COUNTED[occurrence.measure].people else "n"
    return tuple(
        f"{kind}|{cell.day}|{cell.market}|{cell.measure}|{cell.control}|{cell.dims}"
        for cell in cells_counting(occurrence)
    )


def _counted(field: str, n: int) -> TakenCount:
    _, day, market, measure, control, dims, *person = field.split("|")
    cell = CellKey(date.fromisoformat(day), market, Measure(measure), control, dims)
    return TakenCount(cell, n, bytes.fromhex(person[0]) if person else None)


def _text(answer: bytes | str) -> str:
    return answer.decode() if isinstance(answer, bytes) else answer
