"""What the feed path costs when things are not as they mostly are: ``python -m load_tests.feed_conditions``.

Asks, in interleaved rounds, for the feed of a viewer whom the worker holds ready, of viewers whom only Redis holds, and
of viewers whom only PostgreSQL knows, each asked for once; then stops Redis and asks for the first one again.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from load_tests.deployment import NOBODY_LOOKED_AT_TWICE
from load_tests.driver import Call, Connection, Measured, measure
from load_tests.feed_filter import APP, FILTER, FIRST, a_request, a_viewer, feed_token, own_state
from load_tests.population import a_page
from load_tests.serving import Served, serving
from service.local.state import DevState

ROUNDS: Final = 9
PAGES: Final = 20
WARM, FROM_REDIS, FROM_POSTGRES = "held by the worker", "held by Redis alone", "in PostgreSQL alone"
WITHOUT_REDIS: Final = "Redis stopped"
_QUIETLY: Final = {"LOG_LEVEL": "ERROR"}


@dataclass(frozen=True, slots=True)
class Stage:
    """A worker under measurement, and another one on the same servers that can have seen viewers before it."""

    state: DevState
    measured: Served
    other: Served

    def viewer(self) -> str:
        """Return somebody new, with the settings of the first shape."""
        return a_viewer(self.state, self.other, FIRST)

    def asking(self, served: Served, viewer: str, number: int) -> Call:
        """Return the request for one of this viewer's pages."""
        page = a_request(viewer, _candidates(number % PAGES))
        body = json.dumps(page, ensure_ascii=False).encode()
        return Call.post(served.base_url, FILTER, body, token=feed_token(self.state))

    def strangers(self, how_many: int, *, known_to_redis: bool) -> list[Call]:
        """Return requests for people whom the measured worker never heard of."""
        viewers = [self.viewer() for _ in range(how_many)]
        if known_to_redis:
            for number, viewer in enumerate(viewers):
                _send(self.asking(self.other, viewer, number))
        return [self.asking(self.measured, viewer, number) for number, viewer in enumerate(viewers)]


def main(arguments: Sequence[str]) -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.feed_conditions", description=__doc__)
    parser.add_argument("--requests", type=int, default=20, help="a round and condition")
    requests: int = parser.parse_args(arguments).requests
    with ExitStack() as stack:
        servers, state = own_state(stack)
        environment = state.environment() | NOBODY_LOOKED_AT_TWICE | _QUIETLY
        measured, other = (stack.enter_context(serving(APP, environment)) for _ in range(2))
        stage = Stage(state, measured, other)
        viewer = stage.viewer()
        usual = [stage.asking(measured, viewer, number) for number in range(PAGES)]
        rounds = _rounds_of(stage, usual, requests)
        servers.valkey.stop()
        _measured(stage, usual, requests)  # until Redis is left alone
        rounds[WITHOUT_REDIS] = [_measured(stage, usual, requests) for _ in range(ROUNDS)]
    print_table(rounds)
    return 0


def _rounds_of(stage: Stage, usual: Sequence[Call], requests: int) -> dict[str, list[Measured]]:
    """Measure every condition in turn, round after round; the first round only warms up."""
    rounds: dict[str, list[Measured]] = {WARM: [], FROM_REDIS: [], FROM_POSTGRES: []}
    for number in range(ROUNDS + 1):
        print(f"\rround {number} of {ROUNDS}", end="", file=sys.stderr, flush=True)
        calls = {
            WARM: usual,
            FROM_REDIS: stage.strangers(requests, known_to_redis=True),
            FROM_POSTGRES: stage.strangers(requests, known_to_redis=False),
        }
        for name, some in calls.items():
            found = _measured(stage, some, requests)
            if number:
                rounds[name].append(found)
    print(file=sys.stderr)
    return rounds


def _measured(stage: Stage, calls: Sequence[Call], requests: int) -> Measured:
    return measure(calls, requests=requests, connections=1, server_pids=stage.measured.pids)


def print_table(rounds: dict[str, list[Measured]]) -> None:
    """Print medians over rounds, and what each condition costs in terms of the first: the median of its rounds."""
    print(f"{FIRST}, medians of {ROUNDS} rounds")
    print("| the viewer's rules are | p50 ms | p99 ms | cpu ms | p99 ÷ first | cpu ÷ first | failures |")
    print("|---|---|---|---|---|---|---|")
    for name, some in rounds.items():
        p50, p99, cpu = (statistics.median(each) for each in zip(*map(_figures, some), strict=True))
        compared = [
            (one.p99_ms / usual.p99_ms, one.cpu_ms / usual.cpu_ms)
            for one, usual in zip(some, rounds[WARM], strict=True)
        ]
        p99_ratio, cpu_ratio = (statistics.median(each) for each in zip(*compared, strict=True))
        failures = sum(each.failures for each in some)
        print(
            f"| {name} | {p50:.2f} | {p99:.2f} | {cpu:.2f} | {p99_ratio:.2f} | {cpu_ratio:.2f} | {failures} |"
        )


def _figures(measured: Measured) -> tuple[float, float, float]:
    return measured.p50_ms, measured.p99_ms, measured.cpu_ms


@cache
def _candidates(number: int) -> list[dict[str, Any]]:
    return a_page(FIRST, number)


def _send(call: Call) -> None:
    connection = Connection(call)
    connection.send(call.content)
    connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
