"""Topic sliders on the wire."""

from marshmallow import fields, validate

from service.api.schemas.everywhere import Instant, Schema
from service.domain.topic_preferences import FACTORS


class NewTopicPreferenceSchema(Schema):
    """Where a user puts a slider."""

    level = fields.Integer(required=True, strict=True, validate=validate.Range(min(FACTORS), max(FACTORS)))


class TopicPreferenceSchema(Schema):
    """A slider that was moved, and when it last was."""

    topic = fields.String()
    level = fields.Integer()
    set_at = Instant()
    revision = fields.Integer()


class KeptTopicPreferenceSchema(TopicPreferenceSchema):
    """A slider, with where it stood before."""

    earlier = fields.Nested(TopicPreferenceSchema, allow_none=True)


class TopicPreferenceListSchema(Schema):
    """Every slider that was moved."""

    items = fields.List(fields.Nested(TopicPreferenceSchema))
