"""A comment section with an owner, as the owner's app and the comment service see it."""

from typing import Any

from tests.api.calling import Service


class Section:
    """A comment section of alice's, on a service of its own."""

    def __init__(self, **limits: Any) -> None:
        self.service = Service()
        if limits:
            self.patch(**limits)

    def patch(self, **limits: Any) -> dict[str, Any]:
        """Change alice's comment limits."""
        return self.owner("PATCH", "/v1/me/comment-limits", json=limits)

    def owner(self, method: str, path: str, status: int = 200, **request: Any) -> dict[str, Any]:
        """Call as alice."""
        answer = self.service.call(method, path, **request)
        assert answer.status_code == status, answer.text
        return dict(answer.json or {})

    def check(
        self, *comments: dict[str, Any], viewer: str | None = None, explain: bool = False, post: str = "p1"
    ) -> list[dict[str, Any]]:
        """Check comments as the comment service does."""
        body: dict[str, Any] = {"post": {"id": post, "owner_id": "alice"}, "comments": list(comments)}
        if viewer:
            body["viewer_id"] = viewer
        scope = "comments:check filter:explain" if explain else "comments:check"
        answer = self.service.call("POST", "/v1/comments/check", user="comments", scope=scope, json=body)
        assert answer.status_code == 200, answer.text
        decisions: list[dict[str, Any]] = answer.json["decisions"] if answer.json else []
        return decisions

    def make(self, comment_id: str, text: str = "lovely", author: str = "bob", **rest: Any) -> str:
        """Make or edit a comment; return what becomes of it."""
        comment = {"id": comment_id, "author_id": author, "text": text, **rest}
        return str(self.check(comment)[0]["outcome"])

    def sees(self, viewer: str, comment_id: str, author: str = "bob") -> dict[str, Any]:
        """Return what somebody sees of a comment."""
        [seen] = self.check({"id": comment_id, "author_id": author, "text": "..."}, viewer=viewer)
        return seen

    def waiting(self, query: str = "") -> list[str]:
        """Return the ids of the comments that wait for alice."""
        return [each["comment_id"] for each in self.owner("GET", f"/v1/me/held-comments{query}")["items"]]
