"""The cache's own checks at full length: ``python -m load_tests.cache_checks [--pieces 5] [--replies 50000]``.

Keys of ids made of up to so many hostile pieces, every kind of key of each: none may be shared. And replies of Redis
that come too late, each followed by a question about somebody else: none may be answered with them.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Final

from load_tests.deployment import own_servers
from service.cache.keys import key_of
from service.telemetry.logs import configure_logs
from tests.cache.late_replies import FIRST, SECOND, Cancelled, Careful, whose_rules_came
from tests.cache.test_keys import first_trouble, hostile_users

AT_A_TIME: Final = 500


def main(arguments: Sequence[str]) -> int:
    """Check both, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.cache_checks", description=__doc__)
    parser.add_argument("--pieces", type=int, default=5, help="of an id: 5 make over three million ids")
    parser.add_argument("--replies", type=int, default=50_000)
    chosen = parser.parse_args(arguments)
    configure_logs(level="ERROR")  # each late reply is a warning
    users = list(hostile_users(chosen.pieces))
    trouble = first_trouble(users, key_of)
    print(f"{len(users):,} ids: {trouble or 'no key shared'}", flush=True)
    came = answers_after_late_replies(chosen.replies)
    print(
        f"{came.total():,} late replies: {came[FIRST]} went to somebody else, {came[SECOND]:,} were followed by the "
        f"right answer, {came[None]:,} by none in time"
    )
    return 1 if trouble or came[FIRST] or not came[SECOND] else 0


def answers_after_late_replies(times: int) -> Counter[str | None]:
    """Count whose rules came after so many late replies, and as many that nobody stayed to hear."""
    came: Counter[str | None] = Counter()
    with own_servers() as servers:
        while came.total() < times:
            for asking in (Careful, Cancelled):
                came += whose_rules_came(servers.valkey, AT_A_TIME, asking)
            if sys.stderr.isatty():
                print(f"\r{came.total():>10,} of {times:,}", end="", file=sys.stderr, flush=True)
    return came


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
