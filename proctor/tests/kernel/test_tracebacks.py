"""An error in a cell is shown as IPython shows it, without a search through all modules."""

import multiprocessing
import re
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

FORK = multiprocessing.get_context("fork")
AS_IPYTHON = """
from ipykernel.zmqshell import ZMQInteractiveShell
type(get_ipython()).showtraceback = ZMQInteractiveShell.showtraceback
"""
COUNTED = """
import inspect
searched = []
search = inspect.getmodule
def counted(object, _filename=None):
    searched.append(object)
    return search(object, _filename)
inspect.getmodule = counted
"""
ERRORS = {
    "in a cell": "def f(x):\n    return 1 / x\nf(0)",
    "in a library": "import json\njson.loads('{')",
    "of another": "try:\n    {}[1]\nexcept KeyError as error:\n    raise ValueError('x') from error",
    "repeated": "def f(x):\n    return f(x + 1)\nf(0)",
    "of no file": "exec('def g(): 1 / 0')\ng()",
    "of syntax": "def (",
    "within": "exec('def (')",
    "hidden": "def f():\n    __tracebackhide__ = True\n    raise OSError(2, 'no')\nf()",
}
BETWEEN = """
def fails(): 1 / 0

def calls(function): return function()

def wraps():
    try:
        fails()
    except ZeroDivisionError as error:
        raise ValueError("wrapped") from error
"""


def be_a_kernel(conn: Connection) -> None:
    """In a process of its own: run the cells that come."""
    from proctor.kernel.shell import Shell

    shell = Shell.instance()
    shell.take_streams()
    while True:
        text, count = conn.recv()
        conn.send((shell.cell(text, count)[0], shell.history_manager.exceptions.get(count)))


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Connection]:
    """A connection to a fresh shell, which takes cells and gives outputs."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    ours, theirs = FORK.Pipe()
    process = FORK.Process(target=be_a_kernel, args=(theirs,), daemon=True)
    process.start()
    yield ours
    process.kill()
    process.join()


def run(kernel: Connection, text: str, count: int = 1) -> tuple[list[dict[str, Any]], Any]:
    """The outputs of a cell, and what IPython's history has of its error."""
    kernel.send((text, count))
    told: tuple[list[dict[str, Any]], Any] = kernel.recv()
    return told


@pytest.mark.parametrize("text", ERRORS.values(), ids=ERRORS)
def test_an_error_is_shown_as_ipython_shows_it(kernel: Connection, text: str) -> None:
    """Its text is the same to the last character, and so is that in the history of another run."""
    shown, _ = run(kernel, text)
    run(kernel, AS_IPYTHON)
    assert shown == run(kernel, text)[0]
    assert shown[0]["traceback"]


def test_a_cell_is_searched_in_no_module(kernel: Connection) -> None:
    """No module is searched for the frames of cells, and afterwards a search is possible again."""
    run(kernel, COUNTED)
    run(kernel, ERRORS["in a cell"])
    cells = (
        "[one for one in searched if one.f_code.co_filename in get_ipython().compile._filename_map]"
    )
    outputs, _ = run(kernel, f"print({cells}, inspect.getmodule(inspect).__name__)")
    assert outputs[0]["text"] == "[] inspect\n"


def test_the_history_has_what_was_shown(kernel: Connection) -> None:
    """An error is made into text once: IPython's history has what was shown."""
    render = "def _render_traceback_(self):\n        made.append(1)\n        return ['told']"
    run(kernel, f"made = []\nclass Told(Exception):\n    {render}")
    outputs, kept = run(kernel, "raise Told('why')", 7)
    assert outputs[0]["traceback"] == ["told"]
    assert kept == {"ename": "Told", "evalue": "why", "traceback": ["told"]}
    assert run(kernel, "print(made)")[0][0]["text"] == "[1]\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("between.fails()", ["line 1"]),
        ("def own():\n    return 1 / 0\nbetween.calls(own)", ["line 3", "line 2"]),
        ("between.wraps()", ["line 1", "ZeroDivisionError", "ValueError"]),
    ],
)
def test_frames_of_a_folder_are_left_out(
    kernel: Connection, tmp_path: Path, text: str, shown: list[str]
) -> None:
    """What lies between a cell's frames, or below them, in files of that folder is not shown, in what
    caused the error neither; the cell's frames and the error are."""
    (tmp_path / "between.py").write_text(BETWEEN)
    run(kernel, f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import between")
    run(kernel, f"get_ipython().unshown_folder = {str(tmp_path)!r}")
    outputs, _ = run(kernel, text)
    told = "\n".join(outputs[0]["traceback"])
    assert "between.py" not in told
    assert all(words in re.sub("\x1b\\[[0-9;]*m", "", told) for words in shown)
