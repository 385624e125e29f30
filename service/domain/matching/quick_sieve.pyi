from collections.abc import Iterable, Sequence
from typing import Self

from service.domain.matching.sieve import Shown

SOURCE: str
DROPPED: int
EDGE: int
ODD: int
SEVERAL: int

class Chart:
    def __new__(cls, table: memoryview, letters: dict[int, bytes], is_squeezed: bool) -> Self: ...

class Sieve:
    def __new__(cls, chart: Chart, patterns: Iterable[str]) -> Self: ...
    def left(self, texts: Sequence[str]) -> dict[int, Shown]: ...
