"""A reply that comes too late is nobody's, and nobody else's least of all."""

from tests.cache.late_replies import FIRST, SECOND, Careless, whose_rules_came

TIMES = 100
"""The long run, ``python -m load_tests.cache_checks``, asks fifty thousand times."""


def test_late_replies_never_give_one_viewer_the_rules_of_another(clean_redis: str) -> None:
    came = whose_rules_came(clean_redis, TIMES)

    assert came[FIRST] == 0
    assert came[SECOND]


def test_a_client_that_keeps_a_connection_with_a_reply_on_its_way_is_caught(clean_redis: str) -> None:
    assert whose_rules_came(clean_redis, 3, Careless, late_after=0.5)[FIRST]
