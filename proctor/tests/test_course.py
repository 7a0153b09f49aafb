"""Owns tests of reading a course directory: its settings are nbgrader's own, its mistakes are told in words."""

import os

import lab
import pytest

from proctor import course, examiners


def test_defaults(root):
    """Without a word in the settings everything is nbgrader's default."""
    here = course.load(root)
    assert (30.0, 0o444, 1000, True) == (
        here.timeout,
        here.permissions,
        here.limit_output.max_lines,
        here.saves_grades,
    )
    assert root / "autograded" / "ada" / "ps1" == here.folder("autograded", "ada", "ps1")
    assert f"sqlite:///{root}/gradebook.db" == here.db_url


@pytest.mark.parametrize(
    "line, expected",
    [
        ("c.Execute.timeout = 7", 7.0),
        ("c.ExecutePreprocessor.timeout = 8", 8.0),
        ("c.Execute.timeout = None", None),
        ("c.Execute.timeout = -1", None),
    ],
)
def test_the_time_a_cell_may_take(root, line, expected):
    """Execute.timeout counts, whatever class nbgrader inherits it from."""
    lab.configure(root, line)
    assert expected == course.load(root).timeout


def test_other_folders(root):
    """Folder names, their structure, the database and the group's permissions are as the course says."""
    lab.configure(
        root,
        "c.CourseDirectory.directory_structure = '{nbgrader_step}/{assignment_id}/{student_id}'",
        "c.CourseDirectory.submitted_directory = 'in'",
        "c.CourseDirectory.db_url = 'sqlite:///other.db'",
        "c.CourseDirectory.groupshared = True",
    )
    here = course.load(root)
    (root / "in" / "ps1" / "ada").mkdir(parents=True)
    assert (root / "in" / "ps1" / "ada", root / "in") == (
        here.folder("submitted", "ada", "ps1"),
        here.trusted("submitted"),
    )
    assert (["ada"], 0o664, f"sqlite:///{root}/other.db") == (
        here.students("ps1"),
        here.permissions,
        here.db_url,
    )


def test_students_by_pattern(root):
    """Students are chosen as by nbgrader's --student; excluded and hidden ones are not."""
    lab.configure(root, "c.CourseDirectory.student_id_exclude = 'bob,eve'")
    for student in ("ada", "alan", "bob", "zoe", ".hidden"):
        (root / "submitted" / student / "ps1").mkdir(parents=True)
    here = course.load(root)
    assert (["ada", "alan", "zoe"], ["ada", "alan"], ["alan", "zoe"]) == (
        here.students("ps1"),
        here.students("ps1", ["a*"]),
        here.students("ps1", ["zoe", "alan", "bob"]),
    )


def test_settings_that_cannot_be_read(root):
    """A mistake in nbgrader_config.py is told; grading with half of the settings would be worse."""
    lab.configure(root, "1 / 0")
    with pytest.raises(course.CourseError, match="ZeroDivisionError"):
        course.load(root)


def test_no_folder(tmp_path):
    """A place that does not exist is no course."""
    with pytest.raises(course.CourseError, match="not a folder"):
        course.load(tmp_path / "nowhere")


def test_loading_leaves_the_working_directory(root, monkeypatch, tmp_path):
    """A course elsewhere is read with its own settings."""
    lab.configure(root, "c.Execute.timeout = 9")
    monkeypatch.chdir(tmp_path)
    assert (9.0, str(tmp_path)) == (course.load(root).timeout, os.getcwd())


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2026-01-02 10:00:00 UTC", "2026-01-02 10:00:00"),
        ("2026-01-02T10:00:00.5+01:00", "2026-01-02 09:00:00.500000"),
        (" ", None),
    ],
)
def test_timestamps(root, text, expected):
    """A timestamp is read as nbgrader reads it, to UTC."""
    found = course.load(root).timestamp(text)
    assert expected == (None if found is None else str(found))


@pytest.mark.parametrize(
    "text",
    ["yesterday-ish", "9" * 500, "\x00", "2026-99-99", "0000000000000000000000000000001 1 1"],
)
def test_a_hostile_timestamp(root, text):
    """What is no date raises one kind of error, in words, and does not end nbgrader's program."""
    with pytest.raises(ValueError, match="date and time"):
        course.load(root).timestamp(text)


def test_proctors_own_extension_points_do_not_run_in_proctor(root):
    """A course that uses proctor's plugin for `nbgrader autograde` is graded by `proctor grade` all the same."""
    lab.configure(
        root,
        "c.Autograde.sanitize_preprocessors = ['proctor.nbgrader_plugin.Rebuild']",
        "c.Autograde.autograde_preprocessors = []",
    )
    assert ([], []) == (course.load(root).sanitizing, course.load(root).finishing)


def test_own_settings(root):
    """c.Proctor names more modules to import and other limits, and both reach the template that candidates are made from."""
    lab.configure(
        root,
        "c.Proctor.imports = ['fractions']",
        "c.Proctor.limits = {'processes': 5}",
        "c.Execute.timeout = 100",
    )
    made = examiners.template(lab.bones(root), None, course.load(root).timeout, True)
    assert (["fractions", "math"], 5, True) == (
        made.imports,
        made.limits["processes"],
        made.limits["cpu_seconds"] >= 900,
    )


@pytest.mark.parametrize(
    "line, gist",
    [
        ("c.Proctor.imports = 'json'", "must be a list"),
        ("c.Proctor.limits = {'memory': 1}", "the names are memory_bytes"),
        ("c.Proctor.limits = {'processes': 0}", "whole numbers"),
    ],
)
def test_own_settings_that_cannot_be(root, line, gist):
    """A mistake in them is told in words."""
    lab.configure(root, line)
    with pytest.raises(course.CourseError, match=gist):
        lab.bones(root)
