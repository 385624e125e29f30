"""The cache's own checks at full length: ``python -m load_tests.cache_checks [--pieces 5] [--replies 50000]``.

Keys of ids made of up to so many hostile pieces, every kind of key of each: none may be shared. And replies of Redis
that come too late, each followed by a question about somebody else: none may be answered with them.
"""

import argparse
import sys
from collections.abc import Sequence

from load_tests.deployment import own_servers
from service.cache.keys import key_of
from tests.cache.test_keys import first_trouble, hostile_users
from tests.cache.test_rules import foreign_answers


def main(arguments: Sequence[str]) -> int:
    """Check both, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.cache_checks", description=__doc__)
    parser.add_argument("--pieces", type=int, default=5, help="of an id: 5 make over a million ids")
    parser.add_argument("--replies", type=int, default=50_000)
    chosen = parser.parse_args(arguments)
    users = list(hostile_users(chosen.pieces))
    trouble = first_trouble(users, key_of)
    print(f"{len(users):,} ids: {trouble or 'no key shared'}")
    with own_servers() as servers:
        foreign = foreign_answers(servers.valkey.url(), chosen.replies)
    print(f"{chosen.replies:,} late replies: {foreign} went to somebody else")
    return 1 if trouble or foreign else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
