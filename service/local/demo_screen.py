"""Draws posts, comments and calls on a terminal, one line each, in colour or without.

What may run from right to left stands last on its line: a terminal that reorders it disturbs nothing else.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from service.local.demo_calls import Answered, Reason
from service.local.demo_text import (
    Excerpt,
    excerpt,
    field_text,
    has_invisible_characters,
    printable,
    shorten,
    summary,
)

NARROWEST, WIDEST = 72, 118
NAME_WIDTH = 19


class Verdict(NamedTuple):
    """How the line of a post or comment is marked; ``struck`` crosses its words out."""

    mark: str
    style: str
    struck: bool = False


SEEN: Final = Verdict("·", "")
KEPT: Final = Verdict("✓", "green")
LOWER: Final = Verdict("↓", "yellow")
HELD: Final = Verdict("‖", "yellow")
VEILED: Final = Verdict("!", "yellow")
GONE: Final = Verdict("✗", "red", struck=True)


class Screen:
    """A terminal that a story is told on."""

    def __init__(self, console: Console, wait: Callable[[], None]) -> None:
        self._console = console
        self._wait = wait
        self._width = max(NARROWEST, min(console.width, WIDEST))
        self._colour = console.color_system is not None
        self._steps = 0

    def title(self, text: str, below: str) -> None:
        """Say what is about to be played."""
        self._line(Text(text, "bold"))
        self._line(Text(below, "dim"))

    def step(self, heading: str) -> None:
        """Begin the next step, after Enter where the reader asked for that."""
        if self._steps:
            self._wait()
        self._steps += 1
        number = f" {self._steps} "
        self._line(Text.assemble("\n", (number, "bold white on blue"), ("  " + heading, "bold")))

    def call(self, method: str, path: str, answered: Answered, about: str = "") -> None:
        """Show a call that was made, its answer's status and how long it took."""
        took = f"{answered.milliseconds:.0f} ms"
        line = Text.assemble(
            "    ",
            (f"{method} {path}", "cyan"),
            ("  → ", "dim"),
            (f"{answered.status}", "green"),
            (f" in {took}", "bold"),
        )
        self._line(line.append(f"   {about}" if about else "", "dim"))

    def say(self, text: str, style: str = "") -> None:
        """Say a sentence between the lines."""
        self._line(Text("    " + text, style))

    def post(self, verdict: Verdict, lead: str, aside: str, words: Excerpt) -> None:
        """Show one post or comment: whose it is, why it is here, and the words that tell."""
        line = Text.assemble("    ", (verdict.mark, f"bold {verdict.style}"), " ", (lead, "dim"), " ")
        self._line(line.append(aside, verdict.style).append_text(self._words(words, verdict)))

    def room(self, lead: str, aside: str) -> int:
        """Return how many cells a line has left for words."""
        brackets = 0 if self._colour else 2
        return self._width - 7 - cell_len(lead) - cell_len(aside) - brackets

    def command(self, text: str) -> None:
        """Show a command to copy: alone on its line and never broken."""
        self._console.print(Text("\n" + text, "cyan"), soft_wrap=True)

    def _words(self, words: Excerpt, verdict: Verdict) -> Text:
        around = "dim strike" if verdict.struck else ""
        hit = f"[{words.hit}]" if words.hit and not self._colour else words.hit
        return Text.assemble(
            (words.before, around), (hit, f"bold underline {verdict.style}"), (words.after, around)
        )

    def _line(self, line: Text) -> None:
        self._console.print(line, soft_wrap=True)


def words_that_tell(post: dict[str, Any], reason: Reason | None, *, room: int) -> Excerpt:
    """Return what a setting found in a post, else the first thing the post says."""
    found = field_text(post, reason) if reason and reason.span else ""
    if found and reason and reason.span:
        return excerpt(found, reason.span, room)
    return Excerpt(shorten(summary(post), room), "", "")


def place_of(post: dict[str, Any], reason: Reason) -> str:
    """Name where a keyword was found, and the trick by which it tried not to be."""
    where = (reason.field or "").replace("_", " ")
    start, end = reason.span or (0, 0)
    if has_invisible_characters(field_text(post, reason)[start:end]):
        return f"{where}, zero-width"
    return f"{where}, disguised" if reason.evasion else where


def code_of(reason: Reason) -> str:
    """Name a reason by its code, with the field where it has one."""
    return printable(f"{reason.code} {reason.field}" if reason.field else reason.code)
