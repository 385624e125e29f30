"""Whatever happens on the way, the same events make the same tallies and cells, bit for bit."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from service.domain.events import Event, EventKind
from service.domain.feed import ReasonCode
from service.domain.market_days import MARKETS, day_in, end_of_day
from service.domain.segments import Control, Segment
from service.usecases.ports import StoreUnavailable
from tests.insights.counting import MONDAY, NOON, Counting
from tests.servers import end_connections

PEOPLE = 70


def some_events() -> list[Event]:
    """Return a day of several markets: signals, undone ones, saves and opened covers."""
    dice = random.Random(5)
    events = []
    for number in range(PEOPLE):
        segment = Segment(
            dice.choice(["DE", "IN", "NP"]), dice.choice(["de", "hi"]), dice.choice(["ios", "web"])
        )
        user, at = f"user-{number}", NOON + timedelta(minutes=number)
        events.append(Event(EventKind.SETTING_SAVED, at, user, segment, Control.BLOCK, revision=1))
        events.append(
            Event(EventKind.SIGNAL_SENT, at, user, segment, Control.NOT_INTERESTED, "for_you", ("topic",))
        )
        if number % 6 == 0:
            events.append(
                Event(
                    EventKind.SETTING_REMOVED,
                    at + timedelta(hours=1),
                    user,
                    segment,
                    Control.BLOCK,
                    made_at=at,
                )
            )
        events.append(Event(EventKind.REVEALED, at, user, segment, because=ReasonCode.KEYWORD_FILTER))
    return events


EVENTS = some_events()


def empty(counting: Counting) -> None:
    tables = (
        "event_inbox events tally tally_person hourly_tally insight_cells insight_windows insight_withheld"
    )
    with counting.engine.begin() as connection:
        for table in tables.split():
            connection.execute(text(f"DELETE FROM {table}"))


def counted(
    counting: Counting, order: Sequence[int], *, sizes: random.Random | None = None
) -> list[tuple[object, ...]]:
    """Send events in an order and in batches, count and close; return everything."""
    empty(counting)
    place = 0
    while place < len(order):
        step = sizes.randint(1, 90) if sizes else len(order)
        batch = order[place : place + step]
        counting.accept([EVENTS[each] for each in batch], names=batch)
        place += step
        if sizes and sizes.random() < 0.3:
            counting.events.count_once(most=sizes.randint(1, 50))
    counting.count_all()
    counting.close()
    return counting.snapshot()


def test_order_batches_and_repetition_change_nothing(counting: Counting) -> None:
    plain = counted(counting, range(len(EVENTS)))
    assert any("told" in str(row) or "undo" in str(row) for row in plain)

    for seed in range(6):
        dice = random.Random(seed)
        order = [*range(len(EVENTS)), *dice.choices(range(len(EVENTS)), k=80)]
        dice.shuffle(order)
        assert counted(counting, order, sizes=dice) == plain


def test_takers_that_are_killed_leave_the_rest_to_others(counting: Counting, clean_database: str) -> None:
    plain = counted(counting, range(len(EVENTS)))
    empty(counting)
    counting.accept(EVENTS)
    counting.accept(EVENTS)

    def take() -> None:
        for _ in range(400):
            try:
                if not counting.events.count_once(most=15).taken:
                    return
            except StoreUnavailable:
                continue

    def kill() -> None:
        for _ in range(15):
            end_connections(clean_database, "query LIKE 'WITH moved%' AND state = 'active'")

    with ThreadPoolExecutor(3) as pool:
        for each in [pool.submit(take), pool.submit(take), pool.submit(kill)]:
            each.result()
    counting.count_all()
    counting.close()

    assert counting.snapshot() == plain


def test_two_who_close_at_once_close_once(counting: Counting) -> None:
    counting.accept(EVENTS)
    counting.count_all()
    with ThreadPoolExecutor(3) as pool:
        closed = list(pool.map(lambda _: counting.close(), range(3)))

    assert sum(closed) == 1


# Days


@pytest.mark.parametrize("market", sorted(MARKETS))
def test_every_instant_is_in_exactly_one_day_of_a_market(market: str) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(365 * 4):
        day = day_in(market, at)
        assert end_of_day(market, day - timedelta(days=1)) <= at < end_of_day(market, day)
        at += timedelta(hours=6)


def test_a_day_has_23_or_25_hours_where_clocks_change() -> None:
    def hours(market: str, day: date) -> float:
        return (end_of_day(market, day) - end_of_day(market, day - timedelta(days=1))) / timedelta(hours=1)

    assert hours("DE", date(2026, 3, 29)) == 23
    assert hours("US", date(2026, 11, 1)) == 25
    assert hours("IN", date(2026, 3, 29)) == 24


def test_markets_of_half_and_quarter_hours_have_midnights_of_their_own() -> None:
    late = datetime(2026, 11, 2, 18, 20, tzinfo=UTC)

    assert [day_in(market, late) for market in ("IN", "NP", "DE")] == [
        MONDAY,
        MONDAY + timedelta(days=1),
        MONDAY,
    ]
