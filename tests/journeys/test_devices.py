"""Phones that were offline end equal to the service, with nothing lost, doubled or brought back.

Larger with ``DEVICES=1000``.
"""

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy import Engine
from werkzeug.serving import make_server

from service.api.bookmarks import Bookmarks
from service.api.consistency import ConsistencyTokens
from service.api.parts import ApiParts
from service.app import make_app, new_id, now
from service.domain.changes import Changed, Place
from service.store.changes import PostgresChanges
from service.store.engine import make_engine
from service.store.held_comments import PostgresComments
from service.store.settings import PostgresSettings
from service.usecases.ports import Parts
from tests.api.identity import a_token, an_authenticator, claims
from tests.fakes.allowances import FakeAllowances
from tests.fakes.insights import fake_figures
from tests.fakes.rules import FakeRules
from tests.fault_proxy import FaultProxy
from tests.journeys.phones import TRIES, Copy, Device, Network

DEVICES = int(os.environ.get("DEVICES", "32"))
DEVICES_PER_USER = 4
OFFLINE_ACTS = 6
KEY = bytes(range(32))


@pytest.fixture
def engine(clean_database: str) -> Iterator[Engine]:
    """Enough connections for every thread of the server."""
    engine = make_engine(clean_database, pool_size=24)
    yield engine
    engine.dispose()


def the_service(engine: Engine) -> Flask:
    """Return the service on the real PostgreSQL."""
    stories = Parts(
        settings=PostgresSettings(engine),
        rules=FakeRules(),
        comments=PostgresComments(engine),
        allowances=FakeAllowances(),
        now=now,
        new_id=new_id,
    )
    parts = ApiParts(
        stories, ConsistencyTokens(KEY), Bookmarks(KEY), {}, lambda: (b"", "text/plain"), fake_figures()
    )
    return make_app(parts, an_authenticator())


@contextmanager
def serving(app: Flask) -> Iterator[int]:
    """Serve an app on a port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def trouble(proxy: FaultProxy, chance: random.Random, ended: Event) -> None:
    """Let one fault follow another."""
    while not ended.is_set():
        fault = chance.choice(["delay", "cut", "lose", "nothing", "nothing"])
        if fault == "delay":
            proxy.delay(0.02)
        elif fault == "cut":
            proxy.cut()
        elif fault == "lose":
            proxy.lose()
        ended.wait(0.1)
        proxy.heal()
        ended.wait(0.2)


@dataclass(frozen=True)
class Ending:
    """How a simulation ended: what each user's phones show, and what the service says."""

    phones: dict[str, list[Device]]
    kept: dict[str, Copy]

    @property
    def differences(self) -> list[str]:
        """Phones that show something else than the service keeps."""
        return [
            each.name
            for user, phones in self.phones.items()
            for each in phones
            if each.copy != self.kept[user]
        ]

    @property
    def lost(self) -> list[tuple[str, str]]:
        """Settings that were made and never removed, and are not there."""
        return [
            about
            for user, phones in self.phones.items()
            for about in set().union(*(each.made for each in phones))
            - set().union(*(each.removed for each in phones))
            if about not in self.kept[user]
        ]

    @property
    def brought_back(self) -> list[tuple[str, str]]:
        """Settings that somebody removed, and that are there again."""
        return [
            about
            for user, phones in self.phones.items()
            for about in set().union(*(each.removed for each in phones))
            if about in self.kept[user]
        ]

    @property
    def doubled(self) -> int:
        """How many more signals there are than were sent."""
        kept = sum(kind == "not_interested" for copy in self.kept.values() for kind, _ in copy)
        return kept - sum(each.signals for phones in self.phones.values() for each in phones)


def simulate(engine: Engine, *, keys: bool = True) -> Ending:
    """Let phones act offline and online on a bad network, then let them all come home to a good one."""
    chance = random.Random(11)
    with serving(the_service(engine)) as port, FaultProxy(("127.0.0.1", port)) as proxy:
        phones = {
            f"user{user}": [
                Device(
                    name=f"u{user}d{number}",
                    network=Network(proxy.port, random.Random(f"{user}/{number}")),
                    token=a_token(claims(sub=f"user{user}")),
                    chance=random.Random(f"{number}/{user}"),
                    keys=keys,
                )
                for number in range(DEVICES_PER_USER)
            ]
            for user in range(DEVICES // DEVICES_PER_USER)
        }
        everybody = [each for of_user in phones.values() for each in of_user]
        ended = Event()
        weather = Thread(target=trouble, args=(proxy, chance, ended))
        weather.start()
        try:
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(live_through_a_week, everybody))
        finally:
            ended.set()
            weather.join()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(send_the_rest, everybody))
            list(pool.map(read_to_the_end, everybody))
        return Ending(phones, {user: read_anew(port, of_user[0].token) for user, of_user in phones.items()})


def live_through_a_week(phone: Device) -> None:
    """Act with and without a network."""
    for _ in range(2):
        for _ in range(OFFLINE_ACTS // 2):
            phone.act()
        phone.flush()
        phone.sync()
    phone.act()
    phone.flush()


def send_the_rest(phone: Device) -> None:
    """Send everything that still waits."""
    for _ in range(TRIES):
        if not phone.waiting:
            return
        phone.flush()
    raise AssertionError(f"{phone.name} still has {phone.waiting}")


def read_to_the_end(phone: Device) -> None:
    """Read on until nothing more follows."""
    assert any(phone.sync() for _ in range(TRIES)), f"{phone.name} never came to the end"


def read_anew(port: int, token: str) -> Copy:
    """Return what a new phone would show."""
    quiet = random.Random()
    quiet.random = lambda: 1.0  # type: ignore[method-assign]
    phone = Device("new", Network(port, quiet), token, quiet)
    phone.sync()
    return phone.copy


def test_SY_02_phones_end_equal_to_the_service_and_nothing_is_lost_doubled_or_brought_back(  # noqa: N802
    engine: Engine,
) -> None:
    ending = simulate(engine)

    assert ending.differences == []
    assert (ending.lost, ending.brought_back, ending.doubled) == ([], [], 0)
    assert any(each.removed for phones in ending.phones.values() for each in phones)


def test_phones_that_make_no_keys_would_see_things_doubled(engine: Engine) -> None:
    assert simulate(engine, keys=False).doubled > 0


def test_without_tombstones_phones_would_keep_what_is_gone(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = PostgresChanges.since

    def forget_removals(self: PostgresChanges, place: Place, limit: int) -> list[Changed]:
        return [each for each in everything(self, place, limit) if each.setting]

    monkeypatch.setattr(PostgresChanges, "since", forget_removals)

    assert simulate(engine).differences
