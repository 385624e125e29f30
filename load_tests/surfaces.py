"""Whether all surfaces always agree: ``python -m load_tests.surfaces [--examples 2000]``.

Plays the state machine of ``tests/journeys/surfaces.py``, fifty steps an example, each run with examples of its own.
"""

import argparse
import sys
from collections.abc import Sequence

from load_tests.deployment import own_servers
from tests.journeys.surfaces import Surfaces, a_config, play, town
from tests.patience import unhurried


def main(arguments: Sequence[str]) -> int:
    """Play, and say how much was compared; the first divergence ends it with its story."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.surfaces", description=__doc__)
    parser.add_argument("--examples", type=int, default=2_000)
    chosen = parser.parse_args(arguments)
    with (
        unhurried(),
        own_servers() as servers,
        town(a_config(servers.postgres.url(), servers.valkey.url(), servers.folder)) as two_workers,
    ):
        Surfaces.town = two_workers
        play(Surfaces, chosen.examples, same_every_time=False)
    print(f"no divergence in {chosen.examples:,} examples: {dict(Surfaces.looks)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
