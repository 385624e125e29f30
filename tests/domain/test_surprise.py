"""What stands out: planted bursts, silences and gaps are found, and chance is not."""

import math
import random
from datetime import UTC, date, datetime, timedelta

import pytest

from service.domain.emerging_terms import emerging_on, may_be_reviewed
from service.domain.insight_definitions import METRICS
from service.domain.insights import Cell, CellState
from service.domain.market_days import Window
from service.domain.segments import Dimension, Dims
from service.domain.silence import Series, SilenceState, listen
from service.domain.surprise import Hush, discoveries, negative_binomial_tail, overdispersion
from service.domain.worst_places import worst_places

DAY = date(2026, 3, 2)
HOUR = datetime(2026, 3, 2, tzinfo=UTC)
TERMS, DAYS, FLOOR = 600, 60, 20


def a_count(dice: random.Random, mean: float, phi: float = 0.1) -> int:
    """Draw a count whose days differ beyond chance."""
    mean *= dice.lognormvariate(-phi / 2, math.sqrt(phi))
    return max(0, round(dice.gauss(mean, math.sqrt(mean)))) if mean > 30 else poisson(dice, mean)


def poisson(dice: random.Random, mean: float) -> int:
    count, left = 0, dice.random()
    limit = math.exp(-mean)
    while left > limit:
        left *= dice.random()
        count += 1
    return count


def terms_without_news(seed: int) -> dict[str, dict[date, int]]:
    """Return adders by term and day: few terms that many add, many that few add, the same every day but for chance."""
    dice = random.Random(seed)
    return {
        f"term{rank}": {DAY + timedelta(days=n): a_count(dice, 120 / rank) for n in range(DAYS)}
        for rank in range(1, TERMS + 1)
    }


def found_on(adders: dict[str, dict[date, int]], first: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for n in range(first, DAYS):
        for each in emerging_on(DAY + timedelta(days=n), adders, floor=FLOOR):
            found.setdefault(each.term, n)
    return found


@pytest.mark.parametrize(
    ("count", "size", "mean"), [(0, 2.0, 3.0), (3, 2.0, 3.0), (40, 3.3, 6.0), (9, 0.5, 30.0)]
)
def test_the_tail_is_one_minus_everything_below(count: int, size: float, mean: float) -> None:
    below = sum(
        math.exp(math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1))
        * (size / (size + mean)) ** size
        * (mean / (size + mean)) ** k
        for k in range(count)
    )

    assert negative_binomial_tail(count, size, mean) == pytest.approx(1 - below, rel=1e-9)


def test_discoveries_are_those_of_benjamini_and_hochberg() -> None:
    """The example of their paper of 1995: of fifteen, the four smallest at five per cent."""
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
    ]
    p += [0.7590, 1.0000]

    assert discoveries(p, 0.05) == [True] * 4 + [False] * 11


def test_days_that_differ_by_chance_alone_are_not_overdispersed() -> None:
    dice = random.Random(1)
    chance = [[poisson(dice, 20) for _ in range(60)] for _ in range(40)]
    more = [[a_count(dice, 20, phi=0.3) for _ in range(60)] for _ in range(40)]

    assert overdispersion(chance) < 0.03
    assert 0.15 < overdispersion(more) < 0.5


def test_g07_a_quiet_season_raises_no_alarm() -> None:
    assert len(found_on(terms_without_news(7), 31)) <= 1


def test_g07_bursts_are_found_within_a_day() -> None:
    adders, dice = terms_without_news(8), random.Random(8)
    planted = {}
    for rank in range(12, 36):
        start = dice.randrange(35, DAYS - 4)
        planted[f"term{rank}"] = start
        for n in range(start, start + 3):
            adders[f"term{rank}"][DAY + timedelta(days=n)] = a_count(dice, dice.choice([8, 16]) * 120 / rank)

    found = found_on(adders, 31)
    on_time = [term for term, start in planted.items() if term in found and 0 <= found[term] - start <= 1]
    assert len(on_time) >= 23


def test_few_people_never_make_a_term_emerge() -> None:
    adders = terms_without_news(9)
    adders["rare"] = {DAY + timedelta(days=40): 99}

    assert "rare" not in {each.term for each in emerging_on(DAY + timedelta(days=40), adders)}


@pytest.mark.parametrize(
    "term", ["kim@example.org", "@kim", "https://x.example/kim", "+49 170 123456", "kim.example"]
)
def test_terms_that_name_somebody_never_reach_a_review(term: str) -> None:
    assert not may_be_reviewed(term)
    assert may_be_reviewed("pumpkin spice")


def an_ordinary_month(dice: random.Random) -> dict[datetime, int]:
    hours = range(-32 * 24, 60 * 24)
    return {
        HOUR + timedelta(hours=n): a_count(dice, 40 * (1 + 0.6 * math.sin(n * math.tau / 24)), phi=0.05)
        for n in hours
    }


def alarms(counts: dict[datetime, int], first: int, hours: int) -> list[int]:
    series = Series("saves", "block", "ios")
    return [
        n
        for n in range(first, first + hours)
        if listen(series, counts, HOUR + timedelta(hours=n)).state is not SilenceState.OK
    ]


def test_g11_a_control_that_dies_is_noticed_within_six_hours() -> None:
    dice = random.Random(11)
    for died in (100, 109, 118):
        counts = {at: n for at, n in an_ordinary_month(dice).items() if at < HOUR + timedelta(hours=died)}

        assert min(alarms(counts, died, 6), default=99) < died + 6


def test_g11_ordinary_weeks_raise_hardly_an_alarm() -> None:
    dice = random.Random(12)
    raised = sum(bool(alarms(an_ordinary_month(dice), start, 24)) for start in (0, 240, 480))

    assert raised == 0


def test_nothing_where_twenty_were_expected_is_silence() -> None:
    hush = Hush()
    for _ in range(11):
        hush = hush.after(0, 2.0)

    assert hush.is_silent
    assert not hush.after(1, 2.0).is_silent


def a_cell(language: str | None, leaked: int, shown: int) -> Cell:
    dims: Dims = ((Dimension.LANGUAGE, language),) if language else ()
    window = Window(DAY, DAY + timedelta(days=6))
    return Cell("leakage", 1, window, "", dims, CellState.SHOWN, numerator=leaked, denominator=shown)


def test_g15_a_language_with_three_times_the_leaks_stands_where_arithmetic_says() -> None:
    cells = [
        a_cell(None, 5_100, 1_000_000),
        a_cell("ta", 150, 10_000),
        a_cell("hi", 1_500, 200_000),
        a_cell("en", 3_450, 790_000),
    ]

    found = worst_places({METRICS["leakage"]: cells})

    assert [(each.dims[0][1], each.excess) for each in found] == [("hi", 600), ("ta", 100)]
    assert (found[1].rate, found[1].rest_rate) == (15.0, 5.0)
    assert (found[1].gap or 0) > (found[0].gap or 0)  # whoever ranked by the gap would begin with few people


def test_a_gap_that_chance_may_have_made_is_not_told() -> None:
    cells = [a_cell(None, 100, 20_000), a_cell("ta", 60, 10_000), a_cell("en", 40, 10_000)]
    close_call = [a_cell(None, 100, 20_000), a_cell("ta", 53, 10_000), a_cell("en", 47, 10_000)]

    assert worst_places({METRICS["leakage"]: close_call}) == []
    assert len(worst_places({METRICS["leakage"]: cells})) <= 1


@pytest.mark.parametrize(("part", "whole"), [((110, 100), (5_000, 90_000)), ((700, 1_000), (1_200, 1_400))])
def test_numbers_that_were_rounded_apart_can_be_compared(
    part: tuple[int, int], whole: tuple[int, int]
) -> None:
    cells = [a_cell(None, *whole), a_cell("ta", *part)]
    swapped = [a_cell(None, *whole), a_cell("ta", whole[0] - part[0], whole[1] - part[1])]

    for each in (cells, swapped):
        assert all(place.excess > 0 for place in worst_places({METRICS["leakage"]: each}))
