"""The next notebooks are prepared while one is graded."""

import contextlib
import threading
from collections.abc import Iterator
from typing import cast

import pytest

from proctor.pool.pools import Pools
from proctor.preparation.ahead import AT_ONCE, DecisionsAhead
from proctor.preparation.decision import NotebookDecision

SECONDS = 30


class FakePools:
    """Notes which pools are in use, and what is asked besides."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.in_use: set[str] = set()
        self.ended = threading.Event()

    def load(self) -> None:
        self.log.append("load")

    def close_all(self) -> None:
        self.log.append("close")
        self.ended.set()

    @contextlib.contextmanager
    def used(self, name: str) -> Iterator[None]:
        self.in_use.add(name)
        try:
            yield
        finally:
            self.in_use.discard(name)


def decided(name: str) -> NotebookDecision:
    """What is found of a notebook."""
    return NotebookDecision(name)


def test_the_next_ones_are_begun() -> None:
    """While the first is graded as many others as may be are prepared, with their pools in use, no
    more, and each once."""
    pools, begun = FakePools(), list[str]()
    both, goes_on = threading.Semaphore(0), threading.Event()

    def decide(name: str) -> NotebookDecision:
        begun.append(name)
        if name != "a":
            both.release()
            assert goes_on.wait(SECONDS)
        return decided(name)

    with DecisionsAhead("abcdef", decide, cast(Pools, pools)) as decisions:
        assert decisions.decision("a").notebook == "a"
        for _ in range(AT_ONCE):
            assert both.acquire(timeout=SECONDS)
        assert sorted(begun) == sorted("abcdef"[: 1 + AT_ONCE])
        assert pools.in_use == set("bcdef"[:AT_ONCE])
        goes_on.set()
        found = [decisions.decision(name).notebook for name in "abcdefabc"]
    assert found == list("abcdefabc") and sorted(begun) == list("abcdef")
    assert pools.log == ["load"] and not pools.in_use


def test_a_single_notebook() -> None:
    """It is prepared by whoever asks, in no other thread."""
    mine, pools = threading.get_ident(), FakePools()

    def decide(name: str) -> NotebookDecision:
        assert threading.get_ident() == mine
        return decided(name)

    with DecisionsAhead("a", decide, cast(Pools, pools)) as decisions:
        assert decisions.decision("a").notebook == "a"
    assert pools.log == []


def test_a_preparation_that_fails() -> None:
    """Its error comes where the notebook is asked for; what is still being prepared is ended."""
    pools = FakePools()

    def decide(name: str) -> NotebookDecision:
        if name == "b":
            raise ValueError("it fell over")
        assert name == "a" or pools.ended.wait(SECONDS)
        return decided(name)

    with (
        pytest.raises(ValueError, match="it fell over"),
        DecisionsAhead("abc", decide, cast(Pools, pools)) as decisions,
    ):
        decisions.decision("a")
        decisions.decision("b")
    assert pools.log == ["load", "close"] and not pools.in_use


def test_an_interruption() -> None:
    """Ctrl-C ends what is being prepared, and nothing more is begun."""
    pools, begun = FakePools(), list[str]()

    def decide(name: str) -> NotebookDecision:
        begun.append(name)
        assert name == "a" or pools.ended.wait(SECONDS)
        return decided(name)

    with (
        pytest.raises(KeyboardInterrupt),
        DecisionsAhead("abcdef", decide, cast(Pools, pools)) as decisions,
    ):
        decisions.decision("a")
        raise KeyboardInterrupt
    assert pools.log[-1] == "close" and set(begun) <= set("abcdef"[: 1 + AT_ONCE])
