"""Reads the tables of verdicts in ``tests/scenarios/matching*.yaml``."""

from pathlib import Path
from typing import Final

import msgspec

from service.domain.matching import Hit, Matcher, Mode, Strictness, Text, parse_term

FOLDER: Final = Path(__file__).parents[2] / "scenarios"


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One row: a term, a text, and whether a person who filters the term means this text."""

    term: str
    text: str
    why: str
    hit: bool | None = None
    mode: Mode = Mode.WORD
    strictness: Strictness = Strictness.STRICT
    field: str = "caption"
    allow: tuple[str, ...] = ()
    says: str | None = None
    evasion: bool = False
    refused: bool = False

    def hits(self) -> list[Hit]:
        """Ask the matcher."""
        matcher = Matcher([parse_term(self.term, self.mode, self.strictness)], self.allow)
        return matcher.hits([[Text(self.field, self.text)]])[0]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Rows about one rule or script."""

    table: str
    rows: list[Verdict]


def read_verdicts(folder: Path = FOLDER) -> list[tuple[str, Verdict]]:
    """Return all rows with a name for each; refuse two rows that ask the same."""
    found: dict[str, Verdict] = {}
    for file in sorted(folder.glob("matching*.yaml")):
        for table in msgspec.yaml.decode(file.read_bytes(), type=list[Table]):
            for row in table.rows:
                name = (
                    f"{table.table}: {row.term} ({row.mode}, {row.strictness}) in {row.text!r}, {row.field}"
                )
                if name in found:
                    raise ValueError(f"{file.name} tells twice: {name}")
                found[name] = row
    return list(found.items())
