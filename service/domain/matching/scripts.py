"""Which script a character is written in, as far as the rules of a word depend on it."""

import re
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache

from icu4py.breakers import CharacterBreaker, WordBreaker


class Script(IntEnum):
    """Families of scripts that end words alike; ``OTHER`` stands for all that put spaces between."""

    OTHER = 0
    HAN = 1
    HIRAGANA = 2
    KATAKANA = 3
    HANGUL = 4
    DICTIONARY = 5
    ARABIC = 6


_RANGES = {
    Script.HAN: "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00016fe2-\U00016fff\U00020000-\U0003ffff",
    Script.HIRAGANA: "\u3041-\u309f\U0001b001-\U0001b11f\U0001b132-\U0001b152\U0001f200",
    Script.KATAKANA: "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f\U0001aff0-\U0001b000"
    "\U0001b120-\U0001b122\U0001b155-\U0001b167",
    Script.HANGUL: "\u1100-\u11ff\u302e\u302f\u3131-\u318e\ua960-\ua97c\uac00-\ud7fb\uffa0-\uffdc",
    # Thai, Lao, Khmer and Burmese with its extensions: words that only a dictionary finds.
    Script.DICTIONARY: "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf\u1000-\u103f"
    "\u1050-\u108f\u109a-\u109f\u1780-\u17d3\u17d7\u17dc\u17dd\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa7f",
    Script.ARABIC: "\u0610-\u061a"
    "\u0620-\u065f\u066e-\u06d3\u06d5-\u06dc\u06df-\u06e8\u06ea-\u06ef\u06fa-\u06ff"
    "\u0750-\u077f\u0870-\u089f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc",
}
KEYCAP = "\u20e3"
# Extended_Pictographic beyond ASCII and Latin-1 letters, and the letters that flags are spelt with.
PICTOGRAPHS = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u2388\u23cf\u23e9-\u23f3\u23f8-\u23fa\u24c2"
    "\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u2605\u2607-\u2612\u2614-\u2685\u2690-\u2705\u2708-\u2712\u2714\u2716\u271d\u2721\u2728"
    "\u2733\u2734\u2744\u2747\u274c\u274e\u2753-\u2755\u2757\u2763-\u2767\u2795-\u2797\u27a1\u27b0\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c"
    "\u2b50\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001f0ff\U0001f10d-\U0001f10f\U0001f12f\U0001f16c-\U0001f171\U0001f17e\U0001f17f"
    "\U0001f18e\U0001f191-\U0001f19a\U0001f1ad-\U0001f1ff\U0001f201-\U0001f20f\U0001f21a\U0001f22f\U0001f232-\U0001f23a\U0001f23c-\U0001f23f"
    "\U0001f249-\U0001f3fa\U0001f400-\U0001f53d\U0001f546-\U0001f64f\U0001f680-\U0001f6ff\U0001f774-\U0001f77f\U0001f7d5-\U0001f7ff"
    "\U0001f80c-\U0001f80f\U0001f848-\U0001f84f\U0001f85a-\U0001f85f\U0001f888-\U0001f88f\U0001f8ae-\U0001f8ff\U0001f90c-\U0001f93a"
    "\U0001f93c-\U0001f945\U0001f947-\U0001faff\U0001fc00-\U0001fffd"
)
_PICTOGRAPH = re.compile(f"[{PICTOGRAPHS}]")
_JAMO = re.compile("[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_OF = [(re.compile(f"[{ranges}]"), script) for script, ranges in _RANGES.items()]


@lru_cache(maxsize=4096)
def script_of(character: str) -> Script:
    """Return the family of one character."""
    return next((script for pattern, script in _OF if pattern.match(character)), Script.OTHER)


def is_jamo(character: str) -> bool:
    """Tell whether a character is a Korean letter by itself and no syllable."""
    return bool(_JAMO.match(character))


def clusters(text: str) -> Iterator[str]:
    """Yield what a reader takes for single characters (extended grapheme clusters)."""
    return iter(CharacterBreaker(_encodable(text), "root"))


def words(text: str) -> Iterator[str]:
    """Yield the pieces between word boundaries, found with a dictionary where a script puts no spaces."""
    return iter(WordBreaker(_encodable(text), "root"))


def _encodable(text: str) -> str:
    return _SURROGATE.sub("\ufffd", text)


def stands_alone(cluster: str) -> bool:
    """Tell whether one cluster says enough to be looked for: a syllable, an ideograph or a pictograph."""
    return script_of(cluster[0]) not in {Script.OTHER, Script.ARABIC} or is_pictograph(cluster)


def is_pictograph(cluster: str) -> bool:
    """Tell whether a cluster is an emoji: a pictograph, a flag or a keycap."""
    return bool(_PICTOGRAPH.match(cluster)) or cluster.endswith(KEYCAP)
