"""Versions of a user's settings, and which of two is newer."""

from dataclasses import dataclass
from typing import NamedTuple

from service.domain.people import UserId
from service.domain.refusals import Refusal


class Version(NamedTuple):
    """How far a user's feed rules have come; a later one compares greater.

    ``epoch`` changes when history restarts (a restored backup, an erased account that comes back), so that a
    number from before never passes for one from after. ``number`` counts every change that decisions about
    this user depend on, other people's blocks of them included.
    """

    epoch: int
    number: int


BEFORE_EVERYTHING = Version(0, 0)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a user's settings stand: ``revision`` counts the user's own edits, ``version`` also what others did."""

    user_id: UserId
    revision: int
    version: Version


@dataclass(frozen=True, slots=True)
class Change:
    """A user's feed rules have come as far as ``version``; anything cached from before it is stale."""

    user_id: UserId
    version: Version


def is_covered(wanted: Version | None, held: Version) -> bool:
    """Tell whether rules at ``held`` show everything that a token of version ``wanted`` promised.

    A token from another epoch asks for the head itself, which only the store can vouch for.
    """
    return wanted is None or (wanted.epoch == held.epoch and wanted.number <= held.number)


class UnreadableToken(Refusal):
    """A consistency token that this service did not make for this user."""

    code = "unreadable-token"

    def __init__(self) -> None:
        super().__init__("The consistency token is not one that was made for this user.")
