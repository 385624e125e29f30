"""A user decides who may comment and which comments wait."""

from dataclasses import replace

from service.domain.comment_limits import CommentLimits, CommentLimitsPatch, require_valid_limits
from service.domain.people import UserId
from service.domain.refusals import RevisionMismatch
from service.usecases.editing import Edited, editing
from service.usecases.ports import Parts


def change_comment_limits(
    parts: Parts, user_id: UserId, patch: CommentLimitsPatch, *, if_revision: int | None = None
) -> Edited[CommentLimits]:
    """Change the members that are named; with ``if_revision`` only where nobody changed them since."""
    with editing(parts, user_id) as settings:
        kept = settings.comment_limits.get()
        if if_revision is not None and if_revision != kept.revision:
            raise RevisionMismatch(if_revision, kept.revision)
        wanted = patch.apply(kept)
        if wanted == kept:
            settings.discard()
            return Edited(kept, settings.head)
        require_valid_limits(wanted)
        changed = replace(wanted, revision=settings.head.revision)
        settings.comment_limits.put(changed)
        return Edited(changed, settings.head)
