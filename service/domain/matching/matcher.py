"""Finds many terms in many posts."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, chain
from typing import Final

from service.domain.matching.charts import bones_chart
from service.domain.matching.edges import forget_boundaries
from service.domain.matching.layers import Layer
from service.domain.matching.outlines import Row
from service.domain.matching.search import Looks, Search, forget_letters
from service.domain.matching.terms import Hit, Term, Text
from service.domain.matching.wanted import LookedFor

MATCHER_VERSION: Final = 3
"""Raised whenever a verdict changes: rules that were cached under another are read again."""
LOOKS_AT_MOST: Final = 50_000
LOOKS_FOR_DISGUISES_AT_MOST: Final = 20_000
"""Places at which all texts of a call are looked at closely. A thousand common words in a page of 500 posts take 2,300
and 14,000; a thousand strings of two letters, in as many posts that hold no others, 200,000 and millions."""


class Matcher:
    """Terms made ready to be looked for, for one viewer.

    A sieve passes over all texts at once; only those that it leaves are folded and looked at more closely. Loose
    terms are looked for a second time, in the skeletons of the texts that a sieve of their own leaves.
    """

    def __init__(
        self,
        terms: Sequence[Term],
        allow_phrases: Sequence[str] = (),
        *,
        alternatives: Iterable[range] = (),
    ) -> None:
        """Make terms ready; of ``alternatives``, indexes of terms in a row, a text shows no more than the first."""
        looked_for = LookedFor(terms, alternatives)
        self._words = Layer(looked_for.patterns(), looked_for)
        self._disguises = Layer(looked_for.bones(), looked_for, bones_chart, is_costly=True)
        allowed = LookedFor([Term(phrase) for phrase in allow_phrases])
        self._allowed = Layer(allowed.patterns(), allowed)

    def hits(self, posts: Sequence[Sequence[Text]]) -> list[list[Hit]]:
        """Return, for each post, the first place in each of its texts where each term stands.

        Hits are in the order of the post's texts, then of the terms. A place that lies inside an allow phrase
        is passed over.
        """
        starts = [0, *accumulate(map(len, posts))]
        texts = [*chain.from_iterable(posts)]
        found: list[list[Hit]] = [[] for _ in posts]
        among = self.hits_among([value for _, value in texts], lambda number: texts[number].field)
        for number, hits in among.items():
            post = bisect_right(starts, number) - 1
            index = number - starts[post]
            found[post] += [Hit(hit.term, index, hit.start, hit.end, hit.evasion) for hit in hits]
        return found

    def hits_among(self, values: Sequence[str], field_at: Callable[[int], str]) -> dict[int, list[Hit]]:
        """Return the same by the number of the text, for texts laid out in one row.

        ``field_at`` tells the field of a text by its number; it is asked only where something may have been
        found, which spares a feed the making of a thousand pairs. Raises ``TooManyLooks`` where texts show terms
        at more places than are looked at: the same texts and terms always do.
        """
        row = Row(values)
        words, disguises = self._words.left(row), self._disguises.left(row)
        found: dict[int, list[Hit]] = {}
        looks, looks_for_disguises = Looks(LOOKS_AT_MOST), Looks(LOOKS_FOR_DISGUISES_AT_MOST)
        for number in sorted({*words, *disguises}):
            search = Search(field_at(number), values[number], number, self._allowed)
            if number in words:
                search.look_for_words(self._words, words[number], looks)
            if number in disguises:
                search.look_for_disguises(self._disguises, disguises[number], looks_for_disguises)
            if hits := search.found():
                found[number] = hits
        return found


def forget_texts() -> None:
    """Forget all texts, as if the process had just begun."""
    forget_letters()
    forget_boundaries()
