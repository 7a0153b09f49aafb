"""No student's code runs while the course's settings cannot be read, wherever nbgrader starts."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_course
from conftest import CONFIGURED, Run
from jupyter_core.paths import jupyter_config_path
from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbgrader.apps.api import NbGraderAPI
from nbgrader.apps.nbgraderapp import NbGraderApp
from nbgrader.converters import Autograde
from traitlets.config import Config

from proctor.config_check import (
    CONFINING_EXPORTER,
    CheckedExporter,
    UnreadableConfig,
    config_folders,
    read_config,
    wrapped,
)

PROJECT = Path(__file__).resolve().parents[2]
INSTALLED = "etc/jupyter/jupyter_config.json"
AUTOGRADE = ("nbgrader", "autograde", tiny_course.ASSIGNMENT, "--force")
SYNTAX_ERROR = "c.Execute.timeout = ("


def replace_by(make: Callable[[Path], None]) -> Callable[[Path], None]:
    """A change that puts something else in the place of a file."""

    def change(path: Path) -> None:
        path.unlink()
        make(path)

    return change


def append(line: str) -> Callable[[Path], None]:
    """A change that adds a line to a file."""
    return lambda path: path.write_text(f"{path.read_text()}{line}\n") and None


BROKEN = {
    "a syntax error": (append(SYNTAX_ERROR), "line 6: SyntaxError"),
    "an error at its end": (append("c.Execute.timeout = minutes"), "line 6: NameError"),
    "a missing module": (append("import no_such_module"), "line 6: ModuleNotFoundError"),
    "a link to nowhere": (replace_by(lambda path: path.symlink_to("nowhere")), "no file"),
    "a folder of its name": (replace_by(lambda path: path.mkdir()), "no file"),
    "broken JSON beside it": (
        lambda path: path.with_suffix(".json").write_text('{"a":'),
        "line 1: JSONDecodeError",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_settings_that_cannot_be_read(root: Path, canary: Path, run: Run, kind: str) -> None:
    """`nbgrader autograde` refuses with the reason, runs nothing and removes no earlier result."""
    change, reason = BROKEN[kind]
    tiny_course.configure(root, *CONFIGURED)
    earlier = root / "autograded" / "eve" / tiny_course.ASSIGNMENT / "sums.ipynb"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("graded before")
    change(root / "nbgrader_config.py")
    status, printed = run(root, *AUTOGRADE)
    last = printed.strip().splitlines()[-1]
    assert (status, canary.exists(), earlier.read_text()) == (1, False, "graded before")
    assert "Nothing was graded" in last and reason in last


@pytest.mark.parametrize(
    ("start", "words"),
    [("source", ("--course-dir=..",)), ("..", ("--course-dir=course",))],
)
def test_started_elsewhere(
    root: Path, canary: Path, run: Run, start: str, words: tuple[str, ...]
) -> None:
    """The course's file is found from another folder, by --course-dir."""
    tiny_course.configure(root, *CONFIGURED, SYNTAX_ERROR)
    status, printed = run(root / start, *AUTOGRADE, *words)
    assert (status, canary.exists()) == (1, False)
    assert "Nothing was graded" in printed.strip().splitlines()[-1]


def test_settings_of_the_user(root: Path, canary: Path, run: Run, tmp_path: Path) -> None:
    """A file in the user's own folder is one of the course's, too: a JupyterHub has it there."""
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "nbgrader_config.py").write_text(SYNTAX_ERROR)
    status, printed = run(root, *AUTOGRADE, JUPYTER_CONFIG_DIR=str(tmp_path / "user"))
    assert (status, canary.exists()) == (1, False)
    assert "user/nbgrader_config.py, line 1: SyntaxError" in printed.strip().splitlines()[-1]


def test_a_course_without_proctor(root: Path, canary: Path, run: Run) -> None:
    """A course whose settings are read and do not ask for proctor is graded by stock nbgrader."""
    status, printed = run(root, *AUTOGRADE)
    assert (status, canary.exists()) == (0, True), printed


def api(root: Path) -> NbGraderAPI:
    """What the formgrader calls, with the settings as they are now."""
    app = NbGraderApp()
    app.load_config_file()
    app.config.CourseDirectory.root = str(root)
    return NbGraderAPI(config=app.config)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own gradebook
def test_settings_that_are_not_in_force(root: Path, canary: Path) -> None:
    """A program that was started before the course asked for proctor refuses."""
    started_before = api(root)
    tiny_course.configure(root, *CONFIGURED)
    done = started_before.autograde(tiny_course.ASSIGNMENT, "eve")
    assert (done["success"], canary.exists()) == (False, False)
    assert "start the program anew" in " ".join(done["log"].split())


@pytest.mark.parametrize("kind", [NotebookExporter, HTMLExporter])
def test_the_exporter_of_other_courses(root: Path, kind: type) -> None:
    """Without proctor in the settings, the exporter is the one that is configured otherwise."""
    config = Config()
    config.BaseConverter.exporter_class = kind
    config.Autograde.exporter_class = CheckedExporter
    converter = Autograde(coursedir=api(root).coursedir, config=config)
    assert kind is type(converter.exporter_class(parent=converter, config=config))


def test_the_file_that_takes_precedence(root: Path, tmp_path: Path) -> None:
    """The course directory's settings come after those of the other folders."""
    tiny_course.configure(root, *CONFIGURED)
    (tmp_path / "nbgrader_config.json").write_text(
        json.dumps({"Autograde": {"exporter_class": "other"}, "Execute": {"timeout": 5}})
    )
    found = read_config([tmp_path, root])
    assert (found.Autograde.exporter_class, found.Execute.timeout) == (CONFINING_EXPORTER, 5)
    assert read_config([root, tmp_path]).Autograde.exporter_class == "other"
    assert [root] == config_folders(root)[-1:]


def test_the_first_file_that_cannot_be_read(root: Path, tmp_path: Path) -> None:
    """The reason names file and line."""
    (tmp_path / "nbgrader_config.py").write_text("\nexit()\n")
    with pytest.raises(UnreadableConfig, match=r"nbgrader_config\.py, line 2: SystemExit"):
        read_config([root, tmp_path])


def test_the_installed_file() -> None:
    """Jupyter finds the package's settings in this environment, and they name the check."""
    paths = [Path(folder) / Path(INSTALLED).name for folder in jupyter_config_path()]
    found = [json.loads(path.read_text()) for path in paths if path.is_file()]
    name = f"{CheckedExporter.__module__}.{CheckedExporter.__name__}"
    assert name in [one.get("Autograde", {}).get("exporter_class") for one in found]


@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_wheels_have_the_file(tmp_path: Path, kind: str) -> None:
    """An ordinary and an editable installation put the settings beside Jupyter's own."""
    for name in ("etc", "pyproject.toml", "setup.py", "README.md"):
        os.symlink(PROJECT / name, tmp_path / name)
    (tmp_path / "src" / "proctor").mkdir(parents=True)
    (tmp_path / "src" / "proctor" / "__init__.py").touch()
    code = f"from setuptools import build_meta; build_meta.build_{kind}('.')"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)
    (path,) = tmp_path.glob("*.whl")
    assert any(
        name.endswith(f".data/data/{INSTALLED}") for name in zipfile.ZipFile(path).namelist()
    )


@pytest.mark.parametrize(
    ("line", "columns", "expected"),
    [
        ("one two three", 0, "one two three"),
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two\n  three"),
        ("  ada: one two", 10, "  ada: one\n    two"),
        ("now run `nbgrader it`, then go", 20, "now run\n  `nbgrader it`,\n  then go"),
        ("in /a-long/path-of-one-piece, line 1", 12, "in\n  /a-long/path-of-one-piece,\n  line 1"),
    ],
)
def test_long_lines_of_a_dialog(line: str, columns: int, expected: str) -> None:
    """They are broken at blanks, deeper than they begin; a command and a path stay whole."""
    assert wrapped(line, columns) == expected


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own gradebook
@pytest.mark.parametrize("configured", [(), CONFIGURED], ids=["before", "after"])
def test_what_the_dialog_shows_of_a_refusal(
    root: Path, canary: Path, configured: tuple[str, ...]
) -> None:
    """The sentence stands in short lines in log and traceback, and one step of proctor's with it."""
    tiny_course.configure(root, *configured)
    formgrader = api(root)
    (root / "nbgrader_config.py").write_text(SYNTAX_ERROR)
    told = formgrader.autograde(tiny_course.ASSIGNMENT, "eve")
    steps = [line for line in told["error"].splitlines() if line.startswith("  File ")]
    assert sum(f"{os.sep}proctor{os.sep}" in line for line in steps) == 1
    for text in (told["log"], told["error"][told["error"].index("NbGraderException: ") :]):
        assert "Correct that file, then autograde again." in " ".join(text.split())
        sentence = [line for line in text.splitlines() if "nbgrader_config.py" not in line]
        assert max(map(len, sentence)) <= 80
    assert not canary.exists()
