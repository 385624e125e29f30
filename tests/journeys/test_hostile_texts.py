"""Texts that break programs, in every place of every call where a text may stand: refused, or kept as they are."""

import copy
from collections.abc import Iterator
from itertools import cycle
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from service.api.auth import SCOPES
from service.api.examples import EXAMPLES
from tests.api.calling import operations, require_as_promised
from tests.journeys.conftest import Person

HOSTILE = {
    "sql": "'; DROP TABLE blocks; --",
    "sql like": "%_\\%' OR '1'='1",
    "crlf": "x\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "ansi": "\x1b[2J\x1b[31mred\x07",
    "bidi": "\u202egnp.exe\u2066\u2069\u200b\ufeff",
    "nul": "a\x00b",
    "template": "{{7*7}}${7*7}%s%n{0}",
    "markup": "<script>alert(1)</script>&amp;\"'",
    "path": "../../etc/passwd",
    "marks": "Z" + "\u0335\u0489" * 40,
    "far planes": "\U0001f9d1\u200d\U0001f680\U000e0041\U0010ffff",
    "number": "1e309",
}
TEXTS_A_PLACE = 3
DANGEROUS_BYTES = ("\x1b", "\r\nSet-Cookie", "\x00")


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Name every place in a body where a text stands."""
    if isinstance(value, str):
        yield way
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*way, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*way, index))


def with_text(body: Any, way: tuple[Any, ...], text: str) -> Any:
    """Return a body with another text in one place."""
    if not way:
        return text
    changed = copy.deepcopy(body)
    inner = changed
    for step in way[:-1]:
        inner = inner[step]
    inner[way[-1]] = text
    return changed


def hostile_calls() -> Iterator[tuple[str, str, Any]]:
    """Return the calls of the examples with one text replaced, every place by some of the texts in turn."""
    texts = cycle(HOSTILE.values())
    for name, (method, path, _) in operations().items():
        example = EXAMPLES.get(name)
        if example is None or not path.startswith("/v1"):
            continue
        for way in places(example.body):
            for _ in range(TEXTS_A_PLACE):
                yield method, path.format(**example.path), with_text(example.body, way, next(texts))


def ask(app: Flask, number: int, method: str, path: str, body: Any) -> None:
    """Make one call as somebody of their own, whose allowance nobody has spent."""
    person = Person(app.test_client(), f"user{number}", " ".join(SCOPES))
    answer = person.call(method, path, body, X_Ticket="SUP-1")
    require_as_promised(app, method, path, answer)
    assert answer.status_code < 500, (method, path, body, answer.text)
    assert not any(each in f"{answer.headers}" for each in DANGEROUS_BYTES)


def test_no_text_in_any_body_breaks_a_call(app: Flask) -> None:
    calls = list(hostile_calls())

    assert len(calls) > 300
    for number, call in enumerate(calls):
        ask(app, number, *call)


@pytest.mark.parametrize("name", [name for name, text in HOSTILE.items() if "/" not in text])
def test_no_text_in_any_path_breaks_a_call(app: Flask, name: str) -> None:
    """A slash makes another path, so texts with one are left out."""
    for number, (operation, (method, path, _)) in enumerate(operations().items()):
        if "{" in path and operation in EXAMPLES:
            given = {each: quote(HOSTILE[name], safe="") for each in EXAMPLES[operation].path}
            ask(app, number, method, path.format(**given), EXAMPLES[operation].body)
