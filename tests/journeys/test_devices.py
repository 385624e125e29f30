"""Phones that were offline end equal to the service, through sockets and on PostgreSQL; more with ``DEVICES=1000``.

A thousand of them on fakes are in ``test_thousand_devices.py``.
"""

import os

import pytest
from flask import Flask
from sqlalchemy import Engine

from service.api.bookmarks import Bookmarks
from service.api.consistency import ConsistencyTokens
from service.api.parts import ApiParts
from service.app import make_app, new_id, now
from service.domain.changes import Changed, Place
from service.store.changes import PostgresChanges
from service.store.held_comments import PostgresComments
from service.store.settings import PostgresSettings
from service.usecases.ports import Parts
from tests.api.identity import an_authenticator
from tests.fakes.allowances import FakeAllowances
from tests.fakes.insights import fake_figures
from tests.fakes.rules import FakeRules
from tests.journeys.phone_weeks import simulate
from tests.journeys.phones import Device

DEVICES = int(os.environ.get("DEVICES", "32"))
DOUBLING, FORGETTING = 16, 8
"""How few phones without keys see something doubled, and how few without tombstones something that is gone."""
OFFLINE_ACTS = 6
KEY = bytes(range(32))


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


def live_through_a_week(phone: Device) -> None:
    """Act with and without a network."""
    for _ in range(2):
        for _ in range(OFFLINE_ACTS // 2):
            phone.act()
        phone.flush()
        phone.sync()
    phone.act()
    phone.flush()


def test_SY_02_phones_end_equal_to_the_service_and_nothing_is_lost_doubled_or_brought_back(  # noqa: N802
    engine: Engine,
) -> None:
    ending = simulate(the_service(engine), DEVICES, live_through_a_week)

    assert ending.differences == []
    assert (ending.lost, ending.brought_back, ending.doubled) == ([], [], 0)
    assert any(each.removed for phones in ending.phones.values() for each in phones)


def test_phones_that_make_no_keys_would_see_things_doubled(engine: Engine) -> None:
    assert simulate(the_service(engine), DOUBLING, live_through_a_week, keys=False).doubled > 0


def test_without_tombstones_phones_would_keep_what_is_gone(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = PostgresChanges.since

    def forget_removals(self: PostgresChanges, place: Place, limit: int) -> list[Changed]:
        return [each for each in everything(self, place, limit) if each.setting]

    monkeypatch.setattr(PostgresChanges, "since", forget_removals)

    assert simulate(the_service(engine), FORGETTING, live_through_a_week).differences
