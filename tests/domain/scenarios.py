"""Reads decision tables: strictly, so that a slip of the pen is an error with a place and never a row that passes."""

import re
from collections.abc import Hashable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from service.domain.comment_limits import Audience, Gates, HoldMode, LimitedAudience
from service.domain.comments import Comment, CommentState, Post
from service.domain.feed import Candidate
from service.domain.keyword_filters import FIELDS_BY_DEFAULT, Action, Field, Op, ScopeKind
from service.domain.matching import Mode, Strictness
from service.domain.mutes import ALL_SCOPES, MuteScope, MuteType
from service.domain.not_interested import Direction, Reason
from service.domain.surfaces import SURFACES
from tests.builders import NOW

FOLDER: Final = Path(__file__).parents[1] / "scenarios"

CAST: Final = frozenset(
    "viewer author friend stranger troll owner commenter reposter quoted parent root safety".split()  # noqa: SIM905
)
RULES: Final = {"KF": 17, "NI": 12, "BM": 10, "CL": 12, "PD": 9, "FD": 7, "SY": 5, "AB": 5}
"""How many rules each group of the product has."""


class BadTable(Exception):  # noqa: N818  it says what is wrong with a file
    """A decision table that cannot be read, with the file and line where it goes wrong."""


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that tables tell; a member with an unknown name is refused."""


class GivenScope(Given, frozen=True):
    """Whose posts a filter looks at."""

    kind: ScopeKind
    authors: tuple[str, ...] = ()


class GivenFilter(Given, frozen=True):
    """A keyword filter."""

    terms: tuple[str, ...]
    id: str = "filter"
    op: Op = Op.ANY
    mode: Mode = Mode.WORD
    strictness: Strictness | None = None
    fields: tuple[Field, ...] = FIELDS_BY_DEFAULT
    surfaces: tuple[str, ...] = ()
    author_scope: GivenScope = GivenScope(kind=ScopeKind.EVERYONE)
    action: Action | None = None
    expires_at: datetime | None = None
    enabled: bool = True


class GivenBlock(Given, frozen=True):
    """A block of somebody, or by somebody."""

    user_id: str
    expires_at: datetime | None = None


class GivenMute(Given, frozen=True):
    """A mute."""

    type: MuteType
    id: str
    scopes: tuple[MuteScope, ...] = ALL_SCOPES
    expires_at: datetime | None = None


class GivenSignal(Given, frozen=True):
    """A not-interested signal about some other item, unless it names this one."""

    item_id: str = "another post"
    surface: str = "for_you"
    reasons: tuple[Reason, ...] = ()
    author_id: str | None = None
    sound_id: str | None = None
    hashtags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    sent_at: datetime = NOW
    direction: Direction = Direction.LESS


class GivenLimitedMode(Given, frozen=True):
    """A limited mode."""

    audience: LimitedAudience
    until: datetime
    since: datetime = NOW


class GivenLimits(Given, frozen=True):
    """Comment limits."""

    who_can_comment: tuple[Audience, ...] | None = None
    hold_mode: HoldMode = HoldMode.KEYWORDS
    keyword_terms: tuple[str, ...] = ()
    gates: Gates = Gates()
    approved_users: tuple[str, ...] = ()
    approved_users_exempt: bool = False
    care_mode: bool = False
    limited_mode: GivenLimitedMode | None = None


class GivenPostLimits(Given, frozen=True):
    """The rule of the post itself."""

    who_can_comment: tuple[Audience, ...] | None = None
    hold_mode: HoldMode | None = None
    gates: Gates | None = None


class GivenVerdict(Given, frozen=True):
    """A comment that was held at some time: with which text, and what its owner made of it."""

    state: CommentState = CommentState.HELD
    author_id: str = "commenter"
    text: str = "lovely"
    held_at: datetime = NOW


class GivenHistory(Given, frozen=True):
    """What the owner made of comments, by their ids, and of people."""

    comments: dict[str, GivenVerdict] = {}
    approved: tuple[str, ...] = ()
    turned_away: tuple[str, ...] = ()
    often_held: tuple[str, ...] = ()


class Settings(Given, frozen=True):
    """What somebody chose, and who blocked them."""

    keyword_filters: tuple[GivenFilter, ...] = ()
    allow_phrases: tuple[str, ...] = ()
    blocks: tuple[GivenBlock, ...] = ()
    blocked_by: tuple[GivenBlock, ...] = ()
    mutes: tuple[GivenMute, ...] = ()
    not_interested: tuple[GivenSignal, ...] = ()
    topic_levels: dict[str, int] = {}
    comment_limits: GivenLimits = GivenLimits()
    post_limits: GivenPostLimits | None = None


class Judge(StrEnum):
    """Which question a table asks."""

    FEED = "feed"
    NEW_COMMENTS = "new_comments"
    SHOWN_COMMENTS = "shown_comments"


OUTCOMES: Final = {
    Judge.FEED: ("keep", "downrank", "blur", "warn", "hide"),
    Judge.NEW_COMMENTS: ("allow", "hold", "refuse"),
    Judge.SHOWN_COMMENTS: ("show", "placeholder", "hide"),
}
"""What each question can be answered with, the unobjectionable first."""


class ExpectedReason(Given, frozen=True):
    """A reason; what it does not tell may be anything. ``says``: the very words that were hit."""

    code: str
    setting_id: str | None = None
    field: Field | None = None
    index: int | None = None
    says: str | None = None
    until: datetime | None = None


class Scenario(Given, frozen=True):
    """One row, with everything that its table gives."""

    name: str
    rules: tuple[str, ...]
    place: str
    judge: Judge
    expect: str
    reasons: tuple[str | ExpectedReason, ...] = ()
    multiplier: float | None = None
    quote: str = "keep"
    settings: Settings = Settings()
    owner_settings: Settings = Settings()
    candidate: Candidate = Candidate(id="post", author_id="author")
    comment: Comment = Comment(id="comment", author_id="commenter", text="lovely")
    post: Post = Post(id="post", owner_id="owner")
    parent: Comment | None = None
    history: GivenHistory = GivenHistory()
    surface: str = "for_you"
    at: datetime = NOW
    why: str = ""

    def __str__(self) -> str:
        """Name the test: ``pytest -k KF_07`` finds the rows about KF-07."""
        return f"{' '.join(rule.replace('-', '_') for rule in self.rules)} {self.name}"

    @property
    def expected_reasons(self) -> tuple[ExpectedReason, ...]:
        """The reasons in their long form."""
        return tuple(ExpectedReason(code=each) if isinstance(each, str) else each for each in self.reasons)


@cache
def read_tables() -> list[Scenario]:
    """Return every row of every table about feeds and comments."""
    files = sorted(chain(FOLDER.glob("feed_*.yaml"), FOLDER.glob("comments_*.yaml")))
    return [scenario for file in files for scenario in read_file(file)]


def read_file(file: Path) -> list[Scenario]:
    """Return the rows of one file; refuse one that has the same name twice."""
    try:
        tables = yaml.load(file.read_text("utf-8"), _PlainYaml)
    except yaml.YAMLError as wrong:
        raise BadTable(f"{file.name}: {wrong}") from wrong
    if not isinstance(tables, list):
        raise BadTable(f"{file.name}: is not a list of tables")
    scenarios: dict[str, Scenario] = {}
    for table in tables:
        for scenario in _rows_of(table, file.name):
            if scenario.name in scenarios:
                raise BadTable(
                    f"{scenario.place}: {scenario.name!r} stands at {scenarios[scenario.name].place}"
                )
            scenarios[scenario.name] = scenario
    return list(scenarios.values())


class _Located(dict[str, Any]):
    """A mapping that knows its line."""

    line = 0


class _PlainYaml(yaml.SafeLoader):
    """YAML in which ``off`` and ``no`` are words, a time is a text, and a key stands once."""

    yaml_implicit_resolvers: Final = {  # type: ignore[misc]
        first: [
            (tag, pattern) for tag, pattern in known if tag.endswith((":null", ":int", ":float", ":merge"))
        ]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_located(self, node: yaml.MappingNode) -> Iterator[_Located]:
        """Make a mapping that knows its line; refuse a key that stands twice."""
        made = _Located()
        made.line = node.start_mark.line + 1
        yield made
        for key_node, value_node in node.value:
            key: Hashable = self.construct_object(key_node, deep=True)
            if not isinstance(key, str) or key in made:
                raise yaml.YAMLError(
                    f"line {key_node.start_mark.line + 1}: the key {key!r} is not a new name"
                )
            made[key] = self.construct_object(value_node, deep=True)


_PlainYaml.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), ["t", "f"])
_PlainYaml.add_constructor("tag:yaml.org,2002:map", _PlainYaml.construct_located)

_OF_TABLE: Final = {"table", "rules", "judge", "given", "rows", "why"}
_PARTS: Final = {"settings", "owner_settings", "candidate", "comment", "post", "parent", "history"}
_OF_ROW: Final = {
    "name",
    "rules",
    "expect",
    "reasons",
    "multiplier",
    "quote",
    "surface",
    "at",
    "why",
} | _PARTS
_BASES: Final = {
    "candidate": {"id": "post", "author_id": "author"},
    "comment": {"id": "comment", "author_id": "commenter", "text": "lovely"},
    "post": {"id": "post", "owner_id": "owner"},
    "parent": {"id": "parent", "author_id": "friend", "text": "first"},
}


def _rows_of(table: Any, file: str) -> list[Scenario]:
    place = f"{file}:{getattr(table, 'line', 1)}"
    if not isinstance(table, dict) or not table.get("table") or not table.get("rows"):
        raise BadTable(f"{place}: a table has a name (table:) and rows")
    _require_known(table, _OF_TABLE, place)
    given = table.get("given", {})
    _require_known(given, _OF_ROW - {"name", "expect"}, place)
    shared = {"rules": table.get("rules", []), "judge": table.get("judge", "feed"), **given}
    rows = [_scenario(row, shared, f"{file}:{getattr(row, 'line', place)}") for row in table["rows"]]
    answers = {(row.expect, row.multiplier, row.quote, row.reasons) for row in rows}
    if len(answers) < 2:
        raise BadTable(f"{place}: every row of {table['table']!r} ends alike; show the other side too")
    return rows


def _scenario(row: Any, given: dict[str, Any], place: str) -> Scenario:
    if not isinstance(row, dict) or not row.get("name"):
        raise BadTable(f"{place}: a row has a name")
    _require_known(row, _OF_ROW, f"{place} ({row['name']})")
    merged = {**given, **row, "place": place}
    for part in _PARTS & merged.keys():
        merged[part] = _merged(_merged(_BASES.get(part, {}), given.get(part, {})), row.get(part, {}))
    try:
        scenario = msgspec.convert(_with_instants(merged), Scenario)
        _require_sense(scenario, merged)
    except (ValueError, TypeError) as wrong:
        raise BadTable(f"{place} ({row['name']}): {wrong}") from wrong
    return scenario


def _merged(below: Any, above: Any) -> Any:
    """Lay one mapping over another, member by member; anything else is replaced."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{name: _merged(below.get(name), value) for name, value in above.items()}}


def _require_known(members: Any, known: set[str], place: str) -> None:
    if not isinstance(members, dict) or members.keys() - known:
        raise BadTable(f"{place}: knows {sorted(known)}, not {members}")


def _require_sense(scenario: Scenario, merged: dict[str, Any]) -> None:
    """Refuse what is well formed and yet says nothing: unknown names, and members that the question ignores."""
    for rule in scenario.rules or [""]:
        group, _, number = rule.partition("-")
        if len(number) != 2 or not number.isdigit() or not 1 <= int(number) <= RULES.get(group, 0):
            raise ValueError(f"{rule!r} is no rule of the product")
    for person in _people_in(merged):
        if person not in CAST:
            raise ValueError(f"{person!r} is nobody of {sorted(CAST)}")
    if scenario.surface not in SURFACES:
        raise ValueError(f"{scenario.surface!r} is no surface")
    _require_answer(scenario)
    ignored = {
        Judge.FEED: {"owner_settings", "comment", "post", "parent", "history"},
        Judge.NEW_COMMENTS: {"settings", "candidate", "surface", "parent"},
        Judge.SHOWN_COMMENTS: {"candidate", "surface"},
    }[scenario.judge] & merged.keys()
    if ignored:
        raise ValueError(f"{scenario.judge} looks at no {sorted(ignored)}")


def _require_answer(scenario: Scenario) -> None:
    possible = OUTCOMES[scenario.judge]
    if scenario.expect not in possible:
        raise ValueError(f"expect is one of {possible}")
    if scenario.quote not in OUTCOMES[Judge.FEED]:
        raise ValueError(f"quote is one of {OUTCOMES[Judge.FEED]}")
    if (scenario.expect == "downrank") > (scenario.multiplier is not None):
        raise ValueError("a downrank has a multiplier")
    if scenario.expect not in {"keep", "allow", "show"} and not scenario.reasons:
        raise ValueError(f"{scenario.expect} has reasons")
    filters = {each.id for each in scenario.settings.keyword_filters}
    if len(filters) < len(scenario.settings.keyword_filters):
        raise ValueError("several filters need ids of their own")
    for reason in scenario.expected_reasons:
        if reason.setting_id and reason.setting_id not in filters:
            raise ValueError(f"there is no filter {reason.setting_id!r}")


_INSTANTS: Final = {
    *("at", "expires_at", "sent_at", "until", "created_at", "follows_owner_since", "account_created_at"),
    *("since", "held_at", "owner_reported_at"),
}
_UNITS: Final = {"us": "microseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_RELATIVE: Final = re.compile(r"(?P<sign>[+-])(?P<steps>(?:\d+(?:us|[smhd]))+)")
_STEP: Final = re.compile(r"(\d+)(us|[smhd])")


def instant(written: str) -> datetime:
    """Return the instant that a text such as ``+14d``, ``-1h30m`` or ``now`` stands for."""
    if written == "now":
        return NOW
    parts = _RELATIVE.fullmatch(written) if isinstance(written, str) else None
    if parts is None:
        raise ValueError(f"{written!r} is no time such as now, +14d or -1h30m")
    length = timedelta(**{_UNITS[unit]: int(count) for count, unit in _STEP.findall(parts["steps"])})
    return NOW + length if parts["sign"] == "+" else NOW - length


def _with_instants(told: Any) -> Any:
    if isinstance(told, list):
        return [_with_instants(each) for each in told]
    if not isinstance(told, dict):
        return told
    return {
        name: instant(value) if name in _INSTANTS and value is not None else _with_instants(value)
        for name, value in told.items()
    }


_PERSON: Final = {"author_id", "user_id", "owner_id", "reposter_id", "parent_author_id", "root_author_id"}
_PEOPLE: Final = {"mentions", "authors", "approved_users", "approved", "turned_away", "often_held"}


def _people_in(told: Any) -> Iterator[str]:
    if isinstance(told, list):
        for each in told:
            yield from _people_in(each)
    elif isinstance(told, dict):
        if told.get("type") == "user":
            yield told["id"]
        for name, value in told.items():
            if name in _PERSON:
                yield value
            elif name in _PEOPLE:
                yield from value
            else:
                yield from _people_in(value)
