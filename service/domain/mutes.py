"""Mutes: one-way, secret and milder than a block."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from urllib.parse import unquote

from service.domain.blocks import Source
from service.domain.expiry import what_stays
from service.domain.matching import normalise
from service.domain.people import ID_LENGTH, UserId, is_plain, require_somebody_else
from service.domain.refusals import InvalidValue, LimitReached, require_few

MUTES_PER_USER: Final = 10_000
LONGEST_HOST: Final = 253
LONGEST_TARGET_BYTES: Final = 1_024
"""With a user id beside it, a target of this length still fits into an index entry of 2,704 bytes."""

_SCHEME: Final = re.compile(r"^(?:[a-z][a-z0-9+.\-]*:(?=[/\\]{2})|https?:)?[/\\]*", re.IGNORECASE)
_AFTER_HOST: Final = re.compile(r"[/\\?#]")
_PORT: Final = re.compile(r":\d*$")
_LINE_BREAKS: Final = re.compile(r"[\t\r\n]")


class MuteType(StrEnum):
    """What can be muted."""

    USER = "user"
    HASHTAG = "hashtag"
    TOPIC = "topic"
    SOUND = "sound"
    DOMAIN = "domain"


class MuteScope(StrEnum):
    """What of a muted user goes silent."""

    POSTS = "posts"
    REPOSTS = "reposts"
    QUOTES = "quotes"
    COMMENTS = "comments"
    LIVE = "live"


ALL_SCOPES: Final = tuple(MuteScope)


class MuteTarget(NamedTuple):
    """What is muted."""

    type: MuteType
    id: str


@dataclass(frozen=True, slots=True)
class NewMute:
    """A mute that somebody asks for; scopes other than all are for users only.

    ``left_open`` are members that they did not name: where there is a mute already, those stay as they are.
    """

    target: MuteTarget
    scopes: tuple[MuteScope, ...] = ALL_SCOPES
    note: str | None = None
    expires_at: datetime | None = None
    source: Source = Source.MANUAL
    left_open: frozenset[str] = frozenset()

    def over(self, kept: "Mute", now: datetime) -> "NewMute":
        """Return what is wanted in place of ``kept``; an end that is over is none, or nothing would be muted."""
        return replace(self, **what_stays(kept, self.left_open, now))


@dataclass(frozen=True, slots=True)
class Mute:
    """A mute that is kept; ``revision`` is its owner's revision when it last changed."""

    target: MuteTarget
    scopes: tuple[MuteScope, ...]
    note: str | None
    expires_at: datetime | None
    source: Source
    created_at: datetime
    revision: int


def mute_target(kind: MuteType, written: str) -> MuteTarget:
    """Return what is muted in the form that posts are compared with: a bare hashtag, the host of a link.

    Refuses what that form would not name again: it could be neither unmuted nor brought back from an export.
    """
    wanted = _as_compared(kind, written)
    if not wanted or not is_plain(wanted) or _as_compared(kind, wanted) != wanted:
        raise InvalidValue("id", "names nothing that can be muted")
    if not _is_keepable(wanted):
        raise InvalidValue(
            "id", f"has more than {ID_LENGTH} characters in the form that posts are compared with"
        )
    return MuteTarget(kind, wanted)


def _as_compared(kind: MuteType, written: str) -> str:
    if kind is MuteType.HASHTAG:
        return as_hashtag(written)
    if kind is MuteType.DOMAIN:
        return as_domain(written.strip().removeprefix("*."))
    return written


def as_hashtag(written: str) -> str:
    """Return a hashtag as it is compared: without ``#``, case, width or separators; once is as good as twice."""
    return normalise(normalise(written).replace(" ", "").lstrip("#"))


def usable_hashtags(written: Iterable[str]) -> tuple[str, ...]:
    """Return hashtags as they are compared, each once, without those that name nothing or are longer than any is."""
    compared = dict.fromkeys(map(as_hashtag, written))
    return tuple(tag for tag in compared if tag and _is_keepable(tag))


def _is_keepable(target: str) -> bool:
    """Tell whether calls and rows can name a target as it is kept, which takes no more than any id."""
    return len(target) <= ID_LENGTH


def as_domain(written: str) -> str:
    """Return the host of a link or of a bare domain as it is compared, or "" where there is none.

    Hosts are found as browsers find them: a backslash is a slash, line breaks and tabs do not count, escapes and
    international names become plain ASCII. A link that a reader can follow must not slip past a mute.
    """
    link = _LINE_BREAKS.sub("", written).strip()
    authority = _AFTER_HOST.split(_SCHEME.sub("", link, count=1), maxsplit=1)[0]
    host = unquote(_PORT.sub("", authority.rpartition("@")[2])).lower()
    if len(host) > LONGEST_HOST:
        return ""
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    return host.strip(".")


def host_and_parents(link: str) -> Iterator[str]:
    """Name the host of a link and every domain that it belongs to."""
    labels = as_domain(link).split(".")
    for start in range(len(labels)):
        yield ".".join(labels[start:])


def require_mutable(user_id: UserId, mute: NewMute) -> None:
    """Refuse a mute of oneself, and scopes on something that is not a user."""
    if mute.target.type is MuteType.USER:
        require_somebody_else(user_id, mute.target.id)
    elif mute.scopes != ALL_SCOPES:
        raise InvalidValue("scopes", "belong to mutes of users only")
    if not mute.scopes:
        raise InvalidValue("scopes", "name at least one scope")
    require_few("scopes of a mute", mute.scopes, len(MuteScope))


def require_room_for_mute(count: int) -> None:
    """Refuse one more mute than a user can have."""
    if count >= MUTES_PER_USER:
        raise LimitReached("mutes", limit=MUTES_PER_USER, current=count + 1)
