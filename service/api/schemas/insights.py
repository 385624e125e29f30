"""Figures on the wire; each with its version, window, interval, band of people and state."""

from datetime import date, timedelta
from typing import Any, Final

import marshmallow as ma
from marshmallow import fields, validate

from service.api.schemas.everywhere import Instant, Schema, Text
from service.domain.effect_times import effect_times
from service.domain.emerging_terms import ReviewState, Rising
from service.domain.insight_answers import (
    Breakdown,
    BreakdownRow,
    LookFirst,
    Series,
    SeriesRow,
    SumState,
    Trust,
    dims_of,
)
from service.domain.insight_definitions import Direction, PrivacyClass
from service.domain.insight_questions import MOST_ROWS, Asked, Compare, Question, offered_by
from service.domain.insight_units import unit_of
from service.domain.insights import Annotation, AnnotationKind, CellState, Freshness, FreshnessState
from service.domain.language_gaps import language_gap
from service.domain.market_days import MARKETS, Grain, Window
from service.domain.silence import SilenceState
from service.domain.term_reviews import TermCategory, TermVerdict, verdict

NAME: Final = 64
LIST: Final = 400

Json = dict[str, Any]


class Figure(fields.Float):
    """A number with two significant digits; null where there is none."""

    def __init__(self, words: str, **kwargs: Any) -> None:
        super().__init__(allow_none=True, metadata={"description": words}, **kwargs)


class WindowSchema(Schema):
    """Whole days, both ends included."""

    first = fields.Date(data_key="from")
    last = fields.Date(data_key="to")


class FreshnessSchema(Schema):
    """Through which day the figures of this grain are final; null before the first close."""

    complete_through = fields.Date(allow_none=True)
    state = fields.Enum(FreshnessState, by_value=True)
    closed_at = Instant(allow_none=True)


class WithheldSchema(Schema):
    """How many of the cells with anybody in them are withheld, and how many of a hundred people stand in those."""

    cells = fields.Integer()
    withheld = fields.Integer()
    people_percent = fields.Float(metadata={"description": "At most so many, as the mean of the tables."})


class AnnotationSchema(Schema):
    """Something that happened on a day and may explain a figure."""

    id = fields.String()
    day = fields.Date()
    kind = fields.Enum(AnnotationKind, by_value=True)
    text = fields.String()
    market = fields.String(allow_none=True)
    link = fields.String(allow_none=True)


class MetricSchema(Schema):
    """One metric of the catalogue, with its formula in words."""

    id = fields.String()
    name = fields.String()
    version = fields.Integer()
    since = fields.Date()
    question = fields.String()
    numerator = fields.String(attribute="numerator_text")
    denominator = fields.String(attribute="denominator_text")
    unit = fields.Function(unit_of, metadata={"type": "string"})
    scale = fields.Integer()
    grain = fields.Enum(Grain, by_value=True)
    dimensions = fields.Function(offered_by, metadata={"type": "array", "items": {"type": "string"}})
    pairs = fields.List(
        fields.List(fields.String()),
        metadata={"description": "Dimensions that a figure may be broken down by both at once."},
    )
    privacy_class = fields.Enum(PrivacyClass, by_value=True)
    floor = fields.Function(
        lambda metric: metric.floor(()),
        metadata={
            "type": "integer",
            "description": "How many people must stand behind a figure; more where it says something of people.",
        },
    )
    good_direction = fields.Enum(Direction, by_value=True, attribute="good")
    caveat = fields.String()


class MetricsSchema(Schema):
    """The catalogue; `version` changes whenever anything in it does."""

    version = fields.String()
    metrics = fields.List(fields.Nested(MetricSchema))


class ComparedSchema(Schema):
    """The figure of the same weekday in the compared period, and how much changed since, with its interval."""

    day = fields.Date(allow_none=True)
    value = Figure("The earlier figure.")
    change = Figure("Later minus earlier.")
    change_low = Figure("The lower end of its 95 % interval.")
    change_high = Figure("The upper end of its 95 % interval.")
    is_clear = fields.Boolean(metadata={"description": "Whether the interval leaves zero out."})


def _by() -> fields.Dict:
    return fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "Control and segment, by the name of the dimension."},
    )


class SeriesRowSchema(Schema):
    """One closed cell."""

    day = fields.Date(metadata={"description": "The first day of its window."})
    through = fields.Date(metadata={"description": "The last."})
    by = _by()
    value = Figure("The figure, in the unit of the metric; null: withheld.")
    low = Figure("The lower end of its 95 % interval.")
    high = Figure("The upper end of its 95 % interval.")
    people = fields.String(allow_none=True, metadata={"description": "A band, such as 100-199."})
    state = fields.Enum(CellState, by_value=True)
    compared = fields.Nested(ComparedSchema, allow_none=True)


class BreakdownRowSchema(Schema):
    """One segment over all windows of the period."""

    by = _by()
    value = Figure("The figure over the windows that are shown; null: all are withheld.")
    low = Figure("The lower end of its 95 % interval.")
    high = Figure("The upper end of its 95 % interval.")
    people = fields.String(
        allow_none=True, metadata={"description": "The band of the window with the fewest people."}
    )
    state = fields.Enum(SumState, by_value=True)
    windows = fields.Integer(metadata={"description": "How many windows are in the figure."})
    compared = fields.Nested(ComparedSchema, allow_none=True)


class _AnswerSchema(Schema):
    metric = fields.String()
    version = fields.Integer()
    unit = fields.String()
    grain = fields.Enum(Grain, by_value=True)
    window = fields.Nested(WindowSchema)
    compared_to = fields.Nested(WindowSchema, allow_none=True)
    freshness = fields.Nested(FreshnessSchema)
    withheld = fields.Nested(WithheldSchema)


class SeriesSchema(_AnswerSchema):
    """One metric over time, oldest first; cells of few people are there, with `state` withheld and no number."""

    rows = fields.List(fields.Nested(SeriesRowSchema))
    annotations = fields.List(fields.Nested(AnnotationSchema))


class LanguageGapSchema(Schema):
    """How far apart languages are with a hundred people or more; null where a figure has no such gap (M35)."""

    worst = fields.String(metadata={"description": "A language; the highest where neither end is better."})
    best = fields.String(metadata={"description": "A language."})
    gap = Figure("How far apart they are, in the unit of the metric.")


class EffectTimesSchema(Schema):
    """Within which time half of all edits counted, and nineteen in twenty; null where they did not within any."""

    p50 = fields.String(allow_none=True, metadata={"example": "0s"})
    p95 = fields.String(allow_none=True, metadata={"example": "5s"})


class BreakdownSchema(_AnswerSchema):
    """One metric over a whole period, by segment: worst first, withheld last."""

    rows = fields.List(fields.Nested(BreakdownRowSchema))
    total = fields.List(fields.Nested(BreakdownRowSchema))
    language_gap = fields.Nested(LanguageGapSchema, allow_none=True)
    effect_times = fields.Nested(EffectTimesSchema, allow_none=True)


class PlaceSchema(Schema):
    """A segment that does worse than everybody else: by how much, and how many people a week that concerns."""

    metric = fields.String()
    version = fields.Integer()
    by = _by()
    value = Figure("The figure of the segment.", attribute="rate")
    rest = Figure("That of everybody else.", attribute="rest_rate")
    gap = Figure("How much worse the segment is.")
    low = Figure("The lower end of its 95 % interval.")
    high = Figure("The upper end of its 95 % interval.")
    people = fields.String(
        metadata={"description": "The band of the segment's window with the fewest people."}
    )
    state = fields.Enum(CellState, by_value=True)
    excess = fields.Integer(
        metadata={"description": "How many more people, or showings, than if it were as elsewhere; rounded."}
    )


class LookFirstSchema(Schema):
    """Where to look first: the segments for which it was worst in a week, by how many people."""

    week = fields.Nested(WindowSchema)
    freshness = fields.Nested(FreshnessSchema)
    places = fields.List(fields.Nested(PlaceSchema))


class CountingFigureSchema(Schema):
    """One figure about the counting itself, on the newest closed day."""

    metric = fields.String()
    version = fields.Integer()
    day = fields.Date()
    by = _by()
    value = Figure("The figure.")
    low = Figure("The lower end of its 95 % interval.")
    high = Figure("The upper end of its 95 % interval.")
    people = fields.String(allow_none=True)
    state = fields.Enum(CellState, by_value=True)


class MetricWithheldSchema(WithheldSchema):
    """How much of a metric's newest tables is withheld."""

    metric = fields.String()
    day = fields.Date(attribute="window.first")
    through = fields.Date(attribute="window.last")


class SilenceSchema(Schema):
    """How something that is watched for falling silent is doing."""

    kind = fields.String(attribute="series.kind")
    control = fields.String(attribute="series.control")
    platform = fields.String(attribute="series.platform")
    state = fields.Enum(SilenceState, by_value=True)
    since = Instant()
    looked_at = Instant()


class TrustSchema(Schema):
    """Whether the newest figures can be trusted."""

    days = fields.Nested(FreshnessSchema)
    weeks = fields.Nested(FreshnessSchema)
    figures = fields.List(fields.Nested(CountingFigureSchema))
    withheld = fields.List(fields.Nested(MetricWithheldSchema))
    silences = fields.List(fields.Nested(SilenceSchema))


class EmergingTermSchema(Schema):
    """A term that many people began to filter, or what posts had in common that they rejected, once confirmed."""

    id = fields.String()
    term = fields.String(attribute="found.term")
    kind = fields.Enum(
        Rising,
        by_value=True,
        attribute="found.kind",
        metadata={"description": "`term`: people filter it; else they reject posts with it."},
    )
    found_on = fields.Date(attribute="found.found_on")
    lift = fields.Float(
        attribute="found.lift", metadata={"description": "How many times as many people as expected."}
    )
    people = fields.String(attribute="found.people", metadata={"description": "A band."})
    state = fields.Enum(ReviewState, by_value=True)
    category = fields.String(allow_none=True)


class EmergingTermsSchema(Schema):
    """Confirmed terms, newest first, and how many more wait for a reviewer: of those only the number is told."""

    terms = fields.List(fields.Nested(EmergingTermSchema))
    under_review = fields.Integer()


class TermReviewsSchema(Schema):
    """Terms that wait for a reviewer, newest first."""

    terms = fields.List(fields.Nested(EmergingTermSchema))


class TermVerdictSchema(Schema):
    """What a reviewer says: `confirmed` with a category, or `rejected`, as for terms that name somebody."""

    state = fields.Enum(ReviewState, by_value=True, required=True)
    category = fields.Enum(TermCategory, by_value=True, load_default=None, allow_none=True)

    @ma.post_load
    def make(self, data: Json, **_: Any) -> TermVerdict:
        """Return the verdict."""
        return verdict(data["state"], data["category"])


class WeekSchema(Schema):
    """Which ISO week is asked about."""

    week = fields.String(
        validate=validate.Regexp(r"[0-9]{4}-W[0-9]{2}\Z"),
        metadata={"pattern": "^[0-9]{4}-W[0-9]{2}$", "example": "2026-W46"},
    )

    @ma.post_load
    def make(self, data: Json, **_: Any) -> Window | None:
        """Return the week, if one was named."""
        return _week(data["week"]) if "week" in data else None


class DaysSchema(Schema):
    """Which days are asked about, both ends included."""

    first = fields.Date(data_key="from", load_default=None)
    last = fields.Date(data_key="to", load_default=None)


class AnnotationsSchema(Schema):
    """What was noted, oldest first."""

    annotations = fields.List(fields.Nested(AnnotationSchema))


class AskedSchema(Schema):
    """What is asked: a metric, whole windows, what it is broken down by, what it is narrowed to."""

    metric = Text(required=True, longest=NAME)
    first = fields.Date(
        data_key="from", metadata={"description": "28 days before `to` where it is left out."}
    )
    last = fields.Date(data_key="to", metadata={"description": "The newest closed day where it is left out."})
    by = Text(
        longest=LIST,
        metadata={"description": "A dimension; after a comma, `control` or the other one of a pair."},
    )
    where = Text(longest=LIST, metadata={"description": "`dimension:value`; several with commas between."})
    compare = fields.Enum(
        Compare,
        by_value=True,
        load_default=Compare.NONE,
        metadata={"description": "With the period before, or the one 52 weeks before: weekday on weekday."},
    )

    @ma.post_load
    def make(self, data: Json, **_: Any) -> Asked:
        """Return the question as it was put."""
        return Asked(
            data["metric"],
            data.get("first"),
            data.get("last"),
            by=(*_listed(data.get("by")), *_listed(data.get("second"))),
            where=_listed(data.get("where")),
            compare=data["compare"],
        )


class BreakdownAskedSchema(AskedSchema):
    """What is asked, with the second of two dimensions apart."""

    by = Text(shortest=1, longest=NAME, required=True, metadata={"description": "A dimension."})
    second = Text(
        longest=NAME,
        metadata={"description": "A second one: one of the two is `control`, or they are a pair."},
    )


class NewAnnotationSchema(Schema):
    """What an analyst notes beside the figures."""

    day = fields.Date(required=True)
    kind = fields.Enum(AnnotationKind, by_value=True, required=True)
    text = Text(required=True, shortest=1, longest=140)
    market = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(list(MARKETS)))
    link = fields.Url(load_default=None, allow_none=True, schemes={"https"})

    @ma.post_load
    def make(self, data: Json, **_: Any) -> Annotation:
        """Return the note, which has no id yet."""
        return Annotation("", data["day"], data["kind"], data["text"], data["market"], data["link"])


def _week(written: str) -> Window:
    try:
        monday = date.fromisocalendar(int(written[:4]), int(written[6:]), 1)
        return Window(monday, monday + timedelta(days=6))
    except (ValueError, OverflowError) as wrong:
        raise ma.ValidationError("There is no such week.", "week") from wrong


def _listed(written: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (written or "").split(",") if name.strip())


def series_answer(series: Series) -> Json:
    """Return a series in the members of its shape."""
    return {
        **_head(series.question, series.freshness),
        "withheld": series.withheld,
        "rows": [_series_row(row) for row in series.rows],
        "annotations": series.annotations,
    }


def breakdown_answer(breakdown: Breakdown) -> Json:
    """Return a breakdown in the members of its shape."""
    return {
        **_head(breakdown.question, breakdown.freshness),
        "withheld": breakdown.withheld,
        "rows": [_breakdown_row(row) for row in breakdown.rows],
        "total": [_breakdown_row(row) for row in breakdown.total],
        "language_gap": language_gap(breakdown.question.metric.name, breakdown.question.by, breakdown.rows),
        "effect_times": effect_times(breakdown.question.by, breakdown.rows),
    }


def look_first_answer(found: LookFirst) -> Json:
    """Return where to look first in the members of its shape."""
    names = ("metric", "version", "rate", "rest_rate", "gap", "low", "high", "people", "state", "excess")
    places = [
        {"by": dims_of(place.control, place.dims), **{name: getattr(place, name) for name in names}}
        for place in found.places[:MOST_ROWS]
    ]
    return {"week": found.week, "freshness": found.freshness, "places": places}


def trust_answer(trust: Trust) -> Json:
    """Return what tells whether to trust the figures in the members of its shape."""
    names = ("metric", "version", "value", "low", "high", "people", "state")
    return {
        "days": trust.days,
        "weeks": trust.weeks,
        "figures": [
            {
                "day": cell.window.first,
                "by": dims_of(cell.control, cell.dims),
                **{name: getattr(cell, name) for name in names},
            }
            for cell in trust.figures
        ],
        "withheld": trust.withheld,
        "silences": trust.silences,
    }


def _head(question: Question, freshness: Freshness) -> Json:
    metric = question.metric
    return {
        "metric": metric.name,
        "version": metric.version,
        "unit": unit_of(metric),
        "grain": metric.grain,
        "window": question.days,
        "compared_to": question.compared_to,
        "freshness": freshness,
    }


def _series_row(row: SeriesRow) -> Json:
    cell, compared = row.cell, None
    if row.earlier:
        compared = _compared(row.earlier.window.first, row.earlier.value, row)
    return {
        "day": cell.window.first,
        "through": cell.window.last,
        "by": dims_of(cell.control, cell.dims),
        "value": cell.value,
        "low": cell.low,
        "high": cell.high,
        "people": cell.people,
        "state": cell.state,
        "compared": compared,
    }


def _breakdown_row(row: BreakdownRow) -> Json:
    figure = row.now
    return {
        "by": dims_of(row.control, row.dims),
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
        "people": figure.people,
        "state": figure.state,
        "windows": figure.windows,
        "compared": _compared(None, row.earlier.value, row) if row.earlier else None,
    }


def _compared(day: date | None, value: float | None, row: SeriesRow | BreakdownRow) -> Json:
    change = row.change
    return {
        "day": day,
        "value": value,
        "change": change.value if change else None,
        "change_low": change.low if change else None,
        "change_high": change.high if change else None,
        "is_clear": bool(change and change.is_clear),
    }
