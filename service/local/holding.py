"""A part of ./dev that is kept stopped for a while: asked for by one process, done by the runner that owns the part.

The runner looks at the time itself, so that a part comes back however the process that asked has ended.
"""

import json
import time
from collections.abc import Collection
from pathlib import Path

from service.local.state import write_privately

FILE = "held.json"


def hold(folder: Path, names: Collection[str], seconds: float) -> None:
    """Ask the runner of this folder to keep parts stopped for so long; nobody else's parts are named meanwhile."""
    until = time.time() + seconds
    write_privately(folder / FILE, {name: str(until) for name in names})


def release(folder: Path) -> None:
    """Ask for nothing any more."""
    (folder / FILE).unlink(missing_ok=True)


def held_parts(folder: Path) -> set[str]:
    """Name the parts that shall not run right now."""
    try:
        asked = json.loads((folder / FILE).read_text())
    except FileNotFoundError:
        return set()
    return {name for name, until in asked.items() if time.time() < float(until)}
