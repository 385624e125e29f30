"""What people did to their settings, and what any answer may therefore say: the judge of every consistency check.

Each person of a driver makes one planned edit after the other, so that a revision says exactly what stands. An answer
is judged by three numbers: the revision that its token promised, the one it says it shows, and the one that was
begun when it came.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

TERM: Final = "glacier"
"""What everybody filters, every third edit switches off or on again."""
FELLOW_EVERY: Final = 5
"""Every so many blocks are of another person of the driver, whose feed must obey as well."""
MARKS_KEPT: Final = 200
PROMPTLY_SECONDS: Final = 1.0
"""When even a caller without a token must see a change, while nothing is broken."""


class Flaw(StrEnum):
    """What can be wrong with an answer."""

    KEPT = "kept what the token promised to hide"
    BEHIND = "older than its token"
    AHEAD = "newer than anything that was begun"
    DIFFERS = "not what its revision says"
    WENT_BACK = "showed again what an earlier answer hid"
    LATE = "without a token, older than a second"


@dataclass(frozen=True, slots=True)
class Edit:
    """One planned edit: a block of somebody, or the filter made or switched."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    blocks: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a caller stands: a token, the revision that it promises, and by whom its holder felt blocked."""

    revision: int = 0
    token: str | None = None
    blocked_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is remembered of a call until its answer comes."""

    mark: Mark
    promptly: int
    """The revision that was acknowledged a second ago."""
    blockers: frozenset[str]
    """Who had blocked this person by a second ago."""


@dataclass(slots=True)
class Person:
    """Somebody with settings, and the whole history of them."""

    name: str
    number: int
    begun: int = 0
    mark: Mark = field(default_factory=Mark)
    marks: list[Mark] = field(default_factory=list)
    felt: frozenset[str] = frozenset()
    """By whom the person felt blocked when the last edit began: its token promises that too."""
    blocked_at: dict[str, int] = field(default_factory=dict)
    switched: list[int] = field(default_factory=list)
    acknowledged_at: list[tuple[float, int]] = field(default_factory=list)
    blockers: dict[str, float] = field(default_factory=dict)
    """Whose blocks of this person were acknowledged, and when."""
    blockers_begun: set[str] = field(default_factory=set)
    editing: threading.Lock = field(default_factory=threading.Lock)

    def is_filtering(self, revision: int) -> bool:
        """Tell whether the filter is on at a revision."""
        return revision >= 1 and sum(at <= revision for at in self.switched) % 2 == 0

    def has_blocked(self, author: str, revision: int) -> bool:
        """Tell whether somebody is blocked at a revision."""
        return self.blocked_at.get(author, revision + 1) <= revision

    def promptly(self, now: float) -> int:
        """Return the revision that everybody must see by now, token or not."""
        due = [revision for at, revision in self.acknowledged_at[-50:] if at < now - PROMPTLY_SECONDS]
        return due[-1] if due else 0


class Histories:
    """Everybody's histories, and every flaw that was found in an answer."""

    def __init__(
        self, people: int, *, healthy: bool = True, prefix: str = "p", most_blocks: int | None = None
    ) -> None:
        """Begin with people who chose nothing yet.

        ``healthy``: nothing is broken, so promptness is owed too. ``most_blocks``: who has so many only switches
        the filter from then on.
        """
        self.people = [Person(f"{prefix}{number}", number) for number in range(people)]
        self._by_name = {person.name: person for person in self.people}
        self._healthy = healthy
        self._most_blocks = most_blocks
        self._lock = threading.Lock()
        self.flaws: Counter[Flaw] = Counter()
        self.examples: list[str] = []
        self.decisions: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()

    def next_edit(self, person: Person) -> Edit:
        """Plan the next edit of a person whom the caller holds; from now on answers may show it."""
        revision = person.begun + 1
        edit = self._planned(person, revision)
        if edit.blocks:
            person.blocked_at[edit.blocks] = revision
            if fellow := self._by_name.get(edit.blocks):
                fellow.blockers_begun.add(person.name)
        elif revision > 1:
            person.switched.append(revision)
        person.felt, person.begun = person.mark.blocked_by, revision
        return edit

    def acknowledge(self, person: Person, edit: Edit, token: str) -> None:
        """Note that the edit begun last was answered with a token."""
        now = time.monotonic()
        with self._lock:
            person.acknowledged_at.append((now, person.begun))
            self._advance(person, Mark(person.begun, token, person.felt))
            if edit.blocks and (fellow := self._by_name.get(edit.blocks)):
                fellow.blockers[person.name] = now

    def ask(self, person: Person, mark: Mark) -> Asked:
        """Note what a call that begins now is owed."""
        now = time.monotonic()
        blockers = frozenset(who for who, at in person.blockers.copy().items() if at < now - PROMPTLY_SECONDS)
        return Asked(mark, person.promptly(now), blockers)

    def page(self, person: Person, size: int) -> list[dict[str, Any]]:
        """Return candidates around the edge of what a person blocked, with the filtered word and fellows among them."""
        edge = len(person.blocked_at)
        authors = [
            self._blocked(person, place) for place in range(max(1, edge - size // 2), edge + size // 5)
        ]
        authors += [fellow.name for fellow in self.people[: size // 5] if fellow is not person]
        candidates: list[dict[str, Any]] = [
            {"id": f"c{place}", "author_id": author, "caption": "a cat on a wall"}
            for place, author in enumerate(dict.fromkeys(authors))
        ]
        word = {"id": "word", "author_id": "nobody", "caption": f"the {TERM} at dawn"}
        return [*candidates, word, {"id": "noise", "author_id": "nobody", "caption": "a dog"}]

    def judge_feed(
        self, person: Person, asked: Asked, page: Sequence[Mapping[str, Any]], answer: Any
    ) -> None:
        """Judge an answer of the feed path, and stand where it says."""
        begun, blockers_begun = person.begun, person.blockers_begun.copy()
        outcomes = {each["id"]: each["outcome"] for each in answer["decisions"]}
        unavailable = {
            candidate["author_id"]
            for candidate, each in zip(page, answer["decisions"], strict=True)
            if any(reason["code"] == "unavailable" for reason in each.get("reasons", ()))
        }
        self._count_decisions(outcomes.values())
        for candidate in page:
            if outcomes[candidate["id"]] not in {"hide", "unverified"}:
                self._judge_kept(person, asked, candidate)
        if "unverified" in outcomes.values():
            return
        shown = int(answer["revision"])
        self._judge_revision(asked, shown, begun, degraded=answer["degraded"])
        for candidate in page:
            author, hidden = candidate["author_id"], outcomes[candidate["id"]] == "hide"
            own = self._is_hidden(person, candidate, shown)
            if own and not hidden:
                self.note(Flaw.DIFFERS, f"{person.name} at {shown}: {author} is {outcomes[candidate['id']]}")
            elif hidden and not own and not (author in unavailable and author in blockers_begun):
                self.note(Flaw.DIFFERS, f"{person.name} at {shown}: {author} is hidden")
        felt = asked.mark.blocked_by | (unavailable & blockers_begun)
        with self._lock:
            self._advance(person, Mark(shown, answer["consistency_token"], felt))

    def judge_comments(self, person: Person, asked: Asked, authors: Mapping[str, str], answer: Any) -> None:
        """Judge what becomes of comments, by their authors, under a person's post."""
        begun, shown = person.begun, int(answer["revision"])
        self._judge_revision(asked, shown, begun, degraded=answer["degraded"])
        self._count_decisions(each["outcome"] for each in answer["decisions"])
        for each in answer["decisions"]:
            author, refused = authors[each["id"]], each["outcome"] == "refuse"
            if not refused and person.has_blocked(author, asked.mark.revision):
                self.note(Flaw.KEPT, f"{author} comments under a post of {person.name}")
            elif refused != person.has_blocked(author, shown) and author not in person.blockers_begun:
                self.note(
                    Flaw.DIFFERS, f"{person.name} at {shown}: a comment of {author} is {each['outcome']}"
                )

    def judge_settings(self, person: Person, asked: Asked, answer: Any) -> None:
        """Judge what a person reads of their own settings."""
        begun, shown = person.begun, int(answer["revision"])
        self._judge_revision(asked, shown, begun, degraded=False)
        blocks = sum(at <= shown for at in person.blocked_at.copy().values())
        filtering = any(each["enabled"] for each in answer["keyword_filters"])
        if (answer["blocks"]["count"], filtering) != (blocks, person.is_filtering(shown)):
            self.note(Flaw.DIFFERS, f"{person.name} at {shown} reads other settings")

    def note(self, flaw: Flaw, example: str) -> None:
        """Count a flaw and keep the first examples."""
        with self._lock:
            self.flaws[flaw] += 1
            if len(self.examples) < 20:
                self.examples.append(f"{flaw}: {example}")

    def count_answer(self, what: str) -> None:
        """Count an answer by what it was."""
        with self._lock:
            self.answers[what] += 1

    def _judge_kept(self, person: Person, asked: Asked, candidate: Mapping[str, Any]) -> None:
        """Judge something that may be shown, whatever revision the answer claims."""
        author = candidate["author_id"]
        if self._is_hidden_for_sure(person, candidate, asked.mark.revision, person.begun):
            self.note(Flaw.KEPT, f"{author} to {person.name}, who holds the token of {asked.mark.revision}")
        elif author in asked.mark.blocked_by:
            self.note(Flaw.WENT_BACK, f"{author}, who blocked {person.name}")
        elif self._healthy and author in asked.blockers:
            self.note(Flaw.LATE, f"{author}, who blocked {person.name}")

    def _judge_revision(self, asked: Asked, shown: int, begun: int, *, degraded: bool) -> None:
        if shown < asked.mark.revision:
            self.note(Flaw.BEHIND, f"{shown} for a token of {asked.mark.revision}")
        elif shown > begun:
            self.note(Flaw.AHEAD, f"{shown} of {begun}")
        elif self._healthy and not degraded and shown < asked.promptly:
            self.note(Flaw.LATE, f"{shown} instead of {asked.promptly}")

    def _count_decisions(self, outcomes: Iterable[str]) -> None:
        found = Counter(outcomes)
        with self._lock:
            self.decisions.update(found)

    def _advance(self, person: Person, mark: Mark) -> None:
        """Let the person carry a token on; only ever forward, as a client does that keeps the last one."""
        if mark.revision >= person.mark.revision:
            person.mark = mark
            person.marks = [*person.marks[-MARKS_KEPT:], mark]

    def _is_hidden(self, person: Person, candidate: Mapping[str, Any], revision: int) -> bool:
        by_word = TERM in candidate["caption"] and person.is_filtering(revision)
        return by_word or person.has_blocked(candidate["author_id"], revision)

    def _is_hidden_for_sure(
        self, person: Person, candidate: Mapping[str, Any], promised: int, begun: int
    ) -> bool:
        """Tell whether every revision from the promised one on hides a candidate."""
        if person.has_blocked(candidate["author_id"], promised):
            return True
        settled = not any(promised < at <= begun for at in person.switched)
        return settled and TERM in candidate["caption"] and person.is_filtering(promised)

    def _planned(self, person: Person, revision: int) -> Edit:
        if revision == 1:
            return Edit("POST", "/v1/me/keyword-filters", {"id": f"kf-{person.name}", "terms": [TERM]})
        if revision % 3 == 0 or len(person.blocked_at) == self._most_blocks:
            enabled = len(person.switched) % 2 == 1
            return Edit("PATCH", f"/v1/me/keyword-filters/kf-{person.name}", {"enabled": enabled})
        author = self._blocked(person, len(person.blocked_at) + 1)
        return Edit("PUT", f"/v1/me/blocks/{author}", blocks=author)

    def _blocked(self, person: Person, place: int) -> str:
        """Return whom a person blocks first, second, and so on."""
        fellow = person.number + place // FELLOW_EVERY
        if place % FELLOW_EVERY == 0 and place // FELLOW_EVERY < len(self.people):
            return self.people[fellow % len(self.people)].name
        return f"x-{person.name}-{place}"
