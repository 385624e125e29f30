"""What the mining jobs find at full size: python -m load_tests.mining, on a PostgreSQL of its own.

Ninety days of four thousand terms and of the hours of 24 series, written where the jobs read them: the filters that
people keep, and the tallies by the hour. ``load_tests.populations`` plants the same through the API, smaller.
"""

import math
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any, Final, TypeAlias

from sqlalchemy import Engine, insert

from load_tests.closing import ENDLESS, a_database
from load_tests.golden.findings import TABLE_HEAD, Finding
from load_tests.golden.quarter import BURSTS_FROM, QUARTER, QUIET_DAYS, TERMS, Adders, found_in, on_time
from load_tests.populations import tell
from service.domain.emerging_terms import FLOOR
from service.domain.silence import HOUR, LOOKED_BACK, WEEK, WEEKS_BACK, Series, SilenceState, listen
from service.store.engine import make_engine, transaction
from service.store.insight_tables import hourly_tally
from service.store.mining import PostgresMining
from service.store.tables import keyword_filters

POPULAR: Final = 600
"""How many a day begin to filter the first term; the n-th a n-th of that."""
NOISE_OF_TERMS, NOISE_OF_HOURS, NOISE_OF_DAYS = 0.1, 0.05, 0.005
"""How much counts differ beyond chance, as variance over squared mean: from day to day by 32 % in terms, in series
that are watched by 22 % from hour to hour and 7 % from day to day."""
BURSTS: Final = range(12, 36)
LIFTS: Final = (8, 16)
BURST_DAYS: Final = 3
TERMS_EACH: Final = 20

PLATFORMS: Final = {"android": 400, "ios": 250, "web": 60}
"""What the busiest control counts in an average hour."""
WATCHED: Final = {
    ("matches", "keyword_filter"): 1.0,
    ("matches", "block"): 0.8,
    ("matches", "mute"): 0.5,
    ("matches", "not_interested"): 0.4,
    ("saves", "keyword_filter"): 0.4,
    ("saves", "block"): 0.4,
    ("saves", "mute"): 0.3,
    ("signals", "not_interested"): 0.6,
}
FIRST_HOUR: Final = datetime.combine(QUARTER[0], time(), UTC)
HEARD_FROM: Final = FIRST_HOUR + WEEKS_BACK * WEEK + LOOKED_BACK
DAYS_HEARD: Final = 60
WITHIN: Final = 6

Counts: TypeAlias = Mapping[datetime, int]


def main() -> int:
    """Write, look, compare; 0 where everything that was planted was found."""
    with a_database() as url:
        engine = make_engine(url)
        found = [*terms(engine), *silences(engine)]
        engine.dispose()
    print(TABLE_HEAD, *found, sep="\n")
    return 0 if all(each.holds for each in found) else 1


def terms(engine: Engine) -> Iterator[Finding]:
    """Look for bursts in a quarter that has none, and in the same quarter with two dozen."""
    dice = random.Random(7)
    quiet = {
        f"term {rank}": {day: a_count(dice, POPULAR / rank, NOISE_OF_TERMS) for day in QUARTER}
        for rank in range(1, TERMS + 1)
    }
    keep_filters(engine, quiet, "quiet")
    alerts = len(found_in(PostgresMining(engine).adders(FIRST_HOUR), FLOOR))
    tell(f"a quiet quarter: {alerts} alerts")
    yield Finding(
        f"G07 alerts in {len(QUARTER) - QUIET_DAYS} days of {TERMS:,} terms",
        "0",
        f"{alerts}",
        "<= 1",
        alerts <= 1,
    )
    bursts = {}
    loud: dict[str, dict[date, int]] = defaultdict(dict)
    for number, rank in enumerate(BURSTS):
        first = dice.randrange(BURSTS_FROM, len(QUARTER) - BURST_DAYS)
        bursts[f"term {rank}"] = QUARTER[first]
        for day in QUARTER[first : first + BURST_DAYS]:
            usual = (LIFTS[number % 2] - 1) * POPULAR / rank
            loud[f"term {rank}"][day] = a_count(dice, usual, NOISE_OF_TERMS)
    keep_filters(engine, loud, "loud")
    found = found_in(PostgresMining(engine).adders(FIRST_HOUR), FLOOR)
    in_time, others = on_time(bursts, found), len(found.keys() - bursts.keys())
    tell(f"a loud quarter: {len(found)} alerts")
    yield Finding("G07 bursts found within a day", f"{len(bursts)}", f"{in_time}", ">= 23", in_time >= 23)
    yield Finding("G07 alerts beside them", "0", f"{others}", "<= 1", others <= 1)


def keep_filters(engine: Engine, adders: Adders, name: str) -> None:
    """Let people who filter nothing else begin to filter terms, each term as many people as are told, day by day."""
    with transaction(engine, ENDLESS) as connection:
        for day in QUARTER:
            wanted = [term for term, days in adders.items() for _ in range(days.get(day, 0))]
            most = max((days.get(day, 0) for days in adders.values()), default=0)
            people = max(most, math.ceil(len(wanted) / TERMS_EACH))
            rows = [
                a_filter(f"{name}-{day}-{number}", day, wanted[number::people]) for number in range(people)
            ]
            if rows:
                connection.execute(insert(keyword_filters), rows)


def a_filter(person: str, day: date, some: list[str]) -> dict[str, Any]:
    """Return a filter as it is kept."""
    return {
        "user_id": person,
        "id": "kf",
        "terms": some,
        "op": "any",
        "mode": "word",
        "fields": ["caption"],
        "surfaces": [],
        "author_scope": "everyone",
        "scope_authors": [],
        "enabled": True,
        "created_at": datetime.combine(day, time(12), UTC),
        "revision": 1,
    }


def silences(engine: Engine) -> Iterator[Finding]:
    """Listen for sixty days to series of which none falls silent, then let each die once."""
    dice = random.Random(11)
    everything = {
        Series(kind, control, platform): dict(hours_of(dice, share * mean))
        for ((kind, control), share), (platform, mean) in product(WATCHED.items(), PLATFORMS.items())
    }
    keep_hours(engine, everything)
    kept = PostgresMining(engine).hours(FIRST_HOUR)
    alarms = sum(alarms_of(series, counts) for series, counts in kept.items())
    tell(f"{len(kept)} series: {alarms} alarms")
    yield Finding(
        f"G11 false alarms of {len(kept)} series in {DAYS_HEARD} days", "0", f"{alarms}", "<= 1", alarms <= 1
    )
    noticed = [hours_until_noticed(dice, series, counts) for series, counts in kept.items()]
    in_time = sum(each is not None for each in noticed)
    latest = max((each for each in noticed if each is not None), default=0)
    yield Finding(
        f"G11 deaths noticed within {WITHIN} hours, the latest after",
        f"{len(kept)}, {WITHIN}",
        f"{in_time}, {latest}",
        "exact",
        in_time == len(kept),
    )


def hours_of(dice: random.Random, mean: float) -> Iterator[tuple[datetime, int]]:
    """Yield what is counted hour by hour: more in the evening than at night, some days more than others."""
    for day, hour in product(range(len(QUARTER)), range(24)):
        if not hour:
            of_day = dice.lognormvariate(-NOISE_OF_DAYS / 2, math.sqrt(NOISE_OF_DAYS))
        usual = mean * of_day * (1 - 0.6 * math.cos((hour - 8) * math.tau / 24))
        yield FIRST_HOUR + timedelta(days=day, hours=hour), a_count(dice, usual, NOISE_OF_HOURS)


def keep_hours(engine: Engine, series: Mapping[Series, Counts]) -> None:
    """Write what was counted by the hour."""
    rows = [
        {"hour": hour, "kind": each.kind, "control": each.control, "platform": each.platform, "n": n}
        for each, counts in series.items()
        for hour, n in counts.items()
    ]
    with transaction(engine, ENDLESS) as connection:
        connection.execute(insert(hourly_tally), rows)


def alarms_of(series: Series, counts: Counts) -> int:
    """Count how often a series stops being as usual."""
    alarms, was = 0, SilenceState.OK
    for number in range(24 * DAYS_HEARD):
        state = listen(series, counts, HEARD_FROM + number * HOUR).state
        alarms += state is not SilenceState.OK and was is SilenceState.OK
        was = state
    return alarms


def hours_until_noticed(dice: random.Random, series: Series, counts: Counts) -> int | None:
    """Let a series die at some hour; return after how many an alarm is raised, None where none is in time."""
    died = HEARD_FROM + dice.randrange(24 * (DAYS_HEARD - 1)) * HOUR
    left = {hour: n for hour, n in counts.items() if hour < died}
    for after in range(WITHIN):
        if listen(series, left, died + after * HOUR).state is not SilenceState.OK:
            return after + 1
    return None


def a_count(dice: random.Random, mean: float, noise: float) -> int:
    """Draw a count that differs from others beyond chance."""
    mean *= dice.lognormvariate(-noise / 2, math.sqrt(noise))
    if mean > 30:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    count, left, limit = 0, dice.random(), math.exp(-mean)
    while left > limit:
        left *= dice.random()
        count += 1
    return count


if __name__ == "__main__":
    sys.exit(main())
