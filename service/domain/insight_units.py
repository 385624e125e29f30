"""What figures are per, in words: never a bare per cent."""

from collections.abc import Mapping
from typing import Final

from service.domain.insight_definitions import Metric
from service.domain.measures import Measure

_NOUNS: Final[Mapping[Measure, str]] = {
    Measure.ACTIVE: "viewers",
    Measure.SIGNALLERS: "people who sent a signal",
    Measure.ACTORS: "people who used a control",
    Measure.WOULD_BE: "showings",
    Measure.PANEL_PROMISED: "showings that should be hidden",
    Measure.PANEL_SHOWN: "showings",
    Measure.ADOPTERS: "people with the control",
    Measure.MAKERS: "people who made a setting",
    Measure.COVERED: "covered posts",
    Measure.REQUESTS: "pages",
    Measure.REPORTED_SHOWINGS: "reported showings",
    Measure.EVENTS: "events",
    Measure.OPENERS: "people who opened the control",
    Measure.SEERS: "people who saw the control",
    Measure.EDITS: "edits",
    Measure.MADE: "settings that were made",
    Measure.PANEL_VIEWERS: "people with settings",
    Measure.REVIEWED: "reviewed comments",
    Measure.COMMENTS: "comments",
    Measure.SHOWN: "showings",
}


def noun_of(measure: Measure) -> str:
    """Return what a denominator counts, in the plural."""
    return _NOUNS.get(measure, measure.replace("_", " "))


def unit_of(metric: Metric) -> str:
    """Return what a figure of this metric is per, as in "per 1,000 showings"."""
    return f"per {metric.scale:,} {noun_of(metric.denominator)}"


def number_text(value: float | None) -> str:
    """Write a figure with all the digits that it has and no others; a dash where it is withheld."""
    if value is None:
        return "–"
    return f"{value:.0f}" if value == int(value) else f"{value:.10f}".rstrip("0").rstrip(".")
