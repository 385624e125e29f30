"""The short cuts that spare reading letters never hide a disguise."""

import random

import pytest

from service.domain.matching import Matcher, Strictness, Term, Text
from service.domain.matching.glimpses import Glimpse
from service.domain.matching.search import Search
from service.domain.matching.wanted import Wanted

PIECES = [
    *("a", "b", "i", "l", "1", "o", "0", "@", "I", "|", ".", " ", "-", "aa", "ii", "b b", " a b ", "x"),
    *("\u0336", "\u0301", "é", "а", "о", "б", "ᾳ"),
]  # fmt: skip


def disguised(short_cut: bool, term: str, text: str, monkeypatch: pytest.MonkeyPatch) -> list[bool]:  # noqa: FBT001
    with monkeypatch.context() as patched:
        if not short_cut:
            patched.setattr(Wanted, "is_plain_in", lambda *_: False)
            patched.setattr(Search, "_is_worth_reading", lambda *_: True)
        matcher = Matcher([Term(term, strictness=Strictness.LOOSE)])
        return [hit.evasion for hit in matcher.hits([[Text("caption", text)]])[0]]


def test_reading_every_letter_finds_no_more_than_the_short_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(4)
    for _ in range(2_000):
        term = "".join(
            chance.choices(["a", "b", "i", "l", "o", "o", chance.choice(PIECES)], k=chance.randint(2, 4))
        )
        text = "".join(chance.choices([*PIECES, term, f" {term} "], k=chance.randint(1, 8)))

        assert disguised(True, term, text, monkeypatch) == disguised(False, term, text, monkeypatch), (
            term,
            text,
        )


def test_a_short_cut_that_forgets_drawn_out_letters_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    assert disguised(True, "spam", "spammm", monkeypatch) == [True]
    monkeypatch.setattr(
        Wanted, "is_plain_in", lambda _, folded, bones, __: folded.count("spam") == bones.count("spam")
    )
    assert disguised(True, "spam", "spammm", monkeypatch) == []


@pytest.mark.parametrize(
    ("careless", "text"),
    [("_may_join", "s.p.a.m"), ("_may_join", "sp-am"), ("_may_pose", "sp4m"), ("_may_pose", "sр\u0430m")],
)
def test_a_first_look_that_turns_disguises_down_would_be_caught(
    careless: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert disguised(True, "spam", text, monkeypatch) == [True]
    monkeypatch.setattr(Glimpse, careless, lambda *_: False)
    assert disguised(True, "spam", text, monkeypatch) == []


@pytest.mark.parametrize("text", ["his pam", "oliti", "spoken am", "a бpaм б"])
def test_most_coincidences_are_turned_down_without_reading_letters(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Search, "_look_for_disguise", lambda *_: pytest.fail("letters were read"))

    assert not disguised(True, "spam", text, monkeypatch)
    assert not disguised(True, "city", text, monkeypatch)
