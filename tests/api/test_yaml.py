"""The contract as YAML."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from service.api.yaml import yaml_of

texts = st.text()  # without halves of surrogate pairs
TRICKY = [
    "true",
    "No",
    "NULL",
    "on",
    "y",
    "1",
    "1.0",
    "1e3",
    "0x1f",
    "2026-11-22",
    "12:30",
    "",
    " a",
    "a ",
    "~",
]
TRICKY += [
    "# no",
    "a #b",
    "- a",
    "a: b",
    "x\n\ny",
    "\x85",
    "\u2028",
    "\U0001f600",
    "\x7f",
    "{a}",
    "[",
    "*a",
    "&a",
    "!a",
]

documents = st.recursive(
    st.none() | st.booleans() | st.integers() | texts | st.sampled_from(TRICKY),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(documents)
def test_what_is_written_is_read_back(document: Any) -> None:
    assert yaml.safe_load(yaml_of(document)) == document


@pytest.mark.parametrize("word", TRICKY)
def test_text_that_looks_like_something_else_stays_text(word: str) -> None:
    assert yaml.safe_load(yaml_of({word: [word]})) == {word: [word]}


def test_equal_documents_give_equal_text_in_the_order_given() -> None:
    assert yaml_of({"b": [1, {"a": None}], "a": {}}) == "b:\n  - 1\n  - a: null\na: {}\n"


def test_paragraphs_read_as_paragraphs() -> None:
    assert yaml_of({"words": "One.\n\nTwo: three."}) == "words: |-\n  One.\n\n  Two: three.\n"
