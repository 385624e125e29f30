"""What holds for every request before its view: sizes, ids in the path, the shape of the body."""

import re
from http import HTTPStatus
from typing import Any, Final

import marshmallow as ma
from flask import Flask, Request, Response, current_app, g, request
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from service.api.json import loads
from service.api.randomness import some_random_bytes
from service.domain.imports import LARGEST_IMPORT_BYTES
from service.domain.people import require_id
from service.domain.refusals import InvalidItem

LARGEST_SETTINGS_BODY: Final = 256 * 1024
LARGEST_FEED_BODY: Final = 1024 * 1024
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
LARGEST_FORM: Final = 16 * 1024
"""A token, twice; whoever sends a form need not be anybody we know."""
_OTHER_LIMITS: Final = {
    "/insights": LARGEST_FORM,
    "/v1/feed/": LARGEST_FEED_BODY,
    "/v1/comments/": LARGEST_FEED_BODY,
    "/v1/events": LARGEST_FEED_BODY,
    "/v1/me/import": LARGEST_IMPORT_BYTES,
}


class StrictParser(FlaskParser):
    """Reads bodies and queries; unknown members are refused, and so is a body that does not say it is JSON."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012  as the base class declares it
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "json": ma.RAISE,
        "query": ma.RAISE,
    }

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        """Return the query; refuse what is said twice: only one of the two would be answered."""
        twice = {name: ["Is there twice."] for name in req.args if len(req.args.getlist(name)) > 1}
        if twice:
            raise ma.ValidationError(twice)
        return super().load_querystring(req, schema)

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """Return the parsed body; 415 for another media type, 400 for broken JSON.

        Not webargs' own parser: the standard library takes halves of surrogate pairs, which nothing can write
        again, and fails on deep nesting and on long numbers in ways of its own.
        """
        del schema
        data = req.get_data()
        if not data:
            return ma.missing
        if not req.is_json:
            raise UnsupportedMediaType("Send application/json.")
        try:
            return loads(data)
        except ValueError as wrong:
            raise BadRequest("The body is not JSON.") from wrong


class Rooms(Blueprint):  # type: ignore[misc]  # flask-smorest is untyped
    """A blueprint whose views get their arguments through the strict parser."""

    ARGUMENTS_PARSER = StrictParser()


def install(app: Flask) -> None:
    """Give every request an id, bound its body, and check its query and the ids in its path."""
    app.before_request(_name_request)
    app.before_request(_require_plain_body)
    app.before_request(_bound_body)
    app.before_request(_require_plain_path)
    app.before_request(_require_no_idle_query)
    app.after_request(_stamp)


def _name_request() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else some_random_bytes(8).hex()


def _require_plain_body() -> None:
    """Refuse a compressed body: bounded as it comes, it could still be anything once it is unpacked."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Send the body as it is, without Content-Encoding.")


def _bound_body() -> None:
    others = (limit for path, limit in _OTHER_LIMITS.items() if request.path.startswith(path))
    limit = next(others, LARGEST_SETTINGS_BODY)
    request.max_content_length = limit + 1  # where werkzeug stops reading a body in chunks, without a word
    length = request.content_length
    if length is None and "Transfer-Encoding" in request.headers:
        length = len(request.get_data())
    if length is not None and length > limit:
        raise RequestEntityTooLarge(f"At most {limit} bytes.")


def _require_plain_path() -> None:
    """Refuse ids that cannot be kept, and bytes that are no text, which would all pass for one and the same id."""
    try:
        request.environ["PATH_INFO"].encode("latin-1").decode()
    except UnicodeError as wrong:
        raise BadRequest("The path is not UTF-8.") from wrong
    for name, value in (request.view_args or {}).items():
        if isinstance(value, str):
            require_id(value, name)


def _require_no_idle_query() -> None:
    """Refuse query parameters where a call takes none; where it takes any, its schema knows which."""
    if not request.query_string or request.endpoint is None or not request.path.startswith("/v1/"):
        return
    described = vars(current_app.view_functions[request.endpoint]).get("_apidoc", {})
    takes = {each["in"] for each in described.get("arguments", {}).get("parameters", ())}
    if request.args and "query" not in takes:
        raise InvalidItem({name: ["Unknown field."] for name in request.args})


def _stamp(answer: Response) -> Response:
    answer.headers["X-Request-ID"] = g.get("request_id", "")
    answer.headers.setdefault("Cache-Control", "no-store")
    if answer.status_code == HTTPStatus.NO_CONTENT:
        answer.headers.pop("Content-Type", None)  # Flask says HTML, and a client may want to parse that
    return answer
