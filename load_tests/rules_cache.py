"""Measures the rules cache on a Valkey of its own: ``python -m load_tests.rules_cache``.

For viewers from none to many settings: bytes in Redis (key included), and CPU microseconds of this process for a
bare GET, a warm lookup and a cold one. The three are taken in turns, so that their ratios hold on a busy machine.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

from service.cache.client import ForgivingRedis, make_client
from service.cache.keys import Kind, key_of
from service.cache.rules import RedisRules
from service.cache.warm_rules import WarmRules
from service.domain.consistency import Version
from service.domain.decisions import ReadyRules
from service.domain.feed_rules import FeedRules, rule_of
from service.domain.keyword_filters import FilterWording
from service.domain.people import UserId
from service.local.valkey import EmbeddedValkey

SHAPES = ((0, 0), (3, 20), (50, 1_000), (200, 10_000), (3, 100_000))
WORDS = ("season finale", "spoiler", "наука", "スポイラー", "diet", "gore", "crypto", "elección")
ROUNDS = 15
CALLS = 40


def a_viewer(filters: int, blocks: int, random: Random) -> FeedRules:
    """Return the rules of somebody with so many filters and blocks, with ids as long as real ones."""
    wordings = [FilterWording(terms=(f"{WORDS[nth % len(WORDS)]} {nth}",)) for nth in range(filters)]
    return FeedRules(
        user_id=an_id(random),
        version=Version(1_790_000_000_000_000, 1),
        revision=1,
        blocks={an_id(random): None for _ in range(blocks)},
        filters=tuple(rule_of(f"kf_{random.getrandbits(104):026x}", wording) for wording in wordings),
    )


def an_id(random: Random) -> UserId:
    """Return a user id of nineteen digits."""
    return str(7_000_000_000_000_000_000 + random.randrange(10**18))


def cpu_microseconds(call: Callable[[], object], calls: int) -> float:
    """Return what one call costs this process."""
    begun = time.process_time_ns()
    for _ in range(calls):
        call()
    return (time.process_time_ns() - begun) / calls / 1000


def in_turns(calls: int, *each: Callable[[], object]) -> list[float]:
    """Return the median cost of each call, taken in turns."""
    rounds = [[cpu_microseconds(call, calls) for call in each] for _ in range(ROUNDS)]
    return [statistics.median(costs) for costs in zip(*rounds, strict=True)]


def measure(url: str) -> None:
    """Print a line for every shape of viewer."""
    random = Random(7)
    print("filters  blocks  bytes in Redis    GET  warm  cold  µs cpu  warm ÷ GET")
    with make_client(url, timeout_seconds=5) as client:
        near, far = (RedisRules(ForgivingRedis(client), warm=WarmRules(size)) for size in (1 << 30, 0))
        for filters, blocks in SHAPES:
            rules = a_viewer(filters, blocks, random)
            user_id, key = rules.user_id, key_of(Kind.RULES, rules.user_id)
            lease = near.lease(user_id)
            assert lease
            near.put(ReadyRules(rules), lease)
            size = client.memory_usage(key, samples=0)
            calls = CALLS if blocks <= 1_000 else 3
            bare, warm, cold = in_turns(
                calls, partial(client.get, key), partial(near.get, user_id), partial(far.get, user_id)
            )
            print(f"{filters:7} {blocks:7} {size:15} {bare:6.0f} {warm:5.0f} {cold:5.0f} {warm / bare:19.2f}")


def main() -> None:
    """Start a server, measure, stop it."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedValkey(
            Path(folder), password="local", log=Path(folder) / "log", throw_away=Path(folder)
        )
        server.start()
        try:
            measure(server.url())
        finally:
            server.stop()


if __name__ == "__main__":
    main()
