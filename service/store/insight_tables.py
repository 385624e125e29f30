"""The tables behind the figures: events on their way, tallies, and the closed cells that analysts read.

Nobody's id stands here. People and things are keyed hashes (``person``, and inside ``facts``) whose secrets are
those of an epoch; while those live, whoever is erased is found by their keys (``erased_people``).
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Identity,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from service.store.columns import metadata


def _text(name: str, comment: str, *, key: bool = False, nullable: bool = False) -> Column[str]:
    return Column(name, Text(collation="C"), primary_key=key, nullable=nullable, comment=comment)


def _secret(name: str, comment: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False, comment=comment)


def _figure(name: str, comment: str) -> Column[float]:
    return Column(name, Float, comment=comment)


def _cell_key() -> list[Column[Any]]:
    return [
        Column("day", Date, primary_key=True, comment="The calendar day, as it is lived in the market."),
        _text("market", "Whose day it is, and where the count belongs.", key=True),
        _text("measure", "What is counted.", key=True),
        _text("control", "Of which control; empty where the measure has none.", key=True),
        _text("dims", "Dimension and value, as in language=ja; empty for the total.", key=True),
    ]


insight_epochs = Table(
    "insight_epochs",
    metadata,
    Column(
        "epoch",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="Which 90 days, counted since 1970.",
    ),
    _secret("person_secret", "Makes keys of people."),
    _secret("entity_secret", "Makes keys of items, authors, hashtags and requests."),
    _secret("panel_secret", "Draws the panel."),
    Column(
        "panel_per_million",
        BigInteger,
        nullable=False,
        comment="How many viewers of a million are on the panel.",
    ),
    comment="The secrets of pseudonyms. Deleting a row makes everything from its epoch anonymous.",
)

event_inbox = Table(
    "event_inbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True, comment="Roughly in order of writing."),
    Column("event_id", Uuid, nullable=False, comment="The same on every retry of one event."),
    _text("kind", "What happened."),
    Column("at", DateTime(timezone=True), nullable=False, comment="When."),
    Column("day", Date, nullable=False, comment="The market's day of it."),
    Column("received_day", Date, nullable=False, comment="The market's day on which it arrived."),
    _text("market", "Where the event counts."),
    _secret("person", "The key of the person."),
    Column(
        "counts",
        ARRAY(Text),
        nullable=False,
        comment="What it adds to: people or occurrences, day, measure, control, dims, how many; with | between.",
    ),
    Column("facts", JSONB, nullable=False, comment="Closed lists, numbers and keyed hashes; never text."),
    comment="Events that are yet to be counted. A row goes in the statement that counts it.",
)

events = Table(
    "events",
    metadata,
    Column("event_id", Uuid, primary_key=True, comment="What makes a second arrival a duplicate."),
    _text("kind", "What happened."),
    Column("at", DateTime(timezone=True), nullable=False, comment="When."),
    Column("day", Date, nullable=False, comment="The market's day of it."),
    _text("market", "Where the event counts."),
    _secret("person", "The key of the person."),
    Column("facts", JSONB, nullable=False, comment="Closed lists, numbers and keyed hashes; never text."),
    Column(
        "counted_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.clock_timestamp(),
        comment="When it was counted; after its day was closed, it came too late for it.",
    ),
    Index(None, "day"),
    Index(None, "person", "kind"),
    comment="Events that are counted, for 35 days: to know duplicates, and for follow-ups on the panel.",
)

tally = Table(
    "tally",
    metadata,
    *_cell_key(),
    Column("n", BigInteger, nullable=False, comment="How often."),
    comment="Occurrences, counted.",
)

tally_person = Table(
    "tally_person",
    metadata,
    *_cell_key(),
    Column("person", LargeBinary, primary_key=True, comment="The key of the person."),
    comment="Who stands behind a count, for 35 days; counted once a day and cell.",
)

tallies_taken = Table(
    "tallies_taken",
    metadata,
    _text("id", "The name that a minute of tallies was given when it was taken.", key=True),
    Column(
        "taken_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.clock_timestamp(),
        comment="When its counts were added.",
    ),
    comment="Minutes of tallies that are counted already, so that none is counted twice.",
)

insight_windows = Table(
    "insight_windows",
    metadata,
    _text("grain", "How long the window is.", key=True),
    Column("first_day", Date, primary_key=True, comment="Its first day."),
    Column("last_day", Date, nullable=False, comment="Its last day."),
    Column("closed_at", DateTime(timezone=True), nullable=False, comment="When its cells were frozen."),
    Column("restated_at", DateTime(timezone=True), comment="When they were computed again; at most once."),
    comment="Windows that are closed.",
)

insight_cells = Table(
    "insight_cells",
    metadata,
    _text("metric", "Which metric of the catalogue.", key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False, comment="Of the metric's formula."),
    Column("first_day", Date, primary_key=True, comment="Where its window begins."),
    Column("last_day", Date, nullable=False, comment="Where its window ends."),
    _text("control", "Of which control; empty where the metric has none.", key=True),
    _text("dimension", "What it is broken down by; empty for the total."),
    _text("dims", "Dimension and value; empty for the total.", key=True),
    Column("restated", Boolean, primary_key=True, comment="Whether it stands in place of an earlier one."),
    _text("state", "Whether it is shown."),
    _figure("value", "The figure, per the metric's scale, with two digits; null: withheld."),
    _figure("low", "The lower end of its 95 % interval."),
    _figure("high", "The upper end of its 95 % interval."),
    Column("numerator", BigInteger, comment="Rounded."),
    Column("denominator", BigInteger, comment="Rounded."),
    Column("people", Text, comment="A band, never a number."),
    Column("closed_at", DateTime(timezone=True), nullable=False, comment="When it was frozen."),
    comment="All that analysts read. A row never changes.",
)

insight_withheld = Table(
    "insight_withheld",
    metadata,
    _text("metric", "Which metric of the catalogue.", key=True),
    Column("first_day", Date, primary_key=True, comment="Where its window begins."),
    Column("last_day", Date, nullable=False, comment="Where its window ends."),
    _text("control", "Of which control.", key=True),
    Column("restated", Boolean, primary_key=True, comment="Whether it stands in place of an earlier one."),
    Column("cells", BigInteger, nullable=False, comment="Cells with anybody in them."),
    Column("withheld", BigInteger, nullable=False, comment="How many of them are withheld."),
    Column("people_percent", Float, nullable=False, comment="Their people per hundred, rounded."),
    comment="How much of each table is withheld.",
)

erased_people = Table(
    "erased_people",
    metadata,
    Column(
        "person", LargeBinary, primary_key=True, comment="The key of somebody who was erased, in one epoch."
    ),
    Column(
        "erased_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.clock_timestamp(),
        comment="When.",
    ),
    comment="Whose rows behind the figures are to be deleted; a row goes with them.",
)

annotations = Table(
    "annotations",
    metadata,
    _text("id", "Made by us.", key=True),
    Column("day", Date, nullable=False, comment="When it happened."),
    _text("kind", "What kind of thing."),
    Column("text", Text, nullable=False, comment="What an analyst wrote about it."),
    Column("market", Text, comment="Where; null: everywhere."),
    Column("link", Text, comment="Where to read more."),
    comment="Things that happened and may explain a figure.",
)

hourly_tally = Table(
    "hourly_tally",
    metadata,
    Column("hour", DateTime(timezone=True), primary_key=True, comment="When the hour began."),
    _text("kind", "What is watched: saves, signals or matches.", key=True),
    _text("control", "Of which control.", key=True),
    _text("platform", "On which platform.", key=True),
    Column("n", BigInteger, nullable=False, comment="How often."),
    comment="What is watched for falling silent, for 35 days; says nothing about people.",
)

silences = Table(
    "silences",
    metadata,
    _text("kind", "What is watched: saves, signals or matches.", key=True),
    _text("control", "Of which control.", key=True),
    _text("platform", "On which platform.", key=True),
    _text("state", "How it is doing: ok, falling or silent."),
    Column(
        "since", DateTime(timezone=True), nullable=False, comment="The hour from which it is in that state."
    ),
    Column(
        "looked_at", DateTime(timezone=True), nullable=False, comment="The newest hour that was looked at."
    ),
    comment="Which controls are falling silent, and where.",
)

emerging_terms = Table(
    "emerging_terms",
    metadata,
    _text("id", "Made by us.", key=True),
    Column(
        "term", Text, nullable=False, comment="The term as it is compared; only of those whom many added."
    ),
    Column(
        "kind",
        Text,
        nullable=False,
        server_default="term",
        comment="Whether it is a term that people filter, or a topic, hashtag or sound of posts that they reject.",
    ),
    Column("found_on", Date, nullable=False, comment="The day on which it stood out."),
    Column("lift", Float, nullable=False, comment="How many times as many as expected, with two digits."),
    Column("people", Text, nullable=False, comment="How many added it that day; a band."),
    _text("state", "under_review, confirmed, rejected or faded."),
    Column("decided_at", DateTime(timezone=True), comment="When a person decided; null: nobody did."),
    Column("category", Text, comment="What kind of thing it is, in the reviewer's closed list."),
    Index(None, "kind", "term", "found_on", unique=True),
    comment="Terms that many people suddenly filter, and what they suddenly reject; analysts see confirmed ones alone.",
)

analyst_reads = Table(
    "analyst_reads",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True, comment="Roughly in order of reading."),
    Column("day", Date, nullable=False, comment="The day (UTC) whose allowance it was spent from."),
    _text("analyst", "Who read: the subject of the token."),
    Column("query", Text, nullable=False, comment="What was asked, in names of the catalogue."),
    Column("cell_queries", BigInteger, nullable=False, comment="What it cost of the day's allowance."),
    Column("at", DateTime(timezone=True), nullable=False, comment="When."),
    Index(None, "analyst", "day"),
    comment="Who read which figures, for 180 days; never what the answer was.",
)
