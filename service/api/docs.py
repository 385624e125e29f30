"""The contract, to read without a token: for machines as an OpenAPI document, for people as a page."""

from pathlib import Path
from typing import Any, Final

from flask import Response, current_app, render_template

from service.api.auth import public
from service.api.contract import ETAG, says
from service.api.json import dumps
from service.api.pages.look import written_once
from service.api.reference import reference_of
from service.api.requests import Rooms

docs = Rooms("docs", __name__, template_folder="pages", description=__doc__)

DOCUMENT: Final = "openapi"
"""Where the app that runs keeps its OpenAPI document."""

_PAGES: Final = Path(__file__).with_name("pages")
_TEXT: Final = {"type": "string"}


@docs.get("/openapi.json")
@public
@says(headers=(ETAG,), if_none_match=True)
@docs.response(200, {"type": "object"})
@docs.alt_response(304, description="It is what this ETag stands for.", success=True)
def openapi() -> Response:
    """Read the OpenAPI document."""
    return written_once("document", "application/json", lambda: dumps(_document()))


@docs.get("/docs")
@public
@says(headers=(ETAG,), if_none_match=True)
@docs.response(200, _TEXT, content_type="text/html")
@docs.alt_response(304, description="It is what this ETag stands for.", success=True)
def read() -> Response:
    """Read about every call on one page, which loads nothing from outside and needs no script."""
    return written_once("page", "text/html; charset=utf-8", _draw)


@docs.get("/docs/reference.css")
@public
@says(headers=(ETAG,), if_none_match=True)
@docs.response(200, _TEXT, content_type="text/css")
@docs.alt_response(304, description="It is what this ETag stands for.", success=True)
def style() -> Response:
    """Read how the page looks."""
    return written_once("style", "text/css; charset=utf-8", (_PAGES / "reference.css").read_bytes)


def _document() -> dict[str, Any]:
    document: dict[str, Any] = current_app.extensions[DOCUMENT]
    return document


def _draw() -> bytes:
    return render_template("reference.html", reference=reference_of(_document())).encode()
