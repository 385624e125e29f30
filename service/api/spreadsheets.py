"""Figures as CSV (RFC 4180), which people open in spreadsheets: no cell of it is ever taken for a formula."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from service.domain.insight_units import number_text

CSV: Final = "text/csv"
COMPARED: Final = ("value", "change", "change_low", "change_high", "is_clear")
"""What is told of the period before, beside its day."""

Row: TypeAlias = Mapping[str, Any]

_BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Sheet:
    """How an answer is written as CSV: a line for every member of the list called ``rows``, under these columns.

    Without ``rows`` the answer is the one line. ``beside`` are members of the whole answer that stand on every line.
    """

    rows: str
    columns: Sequence[str]
    beside: Sequence[str] = ()

    def lines(self, answer: Row) -> Iterable[Row]:
        """Return the lines of an answer, each with its days, what they are compared with in columns of its own."""
        days = _days(answer.get("window") or answer.get("week"))
        before = _days(answer.get("compared_to"))
        for row in answer[self.rows] if self.rows else [answer]:
            compared = row.get("compared")
            yield {
                **days,
                **{name: answer[name] for name in self.beside},
                **row,
                "dims": row.get("by"),
                **_told_before({**before, **_known(compared)} if compared else {}),
            }


def _days(window: Row | None) -> dict[str, Any]:
    return {"day": window["from"], "through": window["to"]} if window else {}


def _known(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _told_before(compared: Row) -> dict[str, Any]:
    return {f"compared_{name}": value for name, value in compared.items()}


def csv_of(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Write rows of JSON members under a heading; what is nested is written as ``a=b;c=d``."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return written.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return number_text(value)
    text = (
        ";".join(f"{name}={inner}" for name, inner in value.items())
        if isinstance(value, dict)
        else str(value)
    )
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text
