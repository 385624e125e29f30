"""How long the service waits for PostgreSQL while it is tested within the test's own process."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from service.store import engine as engines
from service.store import watch
from service.store.driver import ANSWER_SECONDS, ImpatientConnection
from service.store.engine import Patience
from tests.waiting import LONGEST_SECONDS

REAL_PATIENCE = [
    *((Patience, name, vars(Patience)[name]) for name in ("as_settings", "answer_seconds")),
    (ImpatientConnection, "answer_seconds", ANSWER_SECONDS),
    *(
        (engines, name, vars(engines)[name])
        for name in ("ANSWER_SECONDS", "CONNECT_SECONDS", "POOL_WAIT_SECONDS")
    ),
]


@contextmanager
def unhurried() -> Iterator[None]:
    """Wait a minute rather than half a second: what is kept and told must not depend on the machine.

    Five seconds where callers wait for each other, which some tests let them do in vain.
    """
    limits = {**dict.fromkeys(engines.FOR_EDITS.as_settings(), "60s"), "lock_timeout": "5s"}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Patience, "as_settings", lambda _: limits)
        patched.setattr(Patience, "answer_seconds", LONGEST_SECONDS)
        patched.setattr(ImpatientConnection, "answer_seconds", LONGEST_SECONDS)
        patched.setattr(engines, "ANSWER_SECONDS", LONGEST_SECONDS)
        patched.setattr(engines, "CONNECT_SECONDS", int(LONGEST_SECONDS))
        patched.setattr(engines, "POOL_WAIT_SECONDS", 5.0)
        patched.setattr(watch, "SILENT_SECONDS", LONGEST_SECONDS)
        yield
