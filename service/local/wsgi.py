"""The service as ./dev serves it: as in production (``service/wsgi.py``), but with a clock that callers may move."""

from service.app import create_app
from service.config import read_config
from service.local.clock import now_or_then

app = create_app(read_config(), clock=now_or_then)
