"""The sieve lets no text slip through that a closer look would find something in."""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import TypeAlias
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.matching import grams, outlines, sieve
from service.domain.matching.charts import bones_chart
from service.domain.matching.compiled import AnySieve, sieve_for
from service.domain.matching.likeness import skeleton
from service.domain.matching.normalising import fold
from service.domain.matching.outlines import Row
from service.domain.matching.sieve import Sieve
from tests.domain.matching.test_properties import QUICK, TEXTS

MakeSieve: TypeAlias = Callable[..., AnySieve]
NOWHERE = np.empty(0, np.intp)
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


def slips_through(texts: Sequence[str], term: str, make: MakeSieve = sieve_for) -> list[str]:
    """Return texts that contain a term once folded, and are not left by the sieve."""
    pattern = fold(term).strip(" ")
    row = [*COMPANY, *texts]
    left = set(make([pattern]).left(Row(row))) if pattern else set(range(len(row)))
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

    left = set(sieve_for({*folded} - {""}).left(Row(characters)))

    assert [
        ascii(characters[number]) for number in range(0x1000) if folded[number] and number not in left
    ] == []


def test_a_text_without_any_term_is_left_out() -> None:
    texts = [*COMPANY, "spam here", "nothing", "s p a m", "SPÁM"]

    assert [texts[number] for number in sieve_for(["spam"]).left(Row(texts))] == ["spam here", "SPÁM"]


def test_few_texts_are_all_looked_at() -> None:
    assert [*Sieve(["spam"]).left(Row(["nothing", "here"]))] == [0, 1]


def test_a_pattern_of_marks_alone_has_everything_looked_at() -> None:
    assert [*sieve_for(["\u0301"]).left(Row(COMPANY))] == [*range(len(COMPANY))]


def test_no_pattern_leaves_nothing() -> None:
    assert not sieve_for([]).left(Row(COMPANY))


@pytest.mark.parametrize(
    ("where", "part", "broken", "text", "term"),
    [
        (sieve, "odd_places", lambda _: NOWHERE, "free \u00a0money", "free money"),
        (sieve, "odd_places", lambda _: NOWHERE, "\u1112\u1161\u11ab", "한"),
        (outlines, "spelt_out", lambda outline, *_: outline, "Straße", "strasse"),
    ],
)
def test_a_sieve_with_a_hole_would_be_caught(
    where: ModuleType, part: str, broken: object, text: str, term: str
) -> None:
    assert slips_through([text], term, Sieve) == []

    with patch.object(where, part, broken):
        assert slips_through([text], term, Sieve) == [text]


def test_a_text_is_told_to_show_what_may_stand_in_it() -> None:
    texts = [*COMPANY, "spam, spam and eggs", "spa spa", "sPÁm\u0300", "two  spaces"]

    left = sieve_for(["spam", "eggs", "spa"]).left(Row(texts))

    assert left == {40: {"spam", "spa", "eggs"}, 41: {"spa"}, 42: {"spam", "spa"}, 43: None}


def test_no_coincidence_of_hashes_leaves_a_text_that_is_not_there() -> None:
    with patch.object(grams, "_hashes", lambda outline, _: np.zeros(outline.size, np.uint16)):
        left = Sieve(["spam"]).left(Row(COMPANY))

    assert [*left] == [*range(len(COMPANY))]


def test_patterns_without_number_are_not_told_apart() -> None:
    texts = [*COMPANY, "a" * 200]

    left = sieve_for(f"aaaa{number}aaaa" for number in range(100)).left(Row(texts))

    assert left == {40: None}


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


def hidden_from_the_sieve(texts: Sequence[str], pattern: str, make: MakeSieve = sieve_for) -> list[str]:
    """Return texts whose skeleton contains a pattern, and which are not left by the sieve."""
    row = [*COMPANY, *texts]
    left = set(make([pattern], bones_chart).left(Row(row)))
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

    left = set(sieve_for([*map(skeleton, texts)], bones_chart).left(Row(texts)))

    assert [ascii(text) for number, text in enumerate(texts) if number not in left] == []


@pytest.mark.parametrize(
    ("where", "part", "broken", "text", "term"),
    [
        (outlines, "squeezed", lambda outline: outline, "spaaam", "spam"),
        (sieve, "odd_places", lambda _: NOWHERE, "s|p|a|m", "spam"),
        (sieve, "odd_places", lambda _: NOWHERE, "ا\u0653ب", "آب"),
        (outlines, "spelt_out", lambda outline, *_: outline, "Straße", "strase"),
    ],
)
def test_a_sieve_that_hides_disguises_would_be_caught(
    where: ModuleType, part: str, broken: object, text: str, term: str
) -> None:
    assert hidden_from_the_sieve([text], skeleton(term), Sieve) == []

    with patch.object(where, part, broken):
        assert hidden_from_the_sieve([text], skeleton(term), Sieve) == [text]


def test_a_text_that_shows_a_pattern_very_often_is_left_with_all_that_it_shows() -> None:
    texts = [*COMPANY, *("ab" * 200 + end for end in ("", "c", "abcd"))]
    left = Sieve(["ab", "abab", "abc", "bcd"]).left(Row(texts))

    with patch.object(sieve, "_MANY", 1 << 30):
        one_by_one = Sieve(["ab", "abab", "abc", "bcd"]).left(Row(texts))

    assert left == one_by_one
    assert [len(left[number] or ()) for number in (40, 41, 42)] == [2, 3, 4]
