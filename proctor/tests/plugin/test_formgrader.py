"""The formgrader's Autograde button, pressed in JupyterLab."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import tiny_course
from conftest import CONFIGURED, waiting_graders

BROWSER = "chromium"
MISSING = f"needs {BROWSER} on the PATH (Debian: apt-get install chromium)"
REQUIRED = os.environ.get("PROCTOR_BROWSER") == "required"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STARTING = 120  # seconds for a server to start
GRADING = 120_000  # milliseconds for a submission to be graded

pytestmark = pytest.mark.skipif(not REQUIRED and not shutil.which(BROWSER), reason=MISSING)


@pytest.fixture(scope="module")
def course(made_lab: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that proctor autogrades, with two submissions: its folder."""
    root = tmp_path_factory.mktemp("formgrader") / "course"
    shutil.copytree(made_lab, root)
    for student in ("ada", "bob"):
        notebook = tiny_course.answered(root)
        tiny_course.hand_in(root, student, {f"{tiny_course.SUMS}.ipynb": notebook})
    tiny_course.configure(root, *CONFIGURED)
    return root


class JupyterLab:
    """A server that runs in a course directory."""

    def __init__(self, root: Path, environment: dict[str, str], log: Path) -> None:
        self.log = log
        options = ["--no-browser", "--port=0", "--allow-root", "--ServerApp.token=secret"]
        quiet = ["--LabApp.news_url=None", "--LabApp.extension_manager=readonly"]
        updates = ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
        with open(log, "w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *options, *quiet, *updates],
                cwd=root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )

    def address(self) -> str:
        """Its address, once it serves; raises TimeoutError with its log."""
        for _ in range(STARTING * 10):
            found = re.search(r"(http://(?:localhost|127\.0\.0\.1):\d+)/lab", self.log.read_text())
            if found:
                return found[1]
            time.sleep(0.1)
        raise TimeoutError(f"JupyterLab did not start:\n{self.log.read_text()}")

    def children(self) -> list[psutil.Process]:
        """The processes that it has started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def server(
    course: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[JupyterLab]:
    """JupyterLab in the course directory."""
    running = JupyterLab(course, environment, tmp_path_factory.mktemp("server") / "log")
    yield running
    running.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The browser."""
    program = shutil.which(BROWSER) or pytest.fail(MISSING)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def submissions(server: JupyterLab, browser: Any, tmp_path: Path) -> Iterator[Any]:
    """The frame with the formgrader's page of the assignment's submissions, opened by the menu."""
    with opened(server, browser, tmp_path / "formgrader.png") as frame:
        yield frame


@contextlib.contextmanager
def opened(server: JupyterLab, browser: Any, picture: Path) -> Iterator[Any]:
    """The frame of the same page; at the end a `picture` of it is taken."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{server.address()}/lab?token=secret&reset")
    page.locator(".lm-MenuBar-item", has_text="Nbgrader").click(timeout=STARTING * 1000)
    page.locator(".lm-Menu-item", has_text="Formgrader").first.click()
    frame = page.frame_locator("iframe[src*=formgrader]")
    frame.locator(f"a[href$='manage_submissions/{tiny_course.ASSIGNMENT}']").first.click()
    frame.locator("td.student-id").first.wait_for(timeout=STARTING * 1000)
    yield frame
    page.screenshot(path=picture)
    page.close()


def press(frame: Any, student: str, button: str = "autograde") -> tuple[str, str]:
    """Press one of a student's buttons and close what is shown then: its title, and its text.

    Tells how long it took until that was shown.
    """
    row = row_of(frame, student)
    begun = time.monotonic()
    row.locator(f".{button} a").click()
    dialog = frame.locator(".modal-dialog")
    dialog.wait_for(timeout=GRADING)
    print(f"The button answered after {time.monotonic() - begun:.2f} s.")
    title, text = dialog.locator(".modal-title").inner_text(), " ".join(dialog.inner_text().split())
    dialog.locator(".modal-footer button").click()
    dialog.wait_for(state="detached")
    row.locator(".status .label").wait_for()
    return title, text


def row_of(frame: Any, student: str) -> Any:
    """A student's row in the table of submissions."""
    name = frame.locator("td.student-id", has_text=re.compile(f"^{student}$"))
    return frame.locator("tr", has=name)


def test_the_button_grades(server: JupyterLab, submissions: Any, course: Path) -> None:
    """It answers with success and the points, for this student alone, and leaves no process."""
    assert row_of(submissions, "ada").locator(".status").inner_text() == "needs autograding"
    title, text = press(submissions, "ada")
    assert title == "Success", text
    assert "3.5 of 15" in text and "[DEBUG] Applying" not in text
    row = row_of(submissions, "ada")
    assert row.locator(".score").inner_text() == "3.5 / 15"
    assert row.locator(".status").inner_text() == "needs manual grading"
    assert row_of(submissions, "bob").locator(".status").inner_text() == "needs autograding"
    assert server.children() == []
    assert press(submissions, "ada")[0] == "Success"


def test_the_button_writes_feedback(submissions: Any, course: Path) -> None:
    """The page of Generate Feedback is the one of `proctor feedback`: findings first, and without
    the text of hidden tests."""
    assert press(submissions, "ada")[0] == "Success"
    title, text = press(submissions, "ada", "generate-feedback")
    assert title == "Success", text
    folder = course / "feedback" / "ada" / tiny_course.ASSIGNMENT
    by_button = (folder / f"{tiny_course.SUMS}.html").read_text("utf-8")
    assert '<details id="proctor-notebook">' in by_button
    assert "double(5)" not in re.sub("<[^>]*>", "", by_button)
    done = subprocess.run(
        [sys.executable, "-m", "proctor", "feedback", tiny_course.ASSIGNMENT, "--force"],
        cwd=course,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (folder / f"{tiny_course.SUMS}.html").read_text("utf-8") == by_button


def test_the_button_with_broken_settings(submissions: Any, course: Path, tmp_path: Path) -> None:
    """It answers with the error in the file and runs nothing; with the file corrected, it grades."""
    settings, canary = course / "nbgrader_config.py", tmp_path / "canary"
    text = f"try:\n    open({str(canary)!r}, 'w').close()\nexcept OSError:\n    pass\n"
    notebook = tiny_course.answered(course, text + tiny_course.ANSWER)
    tiny_course.hand_in(course, "bob", {f"{tiny_course.SUMS}.ipynb": notebook})
    whole = settings.read_text()
    settings.write_text(f"c = (\n{whole}")
    title, text = press(submissions, "bob")
    settings.write_text(whole)
    assert title == "Error"
    assert f"{settings}, line 1: SyntaxError" in text
    assert row_of(submissions, "bob").locator(".status").inner_text() == "needs autograding"
    assert press(submissions, "bob")[0] == "Success"
    assert not canary.exists()


def test_the_button_with_a_waiting_grader(
    course: Path, environment: dict[str, str], browser: Any, tmp_path: Path
) -> None:
    """Pressed again, it answers the same, by the grader that the first time has left waiting."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    variables = environment | {"PROCTOR_WAIT": "300", "XDG_RUNTIME_DIR": str(runtime)}
    running = JupyterLab(course, variables, tmp_path / "log")
    found = []
    try:
        with opened(running, browser, tmp_path / "formgrader.png") as frame:
            for _ in range(2):
                title, text = press(frame, "ada")
                assert title == "Success", text
                assert "3.5 of 15" in text
                found.append(set(waiting_graders(runtime)))
        assert len(found[0]) == 2 and found[0] == found[1]  # with what cleans up behind it
    finally:
        running.close()
        left = waiting_graders(runtime)
        for process in left:
            process.terminate()
        psutil.wait_procs(left, timeout=60)
    assert list(runtime.iterdir()) == []
