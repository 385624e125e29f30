"""Not-interested signals over HTTP."""

from flask import Response

from service.api.answers import Answer, edited, gone
from service.api.auth import needs
from service.api.contract import TOKEN, says
from service.api.parts import parts, user_id
from service.api.requests import Rooms
from service.api.schemas.everywhere import PageQuery
from service.api.schemas.not_interested import NewSignalSchema, ReceiptSchema, RejectionsSchema
from service.domain.not_interested import NewSignal
from service.domain.paging import Position
from service.usecases.edit_not_interested import Receipt, send_not_interested, undo_not_interested
from service.usecases.read_settings import Rejections, list_not_interested

not_interested = Rooms("not interested", __name__, url_prefix="/v1/me/not-interested", description=__doc__)


@not_interested.post("")
@needs("settings")
@not_interested.arguments(NewSignalSchema)
@says(headers=(TOKEN,))
@not_interested.response(201, ReceiptSchema)
@not_interested.alt_response(200, schema=ReceiptSchema, success=True)
def send(new: NewSignal) -> Answer[Receipt]:
    """Say that an item is not for the caller; the receipt lists everything that now happens because of it."""
    done = send_not_interested(parts(), user_id(), new)
    return edited(done, done.value)


@not_interested.get("")
@needs("settings")
@not_interested.arguments(PageQuery, location="query")
@not_interested.response(200, RejectionsSchema)
def list_signals(page: tuple[int, Position | None]) -> Rejections:
    """List the caller's signals, newest first, and every effect with the strength it has left."""
    return list_not_interested(parts(), user_id(), *page)


@not_interested.delete("/<signal_id>")
@needs("settings")
@says(headers=(TOKEN,), refuses=("not-found",))
@not_interested.response(204)
def undo(signal_id: str) -> Response:
    """Take a signal back, at any age."""
    return gone(undo_not_interested(parts(), user_id(), signal_id))
