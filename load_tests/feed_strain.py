"""The feed path under strain: ``python -m load_tests.feed_strain``, on servers of its own.

First as many requests as it can answer, then six tenths of that, evenly spaced and by chance, then evenly so that the
service keeps its processor six tenths busy, in turns of five seconds. A request that finds no connection free waits for
one, which counts. Told beside all of them are those for which the machine was there: due in half seconds in which no
time was stolen, no other program had the processor and its pace was the usual one, as in the half second before, and
until no request waits any more that did then. When a request was due decides, never how long it took; as many chosen
blindly, half a run later, show what choosing does by itself. Fails where requests that were left alone, and kept the
processor six tenths busy, miss what ``thresholds.toml`` wants: of a machine whose pace halves within seconds, six
tenths of what it could do just before may be all that it can do now.

Then pages of the same size that are made to be hard, for viewers whose terms are, in turns with an ordinary page. No
two texts of a hard page are alike.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tomllib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import compress
from pathlib import Path
from typing import Any, Final

from load_tests.driver import (
    Call,
    Measured,
    Timed,
    by_chance,
    cpu_seconds,
    evenly,
    measure,
    p50_and_p99_ms,
    send_at,
)
from load_tests.feed_filter import (
    FILTER,
    FIRST,
    a_request,
    a_viewer_with,
    feed_token,
    filter_calls,
    own_service,
)
from load_tests.machine import (
    CONDITIONS,
    WINDOW_SECONDS,
    Look,
    Window,
    left_alone,
    watching,
    windows_of,
)
from load_tests.matching_speed import HOSTILE
from load_tests.serving import Served
from service.domain.keyword_filters import TERMS_PER_FILTER
from service.domain.matching import Mode, Strictness, Term
from service.local.state import DevState

OF_CAPACITY: Final = 0.6
TO_CAPACITY: Final = 200
"""Requests that tell what can be done; more would tell of a pace that is over."""
TURN_SECONDS: Final = 5.0
BUSY: Final = "evenly spaced, the processor six tenths busy"
BLINDLY: Final = "as many, blindly"
CONNECTIONS: Final = 8
WANTED: Final = tomllib.loads(Path(__file__).with_name("thresholds.toml").read_text())["strain"]
ORDINARY: Final = "an ordinary page"
HARD_ROUNDS: Final = 3
ORDINARY_FOR_EACH_HARD: Final = 10
"""A hard page takes many times as long, so that a few of them tell as much."""


def main(arguments: Sequence[str]) -> int:
    """Measure both, print their tables, and fail where requests waited for no fault of the machine."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.feed_strain", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each load")
    parser.add_argument(
        "--requests", type=int, default=6, help="a round and kind of hard page; 0: no hard pages"
    )
    chosen = parser.parse_args(arguments)
    with ExitStack() as stack:
        state, served = own_service(stack)
        calls = filter_calls(state, served, FIRST)
        holds = tell_of_load(calls, served, chosen.seconds)
        if chosen.requests:
            hard = {ORDINARY: calls} | dict(hard_calls(state, served, len(calls[0].content)))
            tell_of_hard_pages(measure_in_turns(hard, served, chosen.requests))
    return 0 if holds else 1


def tell_of_load(calls: Sequence[Call], served: Served, seconds: float) -> bool:
    """Print how the slowest of a hundred compare with the median while there is room, and tell whether that will do."""
    measure(calls, requests=200, connections=CONNECTIONS, server_pids=served.pids)
    with watching(served.pids) as looks:
        courses = in_turns(calls, served, round(seconds / TURN_SECONDS) or 1)
    tenths = statistics.quantiles((look.work * 1e6 for look in looks), n=10)
    print(
        f"{FIRST}, {CONNECTIONS} connections, load {os.getloadavg()[0]:.1f}; the same work took the processor"
    )
    print(
        f"{tenths[0]:.0f} µs in the fastest tenth of looks, {tenths[4]:.0f} in the middle, {tenths[8]:.0f} in the last"
    )
    undisturbed = {name: tell_of_course(name, course, looks) for name, course in courses.items()}
    return is_steady_enough(undisturbed[BUSY])


def in_turns(calls: Sequence[Call], served: Served, rounds: int) -> dict[str, "Course"]:
    """Send what each load is made of, turn after turn; each round begins with what can be done just then."""
    even, chance, busy = Course(calls, served), Course(calls, served), Course(calls, served)
    for number in range(rounds):
        print(f"\rround {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
        most = measure(calls, requests=TO_CAPACITY, connections=CONNECTIONS, server_pids=served.pids)
        rate = OF_CAPACITY * most.per_second
        cpu_seconds_each = even.send(evenly(rate, TURN_SECONDS))
        chance.send(by_chance(rate, TURN_SECONDS, seed=number))
        busy.send(evenly(OF_CAPACITY / cpu_seconds_each, TURN_SECONDS))
    print(file=sys.stderr)
    return {
        "evenly spaced": even,
        "by chance, as many": chance,
        BUSY: busy,
    }


class Course:
    """All turns of one load."""

    def __init__(self, calls: Sequence[Call], served: Served) -> None:
        self._calls = calls
        self._served = served
        self.turns: list[list[Timed]] = []

    def send(self, due: Iterable[float]) -> float:
        """Send the requests of one turn, and return the processor seconds that each of them cost."""
        before = cpu_seconds(self._served.pids)
        self.turns.append(send_at(self._calls, due, connections=CONNECTIONS))
        return (cpu_seconds(self._served.pids) - before) / len(self.turns[-1])

    def parts(self, looks: Sequence[Look]) -> dict[str, list[Window]]:
        """Return its half seconds by what did not disturb them, and as many as the last ones are, chosen blindly."""
        begins = (min(each.due for each in turn) for turn in self.turns)
        turns = [[*windows_of(looks, at - WINDOW_SECONDS, at + TURN_SECONDS)] for at in begins]
        windows = [window for turn in turns for window in turn[1:]]
        chosen = {
            name: [
                flag
                for half_seconds, answers in zip(turns, self.turns, strict=True)
                for flag in left_alone(half_seconds, disturbances, partial(waiting_at, answers))
            ]
            for name, disturbances in CONDITIONS.items()
        }
        strictest = [*chosen.values()][-1]
        half = len(strictest) // 2
        chosen[BLINDLY] = strictest[half:] + strictest[:half]
        return {name: [*compress(windows, flags)] for name, flags in chosen.items()}


def is_steady_enough(answers: Sequence[Timed]) -> bool:
    """Say whether requests that nothing disturbed took about equally long; too few of them say nothing."""
    if len(answers) < WANTED["requests"]:
        print(
            f"\nOnly {len(answers)} requests were left alone at six tenths: nothing can be said of p99 ÷ p50."
        )
        return True
    p50, p99 = p50_and_p99_ms(answers)
    print(
        f"\nSix tenths busy and left alone: p99 ÷ p50 {p99 / p50:.1f}; at most {WANTED['ratio']} is wanted."
    )
    return bool(p99 / p50 <= WANTED["ratio"])


def tell_of_course(name: str, course: Course, looks: Sequence[Look]) -> list[Timed]:
    """Print a row for each of its parts, and return the requests of that which nothing disturbed."""
    answers = [each for turn in course.turns for each in turn]
    median, _ = p50_and_p99_ms(answers)
    slow = [each for each in answers if each.seconds * 1000 > WANTED["ratio"] * median]
    failures = sum(each.status != 200 for each in answers)
    print(f"\n{name}: {len(answers) / len(course.turns) / TURN_SECONDS:,.0f} requests/s, {failures} failures")
    print(f"| due | requests | of all | busy | p50 ms | p99 ms | p99 ÷ p50 | of {len(slow):,} slow ones |")
    print("|---|---|---|---|---|---|---|---|")
    parts = course.parts(looks)
    for part, windows in parts.items():
        some = due_in(windows, answers)
        busy = statistics.mean(window.busy for window in windows) if windows else 0
        shares = f"{len(some) / len(answers):.0%} | {busy:.0%}"
        of_slow = len(due_in(windows, slow)) / max(1, len(slow))
        print(f"| {part} | {len(some):,} | {shares} | {figures_of(some)} | {of_slow:.0%} |")
    return due_in(parts[[*CONDITIONS][-1]], answers)


def figures_of(answers: Sequence[Timed]) -> str:
    """Return p50, p99 and their ratio as cells; they are left empty where too few requests would bear them."""
    if len(answers) < WANTED["requests"]:
        return "too few | |"
    p50, p99 = p50_and_p99_ms(answers)
    return f"{p50:.2f} | {p99:.2f} | {p99 / p50:.1f}"


def waiting_at(answers: Sequence[Timed], at: float) -> int:
    """Return how many requests were due by then and not answered yet."""
    return sum(each.due <= at < each.due + each.seconds for each in answers)


def due_in(windows: Sequence[Window], answers: Sequence[Timed]) -> list[Timed]:
    """Return the requests that should have begun in one of these windows, which are in order."""
    begins = [window.begins for window in windows]
    places = ((each, bisect_right(begins, each.due) - 1) for each in answers)
    return [each for each, place in places if place >= 0 and each.due < windows[place].ends]


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
