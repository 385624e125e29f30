"""Feed filtering on the wire: typed msgspec structs, decoded once and encoded once.

Marshmallow takes fourteen times as long as the standard JSON parser for a request of this size, so this path goes
without; the structs' constraints check what schemas check elsewhere.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, cast

import marshmallow as ma
import msgspec
from marshmallow import fields
from msgspec import Meta

from service.domain.expiry import Instant
from service.domain.feed import LARGEST_REQUEST, Candidate, Decision, Outcome, ReasonCode
from service.domain.feed import Reason as DecisionReason
from service.domain.people import UserId
from service.domain.surfaces import SURFACES

LARGEST_BATCH: Final = 50
Candidates = Annotated[list[Candidate], Meta(max_length=LARGEST_REQUEST)]


class FeedRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One page of candidates for one viewer; ``slots`` is how many the page can show."""

    viewer_id: UserId
    surface: Annotated[str, Meta(extra_json_schema={"enum": list(SURFACES)})]
    candidates: Candidates
    slots: Annotated[int, Meta(ge=1, le=LARGEST_REQUEST)] | None = None
    consistency_token: str | None = None


class ReasonBody(msgspec.Struct, omit_defaults=True, kw_only=True, gc=False):
    """Why a candidate got its outcome; everything but the code is for callers with ``filter:explain``."""

    code: ReasonCode
    setting_id: str | None = None
    field: str | None = None
    index: int | None = None
    span: tuple[int, int] | None = None
    source: str | None = None
    until: Instant | None = None
    evasion: bool | None = None


class DecisionBody(msgspec.Struct, omit_defaults=True, kw_only=True, gc=False):
    """What the viewer sees of one candidate; ``quote``: of the text it quotes, where only that is covered."""

    id: str
    outcome: Outcome
    multiplier: float | None = None
    reasons: list[ReasonBody] = []
    quote: Outcome | None = None


class FeedAnswer(msgspec.Struct, kw_only=True):
    """Decisions in the order of the candidates, and what the feed needs to go on."""

    decisions: list[DecisionBody]
    removed: dict[str, int]
    kept: int
    fetch_more: int
    revision: int
    policy_revision: int
    matcher_version: int
    degraded: bool
    consistency_token: str


class FeedRequests(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Pages for some viewers, or several for one; each is decided as if it had come alone."""

    requests: Annotated[list[FeedRequest], Meta(max_length=LARGEST_BATCH)]


class SlicedFeedRequests(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The same with each request as it came: one that cannot be read must not spoil the others."""

    requests: Annotated[list[msgspec.Raw], Meta(max_length=LARGEST_BATCH)]


_ANSWER_OR_PROBLEM: Final = {
    "items": {
        "anyOf": [
            {"$ref": "#/components/schemas/FeedAnswer"},
            {"$ref": "#/components/schemas/Problem"},
        ]
    }
}


class FeedResults(msgspec.Struct, kw_only=True):
    """What became of each request, in their order: its answer, or the problem that it would have got alone."""

    results: Annotated[list[Any], Meta(extra_json_schema=_ANSWER_OR_PROBLEM)]


_GONE: Final = frozenset({Outcome.HIDE, Outcome.UNVERIFIED})


def decision_bodies(decisions: Iterable[Decision], *, explain: bool) -> list[DecisionBody]:
    """Return decisions as they travel, in detail only for those who may explain.

    Most say no more than an id and an outcome, and are written alike in either form. They are passed on as they are:
    making two hundred anew takes six times as long as looking at them, 2 % of a request.
    """
    bodies = [
        decision if decision.multiplier == 1.0 and not decision.reasons else _body(decision, explain=explain)
        for decision in decisions
    ]
    return cast("list[DecisionBody]", bodies)


def _body(decision: Decision, *, explain: bool) -> DecisionBody:
    """Return a decision in full; a post behind a cover stands in a place all the same: what lowers it counts there."""
    ranked = decision.outcome not in _GONE and decision.multiplier != 1.0
    present = _explained if explain else _named
    return DecisionBody(
        id=decision.id,
        outcome=decision.outcome,
        multiplier=round(decision.multiplier, 4) if ranked else None,
        reasons=[present(reason) for reason in decision.reasons],
        quote=None if decision.quote is Outcome.KEEP else decision.quote,
    )


def _named(reason: DecisionReason) -> ReasonBody:
    return ReasonBody(code=reason.code)


def _explained(reason: DecisionReason) -> ReasonBody:
    return ReasonBody(
        code=reason.code,
        setting_id=reason.setting_id,
        field=reason.field,
        index=reason.index,
        span=reason.span,
        source=reason.source,
        until=reason.until,
        evasion=reason.evasion,
    )


class CandidateField(fields.Field[Candidate]):
    """A candidate inside a marshmallow schema, checked by the same struct as on the feed path."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Candidate:
        del attr, data, kwargs
        try:
            return msgspec.convert(value, Candidate)
        except msgspec.ValidationError as wrong:
            raise ma.ValidationError(str(wrong)) from wrong
