"""Recognises the host of a link, so that a domain term hits a site and not a path with its name."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from service.domain.matching.characters import Remembered
from service.domain.matching.edges import continues_word
from service.domain.matching.normalising import JOINER, compatible, fold
from service.domain.matching.scripts import Script, script_of

_LETTER, _GLUED, _HYPHEN, _DROPPED, _OUTSIDE = "a", "x", "-", "i", " "
"""What a character is to a host. A letter of a script that puts no spaces may be part of it, or of what is said
around it."""
_IN_LINKS: Final = frozenset("./\\?#@:=&%+~*!$^")
"""Signs that links are made of, besides those; any other ends a link."""
_SCHEME: Final = r"[^ /\\?#]*:[/\\]{2,}|[^ ./\\?#@]*:[/\\]|[/\\]{2,}"
_LINK: Final = re.compile(rf"(?=[^ ])(?:{_SCHEME})?(?P<authority>[^ /\\?#]*)[^ ]*")
_HOST: Final = re.compile(r"[ax](?:[axi.\-]*[ax])?")
_PLAIN_HOST: Final = re.compile(r"(?<![a.\-])a(?:[ai.\-]*a)?(?!i*a|[.\-]+[ax])")


class Hosts:
    """The hosts of the links in a text, written with a scheme or without, whatever stands around them."""

    def __init__(self, value: str) -> None:
        self._shape = "".join(map(_KINDS.__getitem__, value))

    def first(self) -> tuple[int, int]:
        """Return where the first host begins and ends, if possible one of several labels."""
        found = [host for authority in self._authorities() for host in self._hosts_in(*authority)]
        return next(
            (host for host in found if "." in self._shape[slice(*host)]), found[0] if found else (0, 0)
        )

    def has_suffix(self, start: int, end: int) -> bool:
        """Tell whether a stretch of the text is the end of a host, beginning with a whole label."""
        firsts = self._firsts.get(end, ())
        return start in firsts or (self._shape[start - 1] == "." and any(first < start for first in firsts))

    @cached_property
    def _firsts(self) -> dict[int, list[int]]:
        found = defaultdict(list)
        for authority in self._authorities():
            # Most are words like any other.
            if self._shape.find(".", *authority) >= 0:
                for first, end in self._hosts_in(*authority):
                    found[end].append(first)
        return found

    def _authorities(self) -> Iterator[tuple[int, int]]:
        return (link.span("authority") for link in _LINK.finditer(self._shape))

    def _hosts_in(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield where hosts begin and end; one in the midst of Chinese is read with its neighbours and without."""
        first = self._shape.rfind("@", first, last) + 1 or first
        yield from (found.span() for found in _HOST.finditer(self._shape, first, last))
        if self._shape.find(_GLUED, first, last) >= 0:
            yield from (found.span() for found in _PLAIN_HOST.finditer(self._shape, first, last))


def host_of(written: str) -> str:
    """Return the host in what a user wrote, which may be a whole address; nothing where there is none."""
    first, end = Hosts(written).first()
    return written[first:end]


def spellings(host: str) -> set[str]:
    """Return a host as browsers show it and as it is sent, for names beyond ASCII."""
    found = {fold(host)}
    for codec in (_sent, _shown):
        try:
            found.add(fold(codec(host)))
        except UnicodeError:
            continue
    return found - {""}


def _kind_of(character: str) -> str:
    plain = compatible(character)
    if plain in _IN_LINKS:
        return plain
    if character in "-_\u2010\u2011":
        return _HYPHEN
    if not plain or plain == JOINER:
        return _DROPPED
    if not continues_word(plain[0]):
        return _OUTSIDE
    return _LETTER if script_of(plain[0]) is Script.OTHER else _GLUED


def _sent(host: str) -> str:
    return host.encode("idna").decode("ascii")


def _shown(host: str) -> str:
    return host.encode("ascii").decode("idna")


_KINDS = Remembered(_kind_of)
