"""How much disguise loose sees through, on a small part of what ``load_tests.matching_evasion`` generates."""

import random

import pytest

from load_tests.clean_text import clean_sentences
from load_tests.matching_evasion import (
    DISGUISES,
    TERMS,
    Likeness,
    invisible,
    likeness,
    missed,
    new_hits_in_clean,
    variants,
)
from service.domain.matching import Strictness
from tests.domain.matching.verdicts import read_verdicts

CLEAN = [row.text for name, row in read_verdicts() if name.startswith("Clean text")]


@pytest.mark.parametrize("kind", DISGUISES)
def test_loose_finds_the_share_of_disguises_that_was_promised(kind: str) -> None:
    disguise, goal = DISGUISES[kind]
    pairs = variants(disguise, 2)

    found = 100 * (1 - len(missed(pairs)) / len(pairs))

    assert len(pairs) >= 60
    assert found >= goal


@pytest.mark.parametrize("kind", ["leet", "spacing", "repeats", "confusables"])
def test_strict_would_fall_short_of_the_promise(kind: str) -> None:
    disguise, goal = DISGUISES[kind]
    pairs = variants(disguise, 2)

    assert 100 * (1 - len(missed(pairs, Strictness.STRICT)) / len(pairs)) < goal


def test_strict_sees_through_what_cannot_be_seen() -> None:
    assert not missed(variants(invisible, 2), Strictness.STRICT)


def test_disguises_are_made_of_fifty_terms_and_the_same_at_every_call() -> None:
    assert len(TERMS) > 50
    assert all(variants(disguise, 1) == variants(disguise, 1) for disguise, _ in DISGUISES.values())
    assert invisible("spam", random.Random(1)) != "spam"


def test_loose_finds_nothing_new_among_the_words_of_clean_text() -> None:
    assert new_hits_in_clean([*CLEAN, *clean_sentences(10_000)[::25]]) == []


def test_a_new_hit_in_clean_text_would_be_told() -> None:
    assert new_hits_in_clean(["the hate was gone", "oh h4te that"]) == [("hate", "h4te")]


def test_clean_sentences_are_all_different_and_the_same_at_every_call() -> None:
    sentences = clean_sentences(10_000)

    assert len(set(sentences)) == 10_000
    assert sentences == clean_sentences(10_000)


@pytest.mark.parametrize(
    ("term", "covered", "alike"),
    [
        ("wurde", "würde", Likeness.ACCENTS),
        ("emails", "E-Mails", Likeness.HYPHENS),
        ("hate", "h4te", Likeness.NONE),
        ("super bad", "superbad", Likeness.NONE),
    ],
)
def test_what_loose_promises_is_told_from_a_new_hit(term: str, covered: str, alike: Likeness) -> None:
    assert likeness(term, covered) is alike
