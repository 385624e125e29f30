"""The sieve lets no text slip through that a closer look would find something in."""

from collections.abc import Sequence
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.matching import sieve
from service.domain.matching.charts import bones_chart
from service.domain.matching.likeness import skeleton
from service.domain.matching.normalising import fold
from service.domain.matching.sieve import Sieve
from tests.domain.matching.test_properties import QUICK, TEXTS

COMPANY = [f"beside {number}" for number in range(40)]
"""So many that looking at each more closely would not be quicker."""
TRICKY = st.text(
    st.sampled_from(
        "aAeEiIsSßﬁ…½ -_\n\t\u00a0\u0301\u0308\u0307\u0323\u0345İçÇñ"
        "नऱज़क्षกำํุ่าอ가ᄀ\u1161\u11a8ㄱㅏがカ゛ﾞｶ"
        "\u200b\u200d\ufe0f❤👍🏽👨👩\U00020000\U000e0041ـَא\ud800\x00\x01\ufffe\uffffοΣς"
    ),
    max_size=8,
)


def slips_through(texts: Sequence[str], term: str) -> list[str]:
    """Return texts that contain a term once folded, and are not left by the sieve."""
    pattern = fold(term).strip(" ")
    row = [*COMPANY, *texts]
    left = set(Sieve([pattern]).left(row)) if pattern else set(range(len(row)))
    return [text for number, text in enumerate(row) if pattern in fold(text) and number not in left]


@QUICK
@given(st.lists(TRICKY | TEXTS, min_size=1, max_size=4), st.data())
def test_a_part_of_a_text_never_slips_through(texts: list[str], data: st.DataObject) -> None:
    folded = fold(data.draw(st.sampled_from(texts)))
    start = data.draw(st.integers(0, max(len(folded) - 1, 0)))
    term = folded[start : start + data.draw(st.integers(1, 4))]

    assert slips_through(texts, term) == []


@QUICK
@given(st.lists(TRICKY, min_size=1, max_size=4), TRICKY)
def test_a_term_never_slips_through(texts: list[str], term: str) -> None:
    assert slips_through([*texts, f"{term}{texts[0]}", f"{texts[0]}{term}"], term) == []


WHERE_MUCH_HAPPENS = [0x0, 0x1000, 0x2000, 0x3000, 0xA000, 0xF000, 0x1D000, 0x1F000, 0x2F000, 0xE0000]


@pytest.mark.parametrize("start", WHERE_MUCH_HAPPENS, ids=hex)
def test_no_character_slips_through(start: int) -> None:
    characters = [chr(code) for code in range(start, start + 0x1000)]
    folded = [fold(character).strip(" ") for character in characters]

    left = set(Sieve({*folded} - {""}).left(characters))

    assert [
        ascii(characters[number]) for number in range(0x1000) if folded[number] and number not in left
    ] == []


def test_a_text_without_any_term_is_left_out() -> None:
    texts = [*COMPANY, "spam here", "nothing", "s p a m", "SPÁM"]

    assert [texts[number] for number in Sieve(["spam"]).left(texts)] == ["spam here", "SPÁM"]


def test_few_texts_are_all_looked_at() -> None:
    assert Sieve(["spam"]).left(["nothing", "here"]) == [0, 1]


def test_a_pattern_of_marks_alone_has_everything_looked_at() -> None:
    assert Sieve(["\u0301"]).left(COMPANY) == [*range(len(COMPANY))]


def test_no_pattern_leaves_nothing() -> None:
    assert Sieve([]).left(COMPANY) == []


@pytest.mark.parametrize(
    ("part", "broken", "text", "term"),
    [
        ("_odd_places", lambda _: [], "free \u00a0money", "free money"),
        ("_odd_places", lambda _: [], "\u1112\u1161\u11ab", "한"),
        ("_spelt_out", lambda outline, *_: outline, "Straße", "strasse"),
    ],
)
def test_a_sieve_with_a_hole_would_be_caught(part: str, broken: object, text: str, term: str) -> None:
    assert slips_through([text], term) == []

    with patch.object(sieve, part, broken):
        assert slips_through([text], term) == [text]


def test_long_rows_are_read_in_parts() -> None:
    texts = [f"{number} filler text" for number in range(200)]
    texts[7] += " spam"
    texts[199] += " spam"

    with patch.object(sieve, "_READ_AT_ONCE", 100):
        assert Sieve(["spam"]).left(texts) == [7, 199]


DISGUISES = [
    *"ail1@|.- \n",
    "aa",
    "а",
    "р",
    "б",
    "é",
    "e\u0301",
    "и\u0306",
    "й",
    "ا\u0653",
    "آ",
    "ǿ",
    "ᾀ",
    "か\u3099",
    "が",
]


def hidden_from_the_sieve(texts: Sequence[str], pattern: str) -> list[str]:
    """Return texts whose skeleton contains a pattern, and which are not left by the sieve."""
    row = [*COMPANY, *texts]
    left = set(Sieve([pattern], bones_chart).left(row))
    return [text for number, text in enumerate(row) if pattern in skeleton(text) and number not in left]


@QUICK
@given(st.lists(st.text(st.sampled_from("".join(DISGUISES)), min_size=1), min_size=1, max_size=4), st.data())
def test_a_part_of_a_skeleton_never_slips_through(texts: list[str], data: st.DataObject) -> None:
    bones = skeleton(data.draw(st.sampled_from(texts))) or "a"
    start = data.draw(st.integers(0, len(bones) - 1))

    assert hidden_from_the_sieve(texts, bones[start : start + 3]) == []


@pytest.mark.parametrize("start", WHERE_MUCH_HAPPENS, ids=hex)
def test_the_skeleton_of_no_character_slips_through(start: int) -> None:
    texts = [f"x{chr(code)}y" for code in range(start, start + 0x1000)]

    left = set(Sieve(map(skeleton, texts), bones_chart).left(texts))

    assert [ascii(text) for number, text in enumerate(texts) if number not in left] == []


@pytest.mark.parametrize(
    ("part", "broken", "text", "term"),
    [
        ("_squeezed", lambda outline: outline, "spaaam", "spam"),
        ("_odd_places", lambda _: [], "s|p|a|m", "spam"),
        ("_odd_places", lambda _: [], "ا\u0653ب", "آب"),
        ("_spelt_out", lambda outline, *_: outline, "Straße", "strase"),
    ],
)
def test_a_sieve_that_hides_disguises_would_be_caught(
    part: str, broken: object, text: str, term: str
) -> None:
    assert hidden_from_the_sieve([text], skeleton(term)) == []

    with patch.object(sieve, part, broken):
        assert hidden_from_the_sieve([text], skeleton(term)) == [text]
