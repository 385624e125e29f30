"""The service as ./dev serves it: production's (``service/wsgi.py``), with a movable clock and a page to see it."""

from service.app import create_app
from service.config import Misconfigured, read_config
from service.local.clock import now_or_then
from service.local.demo_page.door import Door
from service.local.demo_page.views import install

config = read_config()
if not config.development:
    raise Misconfigured(
        "The demo page edits settings without a token: it is for ENVIRONMENT=development alone"
    )
app = create_app(config, clock=now_or_then, also=lambda app: install(app, Door(config.consistency_key)))
