"""A user says in which wordings a filtered term is meant otherwise."""

import pytest

from service.domain.allow_phrases import PHRASES_PER_USER, AllowPhrases
from service.domain.matching import UnmatchableTerm
from service.domain.refusals import LimitReached, Refusal, RevisionMismatch
from service.usecases.edit_allow_phrases import replace_allow_phrases
from service.usecases.read_settings import read_allow_phrases, read_settings
from tests.builders import parts

ALERT = ("spoiler alert",)


def test_kf_09_phrases_are_kept_in_place_of_all_earlier_ones() -> None:
    around = parts()
    replace_allow_phrases(around, "ada", ("one", "two"), expected={0})

    edited = replace_allow_phrases(around, "ada", ALERT, expected={1})

    assert edited.value == AllowPhrases(ALERT, edited.head.revision) == AllowPhrases(ALERT, 2)
    assert read_allow_phrases(around, "ada") == read_settings(around, "ada").allow_phrases == edited.value
    assert around.settings.feed_rules("ada").allow_phrases == ALERT


def test_kf_09_the_same_phrases_again_change_nothing() -> None:
    around = parts()
    first = replace_allow_phrases(around, "ada", ALERT, expected=None)

    again = replace_allow_phrases(around, "ada", ALERT, expected=None)

    assert (again.value, again.head) == (first.value, first.head)


def test_kf_09_whoever_did_not_see_the_current_phrases_is_told_them() -> None:
    around = parts()
    replace_allow_phrases(around, "ada", ALERT, expected={0})

    with pytest.raises(RevisionMismatch) as refusal:
        replace_allow_phrases(around, "ada", ("mine",), expected={0})

    assert refusal.value.kept == AllowPhrases(ALERT, 1)


@pytest.mark.parametrize(
    ("phrases", "refused"),
    [
        (tuple(f"phrase {number}" for number in range(PHRASES_PER_USER + 1)), LimitReached),
        (("good", " "), UnmatchableTerm),
        (("x" * 65,), UnmatchableTerm),
    ],
)
def test_kf_09_phrases_that_cannot_be_are_refused_and_nothing_is_kept(
    phrases: tuple[str, ...], refused: type[Refusal]
) -> None:
    around = parts()

    with pytest.raises(refused):
        replace_allow_phrases(around, "ada", phrases, expected=None)

    assert read_allow_phrases(around, "ada") == AllowPhrases()


def test_kf_09_a_hundred_phrases_are_room_enough() -> None:
    hundred = tuple(f"phrase {number}" for number in range(PHRASES_PER_USER))

    assert replace_allow_phrases(parts(), "ada", hundred, expected=None).value.phrases == hundred
