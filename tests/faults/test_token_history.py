"""Whoever carries a token is never shown what it hides, whatever races are lost: over HTTP, in several workers."""

from contextlib import closing
from dataclasses import replace

from load_tests.deployment import Client
from load_tests.histories import Flaw, Histories
from load_tests.token_history import CAUGHT_AT_LEAST, Size, Traffic, lose_race
from load_tests.variants import BROKEN
from tests.faults.conftest import Breakable
from tests.waiting import eventually

DECISIONS = 100_000
SECONDS = 8
PAGE = 160
"""Long pages, for most of what an answer costs is the call."""


def test_no_answer_breaks_a_token_while_many_read_and_write(healthy: Breakable) -> None:
    histories = Histories(3, healthy=False, prefix="many")  # how soon everybody sees it, the long run asks
    traffic = Traffic(healthy.deployment, histories, Size(page=PAGE), decisions=DECISIONS)

    traffic.run(seconds=SECONDS)

    assert histories.flaws == {}, histories.examples
    assert {each.partition(" ")[2] for each in histories.answers} <= {"200", "201", "409", "503"}
    assert {"hide", "keep", "refuse", "allow"} <= set(histories.decisions)
    assert {"feed 200", "batch 200", "comments 200", "settings 200"} <= set(histories.answers)


def test_rules_that_were_read_before_an_edit_cannot_be_kept_after_it(healthy: Breakable) -> None:
    histories = Histories(2, prefix="slow")
    traffic = Traffic(healthy.deployment, histories, Size())

    lose_race(traffic, histories, healthy.failpoints, histories.people[0])

    assert histories.flaws == {}, histories.examples


def test_a_cache_that_keeps_them_is_caught(healthy: Breakable) -> None:
    histories = Histories(8, prefix="caught")
    traffic = Traffic(replace(healthy.deployment, path=BROKEN), histories, Size())

    def is_caught() -> bool:
        """Tell; nothing is kept, or found, where Redis needs more than its 50 ms."""
        for person in histories.people:
            lose_race(traffic, histories, healthy.failpoints, person)
        with closing(Client(traffic.base_url)) as client:
            for person in histories.people * (CAUGHT_AT_LEAST // 8):
                traffic.ask_feed(client, person, histories.ask(person, person.mark))
        return histories.flaws[Flaw.BEHIND] >= CAUGHT_AT_LEAST and histories.flaws[Flaw.KEPT] > 0

    eventually(is_caught)
