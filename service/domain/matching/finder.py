"""Finds many patterns in many texts with one pass of an automaton."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation

# No text contains this byte, because UTF-8 does not.
_SEPARATOR = b"\xff"
_BLOCK_BYTES = 65_536


class _Node:
    """One step to the left from an ending that several patterns share."""

    __slots__ = ("pattern", "steps")

    def __init__(self) -> None:
        self.pattern: str | None = None
        self.steps: dict[str, _Node] = {}


class Place(NamedTuple):
    """A pattern's ending in one of the texts searched: ``end`` is an offset into its bytes."""

    text: int
    root: int
    end: int


class Finder:
    """Patterns made ready to be looked for.

    The automaton holds only patterns that do not end in another pattern (``roots``), so that it reports at
    most one place for every byte, however much the patterns overlap; longer ones are read off to the left.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        known = set(patterns)
        roots = {pattern: _shortest_ending(pattern, known) for pattern in known}
        self._roots = sorted(set(roots.values()))
        self._trees: list[_Node | None] = [None] * len(self._roots)
        numbers = {root: number for number, root in enumerate(self._roots)}
        for pattern, root in roots.items():
            if pattern != root:
                self._plant(numbers[root], pattern)
        self._automaton = BytesAhoCorasick(
            [encoded(root) for root in self._roots], implementation=Implementation.DFA
        )

    def __len__(self) -> int:
        return len(self._roots)

    def __bool__(self) -> bool:
        return bool(self._roots)

    def places(self, texts: Sequence[bytes]) -> Iterator[Place]:
        """Yield every place where a root ends, text by text."""
        if not self._roots:
            return
        ends = list(accumulate(map(len, texts)))
        for first, last in _blocks(ends):
            before = ends[first - 1] if first else 0

            def beyond(text: int, first: int = first, before: int = before) -> int:
                """Return where in the block the text after this one begins, separators counted."""
                return ends[text] - before + text - first + 1

            block = _SEPARATOR.join(texts[first:last])
            for root, start, end in self._automaton.find_matches_as_indexes(block, overlapping=True):
                text = first + bisect_right(range(first, last), start, key=beyond)
                yield Place(text, root, end - (beyond(text - 1) if text > first else 0))

    def under(self, root: int) -> Iterator[str]:
        """Yield the patterns that end in a root."""
        yield self._roots[root]
        nodes = [self._trees[root]]
        while nodes:
            node = nodes.pop()
            if node is not None:
                nodes += node.steps.values()
                if node.pattern is not None:
                    yield node.pattern

    def ending(self, root: int, text: str, end: int) -> Iterator[str]:
        """Yield the patterns that end at ``end``, an offset into the text, given that a root does."""
        yield self._roots[root]
        node = self._trees[root]
        position = end - len(self._roots[root])
        while node is not None:
            if node.pattern is not None:
                yield node.pattern
            position -= 1
            node = node.steps.get(text[position]) if position >= 0 else None

    def _plant(self, root: int, pattern: str) -> None:
        node = self._trees[root] = self._trees[root] or _Node()
        for character in reversed(pattern[: -len(self._roots[root])]):
            node = node.steps.setdefault(character, _Node())
        node.pattern = pattern


def encoded(text: str) -> bytes:
    """Return text as the automaton reads it."""
    return text.encode("utf-8", "surrogatepass")


def decoded(key: bytes) -> str:
    """Return the text that the automaton read."""
    return key.decode("utf-8", "surrogatepass")


def with_offsets(text: str, key: bytes, places: Iterable[Place]) -> Iterator[tuple[Place, int]]:
    """Yield places in the bytes of one text, in their order, with the same offset in code points."""
    at = offset = 0
    for place in places:
        offset += place.end - at if len(text) == len(key) else len(decoded(key[at : place.end]))
        at = place.end
        yield place, offset


def _shortest_ending(pattern: str, known: set[str]) -> str:
    endings = (pattern[start:] for start in range(len(pattern) - 1, 0, -1))
    return next((ending for ending in endings if ending in known), pattern)


def _blocks(ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Cut texts, given where each ends in all of them, into runs of about 64 KiB; yield first and last."""
    first = 0
    while first < len(ends):
        limit = (ends[first - 1] if first else 0) + _BLOCK_BYTES
        last = max(bisect_right(ends, limit, first), first + 1)
        yield first, last
        first = last
