"""What is planted in five thousand people is found again, all of it by calls that callers make."""

from datetime import timedelta

import pytest

from load_tests.golden.findings import bursts_and_news, death, findings
from load_tests.golden.leaks import Leaks
from load_tests.golden.planting import LAST, NOON
from load_tests.golden.quarter import NEWS_ON, SOMEBODY
from service.domain.emerging_terms import emerging_on
from service.store.mining import PostgresMining
from tests.insights.five_thousand import World
from tests.insights.town import Town

WATCHED = 2


@pytest.mark.timeout(600)
def test_what_is_planted_in_five_thousand_people_is_found(
    town: Town, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    world = World(town, Leaks(town))
    world.play()
    town.close(LAST)

    assert min(world.truth.prevented.values()) > 300
    assert len(world.bursts) == 24
    found = [*findings(town, world.truth, world.leaks), *bursts_and_news(town, world.bursts)]
    for finding in (*found, death(town, WATCHED)):
        with subtests.test(finding.what):
            assert finding.holds, finding
    with subtests.test("a term that names somebody would stand out too, and is passed over"):
        monkeypatch.setattr("service.domain.emerging_terms.may_be_reviewed", lambda _: True)
        adders = PostgresMining(town.engine).adders(NOON - timedelta(days=120))
        assert SOMEBODY in {each.term for each in emerging_on(NEWS_ON, adders)}
