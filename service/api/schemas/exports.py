"""Export and import on the wire."""

from typing import Any, Final

import marshmallow as ma
from marshmallow import fields, validate

from service.api.schemas.everywhere import Flag, Schema
from service.domain.import_plans import ImportMode
from service.domain.imports import ROWS_PER_IMPORT

_ROWS: Final = {"type": "array", "items": {"type": "object"}, "maxItems": ROWS_PER_IMPORT}

EXPORT_SHAPE: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Everything that a user chose, in the words of the calls that edit it.",
    "properties": {
        "format": {"type": "string", "const": "safety-controls/1"},
        "exported_at": {"type": "string", "format": "date-time"},
        "keyword_filters": {**_ROWS, "description": "Only `terms` are needed to bring one back."},
        "allow_phrases": {"type": "array", "items": {"type": "string"}},
        "blocks": {**_ROWS, "description": "Only `user_id` is needed."},
        "mutes": {**_ROWS, "description": "Only `type` and `id` are needed."},
        "not_interested": {**_ROWS, "description": "Signals, each with the time `at` which it was sent."},
        "topic_preferences": {**_ROWS, "description": "Sliders that were moved, each with its `level`."},
        "comment_limits": {"type": ["object", "null"], "description": "null: the defaults."},
        "post_comment_limits": {"type": "object", "description": "Rules of single posts, by the post's id."},
    },
    "additionalProperties": False,
}
"""Written down here rather than derived: rows are read one by one, so that each can be refused by itself."""


class ImportQuery(Schema):
    """How an import treats what is there, and whether it only says what it would do."""

    mode = fields.Enum(ImportMode, by_value=True, load_default=ImportMode.MERGE)
    dry_run = Flag()


class CountSchema(Schema):
    """What happens to the rows of one kind."""

    added = fields.Integer()
    changed = fields.Integer()
    removed = fields.Integer()
    duplicate = fields.Integer()


class CountsSchema(Schema):
    """What happens, kind by kind."""

    keyword_filters = fields.Nested(CountSchema)
    allow_phrases = fields.Nested(CountSchema)
    blocks = fields.Nested(CountSchema)
    mutes = fields.Nested(CountSchema)
    not_interested = fields.Nested(CountSchema)
    topic_preferences = fields.Nested(CountSchema)
    comment_limits = fields.Nested(CountSchema)
    post_comment_limits = fields.Nested(CountSchema)


class InvalidRowSchema(Schema):
    """A row that cannot be used."""

    row = fields.String(metadata={"description": "Such as `blocks[3]`, counted from 0, or `line 7`."})
    code = fields.String()
    reason = fields.String()


class ImportReportSchema(Schema):
    """What an import did, or would do; terms of a plain list that are there already count as duplicates."""

    added = fields.Integer()
    changed = fields.Integer()
    removed = fields.Integer()
    duplicate = fields.Integer()
    invalid = fields.List(fields.Nested(InvalidRowSchema))
    kinds = fields.Nested(CountsSchema, attribute="counts")
    dry_run = fields.Boolean()
    mode = fields.String(validate=validate.OneOf([str(mode) for mode in ImportMode]))

    @ma.pre_dump
    def add_up(self, told: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Lay the sums beside the counts."""
        report = told["report"]
        sums = {what: report.total(what) for what in ("added", "changed", "removed", "duplicate")}
        return {**told, **sums, "counts": report.counts, "invalid": report.invalid}
