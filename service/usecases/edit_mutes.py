"""A user mutes and unmutes people, hashtags, topics, sounds and domains."""

from service.domain.expiry import require_sensible_end
from service.domain.mutes import (
    Mute,
    MuteTarget,
    MuteType,
    NewMute,
    require_mutable,
    require_room_for_mute,
)
from service.domain.people import UserId, require_private_account
from service.domain.segments import Control
from service.usecases.editing import Edited, editing
from service.usecases.noting import note_removed, note_saved
from service.usecases.ports import Parts


def mute(parts: Parts, user_id: UserId, new: NewMute) -> Edited[Mute]:
    """Keep somebody or something out of a user's feeds without anybody knowing."""
    now = parts.now()
    require_mutable(user_id, new)
    if new.target.type is MuteType.USER:
        require_private_account(new.target.id, parts.platform_accounts)
    require_sensible_end(new.expires_at, now)
    with editing(parts, user_id) as settings:
        earlier = settings.mutes.find(new.target)
        standing = settings.mutes.count() if earlier is None else 1
        if earlier is None:
            require_room_for_mute(standing)
        wanted = new.over(earlier, now) if earlier else new
        kept = Mute(
            target=new.target,
            scopes=wanted.scopes,
            note=wanted.note,
            expires_at=wanted.expires_at,
            source=wanted.source,
            created_at=earlier.created_at if earlier else now,
            revision=settings.head.revision,
        )
        settings.mutes.put(kept)
        if earlier is None:
            note_saved(parts, settings, Control.MUTE, begins=not standing)
        return Edited(kept, settings.head, created=earlier is None, earlier=earlier)


def unmute(parts: Parts, user_id: UserId, target: MuteTarget) -> Edited[None]:
    """Let something be seen again; fine where nothing was muted."""
    with editing(parts, user_id) as settings:
        kept = settings.mutes.find(target)
        if kept is None:
            settings.discard()
        else:
            settings.mutes.remove(target)
            note_removed(parts, settings, Control.MUTE, kept.created_at)
        return Edited(None, settings.head)
