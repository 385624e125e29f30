"""What only the events of single viewers tell: worked out while a window is closed, from those on the panel.

Nothing is added up on the way, so nothing can be added twice: the events of a day are read once it is over.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, text

from service.domain.closing import Tallied
from service.domain.effect_times import Delay, editors_in, edits_in, in_effect_in
from service.domain.events import EventKind
from service.domain.market_days import Window
from service.domain.measures import Measure
from service.domain.segments import Dimension, dims_text, known_value

EDITS: Final = [
    each.value
    for each in (
        *(EventKind.SETTING_SAVED, EventKind.SETTING_REMOVED),
        *(EventKind.SIGNAL_SENT, EventKind.SIGNAL_UNDONE),
    )
]

DELAYS: Final = text("""
WITH decided AS (
  SELECT person, at, (facts ->> 'revision')::bigint AS revision FROM events
  WHERE kind = 'decided' AND day BETWEEN :first AND :after AND facts ->> 'revision' IS NOT NULL
), edits AS (
  SELECT person, market, facts ->> 'platform' AS platform, (facts ->> 'revision')::bigint AS revision, min(at) AS at
  FROM events WHERE kind = ANY(:edits) AND day BETWEEN :first AND :last AND facts ->> 'revision' IS NOT NULL
  GROUP BY 1, 2, 3, 4
), followed AS (
  SELECT edits.market, edits.platform, edits.person, edits.at, min(decided.at) AS next,
    min(decided.at) FILTER (WHERE decided.revision >= edits.revision) AS found
  FROM edits JOIN decided ON decided.person = edits.person
    AND decided.at >= edits.at AND decided.at < edits.at + interval '1 day'
  GROUP BY 1, 2, 3, 4, edits.revision
)
SELECT market, platform, encode(person, 'hex'),
  CASE WHEN found = next THEN 0 ELSE extract(epoch FROM found - at)::float END AS seconds
FROM followed
""")
"""One row an edit; without seconds where no decision of that day went by it."""

HEAVILY_FILTERED: Final = text("""
WITH weeks AS (
  SELECT market, person, facts ->> 'language' AS language,
    sum((facts ->> 'hidden')::bigint) AS hidden, sum((facts ->> 'shown')::bigint) AS shown
  FROM events WHERE kind = 'decided' AND day BETWEEN :first AND :last AND facts ->> 'hidden' IS NOT NULL
  GROUP BY GROUPING SETS ((1, 2), (1, 2, 3))
)
SELECT market, language, count(*) FROM weeks WHERE hidden > 0.3 * (hidden + shown) GROUP BY 1, 2
""")
"""People by market; without a language, whatever they speak."""


def work_out(connection: Connection, measure: Measure, window: Window) -> list[Tallied]:
    """Return what there was of a measure within a window, by market and dimension."""
    return WORKED_OUT[measure](connection, window)


def _delays(connection: Connection, window: Window) -> list[Delay]:
    days = {"first": window.first, "last": window.last, "after": window.last + timedelta(days=1)}
    return [Delay(*row) for row in connection.execute(DELAYS, {**days, "edits": EDITS})]


def _heavily_filtered(connection: Connection, window: Window) -> list[Tallied]:
    days = {"first": window.first, "last": window.last}
    return [
        Tallied(market, "", _of_language(language), n)
        for market, language, n in connection.execute(HEAVILY_FILTERED, days)
    ]


def _of_language(language: str | None) -> str:
    if language is None:
        return ""
    return dims_text([(Dimension.LANGUAGE, known_value(Dimension.LANGUAGE, language))])


WORKED_OUT: Final[Mapping[Measure, Callable[[Connection, Window], list[Tallied]]]] = {
    Measure.EDITS: lambda connection, window: edits_in(_delays(connection, window)),
    Measure.IN_EFFECT: lambda connection, window: in_effect_in(_delays(connection, window)),
    Measure.PANEL_EDITORS: lambda connection, window: editors_in(_delays(connection, window)),
    Measure.HEAVILY_FILTERED: _heavily_filtered,
}
