"""Pages of many people in one call, as feeds ask about them that are in a hurry."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, Final, TypeAlias

from service.local.population import Call

ONE_PAGE: Final = "/v1/feed/filter"
MANY_PAGES: Final = "/v1/feed/filter/batch"
Undecided: TypeAlias = tuple[dict[str, Any], list[dict[str, Any]]]
"""A page, and what was said about it."""
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


def ask_about(make: Callable[[Call], Any], call: Call) -> list[Undecided]:
    """Ask about many pages in one call; a page that a busy machine could not decide is asked about again.

    Returns the pages that were answered as well as could be while the store did not answer.
    """
    left, undecided = call.body["requests"] if call.body else [], []
    while left:
        said = list(zip(left, make(replace(call, body={"requests": left}))["results"], strict=True))
        undecided += [(page, result["decisions"]) for page, result in said if result.get("degraded")]
        left = [page for page, result in said if "decisions" not in result]
    return undecided


def _alike(visit: Call) -> tuple[str, str]:
    return visit.at.isoformat(), repr(visit.segment)
