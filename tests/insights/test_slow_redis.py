"""A Redis that takes its time delays the figures and loses none of them."""

from dataclasses import replace
from datetime import UTC, datetime

import redis

from load_tests.golden.planting import NOON, post, sum_of, visit
from service.jobs import run_take_tallies
from tests.insights.town import Town

PAUSE_MS = 400
"""Much longer than a feed waits."""


def test_a_minute_that_takes_long_to_read_is_counted(town: Town, clean_redis: str) -> None:
    town.call(visit("v", NOON, [post(1)]))
    town.tallies.send()
    with redis.Redis.from_url(clean_redis) as client:
        client.client_pause(PAUSE_MS)

    config = replace(town.config, redis_url=clean_redis)
    assert run_take_tallies(config, town.engine, datetime.now(UTC)) == "1 minutes taken"
    assert sum_of(town, "requests") == 1
