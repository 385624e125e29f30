"""Pages with figures in a real browser: readable by everybody, by keyboard, without scripts and on a small screen."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from service.domain.emerging_terms import EmergingTerm, ReviewState, Rising, TermReview
from service.domain.insights import Annotation, AnnotationKind
from tests.api.calling import Service
from tests.api.identity import a_token, claims
from tests.browser.conftest import NARROWEST, PATIENCE_MS, overflows, send, served
from tests.figures import a_closed_fortnight

PATHS = (
    "/insights",
    "/insights/controls/block?weeks=1",
    "/insights/rejections?weeks=1",
    "/insights/new",
    "/insights/whom?metric=undo&weeks=1",
    "/insights/trust",
    "/insights/figures/undo?by=platform",
)
MODES = {
    "light": ({"color_scheme": "light"}, PATHS),
    "dark": ({"color_scheme": "dark"}, PATHS[:4]),
    "forced colors": ({"forced_colors": "active"}, PATHS[:2]),
}
"""How people look at pages; what the last pages are made of stands on the first ones as well."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the service answers, with two weeks of figures and something that happened in them."""
    insights = a_closed_fortnight().copy()
    insights.annotate(Annotation("n", date(2026, 11, 10), AnnotationKind.RELEASE, "A new menu"))
    service = Service(insights)
    for kind in Rising:
        found = EmergingTerm(f"a {kind}", date(2026, 11, 12), 3.0, "200-499", kind)
        service.terms.found[kind] = TermReview(kind, found, ReviewState.CONFIRMED)
    with served(service.serve()) as at:
        yield at


@contextmanager
def signed_in(browser: Browser, address: str, **options: Any) -> Iterator[Page]:
    """Open a window of somebody who signed in by the form; whatever its console says against us fails the test."""
    context = browser.new_context(**options)
    complaints: list[str] = []
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{address}/insights/sign-in")
        page.fill("#token", a_token(claims(sub="grace", scope="insights:read")))
        page.click("button.first")
        page.wait_for_url(f"{address}/insights")
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: complaints.extend(_elsewhere(asked.url, address)))
        yield page
    finally:
        context.close()
    assert complaints == []


def _elsewhere(url: str, address: str) -> list[str]:
    return [] if url.startswith(address) else [f"asked {url}"]


@pytest.mark.parametrize("mode", MODES)
def test_axe_finds_nothing_and_the_policy_reports_nothing(
    mode: str, browser: Browser, address: str, violations: Callable[[Page], list[str]]
) -> None:
    options, paths = MODES[mode]
    with signed_in(browser, address, **options) as page:
        for path in paths:
            page.goto(f"{address}{path}")
            assert violations(page) == [], path


def test_nothing_is_wider_than_a_small_screen(browser: Browser, address: str) -> None:
    with signed_in(browser, address, viewport={"width": NARROWEST, "height": 640}) as page:
        for path in PATHS:
            page.goto(f"{address}{path}")
            assert not overflows(page), path


def test_without_scripts_the_numbers_are_the_same(browser: Browser, address: str) -> None:
    told = []
    for with_scripts in (True, False):
        with signed_in(browser, address, java_script_enabled=with_scripts) as page:
            page.goto(f"{address}{PATHS[1]}")
            told.append(page.locator("main").all_text_contents())
    assert told[0] == told[1]


def test_arrow_keys_read_the_numbers_of_the_table(browser: Browser, address: str) -> None:
    with signed_in(browser, address) as page:
        page.goto(f"{address}{PATHS[1]}")
        figure = page.locator("figure").first
        rows = figure.locator("tbody tr")
        reading = figure.locator(".reading")
        figure.locator(".plot").focus()
        for key, place in (("ArrowRight", 0), ("ArrowRight", 1), ("End", -1), ("ArrowLeft", -2), ("Home", 0)):
            page.keyboard.press(key)
            row = rows.nth(place if place >= 0 else rows.count() + place)
            day, value = (row.locator("th, td").nth(column).text_content() for column in (0, 1))
            assert (reading.text_content() or "").startswith(f"{day}: {value}")
        page.keyboard.press("Escape")
        assert (reading.text_content() or "").strip() == ""


def test_a_form_leads_to_an_address_that_shows_the_same_again(browser: Browser, address: str) -> None:
    with signed_in(browser, address) as page:
        page.goto(f"{address}/insights/rejections")
        page.select_option("#choose-weeks", "1")
        page.select_option("#choose-compare", "none")
        page.fill("#choose-to", "2026-11-08")
        send(page, ".choose button")
        shown, url = page.locator("main").inner_text(), page.url
        page.goto(url)
        assert page.locator("main").inner_text() == shown
        assert "to=2026-11-08&weeks=1&compare=none" in url


def test_what_can_be_pressed_is_large_enough_and_can_be_reached_by_keyboard(
    browser: Browser, address: str
) -> None:
    with signed_in(browser, address) as page:
        page.goto(f"{address}/insights")
        small = page.evaluate(
            """[...document.querySelectorAll('.strip a, .overview a, .sources a, summary, button, select, input')]
               .filter((each) => each.getBoundingClientRect().height < 24).map((each) => each.outerHTML)"""
        )
        assert small == []
        for _ in range(3):
            page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "/insights"
