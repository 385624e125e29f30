"""How long each request took, and whose lines in the log are its own."""

import time

import structlog
from flask import Flask, Response, g, request

from service.telemetry.metrics import HTTP_SECONDS


def install(app: Flask) -> None:
    """Time every request and give its log lines its id."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(answer: Response) -> Response:
    began = g.get("began")
    if began is not None:
        route = request.url_rule.rule if request.url_rule else "none"
        HTTP_SECONDS.labels(request.method, route, answer.status_code).observe(time.perf_counter() - began)
    return answer
