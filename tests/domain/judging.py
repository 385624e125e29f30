"""Asks the pure rules what a scenario asks; the same scenarios can be asked over HTTP by another such function."""

from dataclasses import dataclass

from service.domain.allow_phrases import require_usable_phrases
from service.domain.comment_limits import CommentLimits, LimitedMode, PostLimits, require_valid_limits
from service.domain.comments import (
    CommentHistory,
    KnownComment,
    judge_new_comments,
    judge_shown_comments,
    mark_of,
)
from service.domain.decisions import ReadyRules, decide_feed
from service.domain.feed import Candidate, Outcome
from service.domain.feed import Reason as FeedReason
from service.domain.feed_rules import FeedRules, FilterRule, MuteRule, rule_of
from service.domain.keyword_filters import AuthorScope, Field, FilterWording, require_lasting_wording
from service.domain.mutes import NewMute, as_hashtag, mute_target, require_mutable
from service.domain.not_interested import NewSignal, Signal, require_named_entities
from service.domain.signal_merging import merged
from service.domain.signal_resets import counting_pushes
from service.domain.surfaces import SURFACES
from tests.builders import a_candidate, a_signal, feed_rules
from tests.domain.scenarios import (
    ExpectedReason,
    GivenFilter,
    GivenHistory,
    GivenLimits,
    GivenMute,
    GivenSignal,
    Judge,
    Scenario,
    Settings,
)

SAFETY_ACCOUNTS = frozenset({"safety"})
NOISE = a_candidate(id="noise", author_id="bystander", caption="a quiet day by the lake", hashtags=("lake",))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided; ``multiplier`` None: the question knows none."""

    outcome: str
    reasons: tuple[ExpectedReason, ...]
    multiplier: float | None
    quote: str = "keep"


def judge(scenario: Scenario) -> Verdict:
    """Decide a scenario by the rules alone."""
    match scenario.judge:
        case Judge.FEED:
            return _feed(scenario)
        case Judge.NEW_COMMENTS:
            owner = rules_of("owner", scenario.owner_settings)
            history = history_of(scenario.history)
            [made] = judge_new_comments(scenario.post, [scenario.comment], owner, scenario.at, history)
        case Judge.SHOWN_COMMENTS:
            owner = rules_of("owner", scenario.owner_settings)
            viewer = ReadyRules(rules_of("viewer", scenario.settings))
            thread = [scenario.comment] + ([scenario.parent] if scenario.parent else [])
            history = history_of(scenario.history)
            made = judge_shown_comments(
                thread, owner, viewer, scenario.at, history, unfiltered=SAFETY_ACCOUNTS
            )[0]
    return Verdict(made.outcome, tuple(ExpectedReason(code=code) for code in made.reasons), None)


def _feed(scenario: Scenario) -> Verdict:
    """Decide the candidate between two posts that nobody objects to."""
    ready = ReadyRules(rules_of("viewer", scenario.settings))
    page = [NOISE, scenario.candidate, NOISE]
    before, decision, after = decide_feed(
        page, ready, SURFACES[scenario.surface], scenario.at, platform_accounts=SAFETY_ACCOUNTS
    )
    assert (before.outcome, after.outcome) == (Outcome.KEEP, Outcome.KEEP), "the noise around it was touched"
    reasons = tuple(_told(reason, scenario.candidate) for reason in decision.reasons)
    return Verdict(decision.outcome, reasons, decision.multiplier, decision.quote)


def _told(reason: FeedReason, candidate: Candidate) -> ExpectedReason:
    field = Field(reason.field) if reason.field else None
    says = None
    if field and reason.span:
        start, end = reason.span
        says = text_at(candidate, field, reason.index)[start:end]
    return ExpectedReason(
        code=reason.code,
        setting_id=reason.setting_id,
        field=field,
        index=reason.index,
        says=says,
        until=reason.until,
    )


def text_at(candidate: Candidate, field: Field, index: int | None) -> str:
    """Return the text that a reason points into."""
    if field is Field.QUOTED:
        return candidate.quoted.text if candidate.quoted else ""
    value: str | tuple[str, ...] = getattr(candidate, field)
    return value if isinstance(value, str) else value[index or 0]


def rules_of(user_id: str, settings: Settings) -> FeedRules:
    """Compile settings as the store does, refusing what the service would refuse."""
    limits = _limits(settings.comment_limits)
    own = settings.post_limits
    require_valid_limits(limits)
    require_usable_phrases(settings.allow_phrases)
    items, pushes = merged(counting_pushes(map(_signal, settings.not_interested), ()))
    return feed_rules(
        user_id=user_id,
        blocks={block.user_id: block.expires_at for block in settings.blocks},
        blocked_by={block.user_id: block.expires_at for block in settings.blocked_by},
        mutes=tuple(_mute(user_id, mute) for mute in settings.mutes),
        filters=tuple(_filter(each) for each in settings.keyword_filters if each.enabled),
        pushes=pushes,
        comment_limits=limits,
        rejected_items=items,
        topic_levels=settings.topic_levels,
        post_limits={"post": PostLimits(own.who_can_comment, own.hold_mode, own.gates)} if own else {},
        allow_phrases=settings.allow_phrases,
    )


def _limits(given: GivenLimits) -> CommentLimits:
    mode = given.limited_mode
    return CommentLimits(
        who_can_comment=given.who_can_comment,
        hold_mode=given.hold_mode,
        keyword_terms=given.keyword_terms,
        gates=given.gates,
        approved_users=given.approved_users,
        approved_users_exempt=given.approved_users_exempt,
        care_mode=given.care_mode,
        limited_mode=LimitedMode(mode.audience, mode.until, mode.since) if mode else None,
    )


def history_of(given: GivenHistory) -> CommentHistory:
    """Return what the store would say of the owner's earlier verdicts."""
    known = {
        comment_id: KnownComment(each.state, each.author_id, each.held_at, mark_of(each.text))
        for comment_id, each in given.comments.items()
    }
    return CommentHistory(
        known, frozenset(given.approved), frozenset(given.turned_away), frozenset(given.often_held)
    )


def _filter(given: GivenFilter) -> FilterRule:
    wording = FilterWording(
        terms=given.terms,
        op=given.op,
        mode=given.mode,
        strictness=given.strictness,
        fields=given.fields,
        surfaces=given.surfaces,
        author_scope=AuthorScope(given.author_scope.kind, given.author_scope.authors),
        action=given.action,
        expires_at=given.expires_at,
    )
    require_lasting_wording(wording)
    return rule_of(given.id, wording)


def _mute(user_id: str, given: GivenMute) -> MuteRule:
    target = mute_target(given.type, given.id)
    require_mutable(user_id, NewMute(target, given.scopes))
    return MuteRule(target.type, target.id, given.scopes, given.expires_at)


def _signal(given: GivenSignal) -> Signal:
    tags = tuple(as_hashtag(tag) for tag in given.hashtags)
    new = NewSignal(
        given.item_id,
        given.surface,
        given.reasons,
        author_id=given.author_id,
        sound_id=given.sound_id,
        hashtags=tags,
        topics=given.topics,
    )
    require_named_entities(new)
    return a_signal(
        item_id=new.item_id,
        reasons=new.reasons,
        author_id=new.author_id,
        sound_id=new.sound_id,
        hashtags=tags,
        topics=new.topics,
        at=given.sent_at,
        direction=given.direction,
    )
