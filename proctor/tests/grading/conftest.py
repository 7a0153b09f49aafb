"""Gradings of the tiny course, with an engine and without."""

from collections.abc import Iterator

import pytest
from in_process_pools import InProcessPools

from proctor.pool.bases import Bases
from proctor.preparation import NotebookDecision, assignment


@pytest.fixture(scope="session")
def bases() -> Iterator[Bases]:
    """Base processes for all tests of this folder."""
    with Bases() as made:
        yield made


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> type[InProcessPools]:
    """The pools of gradings that need no engine."""
    monkeypatch.setattr(assignment, "Pools", InProcessPools)
    monkeypatch.setattr(
        assignment, "prepared", lambda notebook, *more: NotebookDecision(notebook.name)
    )
    monkeypatch.setattr(InProcessPools, "opened", [])
    monkeypatch.setattr(InProcessPools, "stop_after", None)
    monkeypatch.setattr(InProcessPools, "fail", ())
    return InProcessPools
