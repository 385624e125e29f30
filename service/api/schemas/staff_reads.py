"""What staff read, on the wire."""

from marshmallow import fields

from service.api.schemas.blocks import BlockSchema
from service.api.schemas.everywhere import Instant, Schema, page_of
from service.api.schemas.mutes import MuteSchema
from service.api.schemas.settings import BlocksBeginSchema, MutesBeginSchema, SnapshotSchema
from service.domain.staff_reads import StaffView


class SeenBlockSchema(BlockSchema):
    """A block as staff see it: without its owner's private note."""

    class Meta(BlockSchema.Meta):
        """Leave out what is for the owner's eyes."""

        exclude = ("note",)


class SeenMuteSchema(MuteSchema):
    """A mute as staff see it: without its owner's private note."""

    class Meta(MuteSchema.Meta):
        """Leave out what is for the owner's eyes."""

        exclude = ("note",)


class SeenBlocksSchema(BlocksBeginSchema):
    """The newest blocks, and how many there are."""

    items = fields.List(fields.Nested(SeenBlockSchema), attribute="blocks.items")


class SeenMutesSchema(MutesBeginSchema):
    """The newest mutes, and how many there are."""

    items = fields.List(fields.Nested(SeenMuteSchema), attribute="mutes.items")


class SeenSettingsSchema(SnapshotSchema):
    """Everything that a person chose, as staff see it."""

    blocks = fields.Nested(SeenBlocksSchema)
    mutes = fields.Nested(SeenMutesSchema)


class StaffReadSchema(Schema):
    """That somebody of the staff looked at a person's settings."""

    id = fields.String()
    staff_id = fields.String(metadata={"description": "The `sub` of whoever looked."})
    ticket = fields.String()
    view = fields.Enum(StaffView, by_value=True)
    at = Instant()


StaffReadPageSchema = page_of(StaffReadSchema)
