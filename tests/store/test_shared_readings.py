"""Readings under way are shared with whoever comes later, and never with whoever must not have an older one."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from service.store.shared_readings import SharedReadings
from tests.waiting import eventually


def test_who_comes_later_shares_the_reading_that_began_last() -> None:
    readings: SharedReadings[str] = SharedReadings()
    began: list[str] = []
    going_on = Event()

    def load(name: str) -> str:
        began.append(name)
        assert going_on.wait(10)
        return name

    with ThreadPoolExecutor(3) as pool:

        def begin(name: str, *, anew: bool) -> "Future[str]":
            return pool.submit(readings.read, "ada", lambda: load(name), anew=anew)

        first = begin("first", anew=False)
        eventually(lambda: began == ["first"])
        second = begin("second", anew=True)
        eventually(lambda: began == ["first", "second"])
        third = begin("third", anew=False)
        going_on.set()
        answers = first.result(), second.result(), third.result()

    assert answers[:2] == ("first", "second")
    assert answers[2] in {"second", "third"}  # the last may have come when all was over
    assert readings.read("ada", lambda: "afterwards") == "afterwards"
