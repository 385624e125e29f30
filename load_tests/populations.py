"""Planted truth in large populations: python -m load_tests.populations [--people N] [--days N], beside a fresh ./dev.

Plays the population of ``service/local/population`` through the API of a copy that was just started (PORT=8123 ./dev),
keeps count of what must come out of it, closes the days, and holds the figures against it. Five thousand people take
minutes, a hundred thousand the night.
"""

import argparse
import json
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, text

from service.domain.market_days import Grain, window_with
from service.domain.segments import Dimension
from service.local.errors import CannotRun
from service.local.parts import ProjectProcess
from service.local.population import SLOTS, Call, a_population
from service.local.state import DevState, find_state
from service.local.traffic import HttpCaller, play, wait_for_nobody
from service.store.engine import FOR_JOBS, make_engine, transaction
from service.store.insights import PostgresInsights
from service.store.locks import only_one
from service.usecases.mine import look_first

WORST = "bn"
LEAKY, OTHERS = 0.09, 0.03


class Truth:
    """Makes calls, and keeps count of what must come out of them."""

    def __init__(self, caller: HttpCaller) -> None:
        self._caller = caller
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()

    def __call__(self, call: Call) -> bytes:
        """Make one call, and count what its answer says."""
        answer = self._caller(call)
        if call.path == "/v1/feed/filter":
            page = json.loads(answer)["decisions"][:SLOTS]
            hidden = sum(each["outcome"] == "hide" for each in page)
            with self._lock:
                self.counts.update({"requests": 1, "would_be": len(page), "prevented": hidden})
        return answer


def main(arguments: Sequence[str]) -> int:
    """Play, close, compare; 0 where everything that was planted was found."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.populations", description=__doc__)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--days", type=int, default=7)
    wanted = parser.parse_args(arguments)
    state = find_state()
    engine = make_engine(state.database_url)
    first = a_monday(datetime.now(UTC).date())
    with only_one(engine, "close-days") as mine:
        if not mine or PostgresInsights(engine).freshness().complete_through:
            raise CannotRun("Start a fresh copy: this one has closed days, or is closing some.")
        town = a_population(wanted.people, first, wanted.days, 1, unasked=OTHERS, unasked_in=(WORST, LEAKY))
        truth = Truth(HttpCaller(state))
        play(town, truth, tell)
    close(state, engine)
    return 0 if compare(engine, truth.counts, first) else 1


def a_monday(today: date) -> date:
    """Return the Monday of the newest week that can be closed by now."""
    return today - timedelta(days=today.weekday() + (7 if today.weekday() >= 3 else 14))


def close(state: DevState, engine: Engine) -> None:
    """Close what is over, whoever does it."""
    ProjectProcess("close-days", state, "service.cli", "close-days").run_to_its_end()
    wait_for_nobody(engine, "close-days")


def compare(engine: Engine, truth: Counter[str], first: date) -> bool:
    """Print what was planted beside what was found; tell whether all of it was."""
    query = text("SELECT coalesce(sum(n), 0) FROM tally WHERE measure = :measure AND dims = ''")
    found: dict[str, int] = {}
    with transaction(engine, FOR_JOBS) as connection:
        for measure in truth:
            found[measure] = int(connection.execute(query, {"measure": measure}).scalar_one())
    for measure, planted in truth.items():
        tell(f"{measure}: planted {planted:,}, found {found[measure]:,}")
    week = window_with(first, Grain.WEEK)
    worst = [each for each in look_first(PostgresInsights(engine), week.first) if each.metric == "leakage"]
    languages = [dict(each.dims).get(Dimension.LANGUAGE) for each in worst]
    tell(f"leaks most: planted {WORST}, found {languages}")
    return found == dict(truth) and WORST in languages[:1]


def tell(line: str) -> None:
    """Say how far it is."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
