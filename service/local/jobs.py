"""Runs the jobs behind the figures on a short cycle, each as a process of its own, as a scheduler would."""

import itertools
import signal
import subprocess
import sys
import threading
from types import FrameType

PAUSE_SECONDS = 25
NOW_AND_THEN = 20  # cycles


def main() -> int:
    """Run jobs until told to stop; a job that fails is tried again in the next cycle."""
    stop = threading.Event()

    def end(signum: int, frame: FrameType | None) -> None:
        del signum, frame
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    for cycle in itertools.count():
        for job in jobs_of(cycle):
            run(job, stop)
        if stop.wait(PAUSE_SECONDS):
            return 0
    return 0


def jobs_of(cycle: int) -> list[str]:
    """Return what is due: closing, which first takes and counts what waits, and now and then the others."""
    return ["close-days", "mine", "forget-people"] if cycle % NOW_AND_THEN == 1 else ["close-days"]


def run(job: str, stop: threading.Event) -> None:
    """Run one job to its end, or until told to stop: jobs can be killed anywhere."""
    if stop.is_set():
        return
    print(f"running {job}", flush=True)
    with subprocess.Popen([sys.executable, "-m", "service.cli", job], stdin=subprocess.DEVNULL) as process:
        while process.poll() is None:
            if stop.wait(0.2):
                process.terminate()
                break


if __name__ == "__main__":
    sys.exit(main())
