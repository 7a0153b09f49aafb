"""Owns where things lie in the repository, and how nbgrader is started in it."""

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
    """The environment for nbgrader: its programs found by name; one thread a kernel, since its tensors are tiny."""
    programs = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": programs + os.pathsep + os.environ.get("PATH", ""), "PYTHONWARNINGS": "ignore",
            "OMP_NUM_THREADS": "1"}


def nbgrader(*arguments, cwd=ROOT, **options):
    """Start an nbgrader command in `cwd` (a course directory) and return the running process, its log on stdout."""
    command = [sys.executable, "-m", "nbgrader", *map(str, arguments)]
    return subprocess.Popen(command, cwd=cwd, env=environment(), text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, **options)


def run_nbgrader(*arguments, cwd=ROOT):
    """Run an nbgrader command to its end and return its log; RuntimeError with the log's last lines if it fails."""
    process = nbgrader(*arguments, cwd=cwd)
    log, _ = process.communicate()
    if process.returncode:
        tail = "\n".join(log.strip().splitlines()[-15:])
        raise RuntimeError(f"nbgrader {' '.join(map(str, arguments))} ended with status {process.returncode}:\n{tail}")
    return log
