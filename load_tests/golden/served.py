"""The service as production runs it, on servers of its own, with faults that calls may ask for."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import OK, SERVICE_UNAVAILABLE
from threading import Lock
from time import monotonic, sleep
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import Engine

from load_tests.deployment import NO_LIMIT, Client, a_copy, own_servers
from load_tests.golden.faults import WITH_FAULTS
from load_tests.golden.pages import MANY_PAGES, ONE_PAGE, Undecided, ask_about
from load_tests.golden.planting import sum_of
from load_tests.golden.stage import count_everything, patiently
from service.local.demo_calls import CallRefused
from service.local.keys import make_token
from service.local.parts import WebService
from service.local.population import Call
from service.local.state import DevState
from service.local.traffic import CALLERS, TOKENS_LAST, HttpCaller, call_all
from service.store.engine import make_engine
from service.store.events import PostgresEvents
from service.store.pseudonyms import Epochs
from service.usecases.ports import StoreUnavailable
from tests.fault_proxy import keep_a_port
from tests.servers import patient

SETTLES_WITHIN_SECONDS: Final = 1_800
WAITS_SECONDS: Final = 600
SETTINGS: Final = {
    "WEB_WORKERS": "2",
    "WRITES_PER_MINUTE": NO_LIMIT,
    "LOG_LEVEL": "WARNING",
    "GUNICORN_CMD_ARGS": f"--timeout {WAITS_SECONDS}",
}
"""Nobody is given up on a machine that has other things to do: what a worker had not counted yet would be lost."""


@dataclass(slots=True)
class ServedStage:
    """A ``Stage`` over HTTP; knows how many pages it asked about, so that none is lost unnoticed.

    ``undecided`` are pages that were answered while the store did not answer.
    """

    state: DevState
    engine: Engine
    pool: ThreadPoolExecutor
    asked: int = 0
    undecided: list[Undecided] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _caller: HttpCaller = field(init=False)
    _events: PostgresEvents = field(init=False)

    def __post_init__(self) -> None:
        self._caller = HttpCaller(self.state, seconds_to_wait=WAITS_SECONDS)
        self._events = PostgresEvents(self.engine, Epochs(self.engine))

    def call(self, call: Call) -> Any:
        """Make one call; return what was answered."""
        said = json.loads(patiently(partial(self._make, call)) or b"null")
        if call.path == ONE_PAGE and "slots" in (call.body or {}):
            self._note(1)
        elif call.path == MANY_PAGES:
            self._note(sum("decisions" in each for each in said["results"]))
        return said

    def _make(self, call: Call) -> bytes:
        try:
            return self._caller(call)
        except CallRefused as refused:
            if refused.status == SERVICE_UNAVAILABLE:
                raise StoreUnavailable from None
            raise

    def play_all(self, calls: Sequence[Call]) -> None:
        """Make calls side by side, those of one shard in their order."""

        def make(call: Call) -> bytes:
            if call.path == MANY_PAGES:
                self.undecided.extend(ask_about(self.call, call))
            else:
                self.call(call)
            return b""

        call_all(self.pool, make, calls)

    def settle(self) -> None:
        """Wait until every page that was asked about is counted, which is after it was looked at again."""
        give_up = monotonic() + SETTLES_WITHIN_SECONDS
        while (counted := self._count()) < self.asked:
            if monotonic() > give_up:
                raise TimeoutError(f"Of {self.asked} pages only {counted} are counted.")
            sleep(1)

    def count_all(self) -> None:
        """Bring everything that happened into the tallies."""
        self.settle()

    def _count(self) -> int:
        count_everything(self._events, self.state.redis_url)
        return sum_of(self, "requests")

    def read(self, path: str, **asked: str) -> Any:
        """Return what an analyst reads."""
        token = make_token(
            self.state.folder, subject="analyst", scopes=["insights:read"], lifetime=TOKENS_LAST
        )
        return patiently(lambda: self._answer(f"{path}?{urlencode(asked)}", token))

    def _answer(self, path: str, token: str) -> Any:
        with closing(Client(self.state.base_url)) as client:
            reply = client.call("GET", path, token=token)
        if reply.status == SERVICE_UNAVAILABLE:
            raise StoreUnavailable
        if reply.status != OK:
            raise RuntimeError(f"{path}: {reply.status} {reply.body.decode()[:300]}")
        return reply.json()

    def _note(self, pages: int) -> None:
        with self._lock:
            self.asked += pages


@contextmanager
def a_served_stage() -> Iterator[ServedStage]:
    """Start everything that it takes, and stop it in the end; there is no relay, for reasons of the faults."""
    with own_servers() as servers, keep_a_port() as place, ExitStack() as stack:
        redis_url = patient(servers.valkey.url())
        state = a_copy(servers.folder, servers.postgres.url(), redis_url, port=place.getsockname()[1])
        web = WebService(state, application=WITH_FAULTS, settings=SETTINGS)
        stack.callback(web.stop)
        web.start()
        engine = make_engine(state.database_url)
        stack.callback(engine.dispose)
        yield ServedStage(state, engine, stack.enter_context(ThreadPoolExecutor(CALLERS)))
