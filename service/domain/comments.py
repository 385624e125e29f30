"""Comments: who may leave one, which wait for the owner, and what a viewer sees of them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, TypeAlias

import msgspec

from service.domain.comment_limits import Audience, HoldMode, holds, keyword
from service.domain.decisions import ReadyRules
from service.domain.expiry import Instant, is_live
from service.domain.feed import Candidate
from service.domain.feed_rules import FeedRules
from service.domain.keyword_filters import Action
from service.domain.matching import Matcher, Text
from service.domain.mutes import MuteScope, MuteType
from service.domain.people import Id, UserId
from service.domain.policy import who_can_comment

Share: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1)]

LARGEST_CHECK: Final = 200
SUSPICIOUS: Final = 0.8


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
    KEYWORD = "keyword"
    SUSPECTED = "suspected"
    HOLD_ALL = "hold_all"
    MUTE_USER = "mute_user"
    KEYWORD_FILTER = "keyword_filter"


class Post(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The post that the comments stand under."""

    id: Id
    owner_id: UserId
    created_at: Instant | None = None
    kind: str | None = None
    mentions: tuple[UserId, ...] = ()


class Relation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the commenter and the owner follow each other, as the caller knows it."""

    follows_owner_since: Instant | None = None
    owner_follows: bool = False


class Commenter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the caller knows about the commenter's account."""

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
    text: str
    parent_id: str | None = None
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


def judge_new_comments(
    post: Post, comments: Sequence[Comment], owner: FeedRules, now: datetime
) -> list[CommentDecision]:
    """Decide, for comments being made or edited, which are allowed, held or refused under the owner's limits."""
    held = _keyword_hits(comments, owner)
    return [_judged(post, comment, owner, now, hit=hit) for comment, hit in zip(comments, held, strict=True)]


def _judged(post: Post, comment: Comment, owner: FeedRules, now: datetime, *, hit: bool) -> CommentDecision:
    if comment.author_id == post.owner_id:
        return CommentDecision(comment.id, CommentOutcome.ALLOW)
    refused = tuple(_refusals(post, comment, owner, now))
    if refused:
        return CommentDecision(comment.id, CommentOutcome.REFUSE, refused)
    held = tuple(_holds(comment, owner, hit=hit))
    return CommentDecision(comment.id, CommentOutcome.HOLD if held else CommentOutcome.ALLOW, held)


def _refusals(post: Post, comment: Comment, owner: FeedRules, now: datetime) -> Iterator[CommentReason]:
    if _are_apart(comment.author_id, owner, now):
        yield CommentReason.UNAVAILABLE
    audiences = who_can_comment(owner.comment_limits).value
    if not any(_belongs(audience, post, comment) for audience in audiences):
        yield CommentReason.AUDIENCE


def _are_apart(person: UserId, rules: FeedRules, now: datetime) -> bool:
    """Tell whether a block stands between two people, whoever made it."""
    return _is_live_in(rules.blocks, person, now) or _is_live_in(rules.blocked_by, person, now)


def _belongs(audience: Audience, post: Post, comment: Comment) -> bool:
    follows = comment.relation.follows_owner_since is not None
    match audience:
        case Audience.EVERYONE:
            return True
        case Audience.FOLLOWERS:
            return follows
        case Audience.FOLLOWING:
            return comment.relation.owner_follows
        case Audience.FRIENDS:
            return follows and comment.relation.owner_follows
        case Audience.MENTIONED:
            return comment.author_id in post.mentions
        case Audience.NO_ONE:
            return False


def _holds(comment: Comment, owner: FeedRules, *, hit: bool) -> Iterator[CommentReason]:
    mode = owner.comment_limits.hold_mode
    if hit:
        yield CommentReason.KEYWORD
    suspicion = max(comment.classifier.offensive, comment.classifier.spam)
    if holds(mode, HoldMode.SUSPECTED) and suspicion >= SUSPICIOUS:
        yield CommentReason.SUSPECTED
    if holds(mode, HoldMode.ALL):
        yield CommentReason.HOLD_ALL


def _keyword_hits(comments: Sequence[Comment], owner: FeedRules) -> list[bool]:
    limits = owner.comment_limits
    if not limits.keyword_terms or not holds(limits.hold_mode, HoldMode.KEYWORDS):
        return [False] * len(comments)
    matcher = Matcher([keyword(term) for term in limits.keyword_terms])
    return [bool(hits) for hits in matcher.hits([[Text("comment", comment.text)] for comment in comments])]


def judge_shown_comments(
    comments: Sequence[Comment], owner: FeedRules, viewer: ReadyRules, now: datetime
) -> list[CommentDecision]:
    """Decide what a viewer sees of comments that stand under a post already."""
    closed = tuple(_closing(owner, viewer.rules, now))
    if closed:
        return [CommentDecision(comment.id, CommentOutcome.HIDE, closed) for comment in comments]
    hits = viewer.filters.hits(
        viewer.rules.user_id, [_as_candidate(comment) for comment in comments], "comments", now
    )
    return [
        _shown(comment, owner, viewer, now, {hit.rule.action or Action.HIDE for hit in hits.get(place, ())})
        for place, comment in enumerate(comments)
    ]


def _closing(owner: FeedRules, viewer: FeedRules, now: datetime) -> Iterator[CommentReason]:
    """Say why the viewer sees nothing of what stands under the owner's post, their own comments included.

    Either side's rules are enough, so that a block counts as soon as one of the two has it.
    """
    if _is_live_in(viewer.blocks, owner.user_id, now) or _is_live_in(owner.blocked_by, viewer.user_id, now):
        yield CommentReason.BLOCK
    if _is_live_in(viewer.blocked_by, owner.user_id, now) or _is_live_in(owner.blocks, viewer.user_id, now):
        yield CommentReason.UNAVAILABLE


def _shown(
    comment: Comment, owner: FeedRules, viewer: ReadyRules, now: datetime, actions: set[Action]
) -> CommentDecision:
    if comment.author_id == viewer.rules.user_id:
        return CommentDecision(comment.id, CommentOutcome.SHOW)
    objections = list(_objections(comment, owner, viewer, now, actions))
    if not objections:
        return CommentDecision(comment.id, CommentOutcome.SHOW)
    objections.sort(key=lambda objection: objection[1] is not CommentOutcome.HIDE)
    return CommentDecision(comment.id, objections[0][1], tuple(reason for reason, _ in objections))


def _objections(
    comment: Comment, owner: FeedRules, viewer: ReadyRules, now: datetime, actions: set[Action]
) -> Iterator[tuple[CommentReason, CommentOutcome]]:
    rules = viewer.rules
    people = {comment.author_id, *comment.mentions}
    if _anybody_in(rules.blocks, people, now):
        yield CommentReason.BLOCK, CommentOutcome.HIDE
    hidden_by_owner = owner.user_id != rules.user_id and _is_live_in(owner.blocks, comment.author_id, now)
    if hidden_by_owner or _anybody_in(rules.blocked_by, people, now):
        yield CommentReason.UNAVAILABLE, CommentOutcome.HIDE
    if actions - {Action.DOWNRANK}:
        hides = Action.HIDE in actions
        yield CommentReason.KEYWORD_FILTER, CommentOutcome.HIDE if hides else CommentOutcome.PLACEHOLDER
    mute = viewer.mute(MuteType.USER, comment.author_id, now)
    if mute and MuteScope.COMMENTS in mute.scopes:
        yield CommentReason.MUTE_USER, CommentOutcome.HIDE


def _anybody_in(blocks: dict[UserId, datetime | None], people: Iterable[UserId], now: datetime) -> bool:
    return any(_is_live_in(blocks, person, now) for person in people)


def _is_live_in(blocks: dict[UserId, datetime | None], person: UserId, now: datetime) -> bool:
    return person in blocks and is_live(blocks[person], now)


def _as_candidate(comment: Comment) -> Candidate:
    """Let a comment be read by the same filters as a post: its text stands where a caption would."""
    return Candidate(id=comment.id, author_id=comment.author_id, caption=comment.text, links=comment.links)
