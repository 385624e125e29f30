"""A comment service asks what becomes of comments: on making and editing them, and on showing them."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.comments import Comment, CommentDecision, Post, judge_new_comments, judge_shown_comments
from service.domain.consistency import Head, Version
from service.domain.people import UserId
from service.usecases.feed_rules import current_rules
from service.usecases.ports import Parts


@dataclass(frozen=True, slots=True)
class CheckedComments:
    """Decisions in the order of the comments, and where the settings they go by stand."""

    decisions: Sequence[CommentDecision]
    head: Head


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
    owner = current_rules(parts, post.owner_id, at_least=None if viewer_id else at_least).rules
    if viewer_id is None:
        decided = judge_new_comments(post, comments, owner, parts.now())
        return CheckedComments(decided, Head(post.owner_id, owner.revision, owner.version))
    viewer = current_rules(parts, viewer_id, at_least=at_least)
    decided = judge_shown_comments(comments, owner, viewer, parts.now())
    return CheckedComments(decided, Head(viewer_id, viewer.rules.revision, viewer.rules.version))
