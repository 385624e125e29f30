"""Allow phrases on the wire."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from service.api.schemas.everywhere import Few, Schema, Text
from service.domain.allow_phrases import PHRASES_PER_USER


class AllowPhrasesSchema(Schema):
    """All of a user's exceptions to keyword filters."""

    phrases = Few(
        Text(shortest=1),
        most=PHRASES_PER_USER,
        what="allow phrases",
        required=True,
        metadata={
            "description": "A filter's hit does not count if it lies inside one of these. A * is a star.",
        },
    )
    revision = fields.Integer(dump_only=True)


class NewAllowPhrasesSchema(AllowPhrasesSchema):
    """The exceptions that shall stand in place of all earlier ones."""

    class Meta(AllowPhrasesSchema.Meta):
        """Leave out what the service counts."""

        exclude = ("revision",)

    @ma.post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[str, ...]:
        """Return the value that stories take."""
        return tuple(dict.fromkeys(data["phrases"]))
