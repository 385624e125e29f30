"""Recognises the host of a link, so that a domain term hits a site and not a path with its name."""

import re

from service.domain.matching.normalising import fold

_WRITTEN_HOST = re.compile(
    r"(?:[a-z][a-z0-9+.\-]*:)?(?://)?(?:[^/?#@\s]*@)?(?P<host>[^/?#:@\s]+)", re.IGNORECASE
)
_LINK_ENDS = "\\s<>\"'()\\[\\]{},;|`"
_LINK = re.compile(f"[^{_LINK_ENDS}]+")
_NEAREST_END = re.compile(f"[{_LINK_ENDS}]")
_LONGEST_LINK = 2_048


def host_of(written: str) -> str:
    """Return the host in what a user wrote, which may be a whole address, without a dot at either end."""
    parts = _WRITTEN_HOST.match(written.strip())
    return parts["host"].strip(".") if parts else ""


def spellings(host: str) -> set[str]:
    """Return a host as browsers show it and as it is sent, for names beyond ASCII."""
    found = {fold(host)}
    for codec in (_sent, _shown):
        try:
            found.add(fold(codec(host)))
        except UnicodeError:
            continue
    return found - {""}


def is_host_suffix(value: str, start: int, end: int) -> bool:
    """Tell whether ``value[start:end]`` is the end of a link's host, beginning with a whole label."""
    opening = max(0, start - _LONGEST_LINK)
    for cut in _NEAREST_END.finditer(value, opening, start):
        opening = cut.end()
    link = _LINK.match(value, opening, end + _LONGEST_LINK)
    host = _WRITTEN_HOST.match(link[0]) if link else None
    if host is None:
        return False
    bare = host["host"].rstrip(".!")
    first = opening + host.start("host")
    return first <= start and end == first + len(bare) and (start == first or value[start - 1] == ".")


def _sent(host: str) -> str:
    return host.encode("idna").decode("ascii")


def _shown(host: str) -> str:
    return host.encode("ascii").decode("idna")
