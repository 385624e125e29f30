"""Comment checks on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from service.domain.comments import LARGEST_CHECK, Comment, CommentDecision, CommentOutcome, Post
from service.domain.people import UserId, require_id


class CommentsRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Comments under one post; with a viewer, what that viewer sees of them."""

    post: Post
    comments: Annotated[list[Comment], Meta(max_length=LARGEST_CHECK)]
    viewer_id: UserId | None = None
    consistency_token: str | None = None


class CommentsAnswer(msgspec.Struct, kw_only=True):
    """Decisions in the order of the comments; the token is the owner's, or the viewer's where there is one."""

    decisions: list[CommentDecision]
    revision: int
    policy_revision: int
    matcher_version: int
    degraded: bool
    consistency_token: str


def require_plain_ids(request: CommentsRequest) -> None:
    """Refuse ids that cannot stand in a row: comments that wait are kept under theirs."""
    require_id(request.post.owner_id, "post.owner_id")
    require_id(request.post.id, "post.id")
    for place, comment in enumerate(request.comments):
        require_id(comment.id, f"comments[{place}].id")
        require_id(comment.author_id, f"comments[{place}].author_id")
        if comment.parent_id:
            require_id(comment.parent_id, f"comments[{place}].parent_id")


def decision_body(decision: CommentDecision, *, explain: bool) -> CommentDecision:
    """Return a decision as it travels: why a comment is held is told to callers with ``filter:explain`` only.

    What reaches a commenter is then the same for every kind of hold, whatever the caller passes on.
    """
    if decision.outcome is CommentOutcome.HOLD and not explain:
        return CommentDecision(decision.id, decision.outcome)
    return decision
