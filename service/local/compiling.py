"""Compiles the quick sieve beside its source, where that is not done yet and there is a compiler.

Without it a page takes about a quarter longer (load_tests/README.md), and nothing else is different. As a program of
its own, for the container, ``python -m service.local.compiling`` fails where it cannot compile.
"""

import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Final

from service.local.errors import CannotRun
from service.local.state import PROJECT

SOURCE: Final = PROJECT / "service" / "domain" / "matching" / "quick_sieve.c"
COMPILED: Final = SOURCE.with_suffix(EXTENSION_SUFFIXES[0])
OPTIONS: Final = ("-O2", "-DNDEBUG", "-fPIC")
LOADS: Final = """
import sys
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.util import module_from_spec
name, path = sys.argv[1:]
loader = ExtensionFileLoader(name, path)
loader.exec_module(module_from_spec(ModuleSpec(name, loader, origin=path)))
"""
TAKES_AT_MOST_SECONDS = 60


def compile_if_possible() -> str | None:
    """Have the quick sieve compiled; say why not where it cannot be. One of an older source is then gone."""
    try:
        if not is_up_to_date():
            COMPILED.unlink(missing_ok=True)
            compile_source(SOURCE, COMPILED)
    except (CannotRun, OSError) as obstacle:
        return f"Matching runs without its compiled part, at about three quarters of the speed: {obstacle}"
    return None


def is_up_to_date() -> bool:
    """Tell whether the sieve was compiled from the source as it is now, on a machine like this: it carries a digest."""
    return COMPILED.exists() and digest_of(SOURCE).encode() in COMPILED.read_bytes()


def compile_source(source: Path, compiled: Path) -> None:
    """Compile an extension module to a file, all at once; raise ``CannotRun`` where that fails."""
    headers = Path(sysconfig.get_path("include"))
    if not (headers / "Python.h").exists():
        raise CannotRun("the headers of this Python are not installed (Debian, Ubuntu: python3-dev).")
    with tempfile.TemporaryDirectory(dir=compiled.parent, prefix=".compiling-") as folder:
        made = Path(folder) / compiled.name
        named = f'-DSOURCE="{digest_of(source)}"'
        run([*linker(), *OPTIONS, f"-I{headers}", named, str(source), "-o", str(made)])
        run([sys.executable, "-c", LOADS, source.stem, str(made)])
        made.replace(compiled)


def run(command: Sequence[str]) -> None:
    """Run a command to its end; raise ``CannotRun`` with what it said where it fails."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TAKES_AT_MOST_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise CannotRun(f"{command[0]} could not be run ({fault}).") from fault
    if done.returncode:
        raise CannotRun(f"{shlex.join(command)} failed.\n{done.stderr.strip()}")


def linker() -> list[str]:
    """Return how this Python's own build links extension modules on this system; ``CC`` names another compiler."""
    compiler, *options = shlex.split(sysconfig.get_config_var("LDSHARED") or "cc -shared")
    chosen = os.environ.get("CC") or (compiler if shutil.which(compiler) else "cc")
    try:
        return [*shlex.split(chosen), *options]
    except ValueError as wrong:
        raise CannotRun(f"CC cannot be read ({wrong}).") from wrong


def digest_of(source: Path) -> str:
    """Return what tells one source from another, for another kind of machine or by other options as well."""
    made_for = " ".join((platform.machine(), *OPTIONS))
    return sha256(made_for.encode() + source.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(compile_if_possible())
