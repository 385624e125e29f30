"""What a viewer costs to keep: python -m load_tests.viewer_costs [--warm 50000].

In a worker: resident bytes of so many viewers that are warm, each with three filters of their own words and twenty
blocks. In PostgreSQL: bytes of all tables and indexes with a thousand such viewers, less what they take empty. What
one costs in Redis is told by ``load_tests.rules_cache``.
"""

import argparse
import gc
import resource
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import psycopg
from msgspec import convert

from load_tests.deployment import Client, deployed, own_servers
from load_tests.population import Shape, a_page
from load_tests.rules_cache import a_viewer
from service.api.schemas.feed import FeedRequest
from service.cache.rules_codec import decode_rules, encode_rules
from service.cache.warm_rules import LIMIT_BYTES, WarmRules
from service.domain.decisions import ReadyRules
from service.domain.exports import FORMAT

FILTERS, BLOCKS = 3, 20
STORED = 1_000
_A_LITTLE: Final = Shape(candidates=10, terms=0, blocks=0)
"""Enough that all is built that a page needs."""
_NOW: Final = datetime(2026, 11, 22, tzinfo=UTC)
_SIZE: Final = """
select sum(pg_total_relation_size(oid))::bigint from pg_class
where relkind = 'r' and relnamespace = current_schema()::regnamespace
"""


def main(arguments: Sequence[str]) -> int:
    """Measure both and print a line each."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.viewer_costs", description=__doc__)
    parser.add_argument("--warm", type=int, default=50_000)
    tell_of_memory(parser.parse_args(arguments).warm)
    tell_of_database()
    return 0


def tell_of_memory(viewers: int) -> None:
    """Print what so many viewers add to a process who have seen a page, and how many a worker holds by its limit."""
    chance = Random(7)
    page = convert({"viewer_id": "x", "surface": "for_you", "candidates": a_page(_A_LITTLE)}, FeedRequest)
    ReadyRules(a_viewer(FILTERS, BLOCKS, chance)).filters.hits("x", page.candidates, page.surface, _NOW)
    all_of_them, by_limit = WarmRules(1 << 40), WarmRules()
    gc.collect()
    gc.freeze()
    before, began = _resident_bytes(), time.process_time()
    for _ in range(viewers):
        rules = a_viewer(FILTERS, BLOCKS, chance)
        entry = encode_rules(rules)
        read = decode_rules(entry, rules.user_id)
        assert read
        ready = ReadyRules(read)
        ready.filters.hits(rules.user_id, page.candidates, page.surface, _NOW)
        all_of_them.hold(ready.rules.user_id, entry, ready)
        by_limit.hold(ready.rules.user_id, entry, ready)
    seconds = time.process_time() - began
    grown = _resident_bytes() - before
    print(f"{viewers:,} warm viewers: {grown / 2**20:,.0f} MiB, {grown / viewers:,.0f} bytes each;")
    print(
        f"  {seconds / viewers * 1e6:,.0f} µs of processor time each to write, read, make ready and use once;"
    )
    print(f"  the {LIMIT_BYTES / 2**20:,.0f} MiB of a worker hold {len(by_limit):,} of them,")
    del all_of_them, read, ready
    gc.collect()
    began = time.process_time()
    gc.collect()
    print(f"  which the collector looks through in {(time.process_time() - began) * 1e3:,.0f} ms")


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def tell_of_database() -> None:
    """Print what a stored viewer takes in PostgreSQL."""
    chance = Random(7)
    with own_servers() as servers, ExitStack() as stack:
        urls = servers.postgres.url(), servers.valkey.url()
        running = stack.enter_context(deployed(servers.folder, *urls))
        client = stack.enter_context(closing(Client(running.base_url)))
        empty = _stored_bytes(servers.postgres.url())
        for number in range(STORED):
            reply = client.call(
                "POST", "/v1/me/import", a_document(chance), token=running.user(f"viewer-{number}")
            )
            assert reply.status == 200, reply.body
        each = (_stored_bytes(servers.postgres.url()) - empty) / STORED
    print(f"{STORED:,} stored viewers: {each:,.0f} bytes each in PostgreSQL, indexes and history included")


def a_document(chance: Random) -> dict[str, Any]:
    """Return the settings of a viewer as an import brings them."""
    rules = a_viewer(FILTERS, BLOCKS, chance)
    return {
        "format": FORMAT,
        "keyword_filters": [{"terms": [*rule.terms]} for rule in rules.filters],
        "blocks": [{"user_id": user_id} for user_id in rules.blocks],
    }


def _stored_bytes(database_url: str) -> int:
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("vacuum analyze")
        row = connection.execute(_SIZE).fetchone()
    assert row
    return int(row[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
