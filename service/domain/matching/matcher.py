"""Finds many terms in many posts."""

from collections.abc import Callable, Sequence
from typing import Final

from service.domain.matching.finder import encoded
from service.domain.matching.likeness import skeleton
from service.domain.matching.normalising import fold
from service.domain.matching.search import Layer, Search
from service.domain.matching.terms import Hit, Term, Text
from service.domain.matching.wanted import Wanted

MATCHER_VERSION: Final = 1

_REMEMBERED_BYTES = 16_000_000


class Matcher:
    """Terms made ready to be looked for, for one viewer.

    All texts are folded, joined and scanned once by an automaton; only a text in which it sees something is
    looked at more closely. Loose terms are looked for a second time, in the skeletons of the texts.
    """

    def __init__(self, terms: Sequence[Term], allow_phrases: Sequence[str] = ()) -> None:
        wanted = [Wanted(number, term) for number, term in enumerate(terms)]
        allowed = [Wanted(number, Term(phrase)) for number, phrase in enumerate(allow_phrases)]
        self._words = Layer((pattern, each) for each in wanted for pattern in each.patterns())
        self._allowed = Layer((pattern, each) for each in allowed for pattern in each.patterns())
        self._disguises = Layer((bones, each) for each in wanted if (bones := each.bones()))

    def hits(self, posts: Sequence[Sequence[Text]]) -> list[list[Hit]]:
        """Return, for each post, the first place in each of its texts where each term stands.

        Hits are in the order of the post's texts, then of the terms. A place that lies inside an allow phrase
        is passed over.
        """
        owners = [(number, index) for number, post in enumerate(posts) for index in range(len(post))]
        texts = [text for post in posts for text in post]
        found: list[list[Hit]] = [[] for _ in posts]
        among = self.hits_among([text.value for text in texts], lambda number: texts[number].field)
        for number, hits in among.items():
            post, index = owners[number]
            found[post] += (hit._replace(text=index) for hit in hits)
        return found

    def hits_among(self, values: Sequence[str], field_at: Callable[[int], str]) -> dict[int, list[Hit]]:
        """Return the same by the number of the text, for texts laid out in one row.

        ``field_at`` tells the field of a text by its number; it is asked only where something may have been
        found, which spares a feed the making of a thousand pairs.
        """
        if not self._words and not self._disguises:
            return {}
        folded = list(map(_FOLDED.__getitem__, values))
        bones = list(map(_SKELETONS.__getitem__, values)) if self._disguises else []
        words, disguises = self._words.places(folded), self._disguises.places(bones)
        seen = sorted(words.keys() | disguises.keys())
        allowed = self._allowed.places([folded[number] for number in seen])
        found: dict[int, list[Hit]] = {}
        for position, number in enumerate(seen):
            search = Search(Text(field_at(number), values[number]), number, folded[number])
            if position in allowed:
                search.allow(self._allowed, allowed[position])
            if number in words:
                search.look_for_words(self._words, words[number])
            if number in disguises:
                search.look_for_disguises(self._disguises, bones[number], disguises[number])
            if hits := search.found():
                found[number] = hits
        return found


class _Memory(dict[str, bytes]):
    """What texts were folded to, forgotten as a whole when it grows too big.

    The same posts are shown to many viewers within minutes, and looking one up costs a tenth of folding it.
    """

    def __init__(self, make: Callable[[str], str]) -> None:
        super().__init__()
        self._make = make
        self._bytes = 0

    def __missing__(self, text: str) -> bytes:
        made = encoded(self._make(text))
        self._bytes += 2 * len(made) + _ENTRY_BYTES
        if self._bytes > _REMEMBERED_BYTES:
            self.forget()
        self[text] = made
        return made

    def forget(self) -> None:
        """Begin anew."""
        self.clear()
        self._bytes = 0


def forget_texts() -> None:
    """Forget all texts, as if the process had just begun."""
    for memory in (_FOLDED, _SKELETONS):
        memory.forget()


_ENTRY_BYTES = 200
_FOLDED = _Memory(fold)
_SKELETONS = _Memory(skeleton)
