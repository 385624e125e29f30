"""The service with the demo page, on fakes."""

from flask import Flask

from service.api.bookmarks import Bookmarks
from service.api.consistency import ConsistencyTokens
from service.api.parts import ApiParts
from service.app import make_app
from service.local.demo_page.door import Door
from service.local.demo_page.views import install
from tests import builders
from tests.api.identity import an_authenticator
from tests.fakes.insights import fake_figures

KEY = bytes(range(32))


def demo_app() -> Flask:
    """Return an app with the page, for a viewer who has set nothing."""
    parts = ApiParts(
        builders.parts(),
        ConsistencyTokens(KEY),
        Bookmarks(KEY),
        {},
        lambda: (b"", "text/plain"),
        fake_figures(),
    )
    return make_app(parts, an_authenticator(), also=lambda app: install(app, Door(KEY)))
