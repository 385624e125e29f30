"""Phones that were offline end equal to the service, through sockets and on PostgreSQL; more with ``DEVICES=1000``.

A thousand of them, on a network that is worse, are in ``test_thousand_devices.py``.
"""

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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
from tests.journeys.phones import Copy, Device, Ending, Network, read_to_the_end, send_the_rest

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


def read_anew(port: int, token: str) -> Copy:
    """Return what a new phone would show."""
    quiet = random.Random()
    quiet.random = lambda: 1.0  # type: ignore[method-assign]
    phone = Device("new", Network(port, quiet), token, quiet)
    read_to_the_end(phone)
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
