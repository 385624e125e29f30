"""Every Redis key is built here, so that no two things ever share one.

``usc:<kind>:<layout>:{<user>}``. Ids are percent-encoded: whatever somebody's id holds, it can neither imitate
another part of a key nor open or close the braces, which are Redis Cluster's hash tag and keep all keys of one
user on one node.
"""

from enum import StrEnum
from typing import Final
from urllib.parse import quote

from service.domain.people import UserId

NAMESPACE: Final = "usc"
LAYOUT: Final = 1
"""Raised when what the scripts read at the head of a value moves.

Old and new processes then no longer see each other's entries *nor each other's retirements*, so such a release
begins with a relay that retires under both. A new codec alone needs no new layout: entries say their codec.
"""


class Kind(StrEnum):
    """What is kept for a user."""

    RULES = "rules"
    LEASE = "lease"
    WRITES = "writes"
    BLOCKS = "blocks"
    BATCHES = "batches"
    PREVIEWS = "previews"


def key_of(kind: Kind, user_id: UserId) -> str:
    """Return the key of one thing of one user; different for everything that differs."""
    return f"{all_keys_begin_with(kind)}{{{_within_braces(user_id)}}}"


def all_keys_begin_with(kind: Kind) -> str:
    """Return what the keys of one thing have in common for all users."""
    return f"{NAMESPACE}:{kind}:{LAYOUT}:"


def _within_braces(user_id: UserId) -> str:
    """Encode an id; one with nothing in it too, because Redis Cluster ignores an empty hash tag."""
    return quote(user_id, safe="", errors="surrogatepass") or "%"


CHANGED_KEYS: Final = "__redis__:invalidate"
"""The channel on which Redis tells, under this name of its own, which keys changed."""

TALLY_MINUTES: Final = f"{NAMESPACE}:minutes:{LAYOUT}:{{tallies}}"
"""The set that names every minute of tallies; all of them live on one node, so that a minute can be renamed."""


def tally_key(minute: str) -> str:
    """Return the key of one minute of tallies, taken or not."""
    return f"{NAMESPACE}:tally:{LAYOUT}:{{tallies}}:{minute}"


def taken_minute(minute: str, taker: str) -> str:
    """Return the name of a minute once somebody took it."""
    return f"{minute}:{taker}"
