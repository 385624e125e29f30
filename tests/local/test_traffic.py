"""The traffic of the demo: which days are played, in which order, and what stops it."""

import json
from datetime import date, timedelta

from service.local.population import Call
from service.local.population.calls import EVENTS
from service.local.traffic import first_open_day, play, the_town

TODAY = date(2026, 11, 22)


def test_days_are_played_that_can_still_be_closed() -> None:
    assert first_open_day(None, 35, TODAY) == date(2026, 10, 19)
    assert first_open_day(None, 90, TODAY) == date(2026, 10, 19)
    assert first_open_day(None, 8, TODAY) == date(2026, 11, 15)


def test_days_that_are_closed_are_not_played_again() -> None:
    assert first_open_day(date(2026, 11, 19), 35, TODAY) == date(2026, 11, 20)


def test_what_people_saw_is_judged_before_they_make_anything_of_it() -> None:
    told: list[str] = []
    made: list[str] = []

    def call(each: Call) -> bytes:
        made.append(
            "look" if each.path.startswith("/v1/feed") else "react" if each.path == EVENTS else "edit"
        )
        return b""

    town = the_town(60, TODAY - timedelta(days=3), TODAY)
    play(town, call, told.append, settle=lambda: made.append("settled"))

    assert len(told) == made.count("settled") == 4
    first_day = made[: made.index("settled")]
    assert "look" in first_day
    assert "react" not in first_day


def test_everything_that_is_sent_is_json() -> None:
    for day in the_town(60, TODAY - timedelta(days=1), TODAY).days():
        for each in (*day.mornings, *day.visits):
            assert json.dumps(each.body)
