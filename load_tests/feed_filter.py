"""The feed path against its baselines: python -m load_tests.feed_filter, on servers of its own.

Serves the same app with baselines beside it on a processor of its own, and stock Flask beside that, and sends from
the other. Rounds are short and interleaved, so that a machine that slows down slows all of them; ratios are medians of
those of each round. The viewer is none of those one in a hundred whose feeds are decided a second time for the figures,
unlike everybody in ``./dev``.
"""

import argparse
import json
import secrets
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http import HTTPStatus
from itertools import repeat
from typing import Any, TypeAlias

import msgspec
import redis

from load_tests.deployment import NOBODY_LOOKED_AT_TWICE, OwnServers, a_copy, own_servers
from load_tests.driver import Call, Connection, Timed, cpu_seconds, p50_and_p99_ms, send_at
from load_tests.population import NAIVE_RULES, Shape, a_page, terms
from load_tests.serving import Served, pin_driver, serving, serving_plainly
from service.domain.exports import FORMAT
from service.local.keys import make_token
from service.local.state import DevState

FIRST = Shape(candidates=200, terms=50, blocks=1_000)
ROUNDS = 30
APP = "load_tests.baselines:app"
FILTER = "/v1/feed/filter"
NAIVE, SLOWNESS = "naive", 10
"""It is asked so many times less, or it would take all the time there is."""
JSON_FILTER = "filter, JSON"
STOCK = "load_tests.stock_flask:app"
BASELINES = {
    "no-op": "/v1/feed/baseline/no-op",
    "Flask's JSON": "/v1/feed/baseline/flask-json",
    "parse only": "/v1/feed/baseline/parse-only",
    NAIVE: "/v1/feed/baseline/naive",
}
STOCK_BASELINES = {"stock Flask": "/nothing", "stock Flask, as much": "/as-much"}
GROWTH = (
    FIRST,
    *(replace(FIRST, candidates=number) for number in (50, 500)),
    *(replace(FIRST, terms=number) for number in (0, 10, 200, 1_000)),
    replace(FIRST, terms=1_000, are_said=False),
    *(replace(FIRST, blocks=number) for number in (0, 10_000)),
    Shape(candidates=500, terms=200, blocks=10_000),
)
"""The first shape, and others that differ from it in one thing; the last is the heaviest that is promised."""

Endpoint: TypeAlias = tuple[Served, list[Call]]
"""Who is asked, and what: the same calls again and again."""


def main(arguments: Sequence[str]) -> int:
    """Measure one shape against the baselines, or many shapes against each other, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.feed_filter", description=__doc__)
    parser.add_argument("--candidates", type=int, default=FIRST.candidates)
    parser.add_argument("--terms", type=int, default=FIRST.terms)
    parser.add_argument("--blocks", type=int, default=FIRST.blocks)
    parser.add_argument("--requests", type=int, default=1_200, help="an endpoint, over all rounds")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--growth", action="store_true", help="compare shapes instead of endpoints")
    parser.add_argument("--panel", action="store_true", help="take a viewer whose feeds are decided twice")
    chosen = parser.parse_args(arguments)
    shape = Shape(chosen.candidates, chosen.terms, chosen.blocks)
    with ExitStack() as stack:
        state, served = own_service(stack, {} if chosen.panel else NOBODY_LOOKED_AT_TWICE)
        if chosen.growth:
            endpoints = {str(each): (served, filter_calls(state, served, each)) for each in GROWTH}
            print_growth(run_rounds(endpoints, chosen.requests, chosen.connections))
        else:
            stock = stack.enter_context(serving_plainly(STOCK))
            viewer = a_viewer(state, served, shape)
            endpoints = endpoints_for(state, served, stock, _pages(viewer, shape))
            print_table(shape, run_rounds(endpoints, chosen.requests, chosen.connections))
    return 0


def own_service(
    stack: ExitStack, environment: dict[str, str] = NOBODY_LOOKED_AT_TWICE
) -> tuple[DevState, Served]:
    """Serve the service and its baselines until the stack unwinds, beside a driver on another processor."""
    _, state = own_state(stack)
    return state, stack.enter_context(serving(APP, state.environment() | environment))


def own_state(stack: ExitStack) -> tuple[OwnServers, DevState]:
    """Start PostgreSQL and Redis until the stack unwinds, beside the driver, so that the service is by itself."""
    pin_driver()
    servers = stack.enter_context(own_servers())
    return servers, a_copy(servers.folder, servers.postgres.url(), servers.valkey.url(), port=0)


def a_viewer(state: DevState, served: Served, shape: Shape) -> str:
    """Give a viewer the settings of a shape through the public API, and return their id."""
    wanted = terms(shape.terms, are_said=shape.are_said)
    blocked = [f"author-blocked-{number}" for number in range(shape.blocks)]
    brought = {
        "keyword_filters": [
            {"id": f"kf-load-{first}", "terms": wanted[first : first + 20], "strictness": "strict"}
            for first in range(0, shape.terms, 20)
        ],
        "blocks": [{"user_id": each} for each in blocked],
    }
    viewer = a_viewer_with(state, served, brought)
    naive = {"terms": [*wanted], "blocks": blocked}
    with redis.Redis.from_url(state.redis_url) as client:
        client.set(NAIVE_RULES.format(viewer), json.dumps(naive), ex=3600)
    return viewer


def a_viewer_with(state: DevState, served: Served, settings: Mapping[str, object]) -> str:
    """Import somebody's settings through the public API, and return their id."""
    viewer = f"load-{secrets.token_hex(4)}"
    token = make_token(state.folder, subject=viewer, scopes=["settings"], lifetime=timedelta(hours=1))
    body = json.dumps({"format": FORMAT, **settings}).encode()
    call = Call.post(served.base_url, "/v1/me/import?mode=replace", body, token=token)
    connection = Connection(call)
    status = connection.send(call.content)
    connection.close()
    if status != 200:
        raise RuntimeError(f"The import answered {status}.")
    return viewer


def endpoints_for(
    state: DevState, served: Served, stock: Served, pages: Sequence[Mapping[str, object]]
) -> dict[str, Endpoint]:
    """Return what is sent to each endpoint: the same twenty pages to all."""
    token = feed_token(state)
    as_json = [json.dumps(page, ensure_ascii=False).encode() for page in pages]
    as_msgpack = [msgspec.msgpack.encode(page) for page in pages]

    def posts(to: Served, path: str, bodies: Sequence[bytes], kind: str = "application/json") -> Endpoint:
        return to, [Call.post(to.base_url, path, body, token=token, kind=kind) for body in bodies]

    return (
        {name: posts(served, path, as_json) for name, path in BASELINES.items()}
        | {name: posts(stock, path, as_json) for name, path in STOCK_BASELINES.items()}
        | {
            JSON_FILTER: posts(served, FILTER, as_json),
            "filter, msgpack": posts(served, FILTER, as_msgpack, "application/msgpack"),
        }
    )


def filter_calls(state: DevState, served: Served, shape: Shape) -> list[Call]:
    """Return twenty pages of a shape for a viewer of that shape."""
    pages = _pages(a_viewer(state, served, shape), shape)
    bodies = (json.dumps(page, ensure_ascii=False).encode() for page in pages)
    return [Call.post(served.base_url, FILTER, body, token=feed_token(state)) for body in bodies]


def feed_token(state: DevState) -> str:
    """Return the token of a feed service."""
    return make_token(state.folder, subject="feed", scopes=["feed:filter"], lifetime=timedelta(hours=1))


def a_request(viewer: str, candidates: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a feed service asks for a page of candidates."""
    return {"viewer_id": viewer, "surface": "for_you", "slots": 20, "candidates": candidates}


def _pages(viewer: str, shape: Shape) -> list[dict[str, Any]]:
    return [a_request(viewer, a_page(shape, seed)) for seed in range(20)]


@dataclass(slots=True)
class Taken:
    """What one endpoint took, round after round."""

    answers: list[Timed] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    """Of the server's processor time, for each request of a round."""
    seconds: float = 0.0

    def add(self, calls: Sequence[Call], served: Served, requests: int, connections: int) -> None:
        """Ask so many times, each connection again as soon as it has its answer."""
        before, began = cpu_seconds(served.pids), time.monotonic()
        answers = send_at(calls, repeat(None, requests), connections=connections)
        self.seconds += time.monotonic() - began
        self.cpu_ms.append((cpu_seconds(served.pids) - before) / requests * 1000)
        self.answers += answers

    def row(self, *ratios: str) -> str:
        """Return a row of a table, with some figures of the caller's own before the last."""
        p50, p99 = p50_and_p99_ms(self.answers)
        per_second = len(self.answers) / self.seconds
        failures = sum(each.status != HTTPStatus.OK for each in self.answers)
        figures = (f"{per_second:,.0f}", f"{p50:.2f}", f"{p99:.2f}", f"{statistics.median(self.cpu_ms):.2f}")
        return " | ".join((*figures, *ratios, str(failures)))


def run_rounds(endpoints: Mapping[str, Endpoint], requests: int, connections: int) -> dict[str, Taken]:
    """Ask every endpoint in turn, round after round; the first round only warms up.

    Rounds are short, for the pace of a shared machine may change within a second.
    """
    taken = {name: Taken() for name in endpoints}
    for number in range(ROUNDS + 1):
        print(f"\rround {number} of {ROUNDS}", end="", file=sys.stderr, flush=True)
        for name, (served, calls) in endpoints.items():
            of_a_round = max(requests // ROUNDS // (SLOWNESS if name == NAIVE else 1), 1)
            (taken[name] if number else Taken()).add(calls, served, of_a_round, connections)
    print(file=sys.stderr)
    return taken


def typical_ratio(one: Taken, other: Taken) -> float:
    """Return how the processor times of two endpoints compare: the median over rounds, in each of which both ran."""
    return statistics.median(mine / theirs for mine, theirs in zip(one.cpu_ms, other.cpu_ms, strict=True))


def print_table(shape: Shape, taken: Mapping[str, Taken]) -> None:
    """Print what was taken, and what the filter costs in terms of each baseline."""
    print(f"{shape}, medians of {ROUNDS} rounds")
    print("| endpoint | requests/s | p50 ms | p99 ms | cpu ms | filter (JSON) cpu ÷ this | failures |")
    print("|---|---|---|---|---|---|---|")
    for name, each in taken.items():
        print(f"| {name} | {each.row(f'{typical_ratio(taken[JSON_FILTER], each):.3g}')} |")


def print_growth(taken: Mapping[str, Taken]) -> None:
    """Print what each shape costs, and how it compares with the first for each candidate."""
    print(f"medians of {ROUNDS} rounds, JSON, one connection")
    print(
        "| shape | requests/s | p50 ms | p99 ms | cpu ms | cpu ÷ first | for each candidate ÷ first | failures |"
    )
    print("|---|---|---|---|---|---|---|---|")
    first = taken[str(FIRST)]
    for shape in GROWTH:
        each = taken[str(shape)]
        ratio = typical_ratio(each, first)
        alike = ratio * FIRST.candidates / shape.candidates
        print(f"| {shape} | {each.row(f'{ratio:.2f}', f'{alike:.2f}')} |")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
