"""One person's settings over HTTP, for staff who state a ticket; every look is on record."""

from flask import request

from service.api.auth import caller, needs
from service.api.contract import says
from service.api.parts import parts
from service.api.requests import Rooms
from service.api.schemas.everywhere import PageQuery
from service.api.schemas.staff_reads import SeenSettingsSchema, StaffReadPageSchema
from service.domain.paging import Page, Position
from service.domain.staff_reads import StaffRead
from service.usecases.read_as_staff import Staff, list_staff_reads, read_settings_as_staff
from service.usecases.read_settings import Snapshot

TICKET = "X-Ticket"

staff_reads = Rooms("staff reads", __name__, url_prefix="/v1/admin/users/<user_id>", description=__doc__)


@staff_reads.get("/settings")
@needs("settings:admin")
@says(refuses=("ticket-missing",), ticket=True)
@staff_reads.response(200, SeenSettingsSchema)
def read_settings_of(user_id: str) -> Snapshot:
    """Read what a person chose, without their private notes and without who blocked them."""
    return read_settings_as_staff(parts(), _staff(), user_id)


@staff_reads.get("/reads")
@needs("settings:admin")
@staff_reads.arguments(PageQuery, location="query")
@says(refuses=("ticket-missing",), ticket=True)
@staff_reads.response(200, StaffReadPageSchema)
def list_reads(page: tuple[int, Position | None], user_id: str) -> Page[StaffRead]:
    """List who of the staff looked at a person, and for which ticket, newest first; two years back."""
    return list_staff_reads(parts(), _staff(), user_id, *page)


def _staff() -> Staff:
    return Staff(caller().subject, request.headers.get(TICKET))
