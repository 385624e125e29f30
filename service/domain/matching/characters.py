"""Remembers what was worked out of single characters: most texts are written with a few hundred."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

_T = TypeVar("_T")

_MOST: Final = 16_384
"""Who sends every character there is must not fill the memory; all that people write on one day is fewer."""


class Remembered(dict[str, _T], Generic[_T]):
    """What a function returns for characters, worked out when each first occurs, and once more if there are too many.

    A cached function does the same, but ``map`` takes half as long with a dictionary.
    """

    def __init__(self, work: Callable[[str], _T]) -> None:
        super().__init__()
        self._work = work

    def __missing__(self, character: str) -> _T:
        if len(self) >= _MOST:
            self.clear()
        found = self[character] = self._work(character)
        return found
