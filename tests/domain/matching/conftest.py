"""Whatever holds of matching holds with either sieve: all of these tests run with both."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from service.domain.matching import compiled


@pytest.fixture(scope="module", autouse=True, params=["plain", "compiled"])
def sieve_in_use(request: pytest.FixtureRequest) -> Iterator[str]:
    """Have terms looked for by one sieve, then by the other; skips where nothing was compiled."""
    if request.param == "plain":
        with patch.object(compiled, "IS_COMPILED", new=False):
            yield request.param
    else:
        if not compiled.IS_COMPILED:
            pytest.skip("the quick sieve is not compiled: there is no compiler, or not through ./dev test")
        yield request.param
