"""What counting costs the feed path: python -m load_tests.tallies, on a Valkey of its own and without HTTP.

Decides the same pages again and again, in turns with and without handing them over to be counted, and says what the
request itself pays (p50, p99) and how much processor time the thread beside it takes, as a share of deciding.
"""

import argparse
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from load_tests.population import Shape, a_page, terms
from service.cache.client import ForgivingRedis, make_client
from service.cache.tallies import RedisTallies
from service.domain.consistency import Version
from service.domain.decisions import ReadyRules, decide_feed
from service.domain.feed import Candidate
from service.domain.feed_counts import DecidedRequest
from service.domain.feed_rules import FeedRules, rule_of
from service.domain.keyword_filters import FilterWording
from service.domain.pseudonyms import Pseudonyms
from service.domain.segments import Segment
from service.domain.surfaces import SURFACES
from service.local.valkey import EmbeddedValkey

FOR_YOU = SURFACES["for_you"]
NOBODY = Pseudonyms(0, b"p" * 32, b"e" * 32, b"d" * 32, panel_per_million=0)


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.tallies", description=__doc__)
    parser.add_argument("--requests", type=int, default=4_000)
    parser.add_argument("--viewers", type=int, default=500)
    parser.add_argument("--candidates", type=int, default=200)
    wanted = parser.parse_args(arguments)
    with a_valkey() as url:
        reached = ForgivingRedis(make_client(url, timeout_seconds=1.0))
        tallies = RedisTallies(reached, lambda _: NOBODY, works_aside=False)
        measure(tallies, wanted.requests, wanted.viewers, wanted.candidates)
    return 0


def measure(tallies: RedisTallies, requests: int, viewers: int, candidates: int) -> None:
    """Decide, hand over, and add up aside; each timed by itself, in processor time."""
    shape = Shape(candidates, 50, 0)
    pages = [msgspec.convert(a_page(shape, seed), list[Candidate]) for seed in range(20)]
    segment, now = Segment("DE", "de", "ios", "adult", "90d+"), datetime.now(UTC)
    ready = ReadyRules(rules_for(pages[0]))
    deciding: list[float] = []
    handing: list[float] = []
    adding = 0.0
    for number in range(requests):
        page = pages[number % len(pages)]
        began = time.thread_time()
        decisions = decide_feed(page, ready, FOR_YOU, now)
        decided = time.thread_time()
        request = DecidedRequest.of(
            f"viewer-{number % viewers}",
            segment,
            FOR_YOU,
            now,
            candidates=page,
            decisions=decisions,
            ready=ready,
            slots=20,
        )
        tallies.count(request)
        handed = time.thread_time()
        deciding.append(decided - began)
        handing.append(handed - decided)
        if number % 50 == 49:  # as many as half a second brings
            started = time.thread_time()
            tallies.send()
            adding += time.thread_time() - started
    print(f"{requests} requests of {candidates} candidates by 50 terms, {viewers} viewers; processor time")
    print(f"deciding: p50 {told(deciding, 50)}, p99 {told(deciding, 99)}")
    print(f"handing over, within the request: p50 {told(handing, 50)}, p99 {told(handing, 99)}")
    print(
        f"adding up, aside: {adding / requests * 1e6:.0f} us a request, {adding / sum(deciding):.1%} of deciding"
    )


def rules_for(page: Sequence[Candidate]) -> FeedRules:
    """Return fifty terms and some blocks."""
    wording = FilterWording(terms=tuple(terms(50)))
    return FeedRules(
        user_id="v",
        revision=1,
        version=Version(1, 1),
        filters=(rule_of("kf", wording),),
        blocks={candidate.author_id: None for candidate in page[::7]},
    )


def told(times: Sequence[float], percentile: int) -> str:
    """Name a percentile in microseconds."""
    return f"{statistics.quantiles(times, n=100)[percentile - 1] * 1e6:.1f} us"


@contextmanager
def a_valkey() -> Iterator[str]:
    """Run a Valkey of our own."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedValkey(Path(folder), password=secrets.token_hex(16), log=Path(folder) / "valkey.log")
        server.start()
        try:
            yield server.url()
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
