"""Names for people and things under which they are counted: keyed hashes that end with their epoch."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from service.domain.people import UserId

EPOCH_DAYS: Final = 90
KEY_BYTES: Final = 16
MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """The secrets of one epoch. Without them a key says nothing; once they are destroyed, nobody can be found again.

    ``panel_per_million``: how many viewers of a million are measured in detail.
    """

    epoch: int
    person_secret: bytes
    entity_secret: bytes
    panel_secret: bytes
    panel_per_million: int = MILLION

    def person(self, user_id: UserId) -> bytes:
        """Return a person's key, the same throughout the epoch."""
        return _digest(self.person_secret, user_id)

    def entity(self, kind: str, entity_id: str) -> str:
        """Return the key of an item, author, hashtag or request, for joining within the epoch and nothing else."""
        return _digest(self.entity_secret, f"{kind}\0{entity_id}").hex()

    def is_in_panel(self, user_id: UserId) -> bool:
        """Tell whether a viewer is measured in detail in this epoch; chosen by hash, never by what they do."""
        drawn = int.from_bytes(_digest(self.panel_secret, user_id)) % MILLION
        return drawn < self.panel_per_million


def epoch_of(at: datetime) -> int:
    """Return the number of the 90-day epoch that an instant lies in."""
    return (at.astimezone(UTC).date() - datetime.fromtimestamp(0, UTC).date()).days // EPOCH_DAYS


def _digest(secret: bytes, text: str) -> bytes:
    return hmac.new(secret, text.encode(errors="surrogatepass"), sha256).digest()[:KEY_BYTES]
