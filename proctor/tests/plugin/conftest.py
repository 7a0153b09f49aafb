"""A course that proctor autogrades, and a way to run nbgrader in it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import tiny_course

from proctor.sandbox import probe

CONFIGURED = (
    "import proctor.nbgrader_plugin",
    f"proctor.nbgrader_plugin.configure(c, sandbox={probe().enough})",
)
Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with nbgrader's programs, in which no user has settings."""
    folder = tmp_path_factory.mktemp("jupyter")
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    own = {
        f"JUPYTER{name}": str(folder / name)
        for name in ("_CONFIG_DIR", "_DATA_DIR", "_RUNTIME_DIR", "LAB_SETTINGS_DIR")
    }
    return kept | own | {"PATH": programs, "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces")}


@pytest.fixture(scope="session")
def run(environment: dict[str, str]) -> Run:
    """Run `python -m` with these words in a folder: the status, and all that was printed."""

    def run(folder: Path, *words: str, **variables: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=folder,
            env=environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    return run


@pytest.fixture
def canary(root: Path, tmp_path: Path) -> Path:
    """A file that the code of the student eve makes where nothing confines it."""
    path = tmp_path / "canary"
    text = f"try:\n    open({str(path)!r}, 'w').close()\nexcept OSError:\n    pass\n"
    notebook = tiny_course.answered(root, text + tiny_course.ANSWER)
    tiny_course.hand_in(root, "eve", {"sums.ipynb": notebook})
    return path


def waiting_graders(runtime: Path) -> list[psutil.Process]:
    """The processes of graders that are found in a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            own = process.environ().get("XDG_RUNTIME_DIR") == str(runtime)
            if own and "proctor.waiting.server" in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            pass
    return found
