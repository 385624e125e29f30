"""Comment limits on the wire."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from service.api.schemas.everywhere import Schema, Text, as_members
from service.domain.comment_limits import KEYWORD_TERMS, Audience, CommentLimitsPatch, HoldMode


class CommentLimitsSchema(Schema):
    """A user's comment limits."""

    who_can_comment = fields.List(
        fields.Enum(Audience, by_value=True),
        allow_none=True,
        validate=validate.Length(1),
        metadata={"description": "Any of these may comment; null: the platform's default."},
    )
    hold_mode = fields.Enum(HoldMode, by_value=True)
    keyword_terms = fields.List(Text(shortest=1), metadata={"maxItems": KEYWORD_TERMS})
    revision = fields.Integer(dump_only=True)


class CommentLimitsPatchSchema(CommentLimitsSchema):
    """The members of the comment limits that change."""

    class Meta(CommentLimitsSchema.Meta):
        """Leave out what the service counts."""

        exclude = ("revision",)

    @ma.post_load
    def make(self, data: dict[str, Any], **_: Any) -> CommentLimitsPatch:
        """Return the value that stories take."""
        return CommentLimitsPatch(frozenset(data), **as_members(data))
