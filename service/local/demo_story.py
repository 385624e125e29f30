"""Plays one evening of a viewer who uses all four controls, against the running service."""

from dataclasses import dataclass
from typing import Any

from service.local.demo_calls import (
    Answered,
    CommentDecision,
    CommentsAnswer,
    Decision,
    FeedAnswer,
    Reason,
    Receipt,
    Service,
    read,
)
from service.local.demo_data import comments, people, posts
from service.local.demo_screen import (
    GONE,
    HELD,
    KEPT,
    LOWER,
    NAME_WIDTH,
    SEEN,
    Screen,
    Verdict,
    place_of,
    words_that_tell,
)
from service.local.demo_text import Excerpt, pad, shorten

FIRST_GLANCE = 12
LAST_GLANCE = 6
ALLOWED_SHOWN = 5
LANGUAGE_WIDTH = 12
NO_LANGUAGE = "emoji"
TERMS = ("glass harbor", "ガラスの港", "الميناء الزجاجي")
NEAR_MISSES = ("p16", "p43")
GRUMBLE = "captain_grumble"
TIRESOME = "crypto"
RUDE_WORDS = ("yuck", "feo", "まずそう", "مقرف", "фу")
WHY_COMMENT = {
    "audience": "not a follower",
    "keyword": "her keyword",
    "suspected": "looks like spam",
    "unavailable": "blocked",
    "block": "blocked",
}


@dataclass(slots=True)
class Evening:
    """What the story needs: a screen, her app, the platform, and the app's last consistency token."""

    screen: Screen
    viewer_id: str
    app: Service
    platform: Service
    consistency_token: str | None = None


def play(evening: Evening) -> None:
    """Play the whole story, each step on what the service answers now."""
    feed = posts()
    languages = {people()[post["author_id"]].language for post in feed} - {NO_LANGUAGE}
    evening.screen.title(
        f"An evening with Mia: {len(feed)} posts in {len(languages)} languages, four ways to have a say",
        f"Every call below is real: to {evening.app.base_url}, for a new viewer, {evening.viewer_id}.",
    )
    see_everything(evening, feed)
    filter_spoilers(evening, feed)
    block_somebody(evening, feed)
    tap_not_interested(evening, feed)
    limit_comments(evening)
    show_how_to_try(evening)


def see_everything(evening: Evening, feed: list[dict[str, Any]]) -> None:
    """Show the feed of somebody who has set nothing yet."""
    evening.screen.step("Nothing is set: Mia sees everything, spoilers and all.")
    _filter(evening, feed)
    for post in feed[:FIRST_GLANCE]:
        _show(evening, SEEN, post)
    evening.screen.say(f"… and {len(feed) - FIRST_GLANCE} more.", "dim")


def filter_spoilers(evening: Evening, feed: list[dict[str, Any]]) -> None:
    """Hide a series in whatever script and spelling people write its name."""
    evening.screen.step(
        "She has not seen the last Glass Harbor yet, so she filters its name in three scripts."
    )
    wanted = {"title": "No Glass Harbor spoilers", "terms": list(TERMS)}
    _change(evening, "POST", "/v1/me/keyword-filters", wanted, " · ".join(TERMS))
    answer = _filter(evening, feed)
    hidden = _with_reason(feed, answer, "keyword_filter")
    evening.screen.say(f"{len(hidden)} posts hidden by keyword_filter, {answer.kept} kept. Found in:")
    width = max((len(place_of(post, reason)) for post, _, reason in hidden), default=0) + 2
    for post, _, reason in hidden:
        _show(evening, GONE, post, pad(place_of(post, reason), width), reason)
    evening.screen.say("Not fooled the other way, these stay:")
    for post in _kept(feed, answer):
        if post["id"] in NEAR_MISSES:
            _show(evening, KEPT, post)


def block_somebody(evening: Evening, feed: list[dict[str, Any]]) -> None:
    """Remove a person wherever they turn up."""
    evening.screen.step(
        "Captain Grumble has opinions about her mugs. She blocks him, and he is gone from everywhere."
    )
    _change(evening, "PUT", f"/v1/me/blocks/{GRUMBLE}", {"note": "Rude about the mugs."})
    answer = _filter(evening, feed)
    hidden = _with_reason(feed, answer, "block")
    evening.screen.say(f"{len(hidden)} posts hidden by block, {answer.kept} kept. He was:")
    for post, _, _ in hidden:
        _show(evening, GONE, post, pad(_part_of(GRUMBLE, post), 12))


def tap_not_interested(evening: Evening, feed: list[dict[str, Any]]) -> None:
    """Push a topic down without banning it."""
    evening.screen.step("Enough about coins: on one such post she taps Not interested, because of its topic.")
    tapped = next(post for post in feed if TIRESOME in post["topics"])
    signal = {"item_id": tapped["id"], "reasons": ["topic"], "topics": [TIRESOME], "surface": "for_you"}
    answered = _change(
        evening, "POST", "/v1/me/not-interested", signal, f"{tapped['id']} is about {TIRESOME}"
    )
    effects = (
        _effect(effect.entity, effect.id, effect.strength) for effect in read(answered, Receipt).effects
    )
    evening.screen.say("Her receipt: " + "; ".join(effects) + ".")
    answer = _filter(evening, feed)
    for post, decision, _ in _with_reason(feed, answer, "not_interested_topic"):
        gone = decision.outcome == "hide"
        _show(evening, GONE if gone else LOWER, post, pad("hidden" if gone else _factor(decision), 8))
    evening.screen.say("The feed service multiplies its score by the factor: these sink, not vanish.", "dim")
    evening.screen.say("So this is how her feed begins now:")
    for post in _kept(feed, answer)[:LAST_GLANCE]:
        _show(evening, SEEN, post)


def limit_comments(evening: Evening) -> None:
    """Decide who may comment, and which comments wait for her own look."""
    evening.screen.step(
        "Her orange cake video is out: only followers may comment, and rude words wait for her."
    )
    limits = {"who_can_comment": ["followers"], "hold_mode": "keywords", "keyword_terms": list(RUDE_WORDS)}
    _change(evening, "PATCH", "/v1/me/comment-limits", limits, "followers · hold " + " ".join(RUDE_WORDS))
    body = comments(evening.viewer_id)
    answered = evening.platform.call("POST", "/v1/comments/check", body)
    evening.screen.call("POST", "/v1/comments/check", answered, f"{len(body['comments'])} comments")
    judged = list(zip(body["comments"], read(answered, CommentsAnswer).decisions, strict=True))
    for outcome, verdict in (("refuse", GONE), ("hold", HELD), ("allow", KEPT)):
        of_outcome = [pair for pair in judged if pair[1].outcome == outcome]
        shown = of_outcome[:ALLOWED_SHOWN] if outcome == "allow" else of_outcome
        for comment, decision in shown:
            _show_comment(evening, verdict, comment, decision)
        if len(of_outcome) > len(shown):
            evening.screen.say(f"… and {len(of_outcome) - len(shown)} more allowed.", "dim")


def show_how_to_try(evening: Evening) -> None:
    """Give the commands that do the same by hand."""
    base = evening.app.base_url
    evening.screen.step("Your turn: a filter, a feed and the settings by hand, as a user called kim.")
    user = '-H "Authorization: Bearer $(./dev token --user kim)"'
    feed = '-H "Authorization: Bearer $(./dev token --service feed --scope feed:filter)"'
    json = "-H 'Content-Type: application/json'"
    candidate = '{"id": "p1", "author_id": "a1", "caption": "pineapple on pizza 🍍"}'
    evening.screen.command(
        f'curl -s {base}/v1/me/keyword-filters {user} {json} -d \'{{"terms": ["pineapple"]}}\''
    )
    evening.screen.command(
        f"curl -s {base}/v1/feed/filter {feed} {json} "
        f'-d \'{{"viewer_id": "kim", "surface": "for_you", "candidates": [{candidate}]}}\''
    )
    evening.screen.command(f"curl -s {base}/v1/me/settings {user}")


def _change(evening: Evening, method: str, path: str, body: dict[str, Any], about: str = "") -> Answered:
    answered = evening.app.call(method, path, body)
    evening.consistency_token = answered.consistency_token
    evening.screen.call(method, path, answered, about)
    return answered


def _filter(evening: Evening, feed: list[dict[str, Any]]) -> FeedAnswer:
    body: dict[str, Any] = {"viewer_id": evening.viewer_id, "surface": "for_you", "candidates": feed}
    if evening.consistency_token:
        body["consistency_token"] = evening.consistency_token
    answered = evening.platform.call("POST", "/v1/feed/filter", body)
    evening.screen.call("POST", "/v1/feed/filter", answered, f"{len(feed)} candidates")
    return read(answered, FeedAnswer)


def _kept(feed: list[dict[str, Any]], answer: FeedAnswer) -> list[dict[str, Any]]:
    decided = zip(feed, answer.decisions, strict=True)
    return [post for post, decision in decided if decision.outcome == "keep"]


def _with_reason(
    feed: list[dict[str, Any]], answer: FeedAnswer, code: str
) -> list[tuple[dict[str, Any], Decision, Reason]]:
    """Return the posts that have a reason of this code, with the first such reason."""
    return [
        (post, decision, reasons[0])
        for post, decision in zip(feed, answer.decisions, strict=True)
        if (reasons := [reason for reason in decision.reasons if reason.code == code])
    ]


def _show(
    evening: Evening, verdict: Verdict, post: dict[str, Any], aside: str = "", reason: Reason | None = None
) -> None:
    lead = pad(people()[post["author_id"]].language, LANGUAGE_WIDTH) + pad(post["author_id"], NAME_WIDTH)
    room = evening.screen.room(lead, aside)
    evening.screen.post(verdict, lead, aside, words_that_tell(post, reason, room=room))


def _show_comment(
    evening: Evening, verdict: Verdict, comment: dict[str, Any], decision: CommentDecision
) -> None:
    lead = pad(decision.outcome, 8) + pad(comment["author_id"], NAME_WIDTH)
    aside = pad(", ".join(WHY_COMMENT.get(reason, reason) for reason in decision.reasons), 17)
    words = shorten(comment["text"], evening.screen.room(lead, aside))
    evening.screen.post(verdict, lead, aside, Excerpt(words, "", ""))


def _part_of(person: str, post: dict[str, Any]) -> str:
    """Say what somebody has to do with a post."""
    parts = {
        "author": post["author_id"],
        "reposter": post.get("reposter_id"),
        "quoted": (post.get("quoted") or {}).get("author_id"),
        "replied to": post.get("parent_author_id"),
        "thread": post.get("root_author_id"),
    }
    return next((part for part, who in parts.items() if who == person), "mentioned")


def _effect(entity: str, entity_id: str, strength: float) -> str:
    return f"{entity} {entity_id} " + ("hidden" if strength == 0 else f"×{strength:g}")


def _factor(decision: Decision) -> str:
    return f"×{decision.multiplier:.2g}"
