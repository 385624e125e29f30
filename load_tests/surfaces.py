"""Whether all surfaces always agree: ``python -m load_tests.surfaces [--examples 2000] [--minutes 60]``.

Plays the state machine of ``tests/journeys/surfaces.py``, fifty steps an example, each run with examples of its own
unless it is told where to ``--begin-at``.
"""

import argparse
import secrets
import sys
import time
from collections.abc import Sequence

from load_tests.deployment import own_servers
from tests.journeys.surfaces import FRESH, Surfaces, a_config, play, town
from tests.patience import unhurried


def main(arguments: Sequence[str]) -> int:
    """Play, and say how much was compared; the first divergence ends it with its story."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.surfaces", description=__doc__)
    parser.add_argument("--examples", type=int, default=2_000)
    parser.add_argument("--minutes", type=float, default=60, help="begin nothing new after so long")
    parser.add_argument(
        "--begin-at", type=int, default=secrets.randbits(32), help="play what an earlier run did"
    )
    chosen = parser.parse_args(arguments)
    print(f"beginning at {chosen.begin_at}", file=sys.stderr)
    with (
        unhurried(),
        own_servers() as servers,
        town(a_config(servers.postgres.url(), servers.valkey.url(), servers.folder)) as two_workers,
    ):
        Surfaces.town = two_workers
        played = play_on(chosen.examples, chosen.begin_at, time.monotonic() + chosen.minutes * 60)
    print(f"no divergence in {played:,} examples: {dict(Surfaces.looks)}")
    return 0


def play_on(examples: int, begin_at: int, give_up: float) -> int:
    """Play until enough examples were played, or it is late; return how many were."""
    played = 0
    while played < examples and time.monotonic() < give_up:
        some = min(FRESH, examples - played)
        play(Surfaces, some, begin_at=begin_at + played)
        played += some
        print(f"\r{played:>6,} of {examples:,} examples", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return played


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
