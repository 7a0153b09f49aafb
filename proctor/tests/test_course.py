"""A course directory's settings are nbgrader's own, and its mistakes are told in words."""

import os
from pathlib import Path

import pytest
import tiny_course

from proctor import course


def test_defaults(root: Path) -> None:
    """Without a word in the settings everything is nbgrader's default."""
    here = course.load(root)
    assert (here.timeout, here.permissions) == (30.0, 0o444)
    assert (here.limit_output.max_lines, here.saves_grades) == (1000, True)
    assert here.folder("autograded", "ada", "ps1") == root / "autograded" / "ada" / "ps1"
    assert here.db_url == f"sqlite:///{root}/gradebook.db"


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("c.Execute.timeout = 7", 7.0),
        ("c.ExecutePreprocessor.timeout = 8", 8.0),
        ("c.Execute.timeout = None", None),
        ("c.Execute.timeout = -1", None),
    ],
)
def test_the_time_a_cell_may_take(root: Path, line: str, seconds: float | None) -> None:
    """Execute.timeout counts, whatever class nbgrader inherits it from."""
    tiny_course.configure(root, line)
    assert course.load(root).timeout == seconds


def test_other_folders(root: Path) -> None:
    """Folders, their structure, database and the group's permissions are as the course says."""
    tiny_course.configure(
        root,
        "c.CourseDirectory.directory_structure = '{nbgrader_step}/{assignment_id}/{student_id}'",
        "c.CourseDirectory.submitted_directory = 'in'",
        "c.CourseDirectory.db_url = 'sqlite:///other.db'",
        "c.CourseDirectory.groupshared = True",
    )
    here = course.load(root)
    (root / "in" / "ps1" / "ada").mkdir(parents=True)
    assert here.folder("submitted", "ada", "ps1") == root / "in" / "ps1" / "ada"
    assert here.trusted("submitted") == root / "in"
    assert here.students("ps1") == ["ada"]
    assert (here.permissions, here.db_url) == (0o664, f"sqlite:///{root}/other.db")
    assert {str(root / "in"), f"{root}/other.db", f"{root}/other.db-wal"} <= set(here.secret)


@pytest.mark.parametrize(
    ("patterns", "students"),
    [
        (["*"], ["a\nda", "ada", "alan", "zoe"]),
        (["a*"], ["a\nda", "ada", "alan"]),
        (["zoe", "alan", "bob"], ["alan", "zoe"]),
    ],
)
def test_students_by_pattern(root: Path, patterns: list[str], students: list[str]) -> None:
    """Students are chosen as by nbgrader's --student; excluded and hidden ones are not."""
    tiny_course.configure(root, "c.CourseDirectory.student_id_exclude = 'bob,eve'")
    for student in ("ada", "alan", "bob", "zoe", ".hidden", "a\nda"):
        (root / "submitted" / student / "ps1").mkdir(parents=True)
    assert course.load(root).students("ps1", patterns) == students


def test_a_students_folder_that_is_closed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be looked into may hold the assignment: it is not passed over."""
    (root / "submitted" / "ada" / "ps1").mkdir(parents=True)
    (root / "submitted" / "bob").mkdir()
    access = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: not str(path).endswith("bob") and access(path, mode)
    )
    assert course.load(root).students("ps1") == ["ada", "bob"]
    assert course.load(root).students("ps1", ["a*"]) == ["ada"]


def test_settings_that_cannot_be_read(root: Path) -> None:
    """A mistake in nbgrader_config.py is told; grading with half of the settings would be worse."""
    tiny_course.configure(root, "1 / 0")
    with pytest.raises(course.CourseError, match="ZeroDivisionError"):
        course.load(root)


def test_no_folder(tmp_path: Path) -> None:
    """A place that does not exist is no course."""
    with pytest.raises(course.CourseError, match="not a folder"):
        course.load(tmp_path / "nowhere")


def test_the_working_directory_stays(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A course elsewhere is read with its own settings."""
    tiny_course.configure(root, "c.Execute.timeout = 9")
    monkeypatch.chdir(tmp_path)
    assert (course.load(root).timeout, os.getcwd()) == (9.0, str(tmp_path))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02 10:00:00 UTC", "2026-01-02 10:00:00"),
        ("2026-01-02T10:00:00.5+01:00", "2026-01-02 09:00:00.500000"),
        (" ", "None"),
    ],
)
def test_timestamps(text: str, moment: str) -> None:
    """A timestamp is read as nbgrader reads it, to UTC."""
    assert str(course.Course.timestamp(text)) == moment


@pytest.mark.parametrize(
    "text",
    ["yesterday-ish", "9" * 500, "\x00", "2026-99-99", "0000000000000000000000000000001 1 1"],
)
def test_a_hostile_timestamp(text: str) -> None:
    """What is no date raises one kind of error, in words."""
    with pytest.raises(ValueError, match="date and time"):
        course.Course.timestamp(text)


def test_proctors_own_extension_points(root: Path) -> None:
    """A course that uses proctor's plugin for `nbgrader autograde` is graded all the same."""
    tiny_course.configure(
        root,
        "c.Autograde.sanitize_preprocessors = ['proctor.nbgrader_plugin.Rebuild']",
        "c.Autograde.autograde_preprocessors = []",
    )
    here = course.load(root)
    assert (here.sanitizing, here.finishing) == ([], [])


def test_own_settings(root: Path) -> None:
    """c.Proctor names more modules to import and other limits; both come with each notebook."""
    tiny_course.configure(
        root, "c.Proctor.imports = ['fractions']", "c.Proctor.limits = {'processes': 5}"
    )
    notebook = tiny_course.assignment(root)
    assert (notebook.imports, notebook.limits) == (["fractions"], {"processes": 5})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("c.Proctor.imports = 'json'", "must be a list"),
        ("c.Proctor.limits = {'memory': 1}", "the names are "),
        ("c.Proctor.limits = {'processes': 0}", "whole numbers"),
    ],
)
def test_own_settings_that_cannot_be(root: Path, line: str, reason: str) -> None:
    """A mistake in them is told in words."""
    tiny_course.configure(root, line)
    with pytest.raises(course.CourseError, match=reason):
        tiny_course.assignment(root)
