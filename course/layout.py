"""Where things lie in the repository, and how nbgrader and proctor are started in it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = "convolution"
SOURCE = ROOT / "source" / ASSIGNMENT
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
ANSWERS = ROOT / "tests" / "answers"


def environment() -> dict[str, str]:
    """The environment for nbgrader and proctor: their programs are found by name.

    Each has one thread, since the tensors are tiny.
    """
    programs = str(Path(sys.executable).parent)
    return {
        **os.environ,
        "PATH": programs + os.pathsep + os.environ.get("PATH", ""),
        "PYTHONWARNINGS": "ignore",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
    }


def nbgrader(*arguments: object, cwd: Path = ROOT, **options: Any) -> subprocess.Popen[str]:
    """Start an nbgrader command in `cwd`, a course directory: the process, its log on stdout."""
    command = [sys.executable, "-m", "nbgrader", *map(str, arguments)]
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **options,
    )


def run_nbgrader(*arguments: object, cwd: Path = ROOT) -> str:
    """Run an nbgrader command to its end and return its log.

    RuntimeError with the log's last lines if it fails.
    """
    return ended(nbgrader(*arguments, cwd=cwd))


def ended(process: subprocess.Popen[str]) -> str:
    """Wait for an nbgrader command that was started, as `run_nbgrader` does."""
    log, _ = process.communicate()
    if process.returncode:
        tail = "\n".join(log.strip().splitlines()[-15:])
        assert isinstance(process.args, list)
        raise RuntimeError(
            f"nbgrader {' '.join(map(str, process.args[3:]))} "
            f"ended with status {process.returncode}:\n{tail}"
        )
    return log


def grade(*arguments: object, cwd: Path = ROOT) -> dict[str, list[str]]:
    """Run `proctor grade` in a course directory, its progress on the terminal.

    Returns what it says of students, {student: sentences}, the most telling first.
    RuntimeError if it could not begin; why stands on stderr then.
    """
    command = [sys.executable, "-m", "proctor", "grade", ASSIGNMENT, "--json", *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, env=environment(), text=True, stdout=subprocess.PIPE)
    if done.returncode > 1 or not done.stdout:
        raise RuntimeError(
            f"proctor grade ended with status {done.returncode}, without a report; "
            "its last words stand above."
        )
    return {
        row["student"]: row["human"] + row["notes"]
        if row["status"] == "graded"
        else row["notes"] + row["human"]
        for row in json.loads(done.stdout)["rows"]
    }


def feedback(*arguments: object, cwd: Path = ROOT) -> None:
    """Run `proctor feedback` in a course directory, its progress on the terminal.

    RuntimeError in words if a page is missing.
    """
    command = [sys.executable, "-m", "proctor", "feedback", ASSIGNMENT, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, env=environment(), text=True, stdout=subprocess.PIPE)
    if done.returncode:
        raise RuntimeError(
            f"proctor feedback ended with status {done.returncode}; "
            f"its last words stand above.\n{done.stdout}"
        )


def report(*arguments: object, cwd: Path = ROOT) -> str:
    """Run `proctor report` in a course directory: what it prints.

    RuntimeError in words if it fails.
    """
    command = [sys.executable, "-m", "proctor", "report", ASSIGNMENT, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, env=environment(), text=True, stdout=subprocess.PIPE)
    if done.returncode:
        raise RuntimeError(
            f"proctor report ended with status {done.returncode}; its last words stand above."
        )
    return done.stdout
