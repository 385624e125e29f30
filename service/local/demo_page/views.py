"""The demo page over HTTP: it is drawn by the service, changed by plain forms, and drawn again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import marshmallow as ma
from flask import Blueprint, Flask, Response, current_app, render_template, request
from werkzeug.datastructures import MultiDict

from service.api.auth import public
from service.api.pages.look import locked, written_once
from service.api.parts import parts
from service.domain.comment_limits import Audience, LimitedAudience
from service.domain.expiry import is_live
from service.domain.feed import Decision, Outcome
from service.domain.mutes import MuteType
from service.domain.refusals import NotFound, Refusal
from service.domain.surfaces import SURFACES, require_known_surface
from service.local.demo_page.acts import ACTS, Form, draft_of
from service.local.demo_page.cast import (
    VIEWER,
    VIEWER_NAME,
    comments_to_check,
    feed,
    language_of,
    name_of,
    what_to_mute,
)
from service.local.demo_page.door import FIELD, Door
from service.local.demo_page.labels import ACTIONS, DONE, HOLD_MODES, LENGTHS, LEVELS, MODES
from service.local.demo_page.seen import decide, see_comments, see_feed, words_about
from service.usecases.edit_held_comments import list_held_comments
from service.usecases.preview_keyword_filter import Preview, preview_keyword_filter
from service.usecases.read_settings import list_not_interested, read_settings
from service.usecases.reset_not_interested import list_resets

page = Blueprint("demo", __name__, url_prefix="/demo", template_folder="templates")

DOOR: Final = "demo.door"
_STYLE: Final = Path(__file__).parent / "static" / "demo.css"
_LIST: Final = 50
_READERS: Final = ("june_onscreen", "captain_grumble")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visitor wants to see, and what they just did."""

    surface: str = "for_you"
    reader: str = ""
    only: str = ""
    did: str = ""
    at: str = ""
    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    comments: int = 0
    """How many comments fare otherwise than before."""

    def place(self) -> dict[str, str]:
        """Return what a link or a form carries on."""
        return {"surface": self.surface, "reader": self.reader, "only": self.only}


def install(app: Flask, door: Door) -> None:
    """Put the page into an app; nothing but the application of ``./dev`` does."""
    app.extensions[DOOR] = door
    app.register_blueprint(page)
    app.add_url_rule("/", view_func=lead_to_the_page)


@public
def lead_to_the_page() -> Response:
    """Lead whoever opens the address that ``./dev`` prints to what there is to see."""
    _door().require_own_host()
    return Response(status=302, headers={"Location": str(page.url_prefix), "Cache-Control": "no-store"})


@page.get("")
@public
def show() -> Response:
    """Draw the page as things stand."""
    _door().require_own_host()
    return _drawn(_asked(request.args))


@page.post("")
@public
def act() -> Response:
    """Do what a button says and lead back to the page, which then tells what changed."""
    _door().require_own_host()
    _door().require_ticket()
    asked, wanted = _asked(request.form), request.form.get("act", "")
    try:
        if wanted == "preview":
            tried = preview_keyword_filter(parts(), VIEWER, draft_of(request.form), feed())
            return _drawn(asked, typed=request.form, tried=tried)
        if wanted not in ACTS:
            raise NotFound("button")
        before, comments = decide(parts(), asked.surface), see_comments(parts(), asked.reader)
        ACTS[wanted](parts(), request.form)
    except Refusal as refusal:
        return _drawn(asked, typed=request.form, trouble=(refusal.detail,), status=422)
    except ma.ValidationError as wrong:
        return _drawn(asked, typed=request.form, trouble=tuple(_complaints(wrong.messages)), status=422)
    changed = differences(before, decide(parts(), asked.surface))
    others = zip(comments, see_comments(parts(), asked.reader), strict=True)
    told = {"did": wanted, "at": request.form.get("post", "")}
    told |= {name: ".".join(ids) for name, ids in changed.items()}
    told["comments"] = str(sum(then.outcome is not now.outcome for then, now in others))
    there = f"{page.url_prefix}?{urlencode(asked.place() | told)}#done"
    return Response(status=303, headers={"Location": there, "Cache-Control": "no-store"})


@page.get("/demo.css")
@public
def style() -> Response:
    """Read how this page differs from others."""
    return written_once("demo.css", "text/css; charset=utf-8", _STYLE.read_bytes)


def differences(before: Mapping[str, Decision], after: Mapping[str, Decision]) -> dict[str, tuple[str, ...]]:
    """Return which posts vanished, came back, or stand otherwise than before."""
    found: dict[str, list[str]] = {"gone": [], "back": [], "other": []}
    for post_id, now in after.items():
        then = before[post_id]
        if (then.outcome is Outcome.HIDE) != (now.outcome is Outcome.HIDE):
            found["gone" if now.outcome is Outcome.HIDE else "back"].append(post_id)
        elif (then.outcome, then.multiplier) != (now.outcome, now.multiplier):
            found["other"].append(post_id)
    return {name: tuple(ids) for name, ids in found.items() if ids}


def _drawn(
    asked: Asked,
    *,
    typed: Form | None = None,
    trouble: tuple[str, ...] = (),
    tried: Preview | None = None,
    status: int = 200,
) -> Response:
    visitor = _door().visitor()
    html = render_template(
        "demo.html",
        asked=asked,
        done=DONE.get(asked.did, ""),
        typed=typed or MultiDict(),
        trouble=trouble,
        tried=tried,
        carried={**asked.place(), FIELD: _door().ticket(visitor)},
        **_everything(asked),
        **_CHOICES,
    )
    answer = Response(html, status, content_type="text/html; charset=utf-8", headers=locked(forms=True))
    answer.headers["Cache-Control"] = "no-store"
    return _door().let_in(answer, visitor)


def _everything(asked: Asked) -> dict[str, Any]:
    """Return what the page shows of the viewer: settings, feed, comments, and what waits."""
    settings, now = read_settings(parts(), VIEWER), parts().now()
    seen = see_feed(decide(parts(), asked.surface), settings, now)
    rejections = list_not_interested(parts(), VIEWER, _LIST, None)
    return {
        "settings": settings,
        "posts": [each for each in seen if asked.only != "gone" or each.is_gone],
        "count": {outcome.value: sum(each.outcome is outcome for each in seen) for outcome in Outcome},
        "rejections": rejections,
        "resets": [each for each in list_resets(parts(), VIEWER) if each.restored_at is None],
        "comments": see_comments(parts(), asked.reader),
        "held": list_held_comments(parts(), VIEWER, _LIST, None).items,
        "now": now,
        "is_live": lambda end: is_live(end, now),
    }


_CHOICES: Final[Mapping[str, Any]] = {
    "viewer_name": VIEWER_NAME,
    "viewer": VIEWER,
    "name_of": name_of,
    "language_of": language_of,
    "words_about": words_about,
    "surfaces": tuple(SURFACES),
    "readers": (VIEWER, *_READERS),
    "lengths": LENGTHS,
    "actions": ACTIONS,
    "modes": MODES,
    "levels": LEVELS,
    "mute_types": tuple(MuteType),
    "mutable": what_to_mute(),
    "audiences": tuple(Audience),
    "hold_modes": HOLD_MODES,
    "limited_audiences": tuple(LimitedAudience),
    "topics": sorted({topic for post in feed() for topic in post.topics}),
    "post_texts": {post.id: post.caption or post.on_screen_text for post in feed()},
    "comment_texts": {each.id: each for each in comments_to_check().comments},
}


def _asked(source: Form) -> Asked:
    """Read what is wanted; ids in a link count only where there are such posts."""
    known = {post.id for post in feed()}
    changes = {
        name: tuple(each for each in source.get(name, "").split(".") if each in known)
        for name in ("gone", "back", "other")
    }
    reader = source.get("reader", "")
    return Asked(
        surface=require_known_surface(source.get("surface") or "for_you").name,
        reader=reader if reader in (VIEWER, *_READERS) else "",
        only="gone" if source.get("only") == "gone" else "",
        did=source.get("did", "") if source.get("did") in ACTS else "",
        at=source.get("at", "") if source.get("at") in known else "",
        changes={name: ids for name, ids in changes.items() if ids},
        comments=source.get("comments", 0, type=int),
    )


def _complaints(said: object, place: str = "") -> Iterator[str]:
    """Give what a schema does not take, a sentence for each place."""
    if isinstance(said, Mapping):
        for name, inner in said.items():
            yield from _complaints(inner, f"{place} {name}".strip())
    elif isinstance(said, list):
        for each in said:
            yield from _complaints(each, place)
    else:
        yield f"{place}: {said}" if place else str(said)


def _door() -> Door:
    door: Door = current_app.extensions[DOOR]
    return door
