"""Everything that is published, asked for in every way there is: what it is made of, and what is never in it."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from service.domain.blocks import NewBlock, Source
from service.domain.emerging_terms import EmergingTerm
from service.domain.events import Event, EventKind
from service.domain.insight_answers import Sum, SumState, sum_of
from service.domain.insight_definitions import METRICS
from service.domain.insight_questions import Asked, offered_by, question_from
from service.domain.insights import Cell, CellState
from service.domain.market_days import DAYS_IN, Grain, Window, window_with
from service.domain.refusals import Refusal
from service.domain.segments import Control, Segment
from service.store.analyst_reads import PostgresReads
from service.store.mining import PostgresMining
from service.usecases.edit_blocks import block
from service.usecases.edit_keyword_filters import add_keyword_filter, remove_keyword_filter
from service.usecases.insight_ports import InsightParts
from tests.api.calling import Service
from tests.api.identity import a_token, claims
from tests.builders import a_new_keyword_filter
from tests.fakes.insights import FakeInsights
from tests.figures import LAST_DAY, a_closed_fortnight
from tests.insights.counting import MONDAY, NOON, Counting

CANARY = "canary"
PAGES = [
    "",
    "/rejections",
    "/new",
    "/whom",
    "/trust",
    "/definitions",
    *(f"/controls/{each}" for each in Control),
]


def without_withheld(insights: FakeInsights) -> FakeInsights:
    """Return a store that never had the cells that are withheld."""
    poorer = insights.copy()
    poorer._cells = {
        metric: {place: cell for place, cell in cells.items() if cell.state is not CellState.WITHHELD}
        for metric, cells in insights._cells.items()
    }
    return poorer


def every_query(metrics: Any = METRICS) -> Iterator[str]:
    """Yield every way to ask for figures of one day, week or fortnight."""
    for name in metrics:
        metric = METRICS[name]
        firsts = {window_with(LAST_DAY, metric.grain).first, LAST_DAY - timedelta(days=13)}
        for first, compare in itertools.product(sorted(firsts), ("none", "previous")):
            span = f"metric={name}&from={first}&compare={compare}"
            yield f"series?{span}"
            for by in offered_by(metric):
                yield f"breakdown?{span}&by={by}"


def figures_of(answer: Any) -> list[tuple[object, ...]]:
    """Return the figures of an answer that have a number."""
    told = ("value", "low", "high", "people")
    return [
        (row.get("day"), sorted(row["by"].items()), *(row[name] for name in told))
        for row in answer["rows"]
        if row["value"] is not None
    ]


def test_withheld_cells_add_nothing_to_any_answer() -> None:
    """Whoever reads everything learns what the closed and shown cells say, and no more."""
    rich, poor = (Service(each) for each in (a_closed_fortnight(), without_withheld(a_closed_fortnight())))

    for query in every_query(["told_us_twice"]):
        answers = [each.call("GET", f"/v1/insights/{query}", scope="insights:read") for each in (rich, poor)]
        told = [each.get_json() for each in answers]
        if "rows" in told[0]:
            assert figures_of(told[0]) == figures_of(told[1]), query


def test_a_day_that_is_withheld_cannot_be_subtracted_out_of_a_longer_period() -> None:
    """Eight days with a withheld one among them are the seven others, and say so."""
    metric = METRICS["undo"]
    days = [a_day(number, withheld=number == 3) for number in range(8)]
    whole, rest = sum_of(metric, days), sum_of(metric, [*days[:3], *days[4:]])

    assert whole == replace(rest, state=SumState.PARTLY_WITHHELD)
    careless = sum_of(metric, [a_day(number, withheld=False) for number in range(8)])
    assert figures(careless) != figures(rest)


def figures(told: Sum) -> tuple[object, ...]:
    return told.windows, told.low, told.high


def a_day(number: int, *, withheld: bool) -> Cell:
    day = MONDAY + timedelta(days=number)
    place = ("undo", 1, Window(day, day), "block", ())
    if withheld:
        return Cell(*place, CellState.WITHHELD)
    return Cell(*place, CellState.SHOWN, 10.0, 8.0, 12.0, 100 if number != 3 else 30, 1000, "1000-1999")


@pytest.mark.parametrize("grain", [Grain.WEEK, Grain.DAY])
def test_no_two_questions_differ_by_part_of_a_window(grain: Grain) -> None:
    """Sliding a week by a day would show the day that neither week shows: it cannot be said."""
    metric = next(each for each in METRICS.values() if each.grain is grain)
    days = [MONDAY + timedelta(days=number) for number in range(15)]
    taken = []
    for first, last in itertools.combinations(days, 2):
        try:
            taken.append(question_from(Asked(metric.name, first, last), MONDAY + timedelta(days=27)).days)
        except Refusal:
            continue

    assert taken
    for one in taken:
        assert window_with(one.first, grain).first == one.first
        assert ((one.last - one.first).days + 1) % DAYS_IN[grain] == 0
    assert len(taken) == (3 if grain is Grain.WEEK else 105)


@pytest.fixture
def service(counting: Counting, engine: Engine) -> Service:
    """The service on real figures of people who must not be found in any answer."""
    people_who_filter_block_and_complain(counting)
    mining = PostgresMining(engine)
    mining.keep_term("term_1", EmergingTerm(f"{CANARY}-term", MONDAY, 8.0, "200-499"))
    return Service(
        figures=InsightParts(counting.insights, mining, PostgresReads(engine), lambda: NOON, "{}_1".format)
    )


def people_who_filter_block_and_complain(counting: Counting) -> None:
    for number in range(63):
        language = "de" if number < 57 else "ja"
        segment = Segment(market="DE", language=language, platform="ios", age_band="adult")
        parts, person = counting.parts(segment=segment), f"{CANARY}-person-{number}"
        add_keyword_filter(parts, person, a_new_keyword_filter(terms=(f"{CANARY}-phrase",), filter_id="f"))
        block(parts, person, NewBlock(f"{CANARY}-author", source=Source.MANUAL))
        if number < 8:
            later = counting.parts(now=NOON + timedelta(hours=3), segment=segment)
            remove_keyword_filter(later, person, "f")
    told = Event(
        EventKind.SHOULD_HAVE_BEEN_HIDDEN, NOON, f"{CANARY}-person-1", Segment(), author_id=f"{CANARY}-author"
    )
    counting.accept([told], names=["told"])
    counting.count_all()
    counting.close()


def test_no_answer_log_or_page_holds_a_person_a_phrase_or_an_author(
    service: Service, counting: Counting, caplog: pytest.LogCaptureFixture
) -> None:
    with counting.engine.connect() as connection:
        keys = [row[0].hex() for row in connection.execute(text("SELECT DISTINCT person FROM tally_person"))]
    texts = [caplog.text]
    daily = [name for name, metric in METRICS.items() if metric.grain is Grain.DAY]
    asked = [
        query.replace(str(LAST_DAY), str(MONDAY)) for query in every_query(daily) if str(LAST_DAY) in query
    ]
    lists = ["metrics", "look-first", "freshness", "emerging-terms", "annotations"]
    kinds = itertools.cycle(("application/json", "text/csv", "application/json"))
    for path, kind in zip([*asked, *lists, *lists], kinds, strict=False):
        answer = service.call("GET", f"/v1/insights/{path}", scope="insights:read", headers={"Accept": kind})
        assert answer.status_code in {200, 409, 422}, answer.text
        texts.append(answer.text)
    browser = service.app.test_client()
    browser.post("/insights/sign-in", data={"token": a_token(claims(sub="grace", scope="insights:read"))})
    for page in PAGES:
        answer = browser.get(f"/insights{page}", headers={"Accept": "text/html"}, query_string={"weeks": 1})
        texts.append(answer.text)
    with counting.engine.connect() as connection:
        texts.append(str(connection.execute(text("SELECT r FROM analyst_reads r")).all()))

    whole = "\n".join(texts)
    assert '"value":17.0' in whole
    assert "breakdown: undo 2026-11-02..2026-11-02 language previous" in whole
    assert "1 more is under review" in whole
    assert CANARY not in whole
    assert keys
    assert not [key for key in keys if key in whole]
