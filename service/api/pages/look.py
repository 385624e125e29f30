"""What pages for people share: their look, and that they load nothing from outside."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from flask import Response, current_app, request

from service.api.auth import public
from service.api.contract import ETAG, says
from service.api.requests import Rooms

look = Rooms("look", __name__, url_prefix="/pages", template_folder="templates", description=__doc__)

_STATIC: Final = Path(__file__).parent / "static"
_WRITTEN: Final = "pages.written"


def locked(*, forms: bool = False, scripts: bool = False) -> dict[str, str]:
    """Return the headers under which a page loads nothing but our own files, and sends forms nowhere or to us."""
    ours = "script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
    loads = ours if scripts else "style-src 'self'; img-src 'self'"
    forms_go = "'self'" if forms else "'none'"
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; {loads}; form-action {forms_go}; base-uri 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def written_once(name: str, content_type: str, write: Callable[[], bytes]) -> Response:
    """Answer with what does not change while the process lives, written when it is first asked for."""
    written: dict[str, bytes] = current_app.extensions.setdefault(_WRITTEN, {})
    if name not in written:
        written[name] = write()
    answer = Response(written[name], content_type=content_type, headers=locked())
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


@look.get("/page.css")
@public
@says(headers=(ETAG,), if_none_match=True)
@look.response(200, {"type": "string"}, content_type="text/css")
@look.alt_response(304, description="It is what this ETag stands for.", success=True)
def style() -> Response:
    """Read how pages look."""
    return written_once("page.css", "text/css; charset=utf-8", (_STATIC / "page.css").read_bytes)


@look.get("/insights.css")
@public
@says(headers=(ETAG,), if_none_match=True)
@look.response(200, {"type": "string"}, content_type="text/css")
@look.alt_response(304, description="It is what this ETag stands for.", success=True)
def insights_style() -> Response:
    """Read how pages with figures look."""
    return written_once("insights.css", "text/css; charset=utf-8", (_STATIC / "insights.css").read_bytes)


@look.get("/insights.js")
@public
@says(headers=(ETAG,), if_none_match=True)
@look.response(200, {"type": "string"}, content_type="text/javascript")
@look.alt_response(304, description="It is what this ETag stands for.", success=True)
def insights_script() -> Response:
    """Read what makes charts answer to keys and pointers; they say everything without it."""
    return written_once("insights.js", "text/javascript; charset=utf-8", (_STATIC / "insights.js").read_bytes)
