"""How long a setting lasts: presets and instants, always compared with the clock at decision time."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, TypeAlias

import msgspec

from service.domain.refusals import InvalidValue

Instant: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time that says its offset; without one it is no instant."""

PRESETS: Final = {
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "12h": timedelta(hours=12),
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
    "never": None,
}
LONGEST: Final = timedelta(days=366)


def is_live(expires_at: datetime | None, now: datetime) -> bool:
    """Tell whether something that ends at ``expires_at`` (None: never) still holds at ``now``."""
    return expires_at is None or now < expires_at


def is_live_in(ends: Mapping[str, datetime | None], name: str, now: datetime) -> bool:
    """Tell whether something is among things that end (None: never), and has not ended yet."""
    return name in ends and is_live(ends[name], now)


def what_stays(kept: object, left_open: Collection[str], now: datetime) -> dict[str, Any]:
    """Return what members of a kept setting go on where an edit leaves them open; an end that is over does not."""
    stays = {name: getattr(kept, name) for name in left_open}
    if not is_live(stays.get("expires_at"), now):
        del stays["expires_at"]
    return stays


def end_of(preset: str, now: datetime) -> datetime | None:
    """Return the instant at which a preset such as ``7d`` ends when chosen at ``now``; None for ``never``."""
    length = PRESETS[preset]
    return None if length is None else now + length


def require_sensible_end(expires_at: datetime | None, now: datetime) -> None:
    """Refuse an end in the past or more than a year ahead."""
    if expires_at is None:
        return
    if expires_at <= now:
        raise InvalidValue("expires_at", "lies in the past")
    if expires_at > now + LONGEST:
        raise InvalidValue("expires_at", "lies more than a year ahead")
