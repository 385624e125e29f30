"""A user reads what they chose."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from service.domain.allow_phrases import AllowPhrases
from service.domain.blocks import Block
from service.domain.comment_limits import Audience, CommentLimits, PostLimits
from service.domain.consistency import Head
from service.domain.keyword_filters import KeywordFilter
from service.domain.mutes import Mute
from service.domain.not_interested import Effect, Signal, effects_of
from service.domain.paging import Page, Position, page_of
from service.domain.people import UserId
from service.domain.policy import Effective, who_can_comment
from service.domain.refusals import NotFound
from service.domain.signal_resets import counting_pushes
from service.domain.topic_preferences import TopicPreference
from service.usecases.edit_topic_preferences import topic_preferences_in
from service.usecases.ports import Parts, SettingsReading
from service.usecases.setting_ports import BlockStore, MuteStore

FIRST_PAGE: Final = 20
"""Lists can be fetched page by page; with all of them full a snapshot still fits into 256 KiB, compressed."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a user chose, as of one moment; long lists begin with their first page and their count."""

    head: Head
    keyword_filters: tuple[KeywordFilter, ...]
    allow_phrases: AllowPhrases
    blocks: Page[Block]
    block_count: int
    mutes: Page[Mute]
    mute_count: int
    comment_limits: CommentLimits
    effects: tuple[Effect, ...]
    topic_preferences: tuple[TopicPreference, ...]
    who_can_comment: Effective[tuple[Audience, ...]]

    def reads_alike_until(self, now: datetime) -> datetime:
        """Return when it next reads otherwise without an edit: where something ends, else when the day does.

        By then what fades has faded enough to be told anew.
        """
        tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
        ends = [block.expires_at for block in self.blocks.items]
        ends += [mute.expires_at for mute in self.mutes.items]
        ends += [effect.until for effect in self.effects]
        if self.comment_limits.limited_mode:
            ends.append(self.comment_limits.limited_mode.until)
        return min([tomorrow, *(end for end in ends if end and end > now)])


def read_settings(parts: Parts, user_id: UserId) -> Snapshot:
    """Return a user's settings as they stand."""
    with parts.settings.read(user_id) as settings:
        limits = settings.comment_limits.get()
        return Snapshot(
            head=settings.head,
            keyword_filters=tuple(settings.keyword_filters.all()),
            allow_phrases=settings.allow_phrases.get(),
            blocks=_block_page(settings.blocks, FIRST_PAGE, None),
            block_count=settings.blocks.count(),
            mutes=_mute_page(settings.mutes, FIRST_PAGE, None),
            mute_count=settings.mutes.count(),
            comment_limits=limits,
            effects=_live_effects(parts, settings),
            topic_preferences=tuple(topic_preferences_in(settings)),
            who_can_comment=who_can_comment(limits),
        )


def read_head(parts: Parts, user_id: UserId) -> Head:
    """Return where a user's settings stand, which is all that an unchanged client needs."""
    with parts.settings.read(user_id) as settings:
        return settings.head


def list_keyword_filters(
    parts: Parts, user_id: UserId, limit: int, after: Position | None
) -> Page[KeywordFilter]:
    """Return a page of a user's keyword filters, newest first."""
    with parts.settings.read(user_id) as settings:
        found = settings.keyword_filters.page(limit + 1, after)
    return page_of(found, limit, lambda each: Position(each.created_at, each.id))


def find_keyword_filter(parts: Parts, user_id: UserId, filter_id: str) -> KeywordFilter:
    """Return one keyword filter of a user."""
    with parts.settings.read(user_id) as settings:
        found = settings.keyword_filters.find(filter_id)
    if found is None:
        raise NotFound("keyword filter")
    return found


def read_allow_phrases(parts: Parts, user_id: UserId) -> AllowPhrases:
    """Return a user's exceptions to keyword filters."""
    with parts.settings.read(user_id) as settings:
        return settings.allow_phrases.get()


def list_blocks(parts: Parts, user_id: UserId, limit: int, after: Position | None) -> Page[Block]:
    """Return a page of a user's blocks, newest first."""
    with parts.settings.read(user_id) as settings:
        return _block_page(settings.blocks, limit, after)


def list_mutes(parts: Parts, user_id: UserId, limit: int, after: Position | None) -> Page[Mute]:
    """Return a page of a user's mutes, newest first."""
    with parts.settings.read(user_id) as settings:
        return _mute_page(settings.mutes, limit, after)


@dataclass(frozen=True, slots=True)
class Rejections:
    """A page of a user's signals, and every effect that is alive."""

    signals: Page[Signal]
    effects: tuple[Effect, ...]


def list_not_interested(parts: Parts, user_id: UserId, limit: int, after: Position | None) -> Rejections:
    """Return what a user rejected, newest first, with everything that still happens because of it."""
    with parts.settings.read(user_id) as settings:
        found = settings.signals.page(limit + 1, after)
        effects = _live_effects(parts, settings)
    return Rejections(page_of(found, limit, lambda each: Position(each.at, each.id)), effects)


def _live_effects(parts: Parts, settings: SettingsReading) -> tuple[Effect, ...]:
    counting = counting_pushes(settings.signals.all(), settings.resets.all())
    return tuple(effects_of(counting, parts.now()))


def read_comment_limits(parts: Parts, user_id: UserId) -> CommentLimits:
    """Return a user's comment limits."""
    with parts.settings.read(user_id) as settings:
        return settings.comment_limits.get()


def find_post_limits(parts: Parts, user_id: UserId, post_id: str) -> PostLimits:
    """Return the rule of one of a user's posts."""
    with parts.settings.read(user_id) as settings:
        found = settings.post_limits.find(post_id)
    if found is None:
        raise NotFound("post with limits of its own")
    return found


def _block_page(blocks: BlockStore, limit: int, after: Position | None) -> Page[Block]:
    found = blocks.page(limit + 1, after)
    return page_of(found, limit, lambda each: Position(each.created_at, each.target_id))


def _mute_page(mutes: MuteStore, limit: int, after: Position | None) -> Page[Mute]:
    found = mutes.page(limit + 1, after)
    return page_of(found, limit, lambda each: Position(each.created_at, ":".join(each.target)))
