"""A real Dask scheduler and real workers, as processes of this machine."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

PATIENCE = 3  # seconds without a sign after which the scheduler takes a worker for lost


class DaskCluster:
    """A scheduler on a free port, and workers of one thread each that are started one by one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs: list[Path] = []
        self.scheduler = self.started(
            "scheduler",
            *("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"),
            DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL=f"{PATIENCE}s",
        )
        self.address = self.said(r"Scheduler at:\s+(tcp://\S+)")
        self.workers: list[subprocess.Popen[bytes]] = []

    def started(self, *words: str, **variables: str) -> subprocess.Popen[bytes]:
        """A program of Dask's, in a group of its own, its log in a file."""
        self.logs.append(self.folder / f"log-{len(self.logs)}")
        with open(self.logs[-1], "wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *words],
                cwd=self.folder,
                env={**os.environ, **variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self, pattern: str) -> str:
        """Wait until the program that was started last says this; the pattern's group."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if found := re.search(pattern, self.logs[-1].read_text()):
                return found[1]
            time.sleep(0.05)
        raise AssertionError(self.logs[-1].read_text())

    def add_worker(self) -> subprocess.Popen[bytes]:
        """One more worker, without somebody who starts it again; it is known to the scheduler."""
        words = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0")
        worker = self.started("worker", self.address, *words)
        self.said(r"(Starting established connection)")
        self.workers.append(worker)
        return worker

    def end(self, worker: subprocess.Popen[bytes]) -> None:
        """End a worker, however it is."""
        self.workers.remove(worker)
        worker.kill()
        worker.wait()

    def close(self) -> None:
        """End all of it."""
        for process in (*self.workers, self.scheduler):
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in (*self.workers, self.scheduler):
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def children_of(pid: int) -> list[psutil.Process]:
    """All processes below one."""
    return psutil.Process(pid).children(recursive=True)
