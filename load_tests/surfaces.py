"""Whether all surfaces always agree: ``python -m load_tests.surfaces [--examples 2000] [--minutes 60]``.

Plays the state machine of ``tests/journeys/surfaces.py``, fifty steps an example, each run with examples of its own.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from typing import Final

from load_tests.deployment import own_servers
from tests.journeys.surfaces import Surfaces, a_config, play, town
from tests.patience import unhurried

AT_A_TIME: Final = 25


def main(arguments: Sequence[str]) -> int:
    """Play, and say how much was compared; the first divergence ends it with its story."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.surfaces", description=__doc__)
    parser.add_argument("--examples", type=int, default=2_000)
    parser.add_argument("--minutes", type=float, default=60, help="begin nothing new after so long")
    chosen = parser.parse_args(arguments)
    with (
        unhurried(),
        own_servers() as servers,
        town(a_config(servers.postgres.url(), servers.valkey.url(), servers.folder)) as two_workers,
    ):
        Surfaces.town = two_workers
        played = play_on(chosen.examples, time.monotonic() + chosen.minutes * 60)
    print(f"no divergence in {played:,} examples: {dict(Surfaces.looks)}")
    return 0


def play_on(examples: int, give_up: float) -> int:
    """Play until enough examples were played, or it is late; return how many were."""
    played = 0
    while played < examples and time.monotonic() < give_up:
        some = min(AT_A_TIME, examples - played)
        play(Surfaces, some, same_every_time=False)
        played += some
        print(f"\r{played:>6,} of {examples:,} examples", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return played


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
