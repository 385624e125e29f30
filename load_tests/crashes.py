"""Whether anything acknowledged is lost, or done twice: ``python -m load_tests.crashes [--kills 200] [--postgres 10]``.

Writers block people and reject posts over HTTP, each edit under an Idempotency-Key, and send it again until it is
acknowledged. Meanwhile workers, and PostgreSQL too, are ended with kill -9. In the end everybody's settings must be
what was acknowledged, and every revision the number of edits: one that was lost or done twice moves it.
"""

import argparse
import random
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

from load_tests.deployment import Client, Deployment, deployed, own_servers
from load_tests.driver import Reply

RETRY_SECONDS: Final = 0.02
CALM_SECONDS: Final = 60
"""When everything is read again in the end, at the latest."""
TRY_AGAIN: Final = frozenset({409, 429, 503})


@dataclass(slots=True)
class Author:
    """Somebody who edits, and everything that was acknowledged to them."""

    name: str
    blocked: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)

    @property
    def edits(self) -> int:
        """How many edits were acknowledged."""
        return len(self.blocked) + len(self.rejected)


class Writers:
    """Everybody who edits one deployment at once; with ``keyed`` False, as an app without Idempotency-Keys."""

    def __init__(self, deployment: Deployment, people: int, *, prefix: str = "w", keyed: bool = True) -> None:
        self.authors = [Author(f"{prefix}{number}") for number in range(people)]
        self.replies: Counter[str] = Counter()
        self._base_url = deployment.base_url
        self._tokens = {author.name: deployment.user(author.name) for author in self.authors}
        self._keyed = keyed
        self._stop = threading.Event()

    def run(self, meanwhile: Callable[[], None]) -> None:
        """Let everybody edit for as long as ``meanwhile`` takes; each finishes the edit that was begun."""
        with ThreadPoolExecutor(len(self.authors)) as pool:
            running = [pool.submit(self._work, author) for author in self.authors]
            try:
                meanwhile()
            finally:
                self._stop.set()
            for each in running:
                each.result()

    def _work(self, author: Author) -> None:
        with closing(Client(self._base_url)) as client:
            while not self._stop.is_set():
                self.edit(client, author)

    def edit(self, client: Client, author: Author) -> None:
        """Make the next edit of somebody, until it is acknowledged."""
        number = author.edits
        if number % 2:
            signal = {"item_id": f"post-{number}", "surface": "for_you"}
            self._insist(client, author, "POST", "/v1/me/not-interested", signal)
            author.rejected.append(signal["item_id"])
        else:
            self._insist(client, author, "PUT", f"/v1/me/blocks/troll-{number}", {})
            author.blocked.append(f"troll-{number}")

    def flaws(self) -> list[str]:
        """Compare what stands with what was acknowledged."""
        with closing(Client(self._base_url)) as client:
            return [flaw for author in self.authors for flaw in self._flaws_of(client, author)]

    def _insist(self, client: Client, author: Author, method: str, path: str, body: dict[str, Any]) -> None:
        headers = {"Idempotency-Key": str(uuid.uuid4())} if self._keyed else {}
        while True:
            try:
                reply = client.call(method, path, body, token=self._tokens[author.name], headers=headers)
            except OSError:
                self.replies["none"] += 1
            else:
                replayed = " again" if "idempotency-replayed" in reply.headers else ""
                self.replies[f"{reply.status}{replayed}"] += 1
                if reply.status < 300:
                    return
                if reply.status not in TRY_AGAIN:
                    raise RuntimeError(f"{method} {path} was answered {reply.status}: {reply.body.decode()}")
            time.sleep(RETRY_SECONDS)

    def _flaws_of(self, client: Client, author: Author) -> list[str]:
        export = self._read(client, author, "/v1/me/export").json()
        revision = self._read(client, author, "/v1/me/settings").json()["revision"]
        found = {
            "blocks": Counter(each["user_id"] for each in export["blocks"]) == Counter(author.blocked),
            "rejections": Counter(each["item_id"] for each in export["not_interested"])
            == Counter(author.rejected),
            f"revision {revision} after {author.edits} edits": revision == author.edits,
        }
        return [f"{author.name}: {what}" for what, holds in found.items() if not holds]

    def _read(self, client: Client, author: Author, path: str) -> Reply:
        give_up = time.monotonic() + CALM_SECONDS
        while (reply := client.call("GET", path, token=self._tokens[author.name])).status in TRY_AGAIN:
            if time.monotonic() > give_up:
                raise TimeoutError(f"{path} is still answered {reply.status}")
            time.sleep(RETRY_SECONDS)
        return reply


def kill_workers(
    deployment: Deployment,
    kills: int,
    chance: random.Random,
    tell: Callable[[int], None],
    *,
    pause_seconds: float = 0.25,
) -> None:
    """End workers one after the other, each when there is a new one in the place of the last, and after a pause."""
    for number in range(kills):
        before = set(deployment.workers())
        deployment.kill_a_worker(chance)
        give_up = time.monotonic() + 10
        while len(set(deployment.workers()) & before) == len(before) and time.monotonic() < give_up:
            time.sleep(0.01)
        tell(number + 1)
        time.sleep(chance.uniform(0, 2 * pause_seconds))


def main(arguments: Sequence[str]) -> int:
    """Kill, compare, and say what was wrong."""
    parser = argparse.ArgumentParser(prog="python -m load_tests.crashes", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="of workers")
    parser.add_argument("--postgres", type=int, default=10, help="kills of PostgreSQL")
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between kills, on average")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    chance = random.Random(chosen.seed)
    with (
        own_servers(durable=True) as servers,
        deployed(servers.folder, servers.postgres.url(), servers.valkey.url()) as deployment,
    ):
        writers = Writers(deployment, chosen.people)
        every = max(1, chosen.kills // max(1, chosen.postgres))

        def tell(kills: int) -> None:
            print(f"\r{kills} of {chosen.kills} workers", end="", file=sys.stderr, flush=True)
            if chosen.postgres and kills % every == 0:
                servers.postgres.kill()
                servers.postgres.start()

        writers.run(lambda: kill_workers(deployment, chosen.kills, chance, tell, pause_seconds=chosen.pause))
        print(file=sys.stderr)
        flaws = writers.flaws()
    print(f"{sum(author.edits for author in writers.authors):,} edits acknowledged, {dict(writers.replies)}")
    print("\n".join(flaws) or "nothing lost, nothing twice")
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
