"""How often a hostile text makes the matcher look closely: counted, so that it is the same on every machine."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice, product

import pytest

from load_tests.matching_speed import HOSTILE
from load_tests.population import Shape, a_page
from service.domain.matching import (
    Matcher,
    Mode,
    Strictness,
    Term,
    Text,
    TooManyLooks,
    layers,
    matcher,
    parse_stored_term,
    parse_term,
)
from service.domain.matching.borders import NEVER, Borders
from service.domain.matching.edges import begins_word, ends_word
from service.domain.matching.finder import Finder
from service.domain.matching.glimpses import Glimpse
from service.domain.matching.normalising import fold
from service.domain.matching.search import Search
from service.domain.matching.wanted import Wanted

CHARACTERS = 600
A_TERM = 3
"""Close looks in a text for each term: it has an end, a beginning, and somewhere to be seen first."""
PIECES = [
    *"ab1 -!@", "é", "\u0301", "و", "ا", "ب", "ل", "ه", "\u064e", "가", "나", "는", "에", "ก", "า", "น",
    "ไ", "ด", "\u0e34", "カ", "ラ", "ン", "か", "に", "の", "\u3099", "猫", "👍", "\u200d", "\u0336",
]  # fmt: skip

Case = tuple[list[Term], str]


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Note each place that is looked at closely while terms are looked for."""
    looks: list[str] = []

    def noting(name: str) -> Callable[..., object]:
        looking = getattr(Search, name)

        def noted(search: Search, *arguments: object) -> object:
            looks.append(name)
            return looking(search, *arguments)

        return noted

    with monkeypatch.context() as patched:
        for name in ("_stands", "_look_for_disguise"):
            patched.setattr(Search, name, noting(name))
        yield looks


def close_looks(case: Case, monkeypatch: pytest.MonkeyPatch) -> int:
    terms, text = case
    matcher = Matcher(terms)
    with counted(monkeypatch) as looks:
        matcher.hits([[Text("caption", text)]])
    return len(looks)


def nested(mode: str, before: str) -> Case:
    star = "*" if mode == "prefix" else ""
    return [parse_term("a" * count + star) for count in range(2, 60)], before + "a" * CHARACTERS


CASES: dict[str, Case] = {name: make(CHARACTERS) for name, make in HOSTILE.items()} | {
    "nested prefixes that begin nowhere": nested("prefix", "b"),
    "nested words that begin nowhere": nested("word", "b"),
}


def test_a_term_that_a_text_does_not_show_makes_no_place_worth_a_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terms, text = HOSTILE["nested substrings"](CHARACTERS)
    readings: list[int] = []

    def noted(finder: Finder, root: int, value: str, end: int) -> list[str]:
        readings.append(end)
        return reading(finder, root, value, end)

    reading = Finder.ending
    monkeypatch.setattr(Finder, "ending", noted)
    others = [Term(each, Mode.SUBSTRING) for each in ("bbabab", "aabab")]
    Matcher([*terms, *others]).hits([[Text("caption", text)]])

    assert len(readings) <= len(terms)


@pytest.mark.parametrize("name", [name for name in CASES if name != "one long link"])
def test_a_hostile_text_is_looked_at_closely_a_few_times_for_each_term(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms, _ = CASES[name]

    assert close_looks(CASES[name], monkeypatch) <= A_TERM * len(terms) + A_TERM


def test_looking_at_every_place_would_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Wanted, "begins_plainly", False)
    terms, _ = case = CASES["nested prefixes that begin nowhere"]

    assert close_looks(case, monkeypatch) > 100 * len(terms)


def crowded_cases(count: int) -> Iterator[Case]:
    """Return terms that overlap, and texts that show them at more places than are looked at one by one."""
    chance = random.Random(12)
    modes = [Mode.WORD, Mode.PREFIX, Mode.SUFFIX, Mode.SUBSTRING]
    for _ in range(count):
        text = "".join(chance.choices(["a" * chance.randint(1, 12), "b", " "], k=60)) + "a" * 70
        starts = [chance.randrange(100) for _ in range(12)]
        texts = [text[start : start + chance.randint(2, 9)].replace(" ", "") for start in starts]
        yield [Term(each or "aa", chance.choice(modes)) for each in texts], text


def first_place(term: Term, text: str) -> int:
    """Return where a term stands first, -1 if nowhere, by trying every place."""
    left, right = term.mode in {Mode.WORD, Mode.PREFIX}, term.mode in {Mode.WORD, Mode.SUFFIX}
    starts = (start for start in range(len(text)) if text.startswith(term.text, start))
    edges = ((start, f" {text} "[start], f" {text} "[start + len(term.text) + 1]) for start in starts)
    standing = (
        start
        for start, before, after in edges
        if not (left and before != " ") and not (right and after != " ")
    )
    return next(standing, -1)


def told_elsewhere(case: Case) -> bool:
    terms, text = case
    [hits] = Matcher(terms).hits([[Text("caption", text)]])
    first = {number: first_place(term, text) for number, term in enumerate(terms)}
    return {hit.term: hit.start for hit in hits} != {n: place for n, place in first.items() if place >= 0}


def test_terms_that_overlap_all_over_a_text_are_told_at_their_first_places() -> None:
    assert [case for case in crowded_cases(300) if told_elsewhere(case)] == []


@pytest.mark.parametrize(
    "broken",
    [
        lambda _, pattern, text, __: text.rfind(pattern) + len(pattern),
        lambda _, pattern, text, __: first_place(Term(pattern), text) + len(pattern),
    ],
    ids=["the last place", "every term a word"],
)
def test_a_leap_too_far_would_be_told(broken: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "_first_end", broken)

    assert any(map(told_elsewhere, crowded_cases(100)))


def wrongly_never(text: str) -> list[int]:
    """Return where a word begins or ends although its borders say that none does."""
    borders = Borders(text)
    return [
        place
        for place in range(len(text))
        if (borders.begins[place] == NEVER and begins_word(text, place))
        or (
            borders.ends[place] == NEVER
            and any(ends_word(text, start, place + 1) for start in range(max(0, place - 3), place + 1))
        )
    ]


def test_letters_drawn_out_inside_a_word_are_no_edges_of_it() -> None:
    borders = Glimpse("aazzaa zza").borders()

    assert (borders.begins, borders.ends) == ("x..x.", "..x.x")


def chance_texts(count: int) -> Iterator[str]:
    chance = random.Random(11)
    for _ in range(count):
        few = chance.choices(PIECES, k=chance.randint(1, 6))
        yield fold("".join(chance.choices(few, k=chance.randint(1, 20))))


def test_no_edge_of_a_word_is_passed_over() -> None:
    assert [text for text in chance_texts(1_500) if wrongly_never(text)] == []


def test_an_edge_that_is_passed_over_would_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Borders, "begins", property(lambda borders: NEVER * len(borders.ends)))

    assert any(map(wrongly_never, chance_texts(20)))


def two_letters(strictness: Strictness) -> tuple[Matcher, list[list[Text]]]:
    """Return a thousand strings of two letters, and a page of posts that hold no others."""
    spelt = ("".join(each) for length in range(4, 11) for each in product("ab", repeat=length))
    chance = random.Random(3)
    posts = ["".join(chance.choices("ab", k=300)) for _ in range(500)]
    terms = [Term(each, Mode.SUBSTRING, strictness) for each in islice(spelt, 1_000)]
    return Matcher(terms), [[Text("caption", each)] for each in posts]


@pytest.mark.parametrize("strictness", Strictness)
def test_strings_of_two_letters_are_given_up_before_they_take_minutes(strictness: Strictness) -> None:
    found, posts = two_letters(strictness)

    for _ in range(2):
        with pytest.raises(TooManyLooks):
            found.hits(posts)


@pytest.mark.parametrize("strictness", Strictness)
def test_a_few_posts_of_them_are_looked_at_whole(strictness: Strictness) -> None:
    found, posts = two_letters(strictness)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(matcher, "LOOKS_FOR_DISGUISES_AT_MOST", 10**9)
        assert all(found.hits(posts[:2]))


def test_a_thousand_common_words_are_looked_for_in_the_largest_page() -> None:
    posts = [
        [Text(field, post.get(field, "")) for field in ("caption", "on_screen_text", "sound_title")]
        for post in a_page(Shape(candidates=500, terms=0, blocks=0))
    ]
    words = dict.fromkeys(word for post in posts for text in post for word in text.value.split())
    terms = [term for word in words if (term := parse_stored_term(word, strictness=Strictness.LOOSE))]

    assert any(Matcher(terms[:1_000]).hits(posts))
