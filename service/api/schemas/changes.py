"""Changes on the wire."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import marshmallow as ma
from marshmallow import fields, validate

from service.api.schemas.allow_phrases import AllowPhrasesSchema
from service.api.schemas.blocks import BlockSchema
from service.api.schemas.comment_limits import CommentLimitsSchema, PostLimitsSchema
from service.api.schemas.everywhere import LONGEST_PLACE, Schema, Text
from service.api.schemas.keyword_filters import KeywordFilterSchema
from service.api.schemas.mutes import MuteSchema
from service.api.schemas.not_interested import ResetSchema, SignalSchema
from service.api.schemas.topic_preferences import TopicPreferenceSchema
from service.domain.changes import Changed, ChangeKind
from service.domain.paging import LARGEST_PAGE

BODIES: Final[Mapping[ChangeKind, Schema]] = {
    ChangeKind.ALLOW_PHRASES: AllowPhrasesSchema(),
    ChangeKind.BLOCK: BlockSchema(),
    ChangeKind.COMMENT_LIMITS: CommentLimitsSchema(),
    ChangeKind.KEYWORD_FILTER: KeywordFilterSchema(),
    ChangeKind.MUTE: MuteSchema(),
    ChangeKind.NOT_INTERESTED: SignalSchema(),
    ChangeKind.NOT_INTERESTED_RESET: ResetSchema(),
    ChangeKind.POST_COMMENT_LIMITS: PostLimitsSchema(),
    ChangeKind.TOPIC_PREFERENCE: TopicPreferenceSchema(),
}
"""A setting looks in a change as its own call answers it."""


class ChangeOp(StrEnum):
    """What a device does with its copy of the setting."""

    UPSERT = "upsert"
    DELETE = "delete"


class ChangesQuery(Schema):
    """Where a device stopped reading; without ``since`` it begins with nothing."""

    since = Text(load_default=None, longest=LONGEST_PLACE)
    limit = fields.Integer(load_default=LARGEST_PAGE, validate=validate.Range(1, LARGEST_PAGE))

    @ma.post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[str | None, int]:
        """Return the bookmark as it was sent, and the limit."""
        return data["since"], data["limit"]


class ChangeSchema(Schema):
    """A setting that was put or removed; ``body`` is null where it was removed."""

    kind = fields.Enum(ChangeKind, by_value=True)
    id = fields.String()
    op = fields.Enum(ChangeOp, by_value=True)
    revision = fields.Integer()
    body = fields.Dict(
        allow_none=True,
        metadata={
            "description": "The setting as the call of its own kind answers it; null where it is gone."
        },
    )


class ChangesSchema(Schema):
    """Changes in the order in which they came about; ``next`` continues after them."""

    changes = fields.List(fields.Nested(ChangeSchema))
    next = fields.String()
    has_more = fields.Boolean()


def shown(changed: Changed) -> dict[str, Any]:
    """Return a change as it is told."""
    setting = changed.setting
    return {
        "kind": changed.kind.value,
        "id": changed.id,
        "op": (ChangeOp.DELETE if setting is None else ChangeOp.UPSERT).value,
        "revision": changed.revision,
        "body": None if setting is None else BODIES[changed.kind].dump(setting),
    }
