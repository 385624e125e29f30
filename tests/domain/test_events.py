"""What one event counts in."""

from service.domain.events import Event, EventKind, counts_of
from service.domain.measures import Measure
from service.domain.segments import Segment
from tests.builders import NOW


def test_a_rejected_post_counts_under_each_of_its_broad_topics_once() -> None:
    signal = Event(
        EventKind.SIGNAL_SENT,
        NOW,
        "ada",
        Segment(language="ja"),
        topics=("sports/chess", "Sports/golf", "diets", "knitting"),
    )

    counted = [
        count.cell.dims for count in counts_of(signal) if count.cell.measure is Measure.TOPIC_SIGNALLERS
    ]
    topics = ("sports", "diets", "other")
    assert counted == [
        "",
        "language=ja",
        *(f"topic={each}" for each in topics),
        *(f"language=ja,topic={each}" for each in topics),
    ]


def test_a_rejected_post_about_nothing_in_particular_counts_under_no_topic() -> None:
    signal = Event(EventKind.SIGNAL_SENT, NOW, "ada")

    assert Measure.TOPIC_SIGNALLERS not in {count.cell.measure for count in counts_of(signal)}
