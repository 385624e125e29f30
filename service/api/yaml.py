"""YAML as the contract is committed: block style, in the order given, equal text for equal documents.

Only what JSON can hold, so that a page replaces a YAML library that nothing else at run time would use.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

_PLAIN: Final = re.compile(r"[A-Za-z/$][A-Za-z0-9_/$.{}-]*(?: [A-Za-z0-9_/.-]+)*")
"""Text that every YAML reader takes for a string without quotes, apart from the words below."""

_NOT_TEXT: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def yaml_of(document: object) -> str:
    """Return a document of mappings, lists, strings, numbers, booleans and nulls as YAML."""
    return "\n".join(_lines(document)) + "\n"


def _lines(value: object) -> Iterator[str]:
    """Write a value that begins on a line of its own."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _entry(f"{_scalar(name)}:", inner)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from _item(inner)
    else:
        yield _scalar(value)


def _entry(name: str, value: object) -> Iterator[str]:
    if isinstance(value, str) and _reads_better_as_block(value):
        yield f"{name} |-"
        yield from (f"  {line}".rstrip() for line in value.split("\n"))
    elif isinstance(value, dict | list) and value:
        yield name
        yield from (f"  {line}" if line else line for line in _lines(value))
    else:
        yield f"{name} {_scalar(value)}"


def _item(value: object) -> Iterator[str]:
    """Write an item of a list: its first line beside the dash, the others below."""
    first, *others = _lines(value)
    yield f"- {first}"
    yield from (f"  {line}" if line else line for line in others)


def _reads_better_as_block(text: str) -> bool:
    lines = text.split("\n")
    plain = all(line.isprintable() and line == line.strip() for line in lines)
    return len(lines) > 1 and plain and bool(lines[0] and lines[-1])


def _scalar(value: object) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return value
    return "".join(_visible(character) for character in json.dumps(value, ensure_ascii=False))


def _visible(character: str) -> str:
    """Escape what YAML does not take as it is; JSON's escapes stop at four digits, YAML's do not."""
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"
