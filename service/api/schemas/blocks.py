"""Blocks on the wire."""

from typing import Any, Final

import marshmallow as ma
from marshmallow import fields, validate

from service.api.schemas.everywhere import (
    Few,
    Id,
    IdOfMany,
    Instant,
    Liveness,
    OneOfMany,
    RefusalSchema,
    Schema,
    Text,
    page_of,
    require_one_ending,
)
from service.domain.blocks import NOTE_LENGTH, TARGETS_PER_BATCH, Source
from service.domain.expiry import PRESETS
from service.domain.refusals import LimitReached
from service.usecases.edit_blocks import BlockChange

SAID_BY_CLIENTS = (Source.MANUAL, Source.BATCH, Source.COMMENT, Source.LIST)
"""The sources that a client may name; the others are what this service knows by itself."""


class NewBlockSchema(Schema):
    """What a user says when blocking somebody: nothing, a note for themself, an end.

    Where the person is blocked already, what is left out stays as it is.
    """

    note = Text(longest=NOTE_LENGTH, allow_none=True, what="characters in a note")
    expires_at = Instant(allow_none=True)
    expires_in = fields.String(validate=validate.OneOf(list(PRESETS)))
    source = fields.Enum(
        Source,
        by_value=True,
        validate=validate.OneOf(SAID_BY_CLIENTS),
        metadata={"enum": [source.value for source in SAID_BY_CLIENTS]},
    )

    @ma.validates_schema
    def check_ending(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse two endings."""
        require_one_ending(data)


class BlockSchema(Schema):
    """A block as it is kept."""

    user_id = Id(attribute="target_id")
    note = fields.String(allow_none=True)
    expires_at = Instant(allow_none=True)
    is_live = Liveness(dump_only=True)
    source = fields.Enum(Source, by_value=True)
    created_at = Instant()
    revision = fields.Integer()


class KeptBlockSchema(BlockSchema):
    """A block as it is kept, with the one that stood there before."""

    earlier = fields.Nested(BlockSchema, allow_none=True)


BlockPageSchema = page_of(BlockSchema)


class BatchBlockSchema(NewBlockSchema):
    """One of many to block."""

    user_id = Id(required=True)


_PEOPLE: Final = "people in a batch"


class BlockBatchSchema(Schema):
    """People to block, and people to unblock after that; at most 100 together."""

    add = Few(OneOfMany(BatchBlockSchema), most=TARGETS_PER_BATCH, what=_PEOPLE, load_default=list)
    remove = Few(IdOfMany(), most=TARGETS_PER_BATCH, what=_PEOPLE, load_default=list)

    @ma.validates_schema
    def check_size(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse an empty batch and one that is too long."""
        people = len(data["add"]) + len(data["remove"])
        if not people:
            raise ma.ValidationError(f"Name 1 to {TARGETS_PER_BATCH} people together.", "add")
        if people > TARGETS_PER_BATCH:
            raise LimitReached(_PEOPLE, limit=TARGETS_PER_BATCH, current=people)


class BlockResultSchema(Schema):
    """What became of one person; refused ones say why."""

    user_id = fields.String(attribute="target_id", allow_none=True)
    status = fields.Enum(BlockChange, by_value=True)
    refusal = fields.Nested(RefusalSchema, allow_none=True)


class BlockBatchResultSchema(Schema):
    """A result for each person to add, then for each to remove, in their order."""

    results = fields.List(fields.Nested(BlockResultSchema))
    revision = fields.Integer()
