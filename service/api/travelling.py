"""How what a user reads travels: not at all where the caller has it already, else compressed."""

import gzip
from typing import Final

from flask import Flask, Response, request

SMALLEST_BYTES: Final = 1_024
"""Below about this a network packet goes out all the same."""
LEVEL: Final = 5
_OWN: Final = "/v1/me/"


def install(app: Flask) -> None:
    """Compress what users read of their own settings, for clients that take gzip.

    Nowhere else: decision calls stay within a data centre, where the time is worth more than the bytes.
    """
    app.after_request(_pack)


def _pack(answer: Response) -> Response:
    if request.method != "GET" or not request.path.startswith(_OWN) or answer.status_code != 200:
        return answer
    answer.vary.add("Accept-Encoding")
    body = answer.get_data()
    if len(body) < SMALLEST_BYTES or request.accept_encodings.quality("gzip") <= 0:
        return answer
    answer.set_data(gzip.compress(body, LEVEL, mtime=0))
    answer.headers["Content-Encoding"] = "gzip"
    return answer
