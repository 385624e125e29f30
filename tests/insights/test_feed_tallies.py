"""From an answered feed request to a cell: tallies aside from the request, taken once, exact."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from sqlalchemy import text

from service.cache.client import ForgivingRedis, make_client
from service.cache.tallies import RedisTaker, RedisTallies
from service.domain.decisions import decide_feed
from service.domain.feed_counts import DecidedRequest
from service.domain.segments import Dimension, Segment
from service.domain.surfaces import SURFACES
from service.usecases.insight_ports import TakenMinute
from service.usecases.roll_up import take_tallies
from tests.builders import a_candidate, ready_rules
from tests.insights.counting import NOON, Counting
from tests.waiting import eventually

LATER = NOON + timedelta(minutes=10)
SLOTS = 20


@pytest.fixture
def reached(clean_redis: str) -> Iterator[ForgivingRedis]:
    client = make_client(clean_redis, timeout_seconds=10.0)
    yield ForgivingRedis(client)
    client.close()


def a_request(
    viewer: str, *, fetched: int = 50, troll_at: int = 1, at: datetime = NOON, **rest: Any
) -> DecidedRequest:
    """Return a request whose viewer blocks whoever made the candidate of one rank."""
    candidates = [
        a_candidate(id=f"c{rank}", author_id="troll" if rank == troll_at else "author")
        for rank in range(1, fetched + 1)
    ]
    ready = ready_rules(user_id=viewer, blocks={"troll": None})
    surface = SURFACES["for_you"]
    decisions = decide_feed(candidates, ready, surface, at)
    segment = Segment(market="DE", language="de", platform="ios")
    return DecidedRequest.of(
        viewer, segment, surface, at,
        candidates=candidates, decisions=decisions, ready=ready, slots=SLOTS, **rest,
    )  # fmt: skip


def tallies_of(counting: Counting, reached: ForgivingRedis) -> RedisTallies:
    return RedisTallies(reached, counting.epochs.at, works_aside=False)


def tallied(counting: Counting, measure: str) -> int:
    with counting.engine.connect() as connection:
        query = text("SELECT coalesce(sum(n), 0) FROM tally WHERE measure = :measure AND dims = ''")
        return int(connection.execute(query, {"measure": measure}).scalar_one())


def test_requests_end_as_a_share_of_showings_prevented(counting: Counting, reached: ForgivingRedis) -> None:
    tallies = tallies_of(counting, reached)
    for viewer in range(60):
        tallies.count(a_request(f"v{viewer}"))
    tallies.send()
    take_tallies(counting.events, RedisTaker(reached), LATER)
    counting.close()

    (cell,) = [each for each in counting.cells("showings_prevented") if each.control == "block"]
    assert (cell.control, cell.numerator, cell.denominator, cell.value) == ("block", 60, 1200, 50.0)
    (by_surface,) = [
        each for each in counting.cells("showings_prevented", by=Dimension.SURFACE) if each.numerator
    ]
    assert by_surface.dims == ((Dimension.SURFACE, "for_you"),)


@pytest.mark.parametrize("fetched", [20, 500])
def test_fetching_more_than_a_page_changes_no_figure(
    counting: Counting, reached: ForgivingRedis, fetched: int
) -> None:
    tallies = tallies_of(counting, reached)
    tallies.count(a_request("ada", fetched=fetched))
    tallies.count(a_request("bob", fetched=fetched, troll_at=SLOTS + 1))
    tallies.send()
    take_tallies(counting.events, RedisTaker(reached), LATER)

    assert (tallied(counting, "prevented"), tallied(counting, "would_be")) == (1, 2 * SLOTS)


def test_a_minute_is_taken_only_when_nothing_comes_any_more(
    counting: Counting, reached: ForgivingRedis
) -> None:
    tallies = tallies_of(counting, reached)
    tallies.count(a_request("ada"))
    tallies.send()

    assert take_tallies(counting.events, RedisTaker(reached), NOON + timedelta(minutes=1)) == 0
    assert take_tallies(counting.events, RedisTaker(reached), LATER) == 1


def test_what_is_added_to_a_minute_after_it_was_taken_is_taken_again(
    counting: Counting, reached: ForgivingRedis
) -> None:
    tallies, taker = tallies_of(counting, reached), RedisTaker(reached)
    for viewer in ("ada", "bob"):
        tallies.count(a_request(viewer))
        tallies.send()
        take_tallies(counting.events, taker, LATER)

    assert tallied(counting, "prevented") == 2


@pytest.mark.parametrize("died", ["after taking", "after counting"])
def test_a_taker_that_dies_leaves_its_minute_to_the_next(
    counting: Counting, reached: ForgivingRedis, died: str
) -> None:
    tallies, taker = tallies_of(counting, reached), RedisTaker(reached)
    tallies.count(a_request("ada"))
    tallies.send()
    (name,) = taker.waiting(LATER)
    taken = taker.take(name)
    assert taken
    if died == "after counting":
        counting.events.add(taken)

    take_tallies(counting.events, RedisTaker(reached), LATER)

    assert tallied(counting, "prevented") == 1
    assert list(taker.waiting(LATER)) == []


def test_two_takers_at_once_count_once(counting: Counting, reached: ForgivingRedis) -> None:
    tallies, taker = tallies_of(counting, reached), RedisTaker(reached)
    tallies.count(a_request("ada"))
    tallies.send()
    (name,) = taker.waiting(LATER)
    first, second = taker.take(name), taker.take(name)
    assert first
    assert second is None
    again = taker.take(first.id)
    assert again

    assert [counting.events.add(each) for each in (first, again)] == [True, False]


class Overtaken(RedisTaker):
    """A taker to whom somebody else is faster at everything, and slower to add it."""

    def __init__(self, reached: ForgivingRedis) -> None:
        super().__init__(reached)
        self._other = RedisTaker(reached)

    def take(self, name: str) -> TakenMinute | None:
        """Find that a minute is taken."""
        if ":" not in name:
            self._other.take(name)
        return super().take(name)


def test_what_somebody_else_took_and_has_yet_to_add_is_added_before_anybody_goes_on(
    counting: Counting, reached: ForgivingRedis
) -> None:
    tallies = tallies_of(counting, reached)
    tallies.count(a_request("ada"))
    tallies.send()

    assert take_tallies(counting.events, Overtaken(reached), LATER) == 1
    assert tallied(counting, "prevented") == 1


def test_a_dead_redis_costs_a_request_nothing_and_raises_nothing(counting: Counting) -> None:
    nobody = ForgivingRedis(redis.Redis.from_url("redis://127.0.0.1:1/0"))
    tallies = tallies_of(counting, nobody)
    for _ in range(2_000):
        tallies.count(a_request("ada", fetched=1))

    tallies.send()


def test_tallies_work_aside_by_themselves(counting: Counting, reached: ForgivingRedis) -> None:
    tallies = RedisTallies(reached, counting.epochs.at)
    tallies.count(a_request("ada"))
    taker = RedisTaker(reached)

    eventually(lambda: bool(taker.waiting(LATER)))

    assert take_tallies(counting.events, taker, LATER) == 1
