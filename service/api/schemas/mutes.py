"""Mutes on the wire."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from service.api.schemas.blocks import SAID_BY_CLIENTS
from service.api.schemas.everywhere import (
    Few,
    Instant,
    Liveness,
    Schema,
    Text,
    page_of,
    require_one_ending,
)
from service.domain.blocks import NOTE_LENGTH, Source
from service.domain.expiry import PRESETS
from service.domain.mutes import MuteScope, MuteType


class NewMuteSchema(Schema):
    """What a user says when muting: which scopes of a user, a note for themself, an end.

    Where it is muted already, what is left out stays as it is.
    """

    scopes = Few(
        fields.Enum(MuteScope, by_value=True),
        most=len(MuteScope),
        what="scopes of a mute",
        validate=validate.Length(1),
    )
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


class MuteSchema(Schema):
    """A mute as it is kept."""

    type = fields.Enum(MuteType, by_value=True, attribute="target.type")
    id = fields.String(attribute="target.id")
    scopes = fields.List(fields.Enum(MuteScope, by_value=True))
    note = fields.String(allow_none=True)
    expires_at = Instant(allow_none=True)
    is_live = Liveness(dump_only=True)
    source = fields.Enum(Source, by_value=True)
    created_at = Instant()
    revision = fields.Integer()


class KeptMuteSchema(MuteSchema):
    """A mute as it is kept, with the one that stood there before."""

    earlier = fields.Nested(MuteSchema, allow_none=True)


MutePageSchema = page_of(MuteSchema)
