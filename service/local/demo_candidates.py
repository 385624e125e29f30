"""Filters a file of somebody's own posts, one JSON object a line, and prints every decision."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from service.local.demo_calls import CallRefused, Decision, FeedAnswer, Service, read
from service.local.demo_screen import GONE, KEPT, LOWER, NAME_WIDTH, VEILED, Screen, code_of, words_that_tell
from service.local.demo_text import pad

CANDIDATES_PER_CALL = 500
BYTES_PER_CALL = 900_000
NTH_CANDIDATE = re.compile(r"candidates\[(\d+)\]\.?")
VERDICTS = {"keep": KEPT, "downrank": LOWER, "blur": VEILED, "warn": VEILED}
ID_WIDTH = 12


class Candidate(NamedTuple):
    """A post of the file, the line that it stands on, counted from 1, and its size on the wire in bytes."""

    line: int
    post: dict[str, Any]
    size: int


class BadLines(Exception):  # noqa: N818 - what is wrong with a file is an answer
    """Lines of a file that cannot be filtered, each as ``line N: what is wrong``."""

    def __init__(self, complaints: Sequence[str]) -> None:
        super().__init__("\n".join(complaints))


class Question(NamedTuple):
    """For whom, where and how many posts are asked for."""

    viewer_id: str
    surface: str
    slots: int | None


def read_candidates(file: Path) -> list[Candidate]:
    """Return the posts of a JSONL file; refuse all of it, naming each bad line, if one cannot be read."""
    candidates: list[Candidate] = []
    complaints: list[str] = []
    for number, line in enumerate(file.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            candidates.append(_candidate(number, line))
        except ValueError as wrong:
            complaints.append(f"line {number}: {wrong}")
    if complaints:
        raise BadLines(complaints)
    return candidates


def filter_candidates(
    service: Service, candidates: Sequence[Candidate], question: Question
) -> tuple[list[Decision], int]:
    """Return a decision for each candidate, in their order, and how many more the slots need."""
    decisions: list[Decision] = []
    kept = 0
    for batch in _batches(candidates):
        answer = _ask(service, batch, question, kept)
        decisions += answer.decisions
        kept += answer.kept
    return decisions, max((question.slots or 0) - kept, 0)


def print_decisions(
    screen: Screen, candidates: Sequence[Candidate], decisions: Sequence[Decision], more: int
) -> None:
    """Print a line for each candidate and the count of each outcome."""
    for (_, post, _), decision in zip(candidates, decisions, strict=True):
        reason = decision.reasons[0] if decision.reasons else None
        lead = pad(decision.outcome, 10) + pad(post["id"], ID_WIDTH) + pad(post["author_id"], NAME_WIDTH)
        aside = pad(code_of(reason), 30) if reason else ""
        words = words_that_tell(post, reason, room=screen.room(lead, aside))
        screen.post(VERDICTS.get(decision.outcome, GONE), lead, aside, words)
    outcomes = [decision.outcome for decision in decisions]
    counts = ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in dict.fromkeys(outcomes))
    screen.say(
        (counts or "nothing to filter") + (f"; {more} more needed to fill the slots" if more else ""), "bold"
    )


def _candidate(number: int, line: bytes) -> Candidate:
    """Read one line; raise a ValueError that says what is wrong with it."""
    try:
        post = json.loads(line.decode("utf-8-sig"))
        size = len(json.dumps(post, ensure_ascii=False, allow_nan=False).encode())
    except UnicodeError:
        raise ValueError("not UTF-8") from None
    except (ValueError, RecursionError) as wrong:
        raise ValueError(f"not JSON ({wrong})") from None
    if not isinstance(post, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - one kind of complaint for one kind of line
    for member in ("id", "author_id"):
        if not isinstance(post.get(member), str) or not post[member]:
            raise ValueError(f"needs a text {member!r}")
    if size > BYTES_PER_CALL:
        raise ValueError(f"longer than {BYTES_PER_CALL:,} bytes")
    return Candidate(number, post, size)


def _batches(candidates: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """Cut candidates into runs that one call may carry, by number and by size."""
    batch: list[Candidate] = []
    size = 0
    for candidate in candidates:
        if batch and (len(batch) == CANDIDATES_PER_CALL or size + candidate.size > BYTES_PER_CALL):
            yield batch
            batch, size = [], 0
        batch.append(candidate)
        size += candidate.size
    if batch:
        yield batch


def _ask(service: Service, batch: Sequence[Candidate], question: Question, kept: int) -> FeedAnswer:
    body: dict[str, Any] = {
        "viewer_id": question.viewer_id,
        "surface": question.surface,
        "candidates": [candidate.post for candidate in batch],
    }
    free_slots = min((question.slots or 0) - kept, CANDIDATES_PER_CALL)
    if free_slots > 0:
        body["slots"] = free_slots
    try:
        return read(service.call("POST", "/v1/feed/filter", body), FeedAnswer)
    except CallRefused as refused:
        complaints = _complaints(refused.problem, batch)
        if complaints:
            raise BadLines(complaints) from None
        raise


def _complaints(problem: Mapping[str, Any], batch: Sequence[Candidate]) -> list[str]:
    """Turn what the service says about the nth candidate into the line that it stands on."""
    errors = problem.get("errors")
    said = {str(place): what for place, what in errors.items()} if isinstance(errors, Mapping) else {}
    return [
        f"line {batch[nth].line}: {(place[found.end() :] + ': ').removeprefix(': ')}{_sentence(what)}"
        for place, what in said.items()
        if (found := NTH_CANDIDATE.match(place)) and (nth := int(found[1])) < len(batch)
    ]


def _sentence(what: object) -> str:
    return "; ".join(map(str, what)) if isinstance(what, list) else str(what)
