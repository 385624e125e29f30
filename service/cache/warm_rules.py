"""Rules that this process has made ready before, so that it need not decode and build them again."""

import threading
from collections import OrderedDict
from typing import Final, NamedTuple

from service.cache.rules_codec import HEAD_LENGTH
from service.domain.decisions import ReadyRules
from service.domain.people import UserId

LIMIT_BYTES: Final = 64 * 1024 * 1024
BYTES_PER_VIEWER: Final = 4096
BYTES_PER_ENTRY_BYTE: Final = 12


class _Held(NamedTuple):
    head: bytes
    ready: ReadyRules
    weight: int


class WarmRules:
    """The viewers seen last, by what they weigh in memory.

    Nothing here is used on its own word: only while Redis holds an entry with the very same head (version,
    matcher and checksum) does ``find`` return what was made of it.
    """

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._weight = 0
        self._held: OrderedDict[UserId, _Held] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, user_id: UserId, entry: bytes) -> ReadyRules | None:
        """Return what was made of an entry with this head."""
        with self._lock:
            held = self._held.get(user_id)
            if not held or not entry.startswith(held.head):
                return None
            self._held.move_to_end(user_id)
            return held.ready

    def hold(self, user_id: UserId, entry: bytes, ready: ReadyRules) -> None:
        """Hold what was made of an entry, and let go of whoever was not seen for longest."""
        weight = BYTES_PER_VIEWER + BYTES_PER_ENTRY_BYTE * len(entry)
        with self._lock:
            self._let_go(user_id)
            if weight > self._limit:
                return
            self._held[user_id] = _Held(entry[:HEAD_LENGTH], ready, weight)
            self._weight += weight
            while self._weight > self._limit:
                self._let_go(next(iter(self._held)))

    def __len__(self) -> int:
        return len(self._held)

    def _let_go(self, user_id: UserId) -> None:
        held = self._held.pop(user_id, None)
        if held:
            self._weight -= held.weight
