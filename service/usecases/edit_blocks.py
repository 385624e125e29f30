"""A user blocks and unblocks people."""

from service.domain.blocks import Block, NewBlock, require_room_for_block
from service.domain.expiry import require_sensible_end
from service.domain.people import UserId, require_somebody_else
from service.domain.segments import Control
from service.usecases.editing import Edited, editing
from service.usecases.noting import note_removed, note_saved, recently_rejected
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
        if earlier is None:
            escalates = new.target_id in recently_rejected(settings, now)
            note_saved(parts, settings, Control.BLOCK, escalates=escalates)
        return Edited(kept, settings.head, created=earlier is None, earlier=earlier)


def unblock(parts: Parts, user_id: UserId, target_id: UserId) -> Edited[None]:
    """Let two people see each other again; fine where there was no block."""
    with editing(parts, user_id, felt_by=[target_id]) as settings:
        kept = settings.blocks.find(target_id)
        if kept is None:
            settings.discard()
        else:
            settings.blocks.remove(target_id)
            note_removed(parts, settings, Control.BLOCK, kept.created_at)
        return Edited(None, settings.head)
