"""The base processes that the pools of these tests start from."""

from collections.abc import Iterator

import pytest

from proctor.pool.bases import Bases


@pytest.fixture(scope="session")
def bases() -> Iterator[Bases]:
    """Base processes for all tests of this folder."""
    with Bases() as made:
        yield made
