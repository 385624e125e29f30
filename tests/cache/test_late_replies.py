"""A reply that comes too late is nobody's, and nobody else's least of all; more of them with ``LATE_REPLIES``."""

import os
from collections.abc import Callable

import pytest
import redis

from service.local.valkey import EmbeddedValkey
from tests.cache.late_replies import (
    AT_ONCE,
    FIRST,
    SECOND,
    Ask,
    Cancelled,
    Careful,
    Careless,
    Ownerless,
    whose_rules_came,
)
from tests.waiting import eventually

TIMES = int(os.environ.get("LATE_REPLIES", "5000"))


@pytest.mark.parametrize("asking", [Careful, Cancelled])
def test_late_replies_never_give_one_viewer_the_rules_of_another(
    server: EmbeddedValkey, asking: Callable[[redis.Redis], Ask]
) -> None:
    came = whose_rules_came(server, TIMES // 2, asking)

    assert came[FIRST] == 0
    assert came[SECOND] > TIMES // 4


def test_a_client_that_keeps_a_connection_with_a_reply_on_its_way_is_caught(server: EmbeddedValkey) -> None:
    assert whose_rules_came(server, 1, Careless, late_after=0.5)[FIRST]


def test_a_client_that_looks_at_no_owner_is_caught_where_somebody_was_called_off(
    server: EmbeddedValkey,
) -> None:
    """Not each time: often the reply is there before the connection is taken again, and is seen."""
    eventually(lambda: whose_rules_came(server, AT_ONCE, Ownerless)[FIRST] > 0)
