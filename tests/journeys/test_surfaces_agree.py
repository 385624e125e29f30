"""Feed, comments, settings and export say the same at every moment, whatever is edited, lost, restarted or ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.store import feed_rules
from tests.journeys.oracle import Oracle
from tests.journeys.surfaces import Surfaces, Town, a_config, play, town

EXAMPLES = 40
"""In each of five tests, which spread over processes; ``python -m load_tests.surfaces`` plays two thousand."""

LOOKED_UP_FROM = 300
"""From here on everybody is as somebody whom more people blocked than rules list."""


@pytest.fixture
def two_workers(clean_database: str, clean_redis: str, tmp_path: Path) -> Iterator[Town]:
    """A town whose people nobody has met."""
    with town(a_config(clean_database, clean_redis, tmp_path)) as found:
        yield found


@pytest.mark.parametrize("begin_at", [0, 100, 200, 300, 400])
def test_every_surface_says_what_the_oracle_says(
    two_workers: Town, begin_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if begin_at >= LOOKED_UP_FROM:
        monkeypatch.setattr(feed_rules, "BLOCKERS_LISTED", 0)
    Surfaces.town = two_workers
    Surfaces.looks.clear()

    play(Surfaces, EXAMPLES, begin_at=begin_at)

    assert {"decisions", "batches", "comments", "settings", "export"} == set(Surfaces.looks)


class Forgetful(Oracle):
    """An oracle that is wrong in one thing: a block is felt by one side only."""

    def are_apart(self, one: str, other: str) -> bool:
        """Tell whether the first blocked the other."""
        return self.is_live(self.of[one].blocks, other)


class Disagreeing(Surfaces):
    """Holds the service against the forgetful oracle."""

    oracle_type = Forgetful


def test_a_service_that_disagrees_is_caught(two_workers: Town) -> None:
    Disagreeing.town = two_workers

    with pytest.raises(AssertionError):
        play(Disagreeing, 20, begin_at=0)
