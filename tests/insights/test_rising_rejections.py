"""What many people suddenly reject: found in what they rejected, and told to nobody before a review."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import count

import pytest
from sqlalchemy import Connection, insert, text

from service.domain.emerging_terms import ReviewState, Rising
from service.domain.rising_rejections import rising_on
from service.store.insight_tables import tally
from service.store.mining import PostgresMining
from service.usecases.mine import LOOKED_BACK_DAYS, mine_rejections
from tests.insights.counting import Counting

TODAY = date(2026, 11, 16)
DAYS = [TODAY - timedelta(days=back) for back in range(32)]
YESTERDAY = DAYS[1]
THIS_MORNING = datetime.combine(TODAY, time(6), UTC)
SHOWINGS = dict.fromkeys(DAYS, 100_000)

REJECT = text("""
INSERT INTO not_interested
  (user_id, id, item_id, surface, reasons, author_id, sound_id, hashtags, topics, at, revision, wants_more)
SELECT 'person-' || number, md5(random()::text), 'post', 'for_you', '{}', 'canary-author', :sound, :hashtags, :topics,
  :at, 1, :wants_more
FROM generate_series(1, :people) AS number
""")


def days_of(usual: int, yesterday: int) -> dict[date, int]:
    return {**dict.fromkeys(DAYS, usual), YESTERDAY: yesterday}


def reject(
    connection: Connection, day: date, people: int, *, wants_more: bool = False, **about: object
) -> None:
    """Let so many people reject a post, twice each."""
    at = datetime.combine(day, time(12), UTC)
    row = {"sound": None, "hashtags": [], "topics": [], **about}
    connection.execute(REJECT, [{"at": at, "people": people, "wants_more": wants_more, **row}] * 2)


@pytest.mark.parametrize("late_by", [0, LOOKED_BACK_DAYS - 1])
def test_what_rises_is_put_under_review_once_and_the_rest_is_not(counting: Counting, late_by: int) -> None:
    with counting.engine.begin() as connection:
        for day in DAYS[1:]:
            rises = day == YESTERDAY
            reject(connection, day, 90 if rises else 4, topics=["diets"], sound="s1" if rises else "s0")
            reject(connection, day, 12, topics=["pets"], hashtags=["cats"])
            reject(connection, day, 130 if rises else 1, hashtags=["detox", "call me 170 123456"])
            reject(connection, day, 200 if rises else 1, wants_more=True, topics=["music"])
        rows = [
            {"day": day, "market": "DE", "measure": "shown", "control": "", "dims": "", "n": n}
            for day, n in SHOWINGS.items()
        ]
        connection.execute(insert(tally), rows)
    desk, numbers = PostgresMining(counting.engine), count()

    now = THIS_MORNING + timedelta(days=late_by)
    found = [mine_rejections(desk, now, lambda prefix: f"{prefix}_{next(numbers)}") for _ in range(2)]

    told = {(each.found.kind, each.found.term): each for each in desk.terms()}
    assert set(told) == {(Rising.TOPIC, "diets"), (Rising.SOUND, "s1"), (Rising.HASHTAG, "detox")}
    assert found == [3, 0]
    diets = told[Rising.TOPIC, "diets"]
    assert (diets.state, diets.found.people, diets.found.found_on) == (
        ReviewState.UNDER_REVIEW, "50-99", YESTERDAY,
    )  # fmt: skip


def rising(kind: Rising, people: int, showings: dict[date, int], *, usual: int = 10) -> list[str]:
    rejecters = {"it": days_of(usual, people), **{f"other {number}": days_of(20, 20) for number in range(20)}}
    return [each.term for each in rising_on(YESTERDAY, kind, rejecters, showings, found_before={})]


@pytest.mark.parametrize(
    ("kind", "people", "stands_out"),
    [
        (Rising.TOPIC, 49, []),
        (Rising.TOPIC, 60, ["it"]),
        (Rising.SOUND, 60, ["it"]),
        (Rising.HASHTAG, 99, []),
        (Rising.HASHTAG, 110, ["it"]),
    ],
)
def test_so_many_people_must_reject_it(kind: Rising, people: int, stands_out: list[str]) -> None:
    assert rising(kind, people, SHOWINGS) == stands_out


def test_twice_as_much_on_a_day_with_twice_as_much_to_see_is_nothing_new() -> None:
    assert rising(Rising.TOPIC, 480, SHOWINGS, usual=80) == ["it"]
    assert rising(Rising.TOPIC, 480, {**SHOWINGS, YESTERDAY: 600_000}, usual=80) == []


def test_on_a_day_on_which_nothing_was_shown_nothing_is_said() -> None:
    assert rising(Rising.TOPIC, 480, {}) == []
