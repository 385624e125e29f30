"""Recognises hashtags in the midst of a text, as those who write them side by side or without a space mean them."""

from typing import Final

from service.domain.matching.edges import continues_word
from service.domain.matching.normalising import compatible
from service.domain.matching.scripts import Script, script_of

_LONGEST: Final = 140
_GOES_ON_WITH: Final = frozenset("_-")


def is_hashtag(value: str, start: int, end: int, *, is_alone: bool) -> bool:
    """Tell whether a stretch of a text as it was sent may be a whole hashtag; ``is_alone``: the text is nothing else.

    What folds to a space tells: in the midst of a text white space ends a hashtag, and ``_`` is part of it anywhere.
    """
    if compatible(value[end : end + 1]) in _GOES_ON_WITH:
        return False
    return is_alone or (not any(map(str.isspace, value[start:end])) and _begins_hashtag(value, start - 1))


def continues_hashtag(character: str) -> bool:
    """Tell whether a hashtag goes on with a character of a folded text; with none it does not."""
    return bool(character) and (continues_word(character) or character.isalnum())


def _begins_hashtag(value: str, sign: int) -> bool:
    # After a word it is part of an address or of c#, unless that is a hashtag itself; some scripts put no spaces.
    before = value[sign - 1 : sign]
    if not before or not continues_word(before) or script_of(before) is not Script.OTHER:
        return True
    beside = compatible(value[max(0, sign - _LONGEST) : sign]).split()[-1]
    return "#" in beside and "/" not in beside
