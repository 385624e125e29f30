"""Held comments on the wire."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from service.api.schemas.comment_limits import LimitedModeSchema
from service.api.schemas.everywhere import Few, Flag, Id, Instant, PageQuery, Schema, Switch, page_of
from service.domain.comments import CommentReason, CommentState
from service.domain.paging import Position
from service.usecases.edit_held_comments import LARGEST_BATCH, Verdict, WantedVerdict


class HeldCommentSchema(Schema):
    """A comment that was held; 60 days later it is gone."""

    comment_id = fields.String()
    post_id = fields.String()
    author_id = fields.String()
    text = fields.String()
    reasons = fields.List(fields.Enum(CommentReason, by_value=True))
    held_at = Instant()
    state = fields.Enum(CommentState, by_value=True)
    decided_at = Instant(allow_none=True)
    revision = fields.Integer()


HeldCommentPageSchema = page_of(HeldCommentSchema)


class HeldCommentQuery(PageQuery):
    """Which part of the list the caller wants; ``limited``: only what limited mode held."""

    limited = Flag()

    @ma.post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[int, Position | None, bool]:
        """Return the limit, the position to continue after, and which comments."""
        limit, after = super().make(data)
        return limit, after, data["limited"]


class ApprovalSchema(Schema):
    """How a comment is approved."""

    trust = Switch(
        load_default=False,
        metadata={"description": "Put its author on the list of approved users too."},
    )


class WantedVerdictSchema(Schema):
    """One verdict of a batch."""

    comment_id = Id(required=True)
    verdict = fields.Enum(Verdict, by_value=True, required=True)

    @ma.post_load
    def make(self, data: dict[str, Any], **_: Any) -> WantedVerdict:
        """Return the value that stories take."""
        return WantedVerdict(**data)


class VerdictBatchSchema(Schema):
    """Verdicts on many comments."""

    items = Few(
        fields.Nested(WantedVerdictSchema),
        most=LARGEST_BATCH,
        what="verdicts in a batch",
        required=True,
        validate=validate.Length(1),
    )


class VerdictResultSchema(Schema):
    """What became of one verdict: the comment as it stands, or the code of why it could not be judged."""

    comment_id = fields.String()
    comment = fields.Nested(HeldCommentSchema, allow_none=True)
    code = fields.String(allow_none=True)


class VerdictResultsSchema(Schema):
    """A result for each verdict, in their order."""

    results = fields.List(fields.Nested(VerdictResultSchema))
    revision = fields.Integer()


class LimitedDigestSchema(Schema):
    """What limited mode held, so far or until it ended."""

    limited_mode = fields.Nested(LimitedModeSchema, attribute="mode")
    is_over = fields.Boolean()
    held = fields.Integer()
    waiting = fields.Integer()
    approved = fields.Integer()
    rejected = fields.Integer()
