"""What is worked out from the events of viewers on the panel, once a window is over."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from service.domain.events import Event, EventKind, PanelLook
from service.domain.insights import Cell
from service.domain.market_days import Grain, Window, closes_at
from service.domain.measures import Measure
from service.domain.segments import Control, Dimension, Segment
from service.store.panel import work_out
from service.usecases.close_days import close_days
from tests.insights.counting import MONDAY, NOON, Counting

PEOPLE = 60
HERE = Segment(market="DE", language="de", platform="ios", age_band="adult")
DAY = Window(MONDAY, MONDAY)


def edit(person: str, seconds: float, revision: int, segment: Segment = HERE) -> Event:
    at = NOON + timedelta(seconds=seconds)
    return Event(EventKind.SETTING_SAVED, at, person, segment, Control.BLOCK, revision=revision)


def decision(person: str, seconds: float, revision: int | None, look: PanelLook | None = None) -> Event:
    at = NOON + timedelta(seconds=seconds)
    look = look or PanelLook(20)
    return Event(EventKind.DECIDED, at, person, HERE, surface="for_you", revision=revision, look=look)


def seconds_of(counting: Counting, engine: Engine, events: list[Event]) -> dict[str, int]:
    """Return how many edits counted within which time."""
    counting.accept(events)
    counting.count_all()
    with engine.connect() as connection:
        told = work_out(connection, Measure.IN_EFFECT, DAY)
    return {each.dims: each.n for each in told}


@pytest.mark.parametrize(
    ("after", "within"),
    [
        ([(60, 5)], "0s"),  # the viewer was away for a minute, and came back to what they had asked for
        ([(1, 4), (3, 5)], "5s"),
        ([(1, 4), (3, 4), (40, 7)], "60s"),
        ([(1, None), (2, 5)], "0s"),
        ([(-1, 4), (2, 5)], "0s"),
        ([(1, 4), (4_000, 5)], ""),
        ([(1, 4)], ""),
    ],
)
def test_an_edit_counts_from_the_first_decision_by_it(
    after: list[tuple[float, int | None]], within: str, counting: Counting, engine: Engine
) -> None:
    decided = [decision("ada", seconds, revision) for seconds, revision in after]
    noise = [edit("bob", 0, 9), decision("cy", 1, 99)]
    found = seconds_of(counting, engine, [edit("ada", 0, 5), *decided, *noise])

    times = [dims.partition("=")[2] for dims in found if dims.startswith("within=")]
    assert min(times, key=lambda time: int(time.removesuffix("s")), default="") == within


def test_half_and_most_edits_count_within_a_time_that_is_told(counting: Counting) -> None:
    events: list[Event] = []
    for number in range(PEOPLE):
        person, late = f"p{number}", number >= 40
        events += [edit(person, 0, 2), decision(person, 1, 1 if late else 2), decision(person, 8, 2)]
    counting.accept(events)
    counting.count_all()
    counting.close()

    [total] = counting.cells("time_to_effect")
    assert (total.numerator, total.denominator, total.value, total.people) == (40, 60, 67.0, "50-99")
    within = {
        cell.dims[0][1]: cell.numerator for cell in counting.cells("time_to_effect", by=Dimension.WITHIN)
    }
    assert (within["0s"], within["5s"], within["10s"], within["3600s"]) == (40, 40, 60, 60)
    [ios, *_] = [
        cell for cell in counting.cells("time_to_effect", by=Dimension.PLATFORM) if cell.value is not None
    ]
    assert (ios.dims, ios.value) == (((Dimension.PLATFORM, "ios"),), 67.0)


def test_who_loses_much_of_the_feed_is_counted_by_the_week(counting: Counting) -> None:
    """A third of a page is much; a third of one page among three is not."""
    much, little = PanelLook(60, ((Control.BLOCK, 20), (Control.MUTE, 20))), PanelLook(20)
    events = []
    for number in range(PEOPLE):
        person, is_heavy = f"p{number}", number < 12
        events += [decision(person, 1, 1, much), *([] if is_heavy else [decision(person, 90, 1, little)] * 6)]
    counting.accept(events)
    counting.count_all()
    week = Window(MONDAY, MONDAY + timedelta(days=6))
    close_days(counting.closing, closes_at(week))

    [total] = counting.cells("heavy_filtering")
    assert (total.numerator, total.denominator) == (10, 60)
    german = counting.cells("heavy_filtering", by=Dimension.LANGUAGE)
    assert [cell.numerator for cell in german if cell.value is not None] == [10]


def kept(counting: Counting, days_later: int) -> list[Cell]:
    close_days(counting.closing, closes_at(DAY, Grain.COHORT) + timedelta(days=days_later))
    return counting.cells("kept_28_days")


def test_what_people_keep_is_known_four_weeks_after_they_made_it(counting: Counting) -> None:
    made = [edit(f"p{number}", 0, 2) for number in range(PEOPLE)]
    gone = [
        Event(
            EventKind.SETTING_REMOVED,
            NOON + timedelta(days=days),
            f"p{number}",
            HERE,
            Control.BLOCK,
            made_at=NOON,
        )
        for number, days in enumerate([3] * 20 + [28] * 4 + [29] * 5)
    ]
    counting.accept([*made, *gone])
    counting.count_all()

    assert kept(counting, -1) == []
    [cell] = kept(counting, 0)
    assert (cell.control, cell.numerator, cell.denominator) == ("block", 40, 60)  # 36 of them


def test_what_was_made_before_counting_began_takes_nothing_away(counting: Counting) -> None:
    made = [edit(f"p{number}", 0, 2, HERE) for number in range(PEOPLE)]
    gone = [
        Event(EventKind.SETTING_REMOVED, NOON, f"q{number}", HERE, Control.BLOCK, made_at=NOON)
        for number in range(80)
    ]
    counting.accept([*made, *gone])
    counting.count_all()

    [cell] = kept(counting, 0)
    assert (cell.numerator, cell.denominator) == (0, 60)
