"""The clock of ./dev: a header moves it for one request, so that weeks can be played in minutes."""

from contextlib import suppress
from datetime import datetime

from flask import has_request_context, request

from service.app import now
from service.domain.refusals import InvalidValue

PRETENDED_NOW = "Pretended-Now"


def now_or_then() -> datetime:
    """Return the time that a request pretends it is, else the time that it is."""
    stated = request.headers.get(PRETENDED_NOW) if has_request_context() else None
    return _instant(stated) if stated else now()


def _instant(stated: str) -> datetime:
    with suppress(ValueError):
        then = datetime.fromisoformat(stated)
        if then.tzinfo and then <= now():
            return then
    raise InvalidValue(PRETENDED_NOW, "is a time of the past with an offset, as in 2026-11-02T08:00:00+00:00")
