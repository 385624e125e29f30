"""A person's settings are gone for good, and what they are told of it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """Says that everything was erased, and when; nothing else is kept of the person who holds it."""

    id: str
    erased_at: datetime
