"""Whether promises hold while everything breaks: ``python -m load_tests.faults [--minutes 10] [--only NAME]``.

Traffic as in ``token_history``, judged by ``histories``, on servers of its own behind proxies. Every 5 to 15 seconds
something breaks for up to ten: Redis or PostgreSQL is cut off, slowed down, flushed, killed, or a worker is. Nothing
may be kept against a token; outside of PostgreSQL's outages 99 of 100 decisions must be definite. ``--only`` breaks one
thing over and over, ``--seconds`` says for how long, and the table tells times before, during and after.
"""

import argparse
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final, Self

import redis

from load_tests.deployment import Deployment, OwnServers, deployed, own_servers
from load_tests.histories import Flaw, Histories
from load_tests.token_history import Heard, Size, Traffic
from tests.fault_proxy import FaultProxy

PAUSE_SECONDS: Final = (5.0, 15.0)
LONGEST_SECONDS: Final = 10.0
SETTLING_SECONDS: Final = 3.0
"""How long after PostgreSQL is back its outage still counts: a probe finds out, and pools fill."""
DEFINITE_AT_LEAST: Final = 0.99
FORBIDDEN: Final = (Flaw.KEPT, Flaw.BEHIND, Flaw.AHEAD, Flaw.DIFFERS, Flaw.WENT_BACK)
WITHOUT_STORE: Final = frozenset(
    {"postgres refuses", "postgres hangs", "postgres is slow", "postgres is killed", "both refuse"}
)


@dataclass(frozen=True, slots=True)
class Scene:
    """What can be broken."""

    servers: OwnServers
    deployment: Deployment
    redis: FaultProxy
    postgres: FaultProxy
    chance: random.Random

    def flush(self) -> None:
        """Empty Redis."""
        with redis.Redis.from_url(self.servers.valkey.url()) as client:
            client.flushall()

    def heal(self) -> None:
        """End every fault of the network."""
        self.redis.heal()
        self.postgres.heal()

    def refuse_both(self) -> None:
        """Cut off both servers."""
        self.redis.refuse()
        self.postgres.refuse()

    def kill_valkey(self) -> None:
        """End Valkey; it comes back empty."""
        self.servers.valkey.kill()
        self.servers.valkey.start()

    def kill_postgres(self) -> None:
        """End PostgreSQL as a power cut would, and start it again."""
        self.servers.postgres.kill()
        self.servers.postgres.start()


FAULTS: Final[Mapping[str, Callable[[Scene], object]]] = {
    "redis is flushed": Scene.flush,
    "redis refuses": lambda scene: scene.redis.refuse(),
    "redis hangs": lambda scene: scene.redis.hold(),
    "redis is slow": lambda scene: scene.redis.delay(0.03),
    "redis answers late": lambda scene: scene.redis.delay(0.2, replies_only=True),
    "redis is cut": lambda scene: scene.redis.cut(),
    "redis is killed": Scene.kill_valkey,
    "postgres refuses": lambda scene: scene.postgres.refuse(),
    "postgres hangs": lambda scene: scene.postgres.hold(),
    "postgres is slow": lambda scene: scene.postgres.delay(0.1),
    "postgres is cut": lambda scene: scene.postgres.cut(),
    "postgres is killed": Scene.kill_postgres,
    "both refuse": Scene.refuse_both,
    "a worker is killed": lambda scene: scene.deployment.kill_a_worker(scene.chance),
}


@dataclass(frozen=True, slots=True)
class Episode:
    """Something that was broken, from when to when."""

    fault: str
    began: float
    ended: float


class Breaker:
    """Breaks something, waits, heals, waits, until it is told to stop; one fault at a time.

    ``faults`` names what may break, ``seconds`` how long each time (else up to ten), ``pause`` how long it is calm.
    """

    def __init__(
        self,
        scene: Scene,
        faults: Sequence[str] = tuple(FAULTS),
        *,
        seconds: float | None = None,
        pause: tuple[float, float] = PAUSE_SECONDS,
    ) -> None:
        self.episodes: list[Episode] = []
        self._scene, self._faults, self._seconds, self._pause = scene, faults, seconds, pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="breaker")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        chance = self._scene.chance
        while not self._stop.wait(chance.uniform(*self._pause)):
            fault = chance.choice(self._faults)
            began = time.monotonic()
            FAULTS[fault](self._scene)
            self._stop.wait(self._seconds or chance.uniform(1, LONGEST_SECONDS))
            self._scene.heal()
            self.episodes.append(Episode(fault, began, time.monotonic()))


def main(arguments: Sequence[str]) -> int:
    """Break, judge, and say whether every promise held."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=FAULTS)
    parser.add_argument("--seconds", type=float, help="how long each fault lasts")
    chosen = parser.parse_args(arguments)
    histories = Histories(6, healthy=False)
    with own_servers(durable=True) as servers, scenery(servers, chosen.seed) as scene:
        traffic = Traffic(scene.deployment, histories, Size(), seed=chosen.seed)
        faults = [chosen.only] if chosen.only else list(FAULTS)
        with Breaker(scene, faults, seconds=chosen.seconds) as breaker:
            traffic.run(seconds=chosen.minutes * 60, meanwhile=partial(show_progress, histories))
        late = scene.deployment.metric("redis_failures_total", why="timeout")
    print(file=sys.stderr)
    print(f"Redis did not answer within 50 ms {late:.0f} times")
    return report(histories, traffic.heard, breaker.episodes)


@contextmanager
def scenery(servers: OwnServers, seed: int) -> Iterator[Scene]:
    """Run the service behind proxies."""
    with (
        FaultProxy.before(servers.valkey.url()) as near,
        FaultProxy.before(servers.postgres.url()) as far,
        deployed(
            servers.folder, far.url(servers.postgres.url()), near.url(servers.valkey.url())
        ) as deployment,
    ):
        yield Scene(servers, deployment, near, far, random.Random(seed))


def show_progress(histories: Histories) -> None:
    """Say on one line how far the run is, where somebody watches."""
    if sys.stderr.isatty():
        wrong = sum(histories.flaws[flaw] for flaw in FORBIDDEN)
        print(
            f"\r{histories.decisions.total():>12,} decisions, {wrong} wrong",
            end="",
            file=sys.stderr,
            flush=True,
        )


def report(histories: Histories, heard: Sequence[Heard], episodes: Sequence[Episode]) -> int:
    """Print a line for every fault and one for the time without any; tell whether all promises held."""
    print(f"{histories.decisions.total():,} decisions, {len(episodes)} faults")
    print(
        "| while | calls | 503 | none | other | feeds 2xx | definite | feed p50 ms | feed p99 ms | write p99 ms |"
        " slowest write ms |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    by_fault: dict[str, list[Heard]] = {"nothing": []}
    for each in heard:
        by_fault.setdefault(fault_at(each.at, episodes), []).append(each)
    for fault, some in sorted(by_fault.items()):
        print(line_of(fault, some))
    served = [each for fault, some in by_fault.items() if fault not in WITHOUT_STORE for each in some]
    definite = definite_share(served)
    wrong = {str(flaw): histories.flaws[flaw] for flaw in FORBIDDEN if histories.flaws[flaw]}
    broken = Counter(each.status for each in heard if each.status >= 500 and each.status != 503)
    print(f"definite outside PostgreSQL's outages: {definite:.4f} (at least {DEFINITE_AT_LEAST})")
    print(f"wrong: {wrong or 'nothing'}; other 5xx: {dict(broken) or 'none'}")
    print("\n".join(histories.examples))
    return 0 if not wrong and not broken and definite >= DEFINITE_AT_LEAST else 1


def fault_at(at: float, episodes: Sequence[Episode]) -> str:
    """Name what was broken when a call began; PostgreSQL's outages last until it is settled."""
    for each in episodes:
        settling = SETTLING_SECONDS if each.fault in WITHOUT_STORE else 0
        if each.began - 1 <= at <= each.ended + settling:
            return each.fault
    return "nothing"


def line_of(fault: str, some: Sequence[Heard]) -> str:
    """Return a row of the table."""
    statuses = Counter(each.status for each in some)
    known = sum(statuses[status] for status in (200, 201, 204, 503, 0))
    feeds = [each for each in some if each.what == "feed"]
    answered = sum(each.status == 200 for each in feeds) / len(feeds) if feeds else 1.0
    feed = cuts(each.milliseconds for each in feeds)
    writes = [each.milliseconds for each in some if each.what == "write"]
    return (
        f"| {fault} | {len(some):,} | {statuses[503]:,} | {statuses[0]:,} | {len(some) - known} | {answered:.4f} | "
        f"{definite_share(some):.4f} | {feed[0]:.0f} | {feed[1]:.0f} | {cuts(writes)[1]:.0f} | "
        f"{max(writes, default=0):.0f} |"
    )


def cuts(times: Iterable[float]) -> tuple[float, float]:
    """Return the median and the 99th of a hundred."""
    found = list(times)
    if len(found) < 2:
        return (found[0], found[0]) if found else (0.0, 0.0)
    parts = statistics.quantiles(found, n=100)
    return parts[49], parts[98]


def definite_share(some: Sequence[Heard]) -> float:
    """Return how many feeds of all were decided for sure."""
    feeds = [each for each in some if each.what == "feed"]
    return sum(each.is_definite for each in feeds) / len(feeds) if feeds else 1.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
