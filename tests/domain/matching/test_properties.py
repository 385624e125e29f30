"""What holds for every term and text; ``MATCHING_EXAMPLES=5000`` makes it a long run."""

import os
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from service.domain.matching import (
    Hit,
    Matcher,
    Mode,
    Strictness,
    Term,
    Text,
    UnmatchableTerm,
    normalise,
    parse_term,
)
from service.domain.matching.alignment import Alignment
from service.domain.matching.disguises import read_letters, runs_of
from service.domain.matching.glimpses import Glimpse
from service.domain.matching.likeness import class_of, skeleton
from service.domain.matching.normalising import fold

QUICK = settings(
    max_examples=int(os.environ.get("MATCHING_EXAMPLES", "50")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TELLING = [
    *"abilsABILS015$!|@'._-# \n*", "é", "e\u0301", "ß", "ẞ", "İ", "ı", "i\u0307", "ſ", "ﬁ",
    "Ǆ", "ᾳ", "\u0345", "σ", "ς", "Σ", "а", "р", "ж", "й", "и\u0306", "Ⅰ", "𝐈", "ｓ",
    "\u200b", "\u200d", "\u00ad", "\ufe0f", "\u202e", "\u3000", "’", "“", "كتاب", "ال",
    "\u064e", "\u0640", "ש", "\u05b8", "क", "र", "्", "ो", "ทำ", "น้ำ", "\u0e4d", "\u0e32",
    "ລາ", "ខ្", "မ", "東", "か", "\u3099", "ｶ", "ﾞ", "ラン", "ー", "한", "국", "는", "ᄀ",
    "\u1161", "ㄱ", "ㅏ", "👍", "🏽", "👨", "🇫", "🇷", "1\u20e3", "ﷺ", "\ud800", "\x00", "¨",
    "…",
]  # fmt: skip
CHARACTERS = st.one_of(st.sampled_from(TELLING), st.characters())
TEXTS = st.lists(CHARACTERS, max_size=14).map("".join)
LONG_TEXTS = st.lists(CHARACTERS, min_size=9, max_size=20).map("".join)
TERMS = st.builds(Term, TEXTS, st.sampled_from(Mode), st.sampled_from(Strictness))
FIELDS = ["caption", "hashtags", "links"]
PHRASES = st.lists(TEXTS, max_size=2)


def hits(terms: list[Term], text: str, allow: list[str] | None = None, field: str = "caption") -> list[Hit]:
    return Matcher(terms, allow or []).hits([[Text(field, text)]])[0]


def hidden_in(term: str) -> st.SearchStrategy[str]:
    """Texts in which a term has a fair chance of standing."""
    around = st.one_of(st.sampled_from(["", " ", "!", "a"]), TEXTS)
    return st.builds(lambda before, after: before + term + after, around, around)


TERM_AND_TEXT = TERMS.flatmap(lambda term: st.tuples(st.just(term), hidden_in(term.text)))


@QUICK
@given(TEXTS)
def test_a_first_look_shows_the_skeleton(text: str) -> None:
    assert Glimpse(text).bones == skeleton(text)


@QUICK
@given(TEXTS)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert fold(fold(text)) == fold(text)


@QUICK
@given(LONG_TEXTS)
def test_a_long_text_folds_to_what_its_compatibility_form_does(text: str) -> None:
    assert fold(text) == fold(unicodedata.normalize("NFKC", text))


@QUICK
@given(TEXTS)
def test_pieces_fold_to_the_same_as_the_whole(text: str) -> None:
    aligned = Alignment(text)

    assert aligned.ats[-1] == len(fold(text))
    assert aligned.starts[0] == 0
    assert aligned.starts[-1] == len(text)


@QUICK
@given(TEXTS)
def test_a_text_read_letter_by_letter_has_its_skeleton(text: str) -> None:
    letters = read_letters(text)

    assert "".join(class_of(letters[start].base) for start, _ in runs_of(letters)) == skeleton(text)


@QUICK
@given(TERMS, TERM_AND_TEXT, PHRASES)
def test_adding_a_term_never_removes_a_hit(added: Term, case: tuple[Term, str], allow: list[str]) -> None:
    term, text = case

    assert set(hits([term], text, allow)) <= set(hits([term, added], text, allow))


@QUICK
@given(TERM_AND_TEXT)
def test_what_is_hit_contains_the_term(case: tuple[Term, str]) -> None:
    term, text = case
    assume(term.mode not in {Mode.DOMAIN, Mode.TAG})

    for hit in hits([term], text):
        covered = text[hit.start : hit.end]
        assert (
            skeleton(term.text) in skeleton(covered)
            if hit.evasion
            else normalise(term.text).removeprefix("ال").removeprefix("ل") in normalise(covered)
        )


@QUICK
@given(TERM_AND_TEXT)
def test_strict_hits_are_loose_hits(case: tuple[Term, str]) -> None:
    term, text = case

    strict = hits([Term(term.text, term.mode)], text)

    assert set(strict) <= set(hits([Term(term.text, term.mode, Strictness.LOOSE)], text))


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@QUICK
@given(case=TERM_AND_TEXT)
def test_the_unicode_form_of_either_side_never_matters(form: str, case: tuple[Term, str]) -> None:
    term, text = case
    assume(term.mode is not Mode.DOMAIN)

    def formed(each: str) -> str:
        return unicodedata.normalize(form, each)  # type: ignore[arg-type]

    told = len(hits([Term(term.text, term.mode)], text))
    assert len(hits([Term(formed(term.text), term.mode)], text)) == told
    assert len(hits([Term(term.text, term.mode)], formed(text))) == told


@QUICK
@given(st.text("abcxyzéßσςжй1 -"), st.sampled_from([Mode.WORD, Mode.SUBSTRING]), TEXTS)
def test_case_of_either_side_never_matters(written: str, mode: Mode, around: str) -> None:
    text = f"{around} {written}"

    told = len(hits([Term(written, mode)], text))

    assert len(hits([Term(written.upper(), mode)], text)) == told
    assert len(hits([Term(written, mode)], f"{around} {written.upper()}")) == told


@QUICK
@given(st.lists(TERMS, max_size=5), TEXTS, st.randoms(use_true_random=False))
def test_the_order_of_terms_does_not_matter(terms: list[Term], text: str, chance: object) -> None:
    order = list(range(len(terms)))
    chance.shuffle(order)  # type: ignore[attr-defined]

    shuffled = hits([terms[number] for number in order], text)

    assert sorted(hit._replace(term=order[hit.term]) for hit in shuffled) == sorted(hits(terms, text))


@QUICK
@given(
    st.lists(TERM_AND_TEXT, min_size=2, max_size=5),
    st.integers(0, 3),
    st.integers(2, 5),
    st.sampled_from(FIELDS),
)
def test_of_alternatives_the_first_that_stands_is_told(
    cases: list[tuple[Term, str]], start: int, count: int, field: str
) -> None:
    terms, texts = zip(*cases, strict=True)
    alike = range(start, min(start + count, len(terms)))
    posts = [[Text(field, "".join(texts))]]

    [[*told]] = Matcher(terms, alternatives=[alike]).hits(posts)

    [each] = Matcher(terms).hits(posts)
    assert told == firsts(each, alike)


def firsts(each: list[Hit], alike: range) -> list[Hit]:
    """Return the hits but for those of alternatives to a term that is hit before."""
    of_alike = [hit for hit in each if hit.term in alike]
    return [hit for hit in each if hit not in of_alike[1:]]


@QUICK
@given(st.lists(TERMS, max_size=3), st.lists(TEXTS, max_size=4))
def test_other_posts_and_texts_do_not_matter(terms: list[Term], values: list[str]) -> None:
    matcher = Matcher(terms)

    together = matcher.hits([[Text("caption", value)] for value in values])
    in_one = matcher.hits([[Text("caption", value) for value in values]])[0]

    assert together == [matcher.hits([[Text("caption", value)]])[0] for value in values]
    assert in_one == [hit._replace(text=number) for number, found in enumerate(together) for hit in found]


@QUICK
@given(TEXTS, TEXTS, st.sampled_from(Mode), st.sampled_from(FIELDS))
def test_no_input_raises_anything_but_a_refusal(written: str, text: str, mode: Mode, field: str) -> None:
    try:
        term = parse_term(written, mode)
    except UnmatchableTerm:
        term = Term(written, mode, Strictness.LOOSE)

    for hit in hits([term], text, [written], field):
        assert 0 <= hit.start < hit.end <= len(text)


intact = hits
SETTINGS = "_hypothesis_internal_use_settings"
"""Where a test keeps them: one that is caught need not be told by its smallest example, which takes the longest."""


def drops_last(terms: list[Term], text: str) -> list[Hit]:
    return intact(terms[:1], text) if len(terms) == 1 else intact(terms[1:], text)


def whole_text(terms: list[Term], text: str) -> list[Hit]:
    return [hit._replace(start=hit.start + 1, end=hit.end + 1) for hit in intact(terms, text)]


def loose_only(terms: list[Term], text: str) -> list[Hit]:
    return [hit for hit in intact(terms, text) if terms[hit.term].strictness is Strictness.STRICT]


def case_matters(terms: list[Term], text: str) -> list[Hit]:
    return [hit for hit in intact(terms, text) if terms[hit.term].text in text]


@pytest.mark.parametrize(
    ("broken", "proof"),
    [
        (drops_last, test_adding_a_term_never_removes_a_hit),
        (whole_text, test_what_is_hit_contains_the_term),
        (loose_only, test_strict_hits_are_loose_hits),
        (case_matters, test_case_of_either_side_never_matters),
    ],
)
def test_each_property_catches_a_matcher_that_breaks_it(
    broken: Callable[[list[Term], str], list[Hit]], proof: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "hits", lambda terms, text, *_: broken(terms, text))
    monkeypatch.setattr(proof, SETTINGS, settings(QUICK, phases=[Phase.generate]))

    with pytest.raises((AssertionError, BaseExceptionGroup)):
        proof()
