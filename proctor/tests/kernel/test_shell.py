"""A cell run in the shell gives the outputs that a notebook's kernel gives, whatever it prints, shows
or raises."""

import multiprocessing
import textwrap
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

FORK = multiprocessing.get_context("fork")
Kernel = Callable[..., list[dict[str, Any]]]
NOBODY = "raw_input was called, but this frontend does not support input requests."


def be_a_kernel(conn: Connection, limit: int | None) -> None:
    """In a process of its own: run the cells that come."""
    from proctor.kernel.outputs import bounded
    from proctor.kernel.shell import Shell

    shell = Shell.instance(limit=limit)
    shell.take_streams((bounded(), bounded()))
    while True:
        conn.send(shell.cell(*conn.recv()))


@pytest.fixture
def kernel(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Kernel]:
    """A function that runs a cell in a fresh shell and returns its outputs."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))
    ours, theirs = FORK.Pipe()
    limit = getattr(request, "param", None)
    process = FORK.Process(target=be_a_kernel, args=(theirs, limit), daemon=True)
    process.start()

    def run(text: str, *more: object) -> list[dict[str, Any]]:
        ours.send((textwrap.dedent(text), *more))
        return ours.recv()[0]

    yield run
    process.kill()
    process.join()


def told(outputs: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Outputs in short: kind and what is in it."""
    short: dict[str, Callable[[dict[str, Any]], tuple[Any, ...]]] = {
        "stream": lambda o: (o["name"], o["text"]),
        "error": lambda o: (o["ename"], o["evalue"]),
        "execute_result": lambda o: (o["execution_count"], o["data"]["text/plain"]),
        "display_data": lambda o: tuple(sorted(o["data"])),
    }
    return [short[output["output_type"]](output) for output in outputs]


CELLS: dict[str, list[tuple[str, list[tuple[Any, ...]]]]] = {
    "value": [("1 + 1", [(1, "2")]), ("_ + 1", [(2, "3")])],
    "semicolon": [("1 + 1;", [])],
    "streams": [
        (
            """
            import sys
            print("a"); print("b")
            sys.stderr.write("c")
            print("d")
            """,
            [("stdout", "a\nb\n"), ("stderr", "c"), ("stdout", "d\n")],
        )
    ],
    "subprocess": [
        (
            'import os\nprint("before")\nos.system("echo 1; echo 2 >&2")\nprint("after")',
            [("stdout", "before\n1\n"), ("stderr", "2\n"), ("stdout", "after\n")],
        )
    ],
    "magics": [
        (
            "!echo hi\nget_ipython().find_line_magic('time') and 'automatic'",
            [("stdout", "hi\n"), (1, "'automatic'")],
        ),
        ("%%bash\necho in bash", [("stdout", "in bash\n")]),
    ],
    "command": [  # without a terminal, its exit status kept
        (
            """
            x = "in 2"
            !test -t 1 || echo 1; echo {x} >&2
            first = _exit_code
            !exit 3
            print([first, _exit_code])
            """,
            [("stdout", "1\nin 2\n[0, 3]\n")],
        )
    ],
    "await": [
        ("import asyncio\ntask = asyncio.create_task(asyncio.sleep(0, 'done'))", []),
        ("await task", [(2, "'done'")]),
    ],
    "running loop": [
        (
            "import asyncio\nasync def f(): pass\nc = f()\n"
            "try:\n    asyncio.run(c)\nfinally:\n    c.close()",
            [("RuntimeError", "asyncio.run() cannot be called from a running event loop")],
        )
    ],
    "input": [
        ("input('name? ')", [("StdinNotImplementedError", NOBODY)]),
        ("import getpass\ngetpass.getpass()", [("StdinNotImplementedError", NOBODY)]),
    ],
    "clear": [
        (
            "from IPython.display import clear_output\nprint(1)\nclear_output(wait=True)\nprint(2)",
            [("stdout", "2\n")],
        )
    ],
    "carriage return": [
        (r"print('10 %\r50 %'); print('done')", [("stdout", "50 %\ndone\n")]),
    ],
    "pictures as bytes": [
        (
            "from IPython.display import publish_display_data as show\n"
            "show({'image/jpeg': b'\\xff\\xd8', 'text/plain': 'x'})\nshow({'image/png': object()})",
            [("image/jpeg", "text/plain"), ()],
        )
    ],
    "main": [  # functions and classes are of the module that pickle looks into
        (
            """
            import pickle, sys
            class Thing:
                x = 5
            (Thing.__module__, pickle.loads(pickle.dumps(Thing())).x)
            """,
            [(1, "('__main__', 5)")],
        ),
        ('sys.modules["__main__"].Thing is Thing', [(2, "True")]),
    ],
    "looks like a kernel": [
        (
            "s = get_ipython()\n(type(s).__name__, type(s).__module__, 'IPKernelApp' in s.config)",
            [(1, "('ZMQInteractiveShell', 'ipykernel.zmqshell', True)")],
        ),
        (
            "import os\n[n for _, _, names in os.walk(os.environ['IPYTHONDIR'])\n"
            " for n in names if 'hist' in n]",
            [(2, "[]")],
        ),
    ],
    "no window system": [("%matplotlib inline", []), ("1", [(2, "1")])],
    "figure": [
        ("import matplotlib\nmatplotlib.use('module://matplotlib_inline.backend_inline')", []),
        (
            "import matplotlib.pyplot as plt\nlines = plt.plot([1, 2])\n3",
            [(2, "3"), ("image/png", "text/plain")],
        ),
        ("pass", []),
    ],
}


@pytest.mark.parametrize("name", CELLS)
def test_outputs(kernel: Kernel, name: str) -> None:
    """What cells put out, in the order in which it happened."""
    for text, expected in CELLS[name]:
        assert told(kernel(text)) == expected


def test_numbers(kernel: Kernel) -> None:
    """A cell can be given its number; a silent one shows no value and takes none."""
    assert told(kernel("1", 7)) == [(7, "1")]
    assert kernel("1", 4, True) == []
    assert told(kernel("2")) == [(4, "2")]


def test_an_error_names_its_line(kernel: Kernel) -> None:
    """The traceback shows the line that it came from, also in a function of an earlier cell."""
    kernel("def half(x):\n    return x / 0")
    (output,) = kernel("half(3)")
    trace = "\n".join(output["traceback"])
    assert told([output]) == [("ZeroDivisionError", "division by zero")]
    assert "Cell" in trace and "In[1]" in trace and "half" in trace


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("raise SystemExit(1)", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("def (", "SyntaxError"),
        ("%nosuchmagic", "UsageError"),
        ("raise ExceptionGroup('a', [ValueError(1)])", "ExceptionGroup"),
        ("get_ipython().showtraceback = lambda *a, **k: None\n1 / 0", "ZeroDivisionError"),
        ("class Odd(Exception):\n    def __str__(self): return 1 / 0\nraise Odd", "Odd"),
        ("class E(Exception):\n    def __repr__(self): raise SystemExit\nraise E", "E"),
    ],
)
def test_every_failure_is_an_error(kernel: Kernel, text: str, name: str) -> None:
    """However a cell fails, it has an error of that name, and the next cell runs."""
    assert name in [output.get("ename") for output in kernel(text)]
    assert kernel("1 + 1")[0]["data"]["text/plain"] == "2"


def test_display_and_update(kernel: Kernel) -> None:
    """What is displayed is kept as data; an update replaces what was displayed in this cell."""
    (output,) = kernel("""
        from IPython.display import HTML, display
        handle = display(HTML("<b>1</b>"), display_id=True)
        handle.update(HTML("<b>2</b>"))
    """)
    assert output["data"]["text/html"] == "<b>2</b>"
    assert set(output) == {"output_type", "data", "metadata"}


@pytest.mark.parametrize("kernel", [1000], indirect=True)
@pytest.mark.parametrize(
    "text",
    [
        "for n in range(1000):\n    print('x' * 100)",
        "print('x' * 10 ** 6)",
        "import os\nos.system('head -c 500000 /dev/zero | tr \"\\\\0\" x')",
        "for n in range(1000):\n    print('\\u20ac' * 40)",
    ],
    ids=["lines", "line", "subprocess", "euros"],
)
def test_a_flood_is_cut(kernel: Kernel, text: str) -> None:
    """Output past the limit is cut while it is produced, and says so once."""
    said = "".join(output["text"] for output in kernel(text))
    assert len(said.encode()) < 1200
    assert said.count("The output of this cell was cut here") == 1


@pytest.mark.parametrize("kernel", [5000], indirect=True)
def test_a_flood_of_pictures_is_cut(kernel: Kernel) -> None:
    """Displayed data past the limit is left out, however small each piece is."""
    outputs = kernel("from IPython.display import display\nfor n in range(1000):\n    display(n)")
    assert len(outputs) < 30 and "cut here" in outputs[-1]["text"]


def test_a_subprocess_without_end(kernel: Kernel) -> None:
    """One that writes without end gets an error from writing, and the cell ends."""
    outputs = kernel("import subprocess\nsubprocess.run(['yes']).returncode != 0")
    assert outputs[-1]["data"]["text/plain"] == "True"
    assert sum(len(output.get("text", "")) for output in outputs) <= 1 << 21
