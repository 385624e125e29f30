"""Jobs bring what happened into the tallies, and later forget who it was."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.usecases.close_days import KEPT_DAYS
from service.usecases.insight_ports import EventCounter, TallyTaker

BATCH: Final = 5_000

ARRIVES_WITHIN: Final = timedelta(minutes=15)
"""Longer than minutes of tallies wait in Redis while jobs run."""

Told = Callable[[int], None]
"""Is told after each round how much is done so far."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What one run forgot: people who were erased, rows that were too old, and secrets of epochs."""

    people: int
    rows: int
    secrets: int


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
    """Add every minute that waits to the tallies, each once; tell how many.

    Looks again until none is left: one that somebody else took meanwhile waits under another name, and whoever goes
    on to close a day or to forget people must find it added.
    """
    added = 0
    while names := taker.waiting(now):
        for name in names:
            taken = taker.take(name)
            if taken:
                added += events.add(taken)
                taker.forget(taken)
                progress(added)
    return added


def forget_people(
    events: EventCounter, now: datetime, *, batch: int = BATCH, progress: Told = _nobody
) -> Forgotten:
    """Forget who stands behind counts: whoever was erased, and everybody once nothing can need it any more.

    Erasures wait until what was on its way when they were asked for has arrived.
    """
    people = rows = 0
    while some := events.forget_erased(now - ARRIVES_WITHIN):
        people += some
    before = now - timedelta(days=KEPT_DAYS)
    while deleted := events.forget_before(before.date(), most=batch):
        rows += deleted
        progress(rows)
    return Forgotten(people, rows, events.destroy_secrets(before))
