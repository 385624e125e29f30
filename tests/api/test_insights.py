"""Figures over HTTP: what may be asked, what comes back with every number, and the same as CSV."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from service.api.spreadsheets import csv_of
from service.domain.emerging_terms import EmergingTerm, ReviewState, TermReview
from service.domain.insight_definitions import METRICS
from service.domain.insight_questions import CATALOGUE_VERSION
from service.domain.insights import Annotation, AnnotationKind, Cell, CellState, WithheldShare
from service.domain.market_days import Window
from service.domain.segments import Dimension
from service.usecases.read_insights import QUERIES_PER_DAY
from tests.api.calling import Service
from tests.figures import a_closed_fortnight

TABLES = ["/metrics", "/metrics/reach", "/series?metric=reach&where=control:block", "/annotations"]
TABLES += ["/breakdown?metric=reach&by=control", "/look-first", "/freshness", "/emerging-terms"]


@pytest.fixture
def service() -> Service:
    """The service with two weeks of figures, and something that happened in them."""
    insights = a_closed_fortnight().copy()
    insights.annotate(Annotation("n1", date(2026, 11, 10), AnnotationKind.RELEASE, "=a new menu", "DE"))
    return Service(insights)


def ask(service: Service, path: str, **options: Any) -> TestResponse:
    return service.call("GET", f"/v1/insights{path}", **{"scope": "insights:read", **options})


def lines(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_a_figure_carries_its_version_window_interval_people_and_state(service: Service) -> None:
    answer = ask(service, "/series?metric=undo&where=control:block&from=2026-11-15").get_json()

    assert (answer["version"], answer["window"]) == (1, {"from": "2026-11-15", "to": "2026-11-15"})
    [row] = answer["rows"]
    assert row["by"] == {"control": "block"}
    assert row["low"] <= row["value"] <= row["high"]
    assert (row["people"], row["state"]) == ("100-199", "shown")
    assert answer["freshness"]["complete_through"] == "2026-11-15"
    assert answer["withheld"]["cells"] > 0


def test_the_period_before_is_matched_by_the_day_of_the_week(service: Service) -> None:
    asked = "/series?metric=reach&where=control:block&from=2026-11-13&compare=previous"
    answer = ask(service, asked).get_json()

    assert answer["compared_to"] == {"from": "2026-11-06", "to": "2026-11-08"}
    for row in answer["rows"]:
        then, now = (date.fromisoformat(day) for day in (row["compared"]["day"], row["day"]))
        assert (now - then).days == 7
        assert row["compared"]["change_low"] <= row["compared"]["change"] <= row["compared"]["change_high"]


def test_a_year_ago_is_the_same_day_of_the_week(service: Service) -> None:
    answer = ask(service, "/series?metric=reach&from=2026-11-15&compare=year").get_json()

    assert answer["compared_to"] == {"from": "2025-11-16", "to": "2025-11-16"}
    assert {row["compared"] for row in answer["rows"]} == {None}


@pytest.mark.parametrize("path", TABLES)
def test_a_table_is_the_same_as_csv_however_it_is_asked_for(path: str, service: Service) -> None:
    route, _, query = path.partition("?")
    by_header = ask(service, path, headers={"Accept": "text/csv"})
    by_suffix = ask(service, f"{route}.csv?{query}")

    assert by_header.mimetype == by_suffix.mimetype == "text/csv"
    assert by_header.data == by_suffix.data
    assert by_header.data.endswith(b"\r\n")


def test_a_line_of_csv_says_what_a_row_of_json_says(service: Service) -> None:
    path = "/series?metric=reach&by=platform&from=2026-11-15&compare=previous"
    answer = ask(service, path).get_json()

    told = lines(ask(service, path, headers={"Accept": "text/csv"}))
    assert len(told) == len(answer["rows"])
    for line, row in zip(told, answer["rows"], strict=True):
        assert (line["metric"], line["version"], line["day"]) == ("reach", "1", row["day"])
        assert line["dims"] == ";".join(f"{name}={value}" for name, value in row["by"].items())
        for name in ("value", "low", "high"):
            assert (float(line[name]) if line[name] else None) == row[name]
        assert line["compared_value"] == (
            "" if row["compared"]["value"] is None else f"{row['compared']['value']:g}"
        )
        assert (line["people"] or None, line["state"]) == (row["people"], row["state"])


def test_a_line_of_csv_says_which_days_it_is_about(service: Service) -> None:
    days = "from=2026-11-09&to=2026-11-15&compare=previous"
    [line, *_] = lines(ask(service, f"/breakdown.csv?metric=reach&by=platform&{days}"))
    assert (line["day"], line["through"]) == ("2026-11-09", "2026-11-15")
    assert (line["compared_day"], line["compared_through"]) == ("2026-11-02", "2026-11-08")


def test_what_looks_like_a_formula_is_text_and_numbers_stay_numbers(service: Service) -> None:
    [line] = lines(ask(service, "/annotations.csv"))

    assert line["text"] == "'=a new menu"
    assert csv_of([{"a": "@x", "b": -1.5, "c": "-x", "d": 'say "a, b"'}], "abcd") == (
        'a,b,c,d\r\n\'@x,-1.5,\'-x,"say ""a, b"""\r\n'
    )


def test_the_etag_names_the_newest_close_and_the_catalogue(service: Service) -> None:
    first = ask(service, "/series?metric=reach&from=2026-11-15")

    assert first.headers["ETag"].startswith(f'"20261118T060000-{CATALOGUE_VERSION}-')
    assert first.headers["Cache-Control"] == "private, max-age=60"
    again = ask(
        service, "/series?metric=reach&from=2026-11-15", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_a_table_in_another_type_or_with_a_new_note_is_another_one(service: Service) -> None:
    path = "/series?metric=reach&from=2026-11-15"
    tags = {
        ask(service, path).headers["ETag"],
        ask(service, path, headers={"Accept": "text/csv"}).headers["ETag"],
    }

    service.call(
        "POST",
        "/v1/insights/annotations",
        scope="insights:read",
        json={"day": "2026-11-15", "kind": "incident", "text": "slow rules"},
    )
    assert len({*tags, ask(service, path).headers["ETag"]}) == 3


@pytest.mark.parametrize(
    ("query", "status", "code", "fact"),
    [
        ("metric=nope", 404, "metric-unknown", {}),
        ("metric=undo&by=reason", 422, "dimension-not-offered", {"offered": ["control", *METRICS["undo"].dimensions]}),
        ("metric=degraded&by=control", 422, "dimension-not-offered", {"offered": ["surface"]}),
        ("metric=undo&by=market&where=platform:ios", 422, "too-many-dimensions", {"limit": 2}),
        ("metric=leakage&from=2026-11-10&to=2026-11-15", 422, "window-not-aligned", {"aligned_from": "2026-11-09"}),
        ("metric=leakage&from=2026-11-02&to=2026-11-14", 422, "window-not-aligned", {"aligned_to": "2026-11-15"}),
        ("metric=undo&to=2026-11-16", 409, "window-not-closed", {"complete_through": "2026-11-15"}),
        ("metric=undo&from=2025-01-01", 422, "limit-reached", {"limit": 400}),
        ("metric=undo&by=market", 422, "limit-reached", {"limit": 400}),
        ("metric=undo&from=2026-11-15&to=2026-11-14", 422, "invalid", {}),
        ("metric=undo&where=market:Atlantis", 422, "invalid", {}),
        ("metric=undo&where=language:ja,language:pt", 422, "invalid", {}),
        ("metric=undo&metric=reach", 422, "invalid", {"errors": {"metric": ["Is there twice."]}}),
        ("metric=undo&where=market", 422, "invalid", {}),
        ("metric=undo&compare=tomorrow", 422, "invalid", {}),
        ("metric=undo&from=yesterday", 422, "invalid", {}),
        ("metric=undo&from=0001-01-01", 422, "limit-reached", {}),
        ("metric=leakage&to=0001-01-01", 422, "invalid", {}),
        ("metric=undo&from=0001-01-01&to=0001-01-07&compare=previous", 422, "invalid", {}),
        ("metric=undo&from=0001-01-01&to=0001-01-07&compare=year", 422, "invalid", {}),
        ("metric=undo&sliding=7", 422, "invalid", {}),
        ("", 422, "invalid", {}),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused_with_a_reason(
    query: str, status: int, code: str, fact: dict[str, Any], service: Service
) -> None:
    problem = ask(service, f"/series?{query}").get_json()

    assert (problem["status"], problem["code"]) == (status, code)
    assert problem.items() >= fact.items()


def test_a_figure_about_few_people_is_no_error(service: Service) -> None:
    answer = ask(service, "/series?metric=undo&where=control:comment_limit,language:ar&from=2026-11-15")

    [row] = answer.get_json()["rows"]
    assert (answer.status_code, row["state"]) == (200, "withheld")
    assert {row[name] for name in ("value", "low", "high", "people")} == {None}


def test_before_anything_is_closed_there_is_nothing_to_ask() -> None:
    problem = ask(Service(), "/series?metric=undo").get_json()

    assert (problem["code"], problem["complete_through"]) == ("window-not-closed", None)


def test_a_breakdown_comes_worst_first_and_withheld_last(service: Service) -> None:
    answer = ask(service, "/breakdown?metric=leakage&by=language&from=2026-11-09&compare=previous").get_json()

    values = [row["value"] for row in answer["rows"]]
    shown = [value for value in values if value is not None]
    assert len(shown) > 2
    assert shown == sorted(shown, reverse=True)
    assert values[len(shown) :] == [None] * (len(values) - len(shown))
    assert {row["state"] for row in answer["rows"][len(shown) :]} == {"withheld"}
    assert [row["by"] for row in answer["total"]] == [{}]


def test_a_breakdown_by_language_says_how_far_apart_the_largest_are(service: Service) -> None:
    answer = ask(service, "/breakdown?metric=leakage&by=language&from=2026-11-09").get_json()

    values = {row["by"]["language"]: row["value"] for row in answer["rows"]}
    gap = answer["language_gap"]
    assert gap["gap"] == pytest.approx(values[gap["worst"]] - values[gap["best"]], rel=0.05)
    assert (
        ask(service, "/breakdown?metric=leakage&by=surface&from=2026-11-09").get_json()["language_gap"]
        is None
    )


def test_a_breakdown_by_two_dimensions_tells_every_pair(service: Service) -> None:
    """As many pairs as an answer may have rows; of one language, a tenth of them."""
    asked = "/breakdown?metric=rejected_topics&by=topic&second=language&from=2026-11-02&to=2026-11-15"
    rows = ask(service, asked).get_json()["rows"]
    japanese = ask(service, f"{asked}&where=language:ja").get_json()["rows"]

    assert len(rows) == 400
    assert {"language": "ja", "topic": "gossip"} in [row["by"] for row in rows if row["value"]]
    assert japanese == [row for row in rows if row["by"]["language"] == "ja"]
    by_hand = f"{asked.replace('second=language&', '')}&where=language:ja"
    assert ask(service, by_hand).get_json()["rows"] == japanese
    problem = ask(service, asked.replace("second=language", "second=control")).get_json()
    assert problem["code"] == "dimension-not-offered"


def test_where_more_is_better_the_worst_is_the_least(service: Service) -> None:
    answer = ask(
        service, "/breakdown?metric=promise_kept&by=control&second=surface&from=2026-11-09"
    ).get_json()

    shown = [row["value"] for row in answer["rows"] if row["value"] is not None]
    assert shown == sorted(shown)
    assert set(answer["rows"][0]["by"]) == {"control", "surface"}


def test_days_added_up_are_no_surer_about_people_than_one_day(service: Service) -> None:
    """The same people come every day: a fortnight is not fourteen times as many."""
    a_day, a_fortnight = (
        ask(service, f"/breakdown?metric=undo&by=control&where=control:block&from={first}").get_json()[
            "total"
        ][0]
        for first in ("2026-11-15", "2026-11-02")
    )

    width = [row["high"] - row["low"] for row in (a_day, a_fortnight)]
    assert a_fortnight["windows"] > 10
    assert width[1] > 0.5 * width[0]


def test_what_to_look_at_first_is_about_a_closed_week(service: Service) -> None:
    newest = ask(service, "/look-first").get_json()

    assert newest["week"] == {"from": "2026-11-09", "to": "2026-11-15"}
    assert ask(service, "/look-first?week=2026-W46").get_json() == newest
    assert ask(service, "/look-first?week=2026-W47").get_json()["code"] == "window-not-closed"
    for week in ("2026-W60", "9999-W52", "2026-W46%0A", "٢٠٢٦-W46"):
        assert ask(service, f"/look-first?week={week}").get_json()["code"] == "invalid"


def test_where_it_was_worst_is_worked_out_again_after_the_next_close(service: Service) -> None:
    before = ask(service, "/look-first").get_json()
    leakage = METRICS["leakage"]
    week = Window(date(2026, 11, 16), date(2026, 11, 22))
    cells = [
        Cell(
            "leakage", leakage.version, week, "", dims, CellState.SHOWN, 5.0, 4.0, 6.0, hits, of, "1000-1999"
        )
        for dims, hits, of in (((), 5_100, 1_000_000), (((Dimension.LANGUAGE, "ta"),), 150, 10_000))
    ]
    service.insights.keep(
        cells, WithheldShare("leakage", week, "", 2, 0, 0), datetime(2026, 11, 25, tzinfo=UTC)
    )

    [place] = ask(service, "/look-first").get_json()["places"]
    assert (place["by"], place["excess"]) == ({"language": "ta"}, 100)
    [line] = lines(ask(service, "/look-first.csv"))
    assert (line["day"], line["through"], line["version"]) == ("2026-11-16", "2026-11-22", "1")
    assert (line["people"], line["state"]) == (place["people"], place["state"]) == ("1000-1999", "shown")
    assert ask(service, "/look-first?week=2026-W46").get_json()["places"] == before["places"]


def test_how_much_to_trust_the_newest_figures_is_told(service: Service) -> None:
    trust = ask(service, "/freshness").get_json()

    assert trust["days"]["complete_through"] == trust["weeks"]["complete_through"] == "2026-11-15"
    assert {row["metric"] for row in trust["figures"]} == {"coverage", "degraded", "lateness"}
    assert {row["metric"] for row in trust["withheld"]} <= set(METRICS)
    assert any(row["withheld"] for row in trust["withheld"])


def test_the_catalogue_is_told_whole(service: Service) -> None:
    answer = ask(service, "/metrics").get_json()

    assert answer["version"] == CATALOGUE_VERSION
    assert [each["name"] for each in answer["metrics"]] == list(METRICS)
    assert ask(service, "/metrics/reach").get_json() in answer["metrics"]
    assert ask(service, "/metrics/nope").get_json()["code"] == "metric-unknown"


def test_a_term_is_told_to_analysts_once_a_reviewer_confirmed_it(service: Service) -> None:
    for number, term in enumerate(("canary cure", "canary name")):
        found = EmergingTerm(term, date(2026, 11, 12), 8.0, "200-499")
        service.terms.found[f"t{number}"] = TermReview(f"t{number}", found, ReviewState.UNDER_REVIEW)

    assert ask(service, "/emerging-terms").get_json() == {"terms": [], "under_review": 2}
    for number, said in enumerate(({"state": "confirmed", "category": "scam"}, {"state": "rejected"})):
        path = f"/v1/insights/term-reviews/t{number}"
        assert service.call("POST", path, scope="terms:review", json=said).status_code == 200
    told = ask(service, "/emerging-terms?week=2026-W46").get_json()
    assert ([each["term"] for each in told["terms"]], told["under_review"]) == (["canary cure"], 0)
    assert ask(service, "/emerging-terms?week=2026-W45").get_json()["terms"] == []


@pytest.mark.parametrize(
    "said", [{"state": "confirmed"}, {"state": "faded"}, {}, {"state": "confirmed", "category": "x"}]
)
def test_a_verdict_decides(said: dict[str, str], service: Service) -> None:
    answer = service.call("POST", "/v1/insights/term-reviews/t1", scope="terms:review", json=said)

    assert answer.get_json()["code"] == "invalid"


def test_terms_under_review_are_for_reviewers(service: Service) -> None:
    found = EmergingTerm("canary", date(2026, 11, 12), 8.0, "200-499")
    service.terms.found["t"] = TermReview("t", found, ReviewState.UNDER_REVIEW)

    reviewed = ask(service, "/term-reviews", scope="terms:review").get_json()["terms"]
    assert [each["term"] for each in reviewed] == ["canary"]
    assert ask(service, "/term-reviews").status_code == 403
    assert (
        service.call(
            "POST", "/v1/insights/term-reviews/gone", scope="terms:review", json={"state": "rejected"}
        ).status_code
        == 404
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": "x" * 141},
        {"link": "javascript:alert(1)"},
        {"market": "XX"},
        {"day": "2030-01-01"},
    ],
    ids=["no text", "long", "script", "nowhere", "far ahead"],
)
def test_a_note_that_cannot_be_used_is_refused(wrong: dict[str, str], service: Service) -> None:
    note = {"day": "2026-11-15", "kind": "release", "text": "a menu", **wrong}
    answer = service.call("POST", "/v1/insights/annotations", scope="insights:read", json=note)

    assert answer.get_json()["code"] == "invalid"


def test_every_read_is_noted_with_who_and_what(service: Service) -> None:
    ask(service, "/series?metric=undo&where=control:block&from=2026-11-15&compare=previous", user="grace")

    [read] = service.reads.reads
    assert (read.analyst, read.cell_queries) == ("grace", 2)
    assert read.query == "series: undo 2026-11-15..2026-11-15 control=block previous"


def test_a_day_of_reading_has_an_end_and_the_next_begins_anew(service: Service) -> None:
    path = "/series?metric=undo&where=control:block&from=2026-11-15"
    for _ in range(QUERIES_PER_DAY // 500):
        ask(service, path)
        service.reads.reads[-1] = replace(service.reads.reads[-1], cell_queries=500)

    refused = ask(service, path)
    assert (refused.status_code, refused.get_json()["limit"]) == (429, QUERIES_PER_DAY)
    assert int(refused.headers["Retry-After"]) <= 86_400
    assert ask(service, path, user="heidi").status_code == 200
    service.clock.step(days=1)
    assert ask(service, path).status_code == 200
