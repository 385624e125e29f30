"""Makes `.venv` from `requirements.lock`; run by ./dev with whatever Python the machine has, before there is one.

Made anew rather than mended: after an interruption nobody knows what is in it. Its stamp is written last.
"""

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path


def main(project: Path, stamp: str) -> int:
    """Make the environment unless another ./dev, for which this one waits, has just made it."""
    venv = project / ".venv"
    (project / ".dev").mkdir(exist_ok=True)
    with (project / ".dev" / "environment.lock").open("w") as lock:  # let go of however its holder ends
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_made(venv, stamp):
            return 0
        tell("Making .venv from requirements.lock; this happens once and takes a minute or so.")
        shutil.rmtree(venv, ignore_errors=True)
        status = make(venv, project / "requirements.lock")
        if status == 0:
            (venv / ".made-from").write_text(stamp)
    return status


def is_made(venv: Path, stamp: str) -> bool:
    """Tell whether the environment is complete, by its stamp."""
    try:
        return (venv / ".made-from").read_text() == stamp and (venv / "bin" / "python").exists()
    except FileNotFoundError:
        return False


def make(venv: Path, lock: Path) -> int:
    """Install the lock into a new environment; the exit status of the first command that fails, or 0."""
    uv = shutil.which("uv")
    if not uv and not importlib.util.find_spec("ensurepip"):
        tell(f"{sys.executable} cannot make environments: install python3-venv (Debian, Ubuntu) or uv.")
        return 1
    python = venv / "bin" / "python"
    for command in commands_of_uv(uv, venv, python, lock) if uv else commands_of_pip(venv, python, lock):
        status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode
        if status:
            tell("Could not make .venv; the reason stands above. ./dev tries again on its next start.")
            return 1
    return 0


def commands_of_uv(uv: str, venv: Path, python: Path, lock: Path) -> list[list[str | Path]]:
    """Say how uv makes an environment with this very Python."""
    os.environ["UV_PYTHON_DOWNLOADS"] = "never"
    return [
        [uv, "venv", "--quiet", "--no-project", "--python", sys.executable, venv],
        [uv, "pip", "sync", "--require-hashes", "--compile-bytecode", "--python", python, lock],
    ]


def commands_of_pip(venv: Path, python: Path, lock: Path) -> list[list[str | Path]]:
    """Say how Python makes an environment with what it brings along.

    Nothing is compiled ahead: that takes a third of the time, most of it for modules that nobody imports.
    """
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-compile", "--require-hashes"]
    return [
        [sys.executable, "-m", "venv", venv],
        [python, "-m", "pip", "install", *options, "--requirement", lock],
    ]


def tell(sentence: str) -> None:
    """Say what happens on stderr; stdout belongs to the command that follows."""
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
    except KeyboardInterrupt:
        sys.exit(130)
