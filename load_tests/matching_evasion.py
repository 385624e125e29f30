"""Measures how many disguises of a term the matcher sees through: ``python -m load_tests.matching_evasion``.

Then every word of four letters or more in 10,000 clean sentences becomes a loose term, and what loose finds beyond
strict is a new hit in clean text. ``--clean FILE`` names more sentences, as lines of ``{"text": …}``. Words that
differ by accents or inner hyphens alone are the same to loose, as it promises: these hits are told apart.
"""

import argparse
import json
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

from confusable_homoglyphs import confusables

from load_tests.clean_text import clean_sentences
from service.domain.matching import Hit, Matcher, Mode, Strictness, Term, Text, normalise, parse_term
from service.domain.matching.likeness import base_of

TERMS: Final = """
    spam scam hate racist terror cocaine heroin gambling casino lottery bitcoin forex ponzi phishing
    malware ransom violence murder stalker bully harass threat suicide anorexia thinspo bulimia selfharm
    cutting overdose steroid vaping tobacco whiskey vodka diet detox spoiler finale leaks cheats hacker
    doxxing swatting grooming creeper nudity escort stripper fetish incel misogyny bigot fascist
    genocide jihad extremist supremacy propaganda hoax
""".split()  # noqa: SIM905  a list of sixty literals hides the words
SENTENCES: Final = ("{}", "so much {} here", "I said: {}, again", "wow {} 🎉")

CLEAN: Final = 10_000

_INVISIBLE: Final = "".join(
    chr(code)
    for code in (
        *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
        *range(0x180B, 0x1810),
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10),
        *range(0xFFF0, 0xFFF9),
        *range(0x1BCA0, 0x1BCA4),
        *range(0x1D173, 0x1D17B),
        *range(0xE0000, 0xE1000, 16),
    )
)
_STYLES: Final = {
    "bold": 0x1D41A, "italic": 0x1D44E, "script": 0x1D4EA, "fraktur": 0x1D586, "sans": 0x1D5BA,
    "monospace": 0x1D68A, "full width": 0xFF41, "circled": 0x24D0, "parenthesised": 0x249C,
}  # fmt: skip
_LEET: Final = {"o": "0", "i": "1!|", "l": "1|", "e": "3", "a": "4@", "s": "5$", "t": "7", "b": "8"}
_MARKS: Final = "\u0300\u0301\u0303\u0308\u0323\u0327\u0336\u0337\u0338\u20d2"
_SEPARATORS: Final = " .-_*/,~•|"

Disguise = Callable[[str, random.Random], str]


def invisible(term: str, chance: random.Random) -> str:
    """Put default-ignorable characters between the letters."""
    return "".join(letter + chance.choice(_INVISIBLE) for letter in term[:-1]) + term[-1]


def directed(term: str, chance: random.Random) -> str:
    """Wrap a part in direction controls."""
    cut = chance.randrange(1, len(term))
    opening, closing = chance.choice("\u202a\u202d\u2066\u2068"), chance.choice("\u202c\u2069")
    return term[:cut] + opening + term[cut:] + closing


def styled(term: str, chance: random.Random) -> str:
    """Write the letters in a compatibility style."""
    first = chance.choice(list(_STYLES.values()))
    styled = [chr(first + ord(letter) - ord("a")) if letter.isalpha() else letter for letter in term]
    return "".join(
        new if unicodedata.normalize("NFKC", new) == old else old
        for new, old in zip(styled, term, strict=True)
    )


def marked(term: str, chance: random.Random) -> str:
    """Pile combining marks on the letters."""
    return "".join(letter + "".join(chance.choices(_MARKS, k=chance.randint(0, 3))) for letter in term)


def confused(term: str, chance: random.Random) -> str:
    """Replace one letter or more with what Unicode lists as confusable."""
    letters = list(term)
    replaceable = [at for at, letter in enumerate(letters) if _lookalikes(letter)]
    for at in chance.sample(replaceable, chance.randint(1, len(replaceable))):
        letters[at] = chance.choice(_lookalikes(letters[at]))
    return "".join(letters)


def leet(term: str, chance: random.Random) -> str:
    """Replace one letter or more with a digit or sign."""
    letters = list(term)
    replaceable = [at for at, letter in enumerate(letters) if letter in _LEET]
    for at in chance.sample(replaceable, chance.randint(1, len(replaceable))):
        letters[at] = chance.choice(_LEET[letters[at]])
    return "".join(letters)


def spaced(term: str, chance: random.Random) -> str:
    """Put the same separator between all letters."""
    return chance.choice(_SEPARATORS).join(term)


def drawn_out(term: str, chance: random.Random) -> str:
    """Repeat one letter or more, three times at least."""
    drawn = chance.sample(range(len(term)), chance.randint(1, len(term)))
    return "".join(letter * (chance.randint(3, 6) if at in drawn else 1) for at, letter in enumerate(term))


DISGUISES: Final[dict[str, tuple[Disguise, float]]] = {
    "invisible": (invisible, 99.5),
    "direction controls": (directed, 99.5),
    "compatibility letters": (styled, 99.5),
    "combining marks": (marked, 99.5),
    "confusables": (confused, 95),
    "leet": (leet, 95),
    "spacing": (spaced, 95),
    "repeats": (drawn_out, 95),
}
"""What can be done to a term, and the share in per cent that is to be found."""


def variants(
    disguise: Disguise, rounds: int, terms: tuple[str, ...] | list[str] = TERMS
) -> list[tuple[str, str]]:
    """Return terms with disguised sentences, the same at every call, and none that is not disguised."""
    chance = random.Random(50)
    found = {}
    for term in terms:
        for _ in range(rounds):
            hidden = disguise(term, chance)
            if hidden != term:
                found[chance.choice(SENTENCES).format(hidden)] = term
    return [(term, text) for text, term in found.items()]


def missed(pairs: list[tuple[str, str]], strictness: Strictness = Strictness.LOOSE) -> list[tuple[str, str]]:
    """Return the pairs in which the term is not found."""
    matchers = {term: Matcher([Term(term, Mode.WORD, strictness)]) for term, _ in pairs}
    return [(term, text) for term, text in pairs if not matchers[term].hits([[Text("caption", text)]])[0]]


def new_hits_in_clean(sentences: list[str]) -> list[tuple[str, str]]:
    """Make every longer word of the sentences a loose term; return what only loose finds."""
    words = {normalise(word) for text in sentences for word in re.findall(r"\w{4,30}", text)}
    terms = [parse_term(word) for word in sorted(words) if word]
    found = []
    for first in range(0, len(terms), 2_000):
        matcher = Matcher(terms[first : first + 2_000])
        hits = matcher.hits([[Text("caption", text)] for text in sentences])
        found += list(_evasions(terms[first:], sentences, hits))
    return found


def _evasions(terms: list[Term], sentences: list[str], found: list[list[Hit]]) -> Iterator[tuple[str, str]]:
    for text, hits in zip(sentences, found, strict=True):
        for hit in hits:
            if hit.evasion:
                yield terms[hit.term].text, text[hit.start : hit.end]


class Likeness(StrEnum):
    """Why loose takes a stretch of clean text for a term."""

    ACCENTS = "accents"
    HYPHENS = "inner hyphens"
    NONE = "nothing that it promises"


def likeness(term: str, covered: str) -> Likeness:
    """Tell what alone a term and a stretch of text differ by."""
    bare = ["".join(map(base_of, normalise(each))) for each in (term, covered)]
    if bare[0] == bare[1]:
        return Likeness.ACCENTS
    if "-" in covered + term and bare[0].replace(" ", "") == bare[1].replace(" ", ""):
        return Likeness.HYPHENS
    return Likeness.NONE


def _lookalikes(letter: str) -> list[str]:
    listed = [each["c"].strip("\u200e") for case in (letter, letter.upper()) for each in _listed(case)]
    return [each for each in listed if len(each) == 1 and not each.isascii()]


def _listed(letter: str) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = confusables.confusables_data.get(letter, [])
    return listed


def main() -> None:
    """Print the share of each kind of disguise that is found, and the new hits in clean text."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12, help="variants of each term and kind")
    parser.add_argument("--clean", type=Path, help="more sentences, as lines of JSON")
    parser.add_argument("--misses", action="store_true")
    wanted = parser.parse_args()
    for name, (disguise, goal) in DISGUISES.items():
        pairs = variants(disguise, wanted.rounds)
        lost = missed(pairs)
        share = 100 * (1 - len(lost) / len(pairs))
        print(
            f"{name:22} {len(pairs):5} variants of {len(TERMS)} terms, {share:6.2f} % found (wanted {goal})"
        )
        if wanted.misses:
            print(*lost[:30], sep="\n")
    _print_new_hits([*clean_sentences(CLEAN), *(_read(wanted.clean) if wanted.clean else [])])


def _print_new_hits(sentences: list[str]) -> None:
    new = new_hits_in_clean(sentences)
    print(f"clean: {len(sentences)} sentences, {len(sentences) - len(set(sentences))} of them twice")
    for each in Likeness:
        pairs = Counter(pair for pair in new if likeness(*pair) is each)
        wanted = " (wanted 0)" if each is Likeness.NONE else ""
        print(f"hits in words that differ by {each}: {pairs.total()}{wanted} {pairs.most_common(4)}")


def _read(file: Path) -> list[str]:
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


if __name__ == "__main__":
    main()
