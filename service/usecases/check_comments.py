"""A comment service asks what becomes of comments: on making and editing them, and on showing them."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.comments import Comment, CommentDecision, Post, judge_new_comments, judge_shown_comments
from service.domain.consistency import Head, Version
from service.domain.people import UserId
from service.usecases.feed_rules import require_rules
from service.usecases.ports import Parts


@dataclass(frozen=True, slots=True)
class CheckedComments:
    """Decisions in the order of the comments, and where the settings they go by stand."""

    decisions: Sequence[CommentDecision]
    head: Head
    degraded: bool


def check_comments(
    parts: Parts,
    post: Post,
    comments: Sequence[Comment],
    *,
    viewer_id: UserId | None = None,
    at_least: Version | None = None,
) -> CheckedComments:
    """Decide by the owner's limits; with a viewer, what that viewer sees instead.

    ``at_least`` is about the viewer where there is one, else about the owner.
    """
    owner = require_rules(parts, post.owner_id, at_least=None if viewer_id else at_least)
    if viewer_id is None:
        decided = judge_new_comments(post, comments, owner.ready.rules, parts.now())
        return CheckedComments(decided, owner.head, owner.degraded)
    viewer = require_rules(parts, viewer_id, at_least=at_least)
    decided = judge_shown_comments(comments, owner.ready.rules, viewer.ready, parts.now())
    return CheckedComments(decided, viewer.head, owner.degraded or viewer.degraded)
