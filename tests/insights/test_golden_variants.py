"""What is planted is no longer found where counting, looking again or listening is done carelessly."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from load_tests.golden.deaths import A_WEEK, DIED
from load_tests.golden.leaks import Leak, Leaks
from load_tests.golden.planting import HOME, NOON, post, setting, sum_of, visit
from service.domain.feed import Candidate
from service.domain.feed_counts import DecidedRequest
from service.domain.segments import Cause
from service.domain.silence import SilenceState
from service.store import events
from service.store.mining import PostgresMining
from service.usecases.mine import listen_for_silence
from tests.insights.town import Town


def prevented_of(town: Town, fetched: int) -> int:
    """Return what is counted as prevented of pages of twenty posts, where every tenth post fetched is hidden."""
    before = sum_of(town, "prevented")
    page = [post(n, "troll" if n % 10 == 0 else "ana") for n in range(fetched)]
    for number in range(5):
        town.call(visit(f"v{number}", NOON, page, slots=20))
    town.count_all()
    return sum_of(town, "prevented") - before


def test_g04_counting_everything_hidden_would_grow_with_what_is_fetched(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        town.call(setting(f"v{number}", NOON - timedelta(days=1), "troll"))
    assert prevented_of(town, 20) == prevented_of(town, 500) == 10

    kept = DecidedRequest.of

    def careless(*who: Any, candidates: list[Candidate], **rest: Any) -> DecidedRequest:
        return kept(*who, candidates=candidates, **rest | {"slots": len(candidates)})

    monkeypatch.setattr(DecidedRequest, "of", careless)
    assert prevented_of(town, 500) == 250


def test_g05_a_second_look_that_knows_one_cause_only_would_be_found_out(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.domain.feed_counts._cause", lambda *_: Cause.STALE_RULES)
    leaks = Leaks(town)
    for number in range(2 * len(Cause)):
        town.call(setting(f"v{number}", NOON - timedelta(hours=3), "troll"))
    leaks.plant([Leak(cause, f"v{number}", NOON) for number, cause in enumerate((*Cause, *Cause))])
    town.count_all()

    assert leaks.attributed() < 0.95


def test_g11_listening_to_all_platforms_together_would_miss_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_platform = events._hour_row

    def together(minute: str, row: dict[str, object]) -> dict[str, object] | None:
        found = by_platform(minute, row)
        return found and {**found, "platform": "all"}

    monkeypatch.setattr(events, "_hour_row", together)
    let_blocks_die_on_ios(town)

    desk = PostgresMining(town.engine)
    for hour in range(1, 7):
        listen_for_silence(desk, DIED + timedelta(hours=hour))
        assert {each.state for each in desk.silences() if each.series.kind == "matches"} == {SilenceState.OK}


def let_blocks_die_on_ios(town: Town) -> None:
    """Let a block match on two platforms by the hour, then on one no more."""
    page = [post(n, "troll") for n in range(25)]
    for device in ("ios", "android"):
        segment = replace(HOME, platform=device)
        town.call(setting(f"user-{device}", DIED - 5 * A_WEEK, "troll", segment))
        for week in range(5):
            for hour in range(-6, 7):
                if device == "android" or week or hour < 0:
                    at = DIED - week * A_WEEK + timedelta(hours=hour)
                    town.call(visit(f"user-{device}", at, page, segment))
    town.count_all()
