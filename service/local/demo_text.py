"""Cuts writing in any script to a width in terminal cells, around the part that matters."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from icu4py.breakers import CharacterBreaker
from rich.cells import cell_len

from service.local.demo_calls import Reason

CUT = "…"
JOINERS = "\u200c\u200d"


class Excerpt(NamedTuple):
    """A piece of a text: what a setting found in it, and what stands before and after."""

    before: str
    hit: str
    after: str


def pad(text: str, width: int) -> str:
    """Return text as exactly ``width`` cells."""
    short = shorten(text, width)
    return short + " " * (width - cell_len(short))


def shorten(text: str, width: int) -> str:
    """Return text in at most ``width`` cells, cut at its end between what a reader calls characters."""
    shown = printable(text)
    if cell_len(shown) <= width:
        return shown
    return "".join(_as_many_as_fit(CharacterBreaker(shown, "root"), width - 1)).rstrip() + CUT


def excerpt(text: str, span: tuple[int, int], width: int) -> Excerpt:
    """Return what stands at ``span`` (code points) with as much around it as fits in ``width`` cells."""
    start, end = span
    before, hit, after = printable(text[:start]), shorten(text[start:end], width), printable(text[end:])
    room = width - cell_len(hit)
    if cell_len(before) + cell_len(after) <= room:
        return Excerpt(before, hit, after)
    for_before = max(room // 2, room - cell_len(after))
    before = _shorten_start(before, for_before)
    return Excerpt(before, hit, shorten(after, room - cell_len(before)) if room > cell_len(before) else "")


def printable(text: str) -> str:
    """Return text that cannot move a cursor, change a colour or reorder a line."""
    return "".join(_printable(text))


def _printable(text: str) -> Iterator[str]:
    for character in text:
        category = unicodedata.category(character)
        if category in {"Cc", "Zl", "Zp", "Cs"}:
            yield " "
        elif category != "Cf" or character in JOINERS:
            yield character


def has_invisible_characters(text: str) -> bool:
    """Tell whether something in a text takes no place on a screen, other than what joins letters or emoji."""
    return any(unicodedata.category(each) == "Cf" and each not in JOINERS for each in text)


def field_text(post: dict[str, Any], reason: Reason) -> str:
    """Return the text of a post that a reason's span points into; nothing where it names no field."""
    value = post.get(reason.field) if reason.field else None
    if isinstance(value, dict):
        value = value.get("text")
    if isinstance(value, list):
        value = value[reason.index or 0] if (reason.index or 0) < len(value) else None
    return value if isinstance(value, str) else ""


def summary(post: dict[str, Any]) -> str:
    """Return the first thing that a post says."""
    quoted = post.get("quoted") or {}
    said: Sequence[Any] = (
        *(post.get(field) for field in ("caption", "on_screen_text", "transcript")),
        quoted.get("text"),
        *(post.get(field) for field in ("sound_title", "alt_text")),
        " ".join(f"#{tag}" for tag in post.get("hashtags") or ()),
    )
    return next((text for text in said if text), "")


def _shorten_start(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    kept = _as_many_as_fit(reversed([*CharacterBreaker(text, "root")]), width - 1)
    return CUT + "".join(reversed([*kept])).lstrip() if width > 0 else ""


def _as_many_as_fit(characters: Iterable[str], width: int) -> Iterator[str]:
    for character in characters:
        width -= cell_len(character)
        if width < 0:
            return
        yield character
