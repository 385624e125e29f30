"""What can be muted, and how it is compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.mutes import (
    ALL_SCOPES,
    MUTES_PER_USER,
    MuteScope,
    MuteTarget,
    MuteType,
    NewMute,
    as_domain,
    as_hashtag,
    mute_target,
    require_mutable,
    require_room_for_mute,
)
from service.domain.people import ID_LENGTH, CannotTargetYourself
from service.domain.refusals import InvalidValue, LimitReached


@pytest.mark.parametrize(
    "written",
    ["eldenring", "#EldenRing", "＃ｅｌｄｅｎｒｉｎｇ", "##elden_ring", "# elden-ring", "  Elden Ring "],
)
def test_a_hashtag_is_the_same_however_it_is_written(written: str) -> None:
    assert as_hashtag(written) == "eldenring"


@pytest.mark.parametrize(("one", "other"), [("straße", "STRASSE"), ("café", "CAFE\u0301"), ("東京", "#東京")])
def test_hashtags_of_any_script_are_compared_without_case_and_composition(one: str, other: str) -> None:
    assert as_hashtag(one) == as_hashtag(other)


@given(st.text(max_size=20))
def test_a_kept_hashtag_names_itself(written: str) -> None:
    once = as_hashtag(written)

    assert as_hashtag(once) == once


@pytest.mark.parametrize(
    "link",
    [
        "bad.example",
        "BAD.Example.",
        "//bad.example/x",
        "https://bad.example",
        "https://bad.example:8443/a?b=c#d",
        "https:bad.example/x",
        "https:/bad.example/x",
        "ftp://bad.example/x",
        "bad.example:8080/x",
        "bad.example/go?to=https://good.example",
        "bad.example?to=//good.example",
        "https://good.example@bad.example/",
        "https://bad.example\\@good.example/",
        "https:\\\\bad.example\\x",
        " https://bad.\nexample/ ",
        "https://b%61d.example/",
        "https://ｂａｄ.example/",
        "https://bad。example/",
        "mailto:somebody@bad.example",
    ],
)
def test_a_link_is_to_the_host_that_a_browser_would_open(link: str) -> None:
    assert as_domain(link) == "bad.example"


def test_an_international_domain_is_the_same_in_both_spellings() -> None:
    assert as_domain("https://bücher.example/") == as_domain("xn--bcher-kva.example")


@pytest.mark.parametrize("link", ["", "https://", "//", "https:///", "a" * 254, "ü" * 64 + ".example", "."])
def test_a_link_to_nowhere_has_no_domain(link: str) -> None:
    assert as_domain(link) == ""


@given(st.text(max_size=60))
def test_no_link_is_too_odd_to_look_at(link: str) -> None:
    assert len(as_domain(link)) <= 253


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        (MuteType.HASHTAG, "#Spoilers", "spoilers"),
        (MuteType.DOMAIN, "https://Bad.Example/page", "bad.example"),
        (MuteType.DOMAIN, "*.bad.example", "bad.example"),
        (MuteType.TOPIC, "Pets", "Pets"),
        (MuteType.SOUND, "#1", "#1"),
        (MuteType.USER, "Ann", "Ann"),
    ],
)
def test_hashtags_and_domains_are_kept_as_they_are_compared_and_ids_as_they_are(
    kind: MuteType, written: str, kept: str
) -> None:
    assert mute_target(kind, written) == MuteTarget(kind, kept)


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (MuteType.HASHTAG, "#"),
        (MuteType.HASHTAG, " _ "),
        (MuteType.DOMAIN, "https://"),
        (MuteType.DOMAIN, "bad%00.example"),
        (MuteType.DOMAIN, "bad%0a.example"),
        (MuteType.DOMAIN, "bad%2541.example"),
        (MuteType.DOMAIN, "bad%40good.example"),
        (MuteType.USER, ""),
    ],
)
def test_a_mute_of_nothing_is_refused(kind: MuteType, written: str) -> None:
    with pytest.raises(InvalidValue):
        mute_target(kind, written)


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (MuteType.HASHTAG, "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 12),
        (MuteType.DOMAIN, ".".join(["日の出と犬と雪の山と鳥の海"] * 4) + ".example"),
    ],
)
def test_what_is_muted_can_be_named_as_it_is_listed(kind: MuteType, written: str) -> None:
    """Else it could be neither unmuted by the list nor brought back from an export."""
    assert len(written) < ID_LENGTH
    with pytest.raises(InvalidValue, match="in the form that posts are compared with"):
        mute_target(kind, written)


@given(st.text("a.%@:/2540 ü", max_size=12) | st.text(max_size=20))
def test_a_muted_domain_names_itself(written: str) -> None:
    try:
        target = mute_target(MuteType.DOMAIN, written)
    except InvalidValue:
        return

    assert mute_target(*target) == target


def test_nobody_mutes_themself() -> None:
    with pytest.raises(CannotTargetYourself):
        require_mutable("ann", NewMute(MuteTarget(MuteType.USER, "ann")))


def test_a_sound_may_be_called_like_oneself() -> None:
    require_mutable("ann", NewMute(MuteTarget(MuteType.SOUND, "ann")))


def test_scopes_are_for_people_only() -> None:
    only_posts = (MuteScope.POSTS,)

    require_mutable("ann", NewMute(MuteTarget(MuteType.USER, "ben"), only_posts))
    with pytest.raises(InvalidValue):
        require_mutable("ann", NewMute(MuteTarget(MuteType.HASHTAG, "cats"), only_posts))


def test_a_mute_of_no_scope_is_refused() -> None:
    with pytest.raises(InvalidValue):
        require_mutable("ann", NewMute(MuteTarget(MuteType.USER, "ben"), ()))


def test_a_mute_covers_everything_unless_told_otherwise() -> None:
    assert NewMute(MuteTarget(MuteType.USER, "ben")).scopes == ALL_SCOPES


def test_the_limit_on_mutes_says_where_it_stands() -> None:
    require_room_for_mute(MUTES_PER_USER - 1)
    with pytest.raises(LimitReached) as refused:
        require_room_for_mute(MUTES_PER_USER)

    assert refused.value.facts == {"limit": 10_000, "current": 10_001}
