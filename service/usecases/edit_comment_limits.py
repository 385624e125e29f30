"""A user decides who may comment and which comments wait."""

from collections.abc import Collection
from dataclasses import replace

from service.domain.comment_limits import CommentLimits, CommentLimitsPatch, require_valid_limits
from service.domain.people import UserId
from service.usecases.editing import Edited, editing, require_unchanged
from service.usecases.ports import Parts


def change_comment_limits(
    parts: Parts, user_id: UserId, patch: CommentLimitsPatch, *, expected: Collection[int] | None = None
) -> Edited[CommentLimits]:
    """Change the members that are named, where the limits still are at a revision that the caller expects."""
    with editing(parts, user_id) as settings:
        kept = settings.comment_limits.get()
        require_unchanged(kept, expected)
        wanted = patch.apply(kept)
        if wanted == kept:
            settings.discard()
            return Edited(kept, settings.head)
        require_valid_limits(wanted)
        changed = replace(wanted, revision=settings.head.revision)
        settings.comment_limits.put(changed)
        return Edited(changed, settings.head)
