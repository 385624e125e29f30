"""Waiting for what is bound to happen, as long as the slowest machine needs; it costs nothing where all is well."""

import time
from collections.abc import Callable

LONGEST_SECONDS = 60.0
PAUSE_SECONDS = 0.02


def comes_true(holds: Callable[[], bool]) -> bool:
    """Tell whether something holds before long."""
    give_up = time.monotonic() + LONGEST_SECONDS
    while not holds():
        if time.monotonic() > give_up:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    assert comes_true(holds), "it never came true"
