"""Who calls in a journey: feed services for everybody, and people with their phones."""

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from locust import FastHttpUser, between, task

from load_tests.town import Town, as_json

JSON = {"Content-Type": "application/json"}
NOTHING = "nothing"


class Caller(FastHttpUser):
    """Somebody in town."""

    abstract = True
    town: ClassVar[Town]

    def call(
        self, method: str, path: str, name: str, token: str, body: Any = None, **headers: str
    ) -> tuple[int, str | None]:
        """Call, and count an answer of 4xx or 5xx as a failure; return its status and the token that came with it."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        answer = self.client.request(
            method,
            path,
            name=name,
            data=as_json(body) if body is not None else None,
            headers={**JSON, **named, "Authorization": f"Bearer {token}"},
        )
        said: Any = answer.headers or {}
        return answer.status_code, said.get("Consistency-Token")

    @task(2)
    def ask_nothing(self) -> None:
        """Ask for what costs nothing: what it takes is the machine's, and the driver's."""
        self.client.get("/healthz", name=NOTHING)


class FeedService(Caller):
    """Asks what people may see, as fast as pages are scrolled."""

    wait_time = between(0.02, 0.2)
    weight = 4

    @task(20)
    def feed(self) -> None:
        """Fill a page of somebody's feed."""
        self.call(
            "POST", "/v1/feed/filter", "feed", self.town.feed_token, self.town.page_of(self.town.somebody())
        )

    @task(3)
    def comments(self) -> None:
        """Ask what becomes of comments under somebody's post."""
        body = self.town.comments_of(self.town.somebody())
        self.call("POST", "/v1/comments/check", "comments", self.town.feed_token, body)


class Phone(Caller):
    """Somebody who looks at their settings, changes one, and looks whether the feed obeys."""

    wait_time = between(0.2, 1.0)
    weight = 1

    @task(3)
    def look(self) -> None:
        """Open the settings."""
        self.call("GET", "/v1/me/settings", "settings", self.town.phone_token(self.town.somebody()))

    @task(3)
    def block(self) -> None:
        """Block an author of a page, and see them gone from it with the token of the block."""
        person = self.town.chance.choice(self.town.people)
        page = self.town.page_of(person)
        author = self.town.chance.choice(page["candidates"])["author_id"]
        status, token = self._edit(person, "PUT", f"/v1/me/blocks/{author}", "block", {})
        if status < 300:
            self._require_gone(person, author, page | {"consistency_token": token})

    @task(2)
    def reject(self) -> None:
        """Say "not interested"."""
        item = self.town.chance.choice(self.town.chance.choice(self.town.pages))
        signal = {"item_id": item["id"], "author_id": item["author_id"], "surface": "for_you"}
        person = self.town.chance.choice(self.town.people)
        self._edit(person, "POST", "/v1/me/not-interested", "not interested", signal)

    @task(1)
    def filter_word(self) -> None:
        """Filter a word for a while, and think better of it."""
        person, name = self.town.chance.choice(self.town.with_room), f"kf-{uuid.uuid4()}"
        wanted = {"id": name, "terms": ["season finale"], "expires_in": "1d"}
        self._edit(person, "POST", "/v1/me/keyword-filters", "filter", wanted)
        self._edit(person, "DELETE", f"/v1/me/keyword-filters/{name}", "unfilter")

    def _edit(
        self, person: str, method: str, path: str, name: str, body: Any = None
    ) -> tuple[int, str | None]:
        token = self.town.phone_token(person)
        return self.call(method, path, name, token, body, Idempotency_Key=str(uuid.uuid4()))

    def _require_gone(self, person: str, author: str, page: Mapping[str, Any]) -> None:
        """Count a post that is kept against its token as a failure, however quick the answer was."""
        gone = {each["id"] for each in page["candidates"] if each["author_id"] == author}
        with self.client.request(
            "POST",
            "/v1/feed/filter",
            name="feed after a block",
            data=as_json(page),
            headers={**JSON, "Authorization": f"Bearer {self.town.feed_token}"},
            catch_response=True,
        ) as answer:
            if answer.status_code == 200 and any(
                each["outcome"] not in {"hide", "unverified"} and each["id"] in gone
                for each in answer.json()["decisions"]
            ):
                answer.failure(f"{author} is still there for {person}")
