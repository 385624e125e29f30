"""Signing in with a browser: whoever holds a token for figures pastes it once, and a cookie brings it along.

The cookie is out of the reach of scripts and of other sites, opens pages that only read, and holds nothing but the
token, which is judged at every request as in any other call.
"""

from typing import Any, Final
from urllib.parse import urlsplit

from flask import Response, make_response, redirect, render_template, request
from marshmallow import fields

from service.api.auth import COOKIE, MAX_TOKEN_CHARACTERS, ScopeMissing, Unauthenticated, public, recognised
from service.api.errors import refused
from service.api.pages.look import locked
from service.api.pages.sentences import CONTROLS
from service.api.parts import api_parts
from service.api.requests import Rooms
from service.api.schemas.everywhere import Schema, Text

sign_in = Rooms("sign_in", __name__, url_prefix="/insights", description=__doc__)

HTML: Final = "text/html"
HOME: Final = "/insights"
PAGES: Final = (
    (HOME, "Do the controls work?"),
    ("/insights/rejections", "What do people reject?"),
    ("/insights/new", "What is new?"),
    ("/insights/comments", "Are comments bearable?"),
    ("/insights/whom", "For whom does it work least?"),
    ("/insights/trust", "Can I trust today’s numbers?"),
    ("/insights/definitions", "Definitions"),
)
"""The way through the pages, in the order of the questions."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST_ADDRESS: Final = 2_000


class SignInSchema(Schema):
    """A bearer token with the scope `insights:read`, and the page to go on to."""

    token = Text(required=True, shortest=1, longest=MAX_TOKEN_CHARACTERS)
    next_page = fields.String(load_default=HOME, data_key="next")


@sign_in.get("/sign-in")
@public
@sign_in.response(200, {"type": "string"}, content_type=HTML)
def ask() -> Response:
    """Read the form that signs in."""
    return sign_in_form(Response(status=200), "", HOME)


@sign_in.post("/sign-in")
@public
@sign_in.arguments(SignInSchema, location="form")
@sign_in.response(303, {"type": "string"}, content_type=HTML)
@sign_in.alt_response(401, schema={"type": "string"}, content_type=HTML, description="No token of ours.")
@sign_in.alt_response(
    403, schema={"type": "string"}, content_type=HTML, description="Not a token for figures."
)
def enter(given: dict[str, str]) -> Response:
    """Keep a token for this browser, and go on to the page that was asked for."""
    next_page = _ours(given["next_page"])
    try:
        _require_our_own_form()
        recognised(given["token"].strip(), "insights:read")
    except (Unauthenticated, ScopeMissing) as refusal:
        return sign_in_form(refused(refusal), refusal.detail, next_page)
    answer = make_response(redirect(next_page, 303))
    answer.set_cookie(COOKIE, given["token"].strip(), **_only_here())
    return answer


@sign_in.post("/sign-out")
@public
@sign_in.response(303, {"type": "string"}, content_type=HTML)
def leave() -> Response:
    """Forget the token of this browser, and the pages that it kept."""
    answer = make_response(redirect(f"{HOME}/sign-in", 303))
    answer.delete_cookie(COOKIE, **_only_here())
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def in_html(template: str, **shown: object) -> Response:
    """Draw a page that may hold forms and our one script."""
    body = render_template(template, pages=PAGES, controls=CONTROLS, here=request.path, **shown)
    return Response(body, content_type=f"{HTML}; charset=utf-8", headers=locked(forms=True, scripts=True))


def sign_in_form(told: Response, detail: str, next_page: str) -> Response:
    """Answer with the form, under the status and the challenge of whatever was told."""
    form = in_html("insights/sign_in.html", title="Sign in", detail=detail, next_page=next_page)
    form.status_code = told.status_code
    if "WWW-Authenticate" in told.headers:
        form.headers["WWW-Authenticate"] = told.headers["WWW-Authenticate"]
    return form


def _only_here() -> dict[str, Any]:
    """Return what keeps the cookie to our pages; over plain HTTP it travels in development on this machine alone.

    In production a proxy may name this machine as the host, whatever the browser asked for.
    """
    is_this_machine = (urlsplit(request.host_url).hostname or "") in _LOOPBACK
    secure = not (is_this_machine and api_parts().development)
    return {"path": HOME, "httponly": True, "samesite": "Strict", "secure": secure}


def _ours(address: str) -> str:
    """Return an address among the pages, and the first page instead of any other."""
    try:
        parts = urlsplit(address[:_LONGEST_ADDRESS])
    except ValueError:  # a host that is none
        return HOME
    is_ours = not parts.scheme and not parts.netloc and f"{parts.path}/".startswith(f"{HOME}/")
    return parts._replace(fragment="").geturl() if is_ours and "\\" not in address else HOME


def _require_our_own_form() -> None:
    """Refuse a form that another site sent: it would sign somebody in as somebody else."""
    if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        raise Unauthenticated("Sign in on the page itself.")
