"""What a flush of Redis costs under load: ``python -m load_tests.flushes [--people 500] [--seconds 10]``.

Finds out how much a service of its own can answer, asks for 70 % of that, empties Redis in the middle, and counts in
PostgreSQL how often each viewer's rules were read again: at most 1.2 times. Times must be back within ten seconds.
"""

import argparse
import itertools
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import psycopg
import redis

from load_tests.deployment import NOBODY_LOOKED_AT_TWICE, Client, deployed, own_servers
from load_tests.town import Town

CALLERS: Final = 8
SHARE_OF_CAPACITY: Final = 0.7
LOADS_PER_VIEWER: Final = 1.2
BACK_WITHIN_SECONDS: Final = 10
NEAR_ENOUGH: Final = 1.5
"""How much slower than before a second may be, at its median, to count as back."""
TOLD_SECONDS: Final = 2.0
"""After which PostgreSQL's sessions have told what they counted."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One feed that was asked for."""

    at: float
    viewer: str
    milliseconds: float
    status: int


def ask_for(town: Town, seconds: float, per_second: float | None = None) -> list[Asked]:
    """Ask for feeds over several connections, as fast as possible or evenly at a rate."""
    numbers, began = itertools.count(), time.monotonic()
    asked: list[Asked] = []
    lock = threading.Lock()

    def work() -> None:
        with closing(Client(town.base_url)) as client:
            while (now := time.monotonic()) < began + seconds:
                if per_second:
                    time.sleep(max(0.0, began + next(numbers) / per_second - now))
                with lock:
                    viewer = town.somebody()
                    page = town.page_of(viewer)
                at = time.monotonic()
                reply = client.call("POST", "/v1/feed/filter", page, token=town.feed_token)
                asked.append(Asked(at, viewer, (time.monotonic() - at) * 1000, reply.status))

    with ThreadPoolExecutor(CALLERS) as pool:
        for each in [pool.submit(work) for _ in range(CALLERS)]:
            each.result()
    return asked


def loads(database_url: str) -> int:
    """Return how often rules were read so far: each reading looks once into a table that nothing else reads here."""
    time.sleep(TOLD_SECONDS)
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = 'allow_phrases'"
        ).fetchone()
    assert row
    return int(row[0])


def main(arguments: Sequence[str]) -> int:
    """Measure, flush, measure, and say whether it was cheap and short."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.flushes", description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=10, help="each part")
    chosen = parser.parse_args(arguments)
    with (
        own_servers() as servers,
        deployed(
            servers.folder, servers.postgres.url(), servers.valkey.url(), settings=NOBODY_LOOKED_AT_TWICE
        ) as deployment,
    ):
        town = Town(deployment.state, deployment.base_url, chosen.people)
        with closing(Client(town.base_url)) as client:
            for person in town.people:
                town.settle(client, person)
        warm = ask_for(town, chosen.seconds)
        rate = len(warm) / chosen.seconds * SHARE_OF_CAPACITY
        counted = loads(servers.postgres.url())
        before = ask_for(town, chosen.seconds, rate)
        unasked = loads(servers.postgres.url()) - counted
        counted += unasked
        with redis.Redis.from_url(servers.valkey.url()) as client_of_redis:
            client_of_redis.flushall()
        after = ask_for(town, chosen.seconds + BACK_WITHIN_SECONDS, rate)
        again = loads(servers.postgres.url()) - counted
        failures = deployment.metric("redis_failures_total")
    print(f"{unasked} loads before the flush, when all is warm; Redis failed {failures:.0f} times in all")
    return report(before, after, again, rate)


def report(before: Sequence[Asked], after: Sequence[Asked], again: int, rate: float) -> int:
    """Print the figures; 0 where both bounds hold."""
    viewers = len({each.viewer for each in after})
    usual = statistics.median(each.milliseconds for each in before)
    began = after[0].at
    slow = [
        second
        for second in range(int(after[-1].at - began))
        if statistics.median(each.milliseconds for each in after if int(each.at - began) == second)
        > NEAR_ENOUGH * usual
    ]
    back = slow[-1] + 1 if slow else 0
    failed = sum(each.status != 200 for each in [*before, *after])
    print(f"{rate:.0f} requests/s for {viewers} viewers, median {usual:.1f} ms, {failed} failures")
    print(f"{again} loads after the flush: {again / viewers:.3f} a viewer (at most {LOADS_PER_VIEWER})")
    print(f"medians as before after {back} s (at most {BACK_WITHIN_SECONDS})")
    return 0 if again / viewers <= LOADS_PER_VIEWER and back <= BACK_WITHIN_SECONDS and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
