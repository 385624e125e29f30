"""Rules that this process has made ready before, so that it need not decode and build them again."""

import threading
from collections import OrderedDict
from typing import Final, NamedTuple

from service.cache.rules_codec import HEAD_LENGTH
from service.domain.decisions import ReadyRules
from service.domain.people import UserId

LIMIT_BYTES: Final = 128 * 1024 * 1024
# Measured as resident memory after a page, as load_tests.viewer_costs does: Python alone would tell of half. A block
# of a random id, of which an entry takes 8 bytes, takes 100; a term 0.8 KB, 1.1 where disguises are looked for, and a
# quarter more once a text comes that only an automaton can read.
BYTES_PER_VIEWER: Final = 4 * 1024
BYTES_PER_ENTRY_BYTE: Final = 13
BYTES_PER_TERM: Final = 1_408


class Warm(NamedTuple):
    """What was made of one entry."""

    head: bytes
    ready: ReadyRules
    entry_length: int

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""
        terms = sum(len(rule.terms) for rule in self.ready.rules.filters)
        return BYTES_PER_VIEWER + BYTES_PER_ENTRY_BYTE * self.entry_length + BYTES_PER_TERM * terms


class WarmRules:
    """The viewers seen last, by what they weigh in memory.

    Nothing here may be used on its own word: only while Redis holds an entry with the very same head (version,
    matcher and checksum).
    """

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._weight = 0
        self._held: OrderedDict[UserId, Warm] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, user_id: UserId) -> Warm | None:
        """Return what was made of the entry that this process saw last."""
        with self._lock:
            held = self._held.get(user_id)
            if held:
                self._held.move_to_end(user_id)
            return held

    def hold(self, user_id: UserId, entry: bytes, ready: ReadyRules) -> None:
        """Hold what was made of an entry, and let go of whoever was not seen for longest."""
        warm = Warm(entry[:HEAD_LENGTH], ready, len(entry))
        with self._lock:
            self._let_go(user_id)
            if warm.weight > self._limit:
                return
            self._held[user_id] = warm
            self._weight += warm.weight
            while self._weight > self._limit:
                self._let_go(next(iter(self._held)))

    def __len__(self) -> int:
        return len(self._held)

    def _let_go(self, user_id: UserId) -> None:
        held = self._held.pop(user_id, None)
        if held:
            self._weight -= held.weight
