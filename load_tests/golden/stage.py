"""Where planted truth is played: the service in this process, or one that is called over HTTP."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from time import sleep
from typing import Any, Protocol, TypeVar

from sqlalchemy import Engine

from service.cache.client import ForgivingRedis, make_client
from service.cache.tallies import RedisTaker
from service.domain.market_days import Window, closes_at
from service.local.population import Call
from service.store.closing import PostgresClosing
from service.store.events import PostgresEvents
from service.usecases.close_days import close_days
from service.usecases.ports import StoreUnavailable
from service.usecases.roll_up import roll_up, take_tallies

TRIES, PAUSE_SECONDS = 60, 5.0

T = TypeVar("T")


class Stage(Protocol):
    """A copy of the service whose callers say what time it is; what it counted stands in a database."""

    @property
    def engine(self) -> Engine:
        """The connections to its database."""

    def call(self, call: Call) -> Any:
        """Make one call; return what was answered."""

    def play_all(self, calls: Sequence[Call]) -> None:
        """Make calls, those of one shard in their order."""

    def settle(self) -> None:
        """Wait until everything that was asked about has been looked at again."""

    def count_all(self) -> None:
        """Bring everything that happened into the tallies."""

    def read(self, path: str, **asked: str) -> Any:
        """Return what an analyst reads."""


def patiently(work: Callable[[], T]) -> T:
    """Do what may be done again until the store answers, as whoever starts jobs does: the machine may be busy."""
    for _ in range(TRIES):
        try:
            return work()
        except StoreUnavailable:
            sleep(PAUSE_SECONDS)
    return work()


def count_everything(events: PostgresEvents, redis_url: str) -> None:
    """Take every minute of tallies and count every event."""
    client = make_client(redis_url)
    taker = RedisTaker(ForgivingRedis(client))
    patiently(lambda: take_tallies(events, taker, datetime.now(UTC)))
    patiently(lambda: roll_up(events))
    client.close()


def close_through(stage: Stage, last: date) -> int:
    """Count everything, and close what is over once a day is."""
    stage.count_all()
    closing = PostgresClosing(stage.engine)
    return patiently(lambda: close_days(closing, closes_at(Window(last, last))))
