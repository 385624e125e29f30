"""Redis is reached quickly or not at all, and never answers one question with the reply to another."""

import socket
from collections.abc import Callable, Iterator
from itertools import count

import pytest
import redis

from service.breaker import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Breaker
from service.cache.client import TIMEOUT_SECONDS, CacheUnreachable, ForgivingRedis, make_client
from tests.fault_proxy import LOOPBACK, FaultProxy

LATE_REPLIES = 50


class Clock:
    """A clock that goes only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def proxy(clean_redis: str) -> Iterator[FaultProxy]:
    with FaultProxy.before(clean_redis) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: FaultProxy, clean_redis: str) -> Iterator[redis.Redis]:
    with make_client(proxy.url(clean_redis), timeout_seconds=0.3) as client:
        yield client


def ping(client: redis.Redis) -> object:
    return client.ping()


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(clock=clock)
    breaker.note_failure(slow=True)
    return breaker


def test_a_breaker_is_closed_at_first() -> None:
    assert Breaker().allows()


def test_three_failures_in_a_row_open_it(clock: Clock) -> None:
    breaker = Breaker(clock=clock)

    assert [breaker.note_failure(slow=False) for _ in range(3)] == [False, False, True]
    assert not breaker.allows()


def test_a_success_in_between_starts_the_count_again(clock: Clock) -> None:
    breaker = Breaker(clock=clock)
    for _ in range(5):
        breaker.note_failure(slow=False)
        breaker.note_failure(slow=False)
        breaker.note_success()

    assert breaker.allows()


def test_one_timeout_opens_it(clock: Clock) -> None:
    assert not opened(clock).allows()


def test_one_call_may_try_after_each_pause(clock: Clock) -> None:
    breaker = opened(clock)
    clock.now += FIRST_PAUSE_SECONDS

    assert [breaker.allows() for _ in range(4)] == [True, False, False, False]


def test_pauses_grow_while_tries_fail_and_stay_bounded(clock: Clock) -> None:
    breaker = opened(clock)
    waits = []
    for _ in range(6):
        start = clock.now
        while not breaker.allows():
            clock.now += FIRST_PAUSE_SECONDS
        waits.append(clock.now - start)
        breaker.note_failure(slow=True)

    assert waits == [0.25, 0.5, 1.0, 2.0, 2.0, LONGEST_PAUSE_SECONDS]


def test_late_failures_of_calls_begun_before_do_not_prolong_the_pause(clock: Clock) -> None:
    breaker = opened(clock)
    for _ in range(20):
        breaker.note_failure(slow=True)
    clock.now += FIRST_PAUSE_SECONDS

    assert breaker.allows()


def test_whoever_has_nobody_else_to_ask_may_call_until_a_try_after_the_pause_failed(clock: Clock) -> None:
    breaker = opened(clock)
    at_first = breaker.allows_at_last()
    clock.now += FIRST_PAUSE_SECONDS
    breaker.allows()

    assert (at_first, breaker.allows_at_last()) == (True, False)


def test_a_success_closes_it(clock: Clock) -> None:
    breaker = opened(clock)

    assert breaker.note_success()
    assert breaker.allows()
    assert not breaker.is_open


def test_what_is_asked_is_answered(client: redis.Redis) -> None:
    assert ForgivingRedis(client).ask("ping", ping) is True


@pytest.mark.parametrize("fault", [FaultProxy.hold, FaultProxy.lose, FaultProxy.refuse])
def test_a_faulty_server_is_nothing_to_ask_and_an_error_to_insist(
    client: redis.Redis, proxy: FaultProxy, fault: Callable[[FaultProxy], None]
) -> None:
    reached = ForgivingRedis(client)
    fault(proxy)

    assert reached.ask("ping", ping) is None
    with pytest.raises(CacheUnreachable):
        reached.insist("ping", ping)


def test_a_server_that_hangs_is_asked_once_and_then_left_alone(
    client: redis.Redis, proxy: FaultProxy, clock: Clock
) -> None:
    reached = ForgivingRedis(client, Breaker(clock=clock))
    proxy.hold()

    answers = [reached.ask("ping", ping) for _ in range(1000)]

    assert answers == [None] * 1000
    assert proxy.accepted == 1


def test_a_server_that_stumbled_answers_whoever_has_nobody_else_to_ask_and_then_everybody(
    client: redis.Redis, proxy: FaultProxy, clock: Clock
) -> None:
    reached = ForgivingRedis(client, Breaker(clock=clock))
    proxy.hold()
    reached.ask("ping", ping)
    proxy.heal()

    told = [ask("ping", ping) for ask in (reached.ask, reached.ask_at_last, reached.ask)]

    assert told == [None, True, True]


def test_a_server_that_is_down_costs_whoever_has_nobody_else_to_ask_no_more_than_others(
    client: redis.Redis, proxy: FaultProxy, clock: Clock
) -> None:
    reached = ForgivingRedis(client, Breaker(clock=clock))
    proxy.hold()
    reached.ask("ping", ping)
    assert reached.ask_at_last("ping", ping) is None
    clock.now += FIRST_PAUSE_SECONDS
    reached.ask("ping", ping)
    tried = proxy.accepted

    answers = [reached.ask_at_last("ping", ping) for _ in range(1000)]

    assert (answers, proxy.accepted) == ([None] * 1000, tried)


def test_a_server_that_refuses_is_left_alone_after_three_calls(
    client: redis.Redis, proxy: FaultProxy, clock: Clock
) -> None:
    calls = count()

    def counted(client: redis.Redis) -> object:
        next(calls)
        return client.ping()

    reached = ForgivingRedis(client, Breaker(clock=clock))
    proxy.refuse()
    for _ in range(1000):
        reached.ask("ping", counted)

    assert next(calls) == 3


@pytest.mark.parametrize("fault", [FaultProxy.hold, FaultProxy.lose, FaultProxy.refuse, FaultProxy.cut])
def test_a_server_that_comes_back_is_found_again(
    client: redis.Redis, proxy: FaultProxy, clock: Clock, fault: Callable[[FaultProxy], None]
) -> None:
    breaker = Breaker(clock=clock)
    reached = ForgivingRedis(client, breaker)
    fault(proxy)
    for _ in range(5):
        reached.ask("ping", ping)

    proxy.heal()
    clock.now += LONGEST_PAUSE_SECONDS

    assert reached.ask("ping", ping) is True
    assert not breaker.is_open


def test_a_port_that_accepts_and_never_answers_is_given_up() -> None:
    with socket.create_server((LOOPBACK, 0)) as black_hole:
        url = f"redis://:secret@{LOOPBACK}:{black_hole.getsockname()[1]}/3"
        with make_client(url) as client:
            assert ForgivingRedis(client).ask("ping", ping) is None


def test_an_error_answer_is_nothing_and_costs_nobody_else_the_cache(client: redis.Redis) -> None:
    breaker = Breaker()
    reached = ForgivingRedis(client, breaker)
    client.rpush("a list", "item")

    answers = [reached.ask("get", lambda client: client.get("a list")) for _ in range(10)]

    assert answers == [None] * 10
    assert not breaker.is_open


def test_a_bug_of_ours_is_not_mistaken_for_a_fault(client: redis.Redis) -> None:
    def broken(client: redis.Redis) -> object:
        raise KeyError(client)

    with pytest.raises(KeyError):
        ForgivingRedis(client).ask("get", broken)


def test_a_client_gives_up_early_and_never_repeats(clean_redis: str) -> None:
    with make_client(clean_redis) as client:
        settings = client.connection_pool.connection_kwargs

        assert settings["socket_timeout"] == settings["socket_connect_timeout"] == TIMEOUT_SECONDS
        assert settings["retry"].get_retries() == 0
        assert client.connection_pool.max_connections <= 100


def test_a_connection_with_an_unread_reply_is_not_used_again(client: redis.Redis) -> None:
    """Whoever was interrupted between asking and reading leaves one behind."""
    left = client.connection_pool.get_connection()
    left.send_command("ECHO", "somebody else's")  # type: ignore[no-untyped-call]
    assert left.can_read(timeout=5)
    client.connection_pool.release(left)

    assert ForgivingRedis(client).ask("echo", lambda client: client.echo("mine")) == b"mine"


def late_replies_taken(ask: Callable[[str], object], proxy: FaultProxy) -> int:
    """Count questions that are answered with the reply to the question before, which came too late."""
    taken = 0
    for _ in range(LATE_REPLIES):
        proxy.hold(replies_only=True)
        ask("first")
        proxy.heal()
        taken += ask("second") not in {b"second", None}
    return taken


def test_a_late_reply_reaches_nobody(proxy: FaultProxy, clean_redis: str) -> None:
    with make_client(proxy.url(clean_redis), timeout_seconds=0.005, max_connections=1) as client:
        reached = ForgivingRedis(client, Breaker(clock=count(step=10).__next__))
        reached.ask("ping", ping)

        assert late_replies_taken(lambda word: reached.ask("echo", lambda it: it.echo(word)), proxy) == 0


def test_a_client_that_reads_on_after_a_timeout_is_caught(proxy: FaultProxy, clean_redis: str) -> None:
    password = clean_redis.split(":")[2].partition("@")[0]
    with socket.create_connection((LOOPBACK, proxy.port), timeout=5) as line:
        line.sendall(f"AUTH {password}\r\n".encode())
        line.recv(1024)

        def ask(word: str) -> object:
            line.settimeout(0.005 if word == "first" else 5)
            line.sendall(f"PING {word}\r\n".encode())
            try:
                return line.recv(4096).split(b"\r\n")[1]
            except TimeoutError:
                return None

        assert late_replies_taken(ask, proxy) >= 1
