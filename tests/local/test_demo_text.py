"""Text on a terminal: cut to a width in cells in every script, and harmless."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from service.local.demo_calls import Reason
from service.local.demo_text import (
    Excerpt,
    excerpt,
    field_text,
    has_invisible_characters,
    pad,
    printable,
    shorten,
    summary,
)


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert shorten("ガラスの港", 10) == "ガラスの港"


def test_a_wide_text_is_cut_by_cells_and_not_by_characters() -> None:
    assert shorten("ガラスの港", 9) == "ガラスの…"


def test_a_cut_never_splits_what_a_reader_calls_a_character() -> None:
    assert shorten("a👨‍👩‍👧‍👦b c", 3) == "a…"
    assert shorten("🇧🇷🇯🇵🇰🇪", 5) == "🇧🇷🇯🇵…"
    assert shorten("कर्मा", 3) in {"कर्मा", "कर्…", "…"}


def test_padding_reaches_the_same_width_in_every_script() -> None:
    assert {cell_len(pad(text, 12)) for text in ("mia", "ガラスの港です", "الميناء", "", "👍🏽" * 9)} == {12}


def test_an_excerpt_keeps_the_hit_and_the_words_around_it() -> None:
    text = "a long way before the glass harbor and a long way after it"
    start = text.index("glass harbor")

    assert excerpt(text, (start, start + 12), 30) == Excerpt("…ore the ", "glass harbor", " and a l…")


def test_an_excerpt_gives_unused_room_to_the_other_side() -> None:
    assert excerpt("glass harbor and a long way after", (0, 12), 22) == Excerpt(
        "", "glass harbor", " and a lo…"
    )


@given(
    text=st.text(min_size=1, max_size=60),
    cut=st.tuples(st.integers(0, 60), st.integers(0, 60)),
    width=st.integers(4, 40),
)
def test_an_excerpt_fits_whatever_the_text(text: str, cut: tuple[int, int], width: int) -> None:
    start, end = sorted(cut)

    assert cell_len("".join(excerpt(text, (start, end), width))) <= width


@given(st.text())
def test_nothing_printable_steers_a_terminal(text: str) -> None:
    shown = printable(text)

    assert not {"\x1b", "\n", "\r", "\x9b", "\u202e", "\u2066", "\u2028"} & set(shown)


def test_joiners_between_letters_and_emoji_stay() -> None:
    assert printable("👩‍🍳 می‌خواهم") == "👩‍🍳 می‌خواهم"


def test_invisible_characters_are_noticed() -> None:
    assert has_invisible_characters("gla\u200bss")
    assert not has_invisible_characters("👨‍👩‍👧")


def test_a_reason_points_into_the_text_of_its_field() -> None:
    post = {"caption": "a", "hashtags": ["b", "c"], "quoted": {"author_id": "x", "text": "d"}}

    assert field_text(post, Reason("keyword_filter", "caption")) == "a"
    assert field_text(post, Reason("keyword_filter", "hashtags", index=1)) == "c"
    assert field_text(post, Reason("keyword_filter", "quoted")) == "d"
    assert field_text(post, Reason("keyword_filter", "hashtags", index=7)) == ""
    assert field_text(post, Reason("block")) == ""


def test_a_post_without_a_caption_is_summed_up_by_the_next_thing_it_says() -> None:
    assert summary({"caption": "", "quoted": {"author_id": "x", "text": "said"}}) == "said"
    assert summary({"hashtags": ["one", "two"]}) == "#one #two"
    assert summary({}) == ""
