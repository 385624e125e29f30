"""A filter of a domain finds the host that a mute of the same domain does."""

import re
from itertools import product

import pytest

from service.domain.matching import Matcher, Mode, Term, Text, hosts
from service.domain.mutes import as_domain, host_and_parents

SCHEMES = ["", "HTTPS://", "//", "http:/", "https:\\\\"]
USERS = ["", "user:word@", "bad.example@", "a@b@"]
HOSTS = [
    *("bad.example", "m.BAD.example.", "notbad.example", "bad.example.org", "my-site.example"),
    *("bücher.example", "xn--bcher-kva.example", "日本.example"),
]
PORTS = ["", ":80", ":"]
TAILS = ["", "/@bad.example", "?u=bad.example", "\\bad.example"]
LINKS = [*map("".join, product(SCHEMES, USERS, HOSTS, PORTS, TAILS))]
DOMAINS = ["bad.example", "bücher.example", "日本.example", "my-site.example", "example"]


def differences() -> list[str]:
    """Return the links about which a filter of any domain and a mute of it do not agree."""
    matcher = Matcher([Term(domain, Mode.DOMAIN) for domain in DOMAINS])
    wanted = {as_domain(domain): number for number, domain in enumerate(DOMAINS)}
    return [
        link
        for link, hits in zip(LINKS, matcher.hits([[Text("links", link)] for link in LINKS]), strict=True)
        if {hit.term for hit in hits} != {wanted[host] for host in host_and_parents(link) if host in wanted}
    ]


def test_a_filter_and_a_mute_of_a_domain_agree_about_every_link() -> None:
    assert differences() == []


def test_a_filter_that_takes_a_port_for_a_host_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "_LINK", re.compile(r"(?:[^ /]*:)?(?://)?(?P<authority>[^ /\\?#]*)[^ ]*"))

    assert "bad.example:80" in differences()
