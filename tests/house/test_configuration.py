"""Every name that is read from the environment stands in README.md, and README.md promises no other."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.source import PROJECT, Module, module_of, modules

READERS = {"service/config.py", "service/gunicorn_conf.py", "service/telemetry/metrics.py"}


def names_read(module: Module) -> Iterator[str]:
    """Find the names that a module asks an environment for, directly or through a constant or ``_required``."""
    constants = {
        target.id: node.value.value
        for node in ast.walk(module.tree)
        if isinstance(node, ast.AnnAssign | ast.Assign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module.tree):
        asked: list[ast.expr] = []
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "environ.get",
            "os.environ.get",
            "os.getenv",
        }:
            asked = node.args[:1]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "_required",
            "_address",
            "whole_number",
        }:
            asked = node.args[1:2]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) in {"environ", "os.environ"}:
            asked = [node.slice]
        for name in asked:
            if isinstance(name, ast.Constant):
                yield str(name.value)
            elif isinstance(name, ast.Name) and name.id in constants:
                yield str(constants[name.id])


def promised() -> set[str]:
    """Return the names in the first column of README's table."""
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("\n## Configuration\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def test_every_name_is_in_the_readme_and_the_readme_has_no_other() -> None:
    read = {name for module in modules("service") if module.path in READERS for name in names_read(module)}

    assert read == promised()


def test_nothing_else_reads_the_environment() -> None:
    readers = {
        module.path
        for module in modules("service")
        if not module.path.startswith("service/local/")
        and any(
            (
                isinstance(node, ast.Attribute)
                and node.attr in {"environ", "getenv"}
                and ast.unparse(node.value) == "os"
            )
            for node in ast.walk(module.tree)
        )
    }

    assert readers <= READERS


@pytest.mark.parametrize(
    "line",
    [
        "os.environ.get('NAME')",
        "environ.get('NAME', '')",
        "os.environ['NAME']",
        "os.getenv('NAME')",
        "_required(environ, 'NAME')",
        "whole_number(environ, 'NAME', 1)",
        "PLACE: Final = 'NAME'\nos.environ.get(PLACE)",
    ],
)
def test_a_name_is_found_however_it_is_read(line: str) -> None:
    assert list(names_read(module_of(line))) == ["NAME"]
