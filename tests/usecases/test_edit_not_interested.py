"""A user says what is not for them, and takes it back."""

from datetime import timedelta

import pytest

from service.domain.consistency import BEFORE_EVERYTHING
from service.domain.not_interested import LATEST_ARRIVAL, Entity, Reason
from service.domain.refusals import InvalidValue, NotFound
from service.usecases.edit_not_interested import send_not_interested, undo_not_interested
from tests.builders import NOW, a_new_signal, parts


def test_a_signal_is_taken_with_a_receipt_of_what_it_does() -> None:
    around = parts()

    edited = send_not_interested(
        around, "ada", a_new_signal(reasons=(Reason.AUTHOR,), author_id="author", topics=("tea",))
    )

    assert edited.created
    assert (edited.value.signal.id, edited.value.signal.at, edited.value.signal.revision) == ("ni_1", NOW, 1)
    assert {(effect.entity, effect.id) for effect in edited.value.effects} == {
        (Entity.ITEM, "post"),
        (Entity.AUTHOR, "author"),
    }
    assert {push.entity for push in around.settings.feed_rules("ada").pushes} == {Entity.ITEM, Entity.AUTHOR}


def test_a_receipt_counts_earlier_signals_about_the_same_and_leaves_out_others() -> None:
    around = parts()
    about_tea = {"reasons": (Reason.TOPIC,), "topics": ("tea",)}
    send_not_interested(around, "ada", a_new_signal(item_id="post-1", **about_tea))
    send_not_interested(around, "ada", a_new_signal(item_id="post-2", reasons=(Reason.ITEM,)))

    edited = send_not_interested(around, "ada", a_new_signal(item_id="post-3", **about_tea))

    strengths = {effect.id: effect.strength for effect in edited.value.effects}
    assert strengths == {"post-3": 0.0, "tea": 0.25}


def test_a_signal_that_arrives_twice_is_taken_once() -> None:
    around = parts()
    first = send_not_interested(around, "ada", a_new_signal(id="tap-1"))

    again = send_not_interested(around, "ada", a_new_signal(id="tap-1"))

    assert not again.created
    assert (again.value, again.head) == (first.value, first.head)
    assert len(around.settings.feed_rules("ada").pushes) == 1


@pytest.mark.parametrize(
    ("late_by", "counted_from"),
    [
        (timedelta(days=2), NOW - timedelta(days=2)),
        (timedelta(days=30), NOW - LATEST_ARRIVAL),
        (timedelta(hours=-1), NOW),
    ],
)
def test_the_clients_clock_is_believed_within_reason(late_by: timedelta, counted_from: object) -> None:
    edited = send_not_interested(parts(), "ada", a_new_signal(sent_at=NOW - late_by))

    assert edited.value.signal.at == counted_from


def test_hashtags_are_kept_in_the_form_that_posts_are_compared_with() -> None:
    edited = send_not_interested(
        parts(), "ada", a_new_signal(reasons=(Reason.HASHTAG,), hashtags=("#TeaTime",))
    )

    assert edited.value.signal.hashtags == ("teatime",)


def test_a_signal_about_something_that_did_not_come_with_the_item_is_refused() -> None:
    around = parts()

    with pytest.raises(InvalidValue):
        send_not_interested(around, "ada", a_new_signal(reasons=(Reason.SOUND,)))

    assert around.settings.feed_rules("ada").version == BEFORE_EVERYTHING


def test_a_signal_can_be_taken_back_however_old_it_is() -> None:
    around = parts()
    send_not_interested(around, "ada", a_new_signal(id="tap-1"))
    years_later = parts(settings=around.settings, now=NOW + timedelta(days=1000))

    edited = undo_not_interested(years_later, "ada", "tap-1")

    assert edited.head.revision == 2
    assert around.settings.feed_rules("ada").pushes == ()


def test_a_signal_that_does_not_exist_or_is_somebody_elses_cannot_be_taken_back() -> None:
    around = parts()
    send_not_interested(around, "ada", a_new_signal(id="tap-1"))

    with pytest.raises(NotFound):
        undo_not_interested(around, "eve", "tap-1")
    with pytest.raises(NotFound):
        undo_not_interested(around, "ada", "tap-2")

    assert len(around.settings.feed_rules("ada").pushes) == 1
