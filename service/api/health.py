"""Whether the process lives, whether it can serve, and what it measures."""

from typing import Final

from flask import Response, jsonify

from service.api.auth import public
from service.api.parts import api_parts
from service.api.requests import Rooms

_STATE: Final = {"type": "string", "enum": ["ok", "down"]}
_HEALTH: Final = {"type": "object", "properties": {"status": _STATE}, "required": ["status"]}
_READINESS: Final = {
    "type": "object",
    "properties": {"status": _STATE, "store": _STATE, "cache": _STATE},
    "required": ["status", "store"],
}

health = Rooms("health", __name__, description=__doc__)


@health.get("/healthz")
@public
@health.response(200, _HEALTH)
def alive() -> Response:
    """Answer as long as the process lives."""
    return jsonify({"status": "ok"})


@health.get("/readyz")
@public
@health.response(200, _READINESS)
@health.alt_response(503, schema=_READINESS, description="A part that every call needs does not answer.")
def ready() -> tuple[Response, int]:
    """Answer 200 when the service can serve; the cache may be away, then it serves from the store."""
    answers = {name: "ok" if is_ready() else "down" for name, is_ready in api_parts().is_ready.items()}
    serving = answers.get("store") == "ok"
    return jsonify({"status": "ok" if serving else "down", **answers}), 200 if serving else 503


@health.get("/metrics")
@public
@health.response(200, {"type": "string"}, content_type="text/plain")
def metrics() -> Response:
    """Return metrics in Prometheus' text format."""
    body, content_type = api_parts().render_metrics()
    return Response(body, content_type=content_type)
