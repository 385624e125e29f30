"""Views that answer with a table: as JSON, as CSV, and not at all where the caller has it already."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Final, TypeAlias

from flask import Response, request

from service.api.auth import Scope, needs
from service.api.contract import ETAG, says
from service.api.json import dumps
from service.api.parts import api_parts
from service.api.requests import Rooms
from service.api.schemas.everywhere import Schema
from service.api.spreadsheets import CSV, Sheet, csv_of
from service.domain.insight_questions import CATALOGUE_VERSION

JSON: Final = "application/json"
FRESH_FOR: Final = "private, max-age=60"
_TEXT: Final = {"type": "string"}

View: TypeAlias = Callable[..., Any]


def table(
    room: Rooms,
    path: str,
    shape: type[Schema],
    sheet: Sheet,
    *,
    asks: type[Schema] | None = None,
    refuses: Sequence[str] = (),
    scope: Scope = "insights:read",
) -> Callable[[View], View]:
    """Publish a view under a path, as JSON or CSV by ``Accept``, and as CSV under the path with ``.csv``."""
    written = shape()

    def publish(view: View) -> View:
        @wraps(view)
        def by_accept(*asked: object, **named: str) -> Response:
            preferred = request.accept_mimetypes.best_match([JSON, CSV], default=JSON)
            answer = written.dump(view(*asked, **named))
            return _told(_sheet_of(sheet, answer), CSV) if preferred == CSV else _told(dumps(answer), JSON)

        @wraps(view)
        def as_csv(*asked: object, **named: str) -> Response:
            return _told(_sheet_of(sheet, written.dump(view(*asked, **named))), CSV)

        as_csv.__name__ += "_csv"
        for told, suffix, kinds in (
            (by_accept, "", {CSV: _TEXT, JSON: shape}),
            (as_csv, ".csv", {CSV: _TEXT}),
        ):
            described = _described(room, told, kinds, refuses)
            if asks:
                described = room.arguments(asks, location="query")(described)
            room.get(path + suffix)(needs(scope)(described))
        return view

    return publish


def _described(room: Rooms, told: View, kinds: dict[str, Any], refuses: Sequence[str]) -> View:
    """Say in the contract what comes back."""
    for kind, shape in kinds.items():
        told = room.alt_response(200, schema=shape, content_type=kind, success=True)(told)
    told = room.alt_response(304, description="It is what this ETag stands for.", success=True)(told)
    return says(headers=(ETAG,), if_none_match=True, refuses=tuple(refuses))(told)


def _sheet_of(sheet: Sheet, answer: dict[str, Any]) -> bytes:
    return csv_of(sheet.lines(answer), sheet.columns).encode()


def _told(body: bytes, kind: str) -> Response:
    """Answer with a strong ETag: of the newest close, of the catalogue, and of the bytes themselves."""
    told = Response(body, content_type=f"{CSV}; charset=utf-8" if kind == CSV else JSON)
    closed_at = api_parts().figures.insights.last_closed_at()
    told.add_etag()
    tag, _ = told.get_etag()
    newest = f"{closed_at:%Y%m%dT%H%M%S}" if closed_at else "none"
    told.set_etag(f"{newest}-{CATALOGUE_VERSION}-{tag}")
    told.headers["Cache-Control"] = FRESH_FOR
    told.vary.add("Accept")
    told.make_conditional(request)
    return told
