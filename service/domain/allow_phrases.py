"""Allow phrases: wordings in which a filtered term is meant otherwise, so that it does not count."""

from dataclasses import dataclass
from typing import Final

from service.domain.matching import require_matchable
from service.domain.refusals import LimitReached

PHRASES_PER_USER: Final = 100


@dataclass(frozen=True, slots=True)
class AllowPhrases:
    """All of a user's exceptions, as written; ``revision`` 0: they never chose any.

    A hit of any of the user's filters is cancelled if it lies wholly inside an allow phrase of the same text.
    """

    phrases: tuple[str, ...] = ()
    revision: int = 0


def require_usable_phrases(phrases: tuple[str, ...]) -> None:
    """Refuse more phrases than a user can have, and one that could never be found.

    A ``*`` stands for itself here: an exception that widens would let through more than its owner sees.
    """
    if len(phrases) > PHRASES_PER_USER:
        raise LimitReached("allow phrases", limit=PHRASES_PER_USER, current=len(phrases))
    for phrase in phrases:
        require_matchable(phrase)
