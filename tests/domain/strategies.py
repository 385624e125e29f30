"""Draws settings and candidates from a small world, so that they often meet."""

from datetime import datetime, timedelta
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from service.domain.feed import Candidate, Quoted
from service.domain.feed_rules import FeedRules, FilterRule, MuteRule
from service.domain.keyword_filters import Action, AuthorScope, Field, Op, ScopeKind
from service.domain.matching import Mode
from service.domain.mutes import ALL_SCOPES, MuteScope, MuteType
from service.domain.not_interested import Entity, Push
from service.domain.surfaces import SURFACES
from tests.builders import NOW, feed_rules

PEOPLE: Final = ("ann", "ben", "cleo", "viewer")
WORDS: Final = ("alpha", "beta", "gamma")
HOSTS: Final = ("a.example", "b.a.example", "c.example")

few: Final = settings(max_examples=40, deadline=None)
"""For properties over whole settings, which cost more to draw than to decide."""

people = st.sampled_from(PEOPLE)
others = st.sampled_from(PEOPLE[:-1])
words = st.sampled_from(WORDS)
texts = st.lists(words, max_size=2).map(" ".join)
surfaces = st.sampled_from(list(SURFACES.values()))
ends: st.SearchStrategy[datetime | None] = st.sampled_from(
    [None, NOW - timedelta(days=1), NOW, NOW + timedelta(microseconds=1), NOW + timedelta(days=1)]
)


def some(things: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    """Draw up to two of something."""
    return st.lists(things, max_size=2).map(tuple)


candidates: st.SearchStrategy[Candidate] = st.builds(
    Candidate,
    id=st.sampled_from(["p1", "p2", "p3"]),
    author_id=people,
    caption=texts,
    hashtags=some(words),
    transcript=texts,
    sound_id=st.none() | words,
    topics=some(words),
    links=some(st.sampled_from([f"https://{host}/x" for host in HOSTS])),
    quoted=st.none() | st.builds(Quoted, people, texts),
    reposter_id=st.none() | people,
    parent_author_id=st.none() | people,
    root_author_id=st.none() | people,
    mentions=some(people),
    viewer_follows_author=st.booleans(),
)

filters: st.SearchStrategy[FilterRule] = st.builds(
    FilterRule,
    id=st.just("unnamed"),
    terms=st.lists(words, min_size=1, max_size=2, unique=True).map(tuple),
    op=st.sampled_from(Op),
    mode=st.just(Mode.WORD),
    strictness=st.none(),
    fields=st.sampled_from([tuple(Field), (Field.CAPTION,), (Field.QUOTED, Field.HASHTAGS)]),
    surfaces=st.sampled_from([(), ("for_you",), ("profile", "comments")]),
    author_scope=st.sampled_from(
        [
            AuthorScope(),
            AuthorScope(ScopeKind.EXCLUDE_FOLLOWING),
            AuthorScope(ScopeKind.ONLY, ("ann",)),
            AuthorScope(ScopeKind.EXCEPT, ("ann", "ben")),
        ]
    ),
    action=st.none() | st.sampled_from(Action),
    expires_at=ends,
)

user_mutes = st.builds(
    MuteRule,
    type=st.just(MuteType.USER),
    id=others,
    scopes=st.lists(st.sampled_from(MuteScope), min_size=1, unique=True).map(tuple),
    expires_at=ends,
)
thing_mutes = st.builds(
    MuteRule,
    type=st.sampled_from([MuteType.HASHTAG, MuteType.TOPIC, MuteType.SOUND]),
    id=words,
    scopes=st.just(ALL_SCOPES),
    expires_at=ends,
)
domain_mutes = st.builds(
    MuteRule,
    type=st.just(MuteType.DOMAIN),
    id=st.sampled_from(HOSTS),
    scopes=st.just(ALL_SCOPES),
    expires_at=ends,
)
mutes: st.SearchStrategy[MuteRule] = user_mutes | thing_mutes | domain_mutes

pushes: st.SearchStrategy[Push] = st.builds(
    lambda of, days, weak: Push(of[0], of[1], NOW - timedelta(days=days), weak=weak),
    st.sampled_from(
        [
            (Entity.ITEM, "p1"),
            (Entity.AUTHOR, "ann"),
            (Entity.SOUND, "alpha"),
            (Entity.HASHTAG, "beta"),
            (Entity.TOPIC, "gamma"),
        ]
    ),
    st.integers(0, 200),
    st.booleans(),
)

rules: st.SearchStrategy[FeedRules] = st.builds(
    lambda blocks, blocked_by, muted, filtered, pushed: feed_rules(
        blocks=blocks,
        blocked_by=blocked_by,
        mutes=tuple({(mute.type, mute.id): mute for mute in muted}.values()),
        filters=tuple(replace(each, id=f"filter-{number}") for number, each in enumerate(filtered)),
        pushes=tuple(pushed),
    ),
    st.dictionaries(others, ends, max_size=2),
    st.dictionaries(others, ends, max_size=2),
    st.lists(mutes, max_size=3),
    st.lists(filters, max_size=3),
    st.lists(pushes, max_size=4),
)
