"""Allowances over HTTP: every edit spends one before its view is asked."""

from flask import Flask, request

from service.api.idempotency import EDITING
from service.api.parts import parts, user_id
from service.domain.allowances import Spending
from service.usecases.spend_allowance import require_allowance

_BATCHES = ("/batch", "/v1/me/import")


def install(app: Flask) -> None:
    """Let edits of settings spend from their user's allowance; call it when callers are known."""
    endpoints = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if vars(view).get("needed_scope") == "settings"
    }

    @app.before_request
    def spend() -> None:
        if request.endpoint in endpoints and request.method in EDITING:
            require_allowance(parts(), user_id(), _spending(str(request.url_rule)))


def _spending(route: str) -> Spending:
    """Return what a request counts as; by its route, for ids in a path may be called anything."""
    if route.endswith(_BATCHES):
        return Spending.BATCHES
    if route.endswith("/preview"):
        return Spending.PREVIEWS
    return Spending.BLOCKS if route.startswith("/v1/me/blocks/") else Spending.WRITES
