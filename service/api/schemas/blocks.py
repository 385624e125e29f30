"""Blocks on the wire."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from service.api.schemas.everywhere import Id, Instant, Schema, Text, page_of, require_one_ending
from service.domain.blocks import NOTE_LENGTH, Source
from service.domain.expiry import PRESETS


class NewBlockSchema(Schema):
    """What a user says when blocking somebody: nothing, a note for themself, an end."""

    note = Text(longest=NOTE_LENGTH, allow_none=True)
    expires_at = Instant(allow_none=True)
    expires_in = fields.String(validate=validate.OneOf(list(PRESETS)))

    @ma.validates_schema
    def check_ending(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse two endings."""
        require_one_ending(data)


class BlockSchema(Schema):
    """A block as it is kept."""

    user_id = Id(attribute="target_id")
    note = fields.String(allow_none=True)
    expires_at = Instant(allow_none=True)
    source = fields.Enum(Source, by_value=True)
    created_at = Instant()
    revision = fields.Integer()


class KeptBlockSchema(BlockSchema):
    """A block as it is kept, with the one that stood there before."""

    earlier = fields.Nested(BlockSchema, allow_none=True)


BlockPageSchema = page_of(BlockSchema)
