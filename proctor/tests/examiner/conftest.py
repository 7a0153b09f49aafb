"""Candidates and base processes for the tests of the examiner."""

from collections.abc import Callable, Iterator

import pytest
from forked import ForkedCandidates

from proctor.pool.bases import Bases


@pytest.fixture(scope="session")
def bases() -> Iterator[Bases]:
    """Base processes for all tests of this folder."""
    with Bases() as made:
        yield made


@pytest.fixture
def candidates() -> Iterator[Callable[..., ForkedCandidates]]:
    """Makes candidates, which end with the test."""
    made: list[ForkedCandidates] = []

    def make(*arguments: object, **more: object) -> ForkedCandidates:
        made.append(ForkedCandidates(*arguments, **more))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()
