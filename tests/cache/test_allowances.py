"""Allowances on the real Redis, and without one."""

from collections.abc import Iterator

import pytest
import redis

from service.cache.allowances import RedisAllowances
from service.cache.client import ForgivingRedis, make_client
from service.cache.keys import Kind, key_of
from service.domain.allowances import Spending
from tests.fault_proxy import FaultProxy


@pytest.fixture
def client(clean_redis: str) -> Iterator[redis.Redis]:
    with make_client(clean_redis, timeout_seconds=5) as client:
        yield client


def spend(allowances: RedisAllowances, times: int, spending: Spending, user_id: str = "ada") -> list[bool]:
    """Spend and tell, each time, whether there was anything left."""
    return [allowances.spend(user_id, spending) is None for _ in range(times)]


def empty_since(client: redis.Redis, milliseconds: int) -> None:
    """Let a bucket have been empty for a while."""
    seconds, micros = client.time()
    then = seconds * 1_000 + micros // 1_000 - milliseconds
    client.hset(key_of(Kind.WRITES, "ada"), mapping={"left": 0, "at": then})


def test_AB_02_an_allowance_ends_and_says_when_to_come_back(client: redis.Redis) -> None:  # noqa: N802
    allowances = RedisAllowances(ForgivingRedis(client))
    empty_since(client, 0)

    wait = allowances.spend("ada", Spending.WRITES)

    assert wait is not None
    assert 0 < wait.total_seconds() <= 1


def test_an_allowance_fills_up_again_steadily_and_never_beyond_its_size(client: redis.Redis) -> None:
    allowances = RedisAllowances(ForgivingRedis(client), writes_per_minute=3)
    empty_since(client, 41_000)
    two = spend(allowances, 3, Spending.WRITES)
    empty_since(client, 10**9)
    three = spend(allowances, 4, Spending.WRITES)

    assert (two, three) == ([True, True, False], [True, True, True, False])


def test_AB_02_people_and_kinds_of_spending_are_counted_apart(client: redis.Redis) -> None:  # noqa: N802
    allowances = RedisAllowances(ForgivingRedis(client), writes_per_minute=1)

    assert spend(allowances, 2, Spending.WRITES) == [True, False]
    assert spend(allowances, 2, Spending.WRITES, "eve") == [True, False]
    assert spend(allowances, 6, Spending.BLOCKS) == [True] * 5 + [False]
    assert spend(allowances, 21, Spending.BATCHES) == [True] * 20 + [False]


def test_what_is_counted_is_forgotten_when_the_bucket_would_be_full(client: redis.Redis) -> None:
    spend(RedisAllowances(ForgivingRedis(client)), 1, Spending.BATCHES)

    assert 3_590_000 < int(client.pttl(key_of(Kind.BATCHES, "ada"))) <= 3_600_000


def test_without_redis_nobody_is_refused(clean_redis: str) -> None:
    with FaultProxy.before(clean_redis) as proxy, make_client(proxy.url(clean_redis)) as client:
        allowances = RedisAllowances(ForgivingRedis(client), writes_per_minute=1)
        spend(allowances, 1, Spending.WRITES)
        proxy.refuse()

        assert spend(allowances, 5, Spending.WRITES) == [True] * 5
