"""The contract as it is served: as a document, and as a page that needs nothing but itself."""

from html.parser import HTMLParser
from itertools import pairwise

import pytest

from service.api.errors import STATUSES
from tests.api.calling import Service, contract, operations

PUBLIC = ["/openapi.json", "/docs", "/docs/reference.css", "/pages/page.css"]
NO_PLACE_FOR_TEXT = {"br", "col", "hr", "img", "input", "link", "meta"}


class Page(HTMLParser):
    """What the page is made of: tags, ids, links, whatever loads something, and elements that nobody closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append(tag)
        given = dict(attrs)
        if "id" in given:
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.append(str(given["href"]))
        elif "href" in given or "src" in given:
            self.loads.append(str(given.get("href") or given.get("src")))
        if "style" in given or any(name.startswith("on") for name in given):
            raise AssertionError(f"<{tag}> carries style or script of its own")
        if tag not in NO_PLACE_FOR_TEXT:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element, which must be the one opened last."""
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def text() -> str:
    """The page, as anybody can read it."""
    return Service().call("GET", "/docs", scope=None).text


def test_the_document_is_served_as_it_is_committed() -> None:
    assert Service().call("GET", "/openapi.json", scope=None).json == contract()


@pytest.mark.parametrize("path", PUBLIC)
def test_what_did_not_change_is_not_sent_again(path: str) -> None:
    service = Service()
    first = service.call("GET", path, scope=None)

    again = service.call("GET", path, scope=None, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", PUBLIC)
def test_a_browser_is_told_to_load_nothing_from_outside(path: str) -> None:
    answer = Service().call("GET", path, scope=None)

    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_loads_its_style_and_nothing_else(text: str) -> None:
    page = Page(text)

    assert page.loads == ["/docs/reference.css"]
    assert "script" not in page.tags
    assert "url(" not in Service().call("GET", "/docs/reference.css", scope=None).text


def test_every_link_leads_somewhere_on_the_page_or_to_the_document(text: str) -> None:
    page = Page(text)

    assert len(set(page.ids)) == len(page.ids)
    assert {link for link in page.links if not link.startswith("#")} == {"/openapi.json"}
    assert {link.removeprefix("#") for link in page.links if link.startswith("#")} <= set(page.ids)


def test_every_code_can_be_linked_to(text: str) -> None:
    assert set(STATUSES) <= set(Page(text).ids)


def test_a_problem_leads_to_its_code(text: str) -> None:
    problem = Service().call("GET", "/v1/me/blocks", scope=None).get_json()

    assert problem["type"].removeprefix("/docs#") in Page(text).ids


def test_every_operation_is_on_the_page_with_its_scope_and_a_call_to_paste(text: str) -> None:
    articles = {
        article.partition('"')[0]: article.partition("</article>")[0]
        for article in text.split('<article id="call-')[1:]
    }

    for name, (method, path, operation) in operations().items():
        article = articles[name.replace("_", "-")]
        assert f'>{method}</span>\n      <code class="path">{path}</code>' in article
        call = "curl " if method == "GET" else f"curl -X {method} "
        assert f"{call}&#34;$SERVICE/" in article
        for need in operation["security"]:
            assert f"Scope <code>{need['bearer'][0]}</code>" in article


def test_every_element_is_closed(text: str) -> None:
    assert Page(text).open == []


def test_headings_skip_no_level(text: str) -> None:
    levels = [int(tag[1]) for tag in Page(text).tags if tag in {"h1", "h2", "h3", "h4", "h5", "h6"}]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
