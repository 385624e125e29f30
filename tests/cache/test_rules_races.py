"""However readers, an edit, the relay and a forgetful server interleave, old rules do not stay.

A reader leases, reads the store and puts. An edit retires and then commits; the relay retires once more. Every
order in which these steps can fall is played, and so is a flush or an eviction at every point of it.
"""
# ruff: noqa: ARG002 - broken variants ignore what they should heed

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest
import redis

from service.cache.client import ForgivingRedis, make_client
from service.cache.keys import Kind, key_of
from service.cache.rules import RedisRules
from service.cache.rules_codec import decode_rules, encode_rules
from service.domain.consistency import Head, Version
from service.domain.decisions import ReadyRules
from service.domain.feed_rules import FeedRules
from service.domain.people import UserId
from service.usecases.ports import Lease, RulesCache
from tests.fakes.rules import FakeRules

OLD, NEW = 1, 2
EDIT = ("retire", "commit", "relay")
EDIT_WHILE_REDIS_WAS_AWAY = ("commit", "relay")
READER = ("lease", "read", "put")

Step = tuple[str, str]


def version(number: int) -> Version:
    return Version(1_790_000_000_000_000, number)


def ready_at(number: int) -> ReadyRules:
    return ReadyRules(FeedRules(user_id="viewer", version=version(number), revision=number))


READY = {number: ready_at(number) for number in (OLD, NEW)}


@dataclass
class Play:
    """One schedule on one cache: the store is a number, each reader a lease and what was read."""

    cache: RulesCache
    flush: Callable[[], object]
    evict: Callable[[], object]
    stored: int = OLD
    leases: dict[str, Lease | None] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)

    def run(self, schedule: Sequence[Step]) -> Iterator[str]:
        """Play the steps; say after which of them old rules are kept though newer ones are stored."""
        self.flush()
        for who, what in schedule:
            self._do(who, what)
            if self.is_stale():
                yield what

    def is_stale(self) -> bool:
        """Whether rules are kept that are older than what is stored."""
        if self.stored == OLD:
            return False
        kept = self.cache.get("viewer")
        return bool(kept and kept.rules.version.number < self.stored)

    def _do(self, who: str, what: str) -> None:
        match what:
            case "lease":
                self.leases[who] = self.cache.lease("viewer")
            case "read":
                self.seen[who] = self.stored
            case "put":
                lease = self.leases[who]
                if lease:
                    self.cache.put(READY[self.seen[who]], lease)
            case "retire" | "relay":
                self.cache.retire("viewer", version(NEW))
            case "commit":
                self.stored = NEW
            case "flush":
                self.flush()
            case "evict":
                self.evict()


MakePlay = Callable[[], Play]


def interleaved(*stories: Sequence[Step]) -> Iterator[tuple[Step, ...]]:
    """Every order that keeps each story in its own."""
    if not any(stories):
        yield ()
    for number, story in enumerate(stories):
        if story:
            others = [*stories[:number], story[1:], *stories[number + 1 :]]
            yield from ((story[0], *rest) for rest in interleaved(*others))


def told(who: str, steps: Sequence[str]) -> list[Step]:
    return [(who, step) for step in steps]


def stale_without_faults(make: MakePlay) -> Iterator[tuple[Step, ...]]:
    """Find schedules of two readers and an edit after some step of which old rules are kept."""
    stories = told("edit", EDIT), told("reader", READER), told("other", READER)
    return (schedule for schedule in interleaved(*stories) if any(make().run(schedule)))


def stale_in_the_end(make: MakePlay, edit: Sequence[str]) -> Iterator[tuple[Step, ...]]:
    """Find schedules with a flush or an eviction somewhere after which old rules stay."""
    for fault in ("flush", "evict"):
        for schedule in interleaved(told("edit", edit), told("reader", READER), told("server", (fault,))):
            play = make()
            list(play.run(schedule))
            if play.is_stale():
                yield schedule


@pytest.fixture
def client(clean_redis: str) -> Iterator[redis.Redis]:
    with make_client(clean_redis, timeout_seconds=5) as client:
        yield client


def on_redis(client: redis.Redis, cache: RulesCache) -> MakePlay:
    return lambda: Play(cache, client.flushdb, lambda: client.delete(key_of(Kind.RULES, "viewer")))


@pytest.fixture(params=["fake", "redis"])
def make(request: pytest.FixtureRequest) -> MakePlay:
    if request.param == "fake":
        fake = FakeRules()
        return lambda: Play(fake, fake.forget_everything, lambda: fake.forget("viewer"))
    client = request.getfixturevalue("client")
    return on_redis(client, RedisRules(ForgivingRedis(client)))


def test_old_rules_are_never_kept_once_an_edit_is_stored(make: MakePlay) -> None:
    assert list(stale_without_faults(make)) == []


@pytest.mark.parametrize("edit", [EDIT, EDIT_WHILE_REDIS_WAS_AWAY])
def test_old_rules_do_not_stay_whatever_the_server_forgot(make: MakePlay, edit: Sequence[str]) -> None:
    assert list(stale_in_the_end(make, edit)) == []


class _Naive:
    """A cache over Redis that each broken variant changes in one thing."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._place, self._lock = key_of(Kind.RULES, "viewer"), key_of(Kind.LEASE, "viewer")

    def is_answering(self) -> bool:
        """Answer always."""
        return True

    def get(self, user_id: UserId) -> ReadyRules | None:
        entry = self._client.get(self._place)
        rules = decode_rules(entry, user_id) if isinstance(entry, bytes) else None
        return ReadyRules(rules) if rules else None

    get_at_last = get

    def lease(self, user_id: UserId) -> Lease | None:
        return Lease("anybody's")

    def put(self, ready: ReadyRules, lease: Lease) -> None:
        self._client.set(self._place, encode_rules(ready.rules))

    def retire(self, user_id: UserId, version: Version) -> None:
        self._client.delete(self._place)

    def retire_many(self, heads: Sequence[Head]) -> None:
        for head in heads:
            self.retire(head.user_id, head.version)


class _NewerOnly(_Naive):
    """Compares versions, knows no lease: after an eviction there is nothing to compare with."""

    def put(self, ready: ReadyRules, lease: Lease) -> None:
        standing = self._client.get(self._place)
        if not isinstance(standing, bytes) or encode_rules(ready.rules)[2:18] >= standing[2:18]:
            super().put(ready, lease)

    def retire(self, user_id: UserId, version: Version) -> None:
        RedisRules(ForgivingRedis(self._client)).retire(user_id, version)


class _LeaseOnly(_Naive):
    """Knows leases, leaves no tombstone: whoever leases between the retirement and the commit puts old rules."""

    def lease(self, user_id: UserId) -> Lease | None:
        return Lease("mine") if self._client.set(self._lock, "mine", nx=True) else None

    def put(self, ready: ReadyRules, lease: Lease) -> None:
        if self._client.getdel(self._lock) == b"mine":
            super().put(ready, lease)

    def retire(self, user_id: UserId, version: Version) -> None:
        self._client.delete(self._place, self._lock)


@pytest.mark.parametrize("naive", [_Naive, _LeaseOnly])
def test_a_cache_without_versions_is_caught(naive: type[_Naive], client: redis.Redis) -> None:
    assert any(stale_without_faults(on_redis(client, naive(client))))


@pytest.mark.parametrize("naive", [_Naive, _NewerOnly])
def test_a_cache_without_leases_is_caught(naive: type[_Naive], client: redis.Redis) -> None:
    assert any(stale_in_the_end(on_redis(client, naive(client)), EDIT))
