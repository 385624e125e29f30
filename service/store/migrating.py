"""Brings a database to the tables that this version of the service works with."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config

MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"


def migrate(database_url: str, revision: str = "head") -> None:
    """Run every migration up to a revision that is not there yet; fine to call from several places at once."""
    command.upgrade(_config(database_url), revision)


def migrate_back(database_url: str, revision: str) -> None:
    """Undo every migration after a revision; ``base`` undoes all of them."""
    command.downgrade(_config(database_url), revision)


def _config(database_url: str) -> Config:
    """Return what Alembic needs; an attribute, because an option would read ``%`` in a password as its own syntax."""
    config = Config(attributes={"database_url": database_url})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
