"""Calls the running service over HTTP, as any client would, and reads its answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

import msgspec

from service.local.errors import CannotRun

SECONDS_TO_WAIT = 10

T = TypeVar("T")


class Reason(msgspec.Struct, frozen=True):
    """Why the service decided as it did; ``span`` counts code points in the field as it was sent."""

    code: str
    field: str | None = None
    index: int | None = None
    span: tuple[int, int] | None = None
    evasion: bool | None = None


class Decision(msgspec.Struct, frozen=True):
    """What the service says about one post."""

    id: str
    outcome: str
    multiplier: float = 1.0
    reasons: tuple[Reason, ...] = ()


class FeedAnswer(msgspec.Struct, frozen=True):
    """The answer of ``POST /v1/feed/filter``: a decision for each candidate, in their order."""

    decisions: tuple[Decision, ...]
    kept: int
    fetch_more: int = 0
    revision: int = 0
    degraded: bool = False


class CommentDecision(msgspec.Struct, frozen=True):
    """What the service says about one comment."""

    id: str
    outcome: str
    reasons: tuple[str, ...] = ()


class CommentsAnswer(msgspec.Struct, frozen=True):
    """The answer of ``POST /v1/comments/check``."""

    decisions: tuple[CommentDecision, ...]


class Effect(msgspec.Struct, frozen=True):
    """What a signal does to one thing: strength 0 hides it, anything else multiplies its rank."""

    entity: str
    id: str
    effect: str
    strength: float
    until: str | None = None


class Receipt(msgspec.Struct, frozen=True):
    """The answer of ``POST /v1/me/not-interested``."""

    id: str
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that arrived, and how long it took from the first byte sent to the last one read."""

    status: int
    body: bytes
    milliseconds: float
    consistency_token: str | None


class CallRefused(CannotRun):
    """The service understood the call and did not grant it; ``problem`` is its RFC 9457 document."""

    def __init__(self, call: str, status: int, problem: Mapping[str, Any]) -> None:
        said = problem.get("detail") or problem.get("title") or "no explanation"
        super().__init__(f"{call} was answered with {status}: {said}")
        self.status = status
        self.problem = problem


class Service:
    """A running service, called with one caller's token and never through a proxy."""

    def __init__(self, base_url: str, token: str) -> None:
        self.base_url = base_url
        self._token = token
        self._opener: OpenerDirector = build_opener(ProxyHandler({}))

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answered:
        """Call one route with a JSON body and return the answer, or stop and say why not."""
        request = Request(self.base_url + path, method=method)
        request.add_header("Authorization", f"Bearer {self._token}")
        if body is not None:
            request.data = json.dumps(body, ensure_ascii=False).encode()
            request.add_header("Content-Type", "application/json")
        try:
            return self._timed(request)
        except HTTPError as refused:
            with refused:
                raise CallRefused(f"{method} {path}", refused.code, _problem(refused.read())) from None
        except (URLError, OSError):
            raise CannotRun(
                f"Nothing answers at {self.base_url}. Start the service with ./dev, wait for its line "
                '"ready", and try again in a second terminal.'
            ) from None

    def _timed(self, request: Request) -> Answered:
        started = perf_counter()
        with self._opener.open(request, timeout=SECONDS_TO_WAIT) as answer:
            body = answer.read()
            token = answer.headers.get("Consistency-Token")
        return Answered(answer.status, body, (perf_counter() - started) * 1000, token)


def read(answered: Answered, shape: type[T]) -> T:
    """Read an answer's body as ``shape``, leaving out members that the demo has no use for."""
    return msgspec.json.decode(answered.body, type=shape)


def _problem(body: bytes) -> Mapping[str, Any]:
    try:
        problem = json.loads(body)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}
