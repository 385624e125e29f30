"""Reads what a user brings along: row by row, so that each one that cannot be used is told with its reason."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, Literal, TypeVar

import msgspec

from service.domain.allow_phrases import PHRASES_PER_USER, require_usable_phrases
from service.domain.blocks import BLOCKS_PER_USER
from service.domain.comment_limits import POSTS_WITH_LIMITS, CommentLimits, PostLimits
from service.domain.expiry import Instant
from service.domain.exports import BlockRow, FilterRow, MuteRow
from service.domain.import_rows import (
    check_block,
    check_filter,
    check_limits,
    check_mute,
    check_post,
    check_signal,
    check_topic,
    require_known_members,
    require_plain,
)
from service.domain.keyword_filters import FILTERS_PER_USER
from service.domain.mutes import MUTES_PER_USER
from service.domain.not_interested import SIGNALS_PER_USER, Signal
from service.domain.people import UserId
from service.domain.refusals import LimitReached, Refusal
from service.domain.topic_preferences import TOPICS_PER_USER, TopicPreference

ROWS_PER_IMPORT: Final = (
    FILTERS_PER_USER
    + PHRASES_PER_USER
    + BLOCKS_PER_USER
    + MUTES_PER_USER
    + SIGNALS_PER_USER
    + TOPICS_PER_USER
    + POSTS_WITH_LIMITS
)
"""As many as one user can have, so that every export can be brought back in one piece."""
LARGEST_IMPORT_BYTES: Final = 20 * 1024 * 1024

T = TypeVar("T")
Raws = list[msgspec.Raw] | None
_PLACE: Final = re.compile(r" - at `\$\.?([^`]*)`$")


class ImportDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An export as it comes back. A kind that it does not name stays as it is, whatever the mode."""

    format: Literal["safety-controls/1"] | None = None
    exported_at: Instant | None = None
    keyword_filters: Raws = None
    allow_phrases: Raws = None
    blocks: Raws = None
    mutes: Raws = None
    not_interested: Raws = None
    topic_preferences: Raws = None
    comment_limits: msgspec.Raw = msgspec.Raw()
    post_comment_limits: dict[str, msgspec.Raw] | None = None


@dataclass(frozen=True, slots=True)
class InvalidRow:
    """A row that cannot be used: where it stands, such as ``blocks[3]``, and why."""

    row: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Brought:
    """What a user brings along, as far as it can be used; a kind that is None is not named.

    Comment limits that were never chosen are the defaults. ``terms`` come from a plain list, which says nothing about
    filters.
    """

    keyword_filters: Sequence[FilterRow] | None = None
    terms: Sequence[str] | None = None
    allow_phrases: Sequence[str] | None = None
    blocks: Sequence[BlockRow] | None = None
    mutes: Sequence[MuteRow] | None = None
    signals: Sequence[Signal] | None = None
    topic_preferences: Sequence[TopicPreference] | None = None
    comment_limits: CommentLimits | None = None
    post_limits: Mapping[str, PostLimits] | None = None
    invalid: Sequence[InvalidRow] = field(default=())


def read_document(
    document: ImportDocument,
    user_id: UserId,
    now: datetime,
    *,
    platform_accounts: Collection[UserId] = (),
    guardians: Collection[UserId] = (),
) -> Brought:
    """Read an export; refuse one with too many rows."""
    kinds = (
        document.keyword_filters,
        document.allow_phrases,
        document.blocks,
        document.mutes,
        document.not_interested,
        document.topic_preferences,
    )
    posts = document.post_comment_limits
    _require_few(sum(len(rows) for rows in (*kinds, posts) if rows))
    invalid: list[InvalidRow] = []
    read = _Reader(invalid)
    return Brought(
        keyword_filters=read.rows(
            "keyword_filters", document.keyword_filters, FilterRow, lambda row: check_filter(row, now)
        ),
        allow_phrases=read.rows(
            "allow_phrases", document.allow_phrases, str, lambda phrase: require_usable_phrases((phrase,))
        ),
        blocks=read.rows(
            "blocks",
            document.blocks,
            BlockRow,
            lambda row: check_block(row, user_id, platform_accounts, guardians, now),
        ),
        mutes=read.rows(
            "mutes", document.mutes, MuteRow, lambda row: check_mute(row, user_id, platform_accounts, now)
        ),
        signals=read.rows(
            "not_interested", document.not_interested, Signal, lambda row: check_signal(row, now)
        ),
        topic_preferences=read.rows(
            "topic_preferences",
            document.topic_preferences,
            TopicPreference,
            lambda row: check_topic(row, now),
        ),
        comment_limits=read.limits(document.comment_limits, now),
        post_limits=None if posts is None else read.post_limits(posts),
        invalid=invalid,
    )


def read_terms(text: str) -> Brought:
    """Read one term a line; empty lines and a byte order mark say nothing."""
    lines = [line.strip() for line in text.removeprefix("\ufeff").splitlines()]
    _require_few(sum(bool(line) for line in lines))
    invalid: list[InvalidRow] = []
    terms = []
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            check_filter(FilterRow(terms=(line,)), None)
        except Refusal as refusal:
            invalid.append(InvalidRow(f"line {number}", refusal.code, refusal.detail))
        else:
            terms.append(line)
    return Brought(terms=terms, invalid=invalid)


class _Reader:
    """Reads rows of one kind after the other and notes those that cannot be used."""

    def __init__(self, invalid: list[InvalidRow]) -> None:
        self._invalid = invalid

    def rows(self, kind: str, raws: Raws, shape: type[T], check: Callable[[T], None]) -> list[T] | None:
        """Return the rows that can be used; None where the kind is not named."""
        if raws is None:
            return None
        read = (self.row(f"{kind}[{number}]", raw, shape, check) for number, raw in enumerate(raws))
        return [row for row in read if row is not None]

    def limits(self, raw: msgspec.Raw, now: datetime) -> CommentLimits | None:
        """Return comment limits, the defaults for ``null``; None where they are not named."""
        match bytes(raw):
            case b"":
                return None
            case b"null":
                return CommentLimits()
        return self.row("comment_limits", raw, CommentLimits, lambda row: check_limits(row, now))

    def post_limits(self, raws: Mapping[str, msgspec.Raw]) -> dict[str, PostLimits]:
        """Return the rules of single posts that can be used, by the post's id."""
        read = {}
        for post_id, raw in raws.items():
            place = f"post_comment_limits[{post_id}]"
            limits = self.row(place, raw, PostLimits, partial(check_post, post_id))
            if limits is not None:
                read[post_id] = limits
        return read

    def row(self, place: str, raw: msgspec.Raw, shape: type[T], check: Callable[[T], None]) -> T | None:
        """Return one row, or None and a note why not."""
        try:
            row = msgspec.json.decode(raw, type=shape)
            told = msgspec.to_builtins(row, builtin_types=(datetime,))
            require_known_members(msgspec.json.decode(raw), told)
            require_plain(told)
            check(row)
        except msgspec.ValidationError as wrong:
            self._invalid.append(InvalidRow(place, "invalid", _in_words(wrong)))
        except Refusal as refusal:
            self._invalid.append(InvalidRow(place, refusal.code, refusal.detail))
        else:
            return row
        return None


def _in_words(wrong: msgspec.ValidationError) -> str:
    found = _PLACE.search(str(wrong))
    what = _PLACE.sub("", str(wrong))
    return f"{found[1]}: {what}" if found and found[1] else what


def _require_few(rows: int) -> None:
    if rows > ROWS_PER_IMPORT:
        raise LimitReached("rows in one import", limit=ROWS_PER_IMPORT, current=rows)
