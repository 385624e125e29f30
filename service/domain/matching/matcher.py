"""Finds many terms in many posts."""

import re
from collections.abc import Sequence
from itertools import starmap

from service.domain.matching.normalising import normalise
from service.domain.matching.terms import Hit, Mode, Term, Text

MATCHER_VERSION = 1

_BOUNDED_LEFT = {Mode.WORD, Mode.PREFIX}
_BOUNDED_RIGHT = {Mode.WORD, Mode.SUFFIX}


class Matcher:
    """Terms made ready to be looked for, for one viewer."""

    def __init__(self, terms: Sequence[Term], allow_phrases: Sequence[str] = ()) -> None:
        self._patterns = [_pattern(term) for term in terms]
        self._allowed = [_pattern(Term(phrase)) for phrase in allow_phrases]

    def hits(self, posts: Sequence[Sequence[Text]]) -> list[list[Hit]]:
        """Return the hits in each post, in the order of the posts."""
        return [[hit for found in starmap(self._in_text, enumerate(post)) for hit in found] for post in posts]

    def _in_text(self, index: int, text: Text) -> list[Hit]:
        allowed = [found.span() for pattern in self._allowed for found in pattern.finditer(text.value)]
        return [
            Hit(number, index, *found.span(), evasion=False)
            for number, pattern in enumerate(self._patterns)
            for found in pattern.finditer(text.value)
            if not any(start <= found.start() and found.end() <= end for start, end in allowed)
        ]


def _pattern(term: Term) -> re.Pattern[str]:
    spaced = r"[\s_\-]+".join(re.escape(word) for word in normalise(term.text).split(" "))
    left = r"(?<![^\W_])" if term.mode in _BOUNDED_LEFT else ""
    right = r"(?![^\W_])" if term.mode in _BOUNDED_RIGHT else ""
    return re.compile(left + spaced + right, re.IGNORECASE)
