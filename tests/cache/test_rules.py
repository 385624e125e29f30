"""What RedisRules does beyond its contract: bytes, times to live, round trips, and faults of the server."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from random import Random
from signal import SIGCONT, SIGSTOP
from typing import TypeVar

import pytest
import redis
from prometheus_client import REGISTRY

from service.breaker import Breaker
from service.cache import rules_codec
from service.cache.client import CacheUnreachable, ForgivingRedis, make_client
from service.cache.keys import Kind, key_of
from service.cache.rules import (
    HEAVY_ENTRY_BYTES,
    LEASE_LIVES_FOR,
    RULES_LIVE_FOR,
    TOMBSTONE_LIVES_FOR,
    RedisRules,
)
from service.cache.rules_codec import encode_rules
from service.cache.warm_rules import BYTES_PER_VIEWER, WarmRules
from service.domain.consistency import Change, Head, Version
from service.domain.decisions import ReadyRules
from service.domain.feed_rules import FeedRules
from service.domain.people import UserId
from service.local.valkey import EmbeddedValkey
from service.usecases.ports import Lease
from tests.builders import a_filter_rule
from tests.fault_proxy import FaultProxy

T = TypeVar("T")

EPOCH = 1_790_000_000_000_000
FIFTEEN_MINUTES = timedelta(minutes=15)
PLACE, LOCK = key_of(Kind.RULES, "viewer"), key_of(Kind.LEASE, "viewer")


@pytest.fixture
def client(clean_redis: str) -> Iterator[redis.Redis]:
    with make_client(clean_redis, timeout_seconds=5) as client:
        yield client


@pytest.fixture
def alone(server: EmbeddedValkey) -> Iterator[redis.Redis]:
    """The only client of a server, so that what the server did was done for it."""
    with make_client(server.url(), timeout_seconds=5) as client:
        yield client


@pytest.fixture
def rules(client: redis.Redis) -> RedisRules:
    return RedisRules(ForgivingRedis(client))


def ready_at(number: int, user_id: UserId = "viewer", **settings: object) -> ReadyRules:
    return ReadyRules(
        FeedRules(user_id=user_id, version=Version(EPOCH, number), revision=number, **settings)  # type: ignore[arg-type]
    )


HEAVY = ready_at(2, blocks=dict.fromkeys(str(Random(number).getrandbits(62)) for number in range(4000)))


def fill(cache: RedisRules, ready: ReadyRules) -> None:
    lease = cache.lease(ready.rules.user_id)
    assert lease
    cache.put(ready, lease)


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def commands_run(client: redis.Redis) -> int:
    """Return how many commands the server was sent, this question not counted."""
    return int(client.info("stats")["total_commands_processed"])


def lives_for(client: redis.Redis, key: str) -> timedelta:
    return timedelta(milliseconds=int(client.pttl(key)))


@pytest.mark.parametrize("extreme", [min, max])
def test_rules_never_decide_after_fifteen_minutes(
    client: redis.Redis, extreme: Callable[[float, float], float]
) -> None:
    fill(RedisRules(ForgivingRedis(client), uniform=extreme), ready_at(1))

    assert RULES_LIVE_FOR * 0.85 < lives_for(client, PLACE) <= FIFTEEN_MINUTES


def test_what_was_filled_together_does_not_end_together(client: redis.Redis, rules: RedisRules) -> None:
    for number in range(50):
        fill(rules, ready_at(1, f"viewer-{number}"))

    ends = [lives_for(client, key_of(Kind.RULES, f"viewer-{number}")) for number in range(50)]

    assert max(ends) - min(ends) > timedelta(minutes=1)


def test_a_tombstone_outlives_every_lease_that_was_given_before_it(
    client: redis.Redis, rules: RedisRules
) -> None:
    rules.lease("viewer")
    lease_ends = lives_for(client, LOCK)
    rules.retire("viewer", Version(EPOCH, 2))

    assert lease_ends <= LEASE_LIVES_FOR < lives_for(client, PLACE) <= TOMBSTONE_LIVES_FOR


def test_a_lease_ends_by_itself(client: redis.Redis) -> None:
    hasty = RedisRules(ForgivingRedis(client), lease_lives_for=timedelta(milliseconds=1))
    lease = hasty.lease("viewer")
    assert lease
    assert any(not client.exists(LOCK) for _ in range(10_000))

    hasty.put(ready_at(1), lease)

    assert hasty.get("viewer") is None


def test_a_lookup_is_one_command(alone: redis.Redis) -> None:
    rules = RedisRules(ForgivingRedis(alone))
    fill(rules, ready_at(1))
    before = commands_run(alone)
    rules.get("viewer")

    assert commands_run(alone) - before == 2  # the lookup and the question before it


def test_what_another_process_kept_is_found(client: redis.Redis, rules: RedisRules) -> None:
    fill(RedisRules(ForgivingRedis(client)), ready_at(1))

    found = rules.get("viewer")

    assert found
    assert found.rules == ready_at(1).rules


def test_rules_are_made_ready_once(client: redis.Redis, rules: RedisRules) -> None:
    fill(RedisRules(ForgivingRedis(client)), ready_at(1))

    assert rules.get("viewer") is rules.get("viewer")


def test_what_this_process_kept_itself_is_ready(rules: RedisRules) -> None:
    ready = ready_at(1)
    fill(rules, ready)

    assert rules.get("viewer") is ready


@pytest.mark.parametrize(
    "forgetting",
    [
        lambda client, _: client.flushdb(),
        lambda client, _: client.delete(PLACE),
        lambda client, _: RedisRules(ForgivingRedis(client)).retire("viewer", Version(EPOCH, 2)),
    ],
    ids=["flush", "eviction", "retired by another process"],
)
def test_warm_rules_do_not_outlive_their_entry(
    client: redis.Redis, rules: RedisRules, forgetting: Callable[[redis.Redis, None], object]
) -> None:
    fill(rules, ready_at(1))
    assert rules.get("viewer")

    forgetting(client, None)

    assert rules.get("viewer") is None


def test_warm_rules_make_way_for_what_another_process_kept(client: redis.Redis, rules: RedisRules) -> None:
    fill(rules, ready_at(1))
    fill(RedisRules(ForgivingRedis(client)), ready_at(1, blocks={"somebody": None}))

    found = rules.get("viewer")

    assert found
    assert found.rules.blocks == {"somebody": None}


def test_a_worker_holds_no_more_than_it_may(client: redis.Redis) -> None:
    warm = WarmRules(limit_bytes=50_000)
    rules = RedisRules(ForgivingRedis(client), warm=warm)
    for number in range(100):
        fill(rules, ready_at(1, f"viewer-{number}"))

    assert 1 <= len(warm) <= 50_000 // BYTES_PER_VIEWER
    assert rules.get("viewer-0")


def test_a_viewer_heavier_than_the_limit_is_served_and_not_held(client: redis.Redis) -> None:
    warm = WarmRules(limit_bytes=10_000)
    rules = RedisRules(ForgivingRedis(client), warm=warm)
    fill(rules, ready_at(1, blocks=dict.fromkeys(map(str, range(1000)))))

    assert rules.get("viewer")
    assert len(warm) == 0


def sent_for(client: redis.Redis, rules: RedisRules) -> int:
    """Return how many bytes the server sends for one lookup (and for the question before it)."""
    before = int(client.info("stats")["total_net_output_bytes"])
    rules.get("viewer")
    return int(client.info("stats")["total_net_output_bytes"]) - before


def test_a_heavy_entry_that_is_warm_is_not_sent_again(alone: redis.Redis) -> None:
    rules = RedisRules(ForgivingRedis(alone))
    fill(rules, HEAVY)

    assert rules.get("viewer") is HEAVY
    assert sent_for(alone, rules) < HEAVY_ENTRY_BYTES < sent_for(alone, RedisRules(ForgivingRedis(alone)))


def test_a_heavy_entry_that_changed_is_sent_at_once(alone: redis.Redis) -> None:
    rules = RedisRules(ForgivingRedis(alone))
    fill(rules, HEAVY)
    rules.get("viewer")  # from now on the server knows the script
    fill(RedisRules(ForgivingRedis(alone)), ready_at(3))
    before = commands_run(alone)

    found = rules.get("viewer")

    assert found
    assert number_of(found) == 3
    assert commands_run(alone) - before <= 4  # EVALSHA and its two reads, and the question before it


@pytest.mark.parametrize("forgetting", ["flush", "retire"])
def test_a_heavy_entry_that_is_gone_is_a_miss(
    client: redis.Redis, rules: RedisRules, forgetting: str
) -> None:
    fill(rules, HEAVY)
    if forgetting == "flush":
        client.flushdb()
    else:
        RedisRules(ForgivingRedis(client)).retire("viewer", Version(EPOCH, 3))

    assert rules.get("viewer") is None


def test_a_new_matcher_makes_old_entries_misses(
    client: redis.Redis, rules: RedisRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(RedisRules(ForgivingRedis(client)), ready_at(1))
    before = counted("rules_cache_rejected_total", why="matcher")
    monkeypatch.setattr(rules_codec, "MATCHER_VERSION", 99)

    assert rules.get("viewer") is None
    assert counted("rules_cache_rejected_total", why="matcher") == before + 1


def test_stored_terms_that_the_matcher_refuses_are_counted(client: redis.Redis, rules: RedisRules) -> None:
    refused = ready_at(1, filters=[a_filter_rule(terms=("\u200b", "spoiler"))])
    before = counted("terms_passed_over_total")

    fill(rules, refused)
    assert RedisRules(ForgivingRedis(client)).get("viewer")

    assert counted("terms_passed_over_total") == before + 2


def test_an_entry_that_is_not_believed_is_replaced(client: redis.Redis, rules: RedisRules) -> None:
    client.set(PLACE, encode_rules(ready_at(1).rules)[:-1])
    assert rules.get("viewer") is None

    fill(rules, ready_at(1))

    assert rules.get("viewer")


def test_the_entry_of_somebody_else_is_not_believed(client: redis.Redis, rules: RedisRules) -> None:
    fill(rules, ready_at(1))
    client.set(PLACE, encode_rules(ready_at(1, "somebody-else").rules))
    before = counted("rules_cache_rejected_total", why="owner")

    assert rules.get("viewer") is None
    assert counted("rules_cache_rejected_total", why="owner") == before + 1


def test_noise_in_the_place_of_rules_is_a_miss_also_when_warm(client: redis.Redis, rules: RedisRules) -> None:
    random = Random(4)
    fill(rules, ready_at(1))
    for length in (0, 1, 27, 28, 29, 400):
        client.set(PLACE, random.randbytes(length))

        assert rules.get("viewer") is None


def test_a_value_of_another_type_is_a_miss_for_its_user_alone(client: redis.Redis, rules: RedisRules) -> None:
    client.rpush(PLACE, "item")
    fill(rules, ready_at(1, "somebody-else"))

    for _ in range(10):
        assert rules.get("viewer") is None
    rules.retire("viewer", Version(EPOCH, 2))

    assert rules.get("somebody-else")


def test_scripts_that_the_server_forgot_are_sent_again(client: redis.Redis, rules: RedisRules) -> None:
    client.script_flush()
    fill(rules, ready_at(1))
    assert rules.get("viewer")
    client.script_flush()

    rules.retire("viewer", Version(EPOCH, 2))

    assert rules.get("viewer") is None


def test_an_edit_that_many_feel_retires_a_hundred_of_them_in_a_round_trip(client: redis.Redis) -> None:
    asked = []

    class Counting(ForgivingRedis):
        def ask(self, operation: str, call: Callable[[redis.Redis], T]) -> T | None:
            asked.append(operation)
            return super().ask(operation, call)

    heads = [Head(f"viewer-{number}", 1, Version(EPOCH, 2)) for number in range(250)]
    RedisRules(Counting(client)).retire_many(heads)

    assert asked == ["retire"] * 3
    assert client.dbsize() == 250


def test_the_relay_retires_many_users_at_once(client: redis.Redis, rules: RedisRules) -> None:
    users = [f"viewer-{number}" for number in range(250)]
    for user_id in [*users, "somebody-else"]:
        fill(rules, ready_at(1, user_id))
    client.script_flush()
    before = commands_run(client)

    rules.retire_all([Change(user_id, Version(EPOCH, 2)) for user_id in users])

    assert [user_id for user_id in users if rules.get(user_id)] == []
    assert rules.get("somebody-else")
    assert commands_run(client) > before


def test_the_relay_retires_nobody_of_none(rules: RedisRules) -> None:
    rules.retire_all([])


@pytest.mark.parametrize("fault", [FaultProxy.hold, FaultProxy.refuse, FaultProxy.lose])
def test_the_relay_learns_what_did_not_arrive(clean_redis: str, fault: Callable[[FaultProxy], None]) -> None:
    with FaultProxy.before(clean_redis) as proxy, make_client(proxy.url(clean_redis)) as client:
        rules = RedisRules(ForgivingRedis(client))
        fault(proxy)

        with pytest.raises(CacheUnreachable):
            rules.retire_all([Change("viewer", Version(EPOCH, 2))])


def test_the_relay_learns_of_an_error_among_many_answers(client: redis.Redis, rules: RedisRules) -> None:
    client.rpush(PLACE, "item")

    with pytest.raises(CacheUnreachable):
        rules.retire_all([Change(user_id, Version(EPOCH, 2)) for user_id in ("other", "viewer", "third")])


def test_a_server_that_answers_is_told_from_one_that_does_not(clean_redis: str) -> None:
    with (
        FaultProxy.before(clean_redis) as proxy,
        make_client(proxy.url(clean_redis), timeout_seconds=0.3) as client,
    ):
        rules = RedisRules(ForgivingRedis(client))
        answered = rules.is_answering()
        proxy.refuse()

        assert (answered, rules.is_answering()) == (True, False)


def everything_asked(rules: RedisRules) -> list[object]:
    """Call everything that a request calls; return what came of it."""
    rules.put(ready_at(1), Lease("any"))
    rules.retire("viewer", Version(EPOCH, 2))
    return [rules.get("viewer"), rules.lease("viewer")]


def test_a_server_that_stops_answers_nothing_and_comes_back(server: EmbeddedValkey) -> None:
    with make_client(server.url(), timeout_seconds=0.3) as client:
        rules = RedisRules(ForgivingRedis(client, Breaker(clock=count(step=10).__next__)))
        fill(rules, ready_at(1))
        server.signal(SIGSTOP)
        try:
            while_stopped = everything_asked(rules)
        finally:
            server.signal(SIGCONT)

        assert while_stopped == [None, None]
        assert_serves_again(rules, server)


def test_a_server_that_was_killed_answers_nothing_and_comes_back_empty(server: EmbeddedValkey) -> None:
    with make_client(server.url(), timeout_seconds=0.3) as client:
        rules = RedisRules(ForgivingRedis(client, Breaker(clock=count(step=10).__next__)))
        fill(rules, ready_at(1))
        server.kill()
        while_down = everything_asked(rules)
        server.start()

        assert while_down == [None, None]
        assert rules.get("viewer") is None
        assert_serves_again(rules, server)


def assert_serves_again(rules: RedisRules, server: EmbeddedValkey) -> None:
    with make_client(server.url(), timeout_seconds=5) as patient:
        patient.flushdb()
    lease = next(lease for _ in range(100) if (lease := rules.lease("viewer")))
    rules.put(ready_at(7), lease)
    assert number_of(next(found for _ in range(100) if (found := rules.get("viewer")))) == 7


def number_of(ready: ReadyRules) -> int:
    return ready.rules.version.number


def test_a_server_that_was_demoted_is_connected_to_anew(server: EmbeddedValkey) -> None:
    """Its address may lead to its successor by now, but connections that are open would stay with it."""
    with (
        FaultProxy.before(server.url()) as proxy,
        make_client(proxy.url(server.url()), timeout_seconds=5) as client,
    ):
        rules = RedisRules(ForgivingRedis(client))
        client.replicaof("127.0.0.1", "1")
        accepted = proxy.accepted

        assert rules.lease("viewer") is None
        assert rules.lease("viewer") is None

        assert proxy.accepted == accepted + 1
