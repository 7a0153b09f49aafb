"""Whether it is known which `conv2d` the notebook has, and why it is not the one written last."""

import os
import re
import sys
import time

import nbformat
import pytest
import torch
from convlab import check, checks, explained, graded_cells, notebook_state, xray
from convlab.map_source import MapSource
from convlab.mistakes import NotDefined
from IPython.core.interactiveshell import InteractiveShell

RIGHT = """def conv2d(image, kernel):
    rows, columns = kernel.shape
    windows = image.unfold(0, rows, 1).unfold(1, columns, 1)
    return (windows * kernel).sum(dim=(2, 3))
"""
BROKEN = RIGHT.replace("kernel):", "kernel)")
OTHER = RIGHT.replace("return (", "return 2 * (")
STOPPED = f"import no_such_package\n{RIGHT}"


@pytest.fixture
def shell(monkeypatch):
    """A notebook's shell in this process, with convlab watching its cells."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setattr(sys, "displayhook", sys.displayhook)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    made = InteractiveShell()
    made.user_ns["torch"] = torch
    monkeypatch.setattr(notebook_state, "get_ipython", lambda: made)
    notebook_state.watch()
    return made


def ran(shell, *cells, cell_id=None):
    """Run these cells one after the other; the `conv2d` there is then."""
    for source in cells:
        shell.run_cell(source, store_history=True, cell_id=cell_id)
    return shell.user_ns.get("conv2d")


@pytest.mark.parametrize(
    "broken, name, line, code",
    [
        (BROKEN, "not-compiled", 1, "def conv2d(image, kernel)"),
        (f"\n\n{BROKEN}", "not-compiled", 3, "def conv2d(image, kernel)"),
        (RIGHT.replace("    windows", "  windows"), "not-compiled", 3, None),
        (RIGHT + "print('", "not-compiled", 5, "print('"),
        ("conv2d = torch.relu(", "not-compiled", 1, "conv2d = torch.relu("),
        (STOPPED, "not-reached", 1, "import no_such_package"),
        (f"%no_such_magic\n{RIGHT}", "not-reached", 1, "%no_such_magic"),
        (f"%config\n1 / 0\n{RIGHT}", "not-reached", 2, "1 / 0"),
        (f"conv2d = 1 / 0\n{RIGHT}", "not-reached", 1, "conv2d = 1 / 0"),
    ],
)
def test_a_version_that_did_not_run_is_named_with_its_line(shell, broken, name, line, code):
    """The version before is told as such, with the line at which the newer one's cell stopped."""
    conv2d = ran(shell, RIGHT)
    assert notebook_state.outdated(conv2d) is None
    assert ran(shell, broken, "1 + 1", "print(conv2d)") is conv2d
    told = notebook_state.outdated(conv2d)
    assert (told.name, told.facts["line"]) == (f"outdated.{name}", line)
    assert code in (None, told.facts["code"])
    ran(shell, RIGHT)
    assert notebook_state.outdated() is None


@pytest.mark.parametrize(
    "cell",
    [
        "1 / 0",
        "print('",
        "def other(image):",
        "print(conv2d(1))",
        f"{RIGHT}\n1 / 0",
        "def helper():\n    conv2d = 1 / 0\nhelper()",
        "conv2d == 1 / 0",
    ],
)
def test_other_cells_may_fail_as_they_like(shell, cell):
    """An error in another cell, or after conv2d was defined, leaves no old version."""
    ran(shell, RIGHT, cell)
    assert notebook_state.outdated() is None


@pytest.mark.parametrize(
    "source, expected",
    [
        (RIGHT, True),
        ("async def conv2d(i, k): pass", True),
        ("if True:\n    def conv2d(i, k): pass", True),
        ("conv2d = lambda i, k: i", True),
        ("conv2d, other = 1, 2", True),
        ("from mine import conv2d", True),
        ("from torch.nn.functional import conv2d as torchs", False),
        ("import mine as conv2d", True),
        ("class conv2d: pass", True),
        ("def conv2d(", True),
        ("def other(:\n    conv2d(1)", False),
        (f"%%time\n{RIGHT}", True),
        ("%%time\nconv2d(1, 2)", False),
        ("def outer():\n    def conv2d(i, k): pass", False),
        ("check(conv2d)", False),
        ("print('def conv2d(image, kernel)')", False),
    ],
)
def test_a_definition_is_recognised(source, expected):
    """By what the cell would do, or by its look where Python cannot read it."""
    assert notebook_state.defines(source) is expected


def test_check_says_it_first(shell):
    """Before twelve ticks stands that they belong to the version before, on a page and as text."""
    conv2d = ran(shell, RIGHT, BROKEN)
    report = check(conv2d)
    assert report.failed is None and report.outdated.facts["line"] == 1
    lines = repr(report).split("\n")
    assert lines[0].startswith("The cell that defines conv2d did not run: Python stopped at line 1")
    page = report._repr_mimebundle_()["text/html"]
    assert page.index("did not run") < page.index("rungs hold")
    assert "Tested: the conv2d that ran as In [1]." in report.verdict


def test_xray_and_pictures_say_it_first(shell):
    """What an X-ray reads and what a picture shows is said to be of the version before."""
    conv2d = ran(shell, RIGHT, BROKEN)
    seen = xray(conv2d)
    assert seen.verdict.startswith("The cell that defines conv2d did not run")
    source = MapSource(conv2d)
    source(torch.zeros(4, 4), torch.ones(2, 2))
    assert source.outdated.name == "outdated.not-compiled"
    assert source.sign().startswith(" The cell that defines conv2d did not run")
    assert MapSource(lambda i, k: conv2d(i, k)).outdated is None and MapSource().outdated is None


def test_a_graded_cell_says_it_first(shell, capsys):
    """The line stands in its output, not on stderr, which would cost the points."""
    conv2d = ran(shell, RIGHT, STOPPED)
    capsys.readouterr()
    with explained():
        print(checks.feature_map(conv2d, height=8, width=8))
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith(
        "The cell that defines conv2d stopped in line 1, `import no_such_package`"
    )


@pytest.mark.parametrize(
    "cells, name, line",
    [
        ([BROKEN], "not-compiled", 1),
        ([STOPPED], "not-reached", 1),
        ([f"\n1\nimport no_such_package\n{RIGHT}"], "not-reached", 3),
        (["def conv_2d(image, kernel): pass"], "not-defined", None),
        ([], "not-defined", None),
        ([RIGHT, "del conv2d"], "not-defined", None),
    ],
)
def test_a_graded_cell_without_conv2d_names_the_line(shell, cells, name, line):
    """Where there is no conv2d because its cell ended in an error, the cell says where."""
    ran(shell, *cells)
    with pytest.raises(NotDefined) as caught, explained():
        eval("conv2d", {})
    mistake = caught.value
    assert (mistake.message.name, mistake.look.facts.get("line")) == (name, line)
    assert mistake.diagnosis.name == "no-conv2d"


@pytest.mark.parametrize(
    "cells, asked, expected",
    [
        ([BROKEN], "check(conv2d)", "did not run: Python stopped at line 1, `def conv2d("),
        ([STOPPED], "check(conv2d)", "stopped in line 1, `import no_such_package`"),
        ([], "check(conv2d)", "Run the cell that defines it"),
        ([BROKEN], "check(conv3d)", None),
        ([RIGHT, BROKEN], "conv2d(1, no_such_name)", None),
    ],
)
def test_a_name_error_says_where_the_cell_of_conv2d_stopped(shell, capsys, cells, asked, expected):
    """Below Python's own line, in any cell, and only if it is `conv2d` that is missing."""
    shell.user_ns["check"] = check
    ran(shell, *cells)
    capsys.readouterr()
    result = shell.run_cell(asked, store_history=True)
    assert isinstance(result.error_in_exec, NameError)
    shown = capsys.readouterr().out
    last = re.sub(r"\x1b\[[0-9;]*m", "", shown).split("NameError: name ")[-1]
    assert "is not defined" in last.split("\n")[0]
    assert expected in last if expected else not last.strip().count("\n")


def test_a_handler_of_exceptions_that_is_there_is_kept(monkeypatch):
    """A learner's own way of showing exceptions is not replaced."""
    made = InteractiveShell()
    made.set_custom_exc((ValueError,), lambda *rest, **more: None)
    monkeypatch.setattr(notebook_state, "get_ipython", lambda: made)
    notebook_state.watch()
    assert made.custom_exceptions == (ValueError,)


def test_the_version_that_was_tested_is_told_once_there_are_several(shell):
    """One version needs no word; after an edit the number of its cell's run is told."""
    conv2d = ran(shell, RIGHT)
    assert notebook_state.tested(conv2d) is None
    conv2d = ran(shell, "1", OTHER)
    told = notebook_state.tested(conv2d)
    assert (told.name, told.facts) == ("tested", {"count": 3})
    assert notebook_state.tested(lambda image, kernel: None) is None


def test_two_cells_that_define_it_are_told_apart(shell):
    """An older copy below the answer is what is tested, and the report says so."""
    ran(shell, OTHER, cell_id="answer")
    conv2d = ran(shell, RIGHT, cell_id="copy")
    told = notebook_state.tested(conv2d)
    assert (told.name, told.facts) == ("tested-of-two", {"other": 1, "count": 2})


@pytest.mark.parametrize(
    "saved, cell_id, later, expected",
    [
        (OTHER, None, 10, "outdated.not-run"),
        (OTHER, "answer", 10, "outdated.not-run"),
        (RIGHT, "answer", 10, None),
        (RIGHT, None, 10, None),
        (OTHER, None, -10, None),
        ("1 + 1", None, 10, None),
        (None, None, 10, None),
    ],
)
def test_an_edit_that_was_saved_and_not_run_is_told(
    shell, tmp_path, monkeypatch, saved, cell_id, later, expected
):
    """Only if the notebook was saved after the run, and with another text of that cell."""
    path = tmp_path / "lesson.ipynb"
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    if saved is None:
        path.write_text("no notebook")
    else:
        cell = nbformat.v4.new_code_cell(saved, id="answer")
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    ran(shell, RIGHT, cell_id=cell_id)
    os.utime(path, (time.time() + later,) * 2)
    told = notebook_state.outdated()
    assert (told and told.name) == expected


def test_outside_a_notebook_nothing_is_said(right, monkeypatch):
    """A plain Python program has no cells."""
    monkeypatch.setattr(notebook_state, "get_ipython", lambda: None)
    notebook_state.watch()
    assert notebook_state.outdated(right) is None and notebook_state.tested(right) is None
    assert graded_cells.not_defined().message.name == "not-defined"


def test_watching_twice_notes_each_run_once(shell):
    """A second import of convlab changes nothing."""
    notebook_state.watch()
    ran(shell, RIGHT)
    assert len(notebook_state.runs().all) == 1
