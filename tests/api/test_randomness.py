"""Random bytes that are drawn many at a time stay as good as those drawn one by one."""

import os
from collections.abc import Callable
from itertools import count

import pytest

from service.api.randomness import DRAWN_AT_ONCE, Randomness


class Numbered:
    """Draws bytes that tell which draw they come from."""

    def __init__(self) -> None:
        self._draws = count(1)

    def __call__(self, length: int) -> bytes:
        """Return so many bytes of one draw."""
        return bytes([next(self._draws)]) * length


def test_no_byte_is_given_twice() -> None:
    randomness = Randomness(lambda length: bytes(place % 251 for place in range(length)))

    given = b"".join(randomness.some(8) for _ in range(DRAWN_AT_ONCE // 8))

    assert given == bytes(place % 251 for place in range(DRAWN_AT_ONCE))


def test_what_does_not_fit_the_rest_comes_whole_from_the_next_draw() -> None:
    randomness = Randomness(Numbered())
    randomness.some(DRAWN_AT_ONCE - 3)

    assert randomness.some(8) == b"\x02" * 8


def first_byte_in_a_child(some: Callable[[int], bytes]) -> bytes:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, some(1))
        os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    with os.fdopen(read, "rb") as told:
        return told.read()


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning"
)  # Python 3.12 warns of threads; pytest's own run here
def test_a_forked_process_gives_bytes_of_its_own() -> None:
    randomness = Randomness(Numbered())
    assert randomness.some(1) == b"\x01"

    assert first_byte_in_a_child(randomness.some) == b"\x02"
