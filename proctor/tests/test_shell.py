"""A cell run in the shell gives the outputs that a notebook's kernel gives, whatever it prints, shows or raises."""

import multiprocessing
import textwrap

import pytest

FORK = multiprocessing.get_context("fork")


def be_a_kernel(conn, limit):
    """In a process of its own: run the cells that come."""
    from proctor.candidate.outputs import bounded
    from proctor.candidate.shell import Shell

    shell = Shell.instance(limit=limit)
    shell.take_streams((bounded(), bounded()))
    while True:
        conn.send(shell.cell(*conn.recv()))


@pytest.fixture
def kernel(monkeypatch, tmp_path, request):
    """A function that runs a cell in a fresh shell and returns its outputs."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))
    ours, theirs = FORK.Pipe()
    process = FORK.Process(
        target=be_a_kernel, args=(theirs, getattr(request, "param", None)), daemon=True
    )
    process.start()

    def run(text, *more):
        ours.send((textwrap.dedent(text), *more))
        return ours.recv()[0]

    yield run
    process.kill()
    process.join()


def told(outputs):
    """Outputs in short: kind and what is in it."""
    short = {
        "stream": lambda o: (o["name"], o["text"]),
        "error": lambda o: (o["ename"], o["evalue"]),
        "execute_result": lambda o: (o["execution_count"], o["data"]["text/plain"]),
        "display_data": lambda o: tuple(sorted(o["data"])),
    }
    return [short[output["output_type"]](output) for output in outputs]


def test_value_at_the_end(kernel):
    """The last expression's value is shown under the cell's number, and the number grows."""
    assert [(1, "2")] == told(kernel("1 + 1"))
    assert [(2, "3")] == told(kernel("_ + 1"))


def test_semicolon(kernel):
    """A semicolon at the end hides the value."""
    assert [] == kernel("1 + 1;")


def test_number_is_told(kernel):
    """A cell can be given its number, which its value and its traceback then carry."""
    assert [(7, "1")] == told(kernel("1", 7))


def test_prints_join(kernel):
    """Prints to one stream are one output, another stream begins another."""
    assert [("stdout", "a\nb\n"), ("stderr", "c"), ("stdout", "d\n")] == told(
        kernel("""
        import sys
        print("a"); print("b")
        sys.stderr.write("c")
        print("d")
    """)
    )


def test_subprocess_output_stands_where_it_happened(kernel):
    """What a subprocess writes comes between the prints before and after it, its stderr as stderr."""
    assert [("stdout", "before\n1\n"), ("stderr", "2\n"), ("stdout", "after\n")] == told(
        kernel("""
        import os
        print("before")
        os.system("echo 1; echo 2 >&2")
        print("after")
    """)
    )


def test_shell_command_and_magics(kernel):
    """Lines with ! and % are understood as in a notebook."""
    assert [("stdout", "hi\n"), (1, "'automatic'")] == told(
        kernel("!echo hi\nget_ipython().find_line_magic('time') and 'automatic'")
    )
    assert [("stdout", "in bash\n")] == told(kernel("%%bash\necho in bash"))


def test_shell_command_needs_no_terminal(kernel):
    """What a ! command writes to both streams is shown in its place, its exit status kept; no terminal is asked for."""
    assert [("stdout", "1\nin 2\n[0, 3]\n")] == told(
        kernel("""
        import os
        x = "in 2"
        !test -t 1 || echo 1; echo {x} >&2
        first = _exit_code
        !exit 3
        print([first, _exit_code])
    """)
    )


def test_top_level_await(kernel):
    """A cell may await, and what it started in the loop goes on in the next cell."""
    kernel("import asyncio\ntask = asyncio.create_task(asyncio.sleep(0, 'done'))")
    assert [(2, "'done'")] == told(kernel("await task"))


def test_loop_is_running(kernel):
    """Inside a cell the loop is running, as in a kernel, so asyncio.run refuses."""
    outputs = kernel(
        "import asyncio\nasync def f(): pass\nc = f()\ntry:\n    asyncio.run(c)\nfinally:\n    c.close()"
    )
    assert [("RuntimeError", "asyncio.run() cannot be called from a running event loop")] == told(
        outputs
    )


def test_error_names_the_line(kernel):
    """An error's traceback shows the line of the cell it came from, also in a function of an earlier cell."""
    kernel("def half(x):\n    return x / 0")
    (output,) = kernel("half(3)")
    trace = "\n".join(output["traceback"])
    assert ("ZeroDivisionError", "division by zero") == (output["ename"], output["evalue"])
    assert "Cell" in trace and "In[1]" in trace and "half" in trace


@pytest.mark.parametrize(
    "text, name",
    [
        ("raise SystemExit(1)", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("def (", "SyntaxError"),
        ("%nosuchmagic", "UsageError"),
        ("raise ExceptionGroup('a', [ValueError(1)])", "ExceptionGroup"),
        ("get_ipython().showtraceback = lambda *a, **k: None\n1 / 0", "ZeroDivisionError"),
    ],
)
def test_every_failure_is_an_error_output(kernel, text, name):
    """However a cell fails, it has an error output of that name, and the next cell runs."""
    assert name in [output.get("ename") for output in kernel(text)]
    assert "2" == kernel("1 + 1")[0]["data"]["text/plain"]


def test_error_without_message(kernel):
    """An exception whose message cannot be made is shown all the same."""
    outputs = kernel("class Odd(Exception):\n    def __str__(self): return 1 / 0\nraise Odd")
    assert ("Odd", "") in told(outputs)


def test_nobody_answers(kernel):
    """input() and getpass raise what nbgrader's kernel raises."""
    words = "raw_input was called, but this frontend does not support input requests."
    assert [("StdinNotImplementedError", words)] == told(kernel("input('name? ')"))
    assert [("StdinNotImplementedError", words)] == told(
        kernel("import getpass\ngetpass.getpass()")
    )


def test_display_and_update(kernel):
    """What is displayed is kept as data; an update replaces what was displayed in this cell."""
    outputs = kernel("""
        from IPython.display import HTML, display
        handle = display(HTML("<b>1</b>"), display_id=True)
        handle.update(HTML("<b>2</b>"))
    """)
    assert [{"text/plain": "<IPython.core.display.HTML object>", "text/html": "<b>2</b>"}] == [
        output["data"] for output in outputs
    ]
    assert {"output_type", "data", "metadata"} == set(outputs[0])


def test_clear_output(kernel):
    """clear_output(wait=True) drops what was there when something new comes."""
    assert [("stdout", "2\n")] == told(
        kernel(
            "from IPython.display import clear_output\nprint(1)\nclear_output(wait=True)\nprint(2)"
        )
    )


def test_carriage_return(kernel):
    """A line written over leaves its last state."""
    assert [("stdout", "50 %\ndone\n")] == told(kernel(r"print('10 %\r50 %'); print('done')"))


def test_figure_is_shown(kernel):
    """A figure drawn in a cell is shown after it, once, and a value before it."""
    kernel(
        "import matplotlib\nmatplotlib.use('module://matplotlib_inline.backend_inline')"
    )  # this process may have another one from earlier tests
    outputs = kernel("import matplotlib.pyplot as plt\nlines = plt.plot([1, 2])\n3")
    assert [(2, "3"), ("image/png", "text/plain")] == told(outputs)
    assert [] == kernel("pass")


def test_matplotlib_magic(kernel):
    """%matplotlib inline is fine, and a window system that is not there does not end the process."""
    assert [] == kernel("%matplotlib inline")
    assert [(2, "1")] == told(kernel("1"))


@pytest.mark.parametrize("kernel", [1000], indirect=True)
@pytest.mark.parametrize(
    "text",
    [
        "while True:\n    print('x' * 100)\n    n = globals().get('n', 0) + 1\n    if n == 1000: break",
        "print('x' * 10 ** 6)",
        "import os\nos.system('head -c 500000 /dev/zero | tr \"\\\\0\" x')",
        "for n in range(1000):\n    print('\\u20ac' * 40)",
    ],
)
def test_flood_is_cut(kernel, text):
    """Output past the limit is cut while it is produced, and says so once."""
    outputs = kernel(text)
    said = "".join(output["text"] for output in outputs)
    assert len(said.encode()) < 1200
    assert 1 == said.count("The output of this cell was cut here")


@pytest.mark.parametrize("kernel", [5000], indirect=True)
def test_flood_of_pictures_is_cut(kernel):
    """Displayed data past the limit is left out, however small each piece is."""
    outputs = kernel("from IPython.display import display\nfor n in range(1000):\n    display(n)")
    assert len(outputs) < 30
    assert "cut here" in outputs[-1]["text"]


def test_subprocess_without_end_is_stopped(kernel):
    """A subprocess that writes without end gets an error from writing, and the cell ends."""
    outputs = kernel("import subprocess\nsubprocess.run(['yes']).returncode != 0")
    assert "True" == outputs[-1]["data"]["text/plain"]
    assert sum(len(output.get("text", "")) for output in outputs) <= 1 << 21


def test_notebook_is_main(kernel):
    """The notebook is the module __main__: functions and classes say so, and pickle finds them."""
    assert [(1, "('__main__', 5, True)")] == told(
        kernel("""
        import pickle, sys
        class Thing:
            x = 5
        (Thing.__module__, pickle.loads(pickle.dumps(Thing())).x, sys.modules["__main__"].Thing is Thing)
    """)
    )


def test_looks_like_a_kernel(kernel):
    """The shell has the name that a kernel's has, and no history is written."""
    assert [(1, "('ZMQInteractiveShell', 'ipykernel.zmqshell', True)")] == told(
        kernel("""
        shell = get_ipython()
        (type(shell).__name__, type(shell).__module__, "IPKernelApp" in shell.config)
    """)
    )
    assert [(2, "[]")] == told(
        kernel(
            "import os\n[n for _, _, names in os.walk(os.environ['IPYTHONDIR']) for n in names if 'hist' in n]"
        )
    )


def test_silent_cell(kernel):
    """A silent cell shows no value and takes no number."""
    assert [] == kernel("1", 4, True)
    assert [(4, "2")] == told(kernel("2"))
