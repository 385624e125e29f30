"""The contract: as an OpenAPI document for machines."""

from typing import Final

from flask import Response, current_app, jsonify

from service.api.auth import public
from service.api.requests import Rooms

docs = Rooms("docs", __name__, description=__doc__)

DOCUMENT: Final = "openapi"
"""Where the app that runs keeps its OpenAPI document."""


@docs.get("/openapi.json")
@public
@docs.response(200, {"type": "object"})
def openapi() -> Response:
    """Read the OpenAPI document."""
    return jsonify(current_app.extensions[DOCUMENT])
