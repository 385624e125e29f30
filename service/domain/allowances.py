"""How much one user may ask of the service in a while."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

WRITES_PER_MINUTE: Final = 60
BLOCKS_PER_WRITE: Final = 5
"""Blocks have an allowance of their own, five times as roomy: whoever is mobbed blocks faster than anybody edits."""
BATCHES_PER_HOUR: Final = 20
PREVIEWS_PER_MINUTE: Final = 60


class Spending(StrEnum):
    """What an allowance is for; each is counted apart from the others."""

    WRITES = "writes"
    BLOCKS = "blocks"
    BATCHES = "batches"
    PREVIEWS = "previews"


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many at once, and as many again over a period, a little at a time."""

    size: int
    period: timedelta


def allowance_for(spending: Spending, *, writes_per_minute: int = WRITES_PER_MINUTE) -> Allowance:
    """Return how much there is to spend."""
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    return {
        Spending.WRITES: Allowance(writes_per_minute, minute),
        Spending.BLOCKS: Allowance(BLOCKS_PER_WRITE * writes_per_minute, minute),
        Spending.BATCHES: Allowance(BATCHES_PER_HOUR, hour),
        Spending.PREVIEWS: Allowance(PREVIEWS_PER_MINUTE, minute),
    }[spending]
