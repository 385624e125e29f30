"""Tries to learn from answers and their times who blocked whom: ``python -m load_tests.block_secrecy [ROUNDS]``.

Each round has three worlds, in turns: somebody blocked the observer; the same somebody did not; nobody of that name
was ever there. In each, a new observer calls the service as it is, on servers of its own. Answers must be equal byte
for byte but for what is opaque or a time, and times must not tell the worlds apart: the area under the curve of the
best threshold is 0.50, give or take 0.03. A planted delay of a fifth of a call must be found.
"""

import re
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Final

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from load_tests.deployment import own_servers
from service.app import create_app
from service.config import CONSISTENCY_KEY_BYTES, Config
from service.local.keys import AUDIENCE, ISSUER, ensure_keys, make_token

ROUNDS: Final = 1_500
LARGEST_BIAS: Final = 0.03
HOUR: Final = timedelta(hours=1)
WORLDS: Final = ("blocked", "not blocked", "nobody there")
CALLS: Final = (
    ("GET", "/v1/me/settings"),
    ("PUT", "/v1/me/blocks/{target}"),
    ("GET", "/v1/me/blocks"),
    ("DELETE", "/v1/me/blocks/{target}"),
    ("PUT", "/v1/me/mutes/user/{target}"),
)
_OPAQUE: Final = re.compile(rb'"(?:created_at|expires_at)":"[^"]*"')

Times = dict[tuple[str, str], dict[str, list[float]]]


def main(arguments: Sequence[str]) -> int:
    """Measure, print a line for every call, and tell whether nothing can be learned."""
    rounds = int(arguments[0]) if arguments else ROUNDS
    with running() as (app, state):
        times = observe(app, state, rounds)
    worst = report(times)
    print(f"largest distance from 0.50: {worst:.3f} (at most {LARGEST_BIAS})")
    return 0 if worst <= LARGEST_BIAS and finds_a_planted_delay(times) else 1


def observe(app: Flask, state: Path, rounds: int) -> Times:
    """Let a new observer of each world make every call, the worlds in an order drawn anew for each."""
    random, client = Random(21), app.test_client()
    times: Times = {call: {world: [] for world in WORLDS} for call in CALLS}
    for number in range(rounds + 20):
        texts: dict[tuple[str, str], set[tuple[object, ...]]] = {call: set() for call in CALLS}
        tokens = {world: prepare(client, state, world, number) for world in WORLDS}
        for call in CALLS:
            for world in random.sample(WORLDS, len(WORLDS)):
                token = tokens[world]
                begun = time.perf_counter_ns()
                answer = send(client, token, call, f"target-{number}-{len(world):02}")
                took = (time.perf_counter_ns() - begun) / 1e6
                texts[call].add(text_of(answer, f"target-{number}-{len(world):02}"))
                if number >= 20:  # the first ones warm up
                    times[call][world].append(took)
        differing = [call for call, each in texts.items() if len(each) > 1]
        if differing:
            raise SystemExit(f"answers differ between worlds: {differing}")
    return times


def prepare(client: FlaskClient, state: Path, world: str, number: int) -> str:
    """Make a world with an observer who has settings of their own already; return the observer's token."""
    name = f"{number}-{len(world):02}"
    observer, target = f"observer-{name}", f"target-{name}"
    mine = token_of(state, observer)
    put(client, mine, "bystander")
    if world != "nobody there":
        put(client, token_of(state, target), observer if world == "blocked" else "somebody-else")
    return mine


def put(client: FlaskClient, token: str, target: str) -> None:
    """Block somebody."""
    answer = send(client, token, ("PUT", "/v1/me/blocks/{target}"), target)
    assert answer.status_code == 201, answer.text


def send(client: FlaskClient, token: str, call: tuple[str, str], target: str) -> TestResponse:
    """Make one call."""
    method, path = call
    headers = {"Authorization": f"Bearer {token}", "X-Request-ID": "r"}
    return client.open(path.format(target=target), method=method, headers=headers)


def text_of(answer: TestResponse, target: str) -> tuple[object, ...]:
    """Return an answer without times, names of this world and what is opaque, but with its length."""
    headers = {name: value for name, value in answer.headers if name not in {"ETag", "Consistency-Token"}}
    opaque = [len(answer.headers.get(name, "")) for name in ("ETag", "Consistency-Token")]
    body = _OPAQUE.sub(b"", answer.data).replace(target.encode(), b"target")
    return answer.status_code, tuple(sorted(headers.items())), tuple(opaque), body


def token_of(state: Path, user_id: str) -> str:
    """Return a token of a user."""
    return make_token(state, subject=user_id, scopes=["settings"], lifetime=HOUR)


def report(times: Times) -> float:
    """Print medians and areas under the curve; return the largest distance of one from a half."""
    worst = 0.0
    print(
        "call                                   median ms in each world     area: blocked or not, or nobody there"
    )
    for (method, path), by_world in times.items():
        blocked, free, nobody = (by_world[world] for world in WORLDS)
        areas = [area_under_curve(blocked, free), area_under_curve(blocked, nobody)]
        medians = "  ".join(f"{statistics.median(each):6.2f}" for each in (blocked, free, nobody))
        print(f"{method:6} {path:30}  {medians}     {areas[0]:.3f}  {areas[1]:.3f}")
        worst = max([worst, *(abs(area - 0.5) for area in areas)])
    return worst


def finds_a_planted_delay(times: Times) -> bool:
    """Tell whether the measure would notice calls that take a fifth longer for blocked people."""
    free = times[CALLS[0]]["not blocked"]
    area = area_under_curve([each * 1.2 for each in free], times[CALLS[0]]["blocked"])
    print(f"with a planted delay of a fifth: {area:.3f}")
    return abs(area - 0.5) > LARGEST_BIAS


def area_under_curve(some: Sequence[float], others: Sequence[float]) -> float:
    """Return how often a random one of some is longer than a random one of the others; ties count half."""
    ranked = sorted([(each, 1) for each in some] + [(each, 0) for each in others])
    ranks = sum(rank for rank, (_, is_some) in enumerate(ranked, 1) if is_some)
    return (ranks - len(some) * (len(some) + 1) / 2) / (len(some) * len(others))


@contextmanager
def running() -> Iterator[tuple[Flask, Path]]:
    """Run the service in this process, on servers of its own."""
    with own_servers() as servers:
        app = create_app(
            Config(
                database_url=servers.postgres.url(),
                redis_url=servers.valkey.url(),
                auth_jwks=str(ensure_keys(servers.folder / "state")),
                auth_issuer=ISSUER,
                auth_audience=AUDIENCE,
                consistency_key=bytes(range(1, CONSISTENCY_KEY_BYTES + 1)),
                log_level="ERROR",
            )
        )
        yield app, servers.folder / "state"
        app.extensions["servers"].engine.dispose()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
