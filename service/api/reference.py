"""The OpenAPI document as people read it: calls by room, members with their limits, examples to paste."""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from http import HTTPStatus
from operator import getitem
from typing import Any, Final
from urllib.parse import urlencode

from service.api.bodies import JSON
from service.api.contract import METHODS, PROBLEM
from service.api.contract_words import INTRODUCTION, MEANINGS
from service.api.errors import STATUSES
from service.api.examples import EXAMPLES

Json = Mapping[str, Any]

_ALWAYS_THERE: Final = {"X-Request-ID"}
_NAMES_OF_TYPES: Final = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Words:
    """Part of a type as it is written; ``shape`` is the shape it names, if it names one."""

    text: str
    shape: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a body, or a parameter; ``where`` is the part of the request that a parameter stands in."""

    name: str
    type: tuple[Words, ...]
    limits: tuple[str, ...]
    choices: tuple[str, ...]
    is_required: bool
    description: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """One way in which a call goes well."""

    status: int
    phrase: str
    media_types: tuple[str, ...]
    type: tuple[Words, ...]
    headers: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Call:
    """One operation."""

    anchor: str
    method: str
    path: str
    scope: str | None
    summary: str
    description: str
    parameters: tuple[Member, ...]
    takes: tuple[Words, ...]
    takes_members: tuple[Member, ...]
    takes_types: tuple[str, ...]
    takes_is_required: bool
    curl: str
    gives: tuple[Given, ...]
    refusals: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Room:
    """The calls about one noun."""

    anchor: str
    name: str
    description: str
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of body, or part of one."""

    name: str
    description: str
    members: tuple[Member, ...]
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """What a refusal's code means."""

    code: str
    status: int
    phrase: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Everything that the page says."""

    title: str
    summary: str
    version: str
    introduction: Mapping[str, str]
    rooms: tuple[Room, ...]
    shapes: tuple[Shape, ...]
    codes: tuple[Code, ...]


def reference_of(document: Json) -> Reference:
    """Return what the page says about a finished OpenAPI document."""
    calls: dict[str, list[Call]] = {}
    for path, described in document["paths"].items():
        for method in METHODS:
            if method in described:
                call = _call(document, path, method, described)
                calls.setdefault(described[method]["tags"][0], []).append(call)
    info = document["info"]
    return Reference(
        title=info["title"],
        summary=info["summary"],
        version=info["version"],
        introduction=INTRODUCTION,
        rooms=tuple(
            Room(_anchor(tag["name"]), tag["name"], tag["description"], tuple(calls[tag["name"]]))
            for tag in document["tags"]
        ),
        shapes=tuple(_shape(name, shape) for name, shape in document["components"]["schemas"].items()),
        codes=tuple(
            Code(code, status, HTTPStatus(status).phrase, MEANINGS[code]) for code, status in STATUSES.items()
        ),
    )


def _call(document: Json, path: str, method: str, described: Json) -> Call:
    operation = described[method]
    body = operation.get("requestBody", {})
    content = body.get("content", {})
    scopes = [scope for need in operation["security"] for scope in need["bearer"]]
    responses = {status: _resolved(document, told) for status, told in operation["responses"].items()}
    return Call(
        anchor=f"call-{_anchor(operation['operationId'])}",
        method=method.upper(),
        path=path,
        scope=scopes[0] if scopes else None,
        summary=operation["summary"],
        description=operation.get("description", ""),
        parameters=tuple(
            _member(each["name"], each["schema"], each, where=each["in"])
            for each in (*described.get("parameters", ()), *operation.get("parameters", ()))
        ),
        takes=tuple(_type(_schema_in(content))) if content else (),
        takes_members=_shape("", _resolved(document, _schema_in(content))).members if content else (),
        takes_types=tuple(content),
        takes_is_required=bool(body.get("required")),
        curl=_curl(path, method, operation),
        gives=tuple(_given(int(status), told) for status, told in responses.items() if status[0] in "23"),
        refusals=tuple(
            (int(status), tuple(_codes(told)))
            for status, told in responses.items()
            if PROBLEM in told.get("content", {}) and status.isdigit()
        ),
    )


def _resolved(document: Json, told: Json) -> Json:
    """Return a response or shape itself where the document refers to it."""
    if "$ref" not in told:
        return told
    _, *steps = told["$ref"].split("/")
    resolved: Json = reduce(getitem, steps, document)
    return resolved


def _codes(response: Json) -> list[str]:
    codes: list[str] = response["content"][PROBLEM]["schema"]["properties"]["code"]["enum"]
    return codes


def _given(status: int, response: Json) -> Given:
    content = response.get("content", {})
    example = next((told["example"] for told in content.values() if "example" in told), None)
    phrase = HTTPStatus(status).phrase
    described = response["description"]
    return Given(
        status=status,
        phrase=phrase if described == phrase else f"{phrase}. {described}",
        media_types=tuple(content),
        type=tuple(_type(_schema_in(content))) if content else (),
        headers=tuple(name for name in response.get("headers", ()) if name not in _ALWAYS_THERE),
        example="" if example is None else _pretty(example),
    )


def _schema_in(content: Json) -> Json:
    schema: Json = next(iter(content.values())).get("schema", {})
    return schema


def _shape(name: str, shape: Json) -> Shape:
    always = shape.get("required", ())
    members = shape.get("properties", {})
    return Shape(
        name=name,
        description=shape.get("description", ""),
        members=tuple(
            _member(of, schema, {"required": of in always, "description": schema.get("description", "")})
            for of, schema in members.items()
        ),
        choices=_choices(shape),
    )


def _member(name: str, schema: Json, told: Json, *, where: str = "") -> Member:
    return Member(
        name=name,
        type=tuple(_type(schema)),
        limits=tuple(_limits(schema)),
        choices=_choices(schema),
        is_required=bool(told.get("required")),
        description=told.get("description", ""),
        where=where,
    )


def _type(schema: Json) -> Iterator[Words]:
    """Write a type as a few words, with the shapes it names among them."""
    kinds = schema.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    if "$ref" in schema:
        name = _last_part(schema["$ref"])
        yield Words(name, name)
    elif "anyOf" in schema:
        for place, each in enumerate(schema["anyOf"]):
            if place:
                yield Words(" or ")
            yield from _type(each)
    elif "array" in kinds:
        yield Words("list of ")
        yield from _type(schema.get("items") or {"type": schema["prefixItems"][0]["type"]})
        if "null" in kinds:
            yield Words(" or null")
    elif schema.get("format") == "date-time":
        yield Words("time" if "null" not in kinds else "time or null")
    else:
        yield Words(" or ".join(_NAMES_OF_TYPES[kind] for kind in kinds) or "anything")


def _limits(schema: Json) -> Iterator[str]:
    for branch in schema.get("anyOf", ()):
        yield from _limits(branch)
    for lowest, highest, unit in (
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " items"),
        ("minimum", "maximum", ""),
    ):
        if lowest in schema and highest in schema:
            yield f"{schema[lowest]} to {schema[highest]}{unit}"
        elif highest in schema:
            yield f"at most {schema[highest]}{unit}"
        elif lowest in schema:
            yield f"at least {schema[lowest]}{unit}"
    if "items" in schema and isinstance(schema["items"], dict):
        yield from (f"each {limit}" for limit in _limits(schema["items"]))
    if schema.get("default") not in (None, "", [], ()):
        yield f"{json.dumps(schema['default'])} if left out"


def _choices(schema: Json) -> tuple[str, ...]:
    items = schema.get("items")
    of = items if isinstance(items, dict) and "enum" in items else schema
    return tuple("null" if value is None else str(value) for value in of.get("enum", ()))


def _curl(path: str, method: str, operation: Json) -> str:
    """Write a call that works in a shell where SERVICE and TOKEN are set."""
    example = EXAMPLES.get(operation["operationId"])
    for name, value in (example.path if example else {}).items():
        path = path.replace(f"{{{name}}}", value)
    if example and example.query:
        path = f"{path}?{urlencode(example.query, safe=':')}"
    lines = [f'curl "$SERVICE{path}"' if method == "get" else f'curl -X {method.upper()} "$SERVICE{path}"']
    if operation["security"]:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if example and example.body is not None:
        lines.append(f'-H "Content-Type: {JSON}"')
        lines.append(f"-d {shlex.quote(_pretty(example.body))}")
    return " \\\n  ".join(lines)


def _pretty(value: object) -> str:
    """Write JSON with short values on one line, as people would."""
    return _wrapped(value, "")


def _wrapped(value: object, indent: str) -> str:
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + len(indent) <= 76 or not isinstance(value, dict | list):
        return line
    inner = indent + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(name)}: {_wrapped(each, inner)}" for name, each in value.items()]
        return "{\n" + ",\n".join(inner + part for part in parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + _wrapped(each, inner) for each in value) + f"\n{indent}]"


def _last_part(reference: str) -> str:
    return reference.rpartition("/")[2]


def _anchor(name: str) -> str:
    return name.replace(" ", "-").replace("_", "-")
