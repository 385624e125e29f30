"""What people have set and what it hides, worked out from the calls alone and in another way than the service does."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from service.local.population import Call

REJECTED_TO_HIDE: Final = 3
"""How many times somebody rejects a topic or hashtag until it is hidden; within the days that are played."""
ABOUT_THE_AUTHOR: Final = "author"
ABOUT_A_SUBJECT: Final = {"topic": "topics", "hashtag": "hashtags"}
RECOMMENDED: Final = "for_you"


@dataclass(slots=True)
class Chosen:
    """What one person has set."""

    filters: dict[str, tuple[Sequence[str], str]] = field(default_factory=dict)
    blocks: set[str] = field(default_factory=set)
    mutes: set[str] = field(default_factory=set)
    rejections: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Tell whether anything is set."""
        return bool(self.filters or self.blocks or self.mutes or self.rejections)

    def hide(self, page: Sequence[Mapping[str, Any]], surface: str) -> int:
        """Count the posts of a page that must not be shown."""
        authors = set(self.blocks)
        tags = self.mutes | {
            term for terms, action in self.filters.values() for term in terms if action == "hide"
        }
        items = set()
        if surface == RECOMMENDED:
            items = {each["item_id"] for each in self.rejections.values()}
            authors |= {
                each["author_id"] for each in self.rejections.values() if ABOUT_THE_AUTHOR in each["reasons"]
            }
            tags |= self._rejected_subjects()
        return sum(
            post["id"] in items or post["author_id"] in authors or not tags.isdisjoint(post["hashtags"])
            for post in page
        )

    def _rejected_subjects(self) -> set[str]:
        times = Counter(
            (reason, subject)
            for each in self.rejections.values()
            for reason, member in ABOUT_A_SUBJECT.items()
            if reason in each["reasons"]
            for subject in each[member]
        )
        return {subject for (_, subject), n in times.items() if n >= REJECTED_TO_HIDE}


class Ranking:
    """Everybody's settings, as the calls that were made leave them."""

    def __init__(self) -> None:
        self._chosen: defaultdict[str, Chosen] = defaultdict(Chosen)

    def note(self, edit: Call) -> None:
        """Take an edit into account; it is made, and is not refused."""
        if edit.user is None:
            return
        chosen = self._chosen[edit.user]
        _, _, kind, *rest = edit.path.strip("/").split("/")
        body = edit.body or {}
        match kind, edit.method:
            case "keyword-filters", "POST":
                chosen.filters[body["id"]] = (body["terms"], body.get("action", "hide"))
            case "keyword-filters", "DELETE":
                chosen.filters.pop(rest[0], None)
            case "blocks", "PUT":
                chosen.blocks.add(rest[0])
            case "blocks", "DELETE":
                chosen.blocks.discard(rest[0])
            case "mutes", "PUT":
                chosen.mutes.add(rest[1])
            case "not-interested", "POST":
                chosen.rejections[body["id"]] = body
            case "not-interested", "DELETE":
                chosen.rejections.pop(rest[0], None)
            case _:
                raise ValueError(f"{edit.method} {edit.path} is not known here.")

    def has_settings(self, person: str) -> bool:
        """Tell whether anything that somebody has set could matter to a page."""
        return person in self._chosen and bool(self._chosen[person])

    def hidden(self, person: str, page: Sequence[Mapping[str, Any]], surface: str) -> int:
        """Count what of a page somebody must not be shown; posts have one subject, as a hashtag and as a topic."""
        return self._chosen[person].hide(page, surface) if self.has_settings(person) else 0
