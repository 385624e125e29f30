"""Recognises the host of a link, so that a domain term hits a site and not a path with its name."""

import re

from service.domain.matching.normalising import fold

_WRITTEN_HOST = re.compile(
    r"(?:[a-z][a-z0-9+.\-]*:)?(?://)?(?:[^/?#@\s]*@)?(?P<host>[^/?#:@\s]+)", re.IGNORECASE
)
_LINK = re.compile("[^\\s<>\"'()\\[\\]{},;|`]+")


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


def hosts_in(value: str) -> dict[int, int]:
    """Return where the hosts of the links in a text begin, by where they end."""
    found = {}
    for link in _LINK.finditer(value):
        host = _WRITTEN_HOST.match(link[0])
        if host:
            first = link.start() + host.start("host")
            found[first + len(host["host"].rstrip(".!"))] = first
    return found


def is_host_suffix(hosts: dict[int, int], value: str, start: int, end: int) -> bool:
    """Tell whether ``value[start:end]`` is the end of one of a text's hosts, beginning with a whole label."""
    first = hosts.get(end)
    return first is not None and first <= start and (start == first or value[start - 1] == ".")


def _sent(host: str) -> str:
    return host.encode("idna").decode("ascii")


def _shown(host: str) -> str:
    return host.encode("ascii").decode("idna")
