"""``./dev demo --traffic``: plays a population on the running service until its figures are closed and can be read.

The days that are played lie back, so that they can be closed at once and by the ordinary rules. Closing waits while
they are played: the job's own lock is held, as if it were running.
"""

import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine

from service.domain.segments import Segment
from service.local.clock import PRETENDED_NOW
from service.local.demo_calls import CallRefused
from service.local.errors import CannotRun
from service.local.keys import make_token
from service.local.parts import ProjectProcess
from service.local.population import Burst, Call, Population, a_population, batched
from service.local.processes import LOOPBACK
from service.local.state import DevState
from service.store.engine import make_engine
from service.store.insights import PostgresInsights
from service.store.locks import only_one
from service.usecases.close_days import KEPT_DAYS

CALLERS = 4
SECONDS_TO_WAIT = 20
TRIES = 10
SECONDS_TO_CLOSE = 120
SETTLING_SECONDS = 2.0  # longer than tallies and second looks stay in a process
FINE = range(200, 300)
ALSO_FINE = (http.client.NOT_FOUND, http.client.CONFLICT)  # what a person removed or made already
PLATFORM = ("feed:filter", "comments:check")
TOKENS_LAST = timedelta(hours=2)
BURST_OF = 130
TERM = "moonfall finale"


Caller = Callable[[Call], bytes]
"""Makes one call, at the time that it pretends to be; returns the answer's body."""


def play_traffic(state: DevState, tell: Callable[[str], None], *, people: int, days: int) -> None:
    """Play days that are not closed yet, close what can be closed, and say where to look."""
    engine = make_engine(state.database_url)
    try:
        with only_one(engine, "close-days") as mine:
            if not mine:
                raise CannotRun("Days are being closed right now; try again in a few seconds.")
            first = first_open_day(PostgresInsights(engine).freshness().complete_through, days)
            played = play(the_town(people, first), HttpCaller(state), tell)
        tell(f"{played} calls played; counting and closing what is over")
        ProjectProcess("close-days", state, "service.cli", "close-days").run_to_its_end()
        wait_for_nobody(engine, "close-days")
        ProjectProcess("mine", state, "service.cli", "mine").run_to_its_end()
        closed = PostgresInsights(engine).freshness().complete_through
    finally:
        engine.dispose()
    tell(f"Closed through {closed}; the days after it close 48 hours after they ended everywhere.")
    tell(
        f"Read on at {state.base_url}/insights; ./dev token --service analyst --scope insights:read signs you in."
    )


def wait_for_nobody(engine: Engine, job: str) -> None:
    """Wait until a job does not run: ./dev's own cycle may have been quicker to begin."""
    for _ in range(SECONDS_TO_CLOSE):
        with only_one(engine, job) as mine:
            if mine:
                return
        time.sleep(1)


def first_open_day(closed_through: date | None, days: int, today: date | None = None) -> date:
    """Return the first day to play: neither closed nor so old that it cannot be closed any more."""
    today = today or datetime.now(UTC).date()
    oldest = today - timedelta(days=min(days, KEPT_DAYS) - 1)
    return max(oldest, closed_through + timedelta(days=1)) if closed_through else oldest


def the_town(people: int, first: date, today: date | None = None) -> Population:
    """Return the population of the demo, of whom many begin to filter one term yesterday."""
    today = today or datetime.now(UTC).date()
    burst = Burst(TERM, today - timedelta(days=1), min(BURST_OF, people))
    return a_population(
        people, first, (today - first).days + 1, first.toordinal(), burst=burst, unasked_in=("bn", 0.06)
    )


def play(
    population: Population,
    caller: Caller,
    tell: Callable[[str], None],
    *,
    settle: Callable[[], None] = lambda: time.sleep(SETTLING_SECONDS),
) -> int:
    """Play every day, part after part; return how many calls that were."""
    done, began = 0, time.monotonic()
    with ThreadPoolExecutor(CALLERS) as pool:
        for day in population.days():
            for part in (day.mornings, day.visits):
                done += call_all(pool, caller, _past(part))
            settle()  # so that visits are looked at again before anybody changes their mind
            done += call_all(pool, caller, batched(_past(day.evenings)))
            tell(f"{day.date}  {done:>7,} calls  {done / (time.monotonic() - began):>5,.0f} a second")
    return done


def _past(calls: Sequence[Call]) -> list[Call]:
    return [call for call in calls if call.at <= datetime.now(UTC)]


def call_all(pool: Executor, caller: Caller, calls: Sequence[Call]) -> int:
    """Make calls, those of one shard in their order; return how many."""
    shards: list[list[Call]] = [[] for _ in range(CALLERS)]
    for call in calls:
        shards[hash(call.shard) % CALLERS].append(call)

    def make(some: Sequence[Call]) -> int:
        for call in some:
            caller(call)
        return len(some)

    return sum(pool.map(make, shards))


class HttpCaller:
    """Calls the running service over connections that stay open, one for every thread."""

    def __init__(self, state: DevState, *, seconds_to_wait: float = SECONDS_TO_WAIT) -> None:
        self._state = state
        self._seconds_to_wait = seconds_to_wait
        self._mine = threading.local()
        self._platform = self._token("traffic", PLATFORM)
        self._tokens: dict[str, str] = {}

    def __call__(self, call: Call) -> bytes:
        """Make one call; stop everything where the service does not do what it should."""
        try:
            status, answer = self._send(call)
            for _ in range(TRIES):
                if status != http.client.SERVICE_UNAVAILABLE:
                    break
                time.sleep(1)  # on a busy machine; every call may be repeated
                status, answer = self._send(call)
        except (OSError, http.client.HTTPException) as fault:
            raise CannotRun(f"Nothing answers at {self._state.base_url} any more: {fault!r}") from None
        if status not in FINE and status not in ALSO_FINE:
            raise CallRefused(f"{call.method} {call.path}", status, json.loads(answer or b"{}"))
        return answer

    def _send(self, call: Call) -> tuple[int, bytes]:
        connection: http.client.HTTPConnection | None = getattr(self._mine, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection(LOOPBACK, self._state.port, timeout=self._seconds_to_wait)
            self._mine.connection = connection
        body = json.dumps(call.body).encode() if call.body is not None else None
        connection.request(call.method, call.path, body, self._headers(call))
        answer = connection.getresponse()
        return answer.status, answer.read()

    def _headers(self, call: Call) -> dict[str, str]:
        token = self._user_token(call.user) if call.user else self._platform
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            PRETENDED_NOW: call.at.isoformat(),
            **call.headers,
        }
        if call.segment:
            headers["Viewer-Segment"] = segment_header(call.segment)
        return headers

    def _user_token(self, user_id: str) -> str:
        if user_id not in self._tokens:
            self._tokens[user_id] = self._token(user_id, ["settings"])
        return self._tokens[user_id]

    def _token(self, subject: str, scopes: Sequence[str]) -> str:
        return make_token(self._state.folder, subject=subject, scopes=scopes, lifetime=TOKENS_LAST)


def segment_header(segment: Segment) -> str:
    """Write what is known of a viewer as the header that tells it."""
    return (
        f"market={segment.market}, language={segment.language}, platform={segment.platform},"
        f" age_band={segment.age_band}, tenure={segment.tenure}"
    )
