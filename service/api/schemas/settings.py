"""The settings snapshot on the wire."""

from typing import Any

from marshmallow import fields

from service.api.schemas.allow_phrases import AllowPhrasesSchema
from service.api.schemas.blocks import BlockSchema
from service.api.schemas.comment_limits import CommentLimitsSchema
from service.api.schemas.everywhere import Schema
from service.api.schemas.keyword_filters import KeywordFilterSchema
from service.api.schemas.mutes import MuteSchema
from service.api.schemas.not_interested import EffectSchema
from service.api.schemas.topic_preferences import TopicPreferenceSchema
from service.domain.comment_limits import Audience


class BlocksBeginSchema(Schema):
    """The first page of blocks, and how many there are."""

    items = fields.List(fields.Nested(BlockSchema), attribute="blocks.items")
    next_cursor = fields.String(allow_none=True, attribute="blocks.next_cursor")
    count = fields.Integer(attribute="block_count")


class MutesBeginSchema(Schema):
    """The first page of mutes, and how many there are."""

    items = fields.List(fields.Nested(MuteSchema), attribute="mutes.items")
    next_cursor = fields.String(allow_none=True, attribute="mutes.next_cursor")
    count = fields.Integer(attribute="mute_count")


class WhoCanCommentSchema(Schema):
    """Who may comment, as it counts, and which layer says so."""

    value = fields.List(fields.Enum(Audience, by_value=True))
    source = fields.String()
    locked = fields.Boolean()


class PolicySchema(Schema):
    """Effective values of what policy has a say in."""

    who_can_comment = fields.Nested(WhoCanCommentSchema)


class SnapshotSchema(Schema):
    """Everything that a user chose, as of one moment."""

    revision = fields.Integer(attribute="head.revision")
    keyword_filters = fields.List(fields.Nested(KeywordFilterSchema))
    allow_phrases = fields.Nested(AllowPhrasesSchema)
    blocks = fields.Nested(BlocksBeginSchema)
    mutes = fields.Nested(MutesBeginSchema)
    comment_limits = fields.Nested(CommentLimitsSchema)
    not_interested = fields.List(fields.Nested(EffectSchema), attribute="effects")
    topic_preferences = fields.List(fields.Nested(TopicPreferenceSchema))
    policy = fields.Nested(PolicySchema)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Let the parts that are laid out anew read from the snapshot itself."""
        if attr in {"blocks", "mutes"} and self.fields[attr].attribute is None:
            return obj
        if attr == "policy":
            return {"who_can_comment": obj.who_can_comment}
        return super().get_attribute(obj, attr, default)
