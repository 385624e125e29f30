"""Held comments over HTTP: what waits for the caller's own look."""

from typing import Any

from service.api.answers import Answer, edited
from service.api.auth import needs
from service.api.contract import TOKEN, says
from service.api.parts import parts, user_id
from service.api.requests import Rooms
from service.api.schemas.held_comments import (
    ApprovalSchema,
    HeldCommentPageSchema,
    HeldCommentQuery,
    HeldCommentSchema,
    LimitedDigestSchema,
    VerdictBatchSchema,
    VerdictResultsSchema,
)
from service.domain.comments import HeldComment, LimitedDigest
from service.domain.paging import Page, Position
from service.usecases.edit_held_comments import (
    Verdict,
    judge_held_comment,
    judge_held_comments,
    list_held_comments,
    read_limited_digest,
)

held_comments = Rooms("held comments", __name__, url_prefix="/v1/me/held-comments", description=__doc__)


@held_comments.get("")
@needs("settings")
@held_comments.arguments(HeldCommentQuery, location="query")
@held_comments.response(200, HeldCommentPageSchema)
def list_held(wanted: tuple[int, Position | None, bool]) -> Page[HeldComment]:
    """List the comments that wait for the caller, newest first."""
    limit, after, limited = wanted
    return list_held_comments(parts(), user_id(), limit, after, limited=limited)


@held_comments.get("/digest")
@needs("settings")
@says(refuses=("not-found",))
@held_comments.response(200, LimitedDigestSchema)
def get_digest() -> LimitedDigest:
    """Read how much the limited mode that is on, or was last, has held."""
    return read_limited_digest(parts(), user_id())


@held_comments.post("/<comment_id>/approve")
@needs("settings")
@held_comments.arguments(ApprovalSchema, required=False)
@says(headers=(TOKEN,), refuses=("not-found", "limit-reached"))
@held_comments.response(200, HeldCommentSchema)
def approve(wanted: dict[str, Any], comment_id: str) -> Answer[HeldComment]:
    """Let a held comment through, and with `trust` what its author writes from now on."""
    verdict = Verdict.APPROVE_AND_TRUST if wanted.get("trust") else Verdict.APPROVE
    done = judge_held_comment(parts(), user_id(), comment_id, verdict)
    return edited(done, done.value)


@held_comments.post("/<comment_id>/reject")
@needs("settings")
@says(headers=(TOKEN,), refuses=("not-found",))
@held_comments.response(200, HeldCommentSchema)
def reject(comment_id: str) -> Answer[HeldComment]:
    """Keep a comment hidden for good; its author goes on seeing it as held."""
    done = judge_held_comment(parts(), user_id(), comment_id, Verdict.REJECT)
    return edited(done, done.value)


@held_comments.post("/batch")
@needs("settings")
@held_comments.arguments(VerdictBatchSchema)
@says(headers=(TOKEN,), refuses=("limit-reached",))
@held_comments.response(200, VerdictResultsSchema)
def judge_batch(batch: dict[str, Any]) -> Answer[dict[str, Any]]:
    """Judge up to 100 comments, each by itself."""
    done = judge_held_comments(parts(), user_id(), batch["items"])
    return edited(done, {"results": done.value, "revision": done.head.revision})
