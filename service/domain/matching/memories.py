"""Remembers what texts were made into, within bounds."""

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

_Made = TypeVar("_Made", str, bytes)

_REMEMBERED_BYTES: Final = 16_000_000
_ENTRY_BYTES: Final = 200


class Memory(Generic[_Made]):
    """What texts were made into, forgotten as a whole when it grows too big.

    The same posts are shown to many viewers within minutes, and looking one up costs a tenth of folding it.
    """

    def __init__(self, make_all: Callable[[Sequence[str]], list[_Made]]) -> None:
        self._make_all: Callable[[Sequence[str]], list[_Made]] = make_all
        self._known: dict[str, _Made] = {}
        self._bytes = 0

    def of(self, texts: Sequence[str]) -> list[_Made]:
        """Return what each text is made into."""
        found: list[_Made | None] = list(map(self._known.get, texts))
        if None in found:
            unknown = [*dict.fromkeys(text for text, made in zip(texts, found, strict=True) if made is None)]
            new = dict(zip(unknown, self._make_all(unknown), strict=True))
            self._remember(new)
            return [new[text] if made is None else made for text, made in zip(texts, found, strict=True)]
        return found  # type: ignore[return-value]

    def forget(self) -> None:
        """Begin anew."""
        self._known.clear()
        self._bytes = 0

    def _remember(self, new: dict[str, _Made]) -> None:
        self._bytes += sum(2 * len(made) + _ENTRY_BYTES for made in new.values())
        if self._bytes > _REMEMBERED_BYTES:
            self.forget()
        self._known.update(new)
