"""Examples of calls and their answers; the tests play them as one story, in this order."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One call: with which path parameters, query, headers and body, and what comes back.

    ``untold``: the answer is a table, or too long to be read here.
    """

    status: int
    path: dict[str, str] = {}
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: Any = None
    answer: Any = None
    untold: bool = False


EXAMPLES: Final[Mapping[str, Example]] = msgspec.json.decode(
    Path(__file__).with_name("examples.json").read_bytes(), type=dict[str, Example]
)
"""By the name of the operation."""
