"""Every metric of the service, declared once, and the page on which they are read.

With ``PROMETHEUS_MULTIPROC_DIR`` set (gunicorn), every worker counts in files of that folder and any worker can
answer for all of them; ``gunicorn_conf`` keeps the folder. No label ever carries a user's id or words.
"""

import os
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
REQUESTS_SHED: Final = Counter(
    "requests_shed_total",
    "Requests turned away because too many waited: figures, settings_reads, decisions, edits, blocks.",
    ["worth"],
)
REDIS_FAILURES: Final = Counter(
    "redis_failures_total",
    "Redis calls that became a miss: timeout, connection, open (not tried), or the name of an error reply.",
    ["operation", "why"],
)
REDIS_BREAKER_OPEN: Final = Gauge(
    "redis_breaker_open",
    "How many parts of workers (decisions, tallies) leave Redis alone at the moment.",
    multiprocess_mode="livesum",
)
STORE_BREAKER_OPEN: Final = Gauge(
    "store_breaker_open",
    "How many workers leave PostgreSQL alone at the moment.",
    multiprocess_mode="livesum",
)
OUTBOX_ROWS: Final = Gauge(
    "outbox_rows",
    "Changes that the cache has yet to be told of, counted up to 10,000; NaN while PostgreSQL does not say.",
    multiprocess_mode="livemostrecent",
)
OUTBOX_OLDEST_SECONDS: Final = Gauge(
    "outbox_oldest_seconds",
    "How long the oldest of them waits: 0 or little while a relay runs and reaches Redis.",
    multiprocess_mode="livemostrecent",
)
FEED_DEGRADED: Final = Counter(
    "feed_degraded_total",
    "Feed answers that went without: cached (without PostgreSQL), unverified (and nothing could be kept), "
    "costly (a close look, because the request was too much for the viewer's terms).",
    ["how"],
)
RULES_CACHE_LOOKUPS: Final = Counter(
    "rules_cache_lookups_total",
    "Lookups of feed rules: unchanged (Redis was not asked), warm (held by this worker too), hit, retired (a "
    "tombstone), miss, rejected.",
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
TERMS_PASSED_OVER: Final = Counter(
    "terms_passed_over_total",
    "Stored terms that this version of the matcher cannot look for, whenever a viewer's rules are made ready.",
)
TALLIES_DROPPED: Final = Counter(
    "tallies_dropped_total",
    "Requests or batches that no figure will hold: full (queue), store, cache, fault.",
    ["why"],
)


def metrics_page() -> bytes:
    """Return what Prometheus reads, for all workers of this server together."""
    if MULTIPROCESS_FOLDER not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
