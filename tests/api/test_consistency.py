"""Consistency tokens as they travel."""

import pytest

from service.api.consistency import ConsistencyTokens
from service.domain.consistency import Head, UnreadableToken, Version

TOKENS = ConsistencyTokens(bytes(range(32)))
HEAD = Head("alice", 3, Version(1_790_000_000_000_000, 7))


def test_a_token_stands_for_the_version_it_was_made_of() -> None:
    assert TOKENS.version("alice", TOKENS.token(HEAD)) == HEAD.version


def test_no_token_asks_for_no_version() -> None:
    assert TOKENS.version("alice", None) is None


def test_tokens_of_one_version_differ_so_that_a_change_of_token_tells_nothing() -> None:
    assert TOKENS.token(HEAD) != TOKENS.token(HEAD)


def test_a_mark_changes_with_its_facts_and_cannot_be_made_without_the_key() -> None:
    mark = TOKENS.mark("alice", 1, 2)

    assert mark == TOKENS.mark("alice", 1, 2)
    assert len({mark, TOKENS.mark("alice", 1, 3), ConsistencyTokens(bytes(32)).mark("alice", 1, 2)}) == 3


def test_a_token_is_good_for_its_user_and_its_key_only() -> None:
    token = TOKENS.token(HEAD)

    for tokens, user in ((TOKENS, "bob"), (ConsistencyTokens(bytes(32)), "alice")):
        with pytest.raises(UnreadableToken):
            tokens.version(user, token)


def test_a_token_changed_anywhere_is_no_token() -> None:
    token = TOKENS.token(HEAD)

    for place in range(len(token) - 1):  # the last character has bits to spare
        other = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(UnreadableToken):
            TOKENS.version("alice", other)


@pytest.mark.parametrize("text", ["", "A", "abc", "=", "a" * 43, "a" * 54, "é", "\0", " ", "a" * 10_000])
def test_any_other_text_is_no_token(text: str) -> None:
    with pytest.raises(UnreadableToken):
        TOKENS.version("alice", text)
