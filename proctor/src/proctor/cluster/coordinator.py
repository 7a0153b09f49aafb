"""The coordinator's side of a cluster: it hands out submissions, and takes the results.

Only this process writes the gradebook and folders. Dask gives what a lost worker had to another one.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import queue
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from typing import Any

from distributed import Client, Future, KilledWorker

from proctor.cluster.contents import Assignment, packed_assignment, packed_submission
from proctor.cluster.dask_worker import Notebooks, examine
from proctor.course import CourseError
from proctor.examiner.packet import unpacked_result
from proctor.examiner.results import Event, Outcome
from proctor.examiner.template import Task
from proctor.pool.bases import Bases
from proctor.pool.pool import Result
from proctor.pool.pools import Pools, PoolSettings

CONNECTING = 10.0  # seconds for the scheduler to answer
LOOKING = 2.0  # seconds without a result after which it is looked whether there are workers
AHEAD = 2  # submissions for each thread of the cluster that are on their way, beyond one at work
LEAST_AHEAD = 8
Say = Callable[[str], None]


class Cluster:
    """A connection to a Dask scheduler. `say` is told, in words, what keeps the grading waiting."""

    def __init__(self, client: Client, address: str, say: Say) -> None:
        self.client, self.address, self.say = client, address, say

    def pools(self, bases: Bases, settings: PoolSettings) -> Pools:
        """The pools of a grading whose submissions are examined by the cluster."""
        return ClusterPools(self, bases, settings)

    def threads(self) -> int:
        """How many submissions the cluster examines at a time; CourseError if it is gone."""
        try:
            return sum(self.client.nthreads().values())
        except (OSError, RuntimeError, CancelledError) as error:
            raise self.lost() from error

    def lost(self) -> CourseError:
        """That the scheduler is gone, in words."""
        return CourseError(
            f"The connection to the scheduler {self.address} is lost. What was graded is kept: "
            "start again to grade the rest."
        )


@contextlib.contextmanager
def connected(address: str, say: Say) -> Iterator[Cluster]:
    """A connection to the scheduler at an address such as tcp://host:8786; CourseError in words.

    For tls:// the certificates are those of Dask's own configuration (distributed.comm.tls).
    """
    try:
        client = Client(address, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        raise CourseError(
            f"No Dask scheduler answers at {address} ({error}): see that `dask scheduler` runs there, "
            "and that the address begins with tcp:// or tls://."
        ) from error
    # What its logs would say of a lost connection is said in words here.
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("distributed"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    with client:
        client.register_plugin(Notebooks())
        yield Cluster(client, address, say)


def as_it_is(assignment: Assignment) -> Assignment:
    """The task that brings an assignment to the workers, once, from one to the next."""
    return assignment


class ClusterPools(Pools):
    """Pools whose submissions are examined by a cluster; preparations run here."""

    def __init__(self, cluster: Cluster, bases: Bases, settings: PoolSettings) -> None:
        super().__init__(bases, settings)
        self.cluster = cluster
        self.run = uuid.uuid4().hex[:12]
        self.prefixes: dict[str, Mapping[int, Any]] = {}

    def examine(self, name: str, tasks: Iterable[tuple[str, Task]]) -> Iterator[Result]:
        """(key, outcome, notebook) of each (key, task), as they are done, each once."""
        assignment = packed_assignment(self.settings.template(name))
        client = self.cluster.client
        # A task, and no data that was scattered: what a lost worker had can be had again.
        content = client.submit(as_it_is, assignment, key=f"proctor-{self.run}-{name}")
        waiting, open_tasks = iter(tasks), dict[str, Any]()
        done: queue.SimpleQueue[Future] = queue.SimpleQueue()
        count = itertools.count()
        futures: dict[str, Future] = {}
        most, looked = LEAST_AHEAD, -LOOKING
        try:
            while True:
                if time.monotonic() - looked > LOOKING:
                    most = max(LEAST_AHEAD, (AHEAD + 1) * self.cluster.threads())
                    looked = time.monotonic()
                room = most - len(open_tasks)
                for key, task in itertools.islice(waiting, max(0, room)):
                    number = f"proctor-{self.run}-{name}-{next(count)}"
                    future = client.submit(
                        examine, content, packed_submission(task), key=number, pure=False
                    )
                    open_tasks[number], futures[number] = key, future
                    future.add_done_callback(done.put)
                if not open_tasks:
                    return
                future = self.next_done(done)
                if future.key in open_tasks:
                    del futures[future.key]
                    yield self.result(name, open_tasks.pop(future.key), future)
        finally:
            with contextlib.suppress(Exception):  # the cluster may be gone
                client.cancel(list(futures.values()))

    def next_done(self, done: queue.SimpleQueue[Future]) -> Future:
        """The next submission that is done; who waits for a cluster without workers is told so."""
        told = False
        while True:
            with contextlib.suppress(queue.Empty):
                return done.get(timeout=LOOKING)
            if not self.cluster.threads() and not told:
                self.cluster.say(
                    f"The cluster at {self.cluster.address} has no workers: waiting for one "
                    f"(`dask worker {self.cluster.address} --nthreads 1`); Ctrl-C ends this."
                )
                told = True

    def result(self, name: str, key: Any, future: Future) -> Result:
        """A result as it is handed on; CourseError if no submission can be examined there."""
        try:
            kind, told = future.result()
        except KilledWorker:
            words = "Several workers of the cluster ended while they examined this submission."
            return key, Outcome(events=[Event("crashed", None, words)]), None
        except CancelledError as error:
            raise self.cluster.lost() from error
        except Exception as error:
            words = f"A worker of the cluster could not examine it: {type(error).__name__}: {error}"
            return key, Outcome(events=[Event("crashed", None, words)]), None
        if kind == "refused":
            raise CourseError(f"A worker of the cluster at {self.cluster.address} refuses: {told}.")
        return key, *unpacked_result(told, lambda: self.prefix(name))

    def prefix(self, name: str) -> Mapping[int, Any]:
        """What the first cells show, as it is kept or drawn here."""
        if name not in self.prefixes:
            shown = self.shown(name).read()
            if shown is not None and name not in self.open:
                self.prefixes[name] = shown.outputs
            else:
                with self.used(name) as pool:
                    self.prefixes[name] = pool.prefix
        return self.prefixes[name]
