"""A user says what is not for them, and takes it back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.consistency import BEFORE_EVERYTHING
from service.domain.matching import Mode
from service.domain.mutes import MuteTarget, MuteType
from service.domain.not_interested import (
    LATEST_ARRIVAL,
    SIGNALS_PER_USER,
    Direction,
    Entity,
    Reason,
    Signal,
)
from service.domain.offers import Offer, OfferedFilter
from service.domain.refusals import InvalidItem, InvalidValue, LimitReached, NotFound
from service.domain.signal_resets import ResetScope
from service.usecases.edit_keyword_filters import add_keyword_filter
from service.usecases.edit_not_interested import (
    Receipt,
    Taking,
    send_many_not_interested,
    send_not_interested,
    undo_not_interested,
)
from service.usecases.editing import Edited
from service.usecases.read_settings import list_not_interested
from service.usecases.reset_not_interested import reset_not_interested
from tests.builders import NOW, a_new_keyword_filter, a_new_signal, a_signal, parts


def signal_in(edited: Edited[Receipt]) -> Signal:
    """Return the signal that a receipt is about."""
    assert edited.value.signal
    return edited.value.signal


def test_a_signal_is_taken_with_a_receipt_of_what_it_does() -> None:
    around = parts()

    edited = send_not_interested(
        around, "ada", a_new_signal(reasons=(Reason.AUTHOR,), author_id="author", topics=("tea",))
    )

    assert edited.created
    kept = signal_in(edited)
    assert (kept.id, kept.at, kept.revision) == ("ni_1", NOW, 1)
    assert {(effect.entity, effect.id) for effect in edited.value.effects} == {
        (Entity.ITEM, "post"),
        (Entity.AUTHOR, "author"),
    }
    rules = around.settings.feed_rules("ada")
    assert rules.rejected_items == ("post",)
    assert {push.entity for push in rules.pushes} == {Entity.AUTHOR}


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
    assert (again.value, again.head) == (replace(first.value, status=Taking.KNOWN), first.head)
    assert around.settings.feed_rules("ada").rejected_items == ("post",)


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

    assert signal_in(edited).at == counted_from


def test_hashtags_are_kept_in_the_form_that_posts_are_compared_with() -> None:
    edited = send_not_interested(
        parts(), "ada", a_new_signal(reasons=(Reason.HASHTAG,), hashtags=("#TeaTime",))
    )

    assert signal_in(edited).hashtags == ("teatime",)


def test_ni_02_hashtags_that_name_nothing_or_are_longer_than_any_are_passed_over() -> None:
    around, ligatures = parts(), "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 128

    signal = signal_in(
        send_not_interested(around, "ada", a_new_signal(hashtags=("#", "Cats", "#cats", ligatures)))
    )

    assert signal.hashtags == ("cats",)
    with pytest.raises(InvalidValue):
        send_not_interested(around, "ada", a_new_signal(reasons=(Reason.HASHTAG,), hashtags=("#",)))


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
    assert around.settings.feed_rules("ada").rejected_items == ()


def test_a_signal_that_does_not_exist_or_is_somebody_elses_cannot_be_taken_back() -> None:
    around = parts()
    send_not_interested(around, "ada", a_new_signal(id="tap-1"))

    with pytest.raises(NotFound):
        undo_not_interested(around, "eve", "tap-1")
    with pytest.raises(NotFound):
        undo_not_interested(around, "ada", "tap-2")

    assert around.settings.feed_rules("ada").rejected_items == ("post",)


def test_ni_08_an_undone_signal_is_as_if_it_had_never_been_sent() -> None:
    without, undone = parts(), parts()
    for around in (without, undone):
        send_not_interested(around, "ada", a_new_signal(id="kept", item_id="other", topics=("tea",)))
    send_not_interested(undone, "ada", a_new_signal(id="tap-1", topics=("tea",), reasons=(Reason.TOPIC,)))

    undo_not_interested(undone, "ada", "tap-1")

    rules = [around.settings.feed_rules("ada") for around in (without, undone)]
    assert rules[0].rejected_items == rules[1].rejected_items == ("other",)
    assert rules[0].pushes == rules[1].pushes


def test_ni_08_a_late_repetition_of_an_undone_signal_does_not_bring_it_back() -> None:
    around = parts()
    send_not_interested(around, "ada", a_new_signal(id="tap-1"))
    undone = undo_not_interested(around, "ada", "tap-1")

    again = send_not_interested(around, "ada", a_new_signal(id="tap-1"))

    assert (again.value.status, again.value.effects, again.head) == (Taking.UNDONE, (), undone.head)
    assert around.settings.feed_rules("ada").rejected_items == ()


def test_ni_08_undoing_twice_is_fine_and_counts_once() -> None:
    around = parts()
    send_not_interested(around, "ada", a_new_signal(id="tap-1"))
    first = undo_not_interested(around, "ada", "tap-1")

    assert undo_not_interested(around, "ada", "tap-1").head == first.head


def test_ni_01_a_batch_is_one_edit_with_a_receipt_each() -> None:
    around = parts()
    about_tea = {"reasons": (Reason.TOPIC,), "topics": ("tea",)}

    edited = send_many_not_interested(
        around, "ada", [a_new_signal(id=f"tap-{n}", item_id=f"post-{n}", **about_tea) for n in range(2)]
    )

    assert edited.head.revision == 1
    assert [(each.id, each.status) for each in edited.value] == [
        ("tap-0", Taking.TAKEN),
        ("tap-1", Taking.TAKEN),
    ]
    for receipt in edited.value:
        assert {each.id: each.strength for each in receipt.effects}["tea"] == 0.25


def test_ni_01_one_bad_signal_leaves_the_others_of_a_batch_alone() -> None:
    around = parts()
    unreadable = InvalidItem({"item_id": ["Missing data for required field."]})

    edited = send_many_not_interested(
        around, "ada", [a_new_signal(reasons=(Reason.SOUND,)), unreadable, a_new_signal(id="good")]
    )

    assert [each.status for each in edited.value] == [Taking.REFUSED, Taking.REFUSED, Taking.TAKEN]
    assert edited.value[1].refusal is unreadable
    assert around.settings.feed_rules("ada").rejected_items == ("post",)


def test_ni_01_a_batch_that_arrives_twice_changes_nothing_the_second_time() -> None:
    around = parts()
    batch = [a_new_signal(id="one"), a_new_signal(id="two"), a_new_signal(id="one", item_id="other")]
    first = send_many_not_interested(around, "ada", batch)

    again = send_many_not_interested(around, "ada", batch)

    assert [each.status for each in first.value] == [Taking.TAKEN, Taking.TAKEN, Taking.KNOWN]
    assert {each.status for each in again.value} == {Taking.KNOWN}
    assert again.head == first.head


def test_ni_03_where_there_is_no_room_a_signal_is_refused_and_no_older_one_forgotten() -> None:
    around = parts()
    kept = [a_signal(id=f"{n}", item_id=f"{n}", at=NOW - timedelta(hours=n)) for n in range(SIGNALS_PER_USER)]
    with around.settings.edit("ada") as settings:
        settings.signals.put(*kept[:-1])

    edited = send_many_not_interested(
        around,
        "ada",
        [a_new_signal(id="0"), a_new_signal(id="last", item_id="last"), a_new_signal(id="more")],
    )

    assert [each.status for each in edited.value] == [Taking.KNOWN, Taking.TAKEN, Taking.REFUSED]
    assert isinstance(edited.value[2].refusal, LimitReached)
    assert {*around.settings.feed_rules("ada").rejected_items} == {
        *(each.item_id for each in kept[:-1]),
        "last",
    }
    reset_not_interested(around, "ada", ResetScope.ALL)
    assert send_not_interested(around, "ada", a_new_signal(id="more")).created


def test_ni_05_three_signals_about_a_hashtag_bring_the_offer_of_a_filter() -> None:
    around = parts()
    about = {"reasons": (Reason.HASHTAG,), "hashtags": ("#Tea",)}
    receipts = [
        send_not_interested(around, "ada", a_new_signal(item_id=f"post-{n}", **about)).value for n in range(3)
    ]

    assert [receipt.offers for receipt in receipts] == [
        (),
        (),
        (
            Offer(
                Entity.HASHTAG, "tea", OfferedFilter(("tea",), Mode.TAG), MuteTarget(MuteType.HASHTAG, "tea")
            ),
        ),
    ]
    assert around.settings.feed_rules("ada").filters == ()


@pytest.mark.parametrize(
    ("topic", "terms"),
    [
        ("pets", ("pets",)),
        ("cats*", ("cats\\*",)),
        ("a*b", ("a\\*b",)),
        ("猫", ("猫",)),
        ("a", None),
        ("x" * 100, None),
        ("!", None),
    ],
)
def test_ni_05_a_filter_that_is_offered_can_be_added_as_it_is(
    topic: str, terms: tuple[str, ...] | None
) -> None:
    """A star in a topic would widen the filter, and nothing widens silently."""
    around = parts()
    about = {"reasons": (Reason.TOPIC,), "topics": (topic,)}
    for _ in range(3):
        receipt = send_not_interested(around, "ada", a_new_signal(**about)).value

    [offer] = receipt.offers
    offered = offer.keyword_filter
    assert (offered and offered.terms, offer.mute) == (terms, MuteTarget(MuteType.TOPIC, topic))
    if offered:
        add_keyword_filter(around, "ada", a_new_keyword_filter(terms=offered.terms, mode=offered.mode))


def test_ni_11_showing_more_takes_an_item_back_on_purpose() -> None:
    around = parts()
    send_not_interested(around, "ada", a_new_signal())
    later = parts(settings=around.settings, now=NOW + timedelta(seconds=1))

    edited = send_not_interested(later, "ada", a_new_signal(direction=Direction.MORE))

    assert edited.value.effects == ()
    assert around.settings.feed_rules("ada").rejected_items == ()


def test_ni_07_the_list_tells_of_each_effect_what_is_left_of_it() -> None:
    around = parts()
    both = (Reason.AUTHOR, Reason.TOPIC)
    send_not_interested(around, "ada", a_new_signal(reasons=both, author_id="ann", topics=("tea",)))

    def strengths(days: int) -> dict[str, float]:
        later = parts(settings=around.settings, now=NOW + timedelta(days=days))
        effects = list_not_interested(later, "ada", 50, None).effects
        return {each.id: round(each.strength, 3) for each in effects}

    assert strengths(0) == {"post": 0.0, "ann": 0.0, "tea": 0.5}
    assert strengths(30) == {"post": 0.0, "ann": 0.291, "tea": 0.707}
    assert strengths(300) == {"post": 0.0}
