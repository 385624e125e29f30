"""The contract, to read without a token: for machines as an OpenAPI document, for people as a page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from flask import Response, current_app, render_template, request

from service.api.auth import public
from service.api.contract import ETAG, says
from service.api.json import dumps
from service.api.reference import reference_of
from service.api.requests import Rooms

docs = Rooms("docs", __name__, template_folder="pages", description=__doc__)

DOCUMENT: Final = "openapi"
"""Where the app that runs keeps its OpenAPI document."""

_PAGES: Final = Path(__file__).with_name("pages")
_WRITTEN: Final = "docs.written"
_NOTHING_FROM_OUTSIDE: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_TEXT: Final = {"type": "string"}


@docs.get("/openapi.json")
@public
@says(headers=(ETAG,), if_none_match=True)
@docs.response(200, {"type": "object"})
@docs.alt_response(304, description="It is what this ETag stands for.", success=True)
def openapi() -> Response:
    """Read the OpenAPI document."""
    return _once("document", "application/json", lambda: dumps(_document()))


@docs.get("/docs")
@public
@says(headers=(ETAG,), if_none_match=True)
@docs.response(200, _TEXT, content_type="text/html")
@docs.alt_response(304, description="It is what this ETag stands for.", success=True)
def read() -> Response:
    """Read about every call on one page, which loads nothing from outside and needs no script."""
    return _once("page", "text/html; charset=utf-8", _draw)


@docs.get("/docs/reference.css")
@public
@says(headers=(ETAG,), if_none_match=True)
@docs.response(200, _TEXT, content_type="text/css")
@docs.alt_response(304, description="It is what this ETag stands for.", success=True)
def style() -> Response:
    """Read how the page looks."""
    return _once("style", "text/css; charset=utf-8", (_PAGES / "reference.css").read_bytes)


def _document() -> dict[str, Any]:
    document: dict[str, Any] = current_app.extensions[DOCUMENT]
    return document


def _draw() -> bytes:
    return render_template("reference.html", reference=reference_of(_document())).encode()


def _once(name: str, content_type: str, write: Callable[[], bytes]) -> Response:
    """Answer with what does not change while the process lives, written when it is first asked for."""
    written: dict[str, bytes] = current_app.extensions.setdefault(_WRITTEN, {})
    if name not in written:
        written[name] = write()
    answer = Response(written[name], content_type=content_type, headers=_NOTHING_FROM_OUTSIDE)
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
