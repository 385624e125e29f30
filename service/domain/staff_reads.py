"""Staff reading one person's settings: never without a ticket, never without a trace."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from service.domain.people import UserId
from service.domain.refusals import Refusal

READS_KEPT_FOR: Final = timedelta(days=730)
"""How long it can be asked who looked at somebody's settings."""
TICKET_LENGTH: Final = 64
TICKET_PATTERN: Final = rf"^[A-Za-z0-9][A-Za-z0-9._#/:-]{{1,{TICKET_LENGTH - 1}}}$"
"""A name in somebody's ticket system, such as ``SUP-1234``: no sentence, in which people would be named."""


class StaffView(StrEnum):
    """What of a person was looked at."""

    SETTINGS = "settings"
    READS = "reads"


@dataclass(frozen=True, slots=True)
class StaffRead:
    """That somebody of the staff looked at a person's settings, when, and because of which ticket."""

    id: str
    user_id: UserId
    staff_id: str
    ticket: str
    view: StaffView
    at: datetime


class TicketMissing(Refusal):
    """Staff want to read a person's settings without saying what for."""

    code = "ticket-missing"

    def __init__(self) -> None:
        super().__init__(
            "Reading a person's settings needs the name of a ticket, such as X-Ticket: SUP-1234."
        )


def require_ticket(stated: str | None) -> str:
    """Return the ticket that staff read a person's settings for; refuse none, and what names none."""
    if not stated or not re.fullmatch(TICKET_PATTERN, stated, re.ASCII):
        raise TicketMissing
    return stated
