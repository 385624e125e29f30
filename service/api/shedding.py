"""What is turned away when more is asked than can be answered: figures first, blocks last.

A process answers one request after the other, a few milliseconds each; what waits for it is the best sign of too much.
Turning a request away costs a tenth of answering it, so the queue drains at once, and whoever is let in is answered
soon. Without this every caller would wait for longer than callers wait, and no block would get through.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

from flask import Flask, request
from werkzeug.routing import Rule

from service.api.idempotency import EDITING
from service.domain.refusals import Refusal
from service.telemetry.metrics import REQUESTS_SHED

EXTENSION: Final = "shedding"
RETRY_AFTER_SECONDS: Final = 1
_FIGURES: Final = ("/v1/insights", "/insights", "/v1/events")
_READS: Final = ("/v1/me/keyword-filters/preview", "/v1/admin")
_DECISIONS: Final = frozenset({"feed:filter", "comments:check"})


class Worth(Enum):
    """Kinds of request, by how many may wait in this process before another one is turned away."""

    FIGURES = 8
    SETTINGS_READS = 16
    DECISIONS = 32
    EDITS = 64
    BLOCKS = 256


class Overloaded(Refusal):
    """More is asked than can be answered right now."""

    code = "overloaded"

    def __init__(self) -> None:
        super().__init__(
            "More is asked than can be answered right now; nothing was done. Try again.",
            retry_after_seconds=RETRY_AFTER_SECONDS,
        )


class Shedding:
    """Knows how many requests wait, once a server has told, and what each route is worth."""

    def __init__(self, worth: Mapping[str, Worth]) -> None:
        self.waiting: Callable[[], int] = lambda: 0
        self._worth = worth
        self._fewest = min(each.value for each in Worth)

    def look(self) -> None:
        """Turn this request away where too many wait for what it is worth."""
        waiting = self.waiting()
        if waiting <= self._fewest:
            return
        worth = self._worth.get(request.endpoint or "")
        if worth and waiting > worth.value:
            REQUESTS_SHED.labels(worth.name.lower()).inc()
            request.get_data(cache=False)  # where much of it is left unread, the server closes the connection
            raise Overloaded


def install(app: Flask) -> None:
    """Look at every request before anything is done for it; call it when all routes are registered."""
    rules = {rule.endpoint: worth for rule in app.url_map.iter_rules() if (worth := worth_of(rule, app))}
    shedding = app.extensions[EXTENSION] = Shedding(rules)
    app.before_request(shedding.look)


def worth_of(rule: Rule, app: Flask) -> Worth | None:
    """Return what a route is worth; None for health, metrics and the documentation, which always answer."""
    scope: Any = vars(app.view_functions[rule.endpoint]).get("needed_scope")
    if rule.rule.startswith(_FIGURES):
        return Worth.FIGURES
    if scope in _DECISIONS:
        return Worth.DECISIONS
    if scope is None:
        return None
    if rule.rule.startswith(_READS) or not EDITING & (rule.methods or set()):
        return Worth.SETTINGS_READS
    return Worth.BLOCKS if rule.rule.startswith("/v1/me/blocks") else Worth.EDITS
