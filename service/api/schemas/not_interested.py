"""Not-interested signals on the wire."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from service.api.schemas.everywhere import Id, Instant, Schema, as_members
from service.domain.not_interested import EffectKind, Entity, NewSignal, Reason
from service.domain.surfaces import SURFACES

_HASHTAGS = 100
_TOPICS = 50


class NewSignalSchema(Schema):
    """A signal as a client sends it; an ``id`` of the client's own makes it safe to repeat."""

    id = Id()
    item_id = Id(required=True)
    surface = fields.String(required=True, validate=validate.OneOf(list(SURFACES)))
    reasons = fields.List(fields.Enum(Reason, by_value=True), load_default=list)
    author_id = Id(allow_none=True)
    sound_id = Id(allow_none=True)
    hashtags = fields.List(Id(), load_default=list, validate=validate.Length(max=_HASHTAGS))
    topics = fields.List(Id(), load_default=list, validate=validate.Length(max=_TOPICS))
    request_id = Id(allow_none=True)
    position = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, 10_000))
    sent_at = Instant(allow_none=True)

    @ma.post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewSignal:
        """Return the value that stories take."""
        return NewSignal(**as_members(data))


class Rounded(fields.Float):
    """A factor to four places: it fades with every second, and nobody wants to see that."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> float:
        return round(float(value), 4)


class EffectSchema(Schema):
    """What happens to posts because of signals about one entity, and how strongly."""

    entity = fields.Enum(Entity, by_value=True)
    id = fields.String()
    effect = fields.Enum(EffectKind, by_value=True, attribute="kind")
    strength = Rounded(metadata={"description": "The factor on the post's rank; 0 for hidden."})
    until = Instant(allow_none=True)


class ReceiptSchema(Schema):
    """The answer to a signal: everything that now happens because of it."""

    id = fields.String(attribute="signal.id")
    effects = fields.List(fields.Nested(EffectSchema))
    revision = fields.Integer(attribute="signal.revision")


class SignalSchema(Schema):
    """A signal as it is kept."""

    id = fields.String()
    item_id = fields.String()
    surface = fields.String()
    reasons = fields.List(fields.Enum(Reason, by_value=True))
    author_id = fields.String(allow_none=True)
    sound_id = fields.String(allow_none=True)
    hashtags = fields.List(fields.String())
    topics = fields.List(fields.String())
    request_id = fields.String(allow_none=True)
    position = fields.Integer(allow_none=True)
    sent_at = Instant(attribute="at")
    revision = fields.Integer()


class RejectionsSchema(Schema):
    """A page of signals, and every effect that is alive."""

    items = fields.List(fields.Nested(SignalSchema), attribute="signals.items")
    next_cursor = fields.String(allow_none=True, attribute="signals.next_cursor")
    effects = fields.List(fields.Nested(EffectSchema))
