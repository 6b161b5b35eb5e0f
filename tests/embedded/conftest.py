"""One pair of throw-away servers for the tests that only look at them."""

from collections.abc import Iterator

import pytest

from clientbase.embedded import engines


@pytest.fixture(scope="module")
def throwaway() -> Iterator[engines.Engines]:
    with engines.start(throwaway=True) as started:
        yield started
