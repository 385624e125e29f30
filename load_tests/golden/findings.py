"""What was planted beside what the figures say, and whether one is the other."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count
from typing import Any, Final

from load_tests.golden.deaths import DEAD, let_one_die, noticed
from load_tests.golden.leaks import Leaks
from load_tests.golden.planting import FIRST, LAST, NOON, sum_of
from load_tests.golden.quarter import NEWS, QUARTER, found_in, on_time
from load_tests.golden.stage import Stage, patiently
from service.store.mining import PostgresMining
from service.usecases.mine import mine_terms

WEEK: Final = {"from": str(FIRST), "to": str(LAST)}
FLOOR: Final = 20
"""Where few people filter, chance never makes a hundred add a term on one day: held against a lower floor too."""
SILENCES_WATCHED: Final = 18
ROUNDED_BY: Final = 8
"""Published counts are rounded to tens, then what is made of them to two digits."""


@dataclass(slots=True)
class Truth:
    """What must come out, by surface and by language, as whoever planted it knows."""

    requests: int = 0
    prevented: Counter[str] = field(default_factory=Counter)
    would_be: Counter[str] = field(default_factory=Counter)
    leaked_to: Counter[str] = field(default_factory=Counter)
    shown_to: Counter[str] = field(default_factory=Counter)
    rare: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was planted: what, how much was found, and how much may be missing."""

    what: str
    planted: str
    found: str
    tolerance: str
    holds: bool

    def __str__(self) -> str:
        """Write it as a row of a table."""
        verdict = "holds" if self.holds else "**does not hold**"
        return f"| {self.what} | {self.planted} | {self.found} | {self.tolerance} | {verdict} |"


TABLE_HEAD: Final = "| what | planted | found | tolerance | verdict |\n|---|---|---|---|---|"


def findings(stage: Stage, truth: Truth, leaks: Leaks) -> Iterator[Finding]:
    """Hold everything that was planted in a week against its figures."""
    requests = sum_of(stage, "requests")
    yield Finding("requests", f"{truth.requests:,}", f"{requests:,}", "exact", requests == truth.requests)
    for surface in sorted(truth.would_be):
        yield prevented_on(stage, truth, surface)
        yield published_on(stage, truth, surface)
    yield leaked(stage, truth)
    yield Finding(
        "G05 leaks under their own cause, of five",
        f"{sum(leaks.planted.values()):,} posts",
        f"{leaks.attributed():.1%}",
        ">= 95 %",
        leaks.attributed() >= 0.95,
    )
    yield worst_language(stage, truth)
    yield excess_of_the_worst(stage, truth)


def prevented_on(stage: Stage, truth: Truth, surface: str) -> Finding:
    """Compare with an independent ranking of every request."""
    planted, found = truth.prevented[surface], sum_of(stage, "prevented", f"surface={surface}")
    return Finding(f"G04 prevented, {surface}", f"{planted:,}", f"{found:,}", "exact", found == planted > 0)


def published_on(stage: Stage, truth: Truth, surface: str) -> Finding:
    """Compare what analysts are told; published counts are rounded."""
    shown = stage.read("/v1/insights/breakdown", metric="showings_prevented", by="surface", **WEEK)
    found = sum(row["value"] or 0 for row in shown["rows"] if row["by"].get("surface") == surface)
    planted = 1_000 * truth.prevented[surface] / truth.would_be[surface]
    tolerance = max(0.05, ROUNDED_BY / max(truth.prevented[surface], 1))
    return Finding(
        f"G04 as published, of 1,000 on {surface}",
        f"{planted:.2f}",
        f"{found:.2f}",
        f"{tolerance:.0%}",
        abs(found - planted) <= tolerance * planted,
    )


def leaked(stage: Stage, truth: Truth) -> Finding:
    """Compare the leakage of the week, in points of a hundred."""
    rows = stage.read("/v1/insights/series", metric="leakage", **WEEK)["rows"]
    found = sum(row["value"] for row in rows) / 10
    planted = 100 * truth.leaked_to.total() / truth.shown_to.total()
    return Finding(
        "G05 leakage (M22)",
        f"{planted:.3f} %",
        f"{found:.3f} %",
        "0.05 points",
        0.25 < planted < 0.45 and abs(found - planted) <= 0.05,
    )


def worst_language(stage: Stage, truth: Truth) -> Finding:
    """Tell which language stands first where leakage is broken down."""
    rows = stage.read("/v1/insights/breakdown", metric="leakage", by="language", **WEEK)["rows"]
    first = rows[0]["by"]["language"] if rows else "none"
    return Finding("G15 language that leaks most", truth.rare, first, "exact", first == truth.rare)


def excess_of_the_worst(stage: Stage, truth: Truth) -> Finding:
    """Tell whether the job that ranks by excess puts the language where arithmetic does."""
    leaked, shown = truth.leaked_to.total(), truth.shown_to.total()
    usual = (leaked - truth.leaked_to[truth.rare]) / (shown - truth.shown_to[truth.rare])
    planted = truth.leaked_to[truth.rare] - usual * truth.shown_to[truth.rare]
    first = first_of(stage.read("/v1/insights/look-first", week=FIRST.strftime("%G-W%V"))["places"])
    language, excess = first["by"].get("language", "none"), float(first["excess"])
    tolerance = max(10.0, 0.1 * planted)
    return Finding(
        "G15 first by excess, and how much",
        f"{truth.rare}, {planted:.0f}",
        f"{language}, {excess:.0f}",
        f"{tolerance:.0f}",
        language == truth.rare and abs(excess - planted) <= tolerance,
    )


def first_of(places: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the language where leakage is worst."""
    nowhere: dict[str, Any] = {"by": {}, "excess": 0}
    return next(
        (each for each in places if each["metric"] == "leakage" and "language" in each["by"]), nowhere
    )


def bursts_and_news(stage: Stage, bursts: Mapping[str, date]) -> Iterator[Finding]:
    """Mine the quarter day by day at a low floor, and its last days as the job does."""
    desk = PostgresMining(stage.engine)
    found = found_in(patiently(lambda: desk.adders(NOON - timedelta(days=120))), FLOOR)
    in_time, chance = on_time(bursts, found), len(found.keys() - bursts.keys() - {NEWS})
    planted = len(bursts)
    yield Finding("G07 bursts found within a day", f"{planted}", f"{in_time}", ">= 23", in_time >= 23)
    yield Finding("G07 alerts of chance in 60 days", "0", f"{chance}", "<= 1", chance <= 1)
    names = count()
    for day in QUARTER[-3:]:
        tomorrow = datetime.combine(day + timedelta(days=1), time(6), UTC)
        patiently(partial(mine_terms, desk, tomorrow, lambda prefix: f"{prefix}-{next(names)}"))
    reviewed = ", ".join(each.found.term for each in patiently(desk.terms))
    yield Finding("G07 under review", NEWS, reviewed, "exact", reviewed == NEWS)


def death(stage: Stage, people: int) -> Finding:
    """Let a control die on one platform where so many look every hour, and listen until six hours after.

    They look in the weeks before too, so that everything else has been compared by then.
    """
    let_one_die(stage, people)
    found = noticed(stage)
    others = len(found.keys() - {DEAD})
    series = len(patiently(PostgresMining(stage.engine).silences))
    return Finding(
        f"G11 hours until a death is noticed, other alarms of {series} series",
        "1 to 6, 0",
        f"{found.get(DEAD, 'never')}, {others}",
        "exact",
        series >= SILENCES_WATCHED and not others and 0 < found.get(DEAD, 0) <= 6,
    )
