"""Every refusal has its status in the one table, and the table has nothing else."""

import importlib
import pkgutil
from collections.abc import Collection, Iterable, Iterator

import service
from service.api.errors import _CODES_OF_HTTP, STATUSES
from service.domain.refusals import Refusal

STARTING = {"service.wsgi", "service.gunicorn_conf", "service.local.__main__", "service.local.wsgi"}
"""What reads the environment and starts something when it is imported."""
OF_NO_REFUSAL = {"bad-request", "internal", *_CODES_OF_HTTP.values()}
"""What Flask and werkzeug refuse, and what goes wrong."""


def refusals() -> set[type[Refusal]]:
    """Return every kind of refusal that some module of the service declares."""
    for module in pkgutil.walk_packages(service.__path__, "service."):
        if module.name not in STARTING:
            importlib.import_module(module.name)
    return {kind for kind in _below(Refusal) if kind.__module__.startswith("service.")}


def _below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def without_status(kinds: Iterable[type[Refusal]], codes: Collection[str]) -> list[str]:
    """Return the refusals whose code is not among these."""
    return [kind.__name__ for kind in kinds if getattr(kind, "code", None) not in codes]


def stale(kinds: Iterable[type[Refusal]], codes: Iterable[str]) -> set[str]:
    """Return the codes that nothing refuses with."""
    return set(codes) - OF_NO_REFUSAL - {kind.code for kind in kinds}


def test_every_refusal_has_a_status() -> None:
    assert refusals()
    assert not without_status(refusals(), STATUSES)


def test_every_code_of_the_table_is_refused_with() -> None:
    assert not stale(refusals(), STATUSES)


def test_statuses_are_those_of_refusals() -> None:
    assert all(400 <= status < 600 for status in STATUSES.values())
    assert {STATUSES[code] for code in OF_NO_REFUSAL} >= set(_CODES_OF_HTTP)


def test_a_refusal_without_status_and_a_code_without_refusal_would_be_found() -> None:
    class Forgotten(Refusal):
        """A refusal that nobody entered."""

        code = "forgotten"

    assert without_status([Forgotten], STATUSES) == ["Forgotten"]
    assert stale(refusals(), [*STATUSES, "left-over"]) == {"left-over"}
