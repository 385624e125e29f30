"""A user reads the comments that wait for them, and says what becomes of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from service.domain.comment_limits import require_valid_limits
from service.domain.comments import (
    HELD_FOR,
    CommentReason,
    CommentState,
    HeldComment,
    LimitedDigest,
    digest_of,
)
from service.domain.paging import Page, Position, page_of
from service.domain.people import UserId
from service.domain.refusals import LimitReached, NotFound
from service.usecases.editing import Edited, editing
from service.usecases.noting import note_review
from service.usecases.ports import Parts, SettingsEdit

LARGEST_BATCH: Final = 100


class Verdict(StrEnum):
    """What an owner says about a held comment; whom they trust waits from then on for nothing but keywords."""

    APPROVE = "approve"
    APPROVE_AND_TRUST = "approve_and_trust"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class WantedVerdict:
    """One verdict of a batch."""

    comment_id: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class VerdictResult:
    """What became of one verdict of a batch: the comment as it stands, or the code of what was refused."""

    comment_id: str
    comment: HeldComment | None = None
    code: str | None = None


def judge_held_comment(
    parts: Parts, user_id: UserId, comment_id: str, verdict: Verdict
) -> Edited[HeldComment]:
    """Let a comment through or reject it; the owner may change their mind until it is gone."""
    with editing(parts, user_id) as settings:
        judged, changed = _judge(parts, settings, comment_id, verdict)
        if not changed:
            settings.discard()
        return Edited(judged, settings.head)


def judge_held_comments(
    parts: Parts, user_id: UserId, wanted: Sequence[WantedVerdict]
) -> Edited[tuple[VerdictResult, ...]]:
    """Judge many comments at once, each by itself: one that cannot be judged does not keep the others waiting."""
    with editing(parts, user_id) as settings:
        results, anything_changed = [], False
        for each in wanted:
            try:
                judged, changed = _judge(parts, settings, each.comment_id, each.verdict)
            except (NotFound, LimitReached) as refusal:
                results.append(VerdictResult(each.comment_id, code=refusal.code))
                continue
            results.append(VerdictResult(each.comment_id, comment=judged))
            anything_changed = anything_changed or changed
        if not anything_changed:
            settings.discard()
        return Edited(tuple(results), settings.head)


def _judge(
    parts: Parts, settings: SettingsEdit, comment_id: str, verdict: Verdict
) -> tuple[HeldComment, bool]:
    """Keep a verdict; return the comment as it then stands, and whether anything changed."""
    now = parts.now()
    kept = settings.held_comments.find(comment_id)
    if kept is None or kept.is_gone(now):
        raise NotFound("held comment")
    trusted = verdict is Verdict.APPROVE_AND_TRUST and _trust(settings, kept.author_id)
    state = CommentState.REJECTED if verdict is Verdict.REJECT else CommentState.APPROVED
    if kept.state is state:
        return kept, trusted
    judged = replace(kept, state=state, decided_at=now, revision=settings.head.revision)
    settings.held_comments.put(judged)
    if kept.state is CommentState.HELD:
        note_review(parts, settings, judged)
    return judged, True


def _trust(settings: SettingsEdit, person: UserId) -> bool:
    """Put somebody on the list of approved users; tell whether they were not on it."""
    limits = settings.comment_limits.get()
    if person in limits.approved_users:
        return False
    wanted = replace(limits, approved_users=(*limits.approved_users, person), revision=settings.head.revision)
    require_valid_limits(wanted, limits)
    settings.comment_limits.put(wanted)
    return True


def list_held_comments(
    parts: Parts, user_id: UserId, limit: int, after: Position | None, *, limited: bool = False
) -> Page[HeldComment]:
    """Return a page of the comments that wait, newest first; ``limited``: only what limited mode held."""
    because = CommentReason.LIMITED_MODE if limited else None
    since = parts.now() - HELD_FOR
    with parts.settings.read(user_id) as settings:
        found = settings.held_comments.page(limit + 1, after, since=since, because=because)
    return page_of(found, limit, lambda each: Position(each.held_at, each.comment_id))


def read_limited_digest(parts: Parts, user_id: UserId) -> LimitedDigest:
    """Return what the limited mode that is on, or was last, has held."""
    now, because = parts.now(), CommentReason.LIMITED_MODE
    with parts.settings.read(user_id) as settings:
        mode = settings.comment_limits.get().limited_mode
        if mode is None:
            raise NotFound("limited mode")
        counts = settings.held_comments.counts(because, mode.since, mode.until)
        there_still = settings.held_comments.counts(because, max(mode.since, now - HELD_FOR), mode.until)
    return digest_of(mode, counts, there_still, now)
