"""The application that gunicorn serves."""

from service.app import create_app
from service.config import read_config

app = create_app(read_config())
