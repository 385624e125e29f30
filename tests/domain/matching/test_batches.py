"""Texts folded together fold to what they fold to alone."""

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.matching import batches
from service.domain.matching.batches import fold_all, skeletons_of
from service.domain.matching.finder import encoded
from service.domain.matching.likeness import skeleton
from service.domain.matching.normalising import fold
from tests.domain.matching.test_properties import QUICK, TEXTS


def alone(texts: list[str]) -> list[bytes]:
    return [encoded(fold(text)) for text in texts]


@QUICK
@given(st.lists(TEXTS, max_size=6))
def test_the_texts_beside_a_text_do_not_change_what_it_folds_to(texts: list[str]) -> None:
    assert fold_all(texts) == alone(texts)
    assert skeletons_of(texts) == [encoded(skeleton(text)) for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        "，！？（…）\u3000a",
        "＜\u0338",
        "e\ufe0f\u0301",
        "— ‘x’ “y” –_-\n",
        "a\x00b",
        "ᾳ\u0345",
        "\ud800",
        "\U000e0041a",
    ],
)
def test_what_is_common_folds_alike_in_company(text: str) -> None:
    texts = ["Ä", text, "plain", "", text]

    assert fold_all(texts) == alone(texts)
    assert skeletons_of(texts) == [encoded(skeleton(text)) for text in texts]


@pytest.mark.parametrize("careless", ["_odd", "_composed"])
def test_a_batch_that_overlooks_odd_texts_would_be_caught(careless: str) -> None:
    texts = ["é", "sp\u200bam", "e\u0301"]

    with patch.object(batches, careless, return_value=()):
        assert fold_all(texts) != alone(texts)
    assert fold_all(texts) == alone(texts)
