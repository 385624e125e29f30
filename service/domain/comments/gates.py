"""Gates: what somebody must show before they may comment; what the caller does not know passes none."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from service.domain.comment_limits import Gates
from service.domain.comments.said import Comment, CommentReason
from service.domain.people import UserId

_LINK: Final = re.compile(
    r"://|\bwww\.\w|\w\.[a-z]{2,12}/\S|\w\.(?:com|net|org|io|biz|tv|gg|ly|cc|dev|xyz)\b(?!\.\w)"
)
"""How people write links: with a scheme, with www, a host and a path, or a host of the commonest domains alone."""
COUNTED_FOR: Final = timedelta(hours=1)
_MENTION: Final = re.compile(r"(?<![\w.])@\w")


def closed_gates(gates: Gates, comment: Comment, now: datetime) -> Iterator[CommentReason]:
    """Name every gate that a comment does not pass; how many came before it within the hour is not known here."""
    if not _is_old_enough(comment.relation.follows_owner_since, gates.min_follow_age_days, now):
        yield CommentReason.FOLLOW_AGE
    if not _is_old_enough(comment.author.account_created_at, gates.min_account_age_days, now):
        yield CommentReason.ACCOUNT_AGE
    if gates.verified_contact and not comment.author.contact_verified:
        yield CommentReason.UNVERIFIED
    if gates.no_links and has_links(comment):
        yield CommentReason.LINKS
    if gates.max_mentions is not None and mentions_in(comment) > gates.max_mentions:
        yield CommentReason.MENTIONS


def _is_old_enough(since: datetime | None, days: int | None, now: datetime) -> bool:
    """Tell whether something has lasted for so many days (None: no matter); what began nobody knows when has not."""
    return days is None or (since is not None and now - since >= timedelta(days=days))


def has_links(comment: Comment) -> bool:
    """Tell whether a comment leads elsewhere: by the links that the caller found, or by how its text reads."""
    return bool(comment.links) or bool(_LINK.search(unicodedata.normalize("NFKC", comment.text).casefold()))


def mentions_in(comment: Comment) -> int:
    """Return how many people a comment calls: as the caller found them, or as its text shows, whichever are more."""
    return max(len(set(comment.mentions)), len(_MENTION.findall(comment.text)))


def too_many(
    made: Sequence[tuple[UserId, str]], counted: Collection[tuple[UserId, str]], at_most: int
) -> frozenset[str]:
    """Return the ids of comments (author, id) that exceed what one person may leave within the hour.

    What is ``counted`` already never is too many: a comment that is checked again, or edited, is no new one.
    """
    known = set(counted)
    counts = Counter(author for author, _ in known)
    refused = set()
    for author, comment_id in made:
        if (author, comment_id) in known:
            continue
        if counts[author] >= at_most:
            refused.add(comment_id)
            continue
        counts[author] += 1
        known.add((author, comment_id))
    return frozenset(refused)
