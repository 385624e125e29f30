"""Idempotency-Key on every edit of settings: one place, around the views and unknown to them.

Not on POST alone: a PUT that is sent again because its answer was lost would bring back what another device of the
same user has removed in between.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from flask import Flask, Response, current_app, g, make_response, request
from werkzeug.exceptions import HTTPException

from service.api.parts import parts, user_id
from service.domain.answers import Answer, asked_once
from service.domain.refusals import Refusal
from service.usecases.answer_once import answer_once
from service.usecases.ports import ImportUnderWay, Parts

HEADER: Final = "Idempotency-Key"
REPEATED: Final = "Idempotency-Replayed"
_BELONGING: Final = ("Content-Type", "Consistency-Token", "ETag", "Location", "Cache-Control")
"""The headers that are repeated with an answer; the others tell of one request or one connection."""
_TOO_MANY_REQUESTS: Final = 429
FORGETS_ALL: Final = "/v1/me"
"""Erasure is the same however often it comes, and must not leave its own answer behind."""
EDITING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})

View = Callable[..., Any]


def install(app: Flask) -> None:
    """Let every edit of the scope ``settings`` be repeated safely; call it when all routes are registered."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if (
            rule.rule != FORGETS_ALL
            and EDITING & (rule.methods or set())
            and vars(view).get("needed_scope") == "settings"
        ):
            app.view_functions[rule.endpoint] = _once(view)


def _once(view: View) -> View:
    @wraps(view)
    def answered_once(**arguments: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None or request.method not in EDITING:
            return view(**arguments)
        asked = asked_once(key, *_marks_of_request())

        def story(joined: Parts) -> Answer:
            g.parts = joined
            return _told(_answer_of(view, arguments))

        try:
            answer, is_repeated = answer_once(parts(), user_id(), asked, story)
        finally:
            g.pop("parts", None)
        return _repeated(answer, is_repeated=is_repeated)

    return answered_once


def _marks_of_request() -> tuple[bytes, ...]:
    """Return what tells this request from another; a view with several methods is wrapped once for all of them."""
    condition = request.headers.get("If-Match", "")
    return request.method.encode(), request.full_path.encode(), condition.encode(), request.get_data()


def _answer_of(view: View, arguments: dict[str, Any]) -> Response:
    """Return what the view answers, a refusal too; raise what another try may answer differently."""
    try:
        return make_response(view(**arguments))
    except (Refusal, HTTPException) as error:
        answer = make_response(current_app.handle_user_exception(error))
        if _is_for_now(error, answer.status_code):
            raise
        return answer


def _is_for_now(error: Exception, status: int) -> bool:
    """Tell whether a refusal says to try again: remembered, it would stand in the way of just that for a day."""
    return status >= 500 or status == _TOO_MANY_REQUESTS or isinstance(error, ImportUnderWay)


def _told(answer: Response) -> Answer:
    kept = tuple((name, answer.headers[name]) for name in _BELONGING if name in answer.headers)
    return Answer(answer.status_code, kept, answer.get_data())


def _repeated(answer: Answer, *, is_repeated: bool) -> Response:
    told = Response(answer.body, answer.status)
    told.headers.update(answer.headers)
    if is_repeated:
        told.headers[REPEATED] = "true"
    return told
