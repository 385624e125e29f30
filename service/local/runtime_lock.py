"""Prints the part of `requirements.lock` that the service needs at run time, hashes and all, for the container.

A script of its own, run before anything is installed. pip says which distributions the dependencies of the project
draw in, reading their metadata alone and bound to the versions of the lock; their entries are then copied.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
ENTRY = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[^ ]+)(?P<marker> ; [^\\\n]+)?.*\n(?: +--hash.*\n?)+", re.MULTILINE
)


def main() -> None:
    """Print the entries, in the order of the lock."""
    lock = (PROJECT / "requirements.lock").read_text()
    needed = names_of_everything_needed(lock)
    for entry in ENTRY.finditer(lock):
        if normal(entry["name"]) in needed:
            print(entry.group(), end="")


def names_of_everything_needed(lock: str) -> set[str]:
    """Ask pip what it would install for the project's dependencies, and theirs, at the versions of the lock."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        versions = (
            f"{entry['name']}=={entry['version']}{entry['marker'] or ''}" for entry in ENTRY.finditer(lock)
        )
        constraints.write_text("\n".join(versions))
        report = Path(folder) / "report.json"
        options = ["--quiet", "--dry-run", "--ignore-installed", "--only-binary", ":all:", "--report", report]
        command = [sys.executable, "-m", "pip", "install", *options, "--constraint", constraints]
        subprocess.run([*command, *project["dependencies"]], check=True, stdout=sys.stderr)
        return {normal(each["metadata"]["name"]) for each in json.loads(report.read_text())["install"]}


def normal(name: str) -> str:
    """Write a distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
