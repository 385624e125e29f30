"""Rules and stories know no clock, no chance, no log and no machine: what they need is handed to them."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import Module, imported_from, module_of, modules

FROM_OUTSIDE = {
    *("asyncio", "http", "io", "locale", "logging", "multiprocessing", "os", "pathlib", "platform", "random"),
    *(
        "secrets",
        "socket",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib3",
        "uuid",
        "warnings",
    ),
    *("prometheus_client", "psycopg", "redis", "sqlalchemy", "structlog"),
}
READS_THE_CLOCK = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}


def impurities(module: Module) -> Iterator[str]:
    """Find what makes a module depend on more than its arguments."""
    yield from FROM_OUTSIDE.intersection(imported_from(module))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in {"open", "print", "input"} or any(
                called.endswith(clock) for clock in READS_THE_CLOCK
            ):
                yield called


@pytest.mark.parametrize(
    "module", modules("service/domain", "service/usecases"), ids=lambda module: module.path
)
def test_a_rule_depends_on_its_arguments_alone(module: Module) -> None:
    assert not list(impurities(module))


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "from random import choice",
        "import logging.config",
        "now = datetime.now(UTC)",
        "now = datetime.datetime.utcnow()",
        "open('file')",
    ],
)
def test_an_impurity_would_be_found(line: str) -> None:
    assert list(impurities(module_of(line)))
