"""A user blocks and unblocks people."""

from service.domain.blocks import Block, NewBlock, require_room_for_block
from service.domain.expiry import require_sensible_end
from service.domain.people import UserId, require_somebody_else
from service.usecases.editing import Edited, editing
from service.usecases.ports import Parts


def block(parts: Parts, user_id: UserId, new: NewBlock) -> Edited[Block]:
    """Make two people invisible to each other, from the next decision on."""
    now = parts.now()
    require_somebody_else(user_id, new.target_id)
    require_sensible_end(new.expires_at, now)
    with editing(parts, user_id, felt_by=[new.target_id]) as settings:
        earlier = settings.blocks.find(new.target_id)
        if earlier is None:
            require_room_for_block(settings.blocks.count())
        kept = Block(
            target_id=new.target_id,
            note=new.note,
            expires_at=new.expires_at,
            source=new.source,
            created_at=earlier.created_at if earlier else now,
            revision=settings.head.revision,
        )
        settings.blocks.put(kept)
        return Edited(kept, settings.head, created=earlier is None, earlier=earlier)


def unblock(parts: Parts, user_id: UserId, target_id: UserId) -> Edited[None]:
    """Let two people see each other again; fine where there was no block."""
    with editing(parts, user_id, felt_by=[target_id]) as settings:
        if not settings.blocks.remove(target_id):
            settings.discard()
        return Edited(None, settings.head)
