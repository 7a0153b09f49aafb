"""What keeps a command from going on is told in one sentence, and doing what it says helps."""

import contextlib
import errno
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
import tiny_course
from tiny_course import ASSIGNMENT
from traitlets import TraitError

from proctor import cli, course, messages
from proctor.config_check import UnreadableConfig
from proctor.gradebook.database import GradebookError
from proctor.pool import bases
from proctor.publish.staging import PublishError
from proctor.sandbox import probe

WITHOUT_SANDBOX = [] if probe().enough else ["--no-sandbox"]
PROGRAMS = Path(sys.executable).parent
Change = Callable[[Path], object]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `main` changes is as before after each test; no process starts that none would use."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(messages, "PATH_PREFIX", "")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(bases, "Bases", contextlib.nullcontext)


def nothing(root: Path) -> None:
    """Leave the course as it is."""


def remove(name: str) -> Change:
    """A change that takes something out of the course."""

    def change(root: Path) -> None:
        path = root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


def remove_both(root: Path) -> None:
    """Take the gradebook and the release out of the course."""
    remove("gradebook.db")(root)
    remove("release")(root)


def go_to(name: str) -> Change:
    """A change to another working directory, which is made if need be."""

    def change(root: Path) -> None:
        (root / name).mkdir(exist_ok=True)
        os.chdir(root / name)

    return change


def setting(line: str) -> Change:
    """A change that adds a line to the settings."""
    return lambda root: tiny_course.configure(root, line)


def dangling_settings(root: Path) -> None:
    """Put a link to nowhere in the place of the settings."""
    (root / "nbgrader_config.py").unlink()
    (root / "nbgrader_config.py").symlink_to("nowhere")


def new_source(root: Path) -> None:
    """Write the source of another assignment."""
    (root / "source" / "ps2").mkdir()


def junk(root: Path) -> None:
    """Put something else in the place of the gradebook."""
    (root / "gradebook.db").write_text("hello" * 500)


GRADE, FEEDBACK = f"grade {ASSIGNMENT}", f"feedback {ASSIGNMENT}"
ROWS = {
    # name: (what is wrong, command, status, what the sentence says)
    "a folder in the course": (go_to("source"), GRADE, 2, "start proctor in {root}, or with"),
    "no course": (go_to("../elsewhere"), GRADE, 2, "is no course directory: start proctor in"),
    "no folder": (nothing, f"{GRADE} --course-dir nowhere", 2, "nowhere is not a folder."),
    "no gradebook": (
        remove("gradebook.db"),
        GRADE,
        2,
        f"run `nbgrader generate_assignment {ASSIGNMENT} --force`, then start again",
    ),
    "no gradebook and no release": (
        remove_both,
        FEEDBACK,
        2,
        f"run `nbgrader generate_assignment {ASSIGNMENT}`, then start again",
    ),
    "not a gradebook": (junk, GRADE, 2, "file is not a database"),
    "an unknown assignment": (nothing, "grade ps2", 2, "(it has: ps1): {root}/source/ps2 is not"),
    "a misspelt assignment": (nothing, "grade psl", 2, "look at the name. Did you mean 'ps1'?"),
    "feedback on a misspelt assignment": (nothing, "feedback PS1", 2, "Did you mean 'ps1'?"),
    "an assignment that was not generated": (
        new_source,
        "grade ps2",
        2,
        "run `nbgrader generate_assignment ps2`, then start again",
    ),
    "an unknown notebook": (nothing, f"{GRADE} --notebook=maths", 2, "it has: sums, words"),
    "nobody handed in": (remove("submitted"), GRADE, 2, "Nobody has handed in ps1"),
    "an absent student": (nothing, f"{GRADE} --student=zoe", 1, "no submission of ps1 by 'zoe'"),
    "a misspelt student": (nothing, f"{GRADE} --student=adda", 1, "did you mean 'ada'?"),
    "a pattern without students": (nothing, f"{GRADE} --student=z*", 1, "ps1 by 'z*'"),
    "nobody graded": (nothing, FEEDBACK, 2, "Run `proctor grade ps1` first."),
    "a student who was not graded": (nothing, f"{FEEDBACK} --student=ada", 1, "no graded ps1 by"),
    "settings with a syntax error": (
        setting("c.X = ("),
        GRADE,
        2,
        "{root}/nbgrader_config.py, line 4: SyntaxError: '(' was never closed. Correct that file",
    ),
    "settings with another error": (setting("c.X = x"), FEEDBACK, 2, "line 4: NameError: name 'x'"),
    "settings with a wrong value": (
        setting("c.Execute.timeout = 'soon'"),
        GRADE,
        2,
        "nbgrader_config.py has a wrong value: The 'timeout' trait",
    ),
    "settings that are not there": (dangling_settings, GRADE, 2, "which is no file. Correct"),
}


@pytest.mark.parametrize("row", ROWS)
def test_one_sentence(root: Path, capsys: pytest.CaptureFixture[str], row: str) -> None:
    """Status and standard error are as expected, and nothing is printed as a result."""
    change, command, status, gist = ROWS[row]
    tiny_course.hand_in(root, "ada", {"sums.ipynb": tiny_course.answered(root)})
    change(root)
    found = cli.main([*command.split(), *(WITHOUT_SANDBOX if command.startswith(GRADE) else [])])
    printed = capsys.readouterr()
    assert (found, printed.out) == (status, "")
    assert printed.err.startswith("proctor: ") and printed.err.count("\n") == 1
    assert gist.format(root=root) in printed.err


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/c/x"),
            "The disk is full (/c/x): make room, then start again; what was graded is kept.",
        ),
        (OSError(errno.EDQUOT, "Quota exceeded"), "The disk is full: make room, then start again;"),
        (
            OSError(errno.EROFS, "Read-only file system", "/c/x"),
            "/c/x cannot be used (Read-only file system): let this account read and write it,",
        ),
        (PermissionError(errno.EACCES, "Permission denied", "/c/x"), "/c/x cannot be used"),
        (PermissionError(errno.EACCES, "denied", "/c/\x1b[2J\n"), "/c/\\x1b[2J\\n cannot be used"),
        (FileNotFoundError(errno.ENOENT, "No such file", "alembic"), "-m pip install alembic`"),
        (ModuleNotFoundError("No module", name="nbgrader.api"), "-m pip install nbgrader`, or"),
        (course.CourseError("Wait."), "Wait."),
        (GradebookError("Wait."), "Wait."),
        (PublishError("Wait."), "Wait."),
        (TraitError("Not a number."), "has a wrong value: Not a number. Correct it."),
        (UnreadableConfig("a, line 1"), "cannot be read: a, line 1. Correct that file,"),
    ],
)
def test_what_can_be_helped(error: Exception, sentence: str) -> None:
    """The sentence names the cause and what to do."""
    assert sentence in (messages.problem_of(error) or "")


@pytest.mark.parametrize(
    "error",
    [
        ValueError("a defect"),
        FileNotFoundError(errno.ENOENT, "No such file", "other"),
        ModuleNotFoundError("No module", name="proctor.other"),
    ],
)
def test_what_cannot_be_helped(error: Exception) -> None:
    """A defect of proctor's own is not hidden behind a sentence."""
    assert messages.problem_of(error) is None


def empty_gradebook(root: Path) -> None:
    """Leave what nbgrader leaves if it cannot start alembic: a gradebook without a version."""
    (root / "gradebook.db").write_bytes(b"")


def other_cells(root: Path) -> None:
    """Give the source a test more than the gradebook knows."""
    test = nbformat.v4.new_code_cell(
        "assert double(1) == 2", metadata=tiny_course.nbgrader("more", 1, grade=True, locked=True)
    )
    source = nbformat.read(tiny_course.source_path(root), as_version=4)
    source.cells.append(test)
    nbformat.write(source, tiny_course.source_path(root))


@pytest.fixture(params=["activated", "not activated"])
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], tuple[int, str]]:
    """Runs a command line as it is typed, with or without this environment's programs on PATH."""
    system = os.pathsep.join(["/usr/bin", "/bin"])
    path = f"{PROGRAMS}{os.pathsep}{system}" if request.param == "activated" else system
    environment = {"PATH": path, "HOME": str(tmp_path), "LANG": "C.UTF-8", "PROCTOR_WAIT": "0"}

    def run(line: str) -> tuple[int, str]:
        done = subprocess.run(
            line,
            shell=True,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    return run


@pytest.mark.parametrize("change", [remove("gradebook.db"), empty_gradebook, other_cells])
def test_doing_what_is_said(
    root: Path, shell: Callable[[str], tuple[int, str]], change: Change
) -> None:
    """The commands in a message work in the shell where it is read, and it is not read again."""
    tiny_course.hand_in(root, "ada", {"sums.ipynb": tiny_course.answered(root)})
    change(root)
    proctor = f"{PROGRAMS}/proctor grade {ASSIGNMENT} {' '.join(WITHOUT_SANDBOX)}"
    _, printed = shell(proctor)
    for advice in re.findall(r"(?:run|then) `(.*?)`", printed):
        done = shell(" ".join([advice, *WITHOUT_SANDBOX * ("proctor grade" in advice)]))
        assert done[0] == 0, done[1]
    status, printed = shell(proctor)
    assert (status, "run `" in printed) == (0, False), printed


def test_an_environment_without_nbgrader(root: Path, tmp_path: Path) -> None:
    """Each command ends with one sentence that says what to install where."""
    (tmp_path / "nbgrader.py").write_text(
        "raise ModuleNotFoundError('No module named nbgrader', name='nbgrader')"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    for words in ([*GRADE.split(), *WITHOUT_SANDBOX], FEEDBACK.split()):
        done = subprocess.run(
            [sys.executable, "-m", "proctor", *words],
            env=environment,
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("proctor: nbgrader is not installed for ")
        assert "-m pip install nbgrader`" in done.stderr and done.stderr.count("\n") == 1


@pytest.fixture
def read_only(root: Path) -> Iterator[Path]:
    """A graded course of which nothing can be written any more."""
    tiny_course.hand_in(root, "ada", {"sums.ipynb": tiny_course.answered(root)})
    shutil.copytree(root / "submitted", root / "autograded")
    if os.geteuid() != 0:
        root.chmod(0o555)
        (root / "autograded").chmod(0o555)
        yield root
        root.chmod(0o755)
        (root / "autograded").chmod(0o755)
        return
    mounted = subprocess.run(["mount", "--bind", root, root], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine does not let root mount a folder read-only")
    subprocess.run(["mount", "-o", "remount,ro,bind", root], check=True)
    os.chdir("..")
    yield root
    subprocess.run(["umount", "-l", root], check=True)


@pytest.mark.parametrize(
    ("command", "status"), [(f"{GRADE} --force", 2), (FEEDBACK, 1)], ids=["grade", "feedback"]
)
def test_a_course_that_cannot_be_written(
    read_only: Path, capsys: pytest.CaptureFixture[str], command: str, status: int
) -> None:
    """The sentence names the folder and asks for the right to write there."""
    words = [*command.split(), "--course-dir", str(read_only)]
    found = cli.main([*words, *(WITHOUT_SANDBOX if command.startswith(GRADE) else [])])
    error = capsys.readouterr().err
    assert (found, error.count("\n")) == (status, 1)
    assert f"{read_only}/" in error and "let this account read and write it" in error
