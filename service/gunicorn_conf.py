"""How gunicorn serves the app: threads in a few processes that share what was loaded before they were forked."""

import gc
import os
from pathlib import Path

import structlog
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import ThreadWorker
from prometheus_client import multiprocess

from service.config import THREADS, whole_number
from service.domain.matching import IS_COMPILED, draw_charts

log = structlog.stdlib.get_logger(__name__)

_development = os.environ.get("ENVIRONMENT") == "development"
_metrics = Path(folder) if (folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR")) else None
if _metrics:
    _metrics.mkdir(parents=True, exist_ok=True)

_port = whole_number(os.environ, "PORT", 8000, most=65_535)
bind = f"{'127.0.0.1' if _development else '0.0.0.0'}:{_port}"  # noqa: S104
worker_class = "service.lingering.LingeringWorker"  # threads
workers = whole_number(os.environ, "WEB_WORKERS", os.cpu_count() or 1)
threads = whole_number(os.environ, "WEB_THREADS", THREADS)
preload_app = True  # one copy of the code and its tables, shared until written to
control_socket_disable = True  # nobody here talks to gunicorn, and a home folder may be read-only

# A worker answers within a second or has lost its database; a deployment waits this long for its requests.
timeout = 30
graceful_timeout = 10
keepalive = 75  # longer than load balancers keep an idle connection, so that they never use a closed one

# Bearer tokens are long, the rest of a head is short; bodies are bounded by the app.
limit_request_line = 4094
limit_request_fields = 50
limit_request_field_size = 8190

# Heartbeats are file changes; on a disk that is slow or full they would end healthy workers.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108

accesslog = None  # the app logs its requests itself, without what people asked for
# At debug it would quote heads of requests.
loglevel = (os.environ.get("LOG_LEVEL") or "info").lower().replace("debug", "info")


# Looking through all that a worker holds at its 128 MiB stops it for 0.1 to 0.3 s, and by Python's own settings it does
# so after each thousand viewers or so that it reads anew; here, after ten thousand. What requests leave is found among
# the young, but for the little that was under way just then (load_tests/README.md).
_COLLECTED_AFTER = (700, 10, 100)


def on_starting(_server: Arbiter) -> None:
    """Empty the folder of the metrics, where files of earlier processes would count again.

    The app is loaded by now, so this process has opened files of its own there.
    """
    for file in _metrics.glob("*.db") if _metrics else ():
        if not file.stem.endswith(f"_{os.getpid()}"):
            file.unlink()


def when_ready(_server: Arbiter) -> None:
    """Make what all workers need, and take it out of the collector's sight, before they share it.

    The collector would otherwise look through it again and again, and by writing its marks unshare it.
    """
    draw_charts()
    log.info("matching.ready", compiled=IS_COMPILED)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTED_AFTER)


def post_fork(server: Arbiter, _worker: Worker) -> None:
    """Let a new worker open connections of its own: two processes on one socket mix up their answers."""
    app: BaseApplication = server.app
    app.wsgi().extensions["servers"].after_fork()


def post_worker_init(worker: ThreadWorker) -> None:
    """Let the app know how many requests wait for one of this worker's threads."""
    app: BaseApplication = worker.app
    app.wsgi().extensions["shedding"].waiting = worker.tpool._work_queue.qsize  # noqa: SLF001  told nowhere else


def child_exit(_server: Arbiter, worker: Worker) -> None:
    """Count a dead worker's gauges no longer."""
    if _metrics:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
