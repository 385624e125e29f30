"""Every table together, for whoever looks through all of them: migrations, erasure, and the tests of both."""

from typing import Final

from sqlalchemy import MetaData

from service.store import columns, comment_tables, insight_tables, signal_tables, tables

DECLARED_IN: Final = (tables, signal_tables, comment_tables, insight_tables)
"""Importing these declares their tables."""
EVERYTHING: Final[MetaData] = columns.metadata
