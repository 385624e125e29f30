"""Things that are counted by the thousand a second: what happened, and in which place."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from service.domain.measures import CellKey, Measure, cells_of
from service.domain.segments import Control, Dimension, Segment


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A day, a segment and a surface. The same place is the same object, so that it is cheap to look up by."""

    day: date
    segment: Segment
    surface: str


class Occurrence(NamedTuple):
    """Something that a request adds to, and where; the same for very many requests of a day."""

    measure: Measure
    place: Place
    control: Control | None = None
    because: str = ""
    limit: str = ""


@lru_cache(maxsize=5_000)
def place_of(day: date, segment: Segment, surface: str = "") -> Place:
    """Return the place where a request counts."""
    return Place(day, segment, surface)


def cells_counting(occurrence: Occurrence) -> Iterator[CellKey]:
    """Return the cells that an occurrence counts in."""
    measure, place, control, because, limit = occurrence
    values = place.segment.values()
    stated = {Dimension.SURFACE: place.surface, Dimension.BECAUSE: because, Dimension.LIMIT: limit}
    values |= {dimension: (value,) for dimension, value in stated.items() if value}
    return cells_of(measure, place.day, place.segment.market, values, control)
