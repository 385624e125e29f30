"""The contract: finishes the OpenAPI document that flask-smorest begins.

flask-smorest knows routes, schemas and docstrings. What it cannot know is added here: which codes a call refuses
with, the headers of its answers, the bodies of the decision calls, examples, and the words around it all.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby
from typing import Any, Final, TypeAlias, TypeVar

import msgspec
from flask import Flask
from flask_smorest import Api, Blueprint

from service.api import auth
from service.api.bodies import JSON, MSGPACK
from service.api.contract_shapes import describe_schemas, describe_struct_fields, tidy
from service.api.contract_words import (
    HEADERS,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    INTRODUCTION,
    MEANINGS,
    PATH_PARAMETERS,
    TICKET,
    TITLE,
    VERSION,
    VIEWER_SEGMENT,
)
from service.api.errors import STATUSES
from service.api.examples import EXAMPLES
from service.api.idempotency import FORGETS_ALL
from service.domain.people import ID_LENGTH

PROBLEM: Final = "application/problem+json"
TOKEN: Final = "Consistency-Token"  # noqa: S105  a header's name
ETAG: Final = "ETag"
METHODS: Final = ("get", "put", "post", "patch", "delete")
_READING_ORDER: Final = (
    "tags",
    "summary",
    "description",
    "operationId",
    "security",
    "parameters",
    "requestBody",
    "responses",
)
_ANY_OTHER: Final = "any-other"
_SCHEMA: Final = "#/components/schemas/{name}"

Json: TypeAlias = dict[str, Any]
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Saying:
    """What a view says about itself beyond its route and schemas.

    ``refuses`` are codes beyond those that every call of its kind shares; ``headers`` come with each 2xx;
    ``takes`` and ``gives`` are the msgspec structs of a decision call.
    """

    refuses: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    if_match: bool = False
    if_none_match: bool = False
    ticket: bool = False
    takes: type[msgspec.Struct] | None = None
    gives: type[msgspec.Struct] | None = None


def says(**facts: Any) -> Callable[[View], View]:
    """Declare facts of ``Saying`` about a view; below the route decorator, like the scope."""
    saying = Saying(**facts)
    unknown = set(saying.refuses) - set(STATUSES)
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} has no status in errors.STATUSES")

    def declare(view: View) -> View:
        vars(view)["saying"] = saying
        return view

    return declare


def register(app: Flask, rooms: Iterable[Blueprint]) -> Json:
    """Put the rooms' routes into the app and return the finished OpenAPI document, in types that JSON has."""
    app.config.update(OPENAPI_VERSION="3.1.0")
    api = Api(app, spec_kwargs={"title": TITLE, "version": VERSION})
    api.DEFAULT_ERROR_RESPONSE_NAME = None
    api.ma_plugin.converter.add_attribute_function(describe_struct_fields)
    auth.describe_bearer(api.spec)
    for room in rooms:
        api.register_blueprint(room)
    document = api.spec.to_dict()
    describe_schemas(document, api.ma_plugin.converter.refs)
    finished = _finished(document, list(_operations(app)))
    plain: Json = msgspec.json.decode(msgspec.json.encode(finished))
    return plain


@dataclass(frozen=True, slots=True)
class _Operation:
    """One method of one path, and what its view says."""

    path: str
    method: str
    name: str
    saying: Saying


def _operations(app: Flask) -> Iterator[_Operation]:
    for rule in app.url_map.iter_rules():
        saying = vars(app.view_functions[rule.endpoint]).get("saying", Saying())
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        name = re.sub(r"\W", "_", rule.endpoint)
        for method in sorted(rule.methods or ()):
            if method.lower() in METHODS:
                yield _Operation(path, method.lower(), name, saying)


def _finished(document: Json, operations: Sequence[_Operation]) -> Json:
    components = document["components"]
    components["schemas"] = _shapes(components.get("schemas", {}), operations) | {"Problem": _problem()}
    components["headers"] = {name: _header(words) for name, words in HEADERS.items()}
    components["responses"] = {_ANY_OTHER: _any_other()}
    for operation in operations:
        path = document["paths"][operation.path]
        codes = _complete(path, operation)
        components["responses"] |= {_name(of_one): _refusals(of_one) for of_one in _by_status(codes)}
        path[operation.method] = {
            name: path[operation.method][name] for name in _READING_ORDER if name in path[operation.method]
        }
    tidy(document)
    return {
        "openapi": document["openapi"],
        "info": {
            "title": TITLE,
            "version": VERSION,
            "summary": "Keyword filters, blocks and mutes, not interested, and comment limits for a social feed.",
            "description": _introduction(),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": document["tags"],
        "paths": {path: document["paths"][path] for path in sorted(document["paths"])},
        "components": {
            name: dict(sorted(components[name].items()))
            for name in ("schemas", "responses", "headers", "securitySchemes")
        },
    }


def _shapes(declared: Mapping[str, Json], operations: Sequence[_Operation]) -> Json:
    """Return the shapes of bodies: those of marshmallow as they are, and those of the decision calls."""
    structs = {kind for each in operations for kind in (each.saying.takes, each.saying.gives) if kind}
    _, of_structs = msgspec.json.schema_components(
        sorted(structs, key=lambda kind: kind.__name__), ref_template=_SCHEMA
    )
    ours = {name: shape for name, shape in declared.items() if name not in {"Error", "PaginationMetadata"}}
    clash = ours.keys() & of_structs.keys()
    if clash:
        raise ValueError(f"two shapes are called {', '.join(sorted(clash))}")
    return ours | of_structs


def _complete(path: Json, operation: _Operation) -> set[str]:
    """Complete what is said of one operation; return the codes that it refuses with."""
    described: Json = path[operation.method]
    saying = operation.saying
    described["operationId"] = operation.name
    for parameter in path.get("parameters", ()):
        parameter["schema"] = {"type": "string", "minLength": 1, "maxLength": ID_LENGTH}
        parameter.update(PATH_PARAMETERS.get(parameter["name"], {}))
    is_edit = operation.method != "get" and described["security"] == [{"bearer": ["settings"]}]
    is_keyed = is_edit and operation.path != FORGETS_ALL
    for is_read, header in (
        (saying.if_match, IF_MATCH),
        (saying.if_none_match, IF_NONE_MATCH),
        (saying.ticket, TICKET),
        (is_keyed, IDEMPOTENCY_KEY),
        (is_edit or _is_decision(operation), VIEWER_SEGMENT),
    ):
        if is_read:
            described.setdefault("parameters", []).append(dict(header))
    if saying.takes and saying.gives:
        described["requestBody"] = {"required": True, "content": _in_both_types(saying.takes)}
        described["responses"] = {"200": {"description": "OK", "content": _in_both_types(saying.gives)}}
    _give_headers(described["responses"], saying)
    codes = _codes(path, described, saying)
    if is_keyed:
        codes |= {"idempotency-key-reused", "request-in-flight"}
    if is_edit:
        codes.add("too-often")
    described["responses"] = _with_refusals(described["responses"], codes)
    _give_examples(described, operation.name)
    return codes


def _is_decision(operation: _Operation) -> bool:
    """Tell whether a call decides about one viewer; a batch of events says of each event whom it is about."""
    return operation.saying.takes is not None and operation.path.startswith(("/v1/feed/", "/v1/comments/"))


def _in_both_types(kind: type[msgspec.Struct]) -> Json:
    shape = {"$ref": _SCHEMA.format(name=kind.__name__)}
    return {JSON: {"schema": shape}, MSGPACK: {"schema": dict(shape)}}


def _give_headers(responses: Json, saying: Saying) -> None:
    for status, response in responses.items():
        if "$ref" not in response:
            carried = (ETAG,) if status == "304" else saying.headers
            names = ("X-Request-ID", *carried)
            response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _codes(path: Json, operation: Json, saying: Saying) -> set[str]:
    """Return every code that a call may refuse with, as far as it depends on the call."""
    codes = set(saying.refuses)
    if operation["security"]:
        codes |= {"unauthenticated", "scope-missing", "keys-unavailable", "overloaded", "store-unavailable"}
    if operation.get("requestBody"):
        codes |= {"bad-request", "too-large", "unsupported-media-type"}
    takes_any = operation.get("requestBody") or operation.get("parameters") or path.get("parameters")
    if takes_any or operation["security"]:  # where it takes none, query parameters are refused
        codes.add("invalid")
    if saying.if_match:
        codes.add("revision-mismatch")
    if saying.takes:
        codes.add("unreadable-token")
    return codes


def _by_status(codes: Iterable[str]) -> list[list[str]]:
    """Put together the codes that are answered with the same status."""
    ordered = sorted(codes, key=lambda code: (STATUSES[code], code))
    return [list(of_one) for _, of_one in groupby(ordered, key=STATUSES.__getitem__)]


def _name(codes: Sequence[str]) -> str:
    return "-or-".join(codes)


def _with_refusals(responses: Json, codes: set[str]) -> Json:
    told = {status: response for status, response in responses.items() if "$ref" not in response}
    for of_one in _by_status(codes):
        told.setdefault(str(STATUSES[of_one[0]]), {"$ref": f"#/components/responses/{_name(of_one)}"})
    return dict(sorted(told.items())) | {"default": {"$ref": f"#/components/responses/{_ANY_OTHER}"}}


def _refusals(codes: Sequence[str]) -> Json:
    """Describe the answer of one status that comes for any of these reasons."""
    status = STATUSES[codes[0]]
    headers = ["X-Request-ID"]
    if status in {401, 403}:
        headers.append("WWW-Authenticate")
    if status in {429, 503}:
        headers.append("Retry-After")
    shape = {"$ref": _SCHEMA.format(name="Problem"), "properties": {"code": {"enum": list(codes)}}}
    return {
        "description": " ".join(f"`{code}`: {MEANINGS[code]}" for code in codes),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {PROBLEM: {"schema": shape}},
    }


def _any_other() -> Json:
    return {
        "description": "Anything else; `internal`: " + MEANINGS["internal"],
        "headers": {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}},
        "content": {PROBLEM: {"schema": {"$ref": _SCHEMA.format(name="Problem")}}},
    }


def _give_examples(operation: Json, name: str) -> None:
    example = EXAMPLES.get(name)
    if example is None:
        return
    if example.body is not None:
        operation["requestBody"]["content"][JSON]["example"] = example.body
    if example.answer is not None:
        operation["responses"][str(example.status)]["content"][JSON]["example"] = example.answer


def _problem() -> Json:
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "Why a call was refused (RFC 9457). Some codes bring further members.",
        "properties": {
            "type": {**text, "format": "uri-reference", "description": "Where the code is explained."},
            "title": text,
            "status": {"type": "integer", "enum": sorted(set(STATUSES.values()))},
            "detail": {**text, "description": "One sentence for a developer."},
            "code": {**text, "enum": list(STATUSES), "description": "What to branch on."},
            "errors": {"type": "object", "description": "What is wrong, by member or parameter, or by path."},
            "limit": {
                "type": "integer",
                "description": "With `limit-reached`, `too-often` and `too-many-dimensions`: how many there can be.",
            },
            "term": {**text, "description": "With `unmatchable-term`: which one."},
            "invalid": {
                "type": "array",
                "items": {"type": "object"},
                "description": "With `invalid-import`: rows with their `row`, `code` and `reason`.",
            },
            "retry_after_seconds": {"type": "integer", "description": "With `too-often`: as `Retry-After`."},
            "current": {"description": "With `revision-mismatch`: how it stands; with a `limit`: how many."},
            "restorable_until": {
                **text,
                "format": "date-time",
                "description": "With `too-late-to-restore`: until when it could have been.",
            },
            "offered": {
                "type": "array",
                "items": text,
                "description": "With `dimension-not-offered`: by what the metric is kept.",
            },
            "aligned_from": {
                **text,
                "format": "date",
                "description": "With `window-not-aligned`: the nearest whole windows begin here.",
            },
            "aligned_to": {
                **text,
                "format": "date",
                "description": "With `window-not-aligned`: and end here.",
            },
            "complete_through": {
                "type": ["string", "null"],
                "format": "date",
                "description": "With `window-not-closed`: the last day that is final.",
            },
            "scope": {**text, "description": "With `scope-missing`: the scope that the call needs."},
        },
        "required": ["type", "title", "status", "detail", "code"],
    }


def _header(words: str) -> Json:
    return {"description": words, "schema": {"type": "string"}}


def _introduction() -> str:
    """Write the words before the first call, in Markdown, the table of codes among them."""
    rows = [
        f"| `{code}` | {status} {HTTPStatus(status).phrase} | {MEANINGS[code]} |"
        for code, status in STATUSES.items()
    ]
    table = ["## Codes", "", "| code | status | meaning |", "|---|---|---|", *rows]
    sections = [line for heading, words in INTRODUCTION.items() for line in (f"## {heading}", "", words, "")]
    return "\n".join([*sections, *table])
