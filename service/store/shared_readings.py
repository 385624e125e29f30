"""Lets callers who want the same thing at the same moment share one reading of it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class SharedReadings(Generic[T]):
    """Readings under way in this process, by what they read.

    After a flush everybody's rules are missing at once; without this, each of a viewer's waiting requests would
    take a connection to read the same rows.
    """

    def __init__(self) -> None:
        self._under_way: dict[str, Future[T]] = {}
        self._lock = threading.Lock()

    def read(self, key: str, load: Callable[[], T], *, anew: bool = False) -> T:
        """Return what a reading already under way finds, else what ``load`` returns; its errors are shared too.

        ``anew``: read in any case, and let those who come later share that.
        """
        with self._lock:
            reading = None if anew else self._under_way.get(key)
            mine = reading is None
            if reading is None:
                reading = self._under_way[key] = Future()
        if mine:
            self._finish(key, reading, load)
        return reading.result()

    def _finish(self, key: str, reading: Future[T], load: Callable[[], T]) -> None:
        try:
            found = load()
        except BaseException as fault:  # noqa: BLE001  whatever it is, those who wait must hear of it
            self._forget(key, reading)
            reading.set_exception(fault)
        else:
            self._forget(key, reading)
            reading.set_result(found)

    def _forget(self, key: str, reading: Future[T]) -> None:
        with self._lock:
            if self._under_way.get(key) is reading:
                del self._under_way[key]
