"""A user says in which wordings a filtered term is meant otherwise."""

from collections.abc import Collection

from service.domain.allow_phrases import AllowPhrases, require_usable_phrases
from service.domain.people import UserId
from service.usecases.editing import Edited, editing, require_unchanged
from service.usecases.ports import Parts


def replace_allow_phrases(
    parts: Parts, user_id: UserId, phrases: tuple[str, ...], *, expected: Collection[int] | None
) -> Edited[AllowPhrases]:
    """Put all exceptions in place of the earlier ones, where those are at a revision that the caller expects."""
    with editing(parts, user_id) as settings:
        kept = settings.allow_phrases.get()
        require_unchanged(kept, expected)
        if phrases == kept.phrases:
            settings.discard()
            return Edited(kept, settings.head)
        require_usable_phrases(phrases)
        changed = AllowPhrases(phrases, settings.head.revision)
        settings.allow_phrases.put(changed)
        return Edited(changed, settings.head)
