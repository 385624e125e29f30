"""Judges comments that stand under a post already: what one viewer sees of them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from service.domain.comments.held_comments import FIRST_GLANCE, CommentHistory, CommentState, KnownComment
from service.domain.comments.said import Comment, CommentDecision, CommentOutcome, CommentReason
from service.domain.cost_ceilings import Effort
from service.domain.decisions import ReadyRules
from service.domain.expiry import is_live_in
from service.domain.feed import Candidate
from service.domain.feed_rules import FeedRules
from service.domain.keyword_filters import Action
from service.domain.mutes import MuteScope, MuteType, host_and_parents
from service.domain.people import UserId


def judge_shown_comments(
    comments: Sequence[Comment],
    owner: FeedRules,
    viewer: ReadyRules,
    now: datetime,
    history: CommentHistory = FIRST_GLANCE,
    *,
    unfiltered: frozenset[UserId] = frozenset(),
    effort: Effort = Effort.WHOLE,
) -> list[CommentDecision]:
    """Decide what a viewer sees of comments that stand under a post already.

    No keyword filter of the viewer touches words of whoever is ``unfiltered``. Where the viewer's filters
    cost too much to be looked at, other people's words are hidden as if one of them had hit.

    A reply is hidden where its parent is: among the given comments at any depth, else where the parent waits or
    was rejected. Nothing is written down for that, so replies come back with it.
    """
    closed = tuple(_closing(owner, viewer.rules, now))
    if closed:
        return [CommentDecision(comment.id, CommentOutcome.HIDE, closed) for comment in comments]
    showing = _Showing(owner, viewer, now, history)
    if effort is Effort.UNFILTERED:
        wanted = [set() if comment.author_id in unfiltered else {Action.HIDE} for comment in comments]
    else:
        wanted = _wanted_by_filters(comments, owner.user_id, viewer.at(effort), now, unfiltered)
    alone = [showing.decide(comment, actions) for comment, actions in zip(comments, wanted, strict=True)]
    return showing.with_parents(comments, alone)


def _wanted_by_filters(
    comments: Sequence[Comment],
    owner_id: UserId,
    viewer: ReadyRules,
    now: datetime,
    unfiltered: frozenset[UserId],
) -> list[set[Action]]:
    is_owner = viewer.rules.user_id == owner_id
    posts = [
        _as_candidate(comment, follows=is_owner and comment.relation.owner_follows) for comment in comments
    ]
    hits = viewer.filters.hits(viewer.rules.user_id, posts, "comments", now, unfiltered=unfiltered)
    return [{hit.rule.action or Action.HIDE for hit in hits.get(place, ())} for place in range(len(comments))]


def _closing(owner: FeedRules, viewer: FeedRules, now: datetime) -> Iterator[CommentReason]:
    """Say why the viewer sees nothing of what stands under the owner's post, their own comments included.

    Either side's rules are enough, so that a block counts as soon as one of the two has it.
    """
    if is_live_in(viewer.blocks, owner.user_id, now) or is_live_in(owner.blocked_by, viewer.user_id, now):
        yield CommentReason.BLOCK
    if is_live_in(viewer.blocked_by, owner.user_id, now) or is_live_in(owner.blocks, viewer.user_id, now):
        yield CommentReason.UNAVAILABLE


class _Showing:
    """One call: two people's rules and what is known, ready to decide comment by comment, then thread by thread."""

    def __init__(self, owner: FeedRules, viewer: ReadyRules, now: datetime, history: CommentHistory) -> None:
        self._owner = owner
        self._viewer = viewer
        self._viewer_id = viewer.rules.user_id
        self._now = now
        self._history = history

    def decide(self, comment: Comment, actions: set[Action]) -> CommentDecision:
        """Decide one comment by itself; ``actions`` are what the viewer's filters ask for."""
        known = self._history.known.get(comment.id)
        objections = list(self._withheld(known, comment.author_id)) if known else []
        if comment.author_id != self._viewer_id:
            objections += self._objections(comment, actions)
        if not objections:
            return CommentDecision(comment.id, CommentOutcome.SHOW)
        objections.sort(key=lambda objection: objection[1] is not CommentOutcome.HIDE)
        reasons = dict.fromkeys(reason for reason, _ in objections)
        return CommentDecision(comment.id, objections[0][1], tuple(reasons))

    def with_parents(
        self, comments: Sequence[Comment], alone: Sequence[CommentDecision]
    ) -> list[CommentDecision]:
        """Hide what stands below something hidden, the viewer's own replies too."""
        hidden = self._hidden_threads(comments, alone)
        return [
            _below_hidden(decision) if comment.parent_id in hidden else decision
            for comment, decision in zip(comments, alone, strict=True)
        ]

    def _hidden_threads(self, comments: Sequence[Comment], alone: Sequence[CommentDecision]) -> set[str]:
        """Return every comment that the viewer does not see, by itself or with its parent."""
        replies: dict[str, list[str]] = {}
        for comment in comments:
            if comment.parent_id:
                replies.setdefault(comment.parent_id, []).append(comment.id)
        waiting = [decision.id for decision in alone if decision.outcome is CommentOutcome.HIDE]
        waiting += filter(self._hides_unseen, replies.keys() - {comment.id for comment in comments})
        hidden: set[str] = set()
        while waiting:
            each = waiting.pop()
            if each not in hidden:
                hidden.add(each)
                waiting += replies.get(each, ())
        return hidden

    def _hides_unseen(self, comment_id: str) -> bool:
        """Tell whether a comment that the caller did not send is one that the viewer does not see."""
        known = self._history.known.get(comment_id)
        outcomes = self._withheld(known, known.author_id) if known else ()
        return any(outcome is CommentOutcome.HIDE for _, outcome in outcomes)

    def _withheld(
        self, known: KnownComment, author_id: UserId | None
    ) -> Iterator[tuple[CommentReason, CommentOutcome]]:
        """Say what the viewer sees of a comment that waits or was rejected.

        Its author goes on seeing it as held, whichever it is, until it is gone; the owner reads it in their own list.
        """
        if known.state is CommentState.APPROVED:
            return
        if author_id == self._viewer_id and not known.is_gone(self._now):
            yield CommentReason.HELD, CommentOutcome.SHOW
        elif self._viewer_id == self._owner.user_id:
            rejected = known.state is CommentState.REJECTED
            yield CommentReason.REJECTED if rejected else CommentReason.HELD, CommentOutcome.HIDE
        else:
            yield CommentReason.UNAVAILABLE, CommentOutcome.HIDE

    def _objections(
        self, comment: Comment, actions: set[Action]
    ) -> Iterator[tuple[CommentReason, CommentOutcome]]:
        rules, owner, now = self._viewer.rules, self._owner, self._now
        people = {comment.author_id, *comment.mentions}
        if _anybody_in(rules.blocks, people, now):
            yield CommentReason.BLOCK, CommentOutcome.HIDE
        hidden_by_owner = owner.user_id != rules.user_id and is_live_in(owner.blocks, comment.author_id, now)
        if hidden_by_owner or _anybody_in(rules.blocked_by, people, now):
            yield CommentReason.UNAVAILABLE, CommentOutcome.HIDE
        if actions - {Action.DOWNRANK}:
            hides = Action.HIDE in actions
            yield CommentReason.KEYWORD_FILTER, CommentOutcome.HIDE if hides else CommentOutcome.PLACEHOLDER
        mute = self._viewer.mute(MuteType.USER, comment.author_id, now)
        if mute and MuteScope.COMMENTS in mute.scopes:
            yield CommentReason.MUTE_USER, CommentOutcome.HIDE
        if self._viewer.has_mutes and any(map(self._leads_to_muted, comment.links)):
            yield CommentReason.MUTE_DOMAIN, CommentOutcome.HIDE

    def _leads_to_muted(self, link: str) -> bool:
        hosts = host_and_parents(link)
        return any(self._viewer.mute(MuteType.DOMAIN, host, self._now) for host in hosts)


def _below_hidden(decision: CommentDecision) -> CommentDecision:
    already = decision.reasons if decision.outcome is CommentOutcome.HIDE else ()
    return CommentDecision(decision.id, CommentOutcome.HIDE, (*already, CommentReason.PARENT))


def _anybody_in(blocks: dict[UserId, datetime | None], people: Iterable[UserId], now: datetime) -> bool:
    return any(is_live_in(blocks, person, now) for person in people)


def _as_candidate(comment: Comment, *, follows: bool) -> Candidate:
    """Let a comment be read by the same filters as a post: its text stands where a caption would.

    ``follows``: the viewer follows who wrote it. Callers tell whom the owner follows, so that it is known of owners
    who read below their own posts.
    """
    return Candidate(
        id=comment.id,
        author_id=comment.author_id,
        caption=comment.text,
        links=comment.links,
        viewer_follows_author=follows,
    )
