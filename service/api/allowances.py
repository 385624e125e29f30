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
            require_allowance(parts(), user_id(), _spending(request.path))


def _spending(path: str) -> Spending:
    """Return what a request counts as."""
    if path.endswith(_BATCHES):
        return Spending.BATCHES
    if path.endswith("/preview"):
        return Spending.PREVIEWS
    return Spending.BLOCKS if path.startswith("/v1/me/blocks/") else Spending.WRITES
