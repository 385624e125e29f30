"""Commands for operators: python -m service.cli COMMAND."""

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Final

from sqlalchemy import Engine

from service.api.yaml import yaml_of
from service.app import describe, new_id, now
from service.cache.allowances import RedisAllowances
from service.cache.client import CacheUnreachable, ForgivingRedis, make_client
from service.cache.rules import RedisRules
from service.config import Config, Misconfigured, read_config
from service.domain.answers import ANSWERS_KEPT_FOR
from service.domain.changes import SWEPT_AFTER
from service.domain.consistency import Change
from service.domain.keyword_filters import EXPIRED_FILTERS_STAY
from service.domain.people import require_id
from service.domain.refusals import InvalidValue
from service.jobs import JOBS, run_job
from service.store.answers import forget_answers
from service.store.engine import answering, make_engine
from service.store.forgetting import BATCH, forget_expired
from service.store.held_comments import PostgresComments
from service.store.keyword_filters import owners_of_ended
from service.store.migrating import migrate
from service.store.outbox import NotDeliveredError, relay
from service.store.settings import PostgresSettings
from service.store.tombstones import sweep_tombstones
from service.store.user_state import restart_histories
from service.telemetry.logs import configure_logs
from service.usecases.erase_user import erase_user
from service.usecases.forget_filters import forget_ended_filters
from service.usecases.ports import Parts, StoreUnavailable


def run_openapi(file: Path | None) -> None:
    """Print the contract of the API as YAML, or write it to a file."""
    document = yaml_of(describe())
    if file is None:
        print(document, end="")
    else:
        file.write_text(document, encoding="utf-8")


def run_migrate(config: Config) -> None:
    """Bring the tables to the newest form."""
    migrate(config.database_url)


def run_relay(config: Config) -> None:
    """Retire cached rules that an edit could not, until told to stop."""
    stop = threading.Event()

    def end(signum: int, frame: FrameType | None) -> None:
        del signum, frame
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    rules = RedisRules(ForgivingRedis(make_client(config.redis_url)))

    def deliver(changes: Sequence[Change]) -> None:
        try:
            rules.retire_all(changes)
        except CacheUnreachable as unreachable:
            raise NotDeliveredError from unreachable

    relay(make_engine(config.database_url), deliver, stop)


def run_forget_expired(config: Config) -> None:
    """Forget what is kept for a time only, such as answers after a day, held comments after 60; run it hourly."""
    with connected(config) as engine:
        answers = forget_answers(engine, before=now() - ANSWERS_KEPT_FOR)
        tombstones = sweep_tombstones(engine, before=now() - SWEPT_AFTER)
        others = forget_expired(engine, now()) + _forget_ended_filters(engine, now())
    print(f"forgot {answers} answers, {tombstones} tombstones, {others} others")


def _forget_ended_filters(engine: Engine, at: datetime) -> int:
    store, forgotten = PostgresSettings(engine), 0
    while owners := owners_of_ended(engine, at - EXPIRED_FILTERS_STAY, BATCH):
        forgotten += sum(forget_ended_filters(store, owner, at) for owner in owners)
    return forgotten


def run_restart_histories(config: Config) -> None:
    """Let nothing from before a restore pass for newer than what was restored; run it before anybody is served."""
    with connected(config) as engine:
        print(f"{restart_histories(engine)} histories begin anew")


def run_erase_user(config: Config, user_ids: Sequence[str]) -> None:
    """Erase users; after a restore, everybody who was erased since the backup."""
    with connected(config) as engine, closing(make_client(config.redis_url)) as client:
        reached = ForgivingRedis(client)
        stories = Parts(
            settings=PostgresSettings(engine),
            rules=RedisRules(reached),
            comments=PostgresComments(engine),
            allowances=RedisAllowances(reached),
            now=now,
            new_id=new_id,
        )
        for user_id in user_ids:
            receipt = erase_user(stories, user_id)
            print(f"{receipt.id} {receipt.erased_at.isoformat()}")


@contextmanager
def connected(config: Config) -> Iterator[Engine]:
    """Lend an engine to a command that ends."""
    engine = make_engine(config.database_url)
    try:
        yield engine
    finally:
        engine.dispose()


COMMANDS: Final[dict[str, Callable[[Config], None]]] = {
    "migrate": run_migrate,
    "relay": run_relay,
    "forget-expired": run_forget_expired,
    "restart-histories": run_restart_histories,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; 0 when it did what it says, 1 without its servers, 2 when it was not told what it needs."""
    parser = argparse.ArgumentParser(prog="python -m service.cli", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        commands.add_parser(name, help=command.__doc__)
    for name, job in JOBS.items():
        commands.add_parser(name, help=job.__doc__)
    openapi = commands.add_parser("openapi", help=run_openapi.__doc__)
    openapi.add_argument("--output", type=Path, metavar="FILE")
    erasing = commands.add_parser("erase-user", help=run_erase_user.__doc__)
    erasing.add_argument("user_ids", nargs="+", type=_user, metavar="USER")
    wanted = parser.parse_args(arguments)
    if wanted.command == "openapi":
        run_openapi(wanted.output)
        return 0
    try:
        config = read_config()
    except Misconfigured as wrong:
        print(wrong, file=sys.stderr)
        return 2
    configure_logs(level=config.log_level)
    try:
        with answering():
            _run(wanted, config)
    except StoreUnavailable as gone:
        reason = str(getattr(gone.__cause__, "orig", gone.__cause__)).partition("\n")[0]
        print(f"Not finished; PostgreSQL: {reason}", file=sys.stderr)
        return 1
    except CacheUnreachable as gone:
        print(f"Not finished: {gone}", file=sys.stderr)
        return 1
    return 0


def _run(wanted: argparse.Namespace, config: Config) -> None:
    if wanted.command in JOBS:
        run_job(wanted.command, config)
    elif wanted.command == "erase-user":
        run_erase_user(config, wanted.user_ids)
    else:
        COMMANDS[wanted.command](config)


def _user(written: str) -> str:
    """Read whom a command is about, before it does anything to anybody."""
    try:
        return require_id(written, "id")
    except InvalidValue as refusal:
        raise argparse.ArgumentTypeError(refusal.detail) from refusal


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
