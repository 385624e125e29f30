"""A thousand phones on networks that lose, repeat and delay: each ends equal to the service.

All of them come through a proxy that cuts, slows and swallows. Some come through weather of a worse kind, which is
seeded, so that a run that fails can be run again: there a request may arrive long after its phone has given up on it,
and after others that were sent later.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.api.bookmarks import Bookmarks
from service.api.consistency import ConsistencyTokens
from service.api.parts import ApiParts
from service.app import make_app
from tests import builders
from tests.api.identity import a_token, an_authenticator, claims
from tests.fakes.insights import fake_figures
from tests.journeys.phone_weeks import DEVICES_PER_USER, simulate
from tests.journeys.phones import Device, Ending, NoAnswer, read_to_the_end, send_the_rest

DEVICES = 1_000
DEVICES_IN_WEATHER = 240
OFFLINE_ACTS = 2
KEY = bytes(range(32))

Deliver = Callable[[], tuple[int, Any]]


@dataclass
class Weather:
    """What happens to requests between phones and the service; those that are late arrive in any order."""

    chance: random.Random
    client: FlaskClient
    late: list[Deliver] = field(default_factory=list)
    lost: int = 0

    def send(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> tuple[int, Any]:
        """Lose a request or its answer, let it arrive late or twice, or let it through."""

        def deliver() -> tuple[int, Any]:
            answer = self.client.open(path, method=method, headers=headers, json=body)
            return answer.status_code, json.loads(answer.data) if answer.data else None

        fate = self.chance.random()
        if fate < 0.08:
            self.lost += 1
            raise NoAnswer
        if fate < 0.16:
            self.late.append(deliver)
            raise NoAnswer
        told = deliver()
        if fate < 0.24:
            raise NoAnswer
        if fate < 0.32:
            self.late.append(deliver)
        return told

    def clear_up(self) -> None:
        """Let everything arrive that is still on its way, in any order."""
        self.chance.shuffle(self.late)
        while self.late:
            self.late.pop()()


def the_service() -> Flask:
    """Return the service on fakes that keep what the real stores promise."""
    tokens, bookmarks = ConsistencyTokens(KEY), Bookmarks(KEY)
    parts = ApiParts(builders.parts(), tokens, bookmarks, {}, lambda: (b"", "text/plain"), fake_figures())
    return make_app(parts, an_authenticator())


def one_at_a_time(app: Flask) -> Flask:
    """Let an app on fakes, which know no threads, answer one request after the other."""
    turn, answer = Lock(), app.wsgi_app

    def taking_turns(environ: Any, start_response: Any) -> Any:
        with turn:
            return answer(environ, start_response)

    app.wsgi_app = taking_turns  # type: ignore[method-assign]
    return app


def live_through_a_short_week(phone: Device) -> None:
    """Act without a network, then with one."""
    for _ in range(OFFLINE_ACTS):
        phone.act()
    phone.flush()
    phone.sync()
    phone.act()
    phone.flush()


def weather_out(devices: int, *, keys: bool = True) -> tuple[Ending, Weather]:
    """Let phones act and come home in an order of their own, requests of last week arriving among those of today."""
    client = the_service().test_client(use_cookies=False)
    weather = Weather(random.Random(21), client)
    users = {f"user{user}": a_token(claims(sub=f"user{user}")) for user in range(devices // DEVICES_PER_USER)}
    phones = {
        user: [
            Device(f"{user}d{number}", weather, token, random.Random(f"{user}/{number}"), keys=keys)
            for number in range(DEVICES_PER_USER)
        ]
        for user, token in users.items()
    }
    everybody = [each for of_user in phones.values() for each in of_user]
    for _ in range(2):
        weather.chance.shuffle(everybody)
        for phone in everybody:
            phone.act()
            phone.flush()
            phone.sync()
        for _ in range(len(weather.late) // 2):
            weather.late.pop(weather.chance.randrange(len(weather.late)))()
    for phone in everybody:
        send_the_rest(phone)
    weather.clear_up()
    for phone in everybody:
        read_to_the_end(phone)
    calm = Weather(random.Random(), client)
    calm.chance.random = lambda: 1.0  # type: ignore[method-assign]
    kept = {}
    for user, token in users.items():
        newest = Device("new", calm, token, random.Random(0))
        newest.sync()
        kept[user] = newest.copy
    return Ending(phones, kept), weather


@pytest.mark.timeout(300)
def test_SY_01_SY_02_SY_04_a_thousand_phones_end_equal_to_the_service_and_nothing_is_lost_or_brought_back() -> (  # noqa: N802
    None
):
    ending = simulate(one_at_a_time(the_service()), DEVICES, live_through_a_short_week)

    assert ending.differences == []
    assert (ending.lost, ending.brought_back, ending.doubled) == ([], [], 0)
    assert sum(len(each.removed) for of_user in ending.phones.values() for each in of_user) > 100


def test_SY_01_SY_02_SY_04_requests_that_arrive_late_or_twice_change_nothing() -> None:  # noqa: N802
    ending, weather = weather_out(DEVICES_IN_WEATHER)

    assert weather.lost > 20
    assert ending.differences == []
    assert (ending.lost, ending.brought_back, ending.doubled) == ([], [], 0)
    assert sum(len(each.removed) for of_user in ending.phones.values() for each in of_user) > 20


def test_requests_that_arrive_twice_would_double_things_without_keys() -> None:
    ending, _ = weather_out(40, keys=False)

    assert ending.doubled > 0
