"""Erasure over HTTP."""

from service.api.auth import needs
from service.api.parts import parts, user_id
from service.api.requests import Rooms
from service.api.schemas.erasure import ErasureSchema
from service.domain.erasure import Receipt
from service.usecases.erase_user import erase_user

erasure = Rooms("erasure", __name__, url_prefix="/v1/me", description=__doc__)


@erasure.delete("")
@needs("settings")
@erasure.response(202, ErasureSchema)
def erase() -> Receipt:
    """Erase everything that is kept of the caller; safe to repeat, and an Idempotency-Key means nothing here."""
    return erase_user(parts(), user_id())
