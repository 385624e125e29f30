"""What was acknowledged survives kill -9 of the worker that did it, and is done once."""

import random
from contextlib import closing

import pytest

from load_tests.crashes import Writers, kill_workers
from load_tests.deployment import Client
from load_tests.variants import BEFORE_ANSWERING
from tests.faults.conftest import Breakable

KILLS = 20


def test_edits_go_on_while_workers_are_killed_and_each_is_done_once(healthy: Breakable) -> None:
    writers = Writers(healthy.deployment, 4, prefix="killed")

    writers.run(lambda: kill_workers(healthy.deployment, KILLS, random.Random(13), lambda _: None))

    assert writers.flaws() == []
    assert writers.replies["none"] >= 1, "no kill was ever felt"
    assert set(writers.replies) <= {"none", "200", "201", "200 again", "201 again", "409", "503"}


def crash_once_before_answering(healthy: Breakable, *, keyed: bool) -> Writers:
    """Let a worker die between keeping an edit and answering it, and the app try again."""
    writers = Writers(healthy.deployment, 1, prefix=f"crashed-{keyed}", keyed=keyed)
    [author] = writers.authors
    with closing(Client(healthy.deployment.base_url)) as client:
        writers.edit(client, author)
        healthy.failpoints.arm(BEFORE_ANSWERING)
        writers.edit(client, author)
    return writers


def test_an_edit_that_was_kept_and_not_answered_is_answered_again(healthy: Breakable) -> None:
    writers = crash_once_before_answering(healthy, keyed=True)

    told = {what: times for what, times in writers.replies.items() if what not in {"409", "503"}}
    assert told == {"201": 1, "none": 1, "201 again": 1}
    assert writers.flaws() == []


def test_an_app_that_sends_no_key_is_caught_doing_it_twice(healthy: Breakable) -> None:
    writers = crash_once_before_answering(healthy, keyed=False)

    assert writers.flaws() == ["crashed-False0: rejections", "crashed-False0: revision 3 after 2 edits"]


@pytest.mark.parametrize("lost", ["blocked", "rejected"])
def test_an_edit_that_was_acknowledged_and_lost_is_caught(healthy: Breakable, lost: str) -> None:
    writers = Writers(healthy.deployment, 1, prefix=f"lost-{lost}")
    [author] = writers.authors

    getattr(author, lost).append("what nobody kept")

    assert len(writers.flaws()) == 2
