"""Export and import: the caller takes all settings along, or brings them back."""

from typing import Any, Final

import msgspec
from flask import Response, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from service.api.answers import Answer, edited
from service.api.auth import needs
from service.api.contract import TOKEN, says
from service.api.parts import parts, user_id
from service.api.requests import Rooms
from service.api.schemas.exports import EXPORT_SHAPE, ImportQuery, ImportReportSchema
from service.domain.imports import LARGEST_IMPORT_BYTES, Brought, ImportDocument, read_document, read_terms
from service.domain.refusals import InvalidValue
from service.usecases.move_settings import export_settings, export_terms, import_settings

JSON: Final = "application/json"
PLAIN: Final = "text/plain"
_decoder: Final = msgspec.json.Decoder(ImportDocument)
_TERMS: Final = {"type": "string", "description": "One term a line; a star at an end widens a term."}

exports = Rooms("exports", __name__, url_prefix="/v1/me", description=__doc__)


@exports.get("/export")
@needs("settings")
@exports.doc(
    responses={
        "200": {
            "description": "Everything as JSON; with `Accept: text/plain` the terms of the filters alone.",
            "content": {JSON: {"schema": EXPORT_SHAPE}, PLAIN: {"schema": _TERMS}},
        }
    }
)
@says()
def get_export() -> Response:
    """Take along everything that the caller chose, without loss."""
    if request.accept_mimetypes.best_match([JSON, PLAIN], default=JSON) == PLAIN:
        terms = "".join(f"{term}\n" for term in export_terms(parts(), user_id()))
        return _attached(terms.encode(), f"{PLAIN}; charset=utf-8", "terms.txt")
    return _attached(msgspec.json.encode(export_settings(parts(), user_id())), JSON, "settings.json")


@exports.post("/import")
@needs("settings")
@exports.arguments(ImportQuery, location="query")
@exports.doc(
    requestBody={
        "required": True,
        "description": f"An export or a plain list of terms, at most {LARGEST_IMPORT_BYTES:,} bytes.",
        "content": {JSON: {"schema": EXPORT_SHAPE}, PLAIN: {"schema": _TERMS}},
    }
)
@says(headers=(TOKEN,), refuses=("invalid-import", "limit-reached", "import-under-way"))
@exports.response(200, ImportReportSchema)
def post_import(how: dict[str, Any]) -> Answer[dict[str, Any]]:
    """Bring settings back, wholly or not at all; a second time the same import changes nothing.

    `merge` never changes what is there; `replace` makes each kind that the body names what the body says. Rows that
    cannot be used are told by a dry run, and refuse anything else.
    """
    done = import_settings(parts(), user_id(), _brought(), how["mode"], dry_run=how["dry_run"])
    return edited(done, {"report": done.value, "dry_run": how["dry_run"], "mode": str(how["mode"])})


def _brought() -> Brought:
    data = request.get_data(cache=False)
    if request.mimetype == PLAIN:
        try:
            return read_terms(data.decode())
        except UnicodeDecodeError as wrong:
            raise BadRequest("The list is not UTF-8.") from wrong
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"Send {JSON} or {PLAIN}.")
    try:
        document = _decoder.decode(data)
    except msgspec.ValidationError as wrong:
        raise InvalidValue("body", str(wrong)) from wrong
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise BadRequest("The body is not JSON.") from wrong
    around = parts()
    return read_document(
        document,
        user_id(),
        around.now(),
        platform_accounts=around.platform_accounts,
        guardians=around.guardians,
    )


def _attached(body: bytes, content_type: str, name: str) -> Response:
    return Response(
        body, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
