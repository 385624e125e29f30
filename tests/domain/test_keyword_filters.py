"""Keyword filters: what is accepted, how many, and what is warned of."""

from datetime import timedelta
from typing import Any

import pytest

from service.domain.keyword_filters import (
    AUTHORS_PER_SCOPE,
    FIELDS_BY_DEFAULT,
    FILTERS_PER_USER,
    TERMS_PER_FILTER,
    TERMS_PER_USER,
    AuthorScope,
    Field,
    ScopeKind,
    require_lasting_wording,
    require_room,
    require_valid_wording,
)
from service.domain.matching import UnmatchableTerm
from service.domain.refusals import InvalidValue, LimitReached, Refusal
from tests.builders import NOW, a_keyword_filter, a_wording


def test_a_filter_looks_at_every_field_but_names_unless_told_otherwise() -> None:
    assert set(FIELDS_BY_DEFAULT) == set(Field) - {Field.AUTHOR_NAME}


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"surfaces": ("for_you", "comments")},
        {"fields": (Field.AUTHOR_NAME,)},
        {"author_scope": AuthorScope(ScopeKind.ONLY, ("ann",))},
        {"author_scope": AuthorScope(ScopeKind.EXCEPT, ("ann", "ben"))},
        {"author_scope": AuthorScope(ScopeKind.EXCLUDE_FOLLOWING)},
        {"expires_at": NOW + timedelta(days=365)},
    ],
)
def test_a_filter_that_can_work_is_accepted(members: dict[str, Any]) -> None:
    require_valid_wording(a_wording(**members), NOW)


@pytest.mark.parametrize(
    ("members", "refusal", "about"),
    [
        ({"terms": ("spoiler", " ")}, UnmatchableTerm, "nothing to look for"),
        ({"terms": ("**",)}, UnmatchableTerm, r"'\*\*' has nothing to look for"),
        ({"terms": ("e",)}, UnmatchableTerm, "everywhere"),
        ({"terms": ("x" * 65,)}, UnmatchableTerm, "longer than 64"),
        ({"terms": ("sp*iler",)}, UnmatchableTerm, "inside"),
        ({"terms": ()}, InvalidValue, "terms"),
        ({"fields": ()}, InvalidValue, "fields"),
        ({"surfaces": ("for_you", "nowhere")}, InvalidValue, "surfaces"),
        ({"author_scope": AuthorScope(ScopeKind.ONLY)}, InvalidValue, "author_scope"),
        ({"author_scope": AuthorScope(ScopeKind.EXCEPT)}, InvalidValue, "author_scope"),
        ({"author_scope": AuthorScope(ScopeKind.EVERYONE, ("ann",))}, InvalidValue, "author_scope"),
        ({"author_scope": AuthorScope(ScopeKind.EXCLUDE_FOLLOWING, ("ann",))}, InvalidValue, "author_scope"),
        ({"expires_at": NOW}, InvalidValue, "expires_at"),
    ],
)
def test_a_filter_that_could_not_work_is_refused(
    members: dict[str, Any], refusal: type[Refusal], about: str
) -> None:
    with pytest.raises(refusal, match=about):
        require_valid_wording(a_wording(**members), NOW)


def test_a_filter_that_ended_is_wrong_for_now_only() -> None:
    require_lasting_wording(a_wording(expires_at=NOW - timedelta(days=1)))


@pytest.mark.parametrize("term", ["x" * 64, "猫", "🎃", "👨‍👩‍👧", "ＳＰＯＩＬＥＲ", "elden ring", "c\\*\\*t"])
def test_a_term_is_measured_as_a_reader_sees_it(term: str) -> None:
    require_valid_wording(a_wording(terms=(term,)), NOW)


@pytest.mark.parametrize(
    ("members", "live"),
    [
        ({}, True),
        ({"enabled": False}, False),
        ({"expires_at": NOW + timedelta(microseconds=1)}, True),
        ({"expires_at": NOW}, False),
        ({"expires_at": NOW + timedelta(days=1), "enabled": False}, False),
    ],
)
def test_a_filter_works_while_it_is_on_and_has_not_ended(members: dict[str, Any], *, live: bool) -> None:
    assert a_keyword_filter(**members).is_live(NOW) is live


def test_kf_02_the_limit_on_filters_says_where_it_stands() -> None:
    kept = [a_keyword_filter(filter_id=str(number)) for number in range(FILTERS_PER_USER)]

    require_room(kept[:-1], a_wording())
    with pytest.raises(LimitReached) as refused:
        require_room(kept, a_wording())

    assert refused.value.facts == {"limit": 200, "current": 201}


def test_kf_02_the_limit_on_terms_counts_those_of_all_filters() -> None:
    twenty = tuple(f"term{number}" for number in range(20))
    kept = [a_keyword_filter(filter_id=str(number), terms=twenty) for number in range(49)]

    require_room(kept, a_wording(terms=twenty))
    with pytest.raises(LimitReached) as refused:
        require_room(kept, a_wording(terms=(*twenty, "one more")))

    assert refused.value.facts == {"limit": TERMS_PER_USER, "current": 1_001}


def test_kf_01_the_limit_on_terms_of_one_filter_says_where_it_stands() -> None:
    twenty = tuple(f"term{number}" for number in range(TERMS_PER_FILTER))

    require_lasting_wording(a_wording(terms=twenty))
    with pytest.raises(LimitReached) as refused:
        require_lasting_wording(a_wording(terms=(*twenty, "one more")))

    assert refused.value.facts == {"limit": 20, "current": 21}


def test_kf_07_the_limit_on_authors_of_one_scope_says_where_it_stands() -> None:
    fifty = tuple(f"author{number}" for number in range(AUTHORS_PER_SCOPE))

    require_lasting_wording(a_wording(author_scope=AuthorScope(ScopeKind.ONLY, fifty)))
    with pytest.raises(LimitReached) as refused:
        require_lasting_wording(a_wording(author_scope=AuthorScope(ScopeKind.EXCEPT, (*fifty, "one more"))))

    assert refused.value.facts == {"limit": 50, "current": 51}


def test_kf_02_a_term_that_is_too_long_says_how_long_it_may_be() -> None:
    with pytest.raises(UnmatchableTerm) as refused:
        require_lasting_wording(a_wording(terms=("é" * 65,)))

    assert refused.value.facts == {"term": "é" * 65, "limit": 64, "current": 65}
