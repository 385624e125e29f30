"""Signs what schemathesis sends, as one user after another: nobody's allowance of edits is spent before the end."""

import json
import math
import os
from itertools import count
from pathlib import Path
from typing import Any, Final

import msgspec
import schemathesis

TOKENS: Final = "SCHEMA_FUZZ_TOKENS"
"""The name of the file of tokens, in the environment."""
CALLS_IN_A_ROW: Final = 40
"""How many calls the same user makes, so that what was made can be read and removed again."""

_tokens: Final[list[str]] = json.loads(Path(os.environ[TOKENS]).read_text()) if TOKENS in os.environ else []
_calls = count()


@schemathesis.auth(refresh_interval=None)
class InTurns:
    """Gives each call the token of whoever's turn it is."""

    def get(self, case: Any, context: Any) -> str:
        """Return the token of the next call."""
        del case, context
        return _tokens[next(_calls) // CALLS_IN_A_ROW % len(_tokens)]

    def set(self, case: Any, data: str, context: Any) -> None:
        """Sign a call."""
        del context
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.serializer("application/msgpack")
def pack(context: Any, value: Any) -> bytes:
    """Write a body as msgpack; numbers that it has no room for go as floating ones, which are as wrong."""
    del context
    return msgspec.msgpack.encode(_packable(value))


def _packable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _packable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_packable(inner) for inner in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return math.inf if value > 0 else -math.inf
    return value


@schemathesis.deserializer("application/msgpack")
def unpack(context: Any, response: Any) -> Any:
    """Read an answer that came as msgpack."""
    del context
    return msgspec.msgpack.decode(response.content)
