"""The sieve in C, for where it was compiled: it takes half of numpy's time for a page, and a twentieth to be made.

``service/local/compiling.py`` compiles ``quick_sieve.c`` beside it, for ``./dev`` and for the container. Where there
was no compiler the sieve of ``sieve.py`` does the same work; both leave every text in which a pattern stands.
"""

from collections.abc import Callable, Iterable
from functools import cache, cached_property
from typing import Protocol

from service.domain.matching.charts import Chart, letters_chart
from service.domain.matching.outlines import Row
from service.domain.matching.sieve import Shown, Sieve

try:
    from service.domain.matching import quick_sieve
except ImportError:  # not compiled, or not for this kind of machine
    IS_COMPILED = False
else:
    IS_COMPILED = True


class AnySieve(Protocol):
    """What tells which of many texts may contain any of some patterns."""

    def left(self, row: Row) -> dict[int, Shown]:
        """Return what the texts that need a closer look may contain, by their number."""
        ...


class QuickSieve:
    """Patterns made ready to tell which of many texts may contain any of them, by the compiled sieve."""

    def __init__(self, patterns: Iterable[str], chart: Callable[[], Chart] = letters_chart) -> None:
        self._patterns = (*patterns,)
        self._chart = chart

    def left(self, row: Row) -> dict[int, Shown]:
        """Return what the texts that need a closer look may contain, by their number; no other contains a pattern."""
        return self._ready.left(row.texts)

    @cached_property
    def _ready(self) -> "quick_sieve.Sieve":
        """The patterns in the form in which they are looked for; made for the first feed that needs it."""
        return quick_sieve.Sieve(quick_chart(self._chart), self._patterns)


def sieve_for(patterns: Iterable[str], chart: Callable[[], Chart] = letters_chart) -> AnySieve:
    """Return the quicker sieve that this machine has."""
    return QuickSieve(patterns, chart) if IS_COMPILED else Sieve(patterns, chart)


@cache
def quick_chart(chart: Callable[[], Chart]) -> "quick_sieve.Chart":
    """Return a chart as the compiled sieve reads it."""
    drawn = chart()
    return quick_sieve.Chart(drawn.table.data, drawn.letters, drawn.is_squeezed)
