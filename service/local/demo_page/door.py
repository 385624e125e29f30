"""Who may use the demo page: a browser on this machine, with forms that the page itself gave out."""

import hashlib
import hmac
import re
import secrets
from typing import Final

from flask import Response, request
from werkzeug.exceptions import Forbidden

COOKIE: Final = "demo"
FIELD: Final = "ticket"
_VISITOR: Final = re.compile(r"[0-9a-f]{32}")
_OWN_HOSTS: Final = frozenset({"127.0.0.1", "localhost"})


class Door:
    """Gives each visitor a ticket for the forms of the page, and takes no form without one.

    The ticket is bound to a cookie that other sites neither read nor send along. Pages that reach this machine
    under a name of their own are turned away.
    """

    def __init__(self, key: bytes) -> None:
        """Seal tickets with a key that all processes share."""
        self._key = key

    def require_own_host(self) -> None:
        """Refuse a request that calls this machine by another name."""
        if request.host.rpartition(":")[0] not in _OWN_HOSTS and request.host not in _OWN_HOSTS:
            raise Forbidden("The demo answers this machine only.")

    def require_ticket(self) -> None:
        """Refuse a form that this page did not give to this visitor."""
        visitor = request.cookies.get(COOKIE, "")
        given = request.form.get(FIELD, "")
        if not _VISITOR.fullmatch(visitor) or not hmac.compare_digest(
            self.ticket(visitor).encode(), given.encode()
        ):
            raise Forbidden(
                "This form is not from the demo page, or its cookie is gone. Load the page again."
            )

    def visitor(self) -> str:
        """Return who looks at the page; somebody new gets a name that says nothing."""
        known = request.cookies.get(COOKIE, "")
        return known if _VISITOR.fullmatch(known) else secrets.token_hex(16)

    def ticket(self, visitor: str) -> str:
        """Return what a visitor's forms carry."""
        return hmac.new(self._key, b"demo page " + visitor.encode(), hashlib.sha256).hexdigest()

    def let_in(self, answer: Response, visitor: str) -> Response:
        """Let the visitor's browser remember who it is."""
        answer.set_cookie(COOKIE, visitor, path="/demo", httponly=True, samesite="Strict")
        return answer
