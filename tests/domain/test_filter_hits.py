"""Which filters a post hits, and where."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.domain.feed import Candidate, Quoted
from service.domain.feed_rules import FilterRule
from service.domain.filter_hits import FilterHit, Place, ReadyFilters
from service.domain.keyword_filters import Field, Op
from tests.builders import NOW, a_candidate, a_filter_rule
from tests.domain.strategies import candidates, few, filters


def hits(post: Candidate, **wording: Any) -> list[FilterHit]:
    """Return what one filter of ``viewer`` finds in a post."""
    return ReadyFilters([a_filter_rule(**wording)]).hits("viewer", [post], "for_you", NOW).get(0, [])


def test_the_viewers_own_words_are_no_hit_where_somebody_quotes_them() -> None:
    own = a_candidate(quoted=Quoted("viewer", "a spoiler"))
    others = a_candidate(quoted=Quoted("friend", "a spoiler"))

    assert hits(own) == []
    assert [hit.place.field for hit in hits(others)] == [Field.QUOTED]


def test_a_hit_points_at_the_callers_own_characters() -> None:
    caption = "👩\u200d🚀 İ ﬁ: a SPOILER!"

    [hit] = hits(a_candidate(caption=caption))

    start, end = hit.span
    assert caption[start:end] == "SPOILER"
    assert (hit.place, hit.rule.id, hit.evasion) == (Place(Field.CAPTION, None), "filter", False)


def test_a_hit_in_a_list_says_in_which_item() -> None:
    [hit] = hits(a_candidate(hashtags=("cats", "art", "spoiler")))

    assert (hit.place, hit.span) == (Place(Field.HASHTAGS, 2), (0, 7))


def test_a_filter_gives_one_hit_a_post_at_the_first_place_that_counts() -> None:
    post = a_candidate(caption="spoiler, spoiler", transcript="a spoiler")

    [everywhere] = hits(post)
    [in_transcript] = hits(post, fields=(Field.TRANSCRIPT,))

    assert (everywhere.place.field, everywhere.span) == (Field.CAPTION, (0, 7))
    assert (in_transcript.place.field, in_transcript.span) == (Field.TRANSCRIPT, (2, 9))


def test_of_a_filters_terms_the_first_that_stands_in_the_text_is_told() -> None:
    post = a_candidate(caption="dog, sp0iler, cat, dog", transcript="ant")

    [plain] = hits(post, terms=("bee", "cat", "dog", "ant"))
    [disguised] = hits(post, terms=("spoiler", "dog"))

    assert (plain.place.field, plain.span) == (Field.CAPTION, (14, 17))
    assert (disguised.span, disguised.evasion) == ((5, 12), True)


def test_a_filter_that_asks_for_all_of_its_terms_is_told_of_each() -> None:
    post = a_candidate(caption="cat dog")

    [hit] = hits(post, terms=("dog", "cat"), op=Op.ALL)

    assert hit.span == (4, 7)
    assert not hits(post, terms=("dog", "cat", "ant"), op=Op.ALL)


def test_terms_of_one_filter_stand_for_no_other_filter() -> None:
    ready = ReadyFilters(
        [
            a_filter_rule(filter_id="any", terms=("cat", "\u200b", "dog")),
            a_filter_rule(filter_id="all", terms=("cat", "ant"), op=Op.ALL),
            a_filter_rule(filter_id="other", terms=("dog", "cat")),
        ]
    )

    found = ready.hits("viewer", [a_candidate(caption="ant cat dog")], "for_you", NOW)[0]

    assert [(hit.rule.id, hit.span) for hit in found] == [
        ("any", (4, 7)),
        ("all", (4, 7)),
        ("other", (8, 11)),
    ]


def test_a_stored_term_that_the_matcher_refuses_today_is_passed_over() -> None:
    ready = ReadyFilters(
        [
            a_filter_rule(filter_id="first", terms=("\u200b", "cat")),
            a_filter_rule(filter_id="second", terms=("x", "spoiler")),
            a_filter_rule(filter_id="third", terms=("spoiler", "a*b"), op=Op.ALL),
        ]
    )

    [hit] = ready.hits("viewer", [a_candidate(caption="a spoiler")], "for_you", NOW)[0]

    assert hit.rule.id == "second"
    assert ready.passed_over == 3


def test_a_term_written_twice_asks_for_no_more_than_once() -> None:
    assert hits(a_candidate(caption="a spoiler"), terms=("spoiler", "Spoiler"), op=Op.ALL)


def test_without_filters_no_post_is_hit() -> None:
    assert ReadyFilters([]).hits("viewer", [a_candidate(), a_candidate()], "for_you", NOW) == {}


@few
@given(st.lists(filters, max_size=4), st.lists(candidates, max_size=4))
def test_filters_do_not_change_what_other_filters_hit(
    drawn: list[FilterRule], posts: list[Candidate]
) -> None:
    rules = [replace(rule, id=str(number)) for number, rule in enumerate(drawn)]
    together = ReadyFilters(rules).hits("viewer", posts, "for_you", NOW)

    apart = [ReadyFilters([rule]).hits("viewer", posts, "for_you", NOW) for rule in rules]
    for number in range(len(posts)):
        found = {hit.rule.id: hit for hit in together.get(number, ())}
        assert found == {hit.rule.id: hit for of_rule in apart for hit in of_rule.get(number, ())}
