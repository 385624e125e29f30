"""Remembers what was made of closed cells alone: it stays true until more is closed."""

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar, cast

REMEMBERED: Final = 200
"""As many answers as some analysts look at; each holds up to 400 rows."""

Answer = TypeVar("Answer")


class ClosedAnswers:
    """Answers after the newest close, by what was asked; may be used from many threads."""

    def __init__(self) -> None:
        self._held: tuple[int, dict[Hashable, Any]] = (0, {})

    def answer(self, closings: int, asked: Hashable, work_out: Callable[[], Answer]) -> Answer:
        """Return what was worked out when the same was asked after as many closings, else work it out."""
        closings_before, answers = self._held
        if closings_before != closings or len(answers) >= REMEMBERED:
            answers = {}
            self._held = closings, answers
        if asked not in answers:
            answers[asked] = work_out()
        return cast("Answer", answers[asked])
