"""Pages with figures: their numbers are those of the API, and nothing but the right token opens them."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.api.auth import COOKIE
from service.api.sign_in import PAGES
from service.domain.emerging_terms import EmergingTerm, ReviewState, Rising, TermReview
from service.domain.insights import Annotation, AnnotationKind
from service.domain.segments import VALUES, Control, Dimension
from tests.api.calling import Service
from tests.api.identity import a_token, claims
from tests.api.test_docs import Page
from tests.figures import a_closed_fortnight

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
TITLES = {
    **dict(PAGES),
    **{f"/insights/controls/{control}": "What do " for control in Control},
    "/insights/figures/undo?by=platform": "How often do people take back what they did?",
    "/insights/whom?metric=not_interested_rate&weeks=1": "For whom does it work least?",
}
ASKED = {"weeks": "1"}
FIGURE = re.compile(r'<figure class="card figure".*?</figure>', re.DOTALL)


@pytest.fixture
def service() -> Service:
    """The service with two weeks of figures, and a note that would like to be a script."""
    insights = a_closed_fortnight().copy()
    insights.annotate(
        Annotation("n", date(2026, 11, 10), AnnotationKind.RELEASE, "<script>alert(1)</script>")
    )
    return Service(insights)


def token(scope: str = "insights:read") -> str:
    return a_token(claims(sub="grace", scope=scope))


@pytest.fixture
def browser(service: Service) -> Iterator[FlaskClient]:
    """A browser of somebody who has signed in."""
    with service.serve().test_client() as client:
        client.post("/insights/sign-in", data={"token": token()})
        yield client


def look_at(browser: FlaskClient, path: str, **headers: str) -> TestResponse:
    return browser.get(
        path, headers={"Accept": "text/html", **headers}, query_string=None if "?" in path else ASKED
    )


@pytest.mark.parametrize("path", TITLES)
def test_a_page_asks_a_question_and_loads_nothing_from_elsewhere(path: str, browser: FlaskClient) -> None:
    answer = look_at(browser, path)

    assert (answer.status_code, answer.headers["Content-Security-Policy"]) == (200, CSP)
    page = Page(answer.text)
    assert f"<h1>{TITLES[path]}" in answer.text
    assert page.open == []
    assert len(set(page.ids)) == len(page.ids)
    assert page.loads == ["/pages/page.css", "/pages/insights.css", "/pages/insights.js"]
    assert all(link.startswith(("#", "/insights", "/v1/insights/")) for link in page.links)
    assert 'aria-label="How fresh and how complete"' in answer.text


@pytest.mark.parametrize("path", TITLES)
def test_every_number_of_a_chart_is_in_its_table_and_in_the_api(path: str, browser: FlaskClient) -> None:
    """In the drawing, in the table, in JSON and in CSV."""
    for figure in FIGURE.findall(look_at(browser, path).text):
        api, sheet = (
            link.replace("&amp;", "&") for link in re.findall(r'href="(/v1/insights/[^"]*)"', figure)
        )
        header = {"Authorization": f"Bearer {token()}"}
        answer = browser.get(api, headers=header).get_json()
        lines = list(csv.DictReader(io.StringIO(browser.get(sheet, headers=header).text)))

        drawn = values_drawn(figure)
        assert drawn
        assert set(drawn) <= set(values_in_table(figure))
        told = {number for row in answer["rows"] for number in numbers_of(row)}
        assert {float(value) for value in drawn} <= told
        written = {line[name] for line in lines for name in ("value", "compared_value")}
        assert set(drawn) <= written


def values_drawn(figure: str) -> list[str]:
    chart = re.findall(r'<svg.*?</svg>|<table class="heat".*?</table>', figure, re.DOTALL)[0]
    return [each.attrib["data-value"] for each in ET.fromstring(chart).iter() if "data-value" in each.attrib]


def values_in_table(figure: str) -> list[str]:
    table = ET.fromstring(re.findall(r"<table>.*?</table>", figure, re.DOTALL)[0])
    return [cell.text or "" for cell in table.iter("td")]


def numbers_of(row: dict[str, dict[str, float]]) -> set[float | dict[str, float] | None]:
    return {row["value"] and float(str(row["value"])), (row["compared"] or {}).get("value")}


@pytest.mark.parametrize("path", TITLES)
def test_a_finding_stands_in_words_under_every_chart(path: str, browser: FlaskClient) -> None:
    for figure in FIGURE.findall(look_at(browser, path).text):
        [finding] = re.findall(r"<figcaption[^>]*>(.*?)</figcaption>", figure, re.DOTALL)
        assert re.search(r"(rose|fell|stayed|was|is|count) .*\d", finding), finding
        assert " version " in figure


def test_the_overview_says_of_every_control_what_the_api_says(browser: FlaskClient) -> None:
    text = look_at(browser, "/insights").text
    answer = browser.get(
        "/v1/insights/breakdown?metric=undo&by=control&from=2026-11-09&to=2026-11-15&compare=previous",
        headers={"Authorization": f"Bearer {token()}"},
    ).get_json()

    shown = [row for row in answer["rows"] if row["state"] == "shown"]
    assert len(shown) > 2
    for row in shown:
        control = row["by"]["control"]
        anchor = f'href="/insights/controls/{control}#undo-{control.replace("_", "-")}"'
        assert f"{anchor}>{row['value']:g}</a>" in text


def test_what_the_address_says_is_what_the_form_shows(browser: FlaskClient) -> None:
    text = look_at(browser, "/insights/rejections?to=2026-11-08&weeks=1&compare=none").text

    assert 'name="to" value="2026-11-08"' in text
    assert '<option value="1" selected>' in text
    assert '<option value="none" selected>' in text
    assert "2026-11-02 to 2026-11-08" in text
    assert "2026-11-09" not in text


@pytest.mark.parametrize(
    ("ending_by", "week"),
    [
        ("2026-11-08", "2026-11-02 to 2026-11-08"),
        ("2026-11-14", "2026-11-02 to 2026-11-08"),
        ("2026-11-19", "2026-11-09 to 2026-11-15"),
        ("9999-12-31", "2026-11-09 to 2026-11-15"),
    ],
)
def test_where_to_look_first_is_about_a_week_that_ended_by_then(
    ending_by: str, week: str, browser: FlaskClient
) -> None:
    text = look_at(browser, f"/insights?weeks=1&to={ending_by}").text

    assert f"worst from {week}" in text
    monday = date.fromisoformat(week[:10])
    assert f'href="/v1/insights/look-first?week={monday:%G-W%V}"' in text


def test_every_part_that_leaks_is_in_the_table_of_parts(browser: FlaskClient) -> None:
    [stacked] = [
        each for each in FIGURE.findall(look_at(browser, "/insights/controls/block").text) if "-parts" in each
    ]
    table = re.findall(r"<table>.*?</table>", stacked, re.DOTALL)[0]

    assert set(re.findall(r'<td class="number">([a-z ]+)</td>', table)) >= {
        str(cause).replace("_", " ") for cause in VALUES[Dimension.CAUSE]
    }
    assert all(name in table for name in ("95 % interval", "People"))


def test_a_note_is_text_whatever_it_looks_like(browser: FlaskClient) -> None:
    text = look_at(browser, "/insights").text

    assert "&lt;script&gt;alert(1)" in text
    assert "<script>" not in text


def test_terms_are_shown_once_they_are_confirmed(service: Service, browser: FlaskClient) -> None:
    for name, state in (("shown & told", ReviewState.CONFIRMED), ("canary", ReviewState.UNDER_REVIEW)):
        service.terms.found[name] = TermReview(
            name, EmergingTerm(name, date(2026, 11, 12), 8.0, "200-499"), state
        )

    rising = EmergingTerm("dieting", date(2026, 11, 12), 2.4, "50-99", Rising.HASHTAG)
    service.terms.found["rising"] = TermReview("rising", rising, ReviewState.CONFIRMED)

    text = look_at(browser, "/insights/new").text
    assert "shown &amp; told" in text.partition("began to reject")[0]
    assert 'dieting <span class="badge">hashtag</span>' in text.partition("began to reject")[2]
    assert "canary" not in text
    assert "1 more is under review" in text


def test_a_page_that_did_not_change_is_not_sent_again(browser: FlaskClient) -> None:
    first = look_at(browser, "/insights/trust")

    again = look_at(browser, "/insights/trust", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "private, max-age=60"


def test_pages_are_noted_like_any_other_read(service: Service, browser: FlaskClient) -> None:
    look_at(browser, "/insights/rejections")

    assert {read.analyst for read in service.reads.reads} == {"grace"}
    assert sum(read.cell_queries for read in service.reads.reads) == 16


def test_before_anything_is_closed_a_page_says_so() -> None:
    service = Service()
    client = service.serve().test_client()
    client.post("/insights/sign-in", data={"token": token()})

    answer = look_at(client, "/insights")
    assert (answer.status_code, "Nothing to show yet" in answer.text) == (409, True)
    assert look_at(client, "/insights/trust").status_code == 200
    assert look_at(client, "/insights/definitions").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/insights/controls/telepathy", 404),
        ("/insights/figures/nope", 404),
        ("/insights/whom?metric=nope", 404),
        ("/insights/whom?control=nope", 422),
        ("/insights/figures/undo?by=reason", 422),
        ("/insights?weeks=5", 422),
        ("/insights?to=tomorrow", 422),
        ("/insights?sliding=7", 422),
        ("/insights?to=0001-01-01", 422),
        ("/insights?to=0001-02-10", 422),
    ],
)
def test_what_cannot_be_shown_is_refused_on_a_page(path: str, status: int, browser: FlaskClient) -> None:
    answer = look_at(browser, path)

    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert "That cannot be shown" in answer.text
    assert browser.get(path).mimetype == "application/problem+json"


# Signing in.


def test_nobody_gets_the_form_under_the_status_and_the_challenge(service: Service) -> None:
    answer = look_at(service.serve().test_client(), "/insights/rejections?weeks=1")

    assert (answer.status_code, answer.mimetype) == (401, "text/html")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert 'name="next" value="/insights/rejections?weeks=1"' in answer.text


def test_who_has_not_tried_to_sign_in_is_not_told_off(service: Service) -> None:
    client = service.serve().test_client()

    assert 'role="alert"' not in look_at(client, "/insights").text
    client.set_cookie("analyst_token", "nonsense", path="/insights")
    assert 'role="alert"' in look_at(client, "/insights").text


@pytest.mark.parametrize("host", ["https://safety.example", "http://127.0.0.1:8000"])
def test_the_cookie_is_out_of_the_reach_of_scripts_and_other_sites(host: str, service: Service) -> None:
    answer = service.serve().test_client().post("/insights/sign-in", data={"token": token()}, base_url=host)

    assert (answer.status_code, answer.location) == (303, "/insights")
    for word in ("HttpOnly", "SameSite=Strict", "Path=/insights", "Secure"):
        assert word in answer.headers["Set-Cookie"]
    assert "Expires" not in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "wrong", ["plugh", "a.b.c", a_token(claims(scope="settings")), a_token(claims(exp=1))]
)
def test_a_token_that_opens_nothing_signs_nobody_in(wrong: str, service: Service) -> None:
    answer = service.serve().test_client().post("/insights/sign-in", data={"token": wrong})

    assert answer.status_code in {401, 403}
    assert "Set-Cookie" not in answer.headers
    assert 'role="alert"' in answer.text
    assert wrong not in answer.text


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/insights",
        "//evil.example/insights",
        "/\\evil.example",
        "javascript:alert(1)",
        "/v1/me",
        "/insightsx",
        "//[",
        "//evil\u2100.example",
    ],
)
def test_signing_in_leads_to_our_own_pages_alone(elsewhere: str, service: Service) -> None:
    answer = (
        service.serve().test_client().post("/insights/sign-in", data={"token": token(), "next": elsewhere})
    )

    assert answer.location == "/insights"


def test_another_site_cannot_sign_anybody_in(service: Service) -> None:
    sent = {"Sec-Fetch-Site": "cross-site"}
    answer = service.serve().test_client().post("/insights/sign-in", data={"token": token()}, headers=sent)

    assert (answer.status_code, "Set-Cookie" in answer.headers) == (401, False)


def test_the_cookie_opens_pages_and_never_the_api(browser: FlaskClient) -> None:
    browser.set_cookie(COOKIE, token("insights:read terms:review settings"), path="/")

    assert look_at(browser, "/insights/trust").status_code == 200
    assert browser.get("/v1/insights/metrics").status_code == 401
    note = {"day": "2026-11-15", "kind": "release", "text": "x"}
    assert browser.post("/v1/insights/annotations", json=note).status_code == 401
    assert browser.get("/v1/me/settings").status_code == 401


def test_signing_out_forgets_the_token(browser: FlaskClient) -> None:
    answer = browser.post("/insights/sign-out")

    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (303, '"cache"')
    assert look_at(browser, "/insights/trust").status_code == 401
