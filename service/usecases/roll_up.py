"""Jobs bring what happened into the tallies, and later forget who it was."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from service.usecases.close_days import KEPT_DAYS
from service.usecases.insight_ports import EventCounter, TallyTaker

BATCH: Final = 5_000

Told = Callable[[int], None]
"""Is told after each round how much is done so far."""


def _nobody(done: int) -> None:
    del done


def roll_up(events: EventCounter, *, batch: int = BATCH, progress: Told = _nobody) -> int:
    """Count every waiting event, each once; tell how many had not been counted before."""
    counted = 0
    while (done := events.count_once(most=batch)).taken:
        counted += done.counted
        progress(counted)
    return counted


def take_tallies(events: EventCounter, taker: TallyTaker, now: datetime, *, progress: Told = _nobody) -> int:
    """Add every minute that waits to the tallies, each once; tell how many."""
    added = 0
    for name in taker.waiting(now):
        taken = taker.take(name)
        if taken:
            added += events.add(taken)
            taker.forget(taken)
            progress(added)
    return added


def forget_people(
    events: EventCounter, now: datetime, *, batch: int = BATCH, progress: Told = _nobody
) -> int:
    """Delete who stands behind counts once nothing can need it any more; tell how many rows."""
    before = now.date() - timedelta(days=KEPT_DAYS)
    gone = 0
    while deleted := events.forget_before(before, most=batch):
        gone += deleted
        progress(gone)
    return gone
