"""Comment limits on the wire."""

from dataclasses import replace
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from service.api.parts import parts
from service.api.schemas.everywhere import Few, Id, Instant, Schema, Switch, Text, as_members
from service.domain.comment_limits import (
    APPROVED_USERS,
    KEYWORD_TERMS,
    LONGEST_AGE_DAYS,
    MOST_MENTIONS,
    MOST_PER_HOUR,
    Audience,
    CommentLimits,
    CommentLimitsPatch,
    Gates,
    GatesPatch,
    HoldMode,
    LimitedAudience,
    LimitedMode,
    PostLimitsPatch,
)


def _switch(description: str) -> Switch:
    return Switch(metadata={"description": description})


def _number(least: int, most: int, description: str) -> fields.Integer:
    return fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(least, most),
        metadata={"description": f"{description}; null: no such gate."},
    )


def _audiences(description: str) -> Few[Audience]:
    return Few(
        fields.Enum(Audience, by_value=True),
        most=len(Audience),
        what="groups that can comment",
        allow_none=True,
        validate=validate.Length(1),
        metadata={"description": f"Any of these may comment; null: {description}."},
    )


class GatesSchema(Schema):
    """What a commenter must pass, all of it; a fact that the comment service does not give passes no gate."""

    min_follow_age_days = _number(0, LONGEST_AGE_DAYS, "How long they follow the owner at least")
    min_account_age_days = _number(0, LONGEST_AGE_DAYS, "How old their account is at least")
    verified_contact = _switch("They have confirmed an address or a number.")
    no_links = _switch("The comment has no link.")
    max_mentions = _number(0, MOST_MENTIONS, "How many people the comment mentions at most")
    max_per_hour = _number(1, MOST_PER_HOUR, "How many comments a person leaves under a post within an hour")


class GatesPatchSchema(GatesSchema):
    """The gates that change; the others stay as they are."""

    @ma.post_load
    def make(self, data: dict[str, Any], **_: Any) -> GatesPatch:
        """Return the value that stories take."""
        return GatesPatch(frozenset(data), Gates(**data))


class LimitedModeSchema(Schema):
    """Limited mode: whose comments wait, until when; it ends by itself, and nothing that it held is lost."""

    audience = fields.Enum(LimitedAudience, by_value=True, required=True)
    until = Instant(required=True, metadata={"description": "1 hour to 28 days ahead."})
    since = Instant(dump_only=True)


class LimitedModePatchSchema(LimitedModeSchema):
    """A limited mode that begins now."""

    class Meta(LimitedModeSchema.Meta):
        """Leave out what the service counts."""

        exclude = ("since",)

    @ma.post_load
    def make(self, data: dict[str, Any], **_: Any) -> LimitedMode:
        """Return the value that stories take."""
        return LimitedMode(data["audience"], data["until"], since=parts().now())


class CommentLimitsSchema(Schema):
    """A user's comment limits."""

    who_can_comment = _audiences("the platform's default")
    hold_mode = fields.Enum(
        HoldMode,
        by_value=True,
        metadata={
            "description": "Which comments wait, from loose to strict; each holds what the ones before it hold."
        },
    )
    keyword_terms = Few(Text(shortest=1), most=KEYWORD_TERMS, what="comment keywords")
    gates = fields.Nested(GatesSchema)
    approved_users = Few(
        Id(),
        most=APPROVED_USERS,
        what="approved users",
        metadata={"description": "Their comments wait for nothing but keywords."},
    )
    approved_users_exempt = _switch("Comments of approved users do not wait for keywords either.")
    care_mode = _switch(
        "Hold what the caller's classifier marks offensive (0.5 or more), and comments by people whom the owner "
        "blocked, reported or rejected in the last 90 days."
    )
    limited_mode = fields.Nested(
        LimitedModeSchema, allow_none=True, metadata={"description": "Null while none is on."}
    )
    revision = fields.Integer(dump_only=True)

    @ma.pre_dump
    def leave_out_what_is_over(self, kept: CommentLimits, **_: Any) -> CommentLimits:
        """Tell of limited mode only while it is on; of the one that was on last its digest tells."""
        return replace(kept, limited_mode=None) if kept.limited_mode_is_over(parts().now()) else kept


class CommentLimitsPatchSchema(CommentLimitsSchema):
    """The members of the comment limits that change; within `gates`, too."""

    class Meta(CommentLimitsSchema.Meta):
        """Leave out what the service counts."""

        exclude = ("revision",)

    gates = fields.Nested(GatesPatchSchema)
    limited_mode = fields.Nested(
        LimitedModePatchSchema,
        allow_none=True,
        metadata={"description": "Null ends it now; what it held can be read as if it had ended by itself."},
    )

    @ma.post_load
    def make(self, data: dict[str, Any], **_: Any) -> CommentLimitsPatch:
        """Return the value that stories take."""
        members = as_members(data)
        if "approved_users" in members:
            members["approved_users"] = tuple(dict.fromkeys(members["approved_users"]))
        return CommentLimitsPatch(frozenset(data), **members)


class PostLimitsSchema(Schema):
    """A post's own rule; what is null or missing is as the owner's limits say."""

    who_can_comment = _audiences("as the owner's limits say")
    hold_mode = fields.Enum(HoldMode, by_value=True, allow_none=True)
    gates = fields.Nested(GatesSchema, allow_none=True)
    revision = fields.Integer(dump_only=True)


class PostLimitsPatchSchema(PostLimitsSchema):
    """The members of a post's own rule that change; within `gates`, too."""

    class Meta(PostLimitsSchema.Meta):
        """Leave out what the service counts."""

        exclude = ("revision",)

    gates = fields.Nested(GatesPatchSchema, allow_none=True)

    @ma.post_load
    def make(self, data: dict[str, Any], **_: Any) -> PostLimitsPatch:
        """Return the value that stories take."""
        return PostLimitsPatch(frozenset(data), **as_members(data))
