"""The service's own source, parsed."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Module:
    """One file, by its path from the project's folder."""

    path: str
    tree: ast.Module


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Return every module in some folders of the project, their folders included."""
    found = tuple(
        Module(str(path.relative_to(PROJECT)), ast.parse(path.read_text(encoding="utf-8")))
        for folder in folders
        for path in sorted((PROJECT / folder).rglob("*.py"))
    )
    assert found, f"nothing in {folders}"
    return found


def module_of(text: str, path: str = "made_up.py") -> Module:
    """Return a made-up module, to try a rule on."""
    return Module(path, ast.parse(text))


def imported_from(module: Module) -> Iterator[str]:
    """Name every top-level package that a module imports from."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def texts(module: Module) -> Iterator[ast.Constant]:
    """Find every string that is not a docstring."""
    explaining = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explaining:
            yield node


def place(module: Module, node: ast.expr) -> str:
    """Say where something stands."""
    return f"{module.path}:{node.lineno}"
