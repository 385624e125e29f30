"""Believable people for journeys: who they are, what they chose, and how often their feeds are asked for."""

import bisect
import itertools
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from load_tests.deployment import Client
from load_tests.population import Shape, a_page, terms
from service.domain.keyword_filters import FILTERS_PER_USER
from service.local.keys import make_token
from service.local.state import DevState

LIFETIME: Final = timedelta(hours=12)
PAGES: Final = 40
ZIPF: Final = 1.1
"""A few people look all day, most look in now and then: the n-th of them as often as 1 / n to this power."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How many people of a hundred chose how much."""

    share: int
    filters: int
    blocks: int


HABITS: Final = (Habit(15, 0, 0), Habit(70, 3, 20), Habit(12, 12, 150), Habit(3, 200, 1_000))


class Town:
    """Viewers with settings of their own on one service, and pages of candidates to ask about."""

    def __init__(self, state: DevState, base_url: str, people: int, seed: int = 7) -> None:
        """Describe the people; ``state`` holds the key that signs their tokens."""
        self.base_url = base_url
        self.chance = random.Random(seed)
        self.people = [f"town-{number}" for number in range(people)]
        self._state = state
        self._seed = seed
        self._tokens: dict[str, str] = {}
        weights = (1 / (rank + 1) ** ZIPF for rank in range(people))
        self._shares = list(itertools.accumulate(weights))

    @cached_property
    def pages(self) -> Sequence[list[dict[str, Any]]]:
        """Candidates of twenty to eighty posts in mixed scripts."""
        return [a_page(Shape(20 + 60 * number // PAGES, 0, 0), seed=number) for number in range(PAGES)]

    @cached_property
    def with_room(self) -> Sequence[str]:
        """Everybody who may add a filter."""
        return [each for each in self.people if self.habit_of(each).filters < FILTERS_PER_USER]

    @cached_property
    def feed_token(self) -> str:
        """The token of the feed and comment service."""
        scopes = ["feed:filter", "comments:check"]
        return make_token(self._state.folder, subject="journeys", scopes=scopes, lifetime=LIFETIME)

    def phone_token(self, person: str) -> str:
        """Return the token of somebody's phone."""
        if person not in self._tokens:
            self._tokens[person] = make_token(
                self._state.folder, subject=person, scopes=["settings"], lifetime=LIFETIME
            )
        return self._tokens[person]

    def somebody(self) -> str:
        """Return whoever looks at their feed next."""
        place = bisect.bisect(self._shares, self.chance.random() * self._shares[-1])
        return self.people[min(place, len(self.people) - 1)]

    def page_of(self, person: str, token: str | None = None) -> dict[str, Any]:
        """Return a request for somebody's feed."""
        return {
            "viewer_id": person,
            "surface": "for_you",
            "slots": 20,
            "candidates": self.chance.choice(self.pages),
            "consistency_token": token,
        }

    def comments_of(self, person: str) -> dict[str, Any]:
        """Return a request about comments under somebody's post."""
        page = self.chance.choice(self.pages)[:20]
        made = [{"id": each["id"], "author_id": each["author_id"], "text": each["caption"]} for each in page]
        return {"post": {"id": "post", "owner_id": person}, "comments": made}

    def settle(self, client: Client, person: str) -> None:
        """Give somebody what people of their kind chose, in one import that may be repeated."""
        habit = self.habit_of(person)
        wanted = terms(habit.filters, seed=self._seed + len(person))
        document = {
            "format": "safety-controls/1",
            "keyword_filters": [
                {"id": f"{person}-{number}", "terms": [term]} for number, term in enumerate(wanted)
            ],
            "blocks": [{"user_id": f"author-{number}"} for number in range(habit.blocks)],
        }
        reply = client.call("POST", "/v1/me/import?mode=merge", document, token=self.phone_token(person))
        if reply.status != 200:
            raise RuntimeError(f"{person} could not settle: {reply.status} {reply.body.decode()[:300]}")

    def habit_of(self, person: str) -> Habit:
        """Return how much somebody chose; the same person always the same."""
        drawn = random.Random(person).randrange(100)
        return next(
            habit
            for habit, reaches in zip(
                HABITS, itertools.accumulate(each.share for each in HABITS), strict=True
            )
            if drawn < reaches
        )


def as_json(body: Any) -> str:
    """Return a body as it is sent."""
    return json.dumps(body, ensure_ascii=False)
