"""What a comment service says about a post and its comments, and what it is answered."""

from enum import StrEnum
from typing import Annotated, Final, TypeAlias

import msgspec

from service.domain.expiry import Instant
from service.domain.people import Id, UserId

Share: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1)]

LARGEST_CHECK: Final = 200
COMMENT_LENGTH: Final = 10_000
"""Characters; the longest that any of the large platforms takes."""


class CommentOutcome(StrEnum):
    """What becomes of a comment: the first three when it is made or edited, the others when somebody reads it."""

    ALLOW = "allow"
    HOLD = "hold"
    REFUSE = "refuse"
    SHOW = "show"
    PLACEHOLDER = "placeholder"
    HIDE = "hide"


class CommentReason(StrEnum):
    """Why a comment is not simply allowed or shown; for the post's side, never for the commenter."""

    BLOCK = "block"
    UNAVAILABLE = "unavailable"
    AUDIENCE = "audience"
    FOLLOW_AGE = "follow_age"
    ACCOUNT_AGE = "account_age"
    UNVERIFIED = "unverified"
    LINKS = "links"
    MENTIONS = "mentions"
    TOO_MANY = "too_many"
    KEYWORD = "keyword"
    SUSPECTED = "suspected"
    FIRST_TIME = "first_time"
    HOLD_ALL = "hold_all"
    LIMITED_MODE = "limited_mode"
    CARE_MODE = "care_mode"
    OFTEN_HELD = "often_held"
    HELD = "held"
    REJECTED = "rejected"
    PARENT = "parent"
    MUTE_USER = "mute_user"
    MUTE_DOMAIN = "mute_domain"
    KEYWORD_FILTER = "keyword_filter"


class Post(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The post that the comments stand under."""

    id: Id
    owner_id: UserId
    created_at: Instant | None = None
    kind: str | None = None
    mentions: tuple[UserId, ...] = ()


class Relation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the commenter and the owner stand to each other, as the caller knows it; what it leaves out is not so.

    ``commented_before``: under a post of this owner, for all to see. ``owner_reported_at``: when the owner last
    reported the commenter.
    """

    follows_owner_since: Instant | None = None
    owner_follows: bool = False
    commented_before: bool = False
    owner_reported_at: Instant | None = None


class Commenter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the caller knows about the commenter's account; what it leaves out passes no gate."""

    account_created_at: Instant | None = None
    contact_verified: bool | None = None


class Classifier(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the caller's own classifier makes of the text, from 0 to 1."""

    offensive: Share = 0.0
    spam: Share = 0.0


class Comment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A comment, as the comment service describes it."""

    id: Id
    author_id: UserId
    text: Annotated[str, msgspec.Meta(max_length=COMMENT_LENGTH)]
    parent_id: Id | None = None
    mentions: tuple[UserId, ...] = ()
    links: tuple[str, ...] = ()
    relation: Relation = Relation()
    author: Commenter = Commenter()
    classifier: Classifier = Classifier()


class CommentDecision(msgspec.Struct, frozen=True, omit_defaults=True):
    """What becomes of one comment, and why."""

    id: str
    outcome: CommentOutcome
    reasons: tuple[CommentReason, ...] = ()
