"""Feed, comments, settings and export say the same at every moment, whatever is edited, lost, restarted or ends."""

from pathlib import Path

import pytest

from service.config import Config
from tests.journeys.surfaces import Oracle, Surfaces, a_config, play, town

EXAMPLES = 12
"""The long run, ``python -m load_tests.surfaces``, plays two thousand."""


@pytest.fixture
def config(clean_database: str, clean_redis: str, tmp_path: Path) -> Config:
    """What both workers run with."""
    return a_config(clean_database, clean_redis, tmp_path)


def test_every_surface_says_what_the_oracle_says(config: Config) -> None:
    with town(config) as two_workers:
        Surfaces.town = two_workers
        play(Surfaces, EXAMPLES)

    assert {"decisions", "comments", "settings", "export"} <= set(Surfaces.looks)


class Forgetful(Oracle):
    """An oracle that is wrong in one thing: a block is felt by one side only."""

    def are_apart(self, one: str, other: str) -> bool:
        """Tell whether the first blocked the other."""
        return self.is_live(self.of[one].blocks, other)


class Disagreeing(Surfaces):
    """Holds the service against the forgetful oracle."""

    oracle_type = Forgetful


def test_a_service_that_disagrees_is_caught(config: Config) -> None:
    with town(config) as two_workers:
        Disagreeing.town = two_workers
        with pytest.raises(AssertionError):
            play(Disagreeing, 20)
