"""What runs on this machine, from /proc where there is one, else from ps."""

import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.02
ENDED = "Z"  # a process that has ended, but whose parent has not asked how


class Process(NamedTuple):
    """One line of the table."""

    pid: int
    parent: int
    state: str


def running() -> list[Process]:
    """List the processes that have not ended."""
    table = from_proc() if Path("/proc/self/stat").exists() else from_ps()
    return [process for process in table if not process.state.startswith(ENDED)]


def from_proc() -> list[Process]:
    """Read the table as Linux tells it."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = file.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it ended while we looked
        found.append(Process(int(file.parent.name), int(parent), state))
    return found


def from_ps() -> list[Process]:
    """Read the table as every Unix tells it."""
    lines = subprocess.run(
        ["ps", "-axo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    ).stdout
    return [
        Process(int(pid), int(parent), state) for pid, parent, state in map(str.split, lines.splitlines())
    ]


def descendants(pid: int) -> set[int]:
    """Give a process's children, their children, and so on."""
    table = running()
    found, fresh = set[int](), {pid}
    while fresh:
        fresh = {process.pid for process in table if process.parent in fresh} - found
        found |= fresh
    return found


def still_running(pids: Iterable[int]) -> set[int]:
    """Give those processes that do not end although they had time to."""
    wanted = set(pids)
    give_up = time.monotonic() + PATIENCE_SECONDS
    while (left := wanted & {process.pid for process in running()}) and time.monotonic() < give_up:
        time.sleep(PAUSE_SECONDS)
    return left
