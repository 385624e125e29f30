"""Pages with figures: a question each, answered by closed cells; their address says all that they show.

Whoever accepts HTML is refused in HTML too: with the form that signs in, or with a page that says why.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import marshmallow as ma
from flask import Response, request
from marshmallow import fields, validate
from werkzeug.exceptions import HTTPException

from service.api.auth import ScopeMissing, TokenMissing, Unauthenticated, by_browser, caller, needs
from service.api.contract import ETAG, says
from service.api.errors import failed, refused
from service.api.pages.sentences import CONTROLS
from service.api.pages.views import (
    WEEKS,
    Period,
    comments_page,
    definitions_page,
    metric_page,
    new_page,
    of_control_page,
    overview_page,
    rejections_page,
    trust_page,
    whom_page,
)
from service.api.parts import api_parts
from service.api.requests import Rooms
from service.api.schemas.everywhere import Schema, Text
from service.api.sign_in import HTML, PAGES, in_html, sign_in_form
from service.api.tables import FRESH_FOR, JSON
from service.domain.insight_questions import Compare, WindowNotClosed, metric_named
from service.domain.refusals import Refusal
from service.domain.segments import Control
from service.usecases.insight_ports import InsightParts

insight_pages = Rooms("insight_pages", __name__, url_prefix="/insights", description=__doc__)

_NAME: Final = 64

View: TypeAlias = Callable[..., tuple[str, str, Any]]


class PeriodSchema(Schema):
    """Which weeks a page is about: those that end by a day, and with what they are compared."""

    last = fields.Date(
        data_key="to",
        load_default=None,
        metadata={"description": "The newest closed day where it is left out."},
    )
    weeks = fields.Integer(load_default=4, validate=validate.OneOf(WEEKS))
    compare = fields.Enum(Compare, by_value=True, load_default=Compare.PREVIOUS)

    @ma.pre_load
    def drop_empty(self, data: Any, **_: Any) -> dict[str, Any]:
        """Take what a form sends empty as not said."""
        return {name: value for name, value in data.items() if value != ""}

    @ma.post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[Period, dict[str, Any]]:
        """Return the period, and what else was chosen."""
        period = Period(data.pop("last"), data.pop("weeks"), data.pop("compare"))
        return period, data


class WhomSchema(PeriodSchema):
    """Of which metric, and of which control."""

    metric = Text(load_default="", longest=_NAME)
    control = fields.Enum(Control, by_value=True, load_default=Control.BLOCK)


class OneMetricSchema(PeriodSchema):
    """By what a metric is broken down."""

    by = Text(load_default="", longest=_NAME)


def page(
    path: str, asks: type[Schema] = PeriodSchema, refuses: tuple[str, ...] = ()
) -> Callable[[View], View]:
    """Publish a view that returns a title, the name of a template and what it shows."""

    def publish(view: View) -> View:
        def draw(chosen: tuple[Period, dict[str, Any]], **named: str) -> Response:
            title, template, shown = view(chosen[0], **chosen[1], **named)
            return _drawn(template, title=title, page=shown, period=chosen[0], weeks=WEEKS)

        draw.__name__, draw.__doc__ = view.__name__, view.__doc__
        told = insight_pages.alt_response(304, description="It is what this ETag stands for.", success=True)(
            draw
        )
        told = insight_pages.response(200, {"type": "string"}, content_type=HTML)(told)
        told = says(headers=(ETAG,), if_none_match=True, refuses=("too-often", *refuses))(told)
        told = insight_pages.arguments(asks, location="query")(told)
        insight_pages.get(path)(by_browser(needs("insights:read")(told)))
        return view

    return publish


@page("")
def controls(period: Period) -> tuple[str, str, Any]:
    """Read whether the controls work: each with its figures, and where to look first."""
    return PAGES[0][1], "insights/overview.html", overview_page(figures(), caller().subject, period)


@page("/controls/<control>", refuses=("not-found",))
def control(period: Period, control: str) -> tuple[str, str, Any]:
    """Read what one control does."""
    shown = of_control_page(figures(), caller().subject, period, control)
    return f"What do {CONTROLS[control].lower()} do?", "insights/gallery.html", shown


@page("/rejections")
def rejections(period: Period) -> tuple[str, str, Any]:
    """Read what people reject."""
    return PAGES[1][1], "insights/gallery.html", rejections_page(figures(), caller().subject, period)


@page("/new")
def new(period: Period) -> tuple[str, str, Any]:
    """Read what people began to filter and to reject."""
    del period
    return PAGES[2][1], "insights/new.html", new_page(figures(), caller().subject)


@page("/comments")
def comments(period: Period) -> tuple[str, str, Any]:
    """Read whether comments are bearable."""
    return PAGES[3][1], "insights/gallery.html", comments_page(figures(), caller().subject, period)


@page("/whom", asks=WhomSchema, refuses=("metric-unknown",))
def whom(period: Period, metric: str, control: Control) -> tuple[str, str, Any]:
    """Read for whom a metric is worst."""
    return (
        PAGES[4][1],
        "insights/gallery.html",
        whom_page(figures(), caller().subject, period, metric, control),
    )


@page("/trust")
def trust(period: Period) -> tuple[str, str, Any]:
    """Read whether to trust the newest figures."""
    del period
    return PAGES[5][1], "insights/trust.html", trust_page(figures(), caller().subject)


@page("/definitions")
def definitions(period: Period) -> tuple[str, str, Any]:
    """Read what every metric means."""
    del period
    return PAGES[6][1], "insights/definitions.html", definitions_page(figures())


@page("/figures/<metric>", asks=OneMetricSchema, refuses=("metric-unknown", "dimension-not-offered"))
def figure(period: Period, metric: str, by: str) -> tuple[str, str, Any]:
    """Read one metric over time, and by one dimension."""
    shown = metric_page(figures(), caller().subject, period, metric, by)
    return metric_named(metric).question, "insights/gallery.html", shown


def figures() -> InsightParts:
    """Return what stories about figures work with."""
    return api_parts().figures


def _drawn(template: str, **shown: Any) -> Response:
    told = in_html(template, **shown)
    told.headers["Cache-Control"] = FRESH_FOR
    told.vary.update(["Accept", "Authorization", "Cookie"])
    told.add_etag()
    told.make_conditional(request)
    return told


@insight_pages.errorhandler(Refusal)
def show_refusal(refusal: Refusal) -> Response:
    """Answer a browser with a page: the form where nobody is signed in, else what was wrong."""
    told = refused(refusal)
    if not _is_read_by_people():
        return told
    if isinstance(refusal, Unauthenticated | ScopeMissing):
        detail = "" if isinstance(refusal, TokenMissing) else refusal.detail
        return sign_in_form(told, detail, request.full_path.rstrip("?"))
    return _said(told, refusal.detail, is_empty=isinstance(refusal, WindowNotClosed))


@insight_pages.errorhandler(HTTPException)
def show_failure(error: HTTPException) -> Response:
    """Answer a browser with a page that says what went wrong."""
    told = failed(error)
    return _said(told, error.description or error.name) if _is_read_by_people() else told


def _said(told: Response, detail: str, *, is_empty: bool = False) -> Response:
    title = "Nothing to show yet" if is_empty else "That cannot be shown"
    said = in_html("insights/refused.html", title=title, detail=detail, is_empty=is_empty)
    said.status_code = told.status_code
    if "Retry-After" in told.headers:
        said.headers["Retry-After"] = told.headers["Retry-After"]
    return said


def _is_read_by_people() -> bool:
    return request.accept_mimetypes.best_match([JSON, HTML], default=JSON) == HTML
