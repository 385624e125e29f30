"""Ids in paths, slashes included: ``PUT /v1/me/blocks/https%3A%2F%2Fexample.social%2Fann`` blocks that very person.

WSGI hands on a path that is decoded, in which a slash within an id looks like one between two parts of the path.
Servers hand on beside it what was sent; from that, slashes and percent signs are left encoded until routes are found.
"""

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from flask import Flask
from werkzeug.routing import UnicodeConverter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_LEFT_ENCODED: Final = re.compile("%(?=25|2f)", re.IGNORECASE)
_SLASH: Final = re.compile("%2f", re.IGNORECASE)


class IdInPath(UnicodeConverter):
    """One part of a path, as the id that it stands for."""

    def to_python(self, value: str) -> str:
        """Decode what was left encoded."""
        return _SLASH.sub("/", value).replace("%25", "%") if "%" in value else value


class WholeIds:
    """Lets an app see paths in which only the slashes between parts are slashes."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        """Answer one request; nothing is done for a path without a percent sign."""
        sent = environ.get("RAW_URI", "").partition("?")[0]
        if sent.startswith("/") and not environ.get("SCRIPT_NAME"):
            if "%" in sent:
                environ["PATH_INFO"] = unquote_to_bytes(_LEFT_ENCODED.sub("%25", sent)).decode("latin-1")
        else:
            environ["PATH_INFO"] = environ["PATH_INFO"].replace("%", "%25")
        return self._app(environ, start_response)


def install(app: Flask) -> None:
    """Find routes by paths as they were sent; call it before any route is registered."""
    app.url_map.converters["default"] = app.url_map.converters["string"] = IdInPath
    app.wsgi_app = WholeIds(app.wsgi_app)  # type: ignore[method-assign]  # as Flask says it is done
