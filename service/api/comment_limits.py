"""Comment limits over HTTP."""

from service.api.answers import Answer, edited, etag_of, expected_revisions
from service.api.auth import needs
from service.api.contract import ETAG, TOKEN, says
from service.api.parts import parts, user_id
from service.api.requests import Rooms
from service.api.schemas.comment_limits import CommentLimitsPatchSchema, CommentLimitsSchema
from service.domain.comment_limits import CommentLimits, CommentLimitsPatch
from service.usecases.edit_comment_limits import change_comment_limits
from service.usecases.read_settings import read_comment_limits

comment_limits = Rooms("comment limits", __name__, url_prefix="/v1/me/comment-limits", description=__doc__)


@comment_limits.get("")
@needs("settings")
@says(headers=(ETAG,))
@comment_limits.response(200, CommentLimitsSchema)
def get_limits() -> Answer[CommentLimits]:
    """Read who may comment on the caller's posts and which comments wait."""
    limits = read_comment_limits(parts(), user_id())
    return limits, 200, {"ETag": etag_of(limits.revision)}


@comment_limits.patch("")
@needs("settings")
@comment_limits.arguments(CommentLimitsPatchSchema)
@says(headers=(TOKEN, ETAG), if_match=True, refuses=("limit-reached", "unmatchable-term"))
@comment_limits.response(200, CommentLimitsSchema)
def patch_limits(patch: CommentLimitsPatch) -> Answer[CommentLimits]:
    """Change the members that the body names; If-Match is honoured."""
    done = change_comment_limits(parts(), user_id(), patch, expected=expected_revisions())
    return edited(done, done.value, revision=done.value.revision)
