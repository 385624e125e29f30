"""Not-interested signals on the wire."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from service.api.schemas.everywhere import Few, Id, Instant, OneOfMany, RefusalSchema, Schema, as_members
from service.domain.matching import Mode
from service.domain.mutes import MuteType
from service.domain.not_interested import (
    HASHTAGS_PER_SIGNAL,
    LAST_POSITION,
    SIGNALS_PER_BATCH,
    TOPICS_PER_SIGNAL,
    Direction,
    EffectKind,
    Entity,
    NewSignal,
    Reason,
)
from service.domain.refusals import Refusal
from service.domain.signal_resets import ResetScope
from service.domain.surfaces import SURFACES
from service.usecases.edit_not_interested import Taking


class NewSignalSchema(Schema):
    """A signal as a client sends it; an ``id`` of the client's own makes it safe to repeat."""

    id = Id()
    item_id = Id(required=True)
    surface = fields.String(required=True, validate=validate.OneOf(list(SURFACES)))
    reasons = Few(
        fields.Enum(Reason, by_value=True), most=len(Reason), what="reasons of a signal", load_default=list
    )
    author_id = Id(allow_none=True)
    sound_id = Id(allow_none=True)
    hashtags = Few(Id(), most=HASHTAGS_PER_SIGNAL, what="hashtags of a signal", load_default=list)
    topics = Few(Id(), most=TOPICS_PER_SIGNAL, what="topics of a signal", load_default=list)
    request_id = Id(allow_none=True)
    position = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, LAST_POSITION))
    sent_at = Instant(allow_none=True)
    direction = fields.Enum(
        Direction,
        by_value=True,
        load_default=Direction.LESS,
        metadata={"description": "`more` is the mirror image: it takes earlier signals back, on purpose."},
    )

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
    strength = Rounded(
        metadata={"description": "The factor on the post's rank: 0 for hidden, above 1 for lifted."}
    )
    until = Instant(allow_none=True)


class OfferedFilterSchema(Schema):
    """A keyword filter to add, if the user wants it."""

    terms = fields.List(fields.String())
    mode = fields.Enum(Mode, by_value=True)


class OfferedMuteSchema(Schema):
    """A mute to add, if the user wants it."""

    type = fields.Enum(MuteType, by_value=True)
    id = fields.String()


class OfferSchema(Schema):
    """Something lasting to offer about what repeated signals hide for a while; nothing is stored by itself."""

    entity = fields.Enum(Entity, by_value=True)
    id = fields.String()
    keyword_filter = fields.Nested(OfferedFilterSchema, allow_none=True)
    mute = fields.Nested(OfferedMuteSchema)


class ReceiptSchema(Schema):
    """The answer to a signal: what became of it, and everything that now happens to what it is about."""

    id = fields.String()
    status = fields.Enum(Taking, by_value=True)
    effects = fields.List(fields.Nested(EffectSchema))
    offers = fields.List(fields.Nested(OfferSchema))
    revision = fields.Integer()


class SignalBatchSchema(Schema):
    """Signals that a device collected, each judged on its own."""

    signals = Few(
        OneOfMany(NewSignalSchema),
        most=SIGNALS_PER_BATCH,
        what="signals in a batch",
        required=True,
        validate=validate.Length(1),
    )

    @ma.post_load
    def make(self, data: dict[str, Any], **_: Any) -> list[NewSignal | Refusal]:
        """Return the signals, and a refusal in the place of each that cannot be read."""
        signals: list[NewSignal | Refusal] = data["signals"]
        return signals


class BatchedReceiptSchema(ReceiptSchema):
    """What became of one signal of a batch; refused ones say why."""

    id = fields.String(allow_none=True)
    refusal = fields.Nested(RefusalSchema, allow_none=True)


class SignalBatchResultSchema(Schema):
    """A receipt for each signal, in their order."""

    results = fields.List(fields.Nested(BatchedReceiptSchema))
    revision = fields.Integer()


class NewResetSchema(Schema):
    """What to start over with."""

    scope = fields.Enum(ResetScope, by_value=True, required=True)


class ResetSchema(Schema):
    """A reset: what it sets aside does not count; for a day it can be brought back, after 30 it is erased."""

    id = fields.String()
    scope = fields.Enum(ResetScope, by_value=True)
    at = Instant()
    restorable_until = Instant()
    erased_from = Instant()
    restored_at = Instant(allow_none=True)
    revision = fields.Integer()


class ResetListSchema(Schema):
    """The resets whose subject is not erased yet, newest first."""

    items = fields.List(fields.Nested(ResetSchema))


class SignalSchema(Schema):
    """A signal as it is kept."""

    id = fields.String()
    direction = fields.Enum(Direction, by_value=True)
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
