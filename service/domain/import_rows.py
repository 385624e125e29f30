"""What a row of an import must be like: as careful as the calls that edit the same settings one by one.

A row is kept for good and read by every decision from then on, so that nothing may come in this way which those
calls would refuse.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from service.domain.blocks import NOTE_LENGTH
from service.domain.comment_limits import (
    LONGEST_LIMITED,
    ON_ITS_WAY,
    CommentLimits,
    PostLimits,
    require_valid_limits,
    require_valid_post_limits,
)
from service.domain.expiry import LONGEST
from service.domain.exports import BlockRow, FilterRow, MuteRow
from service.domain.keyword_filters import TITLE_LENGTH, require_lasting_wording
from service.domain.mutes import MuteType, NewMute, mute_target, require_mutable, usable_hashtags
from service.domain.not_interested import (
    HASHTAGS_PER_SIGNAL,
    LAST_POSITION,
    TOPICS_PER_SIGNAL,
    Signal,
    require_named_entities,
)
from service.domain.people import (
    UserId,
    is_plain,
    require_id,
    require_no_guardian,
    require_private_account,
    require_somebody_else,
)
from service.domain.refusals import InvalidValue, require_few
from service.domain.surfaces import require_known_surface
from service.domain.topic_preferences import TopicPreference, require_position

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""No clock of ours was ever set to a time before; the calendars of PostgreSQL and Python part in the year 1."""


def check_filter(row: FilterRow, now: datetime | None) -> None:
    """Refuse a filter that could not be added by hand, but for its age."""
    _require_short("title", row.title, TITLE_LENGTH)
    require_lasting_wording(row.wording)
    if now:
        _require_believable(now, row.created_at, row.expires_at)


def check_block(
    row: BlockRow,
    user_id: UserId,
    platform_accounts: Collection[UserId],
    guardians: Collection[UserId],
    now: datetime,
) -> None:
    """Refuse a block that its owner could not make by hand."""
    require_somebody_else(user_id, row.user_id)
    require_private_account(row.user_id, platform_accounts)
    require_no_guardian(row.user_id, guardians)
    _require_short("note", row.note, NOTE_LENGTH)
    _require_believable(now, row.created_at, row.expires_at)


def check_mute(row: MuteRow, user_id: UserId, platform_accounts: Collection[UserId], now: datetime) -> None:
    """Refuse a mute that its owner could not make by hand."""
    if row.type is MuteType.USER:
        require_private_account(row.id, platform_accounts)
    require_mutable(user_id, NewMute(mute_target(row.type, row.id), row.scopes))
    _require_short("note", row.note, NOTE_LENGTH)
    _require_believable(now, row.created_at, row.expires_at)


def check_topic(row: TopicPreference, now: datetime) -> None:
    """Refuse a slider that does not exist, or a position that it does not have."""
    require_id(row.topic, "topic")
    require_position(row.level)
    _require_believable(now, row.set_at, None)


def check_limits(row: CommentLimits, now: datetime) -> None:
    """Refuse comment limits that could not be chosen by hand; a limited mode that is over may come back."""
    require_valid_limits(row)
    if row.limited_mode is None:
        return
    _require_believable(now, row.limited_mode.since, None)
    _require_since_1970("limited_mode.until", row.limited_mode.until)
    if row.limited_mode.until > now + LONGEST_LIMITED + ON_ITS_WAY:
        raise InvalidValue("limited_mode.until", "lies more than 28 days ahead")


def check_post(post_id: str, row: PostLimits) -> None:
    """Refuse a post's own rule that could not be made by hand."""
    require_id(post_id, "post_id")
    require_valid_post_limits(row)


def check_signal(row: Signal, now: datetime) -> None:
    """Refuse a signal that no device could have sent."""
    _require_believable(now, row.at, None)
    for name in ("id", "item_id", "author_id", "sound_id", "request_id"):
        value = getattr(row, name)
        if value is not None:
            require_id(value, name)
    for topic in row.topics:
        require_id(topic, "topics")
    require_known_surface(row.surface)
    require_named_entities(replace(row, hashtags=usable_hashtags(row.hashtags)))
    require_few("hashtags of a signal", row.hashtags, HASHTAGS_PER_SIGNAL)
    require_few("topics of a signal", row.topics, TOPICS_PER_SIGNAL)
    if row.position is not None and not 0 <= row.position <= LAST_POSITION:
        raise InvalidValue("position", f"is 0 to {LAST_POSITION}")


def require_known_members(brought: Any, told: Any) -> None:
    """Refuse a member that would be passed over: a typing mistake is no silent default.

    ``told`` is what was understood of what was ``brought``, with every member that there is.
    """
    if isinstance(brought, Mapping) and isinstance(told, Mapping):
        for name, value in brought.items():
            if name not in told:
                raise InvalidValue(name, "is no member of such a row")
            require_known_members(value, told[name])


def require_plain(value: Any) -> None:
    """Refuse texts that cannot stand in a row, and times that are no instant."""
    for leaf in _leaves_of(value):
        if isinstance(leaf, str) and not is_plain(leaf):
            raise InvalidValue("row", "has control characters or broken surrogates")
        if isinstance(leaf, datetime) and leaf.tzinfo is None:
            raise InvalidValue("row", "has a time without an offset")


def _require_believable(now: datetime, created_at: datetime | None, expires_at: datetime | None) -> None:
    """Refuse what no clock of ours can have written. An end in the past is fine: what expired comes back expired."""
    _require_since_1970("created_at", created_at)
    _require_since_1970("expires_at", expires_at)
    if created_at and created_at > now:
        raise InvalidValue("created_at", "lies in the future")
    if expires_at and expires_at > now + LONGEST:
        raise InvalidValue("expires_at", "lies more than a year ahead")


def _require_since_1970(name: str, instant: datetime | None) -> None:
    if instant and instant < EARLIEST:
        raise InvalidValue(name, "lies before 1970")


def _require_short(name: str, value: str | None, longest: int) -> None:
    if value is not None and len(value) > longest:
        raise InvalidValue(name, f"has at most {longest} characters")


def _leaves_of(value: Any) -> Iterator[str | datetime]:
    if isinstance(value, str | datetime):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves_of(inner)
