"""The service with baselines beside it, to be measured in the same process: what any Flask app pays anyway."""

import json
import re
import unicodedata
from functools import cache

import msgspec
import redis
from flask import Flask, Response, request

from load_tests.population import NAIVE_RULES
from service.api.auth import needs, public
from service.api.bodies import TypedBody, answer
from service.api.schemas.feed import DecisionBody, FeedAnswer, FeedRequest
from service.app import create_app
from service.config import read_config
from service.domain.feed import Outcome

_typed = TypedBody(FeedRequest)
_flask_json = Flask(__name__)
_EMPTY = FeedAnswer(
    decisions=[],
    removed={},
    kept=0,
    fetch_more=0,
    revision=0,
    policy_revision=0,
    matcher_version=0,
    degraded=False,
    consistency_token="-" * 43,
)


@public
def no_op() -> Response:
    """Take the body as bytes and answer nothing."""
    request.get_data()
    return Response(b"{}", content_type="application/json")


@public
def flask_json() -> Response:
    """Parse the body with Flask's own JSON, which is the standard library's, and answer nothing."""
    _flask_json.json.loads(request.get_data())
    return Response(_flask_json.json.dumps({"decisions": []}), content_type="application/json")


@needs("feed:filter")
def parse_only() -> Response:
    """Decode the body as the feed path does, and answer as much, without deciding anything."""
    wanted = _typed.read()
    kept = [DecisionBody(id=candidate.id, outcome=Outcome.KEEP) for candidate in wanted.candidates]
    return answer(msgspec.structs.replace(_EMPTY, decisions=kept, kept=len(kept)))


@public
def naive() -> Response:
    """Do it as one would on a first afternoon: rules as JSON from Redis, a regular expression a term and post."""
    asked = _flask_json.json.loads(request.get_data())
    kept = _redis().get(NAIVE_RULES.format(asked["viewer_id"]))
    assert isinstance(kept, bytes)
    rules = json.loads(kept)
    decisions = [
        {"id": post["id"], "outcome": "hide" if _is_unwanted(post, rules) else "keep"}
        for post in asked["candidates"]
    ]
    return Response(_flask_json.json.dumps({"decisions": decisions}), content_type="application/json")


def _is_unwanted(post: dict[str, object], rules: dict[str, list[str]]) -> bool:
    if post["author_id"] in rules["blocks"]:
        return True
    texts = [str(post.get(field, "")) for field in ("caption", "on_screen_text", "sound_title", "hashtags")]
    text = unicodedata.normalize("NFKC", " ".join(texts)).casefold()
    return any(re.search(rf"\b{re.escape(term)}\b", text) for term in rules["terms"])


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(read_config().redis_url)


def add_baselines(app: Flask) -> None:
    """Register the baselines; before the door is installed, so that they stand behind it as well."""
    app.add_url_rule("/v1/feed/baseline/no-op", view_func=no_op, methods=["POST"])
    app.add_url_rule("/v1/feed/baseline/flask-json", view_func=flask_json, methods=["POST"])
    app.add_url_rule("/v1/feed/baseline/parse-only", view_func=parse_only, methods=["POST"])
    app.add_url_rule("/v1/feed/baseline/naive", view_func=naive, methods=["POST"])


app = create_app(read_config(), also=add_baselines)
