"""A course directory and a user's own folders: commands that may leave a waiting grader, and what it
leaves."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import tiny_course
from nbgrader.api import Gradebook
from tiny_course import ASSIGNMENT, SUMS, WORDS

from proctor.sandbox import probe

WITHOUT_SANDBOX = [] if probe().enough else ["--no-sandbox"]
WAIT = 300
SOON = 120  # seconds for a process to end that was told to


@dataclass
class Site:
    """A course directory and a user's own folders."""

    root: Path
    runtime: Path
    temporary: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a command that leaves a waiting grader."""
        return dict(
            os.environ,
            XDG_RUNTIME_DIR=str(self.runtime),
            TMPDIR=str(self.temporary),
            PROCTOR_WAIT=str(WAIT),
        )

    def command(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        """Start `proctor` with these words, as somebody at a terminal does."""
        return subprocess.Popen(
            [sys.executable, "-W", "default", "-m", "proctor", *words],
            cwd=self.root,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=hear_interrupts,
        )

    def grade(self, *words: str, **variables: str) -> tuple[int, str, str]:
        """`proctor grade`, run to its end: (status, stdout, stderr)."""
        process = self.command("grade", ASSIGNMENT, *WITHOUT_SANDBOX, *words, **variables)
        out, err = process.communicate(timeout=300)
        return process.returncode, timeless(out), err

    def graders(self) -> list[psutil.Process]:
        """The graders that wait: those of this site's folder, without their helpers."""
        found = {}
        for process in psutil.process_iter():
            try:
                own = process.environ().get("XDG_RUNTIME_DIR") == str(self.runtime)
                if own and "proctor.waiting.server" in " ".join(process.cmdline()):
                    found[process] = process.ppid()
            except psutil.Error:
                pass
        numbers = {process.pid for process in found}
        return [process for process, parent in found.items() if parent not in numbers]

    def grader(self) -> psutil.Process:
        """The only grader that waits."""
        (found,) = self.graders()
        return found

    def left(self) -> list[str]:
        """What is there of waiting graders once they had time to go: processes, files, folders."""
        until = time.monotonic() + SOON
        while (found := self.remains()) and time.monotonic() < until:
            time.sleep(0.1)
        return found

    def remains(self) -> list[str]:
        """Processes, files and folders."""
        files = [*self.runtime.rglob("*"), *self.temporary.iterdir()]
        return [*map(str, files), *map(str, self.graders())]

    def points(self) -> dict[str, float]:
        """{student: points} of who has been graded."""
        with Gradebook(f"sqlite:///{self.root}/gradebook.db", "lab") as book:
            return {one.student_id: one.score for one in book.assignment_submissions(ASSIGNMENT)}

    def files(self) -> dict[str, str]:
        """All autograded files, {path: content}."""
        folder = self.root / "autograded"
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        return {str(path.relative_to(folder)): path.read_text() for path in paths}


def hear_interrupts() -> None:
    """Undo what tests started in the background inherit: that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def timeless(text: str) -> str:
    """A report without the seconds it took."""
    return re.sub(r"\d+\.\d+ s", "… s", text)


def hand_in(root: Path, student: str, answer: str = tiny_course.ANSWER) -> None:
    """Hand in both notebooks."""
    words = tiny_course.answered(root, "word = 'yes'", WORDS, "word")
    sums = tiny_course.answered(root, answer)
    tiny_course.hand_in(root, student, {f"{SUMS}.ipynb": sums, f"{WORDS}.ipynb": words})
