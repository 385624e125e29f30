"""Every rule of the four controls is named by a scenario or a test: ``pytest -k kf_07`` runs what holds of KF-07."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from tests.house.source import PROJECT

RULES: Final[Mapping[str, str]] = {
    "KF-01": "what a filter says, and whether one term is enough",
    "KF-02": "how many filters and terms there may be, and how long a term",
    "KF-03": "words, beginnings, ends, parts, hashtags and sites",
    "KF-04": "how texts are compared",
    "KF-05": "which parts of a post are looked at",
    "KF-06": "on which surfaces, and what is milder on a profile",
    "KF-07": "whose posts a filter is about",
    "KF-08": "which action wins",
    "KF-09": "phrases in which a term does not count",
    "KF-10": "when a filter ends, and how long it can be taken up again",
    "KF-11": "what no filter hits: one's own posts, and notices about safety",
    "KF-12": "trying a filter before it is kept",
    "KF-15": "taking settings along, and bringing them back",
    "KF-16": "terms that are there already",
    "KF-17": "hits in what a post quotes",
    "NI-01": "signals as devices send them: once, in batches, late",
    "NI-02": "what a signal can be about",
    "NI-03": "the item is not recommended again",
    "NI-04": "less of an author, and the way back",
    "NI-05": "less of a topic, hashtag or sound, fading",
    "NI-06": "a signal without a reason",
    "NI-07": "the receipt, and the list of what still counts",
    "NI-08": "taking a signal back",
    "NI-09": "starting over, and thinking better of it",
    "NI-10": "topic sliders",
    "NI-11": "showing more on purpose",
    "NI-12": "nobody's reach for others suffers",
    "BM-01": "a block works on every part that a person has in a post",
    "BM-02": "under an owner's posts, whom the owner blocked is gone for all",
    "BM-03": "a mute is one-way, with scopes",
    "BM-04": "what can be muted",
    "BM-05": "blocks and mutes that end",
    "BM-06": "doing it again, and undoing what is not there",
    "BM-07": "private notes, and where a block came from",
    "BM-08": "blocking many at once",
    "BM-09": "how many blocks and mutes, and whom nobody blocks",
    "BM-10": "the blocked person learns nothing",
    "CL-01": "who may comment",
    "CL-02": "gates that a comment passes",
    "CL-03": "which comments wait, and whose do not",
    "CL-04": "the owner's words, and what becomes of what they hold",
    "CL-05": "the author of a held comment learns that it is held",
    "CL-06": "care mode",
    "CL-07": "limited mode, its end and its digest",
    "CL-09": "comments are judged again when they are edited",
    "CL-10": "replies go and come with what they reply to",
    "CL-11": "the reader's own filters count for comments",
    "SY-01": "settings are changed one by one, and nothing left out is reset",
    "SY-02": "what changed since a device last asked",
    "SY-03": "ETags on reading and on editing",
    "SY-04": "a request that comes again is answered as before",
    "SY-05": "what fits on the wire",
    "AB-02": "how often something may be done",
    "AB-03": "what a request may cost",
    "AB-04": "every hold looks alike to its author",
    "AB-05": "staff read with a ticket and leave a trace",
}
_NAMED: Final = (
    re.compile(r"def test_([A-Za-z0-9_]+)"),
    re.compile(r"rules: \[([^\]]+)\]"),
    re.compile(r'^    """((?:[A-Z]{2}-\d\d(?:, )?)+)\.', re.MULTILINE),
    re.compile(r'^"""([A-Z]{2}-\d\d)\b'),
)


def rules_named(texts: Iterable[str]) -> set[str]:
    """Return the rules that names of tests and tables of scenarios are about."""
    named = "\n".join(match[1] for text in texts for pattern in _NAMED for match in pattern.finditer(text))
    found = re.findall(r"(?<![A-Za-z])([A-Za-z]{2})[-_](\d\d)(?!\d)", named)
    return {f"{group.upper()}-{number}" for group, number in found}


def texts(folder: Path) -> list[str]:
    """Return the tests and scenarios of a folder."""
    files = [*folder.rglob("test_*.py"), *folder.rglob("*.yaml")]
    return [file.read_text(encoding="utf-8") for file in files if file != Path(__file__)]


def test_every_rule_is_named_by_a_scenario_or_a_test() -> None:
    assert RULES.keys() - rules_named(texts(PROJECT / "tests")) == set()


def test_a_rule_that_nothing_names_would_be_missed() -> None:
    assert rules_named(["def test_kf_01_x() -> None:", "  rules: [BM-01, FD-04]"]) == {
        "KF-01",
        "BM-01",
        "FD-04",
    }
