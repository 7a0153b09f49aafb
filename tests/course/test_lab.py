"""Whether `make lab` would open a JupyterLab in which nbgrader's extensions work."""

import json
import shutil
import subprocess
import time
import urllib.request

import pytest

from course import layout
from course.lab import command as lab_command
from course.lab import working_copy


@pytest.fixture(scope="module")
def lab(course_copy):
    """A JupyterLab, started as `make lab` does: a function from a path to what it answers."""
    layout.run_nbgrader("generate_assignment", layout.ASSIGNMENT, "--force", cwd=course_copy)
    command = lab_command(
        working_copy(course_copy),
        "--no-browser",
        "--port=0",
        "--ServerApp.token=secret",
        "--allow-root",
    )
    with open(course_copy / "lab.log", "w") as log:
        server = subprocess.Popen(
            command, cwd=course_copy, env=layout.environment(), stdout=log, stderr=log
        )
    try:
        address = wait_for(course_copy / "lab.log")
        yield lambda path, data=None: ask(
            f"{address}{path}{'&' if '?' in path else '?'}token=secret", data
        )
    finally:
        server.terminate()
        server.wait(30)


def wait_for(log, seconds=60):
    """The server's address, from its log."""
    import re

    for _ in range(seconds * 5):
        found = re.search(r"(http://(?:localhost|127\.0\.0\.1):\d+)/lab", log.read_text())
        if found:
            return found[1]
        time.sleep(0.2)
    raise TimeoutError(f"JupyterLab did not start:\n{log.read_text()}")


def ask(address, data=None):
    """The text of the answer."""
    request = urllib.request.Request(address, data=data, headers={"Authorization": "token secret"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.read().decode()


def test_the_lab_extension_is_loaded(lab):
    """JupyterLab's page lists nbgrader among its extensions."""
    assert "@jupyter/nbgrader" in lab("/lab")


def test_the_formgrader_knows_the_assignment(lab):
    """The formgrader's list of assignments has this one, with 10 points."""
    assert "nbgrader" in lab("/formgrader/manage_assignments").lower()
    (assignment,) = json.loads(lab("/formgrader/api/assignments"))
    assert (assignment["name"], assignment["max_score"]) == ("convolution", 10)


def test_the_validate_button_finds_the_unsolved_cells(lab):
    """Validating the release runs it and reports the five graded cells as failed."""
    answer = json.loads(
        lab("/assignments/validate?path=work/convolution/convolution.ipynb", data=b"")
    )
    assert answer["success"] is True
    assert len(answer["value"]["failed"]) == 5


def test_an_exported_page_has_formulas_that_need_no_network(lab):
    """*Save and Export Notebook As*, HTML, writes MathML where nbconvert alone leaves TeX."""
    page = lab("/nbconvert/html/work/convolution/convolution.ipynb?download=false")
    assert page.count("<math") > 20
    assert r"\sum" not in page.split("</head>")[1]


def test_a_learners_work_is_never_overwritten(tmp_path):
    """The working copy is the release when it is made, and stays as the learner left it."""
    shutil.copytree(layout.ROOT / "release", tmp_path / "release")
    lesson = tmp_path / working_copy(tmp_path)
    released = tmp_path / "release" / "convolution" / "convolution.ipynb"
    assert lesson.read_bytes() == released.read_bytes()
    lesson.write_text("hours of work")
    released.write_text("a new release")
    assert (tmp_path / working_copy(tmp_path)).read_text() == "hours of work"
