"""Times analysts' pages warm, on a PostgreSQL of its own: ``python -m load_tests.insight_pages``.

Twelve weeks of figures of a believable platform are closed by the real code; then each page is drawn again and again
by one process through WSGI, so that the time is the service's and the database's, without a network.
"""

import statistics
import time
from collections.abc import Sequence
from datetime import date, datetime

from flask import Flask
from sqlalchemy import Engine

from load_tests.closing import a_database
from service.domain.market_days import Grain, Window
from service.store.analyst_reads import PostgresReads
from service.store.engine import FOR_DELIVERY, make_engine, transaction
from service.store.insights import PostgresInsights, keep_table, mark_closed
from service.store.mining import PostgresMining
from service.usecases.insight_ports import ClosedTable, InsightParts
from tests.api.calling import Service
from tests.api.identity import a_token, claims
from tests.builders import NOW
from tests.figures import close_figures

PAGES = ("", "/controls/block", "/rejections", "/new", "/whom?metric=undo", "/trust", "/definitions")
ROUNDS = 60
FIRST = date(2026, 8, 24)


def fill(engine: Engine) -> None:
    """Close twelve weeks of figures."""

    def keep(grain: Grain, window: Window, table: ClosedTable, closed_at: datetime) -> None:
        with transaction(engine, FOR_DELIVERY) as connection:
            mark_closed(connection, grain, window, closed_at)
            keep_table(connection, table.cells, table.share, closed_at, restated=False)

    close_figures(keep, people=200_000, first=FIRST)


def an_app(engine: Engine) -> Flask:
    """Return the service on these figures, and on fakes of everything else."""
    figures = InsightParts(
        PostgresInsights(engine),
        PostgresMining(engine),
        PostgresReads(engine),
        lambda: NOW,
        lambda name: name,
    )
    return Service(figures=figures).serve()


def timed(app: Flask, page: str) -> tuple[int, Sequence[float], float]:
    """Return how many bytes a page has, the milliseconds of every round but the first few, and our own processor's."""
    client, taken, spent, size = app.test_client(), [], [], 0
    for number in range(ROUNDS):
        analyst = f"analyst-{page}-{number % 20}"
        header = {"Authorization": f"Bearer {a_token(claims(sub=analyst, scope='insights:read'))}"}
        client.get("/insights/definitions", headers=header)
        begun, working = time.perf_counter(), time.process_time()
        answer = client.get(f"/insights{page}", headers=header)
        taken.append((time.perf_counter() - begun) * 1_000)
        spent.append((time.process_time() - working) * 1_000)
        assert answer.status_code == 200, answer.text
        size = len(answer.data)
    return size, taken[5:], statistics.median(spent[5:])


def main() -> None:
    """Fill a database, time every page, print a row of the table for each."""
    with a_database() as url:
        engine = make_engine(url)
        fill(engine)
        app = an_app(engine)
        print("| page | KB | p50 ms | p95 ms | cpu ms |\n|---|---|---|---|---|")
        for page in PAGES:
            size, taken, spent = timed(app, page)
            ordered = sorted(taken)
            middle, high = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
            print(f"| `/insights{page}` | {size / 1024:.0f} | {middle:.0f} | {high:.0f} | {spent:.0f} |")
        engine.dispose()


if __name__ == "__main__":
    main()
