"""Phones that keep a copy of their user's settings, on a network that loses, delays and cuts."""

import http.client
import json
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

Copy: TypeAlias = dict[tuple[str, str], Any]

LOST_ANSWERS = 0.15
PATIENCE_SECONDS = 5.0
TRIES = 60


class NoAnswer(Exception):  # noqa: N818
    """Nobody knows whether the request arrived."""


class Way(Protocol):
    """The way from a phone to the service."""

    def send(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> tuple[int, Any]:
        """Send one request and return status and body; raise NoAnswer where none came."""


@dataclass
class Network:
    """The way from a phone to the service; some answers get lost behind the proxy's back too."""

    port: int
    chance: random.Random

    def send(
        self, method: str, path: str, headers: dict[str, str], body: Any = None, *, loses: bool = True
    ) -> tuple[int, Any]:
        """Send one request and return status and body; raise NoAnswer where none came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        sent = None if body is None else json.dumps(body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        try:
            connection.request(method, path, sent, {**headers, **kind})
            answer = connection.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException) as lost:
            raise NoAnswer from lost
        finally:
            connection.close()
        if loses and self.chance.random() < LOST_ANSWERS:
            raise NoAnswer
        return answer.status, json.loads(told) if told else None


@dataclass(frozen=True)
class Act:
    """One thing that the user did on one phone; ``about`` is the setting, whose acts keep their order."""

    about: tuple[str, str]
    method: str
    path: str
    body: Any
    key: str


@dataclass
class Device:
    """One phone: what it shows, how far it has read, and what it has yet to send."""

    name: str
    network: Way
    token: str
    chance: random.Random
    keys: bool = True
    copy: Copy = field(default_factory=dict)
    since: str | None = None
    waiting: list[Act] = field(default_factory=list)
    made: set[tuple[str, str]] = field(default_factory=set)
    removed: set[tuple[str, str]] = field(default_factory=set)
    signals: int = 0
    _number: int = 0

    def act(self) -> None:
        """Let the user do something: mostly something new, sometimes remove what the phone shows."""
        known = [about for about in self.copy if about not in self.removed and about[0] != "not_interested"]
        if known and self.chance.random() < 0.4:
            self._remove(self.chance.choice(known))
            return
        self._number += 1
        new = f"{self.name}.{self._number}"
        kind = self.chance.choice(["keyword_filter", "mute", "block", "not_interested"])
        if kind == "keyword_filter":
            self._add(kind, new, "POST", "/v1/me/keyword-filters", {"id": new, "terms": [new]})
        elif kind == "mute":
            self._add(kind, f"topic:{new}", "PUT", f"/v1/me/mutes/topic/{new}", {})
        elif kind == "block":
            self._add(kind, new, "PUT", f"/v1/me/blocks/{new}", {"note": new})
        else:
            self.signals += 1
            body = {"item_id": new, "surface": "for_you"}
            self._queue((kind, new), "POST", "/v1/me/not-interested", body)

    def flush(self) -> None:
        """Send what waits, in any order but for acts about the same setting; what gets no answer waits on."""
        order = list(range(len(self.waiting)))
        self.chance.shuffle(order)
        sent: set[int] = set()
        for place in order:
            act = self.waiting[place]
            if not any(earlier.about == act.about for earlier in self._before(place, sent)):
                with suppress(NoAnswer):
                    status, _ = self.network.send(act.method, act.path, self._headers(act.key), act.body)
                    if status < 500 and status not in {409, 429}:
                        sent.add(place)
        self.waiting = [act for place, act in enumerate(self.waiting) if place not in sent]

    def sync(self) -> bool:
        """Read on from where the phone stopped; tell whether it came to the end."""
        try:
            for page in self._pages():
                self._take(page)
        except NoAnswer:
            return False
        return True

    def _take(self, page: dict[str, Any]) -> None:
        for change in page["changes"]:
            about = (change["kind"], change["id"])
            if change["op"] == "delete":
                self.copy.pop(about, None)
            else:
                self.copy[about] = change["body"]
        self.since = page["next"]

    def _pages(self) -> Iterator[dict[str, Any]]:
        while True:
            path = f"/v1/me/changes?limit=7{'&since=' + self.since if self.since else ''}"
            status, page = self.network.send("GET", path, self._headers())
            if status == 410:
                self.copy, self.since = {}, None
                continue
            if status != 200:
                raise NoAnswer
            yield page
            if not page["has_more"]:
                return

    def _add(self, kind: str, id_: str, method: str, path: str, body: Any) -> None:
        self.made.add((kind, id_))
        self._queue((kind, id_), method, path, body)

    def _remove(self, about: tuple[str, str]) -> None:
        kind, id_ = about
        self.removed.add(about)
        rooms = {"keyword_filter": "keyword-filters", "block": "blocks", "mute": "mutes"}
        self._queue(about, "DELETE", f"/v1/me/{rooms[kind]}/{id_.replace(':', '/')}", None)

    def _queue(self, about: tuple[str, str], method: str, path: str, body: Any) -> None:
        self._number += 1
        self.waiting.append(Act(about, method, path, body, f"{self.name}-{self._number}"))

    def _before(self, place: int, sent: set[int]) -> list[Act]:
        return [self.waiting[other] for other in range(place) if other not in sent]

    def _headers(self, key: str | None = None) -> dict[str, str]:
        known = {"Authorization": f"Bearer {self.token}"}
        return {**known, "Idempotency-Key": key} if key and self.keys else known


@dataclass(frozen=True)
class Ending:
    """How a simulation ended: what each user's phones show, and what the service says."""

    phones: dict[str, list[Device]]
    kept: dict[str, Copy]

    @property
    def differences(self) -> list[str]:
        """Phones that show something else than the service keeps."""
        return [
            each.name
            for user, phones in self.phones.items()
            for each in phones
            if each.copy != self.kept[user]
        ]

    @property
    def lost(self) -> list[tuple[str, str]]:
        """Settings that were made and never removed, and are not there."""
        return [
            about
            for user, phones in self.phones.items()
            for about in set().union(*(each.made for each in phones))
            - set().union(*(each.removed for each in phones))
            if about not in self.kept[user]
        ]

    @property
    def brought_back(self) -> list[tuple[str, str]]:
        """Settings that somebody removed, and that are there again."""
        return [
            about
            for user, phones in self.phones.items()
            for about in set().union(*(each.removed for each in phones))
            if about in self.kept[user]
        ]

    @property
    def doubled(self) -> int:
        """How many more signals there are than were sent."""
        kept = sum(kind == "not_interested" for copy in self.kept.values() for kind, _ in copy)
        return kept - sum(each.signals for phones in self.phones.values() for each in phones)


def send_the_rest(phone: Device) -> None:
    """Send everything that still waits."""
    for _ in range(TRIES):
        if not phone.waiting:
            return
        phone.flush()
    raise AssertionError(f"{phone.name} still has {phone.waiting}")


def read_to_the_end(phone: Device) -> None:
    """Read on until nothing more follows."""
    assert any(phone.sync() for _ in range(TRIES)), f"{phone.name} never came to the end"
