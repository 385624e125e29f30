"""Comments: who may leave one, which wait for the owner, and what a viewer sees of them."""

from service.domain.comments.gates import COUNTED_FOR, too_many
from service.domain.comments.held_comments import (
    DISTRUSTED_FOR,
    FIRST_GLANCE,
    HELD_FOR,
    HOLDS_THAT_TELL,
    TELLING_TIME,
    CommentHistory,
    CommentState,
    HeldComment,
    HeldCount,
    KnownComment,
    LimitedDigest,
    comments_to_hold,
    digest_of,
    mark_of,
)
from service.domain.comments.new import judge_new_comments, limits_under, refuse_too_many
from service.domain.comments.said import (
    LARGEST_CHECK,
    Classifier,
    Comment,
    CommentDecision,
    Commenter,
    CommentOutcome,
    CommentReason,
    Post,
    Relation,
)
from service.domain.comments.shown import judge_shown_comments

__all__ = [
    "COUNTED_FOR",
    "DISTRUSTED_FOR",
    "FIRST_GLANCE",
    "HELD_FOR",
    "HOLDS_THAT_TELL",
    "LARGEST_CHECK",
    "TELLING_TIME",
    "Classifier",
    "Comment",
    "CommentDecision",
    "CommentHistory",
    "CommentOutcome",
    "CommentReason",
    "CommentState",
    "Commenter",
    "HeldComment",
    "HeldCount",
    "KnownComment",
    "LimitedDigest",
    "Post",
    "Relation",
    "comments_to_hold",
    "digest_of",
    "judge_new_comments",
    "judge_shown_comments",
    "limits_under",
    "mark_of",
    "refuse_too_many",
    "too_many",
]
