"""Every refusal as HTTP: ONE table from code to status, and RFC 9457 problem documents."""

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from service.api.json import dumps
from service.api.schemas.allow_phrases import AllowPhrasesSchema
from service.api.schemas.comment_limits import CommentLimitsSchema, PostLimitsSchema
from service.api.schemas.everywhere import Schema, by_name
from service.api.schemas.keyword_filters import KeywordFilterSchema
from service.domain.allow_phrases import AllowPhrases
from service.domain.comment_limits import CommentLimits, PostLimits
from service.domain.keyword_filters import KeywordFilter
from service.domain.refusals import Refusal

STATUSES: Final[Mapping[str, int]] = {
    "bad-request": 400,
    "ticket-missing": 400,
    "unreadable-token": 400,
    "unauthenticated": 401,
    "scope-missing": 403,
    "metric-unknown": 404,
    "not-found": 404,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "import-under-way": 409,
    "keyword-filter-exists": 409,
    "too-late-to-restore": 409,
    "request-in-flight": 409,
    "window-not-closed": 409,
    "changes-gone": 410,
    "revision-mismatch": 412,
    "too-large": 413,
    "unsupported-media-type": 415,
    "cannot-target-guardian": 422,
    "cannot-target-yourself": 422,
    "dimension-not-offered": 422,
    "idempotency-key-reused": 422,
    "invalid": 422,
    "invalid-import": 422,
    "limit-reached": 422,
    "too-many-dimensions": 422,
    "unmatchable-term": 422,
    "cannot-target-platform": 422,
    "window-not-aligned": 422,
    "if-match-missing": 428,
    "too-often": 429,
    "header-fields-too-large": 431,
    "internal": 500,
    "keys-unavailable": 503,
    "overloaded": 503,
    "store-unavailable": 503,
}
"""What every code means in HTTP. Callers branch on the code; the OpenAPI document publishes this table."""

_CODES_OF_HTTP: Final = {
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid",
    431: "header-fields-too-large",
}
_RETRY_AFTER_SECONDS: Final = "2"
MOST_TOLD: Final = 100
"""So many wrong members are named; a body may hold tens of thousands, and the answer would outgrow it."""
_SHAPES: Final[Mapping[type, Schema]] = {
    AllowPhrases: AllowPhrasesSchema(),
    CommentLimits: CommentLimitsSchema(),
    KeywordFilter: KeywordFilterSchema(),
    PostLimits: PostLimitsSchema(),
}
"""What If-Match is honoured for stands in a refusal as its own call answers it."""

log = structlog.get_logger()


def install(app: Flask) -> None:
    """Answer refusals and failures of this app as problem documents."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, failed)


def refused(refusal: Refusal) -> Response:
    """Answer a refusal with its facts."""
    answer = _answered(problem_of(refusal))
    answer.headers.update(getattr(refusal, "headers", {}))
    if "retry_after_seconds" in refusal.facts:
        answer.headers["Retry-After"] = str(refusal.facts["retry_after_seconds"])
    if answer.status_code == 503:
        answer.headers.setdefault("Retry-After", _RETRY_AFTER_SECONDS)
    return answer


def problem_of(refusal: Refusal) -> dict[str, object]:
    """Return a refusal as a problem document."""
    facts = dict(refusal.facts)
    kept = getattr(refusal, "kept", None)
    if kept is not None:
        facts["current"] = _SHAPES[type(kept)].dump(kept)
    return _document(refusal.code, refusal.detail, **facts)


def failed(error: HTTPException) -> Response:
    """Answer what Flask, werkzeug or a schema refuses; their own headers (Allow, Retry-After) stay."""
    data: dict[str, Any] = getattr(error, "data", None) or {}
    status = error.code or 500
    code = _CODES_OF_HTTP.get(status, "internal" if status >= 500 else "bad-request")
    errors = _by_field(data.get("messages"))
    answer = problem(code, _detail(error, errors), **({"errors": errors} if errors else {}))
    answer.status_code = status
    for name, value in error.get_headers(request.environ):
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value
    return answer


def problem(code: str, detail: str, **facts: object) -> Response:
    """Answer with a problem document; ``facts`` are its further members."""
    return _answered(_document(code, detail, **facts))


def _document(code: str, detail: str, **facts: object) -> dict[str, object]:
    title = code.replace("-", " ").capitalize()
    named = {
        "type": f"/docs#{code}",
        "title": title,
        "status": STATUSES[code],
        "detail": detail,
        "code": code,
    }
    return named | facts


def _answered(document: Mapping[str, object]) -> Response:
    status = STATUSES[str(document["code"])]
    return Response(dumps(document), status, content_type="application/problem+json")


def _detail(error: HTTPException, errors: Mapping[str, Any]) -> str:
    if errors:
        return "Some members cannot be used: " + ", ".join(sorted(errors)) + "."
    if error.code and error.code >= 500:
        return "Something went wrong on our side; the X-Request-ID of this answer finds it in the logs."
    return re.sub(r"\s+", " ", error.description or error.name)


def _by_field(messages: object) -> dict[str, Any]:
    """Drop the level that says in which part of the request a member stood, and name keys as text."""
    if not isinstance(messages, Mapping):
        return {}
    members: dict[str, Any] = {}
    for of_location in messages.values():
        members |= of_location if isinstance(of_location, Mapping) else {"body": of_location}
    return by_name(dict(islice(members.items(), MOST_TOLD)), whole="body")
