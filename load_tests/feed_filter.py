"""The feed path against its baselines: python -m load_tests.feed_filter, on servers of its own.

Serves the same app with baselines beside it on a processor of its own and sends from the other. Rounds are
interleaved, so that a machine that slows down slows all of them; ratios are of medians over rounds. The viewer is none
of those one in a hundred whose feeds are decided a second time for the figures, unlike everybody in ``./dev``.
"""

import argparse
import json
import secrets
import statistics
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import redis

from load_tests.deployment import NOBODY_LOOKED_AT_TWICE, OwnServers, a_copy, own_servers
from load_tests.driver import Call, Connection, Measured, measure
from load_tests.population import NAIVE_RULES, Shape, a_page, terms
from load_tests.serving import Served, pin_driver, serving
from service.domain.exports import FORMAT
from service.local.keys import make_token
from service.local.state import DevState

FIRST = Shape(candidates=200, terms=50, blocks=1_000)
ROUNDS = 5
APP = "load_tests.baselines:app"
FILTER = "/v1/feed/filter"
BASELINES = {
    "no-op": "/v1/feed/baseline/no-op",
    "stock Flask": "/v1/feed/baseline/stock",
    "parse only": "/v1/feed/baseline/parse-only",
    "naive": "/v1/feed/baseline/naive",
}
GROWTH = (
    FIRST,
    *(replace(FIRST, candidates=number) for number in (50, 500)),
    *(replace(FIRST, terms=number) for number in (0, 10, 200, 1_000)),
    *(replace(FIRST, blocks=number) for number in (0, 10_000)),
    Shape(candidates=500, terms=200, blocks=10_000),
)
"""The first shape, and others that differ from it in one thing; the last is the heaviest that is promised."""


def main(arguments: Sequence[str]) -> int:
    """Measure one shape against the baselines, or many shapes against each other, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.feed_filter", description=__doc__)
    parser.add_argument("--candidates", type=int, default=FIRST.candidates)
    parser.add_argument("--terms", type=int, default=FIRST.terms)
    parser.add_argument("--blocks", type=int, default=FIRST.blocks)
    parser.add_argument("--requests", type=int, default=400, help="a round and endpoint")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--growth", action="store_true", help="compare shapes instead of endpoints")
    parser.add_argument("--panel", action="store_true", help="take a viewer whose feeds are decided twice")
    chosen = parser.parse_args(arguments)
    shape = Shape(chosen.candidates, chosen.terms, chosen.blocks)
    with ExitStack() as stack:
        state, served = own_service(stack, {} if chosen.panel else NOBODY_LOOKED_AT_TWICE)
        if chosen.growth:
            calls = {str(each): filter_calls(state, served, each) for each in GROWTH}
            print_growth(run_rounds(calls, served, chosen.requests, chosen.connections))
        else:
            calls = calls_for(state, served, a_viewer(state, served, shape), shape)
            print_table(shape, run_rounds(calls, served, chosen.requests, chosen.connections))
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
    wanted = terms(shape.terms)
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


def calls_for(state: DevState, served: Served, viewer: str, shape: Shape) -> dict[str, list[Call]]:
    """Return what is sent to each endpoint: the same twenty pages to all."""
    token = feed_token(state)
    pages = _pages(viewer, shape)
    as_json = [json.dumps(page, ensure_ascii=False).encode() for page in pages]
    as_msgpack = [msgspec.msgpack.encode(page) for page in pages]
    calls = {
        name: [Call.post(served.base_url, path, body, token=token) for body in as_json]
        for name, path in BASELINES.items()
    }
    calls["filter, JSON"] = [Call.post(served.base_url, FILTER, body, token=token) for body in as_json]
    calls["filter, msgpack"] = [
        Call.post(served.base_url, FILTER, body, token=token, kind="application/msgpack")
        for body in as_msgpack
    ]
    return calls


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


def run_rounds(
    calls: dict[str, list[Call]], served: Served, requests: int, connections: int
) -> dict[str, list[Measured]]:
    """Measure every endpoint in turn, round after round; the first round only warms up."""
    rounds: dict[str, list[Measured]] = {name: [] for name in calls}
    for number in range(ROUNDS + 1):
        for name, some in calls.items():
            print(f"\rround {number} of {ROUNDS}: {name:20}", end="", file=sys.stderr, flush=True)
            measured = measure(some, requests=requests, connections=connections, server_pids=served.pids)
            if number:
                rounds[name].append(measured)
    print(file=sys.stderr)
    return rounds


def print_table(shape: Shape, rounds: dict[str, list[Measured]]) -> None:
    """Print medians over rounds, and what the filter costs in terms of each baseline."""
    cpu = {name: statistics.median(each.cpu_ms for each in some) for name, some in rounds.items()}
    print(f"{shape}, medians of {ROUNDS} rounds")
    print("| endpoint | requests/s | p50 ms | p99 ms | cpu ms | filter (JSON) cpu ÷ this | failures |")
    print("|---|---|---|---|---|---|---|")
    for name, some in rounds.items():
        per_second = statistics.median(each.per_second for each in some)
        p50 = statistics.median(each.p50_ms for each in some)
        p99 = statistics.median(each.p99_ms for each in some)
        failures = sum(each.failures for each in some)
        ratio = cpu["filter, JSON"] / cpu[name]
        print(
            f"| {name} | {per_second:,.0f} | {p50:.2f} | {p99:.2f} | {cpu[name]:.2f} | {ratio:.3g} | {failures} |"
        )


def print_growth(rounds: dict[str, list[Measured]]) -> None:
    """Print what each shape costs, and how it compares with the first for each candidate."""
    print(f"medians of {ROUNDS} rounds, JSON, one connection")
    print("| shape | p50 ms | p99 ms | cpu ms | cpu ÷ first | for each candidate ÷ first | failures |")
    print("|---|---|---|---|---|---|---|")
    first: float | None = None
    for (name, some), shape in zip(rounds.items(), GROWTH, strict=True):
        cpu = statistics.median(each.cpu_ms for each in some)
        first = first or cpu
        ratio = cpu / first
        p50 = statistics.median(each.p50_ms for each in some)
        p99 = statistics.median(each.p99_ms for each in some)
        alike = ratio * FIRST.candidates / shape.candidates
        failures = sum(each.failures for each in some)
        print(f"| {name} | {p50:.2f} | {p99:.2f} | {cpu:.2f} | {ratio:.2f} | {alike:.2f} | {failures} |")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
