"""A week of many phones that were offline, then on a network that fails them, and at last on a good one."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.api.identity import a_token, claims
from tests.fault_proxy import FaultProxy
from tests.journeys.phones import Copy, Device, Ending, Network, read_to_the_end, send_the_rest

DEVICES_PER_USER = 4

Week = Callable[[Device], None]
"""What a phone lives through before it comes home."""


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of each of ten thousand requests."""


@contextmanager
def serving(app: Flask) -> Iterator[int]:
    """Serve an app on a port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
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


def simulate(app: Flask, devices: int, week: Week, *, keys: bool = True) -> Ending:
    """Let phones act offline and online on a bad network, then let them all come home to a good one."""
    chance = random.Random(11)
    with serving(app) as port, FaultProxy(("127.0.0.1", port)) as proxy:
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
            for user in range(devices // DEVICES_PER_USER)
        }
        everybody = [each for of_user in phones.values() for each in of_user]
        ended = Event()
        weather = Thread(target=trouble, args=(proxy, chance, ended))
        weather.start()
        try:
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(week, everybody))
        finally:
            ended.set()
            weather.join()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(send_the_rest, everybody))
            list(pool.map(read_to_the_end, everybody))
        return Ending(phones, {user: read_anew(port, of_user[0].token) for user, of_user in phones.items()})


def read_anew(port: int, token: str) -> Copy:
    """Return what a new phone would show."""
    quiet = random.Random()
    quiet.random = lambda: 1.0  # type: ignore[method-assign]
    phone = Device("new", Network(port, quiet), token, quiet)
    read_to_the_end(phone)
    return phone.copy
