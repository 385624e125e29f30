"""Questions to Redis about one viewer, each asked right after a reply about another that came too late."""

from collections import Counter
from collections.abc import Callable
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
from tests.fault_proxy import FaultProxy

FIRST, SECOND = "first", "second"
LATE_AFTER_SECONDS: Final = 0.005
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


def whose_rules_came(
    redis_url: str,
    times: int,
    asking: Callable[[redis.Redis], Ask] = Careful,
    *,
    late_after: float = LATE_AFTER_SECONDS,
) -> Counter[UserId | None]:
    """Ask for the first one's rules, too impatiently, and then for the second's; count whose came (None: nobody's)."""
    with make_client(redis_url, timeout_seconds=5) as client:
        for user_id in (FIRST, SECOND):
            rules = FeedRules(user_id=user_id, version=Version(1, 1), revision=1)
            client.set(key_of(Kind.RULES, user_id), encode_rules(rules))
    came: Counter[UserId | None] = Counter()
    with (
        FaultProxy.before(redis_url) as proxy,
        make_client(proxy.url(redis_url), timeout_seconds=late_after) as client,
    ):
        ask = asking(client)
        for _ in range(times):
            proxy.hold(replies_only=True)
            ask(FIRST)
            proxy.heal()
            came[next((whose for _ in range(TRIES) if (whose := ask(SECOND))), None)] += 1
    return came
