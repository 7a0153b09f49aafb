"""Owns where things lie in the repository, and how nbgrader and proctor are started in it."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = "convolution"
SOURCE = ROOT / "source" / ASSIGNMENT
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
ANSWERS = ROOT / "tests" / "answers"


def environment():
    """The environment for nbgrader and proctor: programs and proctor found by name; one thread each, since the tensors are tiny."""
    programs = str(Path(sys.executable).parent)
    return {
        **os.environ,
        "PATH": programs + os.pathsep + os.environ.get("PATH", ""),
        "PYTHONWARNINGS": "ignore",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
    }


def nbgrader(*arguments, cwd=ROOT, **options):
    """Start an nbgrader command in `cwd` (a course directory) and return the running process, its log on stdout."""
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


def run_nbgrader(*arguments, cwd=ROOT):
    """Run an nbgrader command to its end and return its log; RuntimeError with the log's last lines if it fails."""
    process = nbgrader(*arguments, cwd=cwd)
    log, _ = process.communicate()
    if process.returncode:
        tail = "\n".join(log.strip().splitlines()[-15:])
        raise RuntimeError(
            f"nbgrader {' '.join(map(str, arguments))} ended with status {process.returncode}:\n{tail}"
        )
    return log


def grade(*arguments, cwd=ROOT):
    """Run `proctor grade` in a course directory, its progress on the terminal: what it has to say of students, {student: sentences}.

    The most telling comes first. RuntimeError if it could not begin; why stands on stderr then.
    """
    command = [sys.executable, "-m", "proctor", "grade", ASSIGNMENT, "--json", *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, env=environment(), text=True, stdout=subprocess.PIPE)
    if done.returncode > 1 or not done.stdout:
        raise RuntimeError(
            f"proctor grade ended with status {done.returncode}, without a report; its last words stand above."
        )
    return {
        row["student"]: row["human"] + row["notes"]
        if row["status"] == "graded"
        else row["notes"] + row["human"]
        for row in json.loads(done.stdout)["rows"]
    }


def feedback(*arguments, cwd=ROOT):
    """Run `proctor feedback` in a course directory, its progress on the terminal; RuntimeError in words if a page is missing."""
    command = [sys.executable, "-m", "proctor", "feedback", ASSIGNMENT, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, env=environment(), text=True, stdout=subprocess.PIPE)
    if done.returncode:
        raise RuntimeError(
            f"proctor feedback ended with status {done.returncode}; its last words stand above.\n{done.stdout}"
        )
