"""Prepare notebooks ahead of whoever grades them, several at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from proctor.pool.pools import OPEN, Pools
from proctor.preparation.decision import NotebookDecision

AT_ONCE = OPEN - 2  # notebooks that are prepared while another one is graded


class DecisionsAhead:
    """How the tests of an assignment's notebooks are graded, found by `decide` in the order of `names`.

    Where there is more than one notebook, the pools of the next ones are opened and the notebooks
    prepared meanwhile, in threads of their own, which have ended when this context is left. To be
    asked for in the order of `names`.
    """

    def __init__(
        self,
        names: Sequence[str],
        decide: Callable[[str], NotebookDecision],
        pools: Pools,
        at_once: int = AT_ONCE,
    ) -> None:
        self.decide, self.pools = decide, pools
        self.names = list(names)
        self.at_once = min(at_once, AT_ONCE)
        self.futures: dict[str, Future[NotebookDecision]] = {}
        self.found: dict[str, NotebookDecision] = {}
        self.threads = ThreadPoolExecutor(self.at_once) if len(self.names) > 1 else None

    def __enter__(self) -> DecisionsAhead:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if self.threads is not None:
            self.threads.shutdown(wait=False, cancel_futures=True)
            if kind is not None:  # what the threads wait for comes to an end
                self.pools.close_all()
            self.threads.shutdown()

    def decision(self, name: str) -> NotebookDecision:
        """That of one notebook, waited for."""
        if name not in self.found:
            self.found[name] = self.decide(name) if self.threads is None else self.waited(name)
        return self.found[name]

    def waited(self, name: str) -> NotebookDecision:
        """That of one notebook from its thread, while those of the next ones are begun."""
        assert self.threads is not None
        if not self.futures:
            self.pools.load()  # in this thread: the process that it may start ends with its thread
        begun = self.names.index(name) + 1 + self.at_once
        for one in self.names[len(self.futures) : begun]:
            self.futures[one] = self.threads.submit(self.opened, one)
        return self.futures[name].result()

    def opened(self, name: str) -> NotebookDecision:
        """In a thread: open a notebook's pool, and find how its tests are graded."""
        with self.pools.used(name):
            return self.decide(name)
