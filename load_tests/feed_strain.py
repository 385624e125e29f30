"""The feed path under strain: ``python -m load_tests.feed_strain``, on servers of its own.

First as many requests as it can answer, then six tenths of that, evenly spaced and by chance, which wait where no
connection is free: the waiting counts. Then pages of the same size that are made to be hard, for viewers
whose terms are, in turns with an ordinary page. No two texts of a hard page are alike.
"""

import argparse
import json
import random
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, Final

from load_tests.driver import Call, Measured, by_chance, evenly, measure, measure_at
from load_tests.feed_filter import (
    FILTER,
    FIRST,
    a_request,
    a_viewer,
    a_viewer_with,
    calls_for,
    feed_token,
    own_service,
)
from load_tests.matching_speed import HOSTILE
from load_tests.serving import Served
from service.domain.keyword_filters import TERMS_PER_FILTER
from service.domain.matching import Mode, Strictness, Term
from service.local.state import DevState

OF_CAPACITY: Final = 0.6
CONNECTIONS: Final = 8
ORDINARY: Final = "an ordinary page"
HARD_ROUNDS: Final = 3
ORDINARY_FOR_EACH_HARD: Final = 10
"""A hard page takes many times as long, so that a few of them tell as much."""


def main(arguments: Sequence[str]) -> int:
    """Measure both and print a table each."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.feed_strain", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="at six tenths of what it can do")
    parser.add_argument("--requests", type=int, default=6, help="a round and kind of hard page")
    chosen = parser.parse_args(arguments)
    with ExitStack() as stack:
        state, served = own_service(stack)
        calls = calls_for(state, served, a_viewer(state, served, FIRST), FIRST)["filter, JSON"]
        tell_of_load(calls, served, chosen.seconds)
        hard = {ORDINARY: calls} | dict(hard_calls(state, served, len(calls[0].content)))
        tell_of_hard_pages(measure_in_turns(hard, served, chosen.requests))
    return 0


def tell_of_load(calls: Sequence[Call], served: Served, seconds: float) -> None:
    """Print how the slowest of a hundred compare with the median while there is room."""
    measure(calls, requests=200, connections=CONNECTIONS, server_pids=served.pids)
    most = measure(calls, requests=800, connections=CONNECTIONS, server_pids=served.pids)
    rate = OF_CAPACITY * most.per_second
    loads = {"all it can do": most}
    for name, due in {"evenly spaced": evenly, "by chance": by_chance}.items():
        loads[f"{OF_CAPACITY:.0%} of it, {name}"] = measure_at(
            calls, due(rate, seconds), connections=CONNECTIONS, server_pids=served.pids
        )
    print(f"{FIRST}, {CONNECTIONS} connections; times count from when a request should have begun")
    print("| load | requests/s | p50 ms | p99 ms | p99 ÷ p50 | failures |")
    print("|---|---|---|---|---|---|")
    for name, each in loads.items():
        ratio = each.p99_ms / each.p50_ms
        print(
            f"| {name} | {each.per_second:,.0f} | {each.p50_ms:.2f} | {each.p99_ms:.2f} | {ratio:.1f} "
            f"| {each.failures} |"
        )


def measure_in_turns(
    pages: dict[str, list[Call]], served: Served, requests: int
) -> dict[str, list[Measured]]:
    """Measure each page in every round, one request at a time; some before the first only warm up."""
    rounds: dict[str, list[Measured]] = {name: [] for name in pages}
    for number in range(HARD_ROUNDS):
        for name, calls in pages.items():
            print(f"\rround {number + 1} of {HARD_ROUNDS}: {name:40}", end="", file=sys.stderr, flush=True)
            count = requests * (ORDINARY_FOR_EACH_HARD if name == ORDINARY else 1)
            if not number:
                measure(calls, requests=requests, connections=1, server_pids=served.pids)
            rounds[name].append(measure(calls, requests=count, connections=1, server_pids=served.pids))
    print(file=sys.stderr)
    return rounds


def tell_of_hard_pages(rounds: dict[str, list[Measured]]) -> None:
    """Print what each kind of hard page costs in terms of an ordinary one."""
    cpu = {name: statistics.median(each.cpu_ms for each in some) for name, some in rounds.items()}
    print("\n| page | p50 ms | cpu ms | cpu ÷ ordinary | failures |")
    print("|---|---|---|---|---|")
    for name, some in rounds.items():
        p50 = statistics.median(each.p50_ms for each in some)
        failures = sum(each.failures for each in some)
        print(f"| {name} | {p50:.2f} | {cpu[name]:.2f} | {cpu[name] / cpu[ORDINARY]:.1f} | {failures} |")


def hard_calls(state: DevState, served: Served, size: int) -> Iterator[tuple[str, list[Call]]]:
    """Yield pages of about so many bytes, each for a viewer whose terms fit its texts badly."""
    for name, make in HOSTILE.items():
        terms, text = make(size // FIRST.candidates)
        viewer = a_viewer_with(state, served, {"keyword_filters": [*_filters_of(terms)]})
        caption = text.encode()[: size // FIRST.candidates].decode(errors="ignore")
        page = a_request(viewer, [*_candidates(caption)])
        body = json.dumps(page, ensure_ascii=False).encode()
        yield name, [Call.post(served.base_url, FILTER, body, token=feed_token(state))]


def _candidates(caption: str) -> Iterator[dict[str, Any]]:
    chance = random.Random(1)
    for number in range(FIRST.candidates):
        author = f"author-{chance.randrange(1_000_000)}"
        yield {"id": f"p{number}", "author_id": author, "caption": f"{caption} {number}"}


def _filters_of(terms: Sequence[Term]) -> Iterator[dict[str, Any]]:
    alike: defaultdict[tuple[Mode, Strictness], list[str]] = defaultdict(list)
    for term in terms:
        alike[term.mode, term.strictness].append(term.text)
    for (mode, strictness), texts in alike.items():
        for first in range(0, len(texts), TERMS_PER_FILTER):
            yield {"terms": texts[first : first + TERMS_PER_FILTER], "mode": mode, "strictness": strictness}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
