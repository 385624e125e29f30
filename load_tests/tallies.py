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
from service.domain.feed import Candidate, Decision
from service.domain.feed_counts import DecidedRequest
from service.domain.feed_rules import FeedRules, rule_of
from service.domain.keyword_filters import FilterWording
from service.domain.pseudonyms import Pseudonyms
from service.domain.segments import Segment
from service.domain.surfaces import SURFACES
from service.local.valkey import EmbeddedValkey

TURN = 50
"""How many requests are decided one way before as many are decided the other."""
PAUSE_SECONDS = 0.002
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
        compare(RedisTallies(reached, lambda _: NOBODY), wanted.requests, wanted.viewers, wanted.candidates)
    return 0


def compare(tallies: RedisTallies, requests: int, viewers: int, candidates: int) -> None:
    """Decide with and without counting in turns, while the thread beside the requests adds up and sends."""
    pages, ready, segment = a_platform(candidates)
    taken: dict[bool, list[float]] = {True: [], False: []}
    spent: dict[bool, list[float]] = {True: [], False: []}
    for number in range(2 * requests):
        counts, now = bool(number // TURN % 2), datetime.now(UTC)
        page, viewer = pages[number % len(pages)], f"viewer-{number % viewers}"
        began, working = time.perf_counter(), time.thread_time()
        decisions = decide_feed(page, ready, FOR_YOU, now)
        if counts:
            tallies.count(a_request(viewer, segment, now, page, decisions, ready))
        spent[counts].append(time.thread_time() - working)
        taken[counts].append(time.perf_counter() - began)
        time.sleep(PAUSE_SECONDS)
    print(f"in turns of {TURN}, {requests} requests each, with the thread beside them at work")
    for name, times in (("by the clock", taken), ("processor time", spent)):
        for percentile in (50, 99):
            without, counted = (quantile(times[counts], percentile) * 1e6 for counts in (False, True))
            print(f"{name}, p{percentile}: {without:.0f} us without, {counted:.0f} us with counting")


def measure(tallies: RedisTallies, requests: int, viewers: int, candidates: int) -> None:
    """Decide, hand over, and add up aside; each timed by itself, in processor time."""
    pages, ready, segment = a_platform(candidates)
    now = datetime.now(UTC)
    deciding: list[float] = []
    handing: list[float] = []
    adding = 0.0
    for number in range(requests):
        page = pages[number % len(pages)]
        began = time.thread_time()
        decisions = decide_feed(page, ready, FOR_YOU, now)
        decided = time.thread_time()
        tallies.count(a_request(f"viewer-{number % viewers}", segment, now, page, decisions, ready))
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


def a_platform(candidates: int) -> tuple[list[list[Candidate]], ReadyRules, Segment]:
    """Return pages to decide, rules to decide them by, and who looks at them."""
    shape = Shape(candidates, 50, 0)
    pages = [msgspec.convert(a_page(shape, seed), list[Candidate]) for seed in range(20)]
    return pages, ReadyRules(rules_for(pages[0])), Segment("DE", "de", "ios", "adult", "90d+")


def a_request(
    viewer: str,
    segment: Segment,
    now: datetime,
    page: Sequence[Candidate],
    decisions: Sequence[Decision],
    ready: ReadyRules,
) -> DecidedRequest:
    """Return a request as it is handed over, of which twenty posts fit onto the page."""
    return DecidedRequest.of(
        viewer, segment, FOR_YOU, now, candidates=page, decisions=decisions, ready=ready, slots=20
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
    return f"{quantile(times, percentile) * 1e6:.1f} us"


def quantile(times: Sequence[float], percentile: int) -> float:
    """Return a percentile in seconds."""
    return statistics.quantiles(times, n=100)[percentile - 1]


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
