"""Every metric of the service, declared once, and the page on which they are read.

With ``PROMETHEUS_MULTIPROC_DIR`` set (gunicorn), every worker counts in files of that folder and any worker can
answer for all of them. prometheus_client reads the variable when it is imported, so it stands in the environment
before the process starts. No label ever carries a user's id or words.
"""

import os
from pathlib import Path
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

MULTIPROCESS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
PAGE_TYPE: Final = CONTENT_TYPE_LATEST

HTTP_SECONDS: Final = Histogram(
    "http_request_seconds",
    "Seconds from the first byte of the application to the last, by route template (never by path).",
    ["method", "route", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
)
REDIS_FAILURES: Final = Counter(
    "redis_failures_total",
    "Redis calls that became a miss: timeout, connection, answer (an error reply), open (not tried).",
    ["operation", "why"],
)
REDIS_BREAKER_OPEN: Final = Gauge(
    "redis_breaker_open",
    "How many workers leave Redis alone at the moment.",
    multiprocess_mode="livesum",
)
RULES_CACHE_LOOKUPS: Final = Counter(
    "rules_cache_lookups_total",
    "Lookups of feed rules: warm (held by this worker too), hit, retired (a tombstone), miss, rejected.",
    ["result"],
)
RULES_CACHE_REJECTED: Final = Counter(
    "rules_cache_rejected_total",
    "Cached rules that were not believed: cut, codec, kind, checksum, matcher, content, owner.",
    ["why"],
)
RULES_CACHE_PUTS: Final = Counter(
    "rules_cache_puts_total",
    "Attempts to keep feed rules: kept, or refused because the lease was gone or something newer stood there.",
    ["result"],
)


def metrics_page() -> bytes:
    """Return what Prometheus reads, for all workers of this server together."""
    if MULTIPROCESS_FOLDER not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def forget_earlier_runs() -> None:
    """Empty the folder in which workers count; for the server's start, before any worker runs."""
    folder = os.environ.get(MULTIPROCESS_FOLDER)
    if not folder:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    for left_over in Path(folder).glob("*.db"):
        left_over.unlink(missing_ok=True)


def forget_worker(pid: int) -> None:
    """Take a worker that ended out of the gauges of the living; for gunicorn's ``child_exit``."""
    if MULTIPROCESS_FOLDER in os.environ:
        multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]
