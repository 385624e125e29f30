"""Controls that die quietly: hours in which less comes than the same hours of the weeks before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

from service.domain.surprise import ALARM_ABOVE, Hush

HOUR: Final = timedelta(hours=1)
WEEK: Final = timedelta(weeks=1)
WEEKS_BACK: Final = 4
LOOKED_BACK: Final = timedelta(hours=48)
"""How far back a fall may have begun; older hours are the past that it is compared with."""


class SilenceState(StrEnum):
    """How a series is doing."""

    OK = "ok"
    FALLING = "falling"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, order=True)
class Series:
    """What is watched: saves, signals or matches of one control on one platform."""

    kind: str
    control: str
    platform: str


@dataclass(frozen=True, slots=True)
class Silence:
    """How one series is doing as of an hour; ``since`` is the hour in which it left what is usual."""

    series: Series
    state: SilenceState
    since: datetime
    looked_at: datetime


def listen(series: Series, counts: Mapping[datetime, int], hour: datetime) -> Silence:
    """Tell how a series is doing at the end of an hour; hours that nothing was counted in are missing from counts."""
    hush, since = Hush(), hour
    at = hour - LOOKED_BACK
    while at <= hour:
        if hush.fallen == 0:
            since = at
        hush = hush.after(counts.get(at, 0), expected_in(counts, at))
        at += HOUR
    return Silence(series, _state(hush), since, hour)


def expected_in(counts: Mapping[datetime, int], hour: datetime) -> float:
    """Return what is usual in an hour: the middle of the same hour in the four weeks before."""
    return median(counts.get(hour - week * WEEK, 0) for week in range(1, WEEKS_BACK + 1))


def _state(hush: Hush) -> SilenceState:
    if hush.is_silent:
        return SilenceState.SILENT
    return SilenceState.FALLING if hush.fallen > ALARM_ABOVE else SilenceState.OK
