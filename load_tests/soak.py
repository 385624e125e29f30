"""Whether anything wears out: ``python -m load_tests.soak [--minutes 120] [--every 5]``.

Traffic of ``token_history`` at half of what the service can take, on servers of its own behind proxies, and every few
minutes one of the faults of ``faults``, but for the worker that is killed: its successor would begin anew. Nothing may
be kept against a token, and no process may grow by more than a megabyte an hour; what a process takes while it warms
up, in the first half of a run, is told and not judged.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import linear_regression
from typing import Final

from load_tests.deployment import own_servers
from load_tests.faults import FAULTS, Breaker, report, scenery, show_progress
from load_tests.histories import Histories
from load_tests.token_history import Size, Traffic

LASTING: Final = tuple(fault for fault in FAULTS if fault != "a worker is killed")
HALF_LOAD: Final = Size(writers=2, readers=6, rest=1.0, edits_apart_seconds=1.0)
PEOPLE: Final = 6
MOST_BLOCKS: Final = 60
"""How many each of them makes, in the first minutes: settings that go on growing would pass for a leak."""
LOOK_EVERY_SECONDS: Final = 10.0
GROWS_AT_MOST: Final = 1.0
"""MiB an hour."""

Samples = Sequence[tuple[float, float]]
"""When, in hours, and how much, in MiB."""


class Memory:
    """How much each process holds, from time to time."""

    def __init__(self, processes: Callable[[], Mapping[int, str]]) -> None:
        self._processes = processes
        self._due = 0.0
        self.names: dict[int, str] = {}
        self.samples: defaultdict[int, list[tuple[float, float]]] = defaultdict(list)

    def look(self) -> None:
        """Look at every process, if it is time."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + LOOK_EVERY_SECONDS
        for pid, name in self._processes().items():
            self.names[pid] = name
            self.samples[pid].append((now / 3600, resident_mib(pid)))


def resident_mib(pid: int) -> float:
    """Return what a process holds in memory, shared pages included."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def growth(samples: Samples) -> float:
    """Return by how many MiB an hour a process grows in the second half of a run."""
    late = samples[len(samples) // 2 :]
    return linear_regression(*zip(*late, strict=True)).slope if len(late) > 1 else 0.0


def main(arguments: Sequence[str]) -> int:
    """Run, judge, and say whether all was obeyed and nothing grew."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--every", type=float, default=5, help="minutes from one fault to the next")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    histories, pause = Histories(PEOPLE, healthy=False, most_blocks=MOST_BLOCKS), chosen.every * 60
    with own_servers(durable=True) as servers, scenery(servers, chosen.seed) as scene:

        def processes() -> dict[int, str]:
            return dict.fromkeys(scene.deployment.workers(), "worker") | {scene.deployment.relay.pid: "relay"}

        def watch() -> None:
            show_progress(histories)
            memory.look()

        memory = Memory(processes)
        traffic = Traffic(scene.deployment, histories, HALF_LOAD, seed=chosen.seed)
        with Breaker(scene, LASTING, pause=(pause, pause)) as breaker:
            traffic.run(seconds=chosen.minutes * 60, meanwhile=watch)
    print(file=sys.stderr)
    outcome = report(histories, traffic.heard, breaker.episodes)
    return max(outcome, report_memory(memory))


def report_memory(memory: Memory) -> int:
    """Print a line for every process; tell whether one grew too much."""
    print("| process | MiB at first | MiB half way | MiB at last | MiB an hour, second half |")
    print("|---|---|---|---|---|")
    for pid, samples in memory.samples.items():
        first, half, last = (samples[place][1] for place in (0, len(samples) // 2, -1))
        print(f"| {memory.names[pid]} | {first:.1f} | {half:.1f} | {last:.1f} | {growth(samples):+.1f} |")
    return int(any(growth(samples) > GROWS_AT_MOST for samples in memory.samples.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
