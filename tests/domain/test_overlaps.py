"""Terms that find nothing new, and the warning about them."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.keyword_filters import Action, AuthorScope, Field, FilterWording, Op, ScopeKind, term_of
from service.domain.matching import Matcher, Mode, Strictness, Text
from service.domain.overlaps import repeated_terms
from tests.builders import NOW, a_keyword_filter, a_wording

TOMORROW = NOW + timedelta(days=1)


def warned(wording: FilterWording, **kept: Any) -> list[tuple[str, str]]:
    """Return code and term of what is warned of beside one kept filter."""
    warnings = repeated_terms([a_keyword_filter(**kept)], wording, NOW)
    return [(warning.code.removesuffix("-term"), warning.term) for warning in warnings]


def warned_within(*terms: str, **members: Any) -> list[tuple[str, str]]:
    """Return code and term of what is warned of in one filter by itself."""
    warnings = repeated_terms([], a_wording(terms=terms, **members), NOW)
    return [(warning.code.removesuffix("-term"), warning.term) for warning in warnings]


@pytest.mark.parametrize("written", ["spoiler", "SPOILER", " spoiler ", "ｓｐｏｉｌｅｒ"])
def test_kf_16_a_term_that_another_filter_looks_for_already_is_a_duplicate(written: str) -> None:
    assert warned(a_wording(terms=("leak", written)), terms=("finale", "spoiler")) == [("duplicate", written)]


@pytest.mark.parametrize("written", ["spoilers", "spoiler*", "a spoiler", "*spoiler", "spoilerish"])
def test_kf_16_a_term_that_finds_more_or_other_things_is_not_warned_of(written: str) -> None:
    assert warned(a_wording(terms=(written,)), terms=("spoiler",)) == []


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("cat*", "cats"),
        ("cat*", "cats*"),
        ("cat*", "cats of rome"),
        ("*cat", "bobcat"),
        ("*cat", "*bobcat"),
        ("*cat*", "concatenate"),
        ("*cat*", "cat*"),
        ("*cat*", "*cats"),
        ("CAT*", "ｃａｔｓ"),
    ],
)
def test_kf_16_a_wider_term_subsumes_a_narrower_one_but_not_the_other_way_round(
    wide: str, narrow: str
) -> None:
    assert warned(a_wording(terms=(narrow,)), terms=(wide,)) == [("subsumed", narrow)]
    assert warned(a_wording(terms=(wide,)), terms=(narrow,)) == []
    assert warned_within(wide, narrow) == warned_within(narrow, wide) == [("subsumed", narrow)]


@pytest.mark.parametrize(
    ("mode", "wide", "narrow"),
    [(Mode.DOMAIN, "example.org", "m.example.org"), (Mode.TAG, "#art", "art")],
)
def test_kf_16_domains_and_tags_are_compared_as_they_are_meant(mode: Mode, wide: str, narrow: str) -> None:
    assert [term for _, term in warned(a_wording(terms=(narrow,), mode=mode), terms=(wide,), mode=mode)] == [
        narrow
    ]
    assert warned(a_wording(terms=("notexample.org",), mode=mode), terms=(wide,), mode=mode) == []


def test_kf_16_a_phrase_does_not_subsume_the_hashtag_that_a_caption_writes_without_its_spaces() -> None:
    assert warned(a_wording(terms=("elden ring",), mode=Mode.TAG), terms=("elden ring",)) == []
    assert warned(a_wording(terms=("elden ring",), mode=Mode.TAG), terms=("elden*",)) != []


def test_kf_16_a_term_written_twice_in_one_filter_is_a_duplicate_once() -> None:
    assert warned_within("spoiler", "Spoiler", "leak") == [("duplicate", "Spoiler")]


def test_kf_16_where_all_terms_are_needed_a_wider_one_is_no_substitute() -> None:
    assert warned_within("cat*", "cats", op=Op.ALL) == []
    assert warned(a_wording(terms=("cats",)), terms=("cat*", "dog"), op=Op.ALL) == []


@pytest.mark.parametrize(
    "kept",
    [
        {"enabled": False},
        {"expires_at": NOW},
        {"expires_at": TOMORROW},
        {"fields": (Field.CAPTION,)},
        {"surfaces": ("for_you",)},
        {"action": Action.DOWNRANK},
        {"author_scope": AuthorScope(ScopeKind.EXCLUDE_FOLLOWING)},
    ],
)
def test_kf_16_a_filter_that_does_less_subsumes_nothing(kept: dict[str, Any]) -> None:
    assert warned(a_wording(terms=("cats",)), terms=("cat*",), **kept) == []


def test_kf_16_a_filter_that_does_as_much_subsumes() -> None:
    some = {"fields": (Field.CAPTION,), "surfaces": ("for_you",), "expires_at": TOMORROW}

    assert warned(a_wording(terms=("cats",), **some), terms=("cat*",), **some) == [("subsumed", "cats")]


@pytest.mark.parametrize("kept", [{"enabled": False}, {"expires_at": NOW}])
def test_kf_16_a_filter_that_rests_is_no_reason_for_a_warning(kept: dict[str, Any]) -> None:
    assert warned(a_wording(), **kept) == []


def test_kf_16_a_strict_term_does_not_subsume_one_that_looks_through_disguises() -> None:
    loose = a_wording(terms=("cats",), strictness=Strictness.LOOSE)

    assert warned(loose, terms=("cat*",), strictness=Strictness.STRICT) == []


def test_kf_16_a_warning_names_the_other_term_and_its_filter() -> None:
    [warning] = repeated_terms(
        [a_keyword_filter(filter_id="kf_7", terms=("cat*",))], a_wording(terms=("cats",)), NOW
    )

    assert (warning.code, warning.term, warning.other, warning.filter_id) == (
        "subsumed-term",
        "cats",
        "cat*",
        "kf_7",
    )
    assert "kf_7" in warning.detail


WRITTEN = st.from_regex(r"\*?[ab]{1,3}( [ab]{1,2})?\*?", fullmatch=True)


@given(WRITTEN, WRITTEN, st.text(alphabet="ab #,", max_size=12), st.sampled_from(["caption", "hashtags"]))
def test_kf_16_whatever_a_subsumed_term_hits_the_wider_one_hits(
    one: str, two: str, text: str, field: str
) -> None:
    if any(len(each.strip("*")) < 2 for each in (one, two)):
        return
    wording = a_wording(terms=(one, two), strictness=Strictness.STRICT)
    for warning in repeated_terms([], wording, NOW):
        narrow, wide = (Matcher([term_of(each, wording)]) for each in (warning.term, warning.other))
        post = [[Text(field, text)]]
        assert bool(wide.hits(post)[0]) >= bool(narrow.hits(post)[0])
