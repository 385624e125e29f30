"""A town's evening as load: ``python -m load_tests.journeys feed|phone|evening``, beside a running ``./dev``.

``feed`` is feed services alone, ``phone`` people with their settings alone, ``evening`` both. ``--redis cold`` empties
Redis every few seconds, ``stopped`` has ``./dev`` keep it stopped. With ``--url`` another service is called than that
of ``./dev``, where it trusts the keys in ``.dev/<PORT>/keys``. Says a line a second, ends with a table and, with
``--picture``, an SVG, and fails where ``thresholds.toml`` is not met.
"""

# isort: off
from locust.env import (
    Environment,
)  # replaces sockets and threads by its own, so it comes before whoever uses them
from locust.stats import RequestStats, StatsEntry
# isort: on

import argparse
import sys
import threading
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import redis

from load_tests.deployment import Client
from load_tests.journey_users import NOTHING, Caller, FeedService, Phone
from load_tests.picture import Line, Panel, picture
from load_tests.town import Town
from service.local.holding import hold, release
from service.local.state import DevState, find_state

JOURNEYS: Final[dict[str, list[type[Caller]]]] = {
    "feed": [FeedService],
    "phone": [Phone],
    "evening": [FeedService, Phone],
}
THRESHOLDS: Final = Path(__file__).with_name("thresholds.toml")
FLUSH_EVERY_SECONDS: Final = 5
SPARE_SECONDS: Final = 5
"""For how long Redis stays away beyond the run."""


@dataclass(slots=True)
class Course:
    """How a run went, a figure a second."""

    per_second: list[float] = field(default_factory=list)
    median: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    failures: list[float] = field(default_factory=list)

    def note(self, second: RequestStats) -> None:
        """Note the second that is over, and say a line about it."""
        all_of_it = second.total
        self.per_second.append(all_of_it.num_requests)
        self.failures.append(all_of_it.num_failures)
        self.median.append(all_of_it.median_response_time or 0)
        self.p99.append(all_of_it.get_response_time_percentile(0.99) or 0)
        print(
            f"\r{len(self.per_second):>5} s  {self.per_second[-1]:>5.0f} requests/s  p50 {self.median[-1]:>5.0f} ms  "
            f"p99 {self.p99[-1]:>5.0f} ms  {sum(self.failures):>4.0f} failures",
            end="",
            file=sys.stderr,
            flush=True,
        )

    def drawn(self, title: str) -> str:
        """Return the run as a picture."""
        rate = Panel("requests a second", [Line("answered", self.per_second), Line("failed", self.failures)])
        times = Panel("milliseconds", [Line("p50", self.median), Line("p99", self.p99)])
        return picture(title, [rate, times])


def main(arguments: Sequence[str]) -> int:
    """Play one journey; 1 where a threshold is not met."""
    chosen = _parser().parse_args(arguments)
    state = find_state()
    town = Town(state, chosen.url or state.base_url, chosen.people)
    settle(town)
    Caller.town = town
    with redis_being(chosen.redis, state, chosen.minutes * 60):
        stats, course = play(town, JOURNEYS[chosen.journey], chosen.users, chosen.minutes * 60)
    print(file=sys.stderr)
    print_table(stats)
    if chosen.picture:
        title = f"{chosen.journey}, Redis {chosen.redis}, {chosen.users} callers"
        chosen.picture.write_text(course.drawn(title), encoding="utf-8")
    wanted = tomllib.loads(THRESHOLDS.read_text())[chosen.journey][_state_of(chosen.redis)]
    missed = list(misses(stats, wanted))
    print("\n".join(missed) or "every threshold is met")
    return 1 if missed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m load_tests.journeys", description=__doc__)
    parser.add_argument("journey", choices=JOURNEYS)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--users", type=int, default=10, help="callers at once")
    parser.add_argument("--people", type=int, default=300, help="whose feeds and settings it is about")
    parser.add_argument("--redis", choices=["warm", "cold", "stopped"], default="warm")
    parser.add_argument("--url", help="another service than that of ./dev")
    parser.add_argument("--picture", type=Path, metavar="FILE.svg")
    return parser


def _state_of(redis_is: str) -> str:
    return "redis-stopped" if redis_is == "stopped" else redis_is


def settle(town: Town) -> None:
    """Give everybody their settings, and look at everybody's feed once."""
    with closing(Client(town.base_url)) as client:
        for number, person in enumerate(town.people, 1):
            town.settle(client, person)
            client.call("POST", "/v1/feed/filter", town.page_of(person), token=town.feed_token)
            if number % 10 == 0:
                print(f"\r{number} of {len(town.people)} people", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


@contextmanager
def redis_being(wanted: str, state: DevState, seconds: float) -> Iterator[None]:
    """Keep Redis warm, cold or stopped while a journey plays."""
    if wanted == "stopped":
        hold(state.folder, ["Valkey"], seconds + SPARE_SECONDS)
        time.sleep(1)
        yield
        release(state.folder)
    elif wanted == "cold":
        over = threading.Event()
        threading.Thread(target=_empty_until, args=(over, state.redis_url)).start()
        yield
        over.set()
    else:
        yield


def _empty_until(over: threading.Event, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        while not over.wait(FLUSH_EVERY_SECONDS):
            client.flushdb()


def play(
    town: Town, callers: Sequence[type[Caller]], users: int, seconds: float
) -> tuple[RequestStats, Course]:
    """Let everybody call for a while; return what was measured, in all and second by second."""
    environment = Environment(user_classes=list(callers), host=town.base_url)
    runner = environment.create_local_runner()
    course, second = Course(), RequestStats()
    environment.events.request.add_listener(_log_into(second))  # type: ignore[no-untyped-call]
    runner.start(users, spawn_rate=users)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(1)
        course.note(second)
        second.clear_all()
    runner.quit()
    return runner.stats, course


def _log_into(second: RequestStats) -> Any:
    def log(
        request_type: str, name: str, response_time: int, response_length: int, exception: object, **_: Any
    ) -> None:
        second.log_request(request_type, name, response_time, response_length)
        if exception:
            second.log_error(request_type, name, str(exception))

    return log


def print_table(stats: RequestStats) -> None:
    """Print a row for every kind of call."""
    print("| call | requests | a second | p50 ms | ÷ nothing | p95 ms | p99 ms | failures |")
    print("|---|---|---|---|---|---|---|---|")
    multiples = medians({entry.name: entry for entry in stats.entries.values()})
    for entry in [*sorted(stats.entries.values(), key=lambda each: -each.num_requests), stats.total]:
        p50, p95, p99 = (entry.get_response_time_percentile(share) or 0 for share in (0.5, 0.95, 0.99))
        multiple = f"{multiples[entry.name]:.1f}" if entry.name in multiples else ""
        print(
            f"| {entry.name} | {entry.num_requests:,} | {entry.total_rps:.1f} | {p50:.0f} | {multiple} "
            f"| {p95:.0f} | {p99:.0f} | {entry.num_failures} |"
        )
    for error in stats.errors.values():
        print(f"{error.occurrences} x {error.name}: {error.error}")


def misses(stats: RequestStats, wanted: Mapping[str, Any]) -> Iterator[str]:
    """Say which thresholds are not met; one about a call that was never made is not."""
    by_name: dict[str, StatsEntry] = {entry.name: entry for entry in stats.entries.values()}
    if stats.total.fail_ratio > wanted["failures"]:
        yield f"{stats.total.fail_ratio:.4f} of all calls failed; at most {wanted['failures']}"
    for name in {*wanted["p99"], *wanted["median"], NOTHING} - by_name.keys():
        yield f"{name}: never called"
    for name in wanted["p99"].keys() & by_name:
        if (p99 := by_name[name].get_response_time_percentile(0.99)) > wanted["p99"][name]:
            yield f"{name}: p99 {p99:.0f} ms; at most {wanted['p99'][name]}"
    for name, ratio in medians(by_name).items():
        if ratio > wanted["median"].get(name, ratio):
            yield f"{name}: median {ratio:.1f} of that of nothing; at most {wanted['median'][name]}"


def medians(by_name: Mapping[str, StatsEntry]) -> dict[str, float]:
    """Return the median of every kind of call, as a multiple of that of a call which asks for nothing."""
    if NOTHING not in by_name:
        return {}
    nothing = max(1.0, by_name[NOTHING].get_response_time_percentile(0.5))
    return {name: entry.get_response_time_percentile(0.5) / nothing for name, entry in by_name.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
