"""The fast matcher agrees with the slow, obvious one on what chance comes up with.

A few thousand cases in every run; ``MATCHING_CASES=100000 pytest tests/domain/matching/test_reference.py`` for a
long one.
"""

import os
import random
from collections.abc import Callable

import pytest

from service.domain.matching import Matcher, Mode, Term, Text, normalise
from tests.domain.matching.reference import reference_hits

CASES = int(os.environ.get("MATCHING_CASES", "2000"))
LETTERS = [*"aabbcd", "A", "B", "é", "e\u0301", "E\u0301", "ß", "ẞ", "ss", "İ", "ж", "Ж", "й", "1", "2"]
BETWEEN = [*" -_.,'/!", "  ", "\n", "\u00a0", "\u200b", "\u00ad", "’", "🎃", "+"]
MODES = [Mode.WORD, Mode.PREFIX, Mode.SUFFIX, Mode.SUBSTRING]

Answer = Callable[[list[Term], list[str], Text], set[int]]


def fast_hits(terms: list[Term], allow_phrases: list[str], text: Text) -> set[int]:
    return {hit.term for hit in Matcher(terms, allow_phrases).hits([[text]])[0]}


def differences(answer: Answer, cases: int) -> list[tuple[list[Term], list[str], str]]:
    """Return the generated cases in which an answer is not the reference's."""
    chance = random.Random(20)
    found = []
    for _ in range(cases):
        terms = [Term(_term(chance), chance.choice(MODES)) for _ in range(chance.randint(1, 4))]
        text = Text("caption", _text(chance, chance.randint(1, 12)))
        first = chance.randrange(len(text.value))
        phrase = text.value[first : first + chance.randint(2, 8)]
        allow = [phrase] if normalise(phrase) and chance.random() < 0.3 else []
        if answer(terms, allow, text) != reference_hits(terms, allow, text):
            found.append((terms, allow, text.value))
    return found


def _text(chance: random.Random, pieces: int) -> str:
    return "".join(chance.choice(LETTERS if chance.random() < 0.75 else BETWEEN) for _ in range(pieces))


def _term(chance: random.Random) -> str:
    while not normalise(text := _text(chance, chance.randint(1, 3))):
        continue
    return text


@pytest.mark.timeout(3600)
def test_the_fast_matcher_finds_what_the_obvious_one_finds() -> None:
    assert not differences(fast_hits, CASES)


@pytest.mark.parametrize(
    "broken",
    [
        lambda terms, _, text: fast_hits(terms, [], text),
        lambda terms, allow, text: fast_hits([Term(term.text) for term in terms], allow, text),
        lambda terms, allow, text: fast_hits(
            terms, allow, Text(text.field, text.value.replace("\u200b", " "))
        ),
        lambda terms, allow, text: fast_hits(terms[:3], allow, text),
        lambda terms, _, text: {n for n, term in enumerate(terms) if term.text in text.value},
    ],
    ids=[
        "no allow phrases",
        "no modes",
        "zero-width spaces part",
        "the fourth term is lost",
        "plain substrings",
    ],
)
def test_a_broken_matcher_is_told_from_the_obvious_one(broken: Answer) -> None:
    assert differences(broken, 600)
