"""What the mining jobs look at and what they leave behind: adders of terms, hours, terms under review, silences."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from service.domain.emerging_terms import EmergingTerm, ReviewState, Rising, TermReview
from service.domain.measures import Measure
from service.domain.silence import Series, Silence, SilenceState
from service.store.engine import FOR_READING, transaction
from service.store.events import FOR_COUNTING
from service.store.insight_tables import emerging_terms, hourly_tally, silences, tally
from service.store.rows import keep

ADDERS: Final = """
SELECT user_id, term, min(created_at) AT TIME ZONE 'UTC' AS added
FROM keyword_filters, unnest(terms) AS term WHERE created_at >= :since
GROUP BY user_id, term ORDER BY user_id, added
"""

REJECTERS: Final = """
SELECT kind, name, day, count(DISTINCT user_id) FROM (
  SELECT user_id, (at AT TIME ZONE 'UTC')::date AS day, kind, name FROM not_interested,
  LATERAL (
    SELECT 'topic' AS kind, unnest(topics) AS name UNION ALL
    SELECT 'hashtag', unnest(hashtags) UNION ALL
    SELECT 'sound', sound_id WHERE sound_id IS NOT NULL
  ) AS named
  WHERE at >= :since AND NOT wants_more
) AS rejected GROUP BY 1, 2, 3
"""


class PostgresMining:
    """A ``MiningDesk`` on PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def adders(self, since: datetime) -> Mapping[str, Mapping[date, int]]:
        """Return by term and day how many people first added it; no term leaves this process unless it is found."""
        counts: dict[str, dict[date, int]] = {}
        of_user, seen = None, set[str]()
        with transaction(self._engine, FOR_COUNTING) as connection:
            rows = connection.execution_options(yield_per=5_000).execute(text(ADDERS), {"since": since})
            for user_id, term, added in rows:
                compared = unicodedata.normalize("NFKC", term).casefold()
                if user_id != of_user:
                    of_user, seen = user_id, set()
                if compared in seen:
                    continue
                seen.add(compared)
                days = counts.setdefault(compared, {})
                days[added.date()] = days.get(added.date(), 0) + 1
        return counts

    def rejecters(self, since: datetime) -> Mapping[Rising, Mapping[str, Mapping[date, int]]]:
        """Return how many people rejected what, by day; nothing leaves this process unless it is found."""
        counts: dict[Rising, dict[str, dict[date, int]]] = {}
        with transaction(self._engine, FOR_COUNTING) as connection:
            rows = connection.execution_options(yield_per=5_000).execute(text(REJECTERS), {"since": since})
            for kind, name, day, people in rows:
                counts.setdefault(Rising(kind), {}).setdefault(name, {})[day] = people
        return counts

    def showings(self, since: date) -> Mapping[date, int]:
        """Return how much was shown, by day."""
        query = (
            select(tally.c.day, func.sum(tally.c.n))
            .where(tally.c.measure == Measure.SHOWN.value, tally.c.dims == "", tally.c.day >= since)
            .group_by(tally.c.day)
        )
        with transaction(self._engine, FOR_COUNTING) as connection:
            return {day: int(n) for day, n in connection.execute(query)}

    def found_before(self, kind: Rising = Rising.TERM) -> Mapping[str, date]:
        """Return when each was last found."""
        table = emerging_terms
        query = (
            select(table.c.term, func.max(table.c.found_on))
            .where(table.c.kind == kind.value)
            .group_by(table.c.term)
        )
        with transaction(self._engine, FOR_READING) as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def keep_term(self, term_id: str, found: EmergingTerm) -> bool:
        """Put a term under review; False where it is already, from the same day."""
        row = {
            "id": term_id,
            "term": found.term,
            "kind": found.kind.value,
            "found_on": found.found_on,
            "lift": found.lift,
            "people": found.people,
            "state": ReviewState.UNDER_REVIEW.value,
        }
        statement = insert(emerging_terms).values(row).on_conflict_do_nothing().returning(emerging_terms.c.id)
        with transaction(self._engine, FOR_READING) as connection:
            return connection.execute(statement).one_or_none() is not None

    def terms(self, state: ReviewState | None = None) -> Sequence[TermReview]:
        """Return terms in one state, or all, newest first."""
        table = emerging_terms
        query = select(table).order_by(table.c.found_on.desc(), table.c.id)
        if state:
            query = query.where(table.c.state == state.value)
        with transaction(self._engine, FOR_READING) as connection:
            return [
                TermReview(
                    row.id,
                    EmergingTerm(row.term, row.found_on, row.lift, row.people, Rising(row.kind)),
                    ReviewState(row.state),
                    row.decided_at,
                    row.category,
                )
                for row in connection.execute(query)
            ]

    def decide_term(self, term_id: str, state: ReviewState, category: str | None, now: datetime) -> bool:
        """Say what a reviewer decided about a term; False where there is no such term."""
        change = {"state": state.value, "category": category, "decided_at": now}
        statement = update(emerging_terms).where(emerging_terms.c.id == term_id).values(change)
        with transaction(self._engine, FOR_READING) as connection:
            return connection.execute(statement).rowcount > 0

    def hours(self, since: datetime) -> Mapping[Series, Mapping[datetime, int]]:
        """Return what was counted by the hour, by series."""
        query = select(hourly_tally).where(hourly_tally.c.hour >= since)
        counts: dict[Series, dict[datetime, int]] = {}
        with transaction(self._engine, FOR_COUNTING) as connection:
            for row in connection.execute(query):
                counts.setdefault(Series(row.kind, row.control, row.platform), {})[row.hour] = row.n
        return counts

    def keep_silence(self, silence: Silence) -> None:
        """Keep how a series is doing, in place of how it was."""
        row = {
            "kind": silence.series.kind,
            "control": silence.series.control,
            "platform": silence.series.platform,
            "state": silence.state.value,
            "since": silence.since,
            "looked_at": silence.looked_at,
        }
        with transaction(self._engine, FOR_READING) as connection:
            keep(connection, silences, row)

    def silences(self) -> Sequence[Silence]:
        """Return how every series is doing."""
        query = select(silences).order_by(silences.c.kind, silences.c.control, silences.c.platform)
        with transaction(self._engine, FOR_READING) as connection:
            return [
                Silence(
                    Series(row.kind, row.control, row.platform),
                    SilenceState(row.state),
                    row.since,
                    row.looked_at,
                )
                for row in connection.execute(query)
            ]
