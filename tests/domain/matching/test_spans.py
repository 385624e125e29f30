"""Where a hit stands in the text as the caller sent it."""

import pytest

from service.domain.matching import Matcher, Strictness, Term, Text
from service.domain.matching.search import Search


def covered(term: str, text: str, strictness: Strictness = Strictness.STRICT) -> list[str]:
    hits = Matcher([Term(term, strictness=strictness)]).hits([[Text("caption", text)]])[0]
    return [text[hit.start : hit.end] for hit in hits]


@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [
        ("spam", "ﬃﬃ spam", "spam"),
        ("spam", "ßßß spam", "spam"),
        ("spam", "\u200b\u200b\u200b spam\u200b", "spam"),
        ("spam", "e\u0301e\u0301 spam", "spam"),
        ("spam", "a   -  b spam", "spam"),
        ("spam", "ﷺ spam", "spam"),
        ("spam", "𝔰𝔭𝔞𝔪 x", "𝔰𝔭𝔞𝔪"),
        ("café", "un cafe\u0301, oui", "cafe\u0301"),
        ("strasse", "die STRAßE da", "STRAßE"),
        ("한글", "옛 \u1112\u1161\u11ab\u1100\u1173\u11af 글", "\u1112\u1161\u11ab\u1100\u1173\u11af"),
        ("パン", "毎日ﾊﾟﾝです", "ﾊﾟﾝ"),
        ("شمس", "في الشَّمْس", "شَّمْس"),
        ("👍", "ok 👍🏽!", "👍🏽"),
        ("hate speech", "so much hate\u00a0—\n speech!", "hate\u00a0—\n speech"),
        ("사랑해", "나 사랑해ㅠㅠ", "사랑해"),
        ("각", "각ㄳ", "각"),
        ("가", "ﬁ 가\u200bㅋ", "가"),
        ("넧", "네\u200b\u11aa", "네\u200b\u11aa"),
        ("café", "caf\u00e9\u200d#", "caf\u00e9"),
        ("spam", "Ⓢpam\u200d♂️", "Ⓢpam"),
        ("spam", "ⓢⓟⓐⓂ\u200d♂️", "ⓢⓟⓐⓂ"),
        ("น้ำ", "ดื่ม น้ำ เย็น", "น้ำ"),
        ("ﬁ", "a ﬁ b", "ﬁ"),
        ("x y", "\ud800 x y", "x y"),
    ],
)
def test_a_hit_covers_the_term_as_it_was_written(term: str, text: str, expected: str) -> None:
    assert covered(term, text) == [expected]


def test_a_matcher_that_tells_places_in_folded_text_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Search, "_source", lambda _, start, end: (start, end))

    wrong = [
        text
        for text in ("ﬃﬃ spam", "ßßß spam", "\u200b spam", "a   -  b spam", "ﷺ spam")
        if covered("spam", text) != ["spam"]
    ]

    assert len(wrong) == 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ßß s.p.a.m!", "s.p.a.m"),
        ("\u200b s\u0337p\u0337a\u0337m\u0337 x", "s\u0337p\u0337a\u0337m\u0337"),
        ("ﬃ sраm", "sраm"),
        ("oh spaaaam oh", "spaaaam"),
        ("so $p@m.", "$p@m"),
    ],
)
def test_a_disguised_hit_covers_the_whole_disguise(text: str, expected: str) -> None:
    assert covered("spam", text, Strictness.LOOSE) == [expected]


def test_the_first_place_of_each_term_in_each_text_is_told() -> None:
    matcher = Matcher([Term("b"), Term("a b")])

    hits = matcher.hits([[Text("caption", "x a b a b"), Text("alt_text", "b b")], []])

    assert [tuple(hit) for hit in hits[0]] == [(0, 0, 4, 5, False), (1, 0, 2, 5, False), (0, 1, 0, 1, False)]
    assert hits[1] == []


def test_a_place_inside_an_allow_phrase_is_passed_over_for_the_next() -> None:
    matcher = Matcher([Term("dick")], ["moby dick"])

    (hit,) = matcher.hits([[Text("caption", "Moby-Dick, you dick")]])[0]

    assert hit.start == len("Moby-Dick, you ")


def test_a_term_with_fields_is_looked_for_in_those_alone() -> None:
    matcher = Matcher([Term("spam", fields=frozenset({"alt_text"}))])

    hits = matcher.hits([[Text("caption", "spam"), Text("alt_text", "spam")]])[0]

    assert [hit.text for hit in hits] == [1]
