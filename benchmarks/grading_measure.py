"""Measures commands: seconds, and the peak memory of all their processes together."""

import subprocess
import threading
import time
from dataclasses import dataclass, field

import psutil

PAUSE = 0.25


@dataclass
class Run:
    """One way of grading a class, measured; `graded` of `size` submissions, `others` are cells with
    other points than they must get.
    """

    way: str
    size: int
    graded: int
    seconds: float
    memory: int
    statuses: list
    others: list
    missing: int
    busy: str
    found: dict = field(repr=False)


def busy():
    """How busy the processors are before a run, in half a second."""
    return f"{psutil.cpu_percent(interval=0.5):.0f} %"


def held(process):
    """The memory a process holds: its share of what forks have in common (PSS) where the system
    tells, else all it sees.
    """
    try:
        return process.memory_full_info().pss
    except (psutil.Error, AttributeError):
        try:
            return process.memory_info().rss
        except psutil.Error:
            return 0


def family(processes):
    """The processes and all their descendants, those that still live."""
    for process in processes:
        try:
            yield process
            yield from process.children(recursive=True)
        except psutil.Error:
            continue


def measured(commands, folder, environment):
    """Run the commands at the same time in `folder`: (seconds until the last ends, peak bytes, exit
    statuses).
    """
    begun, over, peak = time.monotonic(), threading.Event(), 0
    running = [
        psutil.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for command in commands
    ]

    def watch():
        nonlocal peak
        while not over.wait(PAUSE):
            peak = max(peak, sum(held(process) for process in family(running)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    statuses = [process.wait() for process in running]
    seconds = time.monotonic() - begun
    over.set()
    watcher.join()
    return seconds, peak, statuses
