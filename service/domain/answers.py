"""Answers that are given once: repeated under the same key, a request changes nothing and is answered alike."""

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from service.domain.refusals import InvalidValue, Refusal

ANSWERS_KEPT_FOR: Final = timedelta(hours=24)
"""Longer than a phone keeps retrying what its owner did; afterwards the same key is a new request."""

KEY_LENGTH: Final = 255
_KEY: Final = re.compile(rf"[\x21-\x7e]{{1,{KEY_LENGTH}}}")


class KeyReused(Refusal):
    """A key comes again with another request than the one it was made for."""

    code = "idempotency-key-reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key belongs to another request; make a new one for each.")


class StillInFlight(Refusal):
    """The first request under a key has not been answered yet."""

    code = "request-in-flight"

    def __init__(self) -> None:
        super().__init__("The same request is being answered right now; ask again in a moment.")
        self.headers = {"Retry-After": "1"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller is told: status, the headers that belong to the answer itself, and the bytes of the body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class AskedOnce:
    """A request that its caller may send again: the caller's key for it, and what tells it from another request."""

    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class RememberedAnswer:
    """The answer that was given under a key, and the fingerprint of the request it belongs to."""

    fingerprint: bytes
    answer: Answer


def asked_once(key: str, *parts_of_request: bytes) -> AskedOnce:
    """Return a request under its key; refuse keys that are no plain word of at most 255 characters."""
    if not _KEY.fullmatch(key):
        raise InvalidValue("Idempotency-Key", f"is 1 to {KEY_LENGTH} visible ASCII characters")
    digest = hashlib.sha256()
    for part in parts_of_request:
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return AskedOnce(key, digest.digest())


def require_same_request(earlier: RememberedAnswer, asked: AskedOnce) -> None:
    """Refuse a key that was given to another request."""
    if earlier.fingerprint != asked.fingerprint:
        raise KeyReused
