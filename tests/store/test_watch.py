"""A server that is gone is found out though it accepts everything, and one that has much to do is waited for.

Nobody here gives up for want of time: whoever ends waiting was told that the server is gone.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import exc, text

from service.breaker import Breaker
from service.store import watch as watching
from service.store.driver import SilenceError
from service.store.engine import FOR_JOBS, FOR_READING, Patience, make_engine, transaction
from service.store.settings import PostgresSettings
from service.store.watch import SILENT_SECONDS, Watch
from service.usecases.ports import StoreUnavailable
from tests.builders import a_keyword_filter
from tests.fault_proxy import FaultProxy
from tests.waiting import LONGEST_SECONDS, eventually


@pytest.fixture(autouse=True)
def real_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin to doubt as early as production does."""
    monkeypatch.setattr(watching, "SILENT_SECONDS", SILENT_SECONDS)


@pytest.fixture
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server take its time to say that it is there: a busy machine is no part of these tests."""
    monkeypatch.setattr(watching, "HEARD_WITHIN_SECONDS", LONGEST_SECONDS)


@pytest.fixture
def proxy(clean_database: str) -> Iterator[FaultProxy]:
    """A network that can be told to fail."""
    with FaultProxy.before(clean_database) as proxy:
        yield proxy


@pytest.fixture
def settings(clean_database: str, proxy: FaultProxy) -> Iterator[PostgresSettings]:
    """A store behind it."""
    breaker = Breaker(failures=1)
    engine = make_engine(proxy.url(clean_database), breaker=breaker)
    yield PostgresSettings(engine, breaker)
    proxy.heal()
    eventually(lambda: not breaker.is_open)
    engine.dispose()


def edit(settings: PostgresSettings) -> None:
    with settings.edit("ada") as editing:
        editing.keyword_filters.put(a_keyword_filter())


def found_out_by(refused: pytest.ExceptionInfo[StoreUnavailable]) -> BaseException | None:
    """Return what the driver said."""
    assert isinstance(refused.value.__cause__, exc.OperationalError)
    return refused.value.__cause__.orig


def test_an_edit_under_way_is_refused_when_the_server_falls_silent(
    proxy: FaultProxy, settings: PostgresSettings
) -> None:
    def edit_as_the_server_falls_silent() -> None:
        with settings.edit("ada") as editing:
            proxy.hold()
            editing.keyword_filters.put(a_keyword_filter())

    with pytest.raises(StoreUnavailable) as refused:
        edit_as_the_server_falls_silent()

    assert isinstance(found_out_by(refused), SilenceError)
    assert settings.is_doubtful


def test_an_edit_that_has_to_connect_to_a_silent_server_is_refused(
    proxy: FaultProxy, settings: PostgresSettings
) -> None:
    proxy.hold()

    with pytest.raises(StoreUnavailable) as refused:
        edit(settings)

    assert isinstance(found_out_by(refused), SilenceError)


def test_nobody_but_the_watch_tries_a_server_that_is_left_alone(
    proxy: FaultProxy, settings: PostgresSettings
) -> None:
    edit(settings)
    proxy.hold()
    with pytest.raises(StoreUnavailable):
        edit(settings)

    for _ in range(5):
        with pytest.raises(StoreUnavailable) as refused:
            edit(settings)
        assert "is left alone" in str(found_out_by(refused))
        assert not isinstance(found_out_by(refused), SilenceError)


def wait_behind_another(proxy: FaultProxy, settings: PostgresSettings) -> None:
    """Let an edit wait for a lock until the server was asked whether it is there, and then have its turn."""
    with settings.edit("ada"), settings.edit("bob"):
        pass  # so that nobody has to connect any more but who asks
    before = proxy.accepted
    with ThreadPoolExecutor(1) as pool:
        with settings.edit("ada"):
            waiting = pool.submit(edit, settings)
            eventually(lambda: proxy.accepted > before or waiting.done())
        waiting.result()


@pytest.mark.usefixtures("no_hurry")
def test_an_edit_that_waits_for_another_is_no_outage(proxy: FaultProxy, settings: PostgresSettings) -> None:
    wait_behind_another(proxy, settings)

    assert not settings.is_doubtful


@pytest.mark.usefixtures("no_hurry")
def test_a_watch_that_takes_silence_for_absence_is_caught(
    proxy: FaultProxy, settings: PostgresSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Watch, "is_lost", lambda _, silent_seconds: silent_seconds >= SILENT_SECONDS)

    with pytest.raises(StoreUnavailable):
        wait_behind_another(proxy, settings)


@pytest.mark.usefixtures("no_hurry")
@pytest.mark.parametrize(("patience", "asked"), [(FOR_READING, 1), (FOR_JOBS, 0)])
def test_the_server_is_asked_only_where_somebody_waits(
    clean_database: str, proxy: FaultProxy, patience: Patience, asked: int
) -> None:
    engine = make_engine(proxy.url(clean_database))
    with transaction(engine, patience) as connection:
        connection.execute(text("SELECT pg_sleep(0.5)"))

        eventually(lambda: proxy.accepted == 1 + asked)

    assert proxy.accepted == 1 + asked
    engine.dispose()


class Connecting:
    """Connects to the real server and counts how often; what ``first`` raises comes instead of the first connection."""

    def __init__(self, database_url: str, first: Callable[[], object] = lambda: None) -> None:
        self._database_url = database_url
        self._first = first
        self.times = 0
        self.made: list[psycopg.Connection] = []

    def __call__(self) -> psycopg.Connection:
        """Connect."""
        self.times += 1
        if self.times == 1:
            self._first()
        self.made.append(psycopg.connect(self._database_url, autocommit=True))
        return self.made[-1]


def test_a_connection_that_ends_for_reasons_of_its_own_is_no_outage(clean_database: str) -> None:
    breaker, connecting = Breaker(failures=1), Connecting(clean_database)
    watch = Watch(breaker, connecting)
    watch.is_lost(SILENT_SECONDS)
    eventually(lambda: len(connecting.made) == 1)

    with psycopg.connect(clean_database, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connecting.made[0].info.backend_pid])

    watch.is_lost(SILENT_SECONDS)
    eventually(lambda: len(connecting.made) == 2)
    assert not breaker.is_open


def fail_unexpectedly() -> None:
    raise RuntimeError("nobody thought of this")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_watch_that_ended_unexpectedly_is_begun_anew_by_whoever_comes_next(clean_database: str) -> None:
    connecting = Connecting(clean_database, fail_unexpectedly)
    watch = Watch(Breaker(failures=1), connecting)
    watch.note_lost()
    eventually(lambda: connecting.times == 1)

    eventually(lambda: not watch.is_left_alone())

    assert connecting.times == 2


def test_a_server_with_no_room_for_the_question_is_no_outage() -> None:
    asked: list[str] = []

    def connect_to_a_full_server() -> psycopg.Connection[tuple[object, ...]]:
        asked.append("again")
        raise psycopg.OperationalError("connection failed: FATAL:  sorry, too many clients already")

    watch = Watch(Breaker(failures=1), connect_to_a_full_server)

    def is_asked_again() -> bool:
        watch.is_lost(LONGEST_SECONDS)
        return len(asked) > 1

    eventually(is_asked_again)

    assert not watch.is_left_alone()
