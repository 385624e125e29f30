"""What counting, closing and reading figures need from the outside."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from service.domain.closing import Sums
from service.domain.emerging_terms import ReviewState, TermReview
from service.domain.events import Arrived
from service.domain.insight_definitions import Metric
from service.domain.insights import Annotation, Cell, Freshness, WithheldShare
from service.domain.market_days import Grain, Window
from service.domain.measures import CellKey, Measure
from service.domain.people import UserId
from service.domain.segments import Dimension
from service.domain.silence import Silence
from service.usecases.closed_answers import ClosedAnswers


class InsightStore(Protocol):
    """Closed cells and what is noted beside them; holds no person. Every call may raise ``StoreUnavailable``."""

    def cells(
        self,
        metric: Metric,
        days: Window,
        *,
        by: Dimension | None = None,
        value: str | None = None,
        second: Dimension | None = None,
        control: str | None = None,
    ) -> Sequence[Cell]:
        """Return the cells of a metric whose windows lie within ``days``, oldest first, then by dimension value.

        ``by`` None: the totals only; ``value`` None: every value of it. ``second``: cells of both
        dimensions. ``control`` None: every control that the
        metric has. A restated cell comes in place of the one that it restates.
        """

    def withheld(self, metric: Metric, days: Window) -> Sequence[WithheldShare]:
        """Return how much is withheld of each table of a metric within ``days``, oldest first."""

    def freshness(self, grain: Grain = Grain.DAY) -> Freshness:
        """Return up to which day every window of a grain is closed."""

    def last_closed_at(self) -> datetime | None:
        """Return when anything was last closed or restated, whatever its grain."""

    def closings(self) -> int:
        """Return how many windows were closed or restated so far: another number as soon as any cell is new."""

    def annotations(self, days: Window) -> Sequence[Annotation]:
        """Return what happened within ``days``, oldest first."""

    def annotate(self, annotation: Annotation) -> None:
        """Keep an annotation in place of one with its id."""

    def remove_annotation(self, annotation_id: str) -> bool:
        """Forget an annotation; tell whether there was one."""

    def closed_days(self, days: Window) -> Sequence[date]:
        """Return which days are closed, oldest first."""


@dataclass(frozen=True, slots=True)
class AnalystRead:
    """What an analyst read, and when; ``cell_queries`` is what it cost of a day's allowance."""

    analyst: str
    query: str
    cell_queries: int
    at: datetime


class ReadLog(Protocol):
    """Who read what. Every call may raise ``StoreUnavailable``."""

    def note(self, read: AnalystRead) -> int:
        """Keep a read; return what the analyst has spent on that day (UTC), this read included."""


class TermDesk(Protocol):
    """What the mining jobs left for people to look at. Every call may raise ``StoreUnavailable``."""

    def terms(self, state: ReviewState | None = None) -> Sequence[TermReview]:
        """Return terms in one state, or all, newest first."""

    def decide_term(self, term_id: str, state: ReviewState, category: str | None, now: datetime) -> bool:
        """Say what a reviewer decided about a term; False where there is no such term."""

    def silences(self) -> Sequence[Silence]:
        """Return how every watched series is doing."""


@dataclass(frozen=True, slots=True)
class InsightParts:
    """What stories about figures work with; none of it leads to anybody's settings."""

    insights: InsightStore
    mined: TermDesk
    reads: ReadLog
    now: Callable[[], datetime]
    new_id: Callable[[str], str]
    remembered: ClosedAnswers = field(default_factory=ClosedAnswers)


@dataclass(frozen=True, slots=True)
class ClosedTable:
    """One table as it is frozen."""

    cells: Sequence[Cell]
    share: WithheldShare


@dataclass(frozen=True, slots=True)
class TakenCount:
    """What a minute adds to one cell: occurrences, or one person by their key."""

    cell: CellKey
    n: int
    person: bytes | None = None


@dataclass(frozen=True, slots=True)
class TakenMinute:
    """What a minute of tallies holds, under a name that it keeps until it is forgotten."""

    id: str
    counts: tuple[TakenCount, ...]


class TallyTaker(Protocol):
    """Where minutes of tallies wait. Whoever takes one and dies leaves it to the next."""

    def waiting(self, now: datetime) -> Sequence[str]:
        """Return the names of minutes that nothing is added to any more, and of those taken and left."""

    def take(self, name: str) -> TakenMinute | None:
        """Take a minute, or one that was taken and left; None where somebody else was faster."""

    def forget(self, taken: TakenMinute) -> None:
        """Drop a minute that is counted."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What one round of counting did: events taken, and how many of them had not been counted before."""

    taken: int
    counted: int


class EventInbox(Protocol):
    """Where events arrive. Every call may raise ``StoreUnavailable``."""

    def accept(self, arrived: Sequence[Arrived], now: datetime) -> None:
        """Keep events that were sent to us, all or none; a retry may send the same ones again."""

    def first_edit_after(self, user_id: UserId, revision: int, now: datetime) -> datetime | None:
        """Return when somebody's settings first went beyond a revision, as far as events tell."""

    def is_on_panel(self, user_id: UserId, at: datetime) -> bool:
        """Tell whether somebody is measured in detail at a time."""


class NoInbox:
    """Takes events and keeps none."""

    def accept(self, arrived: Sequence[Arrived], now: datetime) -> None:
        """Let events go by."""

    def first_edit_after(self, user_id: UserId, revision: int, now: datetime) -> datetime | None:
        """Know of no edit."""

    def is_on_panel(self, user_id: UserId, at: datetime) -> bool:
        """Have nobody on a panel."""
        del user_id, at
        return False


class EventCounter(Protocol):
    """Where what arrived is counted, each event once. Every call may raise ``StoreUnavailable``."""

    def count_once(self, *, most: int) -> Counted:
        """Count up to ``most`` waiting events; none twice, whoever else does the same."""

    def add(self, taken: TakenMinute) -> bool:
        """Add a minute's tallies; False, and nothing added, where they were added before."""

    def forget_before(self, day: date, *, most: int) -> int:
        """Delete up to ``most`` rows about single people from before a day, of each table; tell how many."""

    def forget_erased(self, before: datetime) -> int:
        """Delete every row about some people who were erased before a time; tell how many people."""

    def destroy_secrets(self, before: datetime) -> int:
        """Destroy the secrets of epochs that ended before a time; tell how many."""


Compute = Callable[[Mapping[Measure, Sums]], Iterable[ClosedTable]]
"""Makes closed tables out of what was counted of every measure."""


class ClosingDesk(Protocol):
    """Where windows are closed: tallies go in, cells come out, and nothing that stands is changed."""

    def oldest_day(self) -> date | None:
        """Return the first day that anything was counted on."""

    def is_closed(self, grain: Grain, window: Window) -> bool:
        """Tell whether a window is closed."""

    def is_waiting(self, day: date) -> bool:
        """Tell whether anything of a day, or of one before, has arrived without being counted yet."""

    def close(self, grain: Grain, window: Window, compute: Compute, now: datetime) -> bool:
        """Freeze a window's tables, all or none; False where somebody else did."""

    def restate(self, grain: Grain, window: Window, compute: Compute, now: datetime) -> bool:
        """Put tables beside those of a closed window, to be read in their place; once, else False."""

    def lateness(self, window: Window) -> float:
        """Return which share of a window's events came after it was closed."""
