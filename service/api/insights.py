"""Figures over HTTP, as JSON or CSV: closed cells alone, with how much of them is withheld."""

from datetime import date
from typing import Any, Final, TypeAlias

from service.api.auth import caller, needs
from service.api.contract import says
from service.api.parts import api_parts
from service.api.requests import Rooms
from service.api.schemas.insights import (
    AnnotationSchema,
    AnnotationsSchema,
    AskedSchema,
    BreakdownAskedSchema,
    BreakdownSchema,
    DaysSchema,
    EmergingTermSchema,
    EmergingTermsSchema,
    LookFirstSchema,
    MetricSchema,
    MetricsSchema,
    NewAnnotationSchema,
    SeriesSchema,
    TermReviewsSchema,
    TermVerdictSchema,
    TrustSchema,
    WeekSchema,
    breakdown_answer,
    look_first_answer,
    series_answer,
    trust_answer,
)
from service.api.spreadsheets import COMPARED, Sheet
from service.api.tables import table
from service.domain.emerging_terms import TermReview
from service.domain.insight_definitions import METRICS, Metric
from service.domain.insight_questions import CATALOGUE_VERSION, Asked, metric_named
from service.domain.insights import Annotation
from service.domain.market_days import Window
from service.domain.term_reviews import TermVerdict
from service.usecases.annotate import annotate, list_annotations
from service.usecases.insight_ports import InsightParts
from service.usecases.read_insights import read_breakdown, read_look_first, read_series, read_trust
from service.usecases.review_terms import EmergingTerms, read_emerging_terms, review_term, terms_to_review

insights = Rooms("insights", __name__, url_prefix="/v1/insights", description=__doc__)

ASKING: Final = (
    "metric-unknown",
    "dimension-not-offered",
    "too-many-dimensions",
    "window-not-aligned",
    "window-not-closed",
    "limit-reached",
    "too-often",
)
FIGURE: Final = ("value", "low", "high", "people", "state")

Json: TypeAlias = dict[str, Any]


def figures() -> InsightParts:
    """Return what stories about figures work with."""
    return api_parts().figures


_SERIES: Final = Sheet(
    "rows",
    (
        *("metric", "version", "day", "through", "dims"),
        *FIGURE,
        "compared_day",
        *(f"compared_{name}" for name in COMPARED),
    ),
    beside=("metric", "version"),
)
_BREAKDOWN: Final = Sheet(
    "rows",
    (
        *("metric", "version", "day", "through", "dims"),
        *FIGURE,
        *("windows", "compared_day", "compared_through"),
        *(f"compared_{name}" for name in COMPARED),
    ),
    beside=("metric", "version"),
)
_METRIC: Final = tuple(MetricSchema().fields)


@table(insights, "/metrics", MetricsSchema, Sheet("metrics", _METRIC))
def metrics() -> Json:
    """List every metric with its formula, its version and what it may be broken down by."""
    return {"version": CATALOGUE_VERSION, "metrics": METRICS.values()}


@table(insights, "/metrics/<name>", MetricSchema, Sheet("", _METRIC), refuses=("metric-unknown",))
def metric(name: str) -> Metric:
    """Read one metric of the catalogue."""
    return metric_named(name)


@table(insights, "/series", SeriesSchema, _SERIES, asks=AskedSchema, refuses=ASKING)
def series(asked: Asked) -> Json:
    """Read one metric over time, window by window."""
    return series_answer(read_series(figures(), caller().subject, asked))


@table(insights, "/breakdown", BreakdownSchema, _BREAKDOWN, asks=BreakdownAskedSchema, refuses=ASKING)
def breakdown(asked: Asked) -> Json:
    """Read one metric over a whole period by segment, worst first."""
    return breakdown_answer(read_breakdown(figures(), caller().subject, asked))


@table(
    insights,
    "/look-first",
    LookFirstSchema,
    Sheet(
        "places",
        (
            *("metric", "version", "day", "through", "dims"),
            *("value", "rest", "gap", "low", "high", "people", "state", "excess"),
        ),
    ),
    asks=WeekSchema,
    refuses=("window-not-closed", "too-often"),
)
def look_first(week: Window | None) -> Json:
    """Read for whom it was worst in a week, by how many people; in the newest closed week where none is named."""
    return look_first_answer(read_look_first(figures(), caller().subject, week))


@table(
    insights,
    "/freshness",
    TrustSchema,
    Sheet("figures", ("metric", "version", "day", "dims", *FIGURE)),
    refuses=("too-often",),
)
def freshness() -> Json:
    """Read whether to trust the newest figures: how final, how well counted, how much withheld, what is silent."""
    return trust_answer(read_trust(figures(), caller().subject))


@table(
    insights,
    "/emerging-terms",
    EmergingTermsSchema,
    Sheet("terms", ("id", "term", "kind", "found_on", "lift", "people", "state", "category")),
    asks=WeekSchema,
    refuses=("too-often",),
)
def emerging_terms(week: Window | None) -> EmergingTerms:
    """Read what many people began to filter or to reject, once a reviewer has confirmed it."""
    return read_emerging_terms(figures(), caller().subject, week)


@table(
    insights,
    "/annotations",
    AnnotationsSchema,
    Sheet("annotations", ("id", "day", "kind", "text", "market", "link")),
    asks=DaysSchema,
    refuses=("too-often",),
)
def annotations(days: dict[str, date | None]) -> Json:
    """List what was noted beside the figures, oldest first."""
    return {"annotations": list_annotations(figures(), caller().subject, days["first"], days["last"])}


@insights.post("/annotations")
@needs("insights:read")
@insights.arguments(NewAnnotationSchema)
@says(refuses=("too-often",))
@insights.response(201, AnnotationSchema)
def add_annotation(said: Annotation) -> Annotation:
    """Note what happened on a day; it stands beside every figure of that day, for everybody."""
    return annotate(figures(), caller().subject, said)


@table(
    insights,
    "/term-reviews",
    TermReviewsSchema,
    Sheet("terms", ("id", "term", "kind", "found_on", "lift", "people", "state", "category")),
    refuses=("too-often",),
    scope="terms:review",
)
def term_reviews() -> Json:
    """List the terms that wait for a reviewer."""
    return {"terms": terms_to_review(figures(), caller().subject)}


@insights.post("/term-reviews/<term_id>")
@needs("terms:review")
@insights.arguments(TermVerdictSchema)
@says(refuses=("not-found", "too-often"))
@insights.response(200, EmergingTermSchema)
def decide_term(said: TermVerdict, term_id: str) -> TermReview:
    """Decide whether analysts may read a term, and as what."""
    return review_term(figures(), caller().subject, term_id, said)
