"""The catalogue: every metric that analysts can read, said once.

The closing job, the API, the pages, the columns of a CSV and the documentation are made from it. A changed formula
is a new version, and lines break there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from service.domain.market_days import Grain
from service.domain.measures import COUNTED, Measure, Pair
from service.domain.segments import PERSONAL, Dimension

D = Dimension


class PrivacyClass(StrEnum):
    """How many people must stand behind a figure: A for totals of the service, B for people, C for minors and text."""

    A = "A"
    B = "B"
    C = "C"


FLOORS: Final[Mapping[PrivacyClass, int]] = {PrivacyClass.A: 10, PrivacyClass.B: 50, PrivacyClass.C: 100}


class Direction(StrEnum):
    """Which way is better; ``neither`` where both ends are bad or the figure only describes."""

    UP = "up"
    DOWN = "down"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure: numerator over denominator, times ``scale``.

    ``people`` is the measure of persons who stand behind the denominator, and whom the floor counts.
    ``numerator_text`` and ``denominator_text`` are the formula in words. ``pairs`` are dimensions that a cell may have
    both of, each in the order of their names.
    """

    id: str
    name: str
    version: int
    since: date
    question: str
    numerator: Measure
    numerator_text: str
    denominator: Measure
    denominator_text: str
    people: Measure
    scale: int
    grain: Grain
    dimensions: tuple[Dimension, ...]
    privacy_class: PrivacyClass
    good: Direction
    caveat: str = ""
    pairs: tuple[Pair, ...] = ()

    @property
    def by_control(self) -> bool:
        """Whether every control has a figure of its own."""
        return COUNTED[self.numerator].by_control

    @property
    def counts_people(self) -> bool:
        """Whether both numerator and denominator are people, so that the figure is a share of them."""
        return COUNTED[self.numerator].people and COUNTED[self.denominator].people

    def floor(self, dims: tuple[tuple[Dimension, str], ...]) -> int:
        """Return how many people must stand behind a cell; what says something about people needs more."""
        if (D.AGE_BAND, "minor") in dims or any(dimension is D.TOPIC for dimension, _ in dims):
            return FLOORS[PrivacyClass.C]
        if any(dimension in PERSONAL for dimension, _ in dims):
            return max(FLOORS[self.privacy_class], FLOORS[PrivacyClass.B])
        return FLOORS[self.privacy_class]


_SINCE: Final = date(2026, 11, 1)

_METRICS: Final = (
    Metric(
        "M01", "reach", 1, _SINCE,
        "How many people use this control?",
        Measure.ADOPTERS, "viewers with at least one live setting of the control",
        Measure.ACTIVE, "viewers who asked for a feed that day",
        Measure.ACTIVE, 100, Grain.DAY,
        (D.MARKET, D.LANGUAGE, D.PLATFORM, D.AGE_BAND, D.TENURE),
        PrivacyClass.B, Direction.NEITHER,
        "Counts people who came, by the settings that their feed went by.",
    ),
    Metric(
        "M02", "new_adopters", 1, _SINCE,
        "How many people begin to use this control?",
        Measure.BEGINNERS, "viewers who made a setting of the control and had none before",
        Measure.ACTIVE, "viewers who asked for a feed that day",
        Measure.ACTIVE, 100, Grain.DAY,
        (D.MARKET, D.LANGUAGE, D.PLATFORM, D.AGE_BAND, D.TENURE),
        PrivacyClass.B, Direction.NEITHER,
        "Who removed everything and comes back begins again.",
    ),
    Metric(
        "M03", "depth", 1, _SINCE,
        "How many of those who use this control use it a lot?",
        Measure.DEEP_ADOPTERS, "viewers with six live settings of the control or more",
        Measure.ADOPTERS, "viewers with at least one live setting of the control",
        Measure.ADOPTERS, 100, Grain.WEEK,
        (D.AGE_BAND, D.TENURE),
        PrivacyClass.B, Direction.NEITHER,
    ),
    Metric(
        "M04", "opened_where_seen", 1, _SINCE,
        "How many people open this control where they see it?",
        Measure.OPENERS, "viewers who opened the control",
        Measure.SEERS, "viewers who saw the way to the control",
        Measure.SEERS, 100, Grain.WEEK,
        (D.PLATFORM, D.LANGUAGE),
        PrivacyClass.B, Direction.UP,
        "Changes when the interface does.",
    ),
    Metric(
        "M04", "saved_where_opened", 1, _SINCE,
        "How many people who open this control save something with it?",
        Measure.MAKERS, "viewers who made a setting of the control",
        Measure.OPENERS, "viewers who opened the control",
        Measure.OPENERS, 100, Grain.WEEK,
        (D.PLATFORM, D.LANGUAGE),
        PrivacyClass.B, Direction.UP,
        "Above 100 where settings are made without opening the control, as by an import.",
    ),
    Metric(
        "M10", "not_interested_rate", 1, _SINCE,
        "How many people reject something they were shown?",
        Measure.SIGNALLERS, "viewers who sent at least one signal",
        Measure.ACTIVE, "viewers who asked for a feed that day",
        Measure.ACTIVE, 100, Grain.DAY,
        (D.MARKET, D.SURFACE, D.REASON, D.LANGUAGE, D.AGE_BAND),
        PrivacyClass.B, Direction.NEITHER,
        "Falls when people stop telling us as well as when feeds get better. Reasons overlap.",
    ),
    Metric(
        "M10", "signals_per_showing", 1, _SINCE,
        "How often do people reject what they are shown?",
        Measure.SIGNALS, "signals",
        Measure.SHOWN, "showings with a decision",
        Measure.ACTIVE, 1000, Grain.DAY,
        (D.SURFACE,),
        PrivacyClass.B, Direction.NEITHER,
        "Few people send most of the signals.",
    ),
    Metric(
        "M10", "rejected_topics", 1, _SINCE,
        "What do those who reject something reject?",
        Measure.TOPIC_SIGNALLERS, "viewers who sent a signal on a post about the topic",
        Measure.SIGNALLERS, "viewers who sent a signal",
        Measure.SIGNALLERS, 100, Grain.WEEK,
        (D.TOPIC, D.LANGUAGE),
        PrivacyClass.B, Direction.NEITHER,
        "Topics overlap, and so do their shares. Posts about topics on no list of ours count under other.",
        ((D.LANGUAGE, D.TOPIC),),
    ),
    Metric(
        "M11", "told_us_twice", 1, _SINCE,
        "How many people had to tell us again?",
        Measure.REPEAT_SIGNALLERS,
        "viewers who sent a signal on an author or hashtag that they had rejected in the last 28 days",
        Measure.SIGNALLERS, "viewers who sent a signal",
        Measure.SIGNALLERS, 100, Grain.WEEK,
        (D.REASON, D.LANGUAGE),
        PrivacyClass.B, Direction.DOWN,
    ),
    Metric(
        "M12", "escalation", 1, _SINCE,
        "How many people had to block whom they had rejected?",
        Measure.ESCALATORS, "viewers who blocked an author within 7 days of a signal on that author",
        Measure.SIGNALLERS, "viewers who sent a signal",
        Measure.SIGNALLERS, 100, Grain.WEEK,
        (D.LANGUAGE, D.AGE_BAND),
        PrivacyClass.B, Direction.DOWN,
        "Counts blocks in the week of the block, whenever the signal was.",
    ),
    Metric(
        "M13", "ladder_mix", 1, _SINCE,
        "Which control do people reach for?",
        Measure.ACTORS_WITH, "viewers who used the control",
        Measure.ACTORS, "viewers who used any control",
        Measure.ACTORS, 100, Grain.WEEK,
        (D.MARKET, D.AGE_BAND),
        PrivacyClass.B, Direction.NEITHER,
        "Shares add up to more than 100, because one viewer may use several. Changes when the interface does.",
    ),
    Metric(
        "M20", "showings_prevented", 1, _SINCE,
        "How much of what would have been shown does this control take away?",
        Measure.PREVENTED, "hidden candidates that stood within the page",
        Measure.WOULD_BE, "candidates that stood within the page",
        Measure.ACTIVE, 1000, Grain.DAY,
        (D.MARKET, D.SURFACE, D.LANGUAGE, D.BECAUSE),
        PrivacyClass.A, Direction.NEITHER,
        "At fixed ranking: it does not count what the ranker would have learned, and a post hidden on three pages"
        " counts three times. Only requests that say how many slots the page has are counted.",
    ),
    Metric(
        "M21", "promise_kept", 1, _SINCE,
        "Of what should have been hidden, how much was?",
        Measure.PANEL_PREVENTED, "showings prevented, on the panel",
        Measure.PANEL_PROMISED, "showings prevented or leaked, on the panel",
        Measure.PANEL_VIEWERS, 100, Grain.WEEK,
        (D.SURFACE, D.LANGUAGE),
        PrivacyClass.B, Direction.UP,
    ),
    Metric(
        "M22", "leakage", 1, _SINCE,
        "How much slips through?",
        Measure.PANEL_LEAKED, "showings that the second look says should have been hidden, on the panel",
        Measure.PANEL_SHOWN, "showings to viewers with settings, on the panel",
        Measure.PANEL_VIEWERS, 1000, Grain.WEEK,
        (D.SURFACE, D.LANGUAGE, D.CAUSE),
        PrivacyClass.B, Direction.DOWN,
        "The second look shares the matcher with the first: what neither finds is in reported leakage alone.",
    ),
    Metric(
        "M23", "reported_leakage", 1, _SINCE,
        "How many people tell us that something should have been hidden?",
        Measure.COMPLAINERS, "viewers who said that something should have been hidden",
        Measure.ADOPTERS, "viewers with at least one live setting of the control",
        Measure.ADOPTERS, 1000, Grain.WEEK,
        (D.LANGUAGE,),
        PrivacyClass.B, Direction.DOWN,
        "Few people tell; it undercounts by far.",
    ),
    Metric(
        "M26", "time_to_effect", 1, _SINCE,
        "How soon does an edit count?",
        Measure.IN_EFFECT, "edits by which a feed was decided within five seconds, or within the time named",
        Measure.EDITS, "edits after which a feed was decided within a day, on the panel",
        Measure.PANEL_EDITORS, 100, Grain.DAY,
        (D.PLATFORM, D.WITHIN),
        PrivacyClass.A, Direction.UP,
        "From the edit to the first decision by it; at once where no decision after the edit missed it, however long"
        " the viewer was away.",
    ),
    Metric(
        "M30", "undo", 1, _SINCE,
        "How often do people take back what they did?",
        Measure.UNDOERS, "viewers who by hand removed a setting within 24 hours of making it",
        Measure.MAKERS, "viewers who made a setting, on the day they made it",
        Measure.MAKERS, 100, Grain.DAY,
        (D.MARKET, D.LANGUAGE, D.PLATFORM),
        PrivacyClass.B, Direction.NEITHER,
        "Near zero suggests that people cannot find the way back.",
    ),
    Metric(
        "M31", "kept_28_days", 1, _SINCE,
        "How much of what people set do they keep?",
        Measure.KEPT, "settings of these that were not removed by hand within 28 days",
        Measure.MADE, "settings that were made that day",
        Measure.MAKERS, 100, Grain.COHORT,
        (D.LANGUAGE,),
        PrivacyClass.B, Direction.UP,
        "Stands on the day on which settings were made, and is known 28 days later. What expired as asked was kept."
        " Counts settings: who blocks a hundred people counts a hundred times.",
    ),
    Metric(
        "M32", "looked_anyway", 1, _SINCE,
        "How often do people look behind a cover?",
        Measure.REVEALED, "covers that were opened",
        Measure.COVERED, "posts shown behind a cover",
        Measure.COVERED_VIEWERS, 1000, Grain.DAY,
        (D.BECAUSE, D.LANGUAGE),
        PrivacyClass.B, Direction.NEITHER,
    ),
    Metric(
        "M33", "thin_feeds", 1, _SINCE,
        "How often does filtering leave a page with gaps?",
        Measure.THIN_REQUESTS, "requests served with fewer posts than slots",
        Measure.REQUESTS, "requests that say how many slots the page has",
        Measure.ACTIVE, 1000, Grain.DAY,
        (D.SURFACE,),
        PrivacyClass.A, Direction.DOWN,
    ),
    Metric(
        "M34", "heavy_filtering", 1, _SINCE,
        "For how many people is much of the feed taken away?",
        Measure.HEAVILY_FILTERED, "viewers of whose page more than three posts in ten were hidden",
        Measure.PANEL_VIEWERS, "viewers with settings, on the panel",
        Measure.PANEL_VIEWERS, 100, Grain.WEEK,
        (D.LANGUAGE,),
        PrivacyClass.B, Direction.DOWN,
        "Over all pages of the week that the panel asked for.",
    ),
    Metric(
        "M40", "comments_held", 1, _SINCE,
        "How many comments wait for their post's owner?",
        Measure.COMMENTS_HELD, "new comments that were held",
        Measure.COMMENTS, "new comments that were checked",
        Measure.COMMENT_OWNERS, 1000, Grain.DAY,
        (D.LIMIT,),
        PrivacyClass.B, Direction.NEITHER,
        "A comment that several limits stop counts by the strongest alone.",
    ),
    Metric(
        "M40", "comments_refused", 1, _SINCE,
        "How many comments are not let in at all?",
        Measure.COMMENTS_REFUSED, "new comments that were refused",
        Measure.COMMENTS, "new comments that were checked",
        Measure.COMMENT_OWNERS, 1000, Grain.DAY,
        (D.LIMIT,),
        PrivacyClass.B, Direction.NEITHER,
        "A comment that several limits stop counts by the strongest alone.",
    ),
    Metric(
        "M41", "held_then_approved", 1, _SINCE,
        "How many of the comments that wait would have done no harm?",
        Measure.APPROVED, "held comments that their owner let through",
        Measure.REVIEWED, "held comments that their owner decided about",
        Measure.REVIEWERS, 100, Grain.WEEK,
        (D.LIMIT, D.LANGUAGE),
        PrivacyClass.B, Direction.DOWN,
        "Comments that nobody decides about are not counted.",
    ),
    Metric(
        "M42", "long_wait", 1, _SINCE,
        "How often do comments wait for more than a day?",
        Measure.REVIEWED_LATE, "held comments that their owner decided about after more than 24 hours",
        Measure.REVIEWED, "held comments that their owner decided about",
        Measure.REVIEWERS, 100, Grain.WEEK,
        (D.LIMIT, D.LANGUAGE),
        PrivacyClass.B, Direction.DOWN,
        "Comments that nobody decides about are not counted.",
    ),
    Metric(
        "M60", "coverage", 1, _SINCE,
        "Is every showing decided?",
        Measure.SHOWN, "showings with a decision",
        Measure.REPORTED_SHOWINGS, "showings that the platform reports",
        Measure.ACTIVE, 100, Grain.DAY,
        (D.SURFACE,),
        PrivacyClass.A, Direction.UP,
        "Above 100 where the platform decides more than it shows.",
    ),
    Metric(
        "M61", "degraded", 1, _SINCE,
        "How often do we decide with less than we should know?",
        Measure.DEGRADED_REQUESTS, "requests decided by rules that could not be checked",
        Measure.REQUESTS, "requests that say how many slots the page has",
        Measure.ACTIVE, 1000, Grain.DAY,
        (D.SURFACE,),
        PrivacyClass.A, Direction.DOWN,
    ),
    Metric(
        "M62", "lateness", 1, _SINCE,
        "How much comes after its day was closed?",
        Measure.LATE_EVENTS, "events that came after their day was closed",
        Measure.EVENTS, "events",
        Measure.ACTIVE, 1000, Grain.DAY,
        (),
        PrivacyClass.A, Direction.DOWN,
        "Stands on the day of arrival, because the day it belongs to is closed.",
    ),
)  # fmt: skip

METRICS: Final[Mapping[str, Metric]] = {metric.name: metric for metric in _METRICS}
"""The catalogue by name. How much is withheld (M63) stands beside every table rather than in it, and silence (M64)
is a state rather than a share."""
