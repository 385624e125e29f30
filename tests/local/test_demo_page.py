"""The demo page over HTTP: who gets in, what a form can do, and that production knows nothing of it."""

import re
import runpy
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.config import Misconfigured
from service.domain.expiry import PRESETS
from service.local.demo_page.acts import ACTS
from service.local.demo_page.labels import DONE, LENGTHS
from service.local.demo_page.views import install
from tests.api.calling import Service
from tests.api.test_docs import Page
from tests.local.demo_pages import demo_app


class Visitor:
    """Somebody with a browser on this machine."""

    def __init__(self) -> None:
        self.client: FlaskClient = demo_app().test_client()
        self.text = self.look().text

    def look(self, query: str = "", **request: Any) -> Any:
        """Load the page."""
        return self.client.get(f"/demo{query}", **request)

    def press(self, act: str, *, ticket: str | None = None, **fields: Any) -> Any:
        """Send a form of the page, and follow where it leads."""
        found = re.search('name="ticket" value="([0-9a-f]+)"', self.text)
        assert found
        form = {"act": act, "ticket": found[1] if ticket is None else ticket, **fields}
        answer = self.client.post("/demo", data=form, follow_redirects=True)
        self.text = answer.text if answer.status_code < 400 else self.text
        return answer


def test_the_service_that_production_serves_has_no_such_page() -> None:
    assert Service().call("GET", "/demo", scope=None).status_code == 404
    assert install.__module__.startswith("service.local.")


def test_the_page_loads_its_styles_and_nothing_else_and_runs_nothing() -> None:
    answer = Visitor().look()
    page = Page(answer.text)

    assert page.loads == ["/pages/page.css", "/demo/demo.css"]
    assert "script" not in page.tags
    assert len(set(page.ids)) == len(page.ids)
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def test_nobody_is_served_the_page_outside_of_development(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://plugh")
    monkeypatch.setenv("REDIS_URL", "redis://plugh")
    for name in ("AUTH_JWKS", "AUTH_ISSUER", "AUTH_AUDIENCE"):
        monkeypatch.setenv(name, "plugh")
    monkeypatch.setenv("CONSISTENCY_KEY", "01" * 32)
    monkeypatch.delenv("ENVIRONMENT", raising=False)

    with pytest.raises(Misconfigured, match="development alone"):
        runpy.run_module("service.local.wsgi")


@pytest.mark.parametrize("ticket", ["", "0" * 64, "not hex", "é"])
def test_a_form_of_another_site_does_nothing(ticket: str) -> None:
    visitor = Visitor()

    assert visitor.press("block", ticket=ticket, id="coin_carl").status_code == 400 + 3
    assert "Nobody. Block people" in visitor.look().text


def test_a_ticket_is_good_for_its_own_visitor_only() -> None:
    one, other = Visitor(), Visitor()
    other.text = one.text

    assert other.press("block", id="coin_carl").status_code == 403


def test_the_cookie_is_for_this_page_and_out_of_reach_for_others() -> None:
    cookie = demo_app().test_client().get("/demo").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/demo" in cookie


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8000"])
def test_a_site_that_calls_this_machine_by_its_own_name_is_turned_away(host: str) -> None:
    assert Visitor().look(headers={"Host": host}).status_code == 403


def test_what_somebody_writes_is_never_markup() -> None:
    visitor = Visitor()
    visitor.press("add-filter", terms="<script>alert(1)</script>", title='"><img src=x>')

    assert "<script" not in visitor.text
    assert "<img" not in visitor.text


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("add-filter", {"terms": ""}),
        ("add-filter", {"terms": "tea", "action": "explode"}),
        ("add-filter", {"terms": "tea", "lasts": "for ever"}),
        ("add-filter", {"terms": ",".join(f"term{n}" for n in range(21))}),
        ("remove-filter", {"id": "kf_of_nobody"}),
        ("switch-filter", {"id": ""}),
        ("keep-phrases", {"phrases": "\x00"}),
        ("block", {"id": "mia"}),
        ("block", {"id": "x" * 200}),
        ("mute", {"type": "moon", "id": "x"}),
        ("mute", {"type": "user", "id": "mia"}),
        ("not-interested", {"post": "p9999"}),
        ("undo", {"id": "ni_of_nobody"}),
        ("restore", {"id": "reset_of_nobody"}),
        ("slide", {"topic": "pets", "level": "3"}),
        ("limit-comments", {"hold_mode": "sometimes"}),
        ("limit-comments", {"hold_mode": "off", "limited": "enemies"}),
        ("approve", {"id": "c_of_nobody"}),
        ("fly", {}),
    ],
)
def test_what_the_api_refuses_is_told_on_the_page(act: str, fields: dict[str, str]) -> None:
    answer = Visitor().press(act, **fields)

    assert answer.status_code == 422
    assert "That did not work." in answer.text


def test_what_a_schema_does_not_take_is_a_sentence() -> None:
    told = Visitor().press("add-filter", terms=" , ").text

    assert "<p>terms: Shorter than minimum length 1.</p>" in told


def test_a_refused_form_keeps_what_was_typed_and_lends_it_to_no_other() -> None:
    too_long = "z" * 65
    ticked = {"care": "on", "no_links": "on", "who": "friends", "limited": "all_but_friends"}
    told = Visitor().press("limit-comments", terms=too_long, hold_mode="all", **ticked).text

    assert f">{too_long}</textarea>" in told
    assert re.findall('(?:name|value)="(care|no_links|verified|friends|followers)" checked', told) == [
        "friends",
        "care",
        "no_links",
    ]
    assert '<option value="all" selected>' in told
    assert '<option value="all_but_friends" selected>' in told
    assert 'name="terms" required value=""' in told


@pytest.mark.parametrize(
    ("act", "fields", "kept"),
    [
        ("keep-phrases", {"phrases": "z" * 300}, f">{'z' * 300}</textarea>"),
        ("slide", {"topic": "\x00", "level": "-2"}, '<option value="-2" selected>'),
        ("add-filter", {"terms": "*", "mode": "prefix"}, '<details class="more" open>'),
    ],
)
def test_nothing_typed_is_lost_when_it_is_refused(act: str, fields: dict[str, str], kept: str) -> None:
    assert kept in Visitor().press(act, **fields).text


def test_what_becomes_of_the_comments_is_told_too() -> None:
    told = Visitor().press("limit-comments", hold_mode="all").text

    assert re.search(r"Comments that fare otherwise: \d+", told)
    assert "No post and no comment" not in told


def test_somebody_is_muted_by_name_too() -> None:
    told = Visitor().press("mute", type="user", id="captain Grumble").text

    assert "Vanished: " in told
    assert '<input type="hidden" name="id" value="captain_grumble">' in told


def test_the_address_that_the_starter_prints_leads_to_the_page() -> None:
    client = demo_app().test_client()

    assert client.get("/").headers["Location"] == "/demo"
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 403
    assert Service().call("GET", "/", scope=None).status_code == 404


def test_every_choice_and_every_act_has_words() -> None:
    assert {*LENGTHS} == {*PRESETS}
    assert {*DONE} == {*ACTS}


def test_every_button_of_the_page_does_something() -> None:
    visitor = Visitor()
    signal = '<input type="hidden" name="act" value="undo">.*?name="id" value="(ni_[^"]+)"'
    reset = '<input type="hidden" name="act" value="restore">.*?name="id" value="(reset_[^"]+)"'
    kept = 'value="remove-filter">.*?name="id" value="(kf_[^"]+)"'

    def found(pattern: str) -> str:
        match = re.search(pattern, visitor.text, re.DOTALL)
        assert match
        return match[1]

    pressed = []

    def press(act: str, **fields: str) -> None:
        assert visitor.press(act, **fields).status_code == 200
        pressed.append(act)

    press("add-filter", terms="finale", action="warn", lasts="7d", title="Spoilers")
    press("switch-filter", id=found(kept), to="off")
    press("remove-filter", id=found(kept))
    press("keep-phrases", phrases="glass harbor bridge")
    press("block", id="coin_carl", post="p07")
    press("unblock", id="coin_carl")
    press("mute", type="topic", id="pets")
    press("unmute", type="topic", id="pets")
    for act in ("not-interested", "less-author", "less-topic", "show-more"):
        press(act, post="p02")
    press("undo", id=found(signal))
    press("reset")
    press("restore", id=found(reset))
    press("slide", topic="pets", level="-2")
    press(
        "limit-comments", hold_mode="all", care="on", no_links="on", limited="non_followers", who="followers"
    )
    press("send-comments")
    press("approve", id="c01")
    press("trust", id="c02")
    press("reject", id="c05")
    press("forget-everything")
    assert {*pressed} == {*ACTS}


def test_a_link_says_nothing_of_its_own() -> None:
    text = Visitor().look("?did=block&gone=p02.<b>x.nobody&at=<b>&reader=eve&only=all").text

    assert "Vanished: 1." in text
    assert "<b>" not in text
