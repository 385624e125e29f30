"""Who read which figures, kept to answer for it: names of questions, never their answers."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Engine, func, select
from sqlalchemy.dialects.postgresql import insert

from service.store.engine import FOR_READING, transaction
from service.store.insight_tables import analyst_reads
from service.usecases.insight_ports import AnalystRead

READS_STAY: Final = timedelta(days=180)


class PostgresReads:
    """A ``ReadLog`` on PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, read: AnalystRead) -> int:
        """Keep a read; return what the analyst has spent on that day, this read included."""
        table, day = analyst_reads, read.at.date()
        row = {
            "day": day,
            "analyst": read.analyst,
            "query": read.query,
            "cell_queries": read.cell_queries,
            "at": read.at,
        }
        spent = select(func.coalesce(func.sum(table.c.cell_queries), 0)).where(
            table.c.analyst == read.analyst, table.c.day == day
        )
        with transaction(self._engine, FOR_READING) as connection:
            connection.execute(insert(table).values(row))
            return int(connection.execute(spent).scalar_one())
