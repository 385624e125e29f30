"""Whether a token is ever broken: ``python -m load_tests.token_history [--decisions 1000000] [--broken]``.

Writers edit people's settings over HTTP, readers ask for feeds, alone and in batches, for comments and settings with
the tokens that came back, and ``histories`` judges every answer. ``--broken`` runs the same against a cache without
versions, leases and tokens, which has to be caught at least a hundred times.
"""

import argparse
import random
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import Final

from load_tests.deployment import Client, Deployment, deployed, own_servers
from load_tests.driver import Reply
from load_tests.histories import Asked, Edit, Flaw, Histories, Mark, Person
from load_tests.variants import BEFORE_FILLING, BROKEN, WITH_FAILPOINTS, Failpoints

PEOPLE: Final = 3
CAUGHT_AT_LEAST: Final = 100
RETRY_SECONDS: Final = 0.05
TRY_AGAIN: Final = frozenset({409, 429, 503})


@dataclass(frozen=True, slots=True)
class Size:
    """How many threads do what, and how large a page is."""

    writers: int = 3
    readers: int = 5
    page: int = 40
    rest: float = 0.0
    """How long each thread rests for every second that it was busy: 1 makes half of the load."""
    edits_apart_seconds: float = 0.0
    """How long a writer rests at least: what people chose only ever grows, and so does what is kept of it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One call: when it began, what came (0: nothing), how long it took, and whether all of it was decided."""

    at: float
    what: str
    status: int
    milliseconds: float
    is_definite: bool


class Traffic:
    """Writers and readers on one deployment until they are told to stop, or have seen enough decisions."""

    def __init__(
        self,
        deployment: Deployment,
        histories: Histories,
        size: Size,
        *,
        seed: int = 1,
        decisions: int | None = None,
    ) -> None:
        self.base_url = deployment.base_url
        self._histories, self._size = histories, size
        self._seed, self._enough = seed, decisions
        self._users = {person.name: deployment.user(person.name) for person in histories.people}
        self._service = deployment.service("feed:filter", "comments:check")
        self._stop = threading.Event()
        self.heard: list[Heard] = []

    def run(self, *, seconds: float, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Run everybody for a while; ``meanwhile`` is called about every tenth of a second."""
        with ThreadPoolExecutor(self._size.writers + self._size.readers) as pool:
            running = [
                *(
                    pool.submit(self._write, random.Random((self._seed, place).__repr__()))
                    for place in range(self._size.writers)
                ),
                *(
                    pool.submit(self._read, random.Random((self._seed, -1 - place).__repr__()))
                    for place in range(self._size.readers)
                ),
            ]
            try:
                give_up = time.monotonic() + seconds
                while (
                    time.monotonic() < give_up
                    and not self._has_enough()
                    and not any(each.done() for each in running)
                ):
                    meanwhile()
                    time.sleep(0.1)
            finally:
                self._stop.set()
            for each in running:
                each.result()

    def _has_enough(self) -> bool:
        return self._enough is not None and self._histories.decisions.total() >= self._enough

    def _write(self, chance: random.Random) -> None:
        client = Client(self.base_url)
        while not self._stop.is_set():
            began = time.monotonic()
            person = chance.choice(self._histories.people)
            if person.editing.acquire(timeout=RETRY_SECONDS):
                try:
                    self.edit(client, person)
                finally:
                    person.editing.release()
            self._rest(began, at_least=self._size.edits_apart_seconds)
        client.close()

    def edit(self, client: Client, person: Person) -> None:
        """Make one edit, again and again under one key until it is acknowledged."""
        edit, key = self._histories.next_edit(person), str(uuid.uuid4())
        while not self._stop.is_set():
            reply = self._sent(client, person, edit, key)
            if reply and reply.status < 300:
                self._histories.acknowledge(person, edit, reply.headers["consistency-token"])
                return
            if reply and reply.status not in TRY_AGAIN:
                raise RuntimeError(f"{edit} was answered {reply.status}: {reply.body.decode()}")
            time.sleep(RETRY_SECONDS)

    def _sent(self, client: Client, person: Person, edit: Edit, key: str) -> Reply | None:
        headers = {"Idempotency-Key": key}
        return self._called(
            client,
            "write",
            edit.method,
            edit.path,
            edit.body,
            token=self._users[person.name],
            headers=headers,
        )

    def _read(self, chance: random.Random) -> None:
        client = Client(self.base_url)
        asks = (self.ask_feed, self.ask_batch, self.ask_comments, self.ask_settings)
        while not self._stop.is_set():
            began = time.monotonic()
            person = chance.choice(self._histories.people)
            asked = self._histories.ask(person, self._chosen_mark(person, chance))
            chance.choices(asks, (70, 10, 12, 8))[0](client, person, asked)
            self._rest(began)
        client.close()

    def _rest(self, busy_since: float, *, at_least: float = 0.0) -> None:
        self._stop.wait(max(at_least, self._size.rest * (time.monotonic() - busy_since)))

    def _chosen_mark(self, person: Person, chance: random.Random) -> Mark:
        """Take the newest token mostly, sometimes an old one or none."""
        kind = chance.random()
        if kind < 0.15 or not person.marks:
            return Mark()
        return chance.choice(person.marks) if kind < 0.35 else person.mark

    def ask_feed(self, client: Client, person: Person, asked: Asked) -> None:
        """Ask for a person's feed and have the answer judged."""
        page = self._histories.page(person, self._size.page)
        body = wanted(person, asked.mark, page)
        reply = self._called(client, "feed", "POST", "/v1/feed/filter", body, token=self._service)
        if reply and reply.status == 200:
            self._histories.judge_feed(person, asked, page, reply.json())

    def ask_batch(self, client: Client, person: Person, asked: Asked) -> None:
        """Ask for a person's feed in one call with everybody else's, and have that answer judged."""
        page = self._histories.page(person, self._size.page)
        marks = {each.name: Mark() for each in self._histories.people} | {person.name: asked.mark}
        body = {"requests": [wanted(each, marks[each.name], page) for each in self._histories.people]}
        reply = self._called(client, "batch", "POST", "/v1/feed/filter/batch", body, token=self._service)
        if reply and reply.status == 200:
            answer = reply.json()["results"][self._histories.people.index(person)]
            if "decisions" in answer:  # else there is a problem in its place
                self._histories.judge_feed(person, asked, page, answer)

    def ask_comments(self, client: Client, person: Person, asked: Asked) -> None:
        """Ask what becomes of comments under a post of a person, and have the answer judged."""
        page = self._histories.page(person, self._size.page)
        authors = {each["id"]: each["author_id"] for each in page}
        body = {
            "post": {"id": "post", "owner_id": person.name},
            "comments": [
                {"id": each, "author_id": author, "text": "nice"} for each, author in authors.items()
            ],
            "consistency_token": asked.mark.token,
        }
        reply = self._called(client, "comments", "POST", "/v1/comments/check", body, token=self._service)
        if reply and reply.status == 200:
            self._histories.judge_comments(person, asked, authors, reply.json())

    def ask_settings(self, client: Client, person: Person, asked: Asked) -> None:
        """Read a person's settings and have them judged."""
        reply = self._called(client, "settings", "GET", "/v1/me/settings", token=self._users[person.name])
        if reply and reply.status == 200:
            self._histories.judge_settings(person, asked, reply.json())

    def _called(
        self,
        client: Client,
        what: str,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str,
        headers: dict[str, str] | None = None,
    ) -> Reply | None:
        """Call, and count what came: a status, or nothing at all."""
        at, reply = time.monotonic(), None
        with suppress(OSError):
            reply = client.call(method, path, body, token=token, headers=headers)
        status = reply.status if reply else 0
        definite = reply is not None and status == 200 and b'"unverified"' not in reply.body
        self.heard.append(Heard(at, what, status, (time.monotonic() - at) * 1000, definite))
        self._histories.count_answer(f"{what} {status or 'unanswered'}")
        return reply


def wanted(person: Person, mark: Mark, page: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Return what a feed service asks about one viewer."""
    return {
        "viewer_id": person.name,
        "surface": "for_you",
        "slots": 20,
        "candidates": page,
        "consistency_token": mark.token,
    }


def lose_race(traffic: Traffic, histories: Histories, failpoints: Failpoints, person: Person) -> None:
    """Let a reader who read before an edit fill the cache after it, and then ask with the token of that edit.

    Whoever gets no lease in time fills nothing, so the reader asks until the place is reached.
    """

    def read() -> None:
        while failpoints.is_armed(BEFORE_FILLING):
            traffic.ask_feed(other, person, histories.ask(person, Mark()))

    with (
        ThreadPoolExecutor(1) as pool,
        closing(Client(traffic.base_url)) as client,
        closing(Client(traffic.base_url)) as other,
    ):
        failpoints.arm(BEFORE_FILLING)
        slow = pool.submit(read)
        try:
            failpoints.await_reached(BEFORE_FILLING)
        finally:
            failpoints.disarm(BEFORE_FILLING)
        traffic.edit(client, person)
        failpoints.let_go(BEFORE_FILLING)
        slow.result()
        traffic.ask_feed(client, person, histories.ask(person, person.mark))


def main(arguments: Sequence[str]) -> int:
    """Run until enough decisions were judged; tell whether none was wrong, or, broken, enough were."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.token_history", description=__doc__)
    parser.add_argument("--decisions", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=60, help="give up after so long")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--broken", action="store_true", help="run against the naive cache")
    chosen = parser.parse_args(arguments)
    histories = Histories(chosen.people)
    with (
        own_servers() as servers,
        deployed(
            servers.folder,
            servers.postgres.url(),
            servers.valkey.url(),
            application=WITH_FAILPOINTS,
        ) as deployment,
    ):
        asked = replace(deployment, path=BROKEN) if chosen.broken else deployment
        traffic = Traffic(asked, histories, Size(), seed=chosen.seed, decisions=chosen.decisions)
        began = time.monotonic()
        traffic.run(seconds=chosen.minutes * 60, meanwhile=lambda: show_progress(histories, chosen.decisions))
    print(file=sys.stderr)
    print_report(histories, time.monotonic() - began)
    if chosen.broken:
        return 0 if histories.flaws[Flaw.KEPT] + histories.flaws[Flaw.BEHIND] >= CAUGHT_AT_LEAST else 1
    return 1 if histories.flaws else 0


def show_progress(histories: Histories, wanted: int) -> None:
    """Say on one line how far the run is, where somebody watches."""
    if not sys.stderr.isatty():
        return
    done, flaws = histories.decisions.total(), histories.flaws.total()
    print(f"\r{done:>12,} of {wanted:,} decisions, {flaws} flaws", end="", file=sys.stderr, flush=True)


def print_report(histories: Histories, seconds: float) -> None:
    """Print what was asked, what came, and everything that was wrong."""
    print(f"{histories.decisions.total():,} decisions judged in {seconds:.0f} s")
    for what, count in sorted(histories.answers.items()):
        print(f"  {what:24} {count:>10,}")
    for outcome, count in histories.decisions.most_common():
        print(f"  decided {outcome:16} {count:>10,}")
    for flaw in Flaw:
        print(f"  {flaw:40} {histories.flaws[flaw]:>8,}")
    for example in histories.examples:
        print(f"    {example}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
