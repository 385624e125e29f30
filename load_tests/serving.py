"""Runs the service beside its baselines: the same app, the same gunicorn, on a processor of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.local.processes import free_port, port_is_free

_START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Served:
    """A server under measurement: where it answers, and the processes that do its work."""

    base_url: str
    pids: Sequence[int]


@contextmanager
def serving(
    application: str, environment: dict[str, str], *, workers: int = 1, threads: int = 4
) -> Iterator[Served]:
    """Serve a WSGI application with the settings of production, on processor 0 where there are two."""
    port = free_port()
    settings = {
        "PORT": str(port),
        "WEB_WORKERS": str(workers),
        "WEB_THREADS": str(threads),
        "ENVIRONMENT": "development",
    }
    options = ["-c", "service/gunicorn_conf.py", application]
    with _gunicorn(options, port, os.environ | environment | settings, workers) as served:
        yield served


@contextmanager
def serving_plainly(application: str) -> Iterator[Served]:
    """Serve a WSGI application as ``serving`` does, but with gunicorn's own settings and nothing of ours."""
    port = free_port()
    like_ours = ["--worker-class", "gthread", "--threads", "4", "--keep-alive", "75", "--no-control-socket"]
    options = [*like_ours, "--bind", f"127.0.0.1:{port}", application]
    with _gunicorn(options, port, {**os.environ}, workers=1) as served:
        yield served


@contextmanager
def _gunicorn(
    options: Sequence[str], port: int, environment: dict[str, str], workers: int
) -> Iterator[Served]:
    command = [sys.executable, "-m", "gunicorn", "--log-level", "warning", *options]
    server = subprocess.Popen(command, env=environment, preexec_fn=pin_to_first)  # noqa: PLW1509  no thread runs yet
    try:
        _wait_for(port, server, workers)
        yield Served(f"http://127.0.0.1:{port}", _children(server.pid))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def pin_driver() -> None:
    """Keep the measuring process off the processor that serves."""
    if (os.cpu_count() or 1) > 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {1})


def pin_to_first() -> None:
    """Keep a process on the processor that serves."""
    if (os.cpu_count() or 1) > 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {0})


def _wait_for(port: int, server: subprocess.Popen[bytes], workers: int) -> None:
    """Wait until all workers are there: the port is open a second before."""
    give_up = time.monotonic() + _START_SECONDS
    while port_is_free(port) or len(_children(server.pid)) < workers:
        if server.poll() is not None or time.monotonic() > give_up:
            raise RuntimeError("The server under measurement did not start.")
        time.sleep(0.05)
    time.sleep(0.5)


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]
