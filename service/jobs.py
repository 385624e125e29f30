"""The jobs behind the figures, as commands: each alone under its lock, safe twice at once and killed anywhere."""

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final

from sqlalchemy import Engine

from service.cache.client import ForgivingRedis, make_client
from service.cache.tallies import TAKEN_WITHIN_SECONDS, RedisTaker
from service.config import Config
from service.domain.market_days import Grain, Window
from service.store.closing import PostgresClosing
from service.store.engine import make_engine
from service.store.events import PostgresEvents
from service.store.locks import only_one
from service.store.mining import PostgresMining
from service.store.pseudonyms import Epochs
from service.usecases.close_days import close_days, restate_days
from service.usecases.mine import listen_for_silence, mine_rejections, mine_terms
from service.usecases.roll_up import forget_people, roll_up, take_tallies

Job = Callable[[Config, Engine, datetime], str]


def run_roll_up(config: Config, engine: Engine, now: datetime) -> str:
    """Count the events that wait."""
    del now
    counted = roll_up(_events(config, engine), progress=partial(_tell, "events counted"))
    return f"{counted} events counted"


def run_take_tallies(config: Config, engine: Engine, now: datetime) -> str:
    """Bring the minutes of feed requests from Redis into the tallies."""
    taker = RedisTaker(ForgivingRedis(make_client(config.redis_url, timeout_seconds=TAKEN_WITHIN_SECONDS)))
    minutes = take_tallies(_events(config, engine), taker, now, progress=partial(_tell, "minutes taken"))
    return f"{minutes} minutes taken"


def run_close_days(config: Config, engine: Engine, now: datetime) -> str:
    """Close what is over, after taking and counting what still waits."""
    run_take_tallies(config, engine, now)
    run_roll_up(config, engine, now)
    counted = datetime.now(UTC)  # what was counted just now is not late for a close that comes after it
    desk = PostgresClosing(engine)
    closed = close_days(desk, counted, progress=_tell_closed)
    restated = restate_days(desk, counted, progress=_tell_closed)
    return f"{closed} windows closed, {restated} days restated"


def run_forget_people(config: Config, engine: Engine, now: datetime) -> str:
    """Forget erased people, who stands behind counts that are 35 days old, and secrets that nothing needs.

    After taking what still waits: an erased person in a minute that is taken later would be found for 35 days more.
    """
    run_take_tallies(config, engine, now)
    gone = forget_people(_events(config, engine), now, progress=partial(_tell, "rows deleted"))
    return (
        f"{gone.people} erased people forgotten, {gone.rows} rows deleted, {gone.secrets} secrets destroyed"
    )


def _new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_urlsafe(12)}"


def run_mine(config: Config, engine: Engine, now: datetime) -> str:
    """Look for terms that emerge and controls that fall silent."""
    del config
    desk = PostgresMining(engine)
    terms = mine_terms(desk, now, _new_id) + mine_rejections(desk, now, _new_id)
    return f"{terms} terms to review, {listen_for_silence(desk, now)} series not as usual"


JOBS: Final[Mapping[str, Job]] = {
    "roll-up": run_roll_up,
    "take-tallies": run_take_tallies,
    "close-days": run_close_days,
    "forget-people": run_forget_people,
    "mine": run_mine,
}


def run_job(name: str, config: Config) -> None:
    """Run one job unless it runs already."""
    engine = make_engine(config.database_url)
    try:
        with only_one(engine, name) as mine:
            _say(JOBS[name](config, engine, datetime.now(UTC)) if mine else f"{name} runs already")
    finally:
        engine.dispose()


def _events(config: Config, engine: Engine) -> PostgresEvents:
    return PostgresEvents(engine, Epochs(engine, panel_per_million=config.panel_per_million))


def _tell(what: str, done: int) -> None:
    _say(f"{done} {what} so far")


def _tell_closed(grain: Grain, window: Window) -> None:
    _say(f"closed {grain} {window.first}")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  a command speaks to its operator
