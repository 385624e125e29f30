"""Leaves a server alone that does not answer, so that everybody else stops paying for it."""

import threading
import time
from collections.abc import Callable
from typing import Final

FAILURES_THAT_OPEN: Final = 3
FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 2.0


class Breaker:
    """Leaves a server alone after it failed, and lets one call at a time try whether it is back.

    Opens after three failures in a row, or one that cost a whole timeout: a request makes up to three calls and
    may spend one timeout on them, not three. The pause doubles from 0.25 s up to 2 s while tries keep failing.
    """

    def __init__(
        self, *, failures: int = FAILURES_THAT_OPEN, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = failures
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._pause = FIRST_PAUSE_SECONDS
        self._open = False
        self._next_try = 0.0

    @property
    def is_open(self) -> bool:
        """Whether calls are being refused, save for one try after each pause."""
        return self._open

    def allows(self) -> bool:
        """Tell whether to call now; while open, True once a pause, for the call that tries.

        The next pause begins with the try, so one that never reports back does no harm.
        """
        if not self._open:
            return True
        with self._lock:
            now = self._clock()
            if self._open and now < self._next_try:
                return False
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
            self._next_try = now + self._pause
            return True

    def allows_at_last(self) -> bool:
        """Tell whether to call now where nobody else is left to ask: also while the first pause lasts.

        One timeout may be a hiccup, of the server or of this process; whoever fails the try after the pause is down.
        """
        return not self._open or self._pause == FIRST_PAUSE_SECONDS

    def note_success(self) -> bool:
        """Close; tell whether it was open."""
        if not self._failures:
            return False
        with self._lock:
            was_open = self._open
            self._failures, self._open = 0, False
            return was_open

    def note_failure(self, *, slow: bool) -> bool:
        """Count a failure; tell whether it opened what was closed."""
        with self._lock:
            self._failures = self._limit if slow else self._failures + 1
            if self._open or self._failures < self._limit:
                return False
            self._open = True
            self._pause = FIRST_PAUSE_SECONDS
            self._next_try = self._clock() + self._pause
            return True
