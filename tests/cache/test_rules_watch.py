"""What is known to be unchanged is not asked for, and nothing is known that changed."""

import os
from collections.abc import Callable, Iterator

import pytest
import redis

from service.cache import rules_watch
from service.cache.client import ForgivingRedis, make_client
from service.cache.keys import Kind, key_of
from service.cache.rules import RedisRules
from service.cache.rules_watch import KNOWN_FOR_SECONDS, Known, RulesWatch
from service.domain.consistency import Version
from service.local.valkey import EmbeddedValkey
from tests.cache.test_rules import EPOCH, fill, number_of, ready_at
from tests.waiting import comes_true

PLACE = key_of(Kind.RULES, "viewer")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time it stands at."""
        return self.now


def knows_a_head_that_changed_on_the_way(known: Known) -> bool:
    question = known.asks(PLACE)
    known.change(PLACE)
    known.answered(PLACE, question, b"old")
    return known.is_still(PLACE, b"old")


def test_an_entry_is_known_once_it_is_here() -> None:
    known = Known()

    known.answered(PLACE, known.asks(PLACE), b"head")

    assert known.is_still(PLACE, b"head")
    assert not known.is_still(key_of(Kind.RULES, "other"), b"head")


def test_an_entry_that_changed_while_it_was_on_its_way_is_not_known() -> None:
    assert not knows_a_head_that_changed_on_the_way(Known())


class Credulous(Known):
    """The broken variant: it believes every answer, whatever was heard since the question."""

    def answered(self, key: str, question: int, head: bytes) -> None:
        """Know what is here."""
        del question
        super().answered(key, self.asks(key), head)


def test_the_check_catches_whoever_believes_every_answer() -> None:
    assert knows_a_head_that_changed_on_the_way(Credulous())


def test_what_a_slow_thread_made_of_an_older_answer_is_not_taken_for_the_newer_one() -> None:
    known = Known()
    slow = known.asks(PLACE)
    known.change(PLACE)
    known.answered(PLACE, known.asks(PLACE), b"new")

    known.answered(PLACE, slow, b"old")

    assert known.is_still(PLACE, b"new")
    assert not known.is_still(PLACE, b"old")


@pytest.mark.parametrize("forget", [lambda known: known.change(PLACE), Known.change_all])
def test_a_change_is_no_longer_known(forget: Callable[[Known], None]) -> None:
    known = Known()
    known.answered(PLACE, known.asks(PLACE), b"head")

    forget(known)

    assert not known.is_still(PLACE, b"head")


def test_questions_that_nothing_comes_of_take_no_more_room_than_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules_watch, "KEYS_KNOWN", 10)
    known = Known()

    for viewer in range(100):  # none of whom is in the cache, or can be put there
        known.asks(key_of(Kind.RULES, str(viewer)))

    assert len(known._asked) <= 10


def test_nothing_is_known_for_long() -> None:
    clock = Clock()
    known = Known(clock)
    known.answered(PLACE, known.asks(PLACE), b"head")

    clock.now += KNOWN_FOR_SECONDS

    assert not known.is_still(PLACE, b"head")


@pytest.fixture
def client(server: EmbeddedValkey) -> Iterator[redis.Redis]:
    with make_client(server.url(), timeout_seconds=5) as client:
        yield client


@pytest.fixture
def watched(client: redis.Redis) -> Iterator[RedisRules]:
    watched = RedisRules(ForgivingRedis(client), watch=RulesWatch(client))
    fill(watched, ready_at(1))
    yield watched
    watched.close()


def asks_nothing(client: redis.Redis, rules: RedisRules) -> bool:
    """Tell whether a lookup of the viewer is answered without asking for it."""
    before = gets_run(client)
    found = rules.get("viewer")
    return found is not None and gets_run(client) == before


def gets_run(client: redis.Redis) -> int:
    stats = client.info("commandstats")
    assert isinstance(stats, dict)
    return int(stats.get("cmdstat_get", {"calls": 0})["calls"])


def is_at(rules: RedisRules, number: int) -> bool:
    found = rules.get("viewer")
    return found is not None and number_of(found) == number


def test_unchanged_rules_are_not_asked_for(client: redis.Redis, watched: RedisRules) -> None:
    assert comes_true(lambda: asks_nothing(client, watched))


def test_what_another_process_retires_is_heard_of(client: redis.Redis, watched: RedisRules) -> None:
    assert comes_true(lambda: asks_nothing(client, watched))

    RedisRules(ForgivingRedis(client)).retire("viewer", Version(EPOCH, 2))

    assert comes_true(lambda: watched.get("viewer") is None)


def test_what_this_process_retires_is_known_at_once(client: redis.Redis, watched: RedisRules) -> None:
    assert comes_true(lambda: asks_nothing(client, watched))

    watched.retire("viewer", Version(EPOCH, 2))

    assert watched.get("viewer") is None


def test_newer_rules_of_another_process_are_heard_of(client: redis.Redis, watched: RedisRules) -> None:
    assert comes_true(lambda: asks_nothing(client, watched))

    fill(RedisRules(ForgivingRedis(client)), ready_at(2))

    assert comes_true(lambda: is_at(watched, 2))


def test_a_flush_is_heard_of(client: redis.Redis, watched: RedisRules) -> None:
    assert comes_true(lambda: asks_nothing(client, watched))

    client.flushall()

    assert comes_true(lambda: watched.get("viewer") is None)


def test_a_lost_connection_leaves_nothing_known_and_is_made_again(
    client: redis.Redis, watched: RedisRules
) -> None:
    assert comes_true(lambda: asks_nothing(client, watched))

    client.client_kill_filter(_type="pubsub")

    assert comes_true(lambda: not asks_nothing(client, watched))
    assert comes_true(lambda: asks_nothing(client, watched))


def test_a_server_that_tells_nothing_is_asked_every_time(client: redis.Redis, server: EmbeddedValkey) -> None:
    client.acl_setuser(
        "quiet", enabled=True, passwords=["+quiet"], keys=["*"], categories=["+@all"], commands=["-client"]
    )
    with make_client(server.url().replace("//:secret@", "//quiet:quiet@"), timeout_seconds=5) as quiet:
        rules = RedisRules(ForgivingRedis(quiet), watch=RulesWatch(quiet))
        fill(rules, ready_at(1))

        assert not any(asks_nothing(client, rules) for _ in range(20))
        rules.close()


def test_a_forked_process_listens_for_itself(client: redis.Redis, watched: RedisRules) -> None:
    assert comes_true(lambda: asks_nothing(client, watched))
    child = os.fork()
    if child == 0:
        status = 1
        try:
            client.connection_pool.reset()
            knew_at_once = asks_nothing(client, watched)
            status = 0 if not knew_at_once and comes_true(lambda: asks_nothing(client, watched)) else 1
        finally:
            os._exit(status)  # whatever happened: nobody else's tests are run here

    assert os.waitpid(child, 0)[1] == 0
