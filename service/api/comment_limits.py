"""Comment limits over HTTP."""

from flask import Response

from service.api.answers import NOT_MODIFIED, Answer, edited, expected_revisions, gone, read
from service.api.auth import needs
from service.api.contract import ETAG, TOKEN, says
from service.api.parts import parts, user_id
from service.api.requests import Rooms
from service.api.schemas.comment_limits import (
    CommentLimitsPatchSchema,
    CommentLimitsSchema,
    PostLimitsPatchSchema,
    PostLimitsSchema,
)
from service.domain.comment_limits import CommentLimits, CommentLimitsPatch, PostLimits, PostLimitsPatch
from service.usecases.edit_comment_limits import (
    change_comment_limits,
    lift_limits_on_post,
    limit_comments_on_post,
)
from service.usecases.read_settings import find_post_limits, read_comment_limits

comment_limits = Rooms("comment limits", __name__, url_prefix="/v1/me/comment-limits", description=__doc__)


@comment_limits.get("")
@needs("settings")
@says(headers=(ETAG,), if_none_match=True)
@comment_limits.response(200, CommentLimitsSchema)
@comment_limits.alt_response(304, description=NOT_MODIFIED, success=True)
def get_limits() -> Answer[CommentLimits] | Response:
    """Read who may comment on the caller's posts and which comments wait."""
    limits = read_comment_limits(parts(), user_id())
    return read(limits, revision=limits.revision, has_ended=limits.limited_mode_is_over(parts().now()))


@comment_limits.patch("")
@needs("settings")
@comment_limits.arguments(CommentLimitsPatchSchema, required=False)
@says(headers=(TOKEN, ETAG), if_match=True, refuses=("limit-reached", "unmatchable-term"))
@comment_limits.response(200, CommentLimitsSchema)
def patch_limits(patch: CommentLimitsPatch) -> Answer[CommentLimits]:
    """Change the members that the body names; If-Match is honoured."""
    done = change_comment_limits(parts(), user_id(), patch, expected=expected_revisions())
    has_ended = done.value.limited_mode_is_over(parts().now())
    return edited(done, done.value, revision=done.value.revision, has_ended=has_ended)


post_limits = Rooms(
    "comment limits of posts",
    __name__,
    url_prefix="/v1/me/posts/<post_id>/comment-limits",
    description="A post's own rule, which counts instead of its owner's.",
)


@post_limits.put("")
@needs("settings")
@post_limits.arguments(PostLimitsPatchSchema)
@says(headers=(TOKEN, ETAG), if_match=True, refuses=("limit-reached",))
@post_limits.response(201, PostLimitsSchema)
@post_limits.alt_response(200, schema=PostLimitsSchema, success=True)
def put_post_limits(patch: PostLimitsPatch, post_id: str) -> Answer[PostLimits]:
    """Give a post a rule of its own, or change the members of it that the body names; If-Match is honoured.

    It counts where the caller owns the post.
    """
    expected = expected_revisions(may_be_missing=True)
    done = limit_comments_on_post(parts(), user_id(), post_id, patch, expected=expected)
    return edited(done, done.value, revision=done.value.revision)


@post_limits.get("")
@needs("settings")
@says(headers=(ETAG,), if_none_match=True, refuses=("not-found",))
@post_limits.response(200, PostLimitsSchema)
@post_limits.alt_response(304, description=NOT_MODIFIED, success=True)
def get_post_limits(post_id: str) -> Answer[PostLimits] | Response:
    """Read a post's own rule."""
    found = find_post_limits(parts(), user_id(), post_id)
    return read(found, revision=found.revision)


@post_limits.delete("")
@needs("settings")
@says(headers=(TOKEN,), if_match=True)
@post_limits.response(204)
def delete_post_limits(post_id: str) -> Response:
    """Let the caller's own limits count under a post again, fine where it had no rule; If-Match is honoured."""
    expected = expected_revisions(may_be_missing=True)
    return gone(lift_limits_on_post(parts(), user_id(), post_id, expected=expected))
