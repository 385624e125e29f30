"""A user edits keyword filters."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.consistency import BEFORE_EVERYTHING
from service.domain.keyword_filters import (
    FILTERS_PER_USER,
    TERMS_PER_FILTER,
    TERMS_PER_USER,
    FilterWording,
    KeywordFilterExists,
    NewKeywordFilter,
)
from service.domain.matching import UnmatchableTerm
from service.domain.refusals import InvalidValue, LimitReached, NotFound, RevisionMismatch
from service.usecases.edit_keyword_filters import (
    add_keyword_filter,
    change_keyword_filter,
    remove_keyword_filter,
)
from service.usecases.ports import Parts
from tests.builders import NOW, a_keyword_filter, a_new_keyword_filter, a_wording, parts


def with_filters(*wordings: FilterWording) -> Parts:
    """Return parts in which ``ada`` has filters, one edit each."""
    around = parts()
    for wording in wordings:
        add_keyword_filter(around, "ada", NewKeywordFilter(wording))
    return around


def revision_of(around: Parts, user_id: str = "ada") -> int:
    return around.settings.feed_rules(user_id).revision


def terms_of(around: Parts) -> list[tuple[str, ...]]:
    return [rule.terms for rule in around.settings.feed_rules("ada").filters]


def test_an_added_filter_gets_an_id_the_time_and_the_revision_it_brought_about() -> None:
    around = parts()

    edited = add_keyword_filter(around, "ada", a_new_keyword_filter(terms=("spoiler",)))

    assert edited.created
    assert edited.value.filter == a_keyword_filter(filter_id="kf_1", created_at=NOW, revision=1)
    assert (edited.head.user_id, edited.head.revision) == ("ada", 1)
    assert terms_of(around) == [("spoiler",)]


def test_the_same_filter_under_the_same_id_again_changes_nothing() -> None:
    around = parts()
    first = add_keyword_filter(around, "ada", a_new_keyword_filter(filter_id="mine"))

    again = add_keyword_filter(around, "ada", a_new_keyword_filter(filter_id="mine"))

    assert not again.created
    assert (again.value, again.head) == (first.value, first.head)
    assert revision_of(around) == 1


def test_another_filter_under_a_taken_id_is_refused() -> None:
    around = parts()
    add_keyword_filter(around, "ada", a_new_keyword_filter(filter_id="mine", terms=("old",)))

    with pytest.raises(KeywordFilterExists):
        add_keyword_filter(around, "ada", a_new_keyword_filter(filter_id="mine", terms=("new",)))

    assert (terms_of(around), revision_of(around)) == ([("old",)], 1)


def test_two_people_may_choose_the_same_id() -> None:
    around = parts()
    add_keyword_filter(around, "ada", a_new_keyword_filter(filter_id="mine"))

    assert add_keyword_filter(around, "bob", a_new_keyword_filter(filter_id="mine")).created


def test_a_filter_that_ended_already_is_refused_and_nothing_is_kept() -> None:
    around = parts()

    with pytest.raises(InvalidValue):
        add_keyword_filter(around, "ada", a_new_keyword_filter(expires_at=NOW))

    assert around.settings.feed_rules("ada").version == BEFORE_EVERYTHING


def test_the_last_filter_that_there_is_room_for_is_kept_and_the_next_refused() -> None:
    around = with_filters(*(a_wording(terms=(f"term {number}",)) for number in range(FILTERS_PER_USER)))

    with pytest.raises(LimitReached) as refusal:
        add_keyword_filter(around, "ada", a_new_keyword_filter())

    assert refusal.value.facts == {"limit": FILTERS_PER_USER, "current": FILTERS_PER_USER + 1}
    assert revision_of(around) == FILTERS_PER_USER


def test_terms_are_counted_over_all_filters_and_a_change_is_not_counted_twice() -> None:
    full = [
        a_wording(terms=tuple(f"{number} {term}" for term in range(TERMS_PER_FILTER)))
        for number in range(TERMS_PER_USER // TERMS_PER_FILTER)
    ]
    around = with_filters(*full)

    with pytest.raises(LimitReached):
        add_keyword_filter(around, "ada", a_new_keyword_filter(terms=("one more",)))
    change_keyword_filter(around, "ada", "kf_1", lambda wording: replace(wording, title="as many as before"))

    assert revision_of(around) == len(full) + 1


def test_a_change_keeps_the_time_of_adding_and_takes_the_new_revision() -> None:
    around = with_filters(a_wording(terms=("old",)))

    edited = change_keyword_filter(
        around, "ada", "kf_1", lambda wording: replace(wording, terms=("new",), enabled=True)
    )

    assert edited.value.filter == a_keyword_filter(filter_id="kf_1", terms=("new",), revision=2)
    assert terms_of(around) == [("new",)]


def test_a_change_that_changes_nothing_leaves_the_revision_as_it_was() -> None:
    around = with_filters(a_wording())

    edited = change_keyword_filter(around, "ada", "kf_1", lambda wording: wording)

    assert edited.value.filter.revision == edited.head.revision == revision_of(around) == 1


def test_a_change_to_something_unusable_leaves_the_filter_as_it_was() -> None:
    around = with_filters(a_wording(terms=("old",)))

    with pytest.raises(InvalidValue):
        change_keyword_filter(around, "ada", "kf_1", lambda wording: replace(wording, fields=()))

    assert (terms_of(around), revision_of(around)) == ([("old",)], 1)


def test_a_term_that_a_later_matcher_refuses_keeps_nobody_from_editing_their_filters() -> None:
    around = parts()
    with around.settings.edit("ada") as settings:
        settings.keyword_filters.put(a_keyword_filter(filter_id="stale", terms=("a", "old")))

    add_keyword_filter(around, "ada", a_new_keyword_filter(terms=("new",)))
    change_keyword_filter(around, "ada", "stale", lambda wording: replace(wording, enabled=False))
    with pytest.raises(UnmatchableTerm):
        change_keyword_filter(around, "ada", "stale", lambda wording: replace(wording, terms=("a", "b")))

    assert terms_of(around) == [("new",)]


def test_a_change_of_a_state_that_is_not_the_current_one_is_refused() -> None:
    around = with_filters(a_wording())
    change_keyword_filter(around, "ada", "kf_1", lambda wording: replace(wording, title="second"))

    with pytest.raises(RevisionMismatch) as refusal:
        change_keyword_filter(
            around, "ada", "kf_1", lambda wording: replace(wording, title="third"), expected={1}
        )
    with pytest.raises(RevisionMismatch):
        remove_keyword_filter(around, "ada", "kf_1", expected={1})

    assert refusal.value.kept == a_keyword_filter(filter_id="kf_1", title="second", revision=2)
    assert revision_of(around) == 2


def test_a_removed_filter_is_gone() -> None:
    around = with_filters(a_wording(terms=("kept",)), a_wording(terms=("removed",)))

    edited = remove_keyword_filter(around, "ada", "kf_2", expected={2})

    assert edited.head.revision == 3
    assert terms_of(around) == [("kept",)]


@pytest.mark.parametrize("whose", ["ada", "eve"])
def test_a_filter_that_does_not_exist_or_is_somebody_elses_is_not_found(whose: str) -> None:
    around = with_filters(a_wording())
    filter_id = "kf_1" if whose == "eve" else "kf_2"

    with pytest.raises(NotFound) as of_change:
        change_keyword_filter(around, whose, filter_id, lambda wording: wording)
    with pytest.raises(NotFound) as of_removal:
        remove_keyword_filter(around, whose, filter_id)

    assert of_change.value.detail == of_removal.value.detail == "There is no such keyword filter."
    assert revision_of(around, "eve") == 0


def test_a_term_that_another_filter_has_comes_back_as_a_warning() -> None:
    around = with_filters(a_wording(terms=("spoiler", "ending")))

    edited = add_keyword_filter(around, "ada", a_new_keyword_filter(terms=("Spoiler", "cats")))

    assert [(each.code, each.term) for each in edited.value.warnings] == [("duplicate-term", "Spoiler")]
    assert len(terms_of(around)) == 2


def test_a_filter_may_last_exactly_as_long_as_any_may() -> None:
    around = parts()
    year = NOW + timedelta(days=366)

    add_keyword_filter(around, "ada", a_new_keyword_filter(expires_at=year))
    with pytest.raises(InvalidValue):
        add_keyword_filter(around, "ada", a_new_keyword_filter(expires_at=year + timedelta(seconds=1)))
