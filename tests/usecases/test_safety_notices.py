"""Safety notices of the platform, as callers of the decision calls see them."""

from dataclasses import replace

import pytest

from service.config import read_config
from service.usecases.check_comments import check_comments
from service.usecases.edit_keyword_filters import add_keyword_filter
from service.usecases.filter_feed import filter_feed
from tests.builders import a_candidate, a_comment, a_new_keyword_filter, a_post, parts

GIVEN = {
    "DATABASE_URL": "postgresql://x",
    "REDIS_URL": "redis://x",
    "AUTH_JWKS": "keys",
    "AUTH_ISSUER": "issuer",
    "AUTH_AUDIENCE": "audience",
    "CONSISTENCY_KEY": "ab" * 32,
}


@pytest.mark.parametrize(
    ("written", "accounts"),
    [(None, set()), ("", set()), ("safety", {"safety"}), (" safety, help ,", {"safety", "help"})],
)
def test_kf_11_configuration_names_the_accounts_that_send_safety_notices(
    written: str | None, accounts: set[str]
) -> None:
    given = GIVEN if written is None else {**GIVEN, "PLATFORM_SAFETY_ACCOUNTS": written}

    assert read_config(given).platform_safety_accounts == accounts


@pytest.mark.parametrize(
    ("accounts", "feed", "comment"), [((), "hide", "hide"), (("safety",), "keep", "show")]
)
def test_kf_11_no_filter_touches_notices_in_feeds_or_among_comments(
    accounts: tuple[str, ...], feed: str, comment: str
) -> None:
    around = replace(parts(), platform_accounts=frozenset(accounts))
    add_keyword_filter(around, "ada", a_new_keyword_filter(terms=("spoiler",)))
    notice = a_candidate(author_id="safety", caption="a spoiler")

    filtered = filter_feed(around, "ada", "for_you", [notice])
    checked = check_comments(
        around, a_post(), [a_comment(author_id="safety", text="a spoiler")], viewer_id="ada"
    )

    assert [filtered.decisions[0].outcome, checked.decisions[0].outcome] == [feed, comment]
