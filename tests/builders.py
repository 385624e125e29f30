"""Things to test with: every builder has defaults and takes by keyword what a test is about."""

from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

from service.domain.blocks import Block, Source
from service.domain.comments import Comment, CommentReason, HeldComment, Post
from service.domain.consistency import Version
from service.domain.decisions import ReadyRules
from service.domain.feed import Candidate
from service.domain.feed_rules import FeedRules, FilterRule, MuteRule, rule_of
from service.domain.keyword_filters import FilterWording, KeywordFilter, NewKeywordFilter
from service.domain.mutes import ALL_SCOPES, Mute, MuteTarget, MuteType, NewMute
from service.domain.not_interested import NewSignal, Signal
from service.usecases.comment_ports import CommentStore
from service.usecases.ports import Parts, RulesCache, SettingsStore
from tests.fakes.allowances import FakeAllowances
from tests.fakes.comments import FakeComments
from tests.fakes.rules import FakeRules
from tests.fakes.settings import FakeSettings

NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_candidate(**members: Any) -> Candidate:
    """Return a post by ``author`` that nobody objects to."""
    return Candidate(**{"id": "post", "author_id": "author", **members})


def a_wording(**members: Any) -> FilterWording:
    """Return what a filter for ``spoiler`` says."""
    return FilterWording(**{"terms": ("spoiler",), **members})


def a_keyword_filter(
    *, filter_id: str = "filter", created_at: datetime = NOW, revision: int = 1, **members: Any
) -> KeywordFilter:
    """Return a kept filter for ``spoiler``; ``members`` are those of its wording."""
    return KeywordFilter(filter_id, a_wording(**members), created_at, revision)


def a_new_keyword_filter(*, filter_id: str | None = None, **members: Any) -> NewKeywordFilter:
    """Return a filter for ``spoiler`` that somebody asks for."""
    return NewKeywordFilter(a_wording(**members), filter_id)


def a_filter_rule(*, filter_id: str = "filter", **members: Any) -> FilterRule:
    """Return what decisions need of a filter for ``spoiler``."""
    return rule_of(filter_id, a_wording(**members))


def a_block(**members: Any) -> Block:
    """Return a kept block of ``troll``, made by hand and for good."""
    defaults: dict[str, Any] = {
        "target_id": "troll",
        "note": None,
        "expires_at": None,
        "source": Source.MANUAL,
        "created_at": NOW,
        "revision": 1,
    }
    return Block(**{**defaults, **members})


def a_mute(*, type: MuteType = MuteType.USER, id: str = "troll", **members: Any) -> Mute:  # noqa: A002
    """Return a kept mute of ``troll``, in all scopes and for good."""
    defaults: dict[str, Any] = {
        "scopes": ALL_SCOPES,
        "note": None,
        "expires_at": None,
        "source": Source.MANUAL,
        "created_at": NOW,
        "revision": 1,
    }
    return Mute(target=MuteTarget(type, id), **{**defaults, **members})


def a_new_mute(*, type: MuteType = MuteType.USER, id: str = "troll", **members: Any) -> NewMute:  # noqa: A002
    """Return a mute of ``troll`` that somebody asks for."""
    return NewMute(MuteTarget(type, id), **members)


def a_mute_rule(**members: Any) -> MuteRule:
    """Return what decisions need of a mute of ``troll``, in all scopes and for good."""
    return MuteRule(
        **{"type": MuteType.USER, "id": "troll", "scopes": ALL_SCOPES, "expires_at": None, **members}
    )


def a_signal(**members: Any) -> Signal:
    """Return a signal about ``post`` by ``author``, sent now and without a reason."""
    defaults: dict[str, Any] = {
        "id": "signal",
        "item_id": "post",
        "surface": "for_you",
        "reasons": (),
        "author_id": "author",
        "sound_id": None,
        "hashtags": (),
        "topics": (),
        "request_id": None,
        "position": None,
        "at": NOW,
        "revision": 1,
    }
    return Signal(**{**defaults, **members})


def a_new_signal(**members: Any) -> NewSignal:
    """Return a signal about ``post`` as a client sends it, without a reason."""
    return NewSignal(**{"item_id": "post", "surface": "for_you", **members})


def feed_rules(**members: Any) -> FeedRules:
    """Return the rules of ``viewer``, who chose nothing yet."""
    return FeedRules(**{"user_id": "viewer", "version": Version(1, 1), "revision": 1, **members})


def ready_rules(**members: Any) -> ReadyRules:
    """Return the same, ready to decide with."""
    return ReadyRules(feed_rules(**members))


def parts(
    *,
    settings: SettingsStore | None = None,
    rules: RulesCache | None = None,
    comments: CommentStore | None = None,
    now: datetime = NOW,
) -> Parts:
    """Return everything that a story works with: fakes, a clock that stands still, ids that count up."""
    numbers = count(1)
    kept = settings or FakeSettings()
    return Parts(
        settings=kept,
        rules=rules or FakeRules(),
        comments=comments or FakeComments(kept if isinstance(kept, FakeSettings) else FakeSettings()),
        allowances=FakeAllowances(),
        now=lambda: now,
        new_id=lambda prefix: f"{prefix}_{next(numbers)}",
    )


def a_post(**members: Any) -> Post:
    """Return a post of ``owner`` that comments stand under."""
    return Post(**{"id": "post", "owner_id": "owner", **members})


def a_comment(**members: Any) -> Comment:
    """Return a friendly comment by ``commenter``."""
    return Comment(**{"id": "comment", "author_id": "commenter", "text": "lovely", **members})


def a_held_comment(**members: Any) -> HeldComment:
    """Return a comment by ``commenter`` under ``post`` that waits for what a keyword hit."""
    defaults: dict[str, Any] = {
        "comment_id": "comment",
        "post_id": "post",
        "author_id": "commenter",
        "text": "you clown",
        "reasons": (CommentReason.KEYWORD,),
        "held_at": NOW,
    }
    return HeldComment(**{**defaults, **members})
