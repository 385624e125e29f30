"""Questions to Redis about one viewer, each asked right after a reply about another that nobody waited for.

Twenty-five callers, each with a connection of their own, are made to wait in vain at once, because most of what a late
reply takes is the waiting. The server is stopped meanwhile, so that it reads what it was asked afterwards, and answers.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from typing import Final

import redis

from service.breaker import Breaker
from service.cache.client import ForgivingRedis, make_client
from service.cache.keys import Kind, key_of
from service.cache.rules import RedisRules
from service.cache.rules_codec import UnbelievableEntry, decode_rules, encode_rules
from service.cache.warm_rules import WarmRules
from service.domain.consistency import Version
from service.domain.feed_rules import FeedRules
from service.domain.people import UserId
from service.local.valkey import EmbeddedValkey

FIRST, SECOND = "first", "second"
AT_ONCE: Final = 25
LATE_AFTER_SECONDS: Final = 0.02
TRIES: Final = 50
"""A busy machine is late by itself, too; what counts is whose the first rules are that come at all."""

Ask = Callable[[UserId], UserId | None]
"""Asks for one viewer's rules, and returns whose they are."""


class Careful:
    """Asks as the service does, but with nothing kept in the process and a server that is never left alone."""

    def __init__(self, client: redis.Redis) -> None:
        breaker = Breaker(clock=count(step=10).__next__)
        self._rules = RedisRules(ForgivingRedis(client, breaker), warm=WarmRules(0))

    def __call__(self, user_id: UserId) -> UserId | None:
        """Ask."""
        found = self._rules.get(user_id)
        return found.rules.user_id if found else None


class Cancelled(Careful):
    """Is called off between asking about the first one and reading the reply; the connection goes back to its pool."""

    def __init__(self, client: redis.Redis) -> None:
        super().__init__(client)
        self._pool = client.connection_pool

    def __call__(self, user_id: UserId) -> UserId | None:
        """Ask; of the first one, do not stay to hear."""
        if user_id != FIRST:
            return super().__call__(user_id)
        with suppress(
            redis.RedisError
        ):  # a reply to the second one may be on its way, too: that connection is closed
            connection = self._pool.get_connection()
            connection.send_command("GET", key_of(Kind.RULES, user_id))  # type: ignore[no-untyped-call]
            self._pool.release(connection)
        return None


class Ownerless(Cancelled):
    """Looks at no owner when it stays."""

    def __init__(self, client: redis.Redis) -> None:
        super().__init__(client)
        self._client = client

    def __call__(self, user_id: UserId) -> UserId | None:
        """Ask, and take whatever comes for the answer."""
        if user_id == FIRST:
            return super().__call__(user_id)
        with suppress(redis.RedisError):
            entry = self._client.get(key_of(Kind.RULES, user_id))
            return owner_of(entry) if isinstance(entry, bytes) else None
        return None


class Careless:
    """Keeps a connection whose reply did not come in time, and looks at no owner."""

    def __init__(self, client: redis.Redis) -> None:
        self._connection = client.connection_pool.get_connection()

    def __call__(self, user_id: UserId) -> UserId | None:
        """Ask, and take whatever comes next for the answer."""
        self._connection.send_command("GET", key_of(Kind.RULES, user_id))  # type: ignore[no-untyped-call]
        try:
            entry = self._connection.read_response(disconnect_on_error=False)
        except redis.TimeoutError:
            return None
        return owner_of(entry) if isinstance(entry, bytes) else None


def owner_of(entry: bytes) -> UserId | None:
    """Return whose entry it is, of the two."""
    for user_id in (FIRST, SECOND):
        try:
            decode_rules(entry, user_id)
        except UnbelievableEntry:
            continue
        return user_id
    return None


@contextmanager
def stopped(server: EmbeddedValkey) -> Iterator[None]:
    """Let a server do nothing for a while, and then all that it was asked meanwhile."""
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


def whose_rules_came(
    server: EmbeddedValkey,
    times: int,
    asking: Callable[[redis.Redis], Ask] = Careful,
    *,
    late_after: float = LATE_AFTER_SECONDS,
) -> Counter[UserId | None]:
    """Ask for the first one's rules, too impatiently, and then for the second's; count whose came (None: nobody's).

    ``times`` is rounded up to whole groups of callers. The server must be nobody else's.
    """
    with make_client(server.url(), timeout_seconds=5) as client:
        for user_id in (FIRST, SECOND):
            rules = FeedRules(user_id=user_id, version=Version(1, 1), revision=1)
            client.set(key_of(Kind.RULES, user_id), encode_rules(rules))
    came: Counter[UserId | None] = Counter()
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
        asks = [
            asking(stack.enter_context(make_client(server.url(), timeout_seconds=late_after)))
            for _ in range(AT_ONCE)
        ]
        list(pool.map(second_comes, asks))
        for _ in range(0, times, AT_ONCE):
            with stopped(server):
                list(pool.map(first_is_late, asks))
            came.update(pool.map(second_comes, asks))
    return came


def first_is_late(ask: Ask) -> None:
    """Ask for the first one's rules of a server that does not answer."""
    assert ask(FIRST) is None


def second_comes(ask: Ask) -> UserId | None:
    """Ask for the second one's rules until some come; return whose they are."""
    return next((whose for _ in range(TRIES) if (whose := ask(SECOND))), None)
