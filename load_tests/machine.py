"""Sees what a machine keeps from the service while a run goes on: stolen time, time of other programs, and pace.

A host that runs more virtual machines than it has processors stops one of them for others, which Linux counts as
stolen. It also lets two of them share a core, each at little more than half its pace, which nobody counts: it shows
where a fixed piece of work takes twice the processor time. As ``python -m load_tests.machine PID...`` it looks at all
of this on the processor that serves, for 0.2 ms of every 50, until its input ends. Counters go by hundredths of a
second: one may be stolen in crumbs, long before it is told.
"""

import os
import select
import statistics
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from load_tests.driver import cpu_seconds
from load_tests.serving import pin_to_first

LOOK_SECONDS: Final = 0.05
WINDOW_SECONDS: Final = 0.5
SHARED: Final = 0.05
"""Of a window: what others had is reckoned from hundredths of a second, and so may be off by two of fifty."""
SLOWED: Final = 1.25
"""Times the processor time that the fixed piece of work takes in the middle of the run."""

_TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
_IDLE, _WAITING, _STOLEN = 4, 5, 8
"""Columns of ``/proc/stat``, see proc(5)."""


class Look(msgspec.Struct, frozen=True, array_like=True):
    """What counters told at one time, all in seconds; ``idle`` is the serving processor."""

    at: float
    idle: float
    stolen: float
    stolen_beside: float
    served: float
    work: float


@dataclass(frozen=True, slots=True)
class Window:
    """Half a second: what was stolen from either processor, shares of the one that serves, and what the work took."""

    begins: float
    ends: float
    stolen_seconds: float
    others: float
    busy: float
    work: float
    """As a multiple of what it took in the middle of the run."""


@contextmanager
def watching(pids: Sequence[int]) -> Iterator[list[Look]]:
    """Look at the machine until the block ends; what was seen is there then."""
    looks: list[Look] = []
    command = [sys.executable, "-m", "load_tests.machine", *map(str, pids)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as sentinel:
        time.sleep(2 * WINDOW_SECONDS)
        try:
            yield looks
            time.sleep(2 * WINDOW_SECONDS)
        finally:
            found, _ = sentinel.communicate()
    looks.extend(msgspec.json.decode(found, type=list[Look]))


def windows_of(looks: Sequence[Look], begins: float, ends: float) -> Iterator[Window]:
    """Cut some time into half seconds, each judged from the last look before it to the first one after it."""
    times = [look.at for look in looks]
    usual_work = statistics.median(look.work for look in looks)
    while begins < ends:
        until = begins + WINDOW_SECONDS
        before, after = bisect_left(times, begins) - 1, bisect_left(times, until)
        yield _window(begins, looks[max(before, 0) : after + 1], usual_work)
        begins = until


def left_alone(
    windows: Sequence[Window],
    disturbances: Sequence[Callable[[Window], bool]],
    waiting_at: Callable[[float], int],
) -> list[bool]:
    """Tell of each window but the first whether nothing disturbed it, and the wake of what did before is over.

    That takes half a second, and lasts until no request waits for another.
    """
    in_wake, flags = False, []
    for window in windows:
        is_disturbed = any(disturbs(window) for disturbs in disturbances)
        flags.append(not (is_disturbed or in_wake))
        in_wake = is_disturbed or (in_wake and waiting_at(window.ends) > 1)
    return flags[1:]


def time_was_stolen(window: Window) -> bool:
    """Tell whether either processor, the driver's included, was taken away."""
    return window.stolen_seconds > 0


def others_ran(window: Window) -> bool:
    """Tell whether programs beside the service used its processor."""
    return window.others > SHARED


def was_slowed(window: Window) -> bool:
    """Tell whether the serving processor did less than usual in its time."""
    return window.work > SLOWED


CONDITIONS: Final[dict[str, Sequence[Callable[[Window], bool]]]] = {
    "at any time": (),
    "while nothing was stolen": (time_was_stolen,),
    "nor had others the processor": (time_was_stolen, others_ran),
    "nor was it slowed": (time_was_stolen, others_ran, was_slowed),
}
"""Each asks for what the one before it does, and more."""


def _window(begins: float, looks: Sequence[Look], usual_work: float) -> Window:
    before, after = looks[0], looks[-1]
    seconds = after.at - before.at
    stolen, served = after.stolen - before.stolen, after.served - before.served
    return Window(
        begins=begins,
        ends=begins + WINDOW_SECONDS,
        stolen_seconds=stolen + after.stolen_beside - before.stolen_beside,
        others=(seconds - (after.idle - before.idle) - stolen - served) / seconds,
        busy=served / seconds,
        work=statistics.mean(look.work for look in looks) / usual_work,
    )


def _look(pids: Sequence[int]) -> Look:
    serving, beside = (_seconds(line) for line in Path("/proc/stat").read_text().splitlines()[1:3])
    at, served = time.monotonic(), cpu_seconds(pids)
    _work()  # fills the caches, which others have used since
    return Look(
        at=at,
        idle=serving[_IDLE] + serving[_WAITING],
        stolen=serving[_STOLEN],
        stolen_beside=beside[_STOLEN],
        served=served,
        work=_work(),
    )


def _seconds(line: str) -> list[float]:
    """Return a processor's line so that columns keep their numbers."""
    return [0.0, *(int(ticks) / _TICKS_PER_SECOND for ticks in line.split()[1:])]


def _work() -> float:
    began = time.thread_time()
    sum(range(2_000))
    return time.thread_time() - began


def main(arguments: Sequence[str]) -> int:
    """Look until the input ends, then print all that was seen."""
    pin_to_first()
    pids = [int(pid) for pid in arguments]
    looks: list[Look] = []
    while not select.select([sys.stdin], [], [], LOOK_SECONDS)[0]:
        looks.append(_look(pids))
    sys.stdout.buffer.write(msgspec.json.encode(looks))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
