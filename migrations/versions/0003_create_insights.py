"""Create the tables behind the figures: events, tallies, closed cells."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002a"


def upgrade() -> None:
    op.create_table(
        "annotations",
        sa.Column("id", sa.Text(collation="C"), nullable=False, comment="Made by us."),
        sa.Column("day", sa.Date(), nullable=False, comment="When it happened."),
        sa.Column("kind", sa.Text(collation="C"), nullable=False, comment="What kind of thing."),
        sa.Column("text", sa.Text(), nullable=False, comment="What an analyst wrote about it."),
        sa.Column("market", sa.Text(), nullable=True, comment="Where; null: everywhere."),
        sa.Column("link", sa.Text(), nullable=True, comment="Where to read more."),
        sa.PrimaryKeyConstraint("id", name=op.f("annotations_pkey")),
        comment="Things that happened and may explain a figure.",
    )
    op.create_table(
        "emerging_terms",
        sa.Column("id", sa.Text(collation="C"), nullable=False, comment="Made by us."),
        sa.Column(
            "term",
            sa.Text(),
            nullable=False,
            comment="The term as it is compared; only of those whom many added.",
        ),
        sa.Column("found_on", sa.Date(), nullable=False, comment="The day on which it stood out."),
        sa.Column(
            "lift", sa.Float(), nullable=False, comment="How many times as many as expected, with two digits."
        ),
        sa.Column("people", sa.Text(), nullable=False, comment="How many added it that day; a band."),
        sa.Column(
            "state",
            sa.Text(collation="C"),
            nullable=False,
            comment="under_review, confirmed, rejected or faded.",
        ),
        sa.Column(
            "decided_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When a person decided; null: nobody did.",
        ),
        sa.Column(
            "category",
            sa.Text(),
            nullable=True,
            comment="What kind of thing it is, in the reviewer's closed list.",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("emerging_terms_pkey")),
        comment="Terms that many people suddenly filter; analysts see confirmed ones alone.",
    )
    op.create_index(
        op.f("emerging_terms_term_found_on"),
        "emerging_terms",
        ["term", "found_on"],
        unique=True,
    )
    op.create_table(
        "event_inbox",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Roughly in order of writing.",
        ),
        sa.Column("event_id", sa.Uuid(), nullable=False, comment="The same on every retry of one event."),
        sa.Column("kind", sa.Text(collation="C"), nullable=False, comment="What happened."),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When."),
        sa.Column("day", sa.Date(), nullable=False, comment="The market's day of it."),
        sa.Column("received_day", sa.Date(), nullable=False, comment="The market's day on which it arrived."),
        sa.Column("market", sa.Text(collation="C"), nullable=False, comment="Where the event counts."),
        sa.Column("person", sa.LargeBinary(), nullable=False, comment="The key of the person."),
        sa.Column(
            "counts",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="What it adds to: people or occurrences, day, measure, control, dims, how many; with | between.",
        ),
        sa.Column(
            "facts",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Closed lists, numbers and keyed hashes; never text.",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("event_inbox_pkey")),
        comment="Events that are yet to be counted. A row goes in the statement that counts it.",
    )
    op.create_table(
        "events",
        sa.Column("event_id", sa.Uuid(), nullable=False, comment="What makes a second arrival a duplicate."),
        sa.Column("kind", sa.Text(collation="C"), nullable=False, comment="What happened."),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When."),
        sa.Column("day", sa.Date(), nullable=False, comment="The market's day of it."),
        sa.Column("market", sa.Text(collation="C"), nullable=False, comment="Where the event counts."),
        sa.Column("person", sa.LargeBinary(), nullable=False, comment="The key of the person."),
        sa.Column(
            "facts",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Closed lists, numbers and keyed hashes; never text.",
        ),
        sa.Column(
            "counted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When it was counted; after its day was closed, it came too late for it.",
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("events_pkey")),
        comment="Events that are counted, for 35 days: to know duplicates, and for follow-ups on the panel.",
    )
    op.create_index(op.f("events_day"), "events", ["day"], unique=False)
    op.create_index(op.f("events_person_kind"), "events", ["person", "kind"], unique=False)
    op.create_table(
        "hourly_tally",
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False, comment="When the hour began."),
        sa.Column(
            "kind",
            sa.Text(collation="C"),
            nullable=False,
            comment="What is watched: saves, signals or matches.",
        ),
        sa.Column("control", sa.Text(collation="C"), nullable=False, comment="Of which control."),
        sa.Column("platform", sa.Text(collation="C"), nullable=False, comment="On which platform."),
        sa.Column("n", sa.BigInteger(), nullable=False, comment="How often."),
        sa.PrimaryKeyConstraint("hour", "kind", "control", "platform", name=op.f("hourly_tally_pkey")),
        comment="What is watched for falling silent, for 35 days; says nothing about people.",
    )
    op.create_table(
        "insight_cells",
        sa.Column("metric", sa.Text(collation="C"), nullable=False, comment="Which metric of the catalogue."),
        sa.Column(
            "version",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Of the metric's formula.",
        ),
        sa.Column("first_day", sa.Date(), nullable=False, comment="Where its window begins."),
        sa.Column("last_day", sa.Date(), nullable=False, comment="Where its window ends."),
        sa.Column(
            "control",
            sa.Text(collation="C"),
            nullable=False,
            comment="Of which control; empty where the metric has none.",
        ),
        sa.Column(
            "dimension",
            sa.Text(collation="C"),
            nullable=False,
            comment="What it is broken down by; empty for the total.",
        ),
        sa.Column(
            "dims",
            sa.Text(collation="C"),
            nullable=False,
            comment="Dimension and value; empty for the total.",
        ),
        sa.Column(
            "restated", sa.Boolean(), nullable=False, comment="Whether it stands in place of an earlier one."
        ),
        sa.Column("state", sa.Text(collation="C"), nullable=False, comment="Whether it is shown."),
        sa.Column(
            "value",
            sa.Float(),
            nullable=True,
            comment="The figure, per the metric's scale, with two digits; null: withheld.",
        ),
        sa.Column("low", sa.Float(), nullable=True, comment="The lower end of its 95 % interval."),
        sa.Column("high", sa.Float(), nullable=True, comment="The upper end of its 95 % interval."),
        sa.Column("numerator", sa.BigInteger(), nullable=True, comment="Rounded."),
        sa.Column("denominator", sa.BigInteger(), nullable=True, comment="Rounded."),
        sa.Column("people", sa.Text(), nullable=True, comment="A band, never a number."),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False, comment="When it was frozen."),
        sa.PrimaryKeyConstraint(
            "metric", "version", "first_day", "control", "dims", "restated", name=op.f("insight_cells_pkey")
        ),
        comment="All that analysts read. A row never changes.",
    )
    op.create_table(
        "insight_epochs",
        sa.Column(
            "epoch",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Which 90 days, counted since 1970.",
        ),
        sa.Column("person_secret", sa.LargeBinary(), nullable=False, comment="Makes keys of people."),
        sa.Column(
            "entity_secret",
            sa.LargeBinary(),
            nullable=False,
            comment="Makes keys of items, authors, hashtags and requests.",
        ),
        sa.Column("panel_secret", sa.LargeBinary(), nullable=False, comment="Draws the panel."),
        sa.Column(
            "panel_per_million",
            sa.BigInteger(),
            nullable=False,
            comment="How many viewers of a million are on the panel.",
        ),
        sa.PrimaryKeyConstraint("epoch", name=op.f("insight_epochs_pkey")),
        comment="The secrets of pseudonyms. Deleting a row makes everything from its epoch anonymous.",
    )
    op.create_table(
        "insight_windows",
        sa.Column("grain", sa.Text(collation="C"), nullable=False, comment="How long the window is."),
        sa.Column("first_day", sa.Date(), nullable=False, comment="Its first day."),
        sa.Column("last_day", sa.Date(), nullable=False, comment="Its last day."),
        sa.Column(
            "closed_at", sa.DateTime(timezone=True), nullable=False, comment="When its cells were frozen."
        ),
        sa.Column(
            "restated_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When they were computed again; at most once.",
        ),
        sa.PrimaryKeyConstraint("grain", "first_day", name=op.f("insight_windows_pkey")),
        comment="Windows that are closed.",
    )
    op.create_table(
        "insight_withheld",
        sa.Column("metric", sa.Text(collation="C"), nullable=False, comment="Which metric of the catalogue."),
        sa.Column("first_day", sa.Date(), nullable=False, comment="Where its window begins."),
        sa.Column("last_day", sa.Date(), nullable=False, comment="Where its window ends."),
        sa.Column("control", sa.Text(collation="C"), nullable=False, comment="Of which control."),
        sa.Column(
            "restated", sa.Boolean(), nullable=False, comment="Whether it stands in place of an earlier one."
        ),
        sa.Column("cells", sa.BigInteger(), nullable=False, comment="Cells with anybody in them."),
        sa.Column("withheld", sa.BigInteger(), nullable=False, comment="How many of them are withheld."),
        sa.Column("people_percent", sa.Float(), nullable=False, comment="Their people per hundred, rounded."),
        sa.PrimaryKeyConstraint(
            "metric", "first_day", "control", "restated", name=op.f("insight_withheld_pkey")
        ),
        comment="How much of each table is withheld.",
    )
    op.create_table(
        "silences",
        sa.Column(
            "kind",
            sa.Text(collation="C"),
            nullable=False,
            comment="What is watched: saves, signals or matches.",
        ),
        sa.Column("control", sa.Text(collation="C"), nullable=False, comment="Of which control."),
        sa.Column("platform", sa.Text(collation="C"), nullable=False, comment="On which platform."),
        sa.Column(
            "state", sa.Text(collation="C"), nullable=False, comment="How it is doing: ok, falling or silent."
        ),
        sa.Column(
            "since",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="The hour from which it is in that state.",
        ),
        sa.Column(
            "looked_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="The newest hour that was looked at.",
        ),
        sa.PrimaryKeyConstraint("kind", "control", "platform", name=op.f("silences_pkey")),
        comment="Which controls are falling silent, and where.",
    )
    op.create_table(
        "tallies_taken",
        sa.Column(
            "id",
            sa.Text(collation="C"),
            nullable=False,
            comment="The name that a minute of tallies was given when it was taken.",
        ),
        sa.Column(
            "taken_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When its counts were added.",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("tallies_taken_pkey")),
        comment="Minutes of tallies that are counted already, so that none is counted twice.",
    )
    op.create_table(
        "tally",
        sa.Column(
            "day", sa.Date(), nullable=False, comment="The calendar day, as it is lived in the market."
        ),
        sa.Column(
            "market",
            sa.Text(collation="C"),
            nullable=False,
            comment="Whose day it is, and where the count belongs.",
        ),
        sa.Column("measure", sa.Text(collation="C"), nullable=False, comment="What is counted."),
        sa.Column(
            "control",
            sa.Text(collation="C"),
            nullable=False,
            comment="Of which control; empty where the measure has none.",
        ),
        sa.Column(
            "dims",
            sa.Text(collation="C"),
            nullable=False,
            comment="Dimension and value, as in language=ja; empty for the total.",
        ),
        sa.Column("n", sa.BigInteger(), nullable=False, comment="How often."),
        sa.PrimaryKeyConstraint("day", "market", "measure", "control", "dims", name=op.f("tally_pkey")),
        comment="Occurrences, counted.",
    )
    op.create_table(
        "tally_person",
        sa.Column(
            "day", sa.Date(), nullable=False, comment="The calendar day, as it is lived in the market."
        ),
        sa.Column(
            "market",
            sa.Text(collation="C"),
            nullable=False,
            comment="Whose day it is, and where the count belongs.",
        ),
        sa.Column("measure", sa.Text(collation="C"), nullable=False, comment="What is counted."),
        sa.Column(
            "control",
            sa.Text(collation="C"),
            nullable=False,
            comment="Of which control; empty where the measure has none.",
        ),
        sa.Column(
            "dims",
            sa.Text(collation="C"),
            nullable=False,
            comment="Dimension and value, as in language=ja; empty for the total.",
        ),
        sa.Column("person", sa.LargeBinary(), nullable=False, comment="The key of the person."),
        sa.PrimaryKeyConstraint(
            "day", "market", "measure", "control", "dims", "person", name=op.f("tally_person_pkey")
        ),
        comment="Who stands behind a count, for 35 days; counted once a day and cell.",
    )


def downgrade() -> None:
    op.drop_table("tally_person")
    op.drop_table("tally")
    op.drop_table("tallies_taken")
    op.drop_table("silences")
    op.drop_table("insight_withheld")
    op.drop_table("insight_windows")
    op.drop_table("insight_epochs")
    op.drop_table("insight_cells")
    op.drop_table("hourly_tally")
    op.drop_index(op.f("events_person_kind"), table_name="events")
    op.drop_index(op.f("events_day"), table_name="events")
    op.drop_table("events")
    op.drop_table("event_inbox")
    op.drop_index(op.f("emerging_terms_term_found_on"), table_name="emerging_terms")
    op.drop_table("emerging_terms")
    op.drop_table("annotations")
