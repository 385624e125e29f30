"""`./dev check`: every tool that judges the code without running it, side by side, since one takes longest by far."""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from alembic.command import upgrade
from alembic.config import Config
from alembic.script import ScriptDirectory

from service.local.state import PROJECT

TOOLS = Path(sys.executable).parent
SETTINGS = PROJECT / "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Findings:
    """What a check found."""

    passed: bool
    said: str


def main(argv: Sequence[str]) -> int:
    """Run the named checks, or all; 1 if any finds something."""
    parser = argparse.ArgumentParser(prog="./dev check", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(CHECKS))
    names = parser.parse_args(argv).names or list(CHECKS)
    if unknown := set(names) - CHECKS.keys():
        parser.error(f"no check is called {', '.join(sorted(unknown))}")
    with ThreadPoolExecutor() as pool:
        running = {name: pool.submit(CHECKS[name]) for name in names}
        failed = [name for name, check in running.items() if not passes(name, check)]
    print(f"check: {', '.join(failed)} failed" if failed else "check: all passed", flush=True)
    return 1 if failed else 0


def passes(name: str, check: Future[Findings]) -> bool:
    """Show what a check said under its headline; tell whether it found nothing."""
    print(f"check: {name}", flush=True)
    found = check.result()
    print(found.said, end="", flush=True)
    return found.passed


def tool(*command: str | Path) -> Callable[[], Findings]:
    """Make a check of a tool that is installed beside this Python."""

    def run() -> Findings:
        program, *arguments = command
        done = subprocess.run(
            [TOOLS / program, *arguments],
            cwd=PROJECT,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return Findings(done.returncode == 0, done.stdout)

    return run


def migrations_are_safe_online() -> Findings:
    """Let squawk read every migration as the SQL it sends, each apart: what is new in one is old in the next."""
    with tempfile.TemporaryDirectory() as folder:
        files = [migration_as_sql(*step, Path(folder)) for step in migration_steps()]
        return tool("squawk", *files)() if files else Findings(passed=True, said="")


def migration_steps() -> list[tuple[str, str]]:
    """List the migrations, oldest first, each as the revision before it and its own."""
    if not (PROJECT / "migrations" / "env.py").exists():
        return []
    scripts = ScriptDirectory.from_config(Config(toml_file=SETTINGS))
    newest_first = scripts.walk_revisions()
    return [(str(step.down_revision or "base"), step.revision) for step in newest_first][::-1]


def migration_as_sql(before: str, revision: str, folder: Path) -> Path:
    """Write the SQL of one migration to a file; no database is asked."""
    file = folder / f"{revision}.sql"
    with file.open("w") as sql:
        upgrade(Config(toml_file=SETTINGS, output_buffer=sql), f"{before}:{revision}", sql=True)
    return file


CHECKS: dict[str, Callable[[], Findings]] = {
    "lint": tool("ruff", "check", "."),
    "format": tool("ruff", "format", "--check", "."),
    "types": tool("mypy"),
    "floors": tool("lint-imports"),
    "dependencies": tool("deptry", "."),
    "migrations": migrations_are_safe_online,
}
