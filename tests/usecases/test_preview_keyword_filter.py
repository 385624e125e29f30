"""A user tries a keyword filter before keeping it."""

from dataclasses import replace
from typing import Any

import pytest

from service.domain.feed import Candidate, Quoted
from service.domain.keyword_filters import Action
from service.domain.refusals import InvalidValue
from service.usecases.edit_allow_phrases import replace_allow_phrases
from service.usecases.edit_keyword_filters import add_keyword_filter
from service.usecases.ports import Parts
from service.usecases.preview_keyword_filter import SAMPLES, Preview, preview_keyword_filter
from tests.builders import NOW, a_candidate, a_new_keyword_filter, parts


def posts(*captions: str) -> list[Candidate]:
    return [a_candidate(id=f"p{number}", caption=caption) for number, caption in enumerate(captions)]


def previewed(*captions: str, around: Parts | None = None, **draft: Any) -> Preview:
    """Return what a draft of ``ada`` does to posts with these captions."""
    return preview_keyword_filter(around or parts(), "ada", a_new_keyword_filter(**draft), posts(*captions))


def test_kf_12_a_preview_tells_which_posts_are_hit_and_where() -> None:
    preview = previewed("lovely", "a spoiler", "Spoiler!")

    assert (preview.matched_ids, preview.total, preview.hidden) == (("p1", "p2"), 3, 2)
    assert [(each.id, each.hit.place.field, each.hit.span) for each in preview.samples] == [
        ("p1", "caption", (2, 9)),
        ("p2", "caption", (0, 7)),
    ]


def test_kf_12_a_preview_stores_nothing() -> None:
    around = parts()

    previewed("a spoiler", around=around)

    assert around.settings.feed_rules("ada").revision == 0


@pytest.mark.parametrize(("hit", "warns"), [(0, False), (2, False), (3, True)])
def test_kf_12_a_preview_warns_above_a_fifth(hit: int, warns: bool) -> None:  # noqa: FBT001
    captions = ["a spoiler"] * hit + ["lovely"] * (10 - hit)

    assert previewed(*captions).hides_much is warns


@pytest.mark.parametrize("action", [Action.WARN, Action.BLUR, Action.DOWNRANK])
def test_kf_12_a_draft_that_hides_nothing_is_not_warned_of(action: Action) -> None:
    preview = previewed("a spoiler", action=action)

    assert (len(preview.matched_ids), preview.hidden, preview.hides_much) == (1, 0, False)


def test_kf_12_on_a_profile_a_draft_only_warns_unless_it_says_otherwise() -> None:
    assert previewed("a spoiler", surfaces=("profile",)).hidden == 0
    assert previewed("a spoiler", surfaces=("profile",), action=Action.HIDE).hidden == 1


def test_kf_12_filters_that_are_there_count_towards_what_is_hidden() -> None:
    around = parts()
    add_keyword_filter(around, "ada", a_new_keyword_filter(terms=("leak",)))

    preview = previewed("a leak", "a spoiler", "a leak and a spoiler", *["lovely"] * 9, around=around)

    assert (preview.matched_ids, preview.hidden_already, preview.hidden) == (("p1", "p2"), 2, 3)
    assert preview.hides_much


def test_kf_12_a_draft_that_adds_nothing_is_not_warned_of() -> None:
    around = parts()
    add_keyword_filter(around, "ada", a_new_keyword_filter(terms=("leak",)))

    assert not previewed("a leak", around=around).hides_much


def test_kf_12_a_draft_under_a_kept_id_is_tried_in_its_place() -> None:
    around = parts()
    add_keyword_filter(around, "ada", a_new_keyword_filter(filter_id="mine", terms=("leak",)))

    preview = previewed("a leak", "a spoiler", around=around, filter_id="mine")

    assert (preview.hidden_already, preview.hidden) == (0, 1)


def test_kf_12_allow_phrases_count_as_in_a_feed() -> None:
    around = parts()
    replace_allow_phrases(around, "ada", ("spoiler alert",), expected=None)

    assert previewed("spoiler alert", "a spoiler", around=around).matched_ids == ("p1",)


def test_kf_12_own_posts_and_safety_notices_are_not_hit() -> None:
    around = replace(parts(), platform_accounts=frozenset({"safety"}))
    wanted = [a_candidate(id=each, author_id=each, caption="a spoiler") for each in ("ada", "safety", "eve")]

    preview = preview_keyword_filter(around, "ada", a_new_keyword_filter(), wanted)

    assert preview.matched_ids == ("eve",)


@pytest.mark.parametrize(("surface", "hidden"), [("for_you", 1), ("comments", 0)])
def test_kf_12_kf_17_in_a_thread_a_hit_in_a_quote_hides_no_post(surface: str, hidden: int) -> None:
    wanted = [a_candidate(quoted=Quoted("bob", "a spoiler"))]

    preview = preview_keyword_filter(parts(), "ada", a_new_keyword_filter(surfaces=(surface,)), wanted)

    assert (len(preview.matched_ids), preview.hidden) == (1, hidden)


def test_kf_12_samples_are_few_and_the_rest_is_counted() -> None:
    preview = previewed(*["a spoiler"] * 30)

    assert (len(preview.samples), len(preview.matched_ids)) == (SAMPLES, 30)


def test_kf_12_a_draft_that_could_not_be_kept_cannot_be_tried() -> None:
    with pytest.raises(InvalidValue):
        previewed("a spoiler", expires_at=NOW)
