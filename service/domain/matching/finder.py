"""Finds many patterns in a text with one pass of an automaton."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from ahocorasick_rs import AhoCorasick, Implementation

Place: TypeAlias = tuple[int, int, int]
"""The number of a root, and where it begins and ends in a text."""


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
        # Four times as small as the quickest kind, and as quick to build as it gets.
        self._automaton = AhoCorasick(self._roots, implementation=Implementation.ContiguousNFA)

    def places(self, text: str) -> list[Place]:
        """Return every place where a root ends, in their order."""
        return self._automaton.find_matches_as_indexes(text, overlapping=True)

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

    def _plant(self, root: int, pattern: str) -> None:
        node = self._trees.setdefault(root, _Node())
        for character in reversed(pattern[: -len(self._roots[root])]):
            node = node.steps.setdefault(character, _Node())
        node.pattern = pattern


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
