"""The tables of not-interested signals, their resets and topic sliders."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Table, Text, false

from service.domain.signal_resets import ResetScope
from service.store.columns import (
    choice,
    identifier,
    instant,
    is_known,
    is_named,
    metadata,
    number,
    revision,
    texts,
)

not_interested = Table(
    "not_interested",
    metadata,
    identifier("user_id", "Who sent the signal."),
    identifier("id", "Chosen by the client or by us, unique within the user."),
    identifier("item_id", "The post that was rejected.", key=False),
    choice("surface", "Where it was shown."),
    texts("reasons", "What the user said is wrong with it; empty: nothing in particular."),
    Column("author_id", Text, comment="Who made the post, if the client said."),
    Column("sound_id", Text, comment="The sound of the post, if the client said."),
    texts("hashtags", "The post's hashtags, as they are compared."),
    texts("topics", "The post's topics."),
    Column("request_id", Text, comment="The feed request that showed it, for evaluation."),
    Column("position", BigInteger, comment="Where in that feed it stood, for evaluation."),
    instant("at", "When it was sent, within what can be believed of a client's clock."),
    revision(),
    Column(
        "wants_more",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="Whether the user asked for more of it rather than for less.",
    ),
    is_named("id"),
    is_named("item_id"),
    Index(None, "user_id", "at", "id"),
    Index(None, "user_id", "revision"),
    comment="What users rejected.",
)

undone_signals = Table(
    "undone_signals",
    metadata,
    identifier("user_id", "Who took a signal back."),
    identifier("id", "The id that the signal had, which stays taken."),
    Column("wants_more", Boolean, nullable=False, comment="Whether it had asked for more of something."),
    choice("surface", "Where its item was shown."),
    texts("reasons", "What it had said is wrong with the item."),
    instant("sent_at", "When it was sent."),
    instant("undone_at", "When it was taken back."),
    is_named("id"),
    Index(None, "undone_at"),
    comment="Signals that were taken back, without what they were about: to be counted, and known when sent again.",
)

signal_resets = Table(
    "signal_resets",
    metadata,
    identifier("user_id", "Who started over."),
    identifier("id", "Made by us."),
    choice("scope", "Which effects are set aside."),
    instant("at", "What was sent up to here does not count."),
    instant("restored_at", "When it was taken back; null: it stands.", nullable=True),
    revision(),
    is_known("scope", ResetScope),
    Index(None, "at"),
    comment="Resets of signals and topic sliders. What they set aside is erased 30 days later, and they with it.",
)

topic_preferences = Table(
    "topic_preferences",
    metadata,
    identifier("user_id", "Whose slider this is."),
    identifier("topic", "Which topic it is about."),
    number("level", "From -2, hardly any, to 2, a lot."),
    instant("set_at", "When it was last moved."),
    revision(),
    CheckConstraint("level BETWEEN -2 AND 2", name="level_is_on_the_slider"),
    is_named("topic"),
    comment="How much of a topic users want.",
)
