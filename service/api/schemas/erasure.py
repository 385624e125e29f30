"""Erasure on the wire."""

from marshmallow import fields

from service.api.schemas.everywhere import Instant, Schema


class ErasureSchema(Schema):
    """A receipt for everything that was erased."""

    receipt = fields.String(attribute="id")
    erased_at = Instant()
