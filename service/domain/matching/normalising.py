"""How both sides of a comparison are brought to one form."""

import re
import unicodedata

_SPACE = re.compile(r"[\s_\-]+")


def normalise(text: str) -> str:
    """Return text in the form that terms are compared in: NFKC, case folded, one space between words."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _SPACE.sub(" ", folded).strip()
