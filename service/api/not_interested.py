"""Not-interested signals over HTTP."""

from typing import Any

from flask import Response

from service.api.answers import Answer, edited, gone
from service.api.auth import needs
from service.api.contract import TOKEN, says
from service.api.parts import parts, user_id
from service.api.requests import Rooms
from service.api.schemas.everywhere import PageQuery
from service.api.schemas.not_interested import (
    NewResetSchema,
    NewSignalSchema,
    ReceiptSchema,
    RejectionsSchema,
    ResetListSchema,
    ResetSchema,
    SignalBatchResultSchema,
    SignalBatchSchema,
)
from service.domain.not_interested import NewSignal
from service.domain.paging import Position
from service.domain.refusals import Refusal
from service.domain.signal_resets import Reset, ResetScope
from service.usecases.edit_not_interested import (
    Receipt,
    send_many_not_interested,
    send_not_interested,
    undo_not_interested,
)
from service.usecases.read_settings import Rejections, list_not_interested
from service.usecases.reset_not_interested import list_resets, reset_not_interested, restore_not_interested

not_interested = Rooms("not interested", __name__, url_prefix="/v1/me/not-interested", description=__doc__)


@not_interested.post("")
@needs("settings")
@not_interested.arguments(NewSignalSchema)
@says(headers=(TOKEN,), refuses=("limit-reached",))
@not_interested.response(201, ReceiptSchema)
@not_interested.alt_response(200, schema=ReceiptSchema, success=True)
def send(new: NewSignal) -> Answer[Receipt]:
    """Say that an item is not for the caller; the receipt lists everything that now happens because of it."""
    done = send_not_interested(parts(), user_id(), new)
    return edited(done, done.value)


@not_interested.post("/batch")
@needs("settings")
@not_interested.arguments(SignalBatchSchema)
@says(headers=(TOKEN,), refuses=("limit-reached",))
@not_interested.response(200, SignalBatchResultSchema)
def send_batch(asked: list[NewSignal | Refusal]) -> Answer[dict[str, Any]]:
    """Send what a device collected while it was offline: a result each, in one edit, safe to repeat."""
    done = send_many_not_interested(parts(), user_id(), asked)
    return edited(done, {"results": done.value, "revision": done.head.revision})


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
    """Take a signal back, at any age; its id stays taken, so that a late repetition does not bring it back."""
    return gone(undo_not_interested(parts(), user_id(), signal_id))


@not_interested.post("/reset")
@needs("settings")
@not_interested.arguments(NewResetSchema)
@says(headers=(TOKEN,), refuses=("limit-reached",))
@not_interested.response(201, ResetSchema)
def reset(wanted: dict[str, ResetScope]) -> Answer[Reset]:
    """Start over, with everything, with what posts are about, or with authors; topic sliders included."""
    done = reset_not_interested(parts(), user_id(), wanted["scope"])
    return edited(done, done.value)


@not_interested.get("/resets")
@needs("settings")
@not_interested.response(200, ResetListSchema)
def list_of_resets() -> dict[str, list[Reset]]:
    """List the caller's resets of the last 30 days, newest first."""
    return {"items": list_resets(parts(), user_id())}


@not_interested.post("/reset/<reset_id>/restore")
@needs("settings")
@says(headers=(TOKEN,), refuses=("not-found", "too-late-to-restore"))
@not_interested.response(200, ResetSchema)
def restore(reset_id: str) -> Answer[Reset]:
    """Bring back what a reset set aside, within 24 hours; fine where it was brought back before."""
    done = restore_not_interested(parts(), user_id(), reset_id)
    return edited(done, done.value)
