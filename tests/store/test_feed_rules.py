"""Feed rules: one moment, one round trip."""

import re
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import msgspec
from sqlalchemy import Engine

from service.domain.allow_phrases import AllowPhrases
from service.domain.feed_rules import FeedRules
from service.store.engine import FOR_DECISIONS, driver_connection
from service.store.feed_rules import load_feed_rules
from service.store.settings import PostgresSettings
from tests.builders import a_block, a_keyword_filter, a_mute, a_signal

SENT_AND_WAITED_FOR = re.compile(r"\tF\t\d+\t(Query|Sync)\b")


@contextmanager
def round_trips(engine: Engine) -> Iterator[list[str]]:
    """Collect the messages after which the client waits for the server, on the engine's only connection in use."""
    waits: list[str] = []
    with tempfile.TemporaryFile() as log:
        with driver_connection(engine, FOR_DECISIONS) as connection:
            connection.pgconn.trace(log.fileno())
        yield waits
        with driver_connection(engine, FOR_DECISIONS) as connection:
            connection.pgconn.untrace()
        log.seek(0)
        waits += SENT_AND_WAITED_FOR.findall(log.read().decode())


def test_feed_rules_take_one_round_trip_beside_the_check_that_the_connection_lives(engine: Engine) -> None:
    load_feed_rules(engine, "ada")

    with round_trips(engine) as waits:
        load_feed_rules(engine, "ada")

    ping_before_load, load, ping_before_end = waits
    assert (ping_before_load, load, ping_before_end) == ("Query", "Sync", "Query")


def test_feed_rules_never_mix_two_moments(settings: PostgresSettings) -> None:
    """Every edit changes all kinds at once, to its own revision; a mixture would show different ones."""
    done = Event()

    def keep_editing() -> None:
        try:
            for _ in range(150):
                edit_everything(settings)
        finally:
            done.set()

    with ThreadPoolExecutor(1) as pool:
        editor = pool.submit(keep_editing)
        seen = set()
        while not done.is_set():
            seen.add(moments(settings.feed_rules("ada")))
        editor.result()

    assert len(seen) > 1
    assert {len(each) for each in seen} == {1}


def edit_everything(settings: PostgresSettings) -> None:
    with settings.edit("ada", felt_by=["troll"]) as editing:
        now = str(editing.head.revision)
        editing.keyword_filters.put(a_keyword_filter(terms=(now,)))
        editing.mutes.remove(a_mute(id=str(int(now) - 1)).target)
        editing.mutes.put(a_mute(id=now))
        editing.signals.put(a_signal(item_id=now))
        editing.blocks.put(a_block(target_id="troll"))
        editing.allow_phrases.put(AllowPhrases((now,)))


def moments(rules: FeedRules) -> frozenset[str]:
    shown = {str(rules.revision), str(rules.version.number)}
    shown |= {term for rule in rules.filters for term in rule.terms}
    shown |= set(rules.allow_phrases)
    shown |= {mute.id for mute in rules.mutes}
    shown |= set(rules.rejected_items)
    return frozenset(shown)


def test_a_mixture_of_two_moments_would_be_noticed(settings: PostgresSettings) -> None:
    edit_everything(settings)
    earlier = settings.feed_rules("ada")
    edit_everything(settings)
    later = settings.feed_rules("ada")

    assert moments(msgspec.structs.replace(later, filters=earlier.filters)) == {"1", "2"}
