"""The demo page in a real browser, without JavaScript unless a test says otherwise."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import NARROWEST, PATIENCE_MS, overflows, send, served
from tests.local.demo_pages import demo_app


@pytest.fixture
def address() -> Iterator[str]:
    """Where the demo answers, for a viewer who has set nothing."""
    with served(demo_app()) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The demo page, open in a browser that runs no scripts."""
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    opened.goto(f"{address}/demo")
    yield opened
    context.close()


def outcome(page: Page, post: str) -> str:
    """Return what the page says of a post."""
    return page.locator(f"#{post} .badge").first.inner_text()


def test_KF_12_a_draft_is_tried_on_the_demo_feed_and_nothing_is_kept(page: Page) -> None:  # noqa: N802
    page.fill("#terms", "glass harbor")
    send(page, "text=Try it first")

    assert "Her filters would hide 15; now they hide 0." in page.locator("#tried").inner_text()
    assert outcome(page, "p02") == "Shown"
    assert page.input_value("#terms") == "glass harbor"


def test_a_filter_makes_posts_vanish_at_once_and_says_why(page: Page) -> None:
    page.fill("#terms", "glass harbor, ガラスの港")
    send(page, "text=Add filter")

    told = page.locator("#done").inner_text()
    assert told.startswith("The filter is kept.")
    assert "Vanished: 17." in told
    assert outcome(page, "p02") == "Vanished"
    assert "found something in the caption" in page.locator("#p02 .why").inner_text()
    page.click("#p02 .covered summary")
    assert page.locator("#p02 mark").inner_text() == "Glass Harbor"


def test_what_is_removed_brings_the_posts_back(page: Page) -> None:
    page.fill("#terms", "glass harbor")
    send(page, "text=Add filter")
    send(page, "button:has-text('Remove')")

    assert "Came back" in page.locator("#done").inner_text()
    assert outcome(page, "p02") == "Shown"


def test_somebody_is_blocked_from_their_post_with_the_keyboard_alone(page: Page) -> None:
    page.locator("#p04 .more summary").focus()
    page.keyboard.press("Enter")
    for _ in range(5):
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Block Captain Grumble"
    page.keyboard.press("Enter")
    page.wait_for_selector("#done")

    assert outcome(page, "p04") == "Vanished"
    assert "She blocked Captain Grumble" in page.locator("#p04 .why").inner_text()
    assert page.locator("#done a", has_text="Back to the post").get_attribute("href") == "#p04"


def test_what_a_comment_waits_for_is_seen_before_and_after_it_is_sent(page: Page) -> None:
    page.click("text=Comment limits")
    page.fill("#comment-terms", "yuck")
    send(page, "text=Keep limits")
    held = page.locator(".comments .hold").count()
    send(page, "text=Send all the comments")

    assert held > 0
    assert page.locator(".waiting li").count() == held
    send(page, ".waiting button:has-text('Approve and trust')")
    assert page.locator(".waiting li").count() == held - 1


def test_a_mistake_is_told_and_nothing_typed_is_lost(page: Page) -> None:
    page.fill("#terms", "x")
    send(page, "text=Add filter")

    assert "That did not work" in page.locator("#trouble").inner_text()
    assert page.input_value("#terms") == "x"


@pytest.mark.parametrize(("scheme", "width"), [("light", NARROWEST), ("dark", 1400)])
def test_axe_finds_nothing_and_nothing_sticks_out(
    browser: Browser,
    address: str,
    violations: Callable[[Page], list[str]],
    scheme: str,
    width: int,
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{address}/demo")
    page.fill("#terms", "glass harbor")
    page.select_option("#action", "warn")
    send(page, "text=Add filter")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")

    assert violations(page) == []
    assert not overflows(page)
    assert [each for each in complaints if "favicon" not in each and "404" not in each] == []
    context.close()


def test_axe_would_find_a_button_that_nobody_named(
    browser: Browser, address: str, violations: Callable[[Page], list[str]]
) -> None:
    page = browser.new_page()
    page.goto(f"{address}/demo")
    page.evaluate("document.querySelector('button').replaceChildren()")

    assert [each.partition(":")[0] for each in violations(page)] == ["button-name"]
    page.close()
