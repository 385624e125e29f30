"""A user decides who may comment and which comments wait, on all posts or on a single one."""

from collections.abc import Collection
from dataclasses import replace

from service.domain.comment_limits import (
    CommentLimits,
    CommentLimitsPatch,
    PostLimits,
    PostLimitsPatch,
    remembering,
    require_room_for_post_limits,
    require_sensible_length,
    require_valid_limits,
    require_valid_post_limits,
)
from service.domain.people import UserId
from service.domain.segments import Control
from service.usecases.editing import Edited, editing, require_unchanged
from service.usecases.noting import note_saved
from service.usecases.ports import Parts


def change_comment_limits(
    parts: Parts, user_id: UserId, patch: CommentLimitsPatch, *, expected: Collection[int] | None = None
) -> Edited[CommentLimits]:
    """Change the members that are named, where the limits still are at a revision that the caller expects."""
    with editing(parts, user_id) as settings:
        kept = settings.comment_limits.get()
        require_unchanged(kept, expected)
        asked = patch.apply(kept)
        wanted = remembering(asked, kept.limited_mode, parts.now())
        if wanted == kept:
            settings.discard()
            return Edited(kept, settings.head)
        require_valid_limits(wanted, kept)
        require_sensible_length(asked.limited_mode, kept.limited_mode, parts.now())
        changed = replace(wanted, revision=settings.head.revision)
        settings.comment_limits.put(changed)
        note_saved(parts, settings, Control.COMMENT_LIMIT, begins=kept.revision == 0)
        return Edited(changed, settings.head)


def limit_comments_on_post(
    parts: Parts,
    user_id: UserId,
    post_id: str,
    patch: PostLimitsPatch,
    *,
    expected: Collection[int] | None = None,
) -> Edited[PostLimits]:
    """Give a post a rule of its own, or change what is named of it.

    Whose post it is only its owner's checks find out.
    """
    with editing(parts, user_id) as settings:
        kept = settings.post_limits.find(post_id)
        if expected is not None:
            require_unchanged(kept or PostLimits(), expected)
        wanted = patch.apply(kept or PostLimits())
        require_valid_post_limits(wanted)
        if wanted == kept:
            settings.discard()
            return Edited(kept, settings.head)
        if kept is None:
            require_room_for_post_limits(settings.post_limits.count())
        changed = replace(wanted, revision=settings.head.revision)
        settings.post_limits.put(post_id, changed)
        return Edited(changed, settings.head, created=kept is None)


def lift_limits_on_post(
    parts: Parts, user_id: UserId, post_id: str, *, expected: Collection[int] | None = None
) -> Edited[None]:
    """Let the user's own limits count under a post again; fine where it had no rule, unless one was expected."""
    with editing(parts, user_id) as settings:
        if expected is not None:
            require_unchanged(settings.post_limits.find(post_id) or PostLimits(), expected)
        if not settings.post_limits.remove(post_id):
            settings.discard()
        return Edited(None, settings.head)
