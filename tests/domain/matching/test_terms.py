"""How users write terms."""

import pytest

from service.domain.matching import Mode, Strictness, UnmatchableTerm, parse_term


@pytest.mark.parametrize(
    ("written", "text", "mode"),
    [
        ("cat", "cat", Mode.WORD),
        ("cat*", "cat", Mode.PREFIX),
        ("*cat", "cat", Mode.SUFFIX),
        ("*cat*", "cat", Mode.SUBSTRING),
        (r"cat\*", "cat*", Mode.WORD),
        (r"\*cat*", "*cat", Mode.PREFIX),
        (r"c\at", r"c\at", Mode.WORD),
        ("*️⃣*", "*️⃣", Mode.PREFIX),
    ],
)
def test_a_star_at_an_end_chooses_the_mode(written: str, text: str, mode: Mode) -> None:
    term = parse_term(written)

    assert (term.text, term.mode) == (text, mode)


def test_without_a_star_the_mode_of_the_filter_holds() -> None:
    assert parse_term("cat", Mode.TAG).mode is Mode.TAG


@pytest.mark.parametrize(
    "written", ["", " ", "*", "**", "___", "\u200b", "a*b", "***", "x", "é", "7", "#", "a" * 65, "🏽", r"\**"]
)
def test_a_term_that_says_nothing_or_too_much_is_refused(written: str) -> None:
    with pytest.raises(UnmatchableTerm):
        parse_term(written)


@pytest.mark.parametrize(
    "written", ["猫", "の", "ン", "책", "ก", "👍🏽", "👨‍👩‍👧", "🇫🇷", "1️⃣", "a" * 64, "👨‍👩‍👧" * 64, "ab", "42"]
)
def test_a_term_is_measured_in_what_readers_take_for_characters(written: str) -> None:
    assert parse_term(written).text == written


@pytest.mark.parametrize(
    ("written", "strictness"),
    [
        ("cat", Strictness.STRICT),
        ("cats", Strictness.LOOSE),
        ("1984", Strictness.STRICT),
        ("a b c d", Strictness.LOOSE),
    ],
)
def test_a_term_is_loose_from_four_letters_on(written: str, strictness: Strictness) -> None:
    assert parse_term(written).strictness is strictness


def test_a_user_may_choose_the_strictness() -> None:
    assert parse_term("cats", strictness=Strictness.STRICT).strictness is Strictness.STRICT
