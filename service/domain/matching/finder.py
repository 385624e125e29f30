"""Finds many patterns in many texts with one pass of an automaton."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from ahocorasick_rs import BytesAhoCorasick, Implementation

# No text contains this byte, because UTF-8 does not.
_SEPARATOR: Final = b"\xff"
_BLOCK_BYTES: Final = 65_536

Place: TypeAlias = tuple[int, int]
"""The number of a root, and where it ends in a text: an offset into its bytes, or its code points."""


class _Node:
    """One step to the left from an ending that several patterns share."""

    __slots__ = ("pattern", "steps")

    def __init__(self) -> None:
        self.pattern: str | None = None
        self.steps: dict[str, _Node] = {}


class Finder:
    """Patterns made ready to be looked for.

    The automaton holds only patterns that do not end in another pattern (``roots``), so that it reports at
    most one place for every byte, however much the patterns overlap; longer ones are read off to the left.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        roots = _roots_of(set(patterns))
        self._roots = sorted(set(roots.values()))
        self._trees: dict[int, _Node] = {}
        numbers = {root: number for number, root in enumerate(self._roots)}
        for pattern, root in roots.items():
            if pattern != root:
                self._plant(numbers[root], pattern)
        # Four times as small as the quickest kind, and as quick to build as it gets: it reads only what a sieve leaves.
        self._automaton = BytesAhoCorasick(
            [encoded(root) for root in self._roots], implementation=Implementation.ContiguousNFA
        )

    def places(self, keys: Sequence[bytes]) -> dict[int, list[Place]]:
        """Return every place where a root ends, by the number of the text."""
        found: dict[int, list[Place]] = {}
        if not self._roots:
            return found
        for first, last in _blocks(keys):
            self._look_in(keys[first:last], first, found)
        return found

    def is_shared(self, root: int) -> bool:
        """Tell whether other patterns end in a root as well."""
        return root in self._trees

    def under(self, root: int) -> Iterator[str]:
        """Yield the patterns that end in a root."""
        yield self._roots[root]
        nodes = [self._trees[root]] if root in self._trees else []
        while nodes:
            node = nodes.pop()
            nodes += node.steps.values()
            if node.pattern is not None:
                yield node.pattern

    def ending(self, root: int, text: str, end: int) -> list[str]:
        """Return the patterns that end at ``end``, an offset into the text, given that a root does."""
        pattern = self._roots[root]
        found = [pattern]
        node = self._trees.get(root)
        position = end - len(pattern)
        while node is not None:
            if node.pattern is not None:
                found.append(node.pattern)
            position -= 1
            node = node.steps.get(text[position]) if position >= 0 else None
        return found

    def _look_in(self, block: Sequence[bytes], first: int, found: dict[int, list[Place]]) -> None:
        joined = _SEPARATOR.join(block)
        number, begun, at = first, 0, 0
        for root, _, end in self._automaton.find_matches_as_indexes(joined, overlapping=True):
            passed = joined.count(_SEPARATOR, at, end)
            if passed:
                number += passed
                begun = joined.rindex(_SEPARATOR, at, end) + 1
            at = end
            found.setdefault(number, []).append((root, end - begun))

    def _plant(self, root: int, pattern: str) -> None:
        node = self._trees.setdefault(root, _Node())
        for character in reversed(pattern[: -len(self._roots[root])]):
            node = node.steps.setdefault(character, _Node())
        node.pattern = pattern


def encoded(text: str) -> bytes:
    """Return text as the automaton reads it."""
    return text.encode("utf-8", "surrogatepass")


def decoded(key: bytes) -> str:
    """Return the text that the automaton read."""
    return key.decode("utf-8", "surrogatepass")


def in_code_points(text: str, key: bytes, places: Sequence[Place]) -> Iterable[Place]:
    """Return places in the bytes of one text, in their order, as places in the text itself."""
    return places if len(text) == len(key) else _counted(key, places)


def _counted(key: bytes, places: Sequence[Place]) -> Iterator[Place]:
    at = offset = 0
    for root, end in places:
        offset += len(decoded(key[at:end]))
        at = end
        yield root, offset


def _roots_of(known: set[str]) -> dict[str, str]:
    """Return for each pattern the shortest one that it ends in."""
    lengths = sorted({len(pattern) for pattern in known})
    found = {}
    for pattern in known:
        for length in lengths:
            ending = pattern[-length:]
            if ending in known:
                found[pattern] = ending
                break
    return found


def _blocks(keys: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Cut texts into runs of about 64 KiB; yield first and last of each.

    What an automaton reports at once is bounded by what it reads at once.
    """
    if sum(map(len, keys)) <= _BLOCK_BYTES:
        yield 0, len(keys)
        return
    first = size = 0
    for number, key in enumerate(keys):
        size += len(key)
        if size > _BLOCK_BYTES and number > first:
            yield first, number
            first, size = number, len(key)
    yield first, len(keys)
