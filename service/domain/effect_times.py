"""How soon edits count: how many within which time, and within which half of them and nineteen in twenty do."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from service.domain.closing import Tallied
from service.domain.insight_answers import BreakdownRow
from service.domain.segments import VALUES, Dimension, dims_text, known_value

IN_TIME: Final = 5.0
"""By when an edit must count everywhere, in seconds."""
HALF: Final = 50
NINETEEN_IN_TWENTY: Final = 95
"""Of a hundred."""


@dataclass(frozen=True, slots=True)
class Delay:
    """How many seconds after an edit a feed was first decided by it; None where that never happened."""

    market: str
    platform: str
    person: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class EffectTimes:
    """Within which time half of all edits counted, and nineteen in twenty, as in ``5s``; None: not within any."""

    p50: str | None
    p95: str | None


def edits_in(delays: Sequence[Delay]) -> list[Tallied]:
    """Count edits, by platform too."""
    return _tallied(place for delay in delays for place in _places(delay))


def in_effect_in(delays: Sequence[Delay]) -> list[Tallied]:
    """Count edits that counted in time, by platform too, and those that counted within each time."""
    in_time = [delay for delay in delays if _is_within(delay, IN_TIME)]
    within = (
        (delay.market, dims_text([(Dimension.WITHIN, each)]))
        for delay in delays
        for each in VALUES[Dimension.WITHIN]
        if _is_within(delay, float(each.removesuffix("s")))
    )
    return [*edits_in(in_time), *_tallied(within)]


def editors_in(delays: Sequence[Delay]) -> list[Tallied]:
    """Count who edited, by platform too."""
    people = {(delay.person, place) for delay in delays for place in _places(delay)}
    return _tallied(place for _, place in people)


def effect_times(by: Dimension | None, rows: Sequence[BreakdownRow]) -> EffectTimes | None:
    """Return within which times edits counted, of a breakdown by time; None for any other."""
    if by is not Dimension.WITHIN:
        return None
    told = {row.dims[0][1]: row.now.value for row in rows}
    return EffectTimes(_first_from(HALF, told), _first_from(NINETEEN_IN_TWENTY, told))


def _first_from(share: int, told: dict[str, float | None]) -> str | None:
    return next((each for each in VALUES[Dimension.WITHIN] if (told.get(each) or 0) >= share), None)


def _is_within(delay: Delay, seconds: float) -> bool:
    return delay.seconds is not None and delay.seconds <= seconds


def _places(delay: Delay) -> Iterator[tuple[str, str]]:
    yield delay.market, ""
    platform = known_value(Dimension.PLATFORM, delay.platform)
    yield delay.market, dims_text([(Dimension.PLATFORM, platform)])


def _tallied(places: Iterable[tuple[str, str]]) -> list[Tallied]:
    return [Tallied(market, "", dims, n) for (market, dims), n in sorted(Counter(places).items())]
