"""A slow, obvious matcher for the strict rules of scripts that put spaces: the fast one must agree with it.

It shares no code with the fast one but ``normalise``: it tries every stretch of the original text, keeps those
that normalise to the term, and looks at the characters beside them.
"""

import unicodedata
from collections.abc import Sequence

from service.domain.matching import Mode, Term, Text, normalise


def reference_hits(terms: Sequence[Term], allow_phrases: Sequence[str], text: Text) -> set[int]:
    """Return the indexes of the terms that a text hits."""
    allowed = [span for phrase in allow_phrases for span in _spans(Term(phrase), text.value)]
    return {
        number
        for number, term in enumerate(terms)
        if any(
            not any(first <= start and end <= last for first, last in allowed)
            for start, end in _spans(term, text.value)
        )
    }


def _spans(term: Term, value: str) -> list[tuple[int, int]]:
    wanted = normalise(term.text)
    found = []
    for start in range(len(value)):
        for end in range(start + 1, min(len(value), start + 3 * len(wanted) + 8) + 1):
            stretch = value[start:end]
            if _is_space(stretch[0]) or _is_space(stretch[-1]):
                continue
            if normalise(stretch) == wanted and _may_stand(term.mode, wanted, value, start, end):
                found.append((start, end))
    return found


def _may_stand(mode: Mode, wanted: str, value: str, start: int, end: int) -> bool:
    before, after = _last(value[:start]), _first(value[end:])
    if _is_mark(after) or _is_mark(_first(value[start:])):
        return False
    if mode in {Mode.WORD, Mode.PREFIX} and wanted[0].isalnum() and before.isalnum():
        return False
    return not (mode in {Mode.WORD, Mode.SUFFIX} and _ends_in_letter(wanted) and after.isalnum())


def _last(value: str) -> str:
    while value and not normalise(value[-1]) and not _is_space(value[-1]):
        value = value[:-1]
    return " " if value and _is_space(value[-1]) else normalise(value)[-1:]


def _first(value: str) -> str:
    while value and not normalise(value[0]) and not _is_space(value[0]):
        value = value[1:]
    return " " if value and _is_space(value[0]) else normalise(value)[:1]


def _is_space(character: str) -> bool:
    return character.isspace() or character in "-_"


def _ends_in_letter(wanted: str) -> bool:
    return wanted[-1].isalnum() or _is_mark(wanted[-1])


def _is_mark(character: str) -> bool:
    return bool(character) and unicodedata.category(character)[0] == "M"
