"""Measures the matcher as ratios: ``python -m load_tests.matching_speed [--sentences FILE]``.

200 posts of 140 characters in ten scripts, made of the sentences below or of a file of ``{"text": …}`` lines.
``raw`` is the automaton library alone, reading the same folded text with the same terms. The figures of a line
are taken in turns in one run, in processor time, and the median of each counts.
"""

import argparse
import json
import random
import re
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Final

from ahocorasick_rs import AhoCorasick

from service.domain.matching import Matcher, Mode, Strictness, Term, Text, normalise, parse_term
from service.domain.matching.matcher import forget_texts

POSTS: Final = 200
CHARACTERS: Final = 140
TURNS: Final = 41
SENTENCES: Final = (
    "The ferry leaves at nine, and whoever misses it has to wait for the one after lunch.",
    "Am Sonntag haben wir im Garten Äpfel gepflückt und danach einen großen Kuchen gebacken.",
    "Завтра мы поедем к бабушке, если дождь наконец перестанет и дорога высохнет.",
    "Dün akşam sahilde yürürken eski bir arkadaşıma rastladım, çok şaşırdım.",
    "ذهبنا إلى السوق في الصباح واشترينا الخضار والفواكه للعائلة.",
    "कल शाम को हम सब नदी के किनारे बैठकर पुराने गीत गा रहे थे।",
    "어제는 친구들과 함께 새로 생긴 식당에서 맛있는 국수를 먹었다.",
    "เมื่อวานฉันไปตลาดกับแม่แล้วซื้อผลไม้กลับบ้านเยอะมาก",
    "昨日は友達と新しいカフェでケーキを食べて、とても楽しかったです。",
    "週末我們一起去爬山，山頂的風景非常漂亮，大家都拍了很多照片。",
    "J'ai retrouvé la vieille maison où mon grand-père réparait des vélos 🚲 #souvenirs",
)

Work = Callable[[], object]


def main() -> None:
    """Print each ratio with the figure that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=Path)
    chosen = parser.parse_args()
    sentences = _texts(chosen.sentences) if chosen.sentences else list(SENTENCES)
    words = _words(sentences)
    posts = _posts(words)
    for strictness, wanted in ((Strictness.STRICT, 4), (Strictness.LOOSE, 8)):
        for known in (5, 25, 50):
            _compare_with_raw(strictness, wanted, _terms(words, 100, strictness, known=known), posts)
    _compare_terms(words, posts)
    _compare_building(words)
    for name, make in HOSTILE.items():
        _compare_growth(name, make)


def _compare_with_raw(
    strictness: Strictness, wanted: int, terms: list[Term], posts: list[list[Text]]
) -> None:
    matcher = Matcher(terms)
    folded = "\n".join(normalise(text.value) for post in posts for text in post)
    automaton = AhoCorasick([normalise(term.text) for term in terms])

    def scan() -> None:
        automaton.find_matches_as_indexes(folded, overlapping=True)

    def look() -> None:
        matcher.hits(posts)

    # Each look is at texts just seen, but for the one after all are forgotten.
    raw, _, cold, warm = _medians([scan, forget_texts, look, look])
    hit = sum(bool(hits) for hits in matcher.hits(posts))
    print(
        f"{strictness:6} 100 terms, {POSTS} posts, {hit} of them hit: raw {raw:.0f} µs; texts seen before"
        f" {warm:.0f} µs, {warm / raw:.1f} × raw (wanted {wanted}); texts never seen {cold:.0f} µs,"
        f" {cold / raw:.1f} × raw"
    )


def _compare_terms(words: list[str], posts: list[list[Text]]) -> None:
    few, many = (Matcher(_terms(words, count, Strictness.STRICT)) for count in (10, 1_000))
    for matcher in (few, many):
        matcher.hits(posts)
    first, second = _medians([lambda: few.hits(posts), lambda: many.hits(posts)])
    print(f"1,000 terms ÷ 10 terms: {second:.0f} µs ÷ {first:.0f} µs = {second / first:.2f} (wanted 1.5)")


def _compare_building(words: list[str]) -> None:
    chance = random.Random(7)
    written = [chance.choice(words) for _ in range(200)]
    (took,) = _medians([lambda: Matcher([parse_term(word) for word in written])])
    print(f"building 200 filters of one term: {took / 1000:.2f} ms (wanted 5)")


def _compare_growth(name: str, make: Callable[[int], tuple[list[Term], str]]) -> None:
    works = [_look(*make(size)) for size in (7_000, 14_000, 28_000)]
    took = _medians(works, turns=9)
    growth = max(second / first for first, second in pairwise(took))
    print(
        f"hostile, {name}: {took[-1] / 1000:.1f} ms for 28,000 characters, t(2n) ÷ t(n) = {growth:.2f} (wanted 2.5)"
    )


def _look(terms: list[Term], text: str) -> Work:
    matcher = Matcher(terms)
    posts = [[Text("caption", text)]]
    matcher.hits(posts)
    return lambda: matcher.hits(posts)


def _nested(mode: str, letter: str, strictness: Strictness = Strictness.STRICT) -> list[Term]:
    left, right = {"word": ("", ""), "prefix": ("", "*"), "substring": ("*", "*")}[mode]
    return [
        parse_term(f"{left}{letter * count}{right}", strictness=strictness)
        for count in range(2, 60 // len(letter))
    ]


HOSTILE: Final[dict[str, Callable[[int], tuple[list[Term], str]]]] = {
    "nested words in one long word": lambda size: (_nested("word", "a"), "a" * size),
    "nested prefixes in one long word": lambda size: (_nested("prefix", "a"), "a" * size),
    "nested substrings": lambda size: (_nested("substring", "ab"), "ab" * (size // 2)),
    "nested loose words": lambda size: (_nested("word", "ab", Strictness.LOOSE), "4b" * (size // 2)),
    "letters spelt out": lambda size: (_nested("word", "ab", Strictness.LOOSE), "a " * (size // 2) + "b"),
    "stand-ins for one letter": lambda size: ([parse_term("ilia"), parse_term("lila")], "1" * size + "4"),
    "nested Thai words": lambda size: (_nested("word", "กา"), "กา" * (size // 2)),
    "nested Arabic words": lambda size: (_nested("word", "وا"), "وا" * (size // 2)),
    "nested Korean words": lambda size: (_nested("word", "가"), "가" * size),
    "marks on one letter": lambda size: ([parse_term("spam")], "spam" + "\u0301" * size + " spam"),
    "joined letters": lambda size: ([parse_term("ab")], "ab\u200d" * (size // 3) + " ab"),
    "vowels taken apart": lambda size: ([parse_term("กำ")], "\u0e4d\u0e32" * (size // 2) + " กำ"),
    "ligatures that expand": lambda size: ([parse_term("صلى")], "ﷺ" * size),
    "one long link": lambda size: ([parse_term("a.example", mode=Mode.DOMAIN)], "a.example." * (size // 10)),
}


def _medians(works: Sequence[Work], turns: int = TURNS) -> list[float]:
    """Return the median processor time of each work, in microseconds, taking turns so that all share the weather."""
    took: list[list[float]] = [[] for _ in works]
    for _ in range(turns):
        for times, work in zip(took, works, strict=True):
            begun = time.process_time_ns()
            work()
            times.append((time.process_time_ns() - begun) / 1000)
    return [median(times) for times in took]


def _texts(file: Path) -> list[str]:
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def _posts(words: list[str]) -> list[list[Text]]:
    chance = random.Random(3)
    return [[Text("caption", " ".join(chance.choices(words, k=60))[:CHARACTERS])] for _ in range(POSTS)]


def _words(sentences: list[str]) -> list[str]:
    """Return the words of the sentences, and more that are made by shuffling their letters."""
    chance = random.Random(1)
    known = sorted({word for text in sentences for word in re.findall(r"[^\W\d_]{4,30}", text)})
    made = ("".join(chance.sample(word, len(word))) for word in chance.choices(known, k=4_000))
    return sorted({*known, *made})


def _terms(words: list[str], count: int, strictness: Strictness, *, known: int = 5) -> list[Term]:
    """Return terms of which some are known to the posts and the others only look like their words."""
    chance = random.Random(9)
    found = chance.choices(words, k=known)
    others = (f"{word}{chance.choice('qxzwjk')}" for word in chance.choices(words, k=count))
    return [parse_term(word, strictness=strictness) for word in [*found, *others][:count]]


if __name__ == "__main__":
    main()
