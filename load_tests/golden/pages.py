"""Pages of many people in one call, as feeds ask about them that are in a hurry."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, Final

from service.local.population import Call

ONE_PAGE: Final = "/v1/feed/filter"
MANY_PAGES: Final = "/v1/feed/filter/batch"
AT_ONCE: Final = 40
"""Forty pages of forty posts stay below a megabyte in any script."""


def together(visits: Sequence[Call]) -> Iterator[Call]:
    """Put visits into one call that are made at one time by people of one segment."""
    ordered = sorted(visits, key=_alike)
    for _, alike in groupby(ordered, _alike):
        some = list(alike)
        for start in range(0, len(some), AT_ONCE):
            pages = some[start : start + AT_ONCE]
            body = {"requests": [page.body for page in pages]}
            yield Call(pages[0].at, "POST", MANY_PAGES, body, segment=pages[0].segment, shard=pages[0].shard)


def ask_about(make: Callable[[Call], Any], call: Call) -> None:
    """Ask about many pages in one call; a page that a busy machine could not decide is asked about again."""
    left = call.body["requests"] if call.body else []
    while left:
        said = make(replace(call, body={"requests": left}))
        left = [page for page, result in zip(left, said["results"], strict=True) if "decisions" not in result]


def _alike(visit: Call) -> tuple[str, str]:
    return visit.at.isoformat(), repr(visit.segment)
