"""The short cut that spares reading letters never hides a disguise."""

import random

import pytest

from service.domain.matching import Matcher, Strictness, Term, Text
from service.domain.matching.wanted import Wanted

PIECES = ["a", "b", "i", "l", "1", "o", "0", "@", ".", " ", "-", "aa", "ii", "b b", "x", "\u0336", "\u0301"]


def disguised(short_cut: bool, term: str, text: str, monkeypatch: pytest.MonkeyPatch) -> list[bool]:  # noqa: FBT001
    with monkeypatch.context() as patched:
        if not short_cut:
            patched.setattr(Wanted, "is_plain_in", lambda *_: False)
        matcher = Matcher([Term(term, strictness=Strictness.LOOSE)])
        return [hit.evasion for hit in matcher.hits([[Text("caption", text)]])[0]]


def test_reading_every_letter_finds_no_more_than_the_short_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(4)
    for _ in range(1_500):
        term = "".join(chance.choices("abilo", k=chance.randint(2, 4)))
        text = "".join(chance.choices([*PIECES, term, f" {term} "], k=chance.randint(1, 8)))

        assert disguised(True, term, text, monkeypatch) == disguised(False, term, text, monkeypatch), (
            term,
            text,
        )


def test_a_short_cut_that_forgets_drawn_out_letters_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    assert disguised(True, "spam", "spammm", monkeypatch) == [True]
    monkeypatch.setattr(
        Wanted, "is_plain_in", lambda _, folded, bones: folded.count("spam") == bones.count("spam")
    )
    assert disguised(True, "spam", "spammm", monkeypatch) == []
