"""The population: the same for the same seed, believable, and in the order in which things happen."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from service.domain.market_days import day_in
from service.local.population import Burst, Call, Day, Dead, a_population, batched

FIRST = date(2026, 11, 2)
LATER = FIRST + timedelta(days=1)


def everything(day: Day) -> list[Call]:
    return [*day.mornings, *day.visits, *day.evenings]


def calls(**plants: object) -> list[Call]:
    return [call for day in a_population(120, FIRST, 3, 3, **plants).days() for call in everything(day)]


def test_the_same_seed_does_the_same() -> None:
    assert calls() == calls()


def test_everything_happens_on_the_day_it_is_told_of_where_the_person_lives() -> None:
    for day in a_population(120, FIRST, 3, 3).days():
        assert {day_in(call.segment.market, call.at) for call in everything(day) if call.segment} == {
            day.date
        }


def test_people_differ_in_how_often_they_come() -> None:
    visits = Counter(call.shard for call in calls() if call.path.startswith("/v1/feed"))

    assert len(visits) > 50
    assert max(visits.values()) > 4 * min(visits.values())


def test_nobody_goes_on_editing_where_the_app_is_dead() -> None:
    since = datetime.combine(LATER, datetime.min.time(), UTC)
    silent = [call for call in calls(dead=Dead("android", since)) if call.user and call.at >= since]

    assert {call.segment.platform for call in silent if call.segment} == {"ios", "web"}


def test_a_burst_is_as_many_people_as_are_planted() -> None:
    filters = [call for call in calls(burst=Burst("moonfall", LATER, 40)) if "filters" in call.path]
    started = [call for call in filters if call.body and call.body["terms"] == ["moonfall"]]

    assert len({call.user for call in started}) == 40


def test_reports_are_sent_together_and_all_of_them() -> None:
    for day in a_population(120, FIRST, 2, 3).days():
        reports = [call for call in day.evenings if call.path == "/v1/events"]
        sent = [call for call in batched(day.evenings) if call.path == "/v1/events"]

        assert sum(len(call.body["events"]) for call in sent if call.body) == len(reports)
        assert len(sent) <= 1 + len(reports) // 500
