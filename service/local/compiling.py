"""Compiles the quick sieve beside its source, where that is not done yet and there is a compiler.

Without it a page takes about a quarter longer (load_tests/README.md), and nothing else is different. As a program of
its own, for the container, ``python -m service.local.compiling`` fails where it cannot compile.
"""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from hashlib import sha256
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Final

from service.local.errors import CannotRun
from service.local.state import PROJECT

SOURCE: Final = PROJECT / "service" / "domain" / "matching" / "quick_sieve.c"
COMPILED: Final = SOURCE.with_suffix(EXTENSION_SUFFIXES[0])
TAKES_AT_MOST_SECONDS = 60


def compile_if_possible() -> str | None:
    """Have the quick sieve compiled; say why not where it cannot be."""
    try:
        if not is_up_to_date():
            compile_source(SOURCE, COMPILED)
    except CannotRun as obstacle:
        return f"Matching runs without its compiled part, at about three quarters of the speed: {obstacle}"
    return None


def is_up_to_date() -> bool:
    """Tell whether the sieve was compiled from the source as it is now, whose digest it carries."""
    return COMPILED.exists() and digest_of(SOURCE).encode() in COMPILED.read_bytes()


def compile_source(source: Path, compiled: Path) -> None:
    """Compile an extension module to a file, all at once; raise ``CannotRun`` where that fails."""
    headers = Path(sysconfig.get_path("include"))
    if not (headers / "Python.h").exists():
        raise CannotRun("the headers of this Python are not installed (Debian, Ubuntu: python3-dev).")
    try:
        with tempfile.TemporaryDirectory(dir=compiled.parent, prefix=".compiling-") as folder:
            made = Path(folder) / compiled.name
            options = ["-O2", "-fPIC", f"-I{headers}", f'-DSOURCE="{digest_of(source)}"']
            command = [*linker(), *options, str(source), "-o", str(made)]
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=TAKES_AT_MOST_SECONDS, check=False
            )
            if done.returncode:
                raise CannotRun(f"{shlex.join(command)} failed.\n{done.stderr.strip()}")
            made.replace(compiled)
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise CannotRun(f"no compiler could be run ({fault}).") from fault


def linker() -> list[str]:
    """Return how this Python's own build links extension modules on this system; ``CC`` names another compiler."""
    compiler, *options = shlex.split(sysconfig.get_config_var("LDSHARED") or "cc -shared")
    chosen = os.environ.get("CC") or (compiler if shutil.which(compiler) else "cc")
    return [*shlex.split(chosen), *options]


def digest_of(source: Path) -> str:
    """Return what tells one source from another."""
    return sha256(source.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(compile_if_possible())
