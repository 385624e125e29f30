"""Staff look at one person's settings, for a ticket and on the record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.domain.paging import Page, Position, page_of
from service.domain.people import UserId
from service.domain.staff_reads import StaffRead, StaffView, require_ticket
from service.usecases.ports import Parts
from service.usecases.read_settings import Snapshot, read_settings


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody of the staff, and the ticket that they say they work on."""

    id: str
    ticket: str | None


def read_settings_as_staff(parts: Parts, staff: Staff, user_id: UserId) -> Snapshot:
    """Return a person's settings without the notes that are for their own eyes.

    The entry is kept before anything is read, so that nobody has seen what there is no trace of. Raises
    ``TicketMissing`` and ``StoreUnavailable``.
    """
    _put_on_record(parts, staff, user_id, StaffView.SETTINGS)
    return _without_notes(read_settings(parts, user_id))


def list_staff_reads(
    parts: Parts, staff: Staff, user_id: UserId, limit: int, after: Position | None
) -> Page[StaffRead]:
    """Return who of the staff looked at a person, newest first; this look is among them."""
    _put_on_record(parts, staff, user_id, StaffView.READS)
    found: Sequence[StaffRead] = parts.settings.staff_reads(user_id, limit + 1, after)
    return page_of(found, limit, lambda each: Position(each.at, each.id))


def _put_on_record(parts: Parts, staff: Staff, user_id: UserId, view: StaffView) -> None:
    ticket = require_ticket(staff.ticket)
    parts.settings.note_staff_read(
        StaffRead(parts.new_id("read"), user_id, staff.id, ticket, view, parts.now())
    )


def _without_notes(snapshot: Snapshot) -> Snapshot:
    blocks = [replace(each, note=None) for each in snapshot.blocks.items]
    mutes = [replace(each, note=None) for each in snapshot.mutes.items]
    return replace(
        snapshot, blocks=replace(snapshot.blocks, items=blocks), mutes=replace(snapshot.mutes, items=mutes)
    )
