"""Which figures each page asks for, and how they are put together; one function a page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from service.api.pages.figures import (
    Entry,
    Figure,
    breakdown_figure,
    entry,
    figure_id,
    heat_figure,
    interval_text,
    line_figures,
    stacked_figure,
    window_text,
)
from service.api.pages.sentences import CONTROLS, dimension_of, finding, headline, name_of, place_of
from service.domain.emerging_terms import Rising, TermReview
from service.domain.insight_answers import (
    Breakdown,
    BreakdownRow,
    LookFirst,
    Series,
    Trust,
    Withheld,
    summed,
    withheld_in,
)
from service.domain.insight_definitions import METRICS, Direction, Metric
from service.domain.insight_questions import CONTROL, Asked, Compare, Question, metric_named, offered_by
from service.domain.insight_units import noun_of, number_text, unit_of
from service.domain.insights import Freshness
from service.domain.market_days import Grain
from service.domain.people import UserId
from service.domain.refusals import NotFound
from service.domain.segments import Control, Dimension
from service.domain.worst_places import WorstPlace
from service.usecases.insight_ports import InsightParts
from service.usecases.read_insights import read_breakdowns, read_look_first, read_several, read_trust
from service.usecases.review_terms import EmergingTerms, read_emerging_terms

WEEKS: Final = (1, 4, 8, 12)
CARDS: Final = 3
OVERVIEW: Final = ("reach", "promise_kept", "showings_prevented", "looked_anyway", "undo")
"""What the first page tells of every control."""
OF_CONTROL: Final = (
    *("showings_prevented", "promise_kept", "reach", "undo", "looked_anyway"),
    *("kept_28_days", "opened_where_seen", "saved_where_opened"),
)
"""What the page of one control tells of it."""
OF_EVERY_CONTROL: Final = "time_to_effect"
"""What is measured of edits whatever the control."""
COMMENTS: Final = ("comments_held", "comments_refused", "held_then_approved", "long_wait")
GROUPS: Final = (
    Dimension.LANGUAGE,
    Dimension.MARKET,
    Dimension.AGE_BAND,
    Dimension.PLATFORM,
    Dimension.TENURE,
)
FIRST_ASKED: Final = "leakage"


@dataclass(frozen=True, slots=True)
class Period:
    """Which weeks a page is about, and with what they are compared."""

    last: date | None = None
    weeks: int = 4
    compare: Compare = Compare.PREVIOUS

    def asks(self, metric: str, *by: str, control: str | None = None) -> Asked:
        """Return a question about these weeks."""
        where = [f"{CONTROL}:{control}"] if control else []
        return Asked(metric, None, self.last, by, where, self.compare, self.weeks)


@dataclass(frozen=True, slots=True)
class Strip:
    """What stands on every page: how final the figures are, and how much of them is withheld."""

    freshness: Freshness
    withheld: Withheld


@dataclass(frozen=True, slots=True)
class Row:
    """One control in the overview."""

    control: str
    name: str
    entries: tuple[Entry | None, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One segment for which something is worse than elsewhere."""

    metric: Metric
    title: str
    text: str
    link: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Whether the controls work: every control with its figures, and where to look first."""

    strip: Strip
    columns: tuple[tuple[Metric, str], ...]
    windows: str
    rows: tuple[Row, ...]
    finding: str
    figures: tuple[Figure, ...]
    cards: tuple[Card, ...]
    week: LookFirst


@dataclass(frozen=True, slots=True)
class Section:
    """Figures under one heading."""

    title: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Gallery:
    """A page that is a list of sections."""

    strip: Strip
    finding: str
    sections: tuple[Section, ...]
    choices: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    metric: Metric | None = None


def overview_page(parts: InsightParts, analyst: UserId, period: Period) -> Overview:
    """Return how every control does, and where to look first."""
    asked = [period.asks(name) for name in (*OVERVIEW, "leakage")]
    *of_controls, leakage = read_several(parts, analyst, "page controls", asked)
    week = read_look_first(parts, analyst, ending_by=period.last)
    sums = [{row.control: row for row in summed(series)} for series in of_controls]
    pairs = [
        (series.question, row)
        for series, rows in zip(of_controls, sums, strict=True)
        for row in rows.values()
    ]
    return Overview(
        strip=strip_of([*of_controls, leakage]),
        columns=tuple((series.question.metric, unit_of(series.question.metric)) for series in of_controls),
        windows="; ".join(dict.fromkeys(window_text(series.question) for series in of_controls)),
        rows=tuple(_row(control, of_controls, sums) for control in Control),
        finding=headline(pairs),
        figures=tuple(line_figures(leakage)),
        cards=tuple(_card(place, week.week.last) for place in week.places[:CARDS]),
        week=week,
    )


def of_control_page(parts: InsightParts, analyst: UserId, period: Period, control: str) -> Gallery:
    """Return what one control does, how well it keeps its promise, and how people live with it."""
    if control not in set(Control):
        raise NotFound("control")
    asked = [period.asks(name, control=control) for name in _begun(parts, OF_CONTROL)]
    asked += [period.asks(OF_EVERY_CONTROL), period.asks("leakage", "cause")]
    series = read_several(parts, analyst, f"page control {control}", asked)
    reasons = read_breakdowns(
        parts,
        analyst,
        f"page control {control}",
        [
            period.asks("showings_prevented", "because", control=control),
            period.asks(OF_EVERY_CONTROL, Dimension.WITHIN),
        ],
    )
    *of_control, effect, causes = series
    sections = [Section(_question(each), tuple(line_figures(each))) for each in of_control]
    sections.insert(1, Section("For which reasons?", (breakdown_figure(reasons[0], bars=True),)))
    sections.append(Section(f"{_question(effect)[:-1]}, whatever the control?", tuple(line_figures(effect))))
    sections.append(Section("After what time do how many count?", (breakdown_figure(reasons[1], bars=True),)))
    stacked = _if_any(stacked_figure(causes))
    sections.append(Section("Why does anything slip through, whatever the control?", stacked))
    pairs = [(each.question, row) for each in of_control for row in summed(each)]
    return Gallery(strip_of(series), headline(pairs), _filled(sections))


def _begun(parts: InsightParts, names: Sequence[str]) -> Sequence[str]:
    """Leave out cohorts while none of them is over, which takes a month: the other figures need not wait."""
    if parts.insights.freshness(Grain.COHORT).complete_through:
        return names
    return [name for name in names if METRICS[name].grain is not Grain.COHORT]


def rejections_page(parts: InsightParts, analyst: UserId, period: Period) -> Gallery:
    """Return what people reject, and whether once is enough."""
    names = ("not_interested_rate", "told_us_twice", "escalation")
    totals = read_several(parts, analyst, "page rejections", [period.asks(name) for name in names])
    asked = [
        period.asks("not_interested_rate", "reason"),
        period.asks("not_interested_rate", "language"),
        period.asks("ladder_mix"),
        period.asks("rejected_topics", Dimension.TOPIC),
        period.asks("rejected_topics", Dimension.TOPIC, Dimension.LANGUAGE),
    ]
    reasons, languages, ladder, topics, by_language = read_breakdowns(
        parts, analyst, "page rejections", asked
    )
    sections = [
        Section(_question(totals[0]), tuple(line_figures(totals[0]))),
        Section("Which reasons do they give?", (breakdown_figure(reasons, bars=True),)),
        Section("Which topics do they reject?", (breakdown_figure(topics, bars=True),)),
        Section("Where do they reject most?", (breakdown_figure(languages),)),
        Section("Which topics, in which language?", _if_any(heat_figure(by_language))),
        *(Section(_question(each), tuple(line_figures(each))) for each in totals[1:]),
        Section("Which control do people reach for?", (breakdown_figure(ladder, bars=True),)),
    ]
    pairs = [(each.question, row) for each in totals for row in summed(each)]
    return Gallery(
        strip_of([*totals, reasons, languages, ladder, topics, by_language]), _first(pairs), _filled(sections)
    )


def comments_page(parts: InsightParts, analyst: UserId, period: Period) -> Gallery:
    """Return how many comments are held, whether rightly, and how long they wait."""
    totals = read_several(parts, analyst, "page comments", [period.asks(name) for name in COMMENTS])
    limits = read_breakdowns(parts, analyst, "page comments", [period.asks("comments_held", "limit")])
    sections = [Section(_question(each), tuple(line_figures(each))) for each in totals]
    sections.insert(1, Section("By which limits are they held?", (breakdown_figure(limits[0], bars=True),)))
    pairs = [(each.question, row) for each in totals for row in summed(each)]
    return Gallery(strip_of([*totals, *limits]), _first(pairs), _filled(sections))


@dataclass(frozen=True, slots=True)
class News:
    """What is new: terms that people began to filter, and what they began to reject."""

    strip: Strip
    terms: EmergingTerms
    filtered: tuple[TermReview, ...]
    rejected: tuple[TermReview, ...]


def new_page(parts: InsightParts, analyst: UserId) -> News:
    """Return what stands out, as far as a reviewer has confirmed it."""
    found = read_emerging_terms(parts, analyst, None)
    filtered, rejected = found.of(Rising.TERM), found.of(Rising.TOPIC, Rising.HASHTAG, Rising.SOUND)
    return News(_bare_strip(parts), found, filtered, rejected)


def whom_page(parts: InsightParts, analyst: UserId, period: Period, metric: str, control: Control) -> Gallery:
    """Return one metric by every group of people, worst first."""
    of = metric_named(metric or FIRST_ASKED)
    groups = [group for group in GROUPS if group in of.dimensions]
    of_control = control.value if of.by_control else None
    asked = [period.asks(of.name, group, control=of_control) for group in groups]
    found = read_breakdowns(parts, analyst, "page whom", asked)
    sections = [
        Section(f"By {dimension_of(group)}", (breakdown_figure(each),))
        for group, each in zip(groups, found, strict=True)
    ]
    choices = {
        "metric": [
            (name, name_of(each)) for name, each in METRICS.items() if set(GROUPS) & set(each.dimensions)
        ],
        "control": list(CONTROLS.items()) if of.by_control else [],
    }
    caption = finding(found[0].question, found[0].total[0]) if found and found[0].total else headline([])
    chosen = {"metric": of.name, "control": of_control or ""}
    return Gallery(strip_of(found), caption, tuple(sections), choices, chosen)


def metric_page(parts: InsightParts, analyst: UserId, period: Period, metric: str, by: str) -> Gallery:
    """Return one metric over time, and by one dimension if one is named."""
    asked = [period.asks(metric)]
    series = read_several(parts, analyst, "page metric", asked)[0]
    of = series.question.metric
    sections = [Section("Over time", tuple(line_figures(series)))]
    answers: list[Series | Breakdown] = [series]
    if by:
        breakdown = read_breakdowns(parts, analyst, "page metric", [period.asks(metric, by)])[0]
        sections.append(Section(f"By {dimension_of(by)}", (breakdown_figure(breakdown),)))
        answers.append(breakdown)
    choices = {"by": [("", "nothing"), *((name, dimension_of(name)) for name in offered_by(of))]}
    pairs = [(series.question, row) for row in summed(series)]
    return Gallery(strip_of(answers), _first(pairs), tuple(sections), choices, {"by": by}, of)


@dataclass(frozen=True, slots=True)
class TrustPage:
    """Whether to trust the newest numbers."""

    strip: Strip
    trust: Trust
    figures: tuple[tuple[str, ...], ...]


def trust_page(parts: InsightParts, analyst: UserId) -> TrustPage:
    """Return how final, how complete and how well counted the newest figures are."""
    trust = read_trust(parts, analyst)
    figures = tuple(
        (
            cell.metric,
            name_of(METRICS[cell.metric]),
            place_of(cell.control, cell.dims) or "everywhere",
            cell.window.first.isoformat(),
            number_text(cell.value),
            interval_text(cell.low, cell.high),
            unit_of(METRICS[cell.metric]),
            cell.people or "",
            str(cell.version),
        )
        for cell in trust.figures
    )
    return TrustPage(Strip(trust.days, withheld_in(trust.withheld)), trust, figures)


@dataclass(frozen=True, slots=True)
class Definitions:
    """What every metric means."""

    strip: Strip
    metrics: tuple[Metric, ...]


def definitions_page(parts: InsightParts) -> Definitions:
    """Return the catalogue."""
    return Definitions(_bare_strip(parts), tuple(METRICS.values()))


def strip_of(answers: Sequence[Series | Breakdown]) -> Strip:
    """Return how fresh the oldest of these answers is, and how much of them is withheld.

    Cohorts are old by nature: the page is as fresh as what is beside them.
    """
    timely = [each for each in answers if each.question.metric.grain is not Grain.COHORT] or answers
    freshness = min((each.freshness for each in timely), key=lambda each: each.complete_through or date.min)
    shares = [each.withheld for each in answers]
    return Strip(
        freshness,
        Withheld(
            sum(each.cells for each in shares),
            sum(each.withheld for each in shares),
            round(sum(each.people_percent for each in shares) / len(shares)),
        ),
    )


def _bare_strip(parts: InsightParts) -> Strip:
    return Strip(parts.insights.freshness(), Withheld(0, 0, 0.0))


def _row(control: Control, answers: Sequence[Series], sums: Sequence[dict[str, BreakdownRow]]) -> Row:
    entries = [
        entry(
            series, rows[control], f"/insights/controls/{control}#{figure_id(series.question, rows[control])}"
        )
        if control in rows
        else None
        for series, rows in zip(answers, sums, strict=True)
    ]
    return Row(control, CONTROLS[control], tuple(entries))


def _card(place: WorstPlace, last: date) -> Card:
    metric = METRICS[place.metric]
    worse = "lower" if metric.good is Direction.UP else "higher"
    text = (
        f"{number_text(place.rate)} {unit_of(metric)} against {number_text(place.rest_rate)} elsewhere: {worse} by "
        f"{number_text(place.gap)} ({number_text(place.low)} to {number_text(place.high)}). That week about "
        f"{place.excess:,} {noun_of(metric.denominator)} would have fared better elsewhere."
    )
    dimension = place.dims[0][0] if place.dims else ""
    link = f"/insights/figures/{metric.name}?by={dimension}&weeks=1&to={last}"
    return Card(metric, f"{name_of(metric)}: {place_of(place.control, place.dims)}", text, link)


def _question(series: Series) -> str:
    return series.question.metric.question


def _first(pairs: Sequence[tuple[Question, BreakdownRow]]) -> str:
    """Return what the first figure says, which is what the page is about."""
    return finding(*pairs[0]) if pairs else headline(pairs)


def _if_any(figure: Figure | None) -> tuple[Figure, ...]:
    return (figure,) if figure else ()


def _filled(sections: Iterable[Section]) -> tuple[Section, ...]:
    return tuple(section for section in sections if section.figures)
