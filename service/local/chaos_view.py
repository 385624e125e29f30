"""What callers see while something is broken: a line a second."""

import http.client
import json
import re
import secrets
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from service.local.keys import make_token
from service.local.processes import LOOPBACK
from service.local.state import DevState

TROLL, FRIEND = "chaos-troll", "chaos-friend"
PATIENCE_SECONDS = 5
GAUGES = ("redis_breaker_open", "store_breaker_open")


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer: its status, or 0 for none, and how long it took."""

    status: int
    milliseconds: float
    retry_after: str | None
    token: str | None
    body: bytes

    def __str__(self) -> str:
        again = f", Retry-After {self.retry_after}" if self.retry_after else ""
        return f"{self.status or 'no answer'} in {self.milliseconds:.0f} ms{again}"


class Watcher:
    """Two viewers who blocked somebody, their feed service, and whoever reads the metrics.

    One only reads, so Redis knows her. The other goes on blocking, so Redis has just let go of what it knew of her.
    """

    def __init__(self, state: DevState) -> None:
        """Walk in, block somebody, and look at the feeds once, so that Redis knows them."""
        self._port = state.port
        self._reader, self._editor = (f"chaos-{each}-{secrets.token_hex(3)}" for each in ("reader", "editor"))
        lifetime = timedelta(hours=1)
        reader, self._user = (
            make_token(state.folder, subject=each, scopes=["settings"], lifetime=lifetime)
            for each in (self._reader, self._editor)
        )
        self._feed = make_token(state.folder, subject="chaos", scopes=["feed:filter"], lifetime=lifetime)
        self._numbers = count(1)
        self._filter(self._reader, self._ask("PUT", f"/v1/me/blocks/{TROLL}", reader).token)
        self._token = self._ask("PUT", f"/v1/me/blocks/{TROLL}", self._user).token
        self._filter(self._editor, self._token)

    def watch(self, what: str, seconds: float) -> None:
        """Print a line a second for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            print(f"{what:<14} {self.line()}", flush=True)
            time.sleep(min(1.0, max(0.0, left)))

    def line(self) -> str:
        """Make the usual calls once, and say what came."""
        feed = self._filter(self._reader, None)
        promised = self._filter(self._editor, self._token)
        block = self._ask("PUT", f"/v1/me/blocks/chaos-{next(self._numbers)}", self._user)
        self._token = block.token or self._token
        return (
            f"feed {feed}{outcomes(feed)} | with token {promised}{outcomes(promised)} | block {block} | "
            f"{self._gauges()}"
        )

    def _filter(self, viewer: str, token: str | None) -> Seen:
        posts = [{"id": TROLL, "author_id": TROLL}, {"id": FRIEND, "author_id": FRIEND}]
        body = {
            "viewer_id": viewer,
            "surface": "for_you",
            "candidates": posts,
            "consistency_token": token,
        }
        return self._ask("POST", "/v1/feed/filter", self._feed, body)

    def _gauges(self) -> str:
        page = self._ask("GET", "/metrics", "").body.decode()
        found = (re.search(rf"^{name} (\S+)$", page, re.MULTILINE) for name in GAUGES)
        return ", ".join(
            f"{name} {match[1] if match else '?'}" for name, match in zip(GAUGES, found, strict=True)
        )

    def _ask(self, method: str, path: str, token: str, body: dict[str, Any] | None = None) -> Seen:
        """Ask without urllib, which would send the question to the proxy of the environment."""
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=PATIENCE_SECONDS)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        began = time.perf_counter()
        try:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            return Seen(0, (time.perf_counter() - began) * 1000, None, None, b"")
        finally:
            connection.close()
        took = (time.perf_counter() - began) * 1000
        return Seen(
            answer.status,
            took,
            answer.getheader("Retry-After"),
            answer.getheader("Consistency-Token"),
            content,
        )


def outcomes(seen: Seen) -> str:
    """Say what a feed would show, and whether it was decided without the store."""
    if seen.status != http.client.OK:
        return ""
    answer = json.loads(seen.body)
    counted = Counter(each["outcome"] for each in answer["decisions"])
    found = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counted.items()))
    return f": {found}{', degraded' if answer['degraded'] else ''}"
