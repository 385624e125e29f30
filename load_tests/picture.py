"""Draws how a run went, second by second, as an SVG that any browser shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH, HEIGHT, MARGIN = 760, 170, 46
COLOURS: Final = ("#2563eb", "#d97706", "#b91c1c")


@dataclass(frozen=True, slots=True)
class Line:
    """One figure over time."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Panel:
    """Some lines over the same seconds, with one scale."""

    title: str
    lines: Sequence[Line]


def picture(title: str, panels: Sequence[Panel]) -> str:
    """Return the panels one below the other."""
    height = 34 + len(panels) * (HEIGHT + 40)
    drawn = "".join(_panel(panel, 34 + place * (HEIGHT + 40)) for place, panel in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="{MARGIN}" y="20" font-size="15">{escape(title)}</text>{drawn}</svg>\n'
    )


def _panel(panel: Panel, top: int) -> str:
    highest = max((value for line in panel.lines for value in line.values), default=0) or 1
    bottom = top + HEIGHT
    parts = [f'<text x="{MARGIN}" y="{top + 10}">{escape(panel.title)}</text>']
    for share in (0, 0.5, 1):
        y = bottom - share * (HEIGHT - 20)
        parts.append(f'<line x1="{MARGIN}" x2="{WIDTH - 10}" y1="{y:.0f}" y2="{y:.0f}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{MARGIN - 4}" y="{y + 4:.0f}" text-anchor="end">{highest * share:,.0f}</text>'
        )
    for place, (line, colour) in enumerate(zip(panel.lines, COLOURS, strict=False)):
        parts.append(_path(line, colour, highest, bottom))
        x = WIDTH - 10 - 110 * (len(panel.lines) - place - 1)
        parts.append(
            f'<text x="{x}" y="{top + 10}" text-anchor="end" fill="{colour}">{escape(line.name)}</text>'
        )
    return "".join(parts)


def _path(line: Line, colour: str, highest: float, bottom: int) -> str:
    step = (WIDTH - 10 - MARGIN) / max(1, len(line.values) - 1)
    points = " ".join(
        f"{MARGIN + place * step:.1f},{bottom - value / highest * (HEIGHT - 20):.1f}"
        for place, value in enumerate(line.values)
    )
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
