"""How Redis is reached: quickly or not at all. The one place where its errors become a miss and a metric."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from service.breaker import Breaker
from service.telemetry.metrics import REDIS_BREAKER_OPEN, REDIS_FAILURES

TIMEOUT_SECONDS: Final = 0.05
MAX_CONNECTIONS: Final = 100

T = TypeVar("T")

log = structlog.stdlib.get_logger(__name__)


class CacheUnreachable(Exception):  # noqa: N818 - a statement, like every refusal
    """Redis did not do what was asked, and whoever asked must not go on as if it had."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"Redis could not {operation}.")
        self.operation = operation


def make_client(
    redis_url: str, *, timeout_seconds: float = TIMEOUT_SECONDS, max_connections: int = MAX_CONNECTIONS
) -> redis.Redis:
    """Return a client that gives up after 50 ms and never tries again by itself.

    By default redis-py spends 3.4 s on a refused connection and 59 s on one that is never answered (8.1).
    Protocol 2, because with 3 its pool no longer checks that a connection it hands out has nothing unread. A
    connection whose reply did not come in time is closed by redis-py, so that a late one reaches nobody.
    Name the server by its address or a name of one address: each address of a name may take 50 ms, and looking
    the name up is not bounded at all.
    """
    return redis.Redis.from_url(
        redis_url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
        max_connections=max_connections,
        health_check_interval=0,
        protocol=2,
        driver_info=None,  # or every new connection first introduces itself, in two round trips
    )


def get(client: redis.Redis, key: str) -> object:
    """Return what stands at a key, over a connection of the client's pool.

    The client's own ``get`` adds retries, of which there are none here, and measurements: 60 µs of processor time, a
    quarter of what asking costs the first request for a viewer. As there, a connection on which anything went wrong
    is closed before the pool has it back.
    """
    pool = client.connection_pool
    connection = pool.get_connection()
    try:
        connection.send_command("GET", key)  # type: ignore[no-untyped-call]
        return connection.read_response()
    finally:
        pool.release(connection)


class ForgivingRedis:
    """Redis as the cache uses it: asked for what may be missing, told firmly what must arrive."""

    def __init__(self, client: redis.Redis, breaker: Breaker | None = None) -> None:
        self._client = client
        self._breaker = breaker or Breaker()

    def ask(self, operation: str, call: Callable[[redis.Redis], T]) -> T | None:
        """Return what ``call`` returns, or None if Redis is down, slow, refusing or left alone."""
        if self._breaker.allows():
            return self._try(operation, call)
        REDIS_FAILURES.labels(operation, "open").inc()
        return None

    def ask_at_last(self, operation: str, call: Callable[[redis.Redis], T]) -> T | None:
        """As ``ask``, but also right after a call failed: for whoever has nobody else to ask."""
        return self._try(operation, call) if self._breaker.allows_at_last() else None

    def insist(self, operation: str, call: Callable[[redis.Redis], T]) -> T:
        """Return what ``call`` returns, or raise ``CacheUnreachable``; tries even while others leave Redis alone."""
        try:
            answer = call(self._client)
        except redis.RedisError as error:
            self._note(operation, error)
            raise CacheUnreachable(operation) from error
        self._note_reached()
        return answer

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _try(self, operation: str, call: Callable[[redis.Redis], T]) -> T | None:
        with suppress(CacheUnreachable):
            return self.insist(operation, call)
        return None

    def _note(self, operation: str, error: redis.RedisError) -> None:
        why = _why(error)
        REDIS_FAILURES.labels(operation, why).inc()
        if isinstance(error, redis.ReadOnlyError):  # demoted: its address may lead to its successor by now
            self._client.connection_pool.disconnect(inuse_connections=False)
        if isinstance(error, redis.ResponseError):  # it answers, and one bad key costs nobody else the cache
            self._note_reached()
        elif self._breaker.note_failure(slow=why == "timeout"):
            REDIS_BREAKER_OPEN.inc()
            log.warning("redis.unreachable", operation=operation, why=why)

    def _note_reached(self) -> None:
        if self._breaker.note_success():
            REDIS_BREAKER_OPEN.dec()
            log.info("redis.reachable_again")


def _why(error: redis.RedisError) -> str:
    if isinstance(error, redis.TimeoutError):
        return "timeout"
    return type(error).__name__ if isinstance(error, redis.ResponseError) else "connection"
