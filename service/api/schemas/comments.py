"""Comment checks on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from service.domain.comments import LARGEST_CHECK, Comment, CommentDecision, Post
from service.domain.people import UserId


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
