"""The contract: as an OpenAPI document for machines, and as a page that loads nothing from outside."""

from flask import Response, current_app, jsonify

from service.api.auth import public
from service.api.requests import Rooms

docs = Rooms("docs", __name__, description=__doc__)


@docs.get("/openapi.json")
@public
@docs.response(200)
def openapi() -> Response:
    """Return the OpenAPI document."""
    return jsonify(current_app.extensions["openapi"])
