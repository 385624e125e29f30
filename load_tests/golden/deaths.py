"""A control that dies on one platform, beside others that do not."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import product
from typing import Any, Final

from load_tests.golden.planting import post, visit
from load_tests.golden.quarter import LAST_DAY
from load_tests.golden.stage import Stage, patiently
from service.domain.segments import Segment
from service.domain.silence import Series, SilenceState
from service.local.population import Call
from service.store.mining import PostgresMining
from service.usecases.mine import listen_for_silence

DIED: Final = datetime.combine(LAST_DAY, time(12), UTC)
DEAD: Final = Series("matches", "keyword_filter", "android")
A_WEEK: Final = timedelta(weeks=1)
HOURS: Final = range(-6, 7)
TERM: Final = "hushed"


def let_one_die(stage: Stage, people: int) -> None:
    """Let some look by the hour, five weeks long, until one platform's feed no longer says what posts say.

    So many ``people`` on each of three platforms look every hour; they do not all look at once.
    """
    crowds = {
        platform: [
            (f"watched-{platform}-{number}", Segment("GB", "en", platform, "adult"))
            for number in range(2 * people)
        ]
        for platform in ("android", "ios", "web")
    }
    stage.play_all([call for crowd in crowds.values() for each in crowd for call in beginnings(*each)])
    visits = []
    for (platform, crowd), week, hour in product(crowds.items(), range(5), HOURS):
        at = DIED - week * A_WEEK + timedelta(hours=hour)
        page = a_page_of_everything()
        if platform == DEAD.platform and not week and hour >= 0:
            page = [each | {"caption": ""} for each in page]
        looking = crowd[:people] if hour % 2 else crowd[people:]
        visits += [visit(person, at, page, segment) for person, segment in looking]
    stage.play_all(visits)
    stage.count_all()


def beginnings(person: str, segment: Segment) -> Iterator[Call]:
    """Let somebody filter, block, mute and reject, each in an hour of its own."""
    at = DIED - 5 * A_WEEK
    paths: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("POST", "/v1/me/keyword-filters", {"terms": [TERM]}),
        ("PUT", "/v1/me/blocks/troll", {}),
        ("PUT", "/v1/me/mutes/hashtag/loud", {}),
        ("POST", "/v1/me/not-interested", {"item_id": "unloved", "surface": "for_you"}),
    )
    for number, (method, path, body) in enumerate(paths):
        yield Call(at + timedelta(hours=number), method, path, body, person, segment, person)


def a_page_of_everything() -> list[dict[str, Any]]:
    """Return a page of which a quarter each is somebody's, loud, and about a term; and one post is unloved."""
    return [
        {"id": "unloved", "author_id": "ana"},
        *(post(f"t{n}", "troll") for n in range(6)),
        *(post(f"l{n}") | {"hashtags": ["loud"]} for n in range(6)),
        *(post(f"c{n}") | {"caption": f"about {TERM}"} for n in range(6)),
    ]


def noticed(stage: Stage) -> dict[Series, int]:
    """Listen hour after hour; return which series were not as usual, and how many hours after the death first."""
    desk = PostgresMining(stage.engine)
    found: dict[Series, int] = {}
    for hour in range(-5, 7):
        at = DIED + timedelta(hours=hour)
        patiently(partial(listen_for_silence, desk, at))
        for each in patiently(desk.silences):
            if each.state is not SilenceState.OK:
                found.setdefault(each.series, hour)
    return found
