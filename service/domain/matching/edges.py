"""Where a hit may begin and end: the rules of a word, by the script at the hit's own edges."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import accumulate

from service.domain.matching.affixes import (
    is_adnominal,
    is_attached_pronoun,
    is_chain_of_particles,
    is_chain_of_proclitics,
)
from service.domain.matching.scripts import KEYCAP, Script, clusters, is_jamo, is_pictograph, script_of, words

# Thai, Lao and Khmer signs that repeat or shorten the word before them, and the frame of a keycap, which is an emoji.
_BESIDE_WORDS = frozenset("\u0e2f\u0e46\u0eaf\u0ec6\u17d7" + KEYCAP)
# Unicode also joins ㅋㅋ, 해ㅠ and ㅋ사, as old Korean did; nobody reads as one what folding made no syllable of.
_JOINING_JAMO = re.compile(
    "[\u1100-\u115f\ua960-\ua97c][\u1160-\u11a7\ud7b0-\ud7c6]"
    "|[\u1160-\u11a7\ud7b0-\ud7c6][\u11a8-\u11ff\ud7cb-\ud7fb]|[\uac00-\ud7a3][\u11c3-\u11ff\ud7cb-\ud7fb]"
)
_CONJOINS = frozenset("\u200d\u0e33\u0eb3")
_VIRAMA_CLASS = 9
_LEANS_ON_WHAT_FOLLOWS = frozenset("にとをでおご")
# No chain of particles or clitics comes near this; a bound keeps hostile runs of letters linear.
_LONGEST_AFFIXES = 16


@lru_cache(maxsize=8192)
def continues_word(character: str) -> bool:
    """Tell whether a character is part of a word: a letter, a digit or a mark on one.

    Korean letters that make no syllable are none: they laugh and weep beside words (ㅋㅋ, ㅠㅠ).
    """
    if character in _BESIDE_WORDS or is_jamo(character):
        return False
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def begins_word(text: str, start: int) -> bool:
    """Tell whether a word may begin at ``start``, judged by the character that stands there."""
    if start == 0 or text[start - 1] == " ":
        return True
    first = text[start]
    if not continues_word(first):
        return True
    return _BEGINNINGS[script_of(first)](text, start)


def ends_word(text: str, start: int, end: int) -> bool:
    """Tell whether a word that begins by ``start`` may end at ``end``, judged by its last character."""
    if end == len(text) or text[end] == " ":
        return True
    if not continues_word(text[end - 1]):
        return True
    return _ENDINGS[_script_of_cluster(text, start, end)](text, start, end)


def splits_cluster(text: str, index: int) -> bool:
    """Tell whether a cut at ``index`` falls inside what a reader takes for one character."""
    if not 0 < index < len(text) or (text[index] < "\u0300" and text[index - 1] < "\u0300"):
        return False
    return _may_join(text[index - 1], text[index]) and index not in _cluster_boundaries(text)


def is_one_cluster(text: str) -> bool:
    """Tell whether a reader takes a text for a single character."""
    return len(text) == 1 or (_may_join(text[0], text[1]) and len(_cluster_boundaries(text)) == 2)


def _script_of_cluster(text: str, start: int, end: int) -> Script:
    # A mark says less about its script than the letter that carries it.
    while end - 1 > start and unicodedata.combining(text[end - 1]):
        end -= 1
    return script_of(text[end - 1])


def _alphabet_ends(text: str, index: int) -> bool:
    # Scripts that need no space, and Hangul, which takes loans and attaches to them, end a Latin word.
    neighbour = text[index]
    return (
        not continues_word(neighbour) or script_of(neighbour) is not Script.OTHER or _is_keycap(text, index)
    )


def _is_keycap(text: str, index: int) -> bool:
    return text[index + 1 : index + 2] == KEYCAP


def _begins_anywhere(_text: str, _start: int) -> bool:
    return True


def _ends_anywhere(_text: str, _start: int, _end: int) -> bool:
    return True


def _begins_alphabetic(text: str, start: int) -> bool:
    return _alphabet_ends(text, start - 1) or _is_keycap(text, start)


def _ends_alphabetic(text: str, _start: int, end: int) -> bool:
    return _alphabet_ends(text, end)


def _begins_hiragana(text: str, start: int) -> bool:
    # Japanese inflects and attaches to the right, so that only the left edge tells a word from a part of another.
    # The dictionary takes a particle and its verb for one word (に+ついて), and an honorific with its noun (お+かけ).
    if script_of(text[start - 1]) is not Script.HIRAGANA:
        return True
    beginnings = word_boundaries(text)
    return start in beginnings or (text[start - 1] in _LEANS_ON_WHAT_FOLLOWS and start - 1 in beginnings)


def _begins_katakana(text: str, start: int) -> bool:
    # A run ends where the script changes, and where the dictionary knows two loans written together.
    return script_of(text[start - 1]) is not Script.KATAKANA or start in word_boundaries(text)


def _ends_katakana(text: str, _start: int, end: int) -> bool:
    return script_of(text[end]) is not Script.KATAKANA or end in word_boundaries(text)


def _begins_hangul(text: str, start: int) -> bool:
    before = _run_before(text, start, Script.HANGUL)
    return not before or (len(before) > 1 and is_adnominal(before[-1]))


def _ends_hangul(text: str, start: int, end: int) -> bool:
    if not _is_letter_of(Script.HANGUL, text[end]):
        return True
    if end - 2 >= start and script_of(text[end - 2]) is Script.HANGUL:
        return True
    return is_chain_of_particles(_run_after(text, end, Script.HANGUL))


def _begins_dictionary(text: str, start: int) -> bool:
    return not _is_letter_of(Script.DICTIONARY, text[start - 1]) or start in word_boundaries(text)


def _ends_dictionary(text: str, _start: int, end: int) -> bool:
    return not _is_letter_of(Script.DICTIONARY, text[end]) or end in word_boundaries(text)


def _begins_arabic(text: str, start: int) -> bool:
    if not _is_letter_of(Script.ARABIC, text[start - 1]):
        return True
    return is_chain_of_proclitics(_run_before(text, start, Script.ARABIC))


def _ends_arabic(text: str, _start: int, end: int) -> bool:
    if not _is_letter_of(Script.ARABIC, text[end]):
        return True
    return is_attached_pronoun(_run_after(text, end, Script.ARABIC))


def _run_before(text: str, end: int, script: Script) -> str:
    start = end
    while start > max(0, end - _LONGEST_AFFIXES) and _is_letter_of(script, text[start - 1]):
        start -= 1
    return text[start:end]


def _run_after(text: str, start: int, script: Script) -> str:
    end = start
    while end < min(len(text), start + _LONGEST_AFFIXES) and _is_letter_of(script, text[end]):
        end += 1
    return text[start:end]


def _is_letter_of(script: Script, character: str) -> bool:
    return script_of(character) is script and continues_word(character)


_BEGINNINGS: dict[Script, Callable[[str, int], bool]] = {
    Script.OTHER: _begins_alphabetic,
    Script.HAN: _begins_anywhere,
    Script.HIRAGANA: _begins_hiragana,
    Script.KATAKANA: _begins_katakana,
    Script.HANGUL: _begins_hangul,
    Script.DICTIONARY: _begins_dictionary,
    Script.ARABIC: _begins_arabic,
}
_ENDINGS: dict[Script, Callable[[str, int, int], bool]] = {
    Script.OTHER: _ends_alphabetic,
    Script.HAN: _ends_anywhere,
    Script.HIRAGANA: _ends_anywhere,
    Script.KATAKANA: _ends_katakana,
    Script.HANGUL: _ends_hangul,
    Script.DICTIONARY: _ends_dictionary,
    Script.ARABIC: _ends_arabic,
}


@lru_cache(maxsize=8192)
def _may_join(before: str, after: str) -> bool:
    return (
        unicodedata.category(after)[0] == "M"
        or after in _CONJOINS
        or before == "\u200d"
        or unicodedata.combining(before) == _VIRAMA_CLASS
        or unicodedata.category(before) == "Cf"
        or unicodedata.category(after) == "Cf"
        or (is_pictograph(before) and is_pictograph(after))
        or bool(_JOINING_JAMO.match(before + after))
    )


@lru_cache(maxsize=256)
def _cluster_boundaries(text: str) -> frozenset[int]:
    return _boundaries(clusters(text))


@lru_cache(maxsize=256)
def word_boundaries(text: str) -> frozenset[int]:
    """Return where a dictionary parts the words of a text."""
    return _boundaries(words(text))


def _boundaries(parts: Iterator[str]) -> frozenset[int]:
    return frozenset(accumulate(map(len, parts), initial=0))


def forget_boundaries() -> None:
    """Forget where texts were cut, as if the process had just begun."""
    _cluster_boundaries.cache_clear()
    word_boundaries.cache_clear()
