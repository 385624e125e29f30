"""Jobs look for what nobody asked about: new terms, controls that fall silent, and for whom it is worst."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from service.domain.emerging_terms import EmergingTerm, ReviewState, Rising, TermReview, emerging_on
from service.domain.insight_definitions import METRICS, Direction
from service.domain.market_days import Grain, window_with
from service.domain.rising_rejections import rising_on
from service.domain.silence import HOUR, LOOKED_BACK, WEEK, WEEKS_BACK, Series, Silence, listen
from service.domain.worst_places import WorstPlace, worst_places
from service.usecases.insight_ports import InsightStore

REMEMBERED: Final = timedelta(days=40)
LOOKED_BACK_DAYS: Final = 7
"""So many days are looked at each time: a day on which the job stood still is made up for, and what devices sent late
counts. With what the oldest is compared with, 37 days are needed."""


class MiningDesk(Protocol):
    """What the mining jobs look at and leave behind. Every call may raise ``StoreUnavailable``."""

    def adders(self, since: datetime) -> Mapping[str, Mapping[date, int]]:
        """Return by term and day how many people first added it."""

    def rejecters(self, since: datetime) -> Mapping[Rising, Mapping[str, Mapping[date, int]]]:
        """Return by topic, hashtag or sound, by its name and by day how many people rejected posts with it."""

    def showings(self, since: date) -> Mapping[date, int]:
        """Return by day how much was shown to everybody."""

    def found_before(self, kind: Rising = Rising.TERM) -> Mapping[str, date]:
        """Return when each term, or whatever else is asked about, was last found."""

    def keep_term(self, term_id: str, found: EmergingTerm) -> bool:
        """Put a term under review; False where it is already, from the same day."""

    def terms(self, state: ReviewState | None = None) -> Sequence[TermReview]:
        """Return terms in one state, or all, newest first."""

    def decide_term(self, term_id: str, state: ReviewState, category: str | None, now: datetime) -> bool:
        """Say what a reviewer decided about a term; False where there is no such term."""

    def hours(self, since: datetime) -> Mapping[Series, Mapping[datetime, int]]:
        """Return what was counted by the hour, by series."""

    def keep_silence(self, silence: Silence) -> None:
        """Keep how a series is doing, in place of how it was."""

    def silences(self) -> Sequence[Silence]:
        """Return how every series is doing."""


def mine_terms(desk: MiningDesk, now: datetime, new_id: Callable[[str], str]) -> int:
    """Put under review what many people began to filter in the last days; tell how many terms."""
    adders, kept = desk.adders(now - REMEMBERED), 0
    for day in _days_over(now):
        found = emerging_on(day, adders, found_before=desk.found_before())
        kept += sum(desk.keep_term(new_id("term"), each) for each in found)
    return kept


def mine_rejections(desk: MiningDesk, now: datetime, new_id: Callable[[str], str]) -> int:
    """Put under review what posts had in common that many people rejected in the last days; tell how many."""
    since = now - REMEMBERED
    showings, kept = desk.showings(since.date()), 0
    for kind, rejecters in desk.rejecters(since).items():
        for day in _days_over(now):
            found = rising_on(day, kind, rejecters, showings, found_before=desk.found_before(kind))
            kept += sum(desk.keep_term(new_id("rising"), each) for each in found)
    return kept


def _days_over(now: datetime) -> list[date]:
    """Return the days to look at, oldest first: what stood out on one is no news on the next."""
    return [now.date() - timedelta(days=back) for back in range(LOOKED_BACK_DAYS, 0, -1)]


def listen_for_silence(desk: MiningDesk, now: datetime) -> int:
    """Note how every watched series is doing as of the last full hour; tell how many are not as usual."""
    hour = now.replace(minute=0, second=0, microsecond=0) - HOUR
    unusual = 0
    for series, counts in sorted(desk.hours(hour - WEEKS_BACK * WEEK - LOOKED_BACK).items()):
        silence = listen(series, counts, hour)
        desk.keep_silence(silence)
        unusual += silence.state != "ok"
    return unusual


def look_first(insights: InsightStore, day: date) -> list[WorstPlace]:
    """Rank for whom it was worst in the week of a day, by closed cells alone."""
    week = window_with(day, Grain.WEEK)
    cells = {}
    for metric in METRICS.values():
        if metric.good is not Direction.NEITHER and metric.grain is not Grain.BLOCK:
            found = list(insights.cells(metric, week))
            for dimension in metric.dimensions:
                found += insights.cells(metric, week, by=dimension)
            cells[metric] = found
    return worst_places(cells)
