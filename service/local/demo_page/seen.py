"""What the viewer sees, in words: her feed and the comments under her post as the service decides them."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from service.domain.comments import (
    Comment,
    CommentDecision,
    CommentHistory,
    CommentOutcome,
    CommentReason,
    HeldComment,
)
from service.domain.consistency import Head
from service.domain.decisions import people_in
from service.domain.expiry import is_live
from service.domain.feed import Candidate, Decision, Outcome, Reason, ReasonCode
from service.domain.people import UserId
from service.local.demo_page.cast import VIEWER, comments_to_check, feed, name_of
from service.usecases.check_comments import check_comments
from service.usecases.comment_ports import CommentStore
from service.usecases.filter_feed import filter_feed
from service.usecases.ports import NoTallies, Parts
from service.usecases.read_settings import Snapshot

FIELDS: Final = {
    "caption": "",
    "on_screen_text": "On screen",
    "transcript": "Said",
    "sound_title": "Sound",
    "quoted": "Quotes",
    "links": "Link",
    "alt_text": "Picture",
    "hashtags": "",
}
"""What a post can say, in the order of reading, with how it is introduced."""

_WORDS: Final = {
    ReasonCode.UNAVAILABLE: "It is unavailable to her",
    ReasonCode.POLICY: "The platform's policy says so",
    ReasonCode.MUTE_USER: "She muted somebody in it",
    ReasonCode.MUTE_HASHTAG: "She muted one of its hashtags",
    ReasonCode.MUTE_TOPIC: "She muted its topic",
    ReasonCode.MUTE_SOUND: "She muted its sound",
    ReasonCode.MUTE_DOMAIN: "She muted a site that it links to",
    ReasonCode.NOT_INTERESTED_ITEM: "She is not interested in this very post",
    ReasonCode.NOT_INTERESTED_AUTHOR: "She wants less of its author",
    ReasonCode.NOT_INTERESTED_SOUND: "She wants less of its sound",
    ReasonCode.NOT_INTERESTED_HASHTAG: "She wants less of one of its hashtags",
    ReasonCode.NOT_INTERESTED_TOPIC: "She wants less of its topic",
}
_ABOUT_COMMENTS: Final = {
    CommentReason.BLOCK: "she blocked the author",
    CommentReason.UNAVAILABLE: "unavailable",
    CommentReason.AUDIENCE: "not among those who may comment",
    CommentReason.FOLLOW_AGE: "follows her too short a time",
    CommentReason.ACCOUNT_AGE: "the account is too new",
    CommentReason.UNVERIFIED: "no verified contact",
    CommentReason.LINKS: "has a link",
    CommentReason.MENTIONS: "mentions too many people",
    CommentReason.TOO_MANY: "too many in an hour",
    CommentReason.KEYWORD: "one of her words",
    CommentReason.SUSPECTED: "looks like spam or offence",
    CommentReason.FIRST_TIME: "first comment of somebody new",
    CommentReason.HOLD_ALL: "everything waits for her",
    CommentReason.LIMITED_MODE: "limited mode is on",
    CommentReason.CARE_MODE: "care mode is on",
    CommentReason.OFTEN_HELD: "was held again and again",
    CommentReason.HELD: "waits for her look",
    CommentReason.REJECTED: "she rejected it",
    CommentReason.PARENT: "what it replies to is hidden",
    CommentReason.MUTE_USER: "the reader muted the author",
    CommentReason.MUTE_DOMAIN: "the reader muted where a link leads",
    CommentReason.KEYWORD_FILTER: "the reader's filter",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a post; ``is_hit``: those that a filter found."""

    text: str
    is_hit: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a post says."""

    field: str
    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class SeenPost:
    """One post, what became of it for the viewer, and why in sentences."""

    post: Candidate
    outcome: Outcome
    multiplier: float
    said: tuple[Said, ...]
    why: tuple[str, ...]

    @property
    def is_gone(self) -> bool:
        """Whether the viewer would never know of it."""
        return self.outcome in {Outcome.HIDE, Outcome.UNVERIFIED}


@dataclass(frozen=True, slots=True)
class SeenComment:
    """One comment, what becomes of it, and why."""

    comment: Comment
    outcome: CommentOutcome
    why: tuple[str, ...]


class LookingOn:
    """Comments as they were held and counted so far; what is decided while looking on leaves no trace."""

    def __init__(self, comments: CommentStore) -> None:
        self._comments = comments

    def history(
        self, owner_id: UserId, comment_ids: Collection[str], author_ids: Collection[UserId], now: datetime
    ) -> CommentHistory:
        """Return what the owner made of these comments."""
        return self._comments.history(owner_id, comment_ids, author_ids, now)

    def hold(
        self, owner_id: UserId, comments: Sequence[HeldComment]
    ) -> AbstractContextManager[Sequence[Head]]:
        """Keep nothing."""
        del owner_id, comments
        return nullcontext(())

    def count(
        self, owner_id: UserId, post_id: str, made: Sequence[tuple[UserId, str]], at_most: int, now: datetime
    ) -> frozenset[str]:
        """Count nothing."""
        del owner_id, post_id, made, at_most, now
        return frozenset()


def decide(parts: Parts, surface: str) -> dict[str, Decision]:
    """Return what becomes of every post of the demo on a surface, by post."""
    quiet = replace(parts, tallies=NoTallies())
    return {each.id: each for each in filter_feed(quiet, VIEWER, surface, feed()).decisions}


def see_feed(decisions: dict[str, Decision], settings: Snapshot, now: datetime) -> list[SeenPost]:
    """Return the feed with every decision in words."""
    return [_seen(post, decisions[post.id], settings, now) for post in feed()]


def see_comments(parts: Parts, reader: str | None) -> list[SeenComment]:
    """Return the comments under the viewer's post as they are taken in, or as somebody reads them."""
    asked = comments_to_check()
    quiet = replace(parts, comments=LookingOn(parts.comments))
    decided = check_comments(quiet, asked.post, asked.comments, viewer_id=reader or None).decisions
    return [_seen_comment(*pair) for pair in zip(asked.comments, decided, strict=True)]


def words_about(reasons: Sequence[CommentReason]) -> tuple[str, ...]:
    """Say why something becomes of a comment."""
    return tuple(_ABOUT_COMMENTS[each] for each in reasons)


def _seen_comment(comment: Comment, decision: CommentDecision) -> SeenComment:
    return SeenComment(comment, decision.outcome, words_about(decision.reasons))


def _seen(post: Candidate, decision: Decision, settings: Snapshot, now: datetime) -> SeenPost:
    return SeenPost(
        post=post,
        outcome=decision.outcome,
        multiplier=decision.multiplier,
        said=tuple(_everything_said(post, decision.reasons)),
        why=tuple(_why(reason, post, settings, now) for reason in decision.reasons),
    )


def _everything_said(post: Candidate, reasons: Sequence[Reason]) -> Iterator[Said]:
    for field, label in FIELDS.items():
        told = post.quoted.text if field == "quoted" and post.quoted else getattr(post, field)
        texts = (told,) if isinstance(told, str) else told or ()
        for index, text in enumerate(texts):
            if text:
                spans = [
                    each.span
                    for each in reasons
                    if each.span and each.field == field and (each.index or 0) == index
                ]
                yield Said(field, label, tuple(_pieces(text, spans)))


def _pieces(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    """Cut a text where a filter found something; of overlapping finds the first counts."""
    done = 0
    for start, end in sorted(spans):
        if start >= done:
            yield Piece(text[done:start])
            yield Piece(text[start:end], is_hit=True)
            done = end
    yield Piece(text[done:])


def _why(reason: Reason, post: Candidate, settings: Snapshot, now: datetime) -> str:
    if reason.code is ReasonCode.KEYWORD_FILTER:
        words = _why_filtered(reason, settings)
    elif reason.code is ReasonCode.BLOCK:
        blocked = {each.target_id for each in settings.blocks.items if is_live(each.expires_at, now)}
        names = [name_of(person) for person in dict.fromkeys(people_in(post)) if person in blocked]
        words = f"She blocked {' and '.join(names) or 'somebody in it'}"
    else:
        words = _WORDS[reason.code]
    if reason.multiplier != 1:
        words += f" (×{reason.multiplier:.2g})"
    return words + (f", until {reason.until:%d %b %H:%M} UTC" if reason.until else "")


def _why_filtered(reason: Reason, settings: Snapshot) -> str:
    kept = next((each for each in settings.keyword_filters if each.id == reason.setting_id), None)
    called = (kept.wording.title or ", ".join(kept.wording.terms[:3])) if kept else "a filter"
    where = (reason.field or "").replace("_", " ")
    return f"Her filter “{called}” found something in the {where}" + (", disguised" if reason.evasion else "")
