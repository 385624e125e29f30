"""What posts have in common that many people suddenly reject: topics, hashtags and sounds, never authors."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from service.domain.emerging_terms import EmergingTerm, Rising, Standout, may_be_reviewed
from service.domain.surprise import OVERDISPERSION

LIFT: Final = 2.0
FLOORS: Final[Mapping[Rising, int]] = {Rising.TOPIC: 50, Rising.SOUND: 50, Rising.HASHTAG: 100}
"""How many people must reject something in a day; more where people wrote it themselves."""


def rising_on(
    day: date,
    kind: Rising,
    rejecters: Mapping[str, Mapping[date, int]],
    showings: Mapping[date, int],
    *,
    found_before: Mapping[str, date],
    phi: float = OVERDISPERSION,
) -> list[EmergingTerm]:
    """Return what was rejected more than expected on a day, by how much was shown on it and before.

    Compared as emerging terms are. A hashtag that looks like somebody's name or address is passed over.
    """
    found = Standout(FLOORS[kind], LIFT, phi, kind).among(day, rejecters, showings, found_before)
    return [each for each in found if kind is not Rising.HASHTAG or may_be_reviewed(each.term)]
