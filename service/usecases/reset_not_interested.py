"""A user starts over with recommendations, and may think better of it for a day."""

from dataclasses import replace

from service.domain.people import UserId
from service.domain.refusals import NotFound
from service.domain.signal_resets import Reset, ResetScope, require_restorable, require_room_for_reset
from service.usecases.editing import Edited, editing
from service.usecases.ports import Parts


def reset_not_interested(parts: Parts, user_id: UserId, scope: ResetScope) -> Edited[Reset]:
    """Set aside at once what signals and sliders did so far, to be erased in 30 days."""
    with editing(parts, user_id) as settings:
        require_room_for_reset(len(settings.resets.all()))
        reset = Reset(parts.new_id("reset"), scope, parts.now(), settings.head.revision)
        settings.resets.put(reset)
        return Edited(reset, settings.head, created=True)


def restore_not_interested(parts: Parts, user_id: UserId, reset_id: str) -> Edited[Reset]:
    """Bring back what a reset set aside; fine where it was brought back before."""
    with editing(parts, user_id) as settings:
        reset = settings.resets.find(reset_id)
        if reset is None:
            raise NotFound("reset")
        if reset.restored_at:
            settings.discard()
            return Edited(reset, settings.head)
        require_restorable(reset, parts.now())
        restored = replace(reset, restored_at=parts.now(), revision=settings.head.revision)
        settings.resets.put(restored)
        return Edited(restored, settings.head)


def list_resets(parts: Parts, user_id: UserId) -> list[Reset]:
    """Return the resets whose subject is not erased yet, newest first."""
    with parts.settings.read(user_id) as settings:
        return settings.resets.all()
