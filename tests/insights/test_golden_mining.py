"""Bursts, silences and the worst place, planted and played through the public API, are found again.

With so many people as take seconds; five thousand and more play in ``load_tests.populations``.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.domain.segments import Dimension
from service.domain.silence import SilenceState
from service.local.population import Call
from service.store import events
from service.store.mining import PostgresMining
from service.usecases.mine import listen_for_silence, look_first, mine_terms
from tests.insights.planting import FIRST, HOME, NOON, post, setting, unasked, visit
from tests.insights.town import Town

# G07: terms that many people suddenly filter


def begin_to_filter(town: Town, person: str, at: datetime, *terms: str) -> None:
    town.call(Call(at, "POST", "/v1/me/keyword-filters", {"terms": terms}, person, HOME))


def burst(town: Town) -> datetime:
    """Let a hundred and five people filter a film and somebody's address on one day, after a quiet month."""
    for number in range(28):
        begin_to_filter(
            town, f"early-{number}", NOON - timedelta(days=number + 3), "spoilers", f"word-{number}"
        )
    for number in range(105):
        begin_to_filter(town, f"fan-{number}", NOON, "Moonfall finale", "kim@example.org", "spoilers")
    return NOON + timedelta(days=1)


def found_terms(town: Town, now: datetime) -> set[str]:
    desk = PostgresMining(town.engine)
    mine_terms(desk, now, lambda prefix: f"{prefix}-{len(desk.terms())}")
    return {each.found.term for each in desk.terms()}


def test_g07_a_burst_is_put_under_review_and_an_address_is_not(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    tomorrow = burst(town)

    assert found_terms(town, NOON) == set()
    assert found_terms(town, tomorrow) == {"moonfall finale"}
    assert found_terms(town, tomorrow) == {"moonfall finale"}
    monkeypatch.setattr("service.domain.emerging_terms.may_be_reviewed", lambda _: True)
    assert "kim@example.org" in found_terms(town, tomorrow)


# G11: controls that die quietly

DIED = NOON + timedelta(days=2)
A_WEEK = timedelta(weeks=1)


def hours_until_noticed(town: Town, platform: str) -> int | None:
    """Let a block match on two platforms by the hour, then on one no more; return when that is noticed."""
    for device in ("ios", "android"):
        town.call(setting(f"user-{device}", NOON - 5 * A_WEEK, "troll", replace(HOME, platform=device)))
    page = [post(n, "troll") for n in range(25)]
    for week in range(5):
        for hour in range(-6, 7):
            at = DIED - week * A_WEEK + timedelta(hours=hour)
            for device in ("ios", "android"):
                if device == "ios" or week or hour < 0:
                    town.call(visit(f"user-{device}", at, page, replace(HOME, platform=device)))
    town.count_all()
    desk = PostgresMining(town.engine)
    for hour in range(1, 7):
        listen_for_silence(desk, DIED + timedelta(hours=hour))
        states = {
            each.series.platform: each.state for each in desk.silences() if each.series.kind == "matches"
        }
        if states.get(platform, SilenceState.OK) is not SilenceState.OK:
            return hour
    return None


def test_g11_a_control_that_dies_on_one_platform_is_noticed_within_six_hours(town: Town) -> None:
    assert hours_until_noticed(town, "android") in range(1, 7)
    assert {
        each.state for each in PostgresMining(town.engine).silences() if each.series.platform == "ios"
    } == {SilenceState.OK}


def test_g11_listening_to_all_platforms_together_would_miss_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_platform = events._hour_row

    def together(minute: str, row: dict[str, object]) -> dict[str, object] | None:
        found = by_platform(minute, row)
        return found and {**found, "platform": "all"}

    monkeypatch.setattr(events, "_hour_row", together)

    assert hours_until_noticed(town, "all") is None


# G15: for whom it is worst

SPOKEN = {"en": (100, 1.2), "pt": (60, 1.2), "bn": (52, 3.6)}
"""People who speak a language, and how many of sixty posts leak to each."""


def test_g15_a_language_with_three_times_the_leaks_stands_first_with_the_excess_of_arithmetic(
    town: Town,
) -> None:
    leaked: dict[str, int] = {}
    for language, (people, each) in SPOKEN.items():
        for number in range(people):
            person, segment = f"{language}-{number}", replace(HOME, language=language)
            n = int(each * (number + 1)) - int(each * number)
            leaked[language] = leaked.get(language, 0) + n
            town.call(setting(person, NOON - timedelta(hours=1), "troll", segment))
            page = [post(at, "troll" if at < n else "ana") for at in range(60)]
            town.call(unasked(person, NOON, page, segment))
    town.close(FIRST + timedelta(days=6))

    first = next(each for each in look_first(town.insights, FIRST) if each.metric == "leakage")

    shown = {language: 60 * people for language, (people, _) in SPOKEN.items()}
    rest = (leaked["en"] + leaked["pt"]) / (shown["en"] + shown["pt"])
    excess = leaked["bn"] - rest * shown["bn"]
    assert first.dims == ((Dimension.LANGUAGE, "bn"),)
    assert abs(first.excess - excess) <= 15
