"""Measures how well terms find words, against sentences whose words linguists have marked.

``python -m load_tests.matching_accuracy FOLDER [--half develop|check] [--misses LANGUAGE]``. The folder holds
``sentences.jsonl`` with one ``{lang, id, text}`` a line, and ``terms.jsonl`` with one ``{lang, term,
as_word, inside_words}``: the ids of sentences in which the term is a word, and in which it is part of one.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from service.domain.matching import Matcher, Mode, Strictness, Term, Text


@dataclass(frozen=True, slots=True)
class MarkedTerm:
    """A term, and the sentences in which it is a word and in which it is not."""

    lang: str
    text: str
    as_word: frozenset[str]
    inside_words: frozenset[str]

    @property
    def half(self) -> str:
        """The half of the terms that this one belongs to, the same on every machine."""
        return "develop" if sha256(f"{self.lang} {self.text}".encode()).digest()[0] % 2 else "check"


@dataclass(slots=True)
class Score:
    """How many sentences were hit rightly, hit wrongly and missed, and which."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """The share of hits that are words, in per cent."""
        return 100 * self.right / max(1, self.right + len(self.wrong))

    @property
    def recall(self) -> float:
        """The share of words that are hit, in per cent."""
        return 100 * self.right / max(1, self.right + len(self.missed))

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)


def measure(terms: list[MarkedTerm], sentences: dict[str, str], strictness: Strictness) -> dict[str, Score]:
    """Look for each term in the sentences that know it, and count by language."""
    scores: dict[str, Score] = defaultdict(Score)
    for term in terms:
        score = scores[term.lang]
        ids = sorted(term.as_word | term.inside_words)
        posts = [[Text("caption", sentences[each])] for each in ids]
        for each, hits in zip(
            ids, Matcher([Term(term.text, Mode.WORD, strictness)]).hits(posts), strict=True
        ):
            told = f"{term.text}  {sentences[each]}"
            if each in term.as_word:
                score.right += bool(hits)
                score.missed += [] if hits else [told]
            elif hits:
                score.wrong.append(told)
    return scores


def main() -> None:
    """Print precision, recall and F1 for each language, strict, and what loose costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=["develop", "check"])
    parser.add_argument("--misses", metavar="LANGUAGE")
    wanted = parser.parse_args()
    sentences = {line["id"]: line["text"] for line in _lines(wanted.folder / "sentences.jsonl")}
    terms = [
        MarkedTerm(line["lang"], line["term"], frozenset(line["as_word"]), frozenset(line["inside_words"]))
        for line in _lines(wanted.folder / "terms.jsonl")
    ]
    terms = [term for term in terms if wanted.half in {None, term.half}]
    strict, loose = (measure(terms, sentences, each) for each in (Strictness.STRICT, Strictness.LOOSE))
    print("language  terms  precision  recall     F1  loose precision  loose recall")
    for lang, score in sorted(strict.items()):
        count = sum(term.lang == lang for term in terms)
        print(
            f"{lang:8}  {count:5}  {score.precision:9.2f}  {score.recall:6.2f}  {score.f1:5.2f}"
            f"  {loose[lang].precision:15.2f}  {loose[lang].recall:12.2f}"
        )
    if wanted.misses:
        for name, found in (("missed", strict), ("wrong", strict), ("wrong when loose", loose)):
            told = found[wanted.misses].missed if name == "missed" else found[wanted.misses].wrong
            print(f"\n{name}:", *told, sep="\n  ")


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


if __name__ == "__main__":
    main()
