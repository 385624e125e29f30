"""What a visitor of the demo page can do to the viewer's settings: each act is a story of the API."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from service.api.schemas.blocks import NewBlockSchema
from service.api.schemas.comment_limits import CommentLimitsPatchSchema
from service.api.schemas.everywhere import Text, ending
from service.api.schemas.keyword_filters import KeywordFilterPatchSchema, NewKeywordFilterSchema
from service.domain.blocks import NewBlock
from service.domain.feed import Candidate
from service.domain.keyword_filters import NewKeywordFilter
from service.domain.mutes import MuteType, NewMute, mute_target
from service.domain.not_interested import Direction, NewSignal, Reason
from service.domain.people import require_id
from service.domain.refusals import InvalidValue, NotFound
from service.domain.signal_resets import ResetScope
from service.local.demo_page.cast import VIEWER, comments_to_check, feed, id_of
from service.usecases.check_comments import check_comments
from service.usecases.edit_allow_phrases import replace_allow_phrases
from service.usecases.edit_blocks import block, unblock
from service.usecases.edit_comment_limits import change_comment_limits
from service.usecases.edit_held_comments import Verdict, judge_held_comment
from service.usecases.edit_keyword_filters import (
    add_keyword_filter,
    change_keyword_filter,
    remove_keyword_filter,
)
from service.usecases.edit_mutes import mute, unmute
from service.usecases.edit_not_interested import send_not_interested, undo_not_interested
from service.usecases.edit_topic_preferences import forget_topic_preference, prefer_topic
from service.usecases.erase_user import erase_user
from service.usecases.ports import Parts
from service.usecases.reset_not_interested import reset_not_interested, restore_not_interested

Form = MultiDict[str, str]
Act = Callable[[Parts, Form], object]

LIMITED_FOR: Final = timedelta(hours=24)


def draft_of(form: Form) -> NewKeywordFilter:
    """Return the keyword filter that a form asks for; refuses as the API does."""
    asked: dict[str, Any] = {
        "terms": _listed(form.get("terms", "")),
        "title": form.get("title") or None,
        "mode": form.get("mode", "word"),
        "op": form.get("op", "any"),
        "action": form.get("action") or None,
        "expires_in": form.get("lasts", "never"),
    }
    new: NewKeywordFilter = NewKeywordFilterSchema().load(asked)
    return new


def _add_filter(parts: Parts, form: Form) -> object:
    return add_keyword_filter(parts, VIEWER, draft_of(form))


def _remove_filter(parts: Parts, form: Form) -> object:
    return remove_keyword_filter(parts, VIEWER, _id(form))


def _switch_filter(parts: Parts, form: Form) -> object:
    change = KeywordFilterPatchSchema().load({"enabled": form.get("to") == "on"})
    return change_keyword_filter(parts, VIEWER, _id(form), change)


def _keep_phrases(parts: Parts, form: Form) -> object:
    phrases = tuple(Text(shortest=1).deserialize(each) for each in _listed(form.get("phrases", "")))
    return replace_allow_phrases(parts, VIEWER, phrases, expected=None)


def _block(parts: Parts, form: Form) -> object:
    asked = NewBlockSchema().load(
        {"expires_in": form.get("lasts", "never"), "note": form.get("note") or None}
    )
    end = ending(asked, parts.now)
    return block(parts, VIEWER, NewBlock(_id(form), note=asked["note"], expires_at=end))


def _unblock(parts: Parts, form: Form) -> object:
    return unblock(parts, VIEWER, _id(form))


def _mute(parts: Parts, form: Form) -> object:
    kind, target = _mute_type(form), _id(form)
    return mute(parts, VIEWER, NewMute(mute_target(kind, id_of(target) if kind is MuteType.USER else target)))


def _unmute(parts: Parts, form: Form) -> object:
    return unmute(parts, VIEWER, mute_target(_mute_type(form), _id(form)))


def _signal(*reasons: Reason, direction: Direction = Direction.LESS) -> Act:
    """Return the act of saying something about a post of the feed."""

    def send(parts: Parts, form: Form) -> object:
        post = post_of(form)
        new = NewSignal(
            item_id=post.id,
            surface="for_you",
            reasons=reasons,
            author_id=post.author_id,
            sound_id=post.sound_id,
            hashtags=post.hashtags,
            topics=post.topics,
            direction=direction,
        )
        return send_not_interested(parts, VIEWER, new)

    return send


def post_of(form: Form) -> Candidate:
    """Return the post that a form is about."""
    found = next((each for each in feed() if each.id == form.get("post")), None)
    if found is None:
        raise NotFound("post")
    return found


def _undo(parts: Parts, form: Form) -> object:
    return undo_not_interested(parts, VIEWER, _id(form))


def _reset(parts: Parts, form: Form) -> object:
    del form
    return reset_not_interested(parts, VIEWER, ResetScope.ALL)


def _restore(parts: Parts, form: Form) -> object:
    return restore_not_interested(parts, VIEWER, _id(form))


def _slide(parts: Parts, form: Form) -> object:
    topic, level = require_id(form.get("topic", "").strip(), "topic"), form.get("level", "0")
    if level not in {"-2", "-1", "0", "1", "2"}:
        raise InvalidValue("level", "is a position of the slider, -2 to 2")
    if level == "0":
        return forget_topic_preference(parts, VIEWER, topic)
    return prefer_topic(parts, VIEWER, topic, int(level))


def _limit_comments(parts: Parts, form: Form) -> object:
    asked: dict[str, Any] = {
        "who_can_comment": form.getlist("who") or None,
        "hold_mode": form.get("hold_mode", "off"),
        "keyword_terms": _listed(form.get("terms", "")),
        "care_mode": "care" in form,
        "gates": {"no_links": "no_links" in form, "verified_contact": "verified" in form},
    }
    limited = form.get("limited", "")
    if not limited:
        asked["limited_mode"] = None
    elif limited != form.get("limited_now"):
        until = (parts.now() + LIMITED_FOR).isoformat()
        asked["limited_mode"] = {"audience": limited, "until": until}
    return change_comment_limits(parts, VIEWER, CommentLimitsPatchSchema().load(asked))


def _judge(verdict: Verdict) -> Act:
    def judge(parts: Parts, form: Form) -> object:
        return judge_held_comment(parts, VIEWER, _id(form), verdict)

    return judge


def _send_comments(parts: Parts, form: Form) -> object:
    del form
    asked = comments_to_check()
    return check_comments(parts, asked.post, asked.comments)


def _forget_everything(parts: Parts, form: Form) -> object:
    del form
    return erase_user(parts, VIEWER)


ACTS: Final[Mapping[str, Act]] = {
    "add-filter": _add_filter,
    "remove-filter": _remove_filter,
    "switch-filter": _switch_filter,
    "keep-phrases": _keep_phrases,
    "block": _block,
    "unblock": _unblock,
    "mute": _mute,
    "unmute": _unmute,
    "not-interested": _signal(),
    "less-author": _signal(Reason.AUTHOR),
    "less-topic": _signal(Reason.TOPIC),
    "show-more": _signal(Reason.AUTHOR, Reason.TOPIC, direction=Direction.MORE),
    "undo": _undo,
    "reset": _reset,
    "restore": _restore,
    "slide": _slide,
    "limit-comments": _limit_comments,
    "send-comments": _send_comments,
    "approve": _judge(Verdict.APPROVE),
    "trust": _judge(Verdict.APPROVE_AND_TRUST),
    "reject": _judge(Verdict.REJECT),
    "forget-everything": _forget_everything,
}
"""By the name on the button."""


def _listed(written: str) -> list[str]:
    """Read several wordings, one a line or with commas between."""
    return [each.strip() for line in written.splitlines() for each in line.split(",") if each.strip()]


def _id(form: Form) -> str:
    return require_id(form.get("id", "").strip(), "id")


def _mute_type(form: Form) -> MuteType:
    if form.get("type") not in set(MuteType):
        raise InvalidValue("type", f"is one of {', '.join(MuteType)}")
    return MuteType(form["type"])
