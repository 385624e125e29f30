"""The application that gunicorn serves."""

from service.app import create_app
from service.config import read_config
from service.store.engine import require_durable_at

config = read_config()
if config.durable_only:
    require_durable_at(config.database_url)
app = create_app(config)
