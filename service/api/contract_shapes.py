"""Shapes of bodies as callers need them described: closed on the way in, complete on the way out."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from service.api.schemas.feed import CandidateField
from service.domain.comments import CommentOutcome, CommentReason
from service.domain.feed import Outcome, ReasonCode

_PREFIX: Final = "#/components/schemas/"

Json = dict[str, Any]


def describe_struct_fields(_converter: Any, field: Any, **_: Any) -> Json:
    """Describe a marshmallow field that a msgspec struct checks; apispec asks this for every field."""
    return {"$ref": _PREFIX + "Candidate"} if isinstance(field, CandidateField) else {}


def describe_schemas(document: Json, names: Mapping[tuple[Any, ...], str]) -> None:
    """Let each shape say what the docstring of its marshmallow schema says."""
    shapes = document["components"]["schemas"]
    for key, name in names.items():
        shapes[name] = {"type": "object", "description": key[0].__doc__, **shapes[name]}


def tidy(document: Json) -> None:
    """Say of each shape what holds in the direction it travels.

    What only comes in stays closed and has no members that only go out. What only goes out always has all its
    members and may gain more, so it is open; msgspec already says which of its members are always there. Values
    of an enumeration stand in their own order, which says what is stronger.
    """
    shapes: dict[str, Json] = document["components"]["schemas"]
    operations = [
        each for path in document["paths"].values() for each in path.values() if "responses" in each
    ]
    taken = _reached(shapes, [each.get("requestBody") for each in operations])
    given = _reached(shapes, [each["responses"] for each in operations])
    for name in given - taken:
        _open(shapes[name])
    for name, shape in shapes.items():
        _leave_out(shape, "writeOnly" if name in given - taken else "readOnly")
        shape.pop("title", None)
    for kind in (Outcome, ReasonCode, CommentOutcome, CommentReason):
        shapes[kind.__name__]["enum"] = [str(member) for member in kind]
    for part in _parts(document):
        _name_type_of_enum(part)
        for words in ("summary", "description"):
            if isinstance(part.get(words), str):
                part[words] = part[words].replace("``", "`")


def _open(shape: Json) -> None:
    shape.pop("additionalProperties", None)
    if "title" in shape:  # msgspec's, which knows
        return
    always = [name for name, member in shape.get("properties", {}).items() if not member.get("writeOnly")]
    shape.setdefault("required", always)


def _leave_out(shape: Json, direction: str) -> None:
    members = shape.get("properties", {})
    for name in [name for name, member in members.items() if member.get(direction)]:
        del members[name]
    for member in members.values():
        member.pop("readOnly", None)
        member.pop("writeOnly", None)


def _name_type_of_enum(part: Json) -> None:
    """Say that an enumeration holds strings, which apispec leaves open."""
    values = part.get("enum")
    if values and "type" not in part and all(isinstance(value, str | None) for value in values):
        part["type"] = ["string", "null"] if None in values else "string"


def _reached(shapes: Mapping[str, Json], starts: Iterable[object]) -> set[str]:
    reached: set[str] = set()
    waiting = [name for start in starts for name in _named(start)]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _named(shapes[name])
    return reached


def _named(value: object) -> list[str]:
    references = (part.get("$ref", "") for part in _parts(value))
    return [ref.removeprefix(_PREFIX) for ref in references if str(ref).startswith(_PREFIX)]


def _parts(value: object) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _parts(inner)
