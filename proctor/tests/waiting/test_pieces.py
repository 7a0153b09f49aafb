"""What a waiting grader decides by: options, sources, settings, modules."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from tiny_course import ASSIGNMENT
from traitlets.config import Config
from traitlets.config.loader import DeferredConfigString

from proctor import course
from proctor.waiting import client, settings
from proctor.waiting.identity import identity
from proctor.waiting.pools import source_files
from proctor.waiting.request import process_state


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["-m", "proctor", "grade"], []),
        (["/bin/proctor", "-W", "grade"], []),
        (["-W", "default", "-m", "proctor"], ["-W", "default"]),
        (["-Werror", "-X", "dev", "-I", "script.py"], ["-Werror", "-X", "dev", "-I"]),
        (["-Im", "proctor"], ["-I"]),
        ([], []),
    ],
)
def test_options_of_python(words: list[str], options: list[str]) -> None:
    """A grader is started with the options of Python that the command was started with."""
    assert client.interpreter_options(words) == options


@pytest.mark.parametrize(
    ("variable", "told", "seconds"),
    [("", None, None), ("0", None, 0.0), ("7", None, 7.0), ("7", 0.0, 0.0), ("often", None, 0.0)],
)
def test_how_long_it_waits(
    monkeypatch: pytest.MonkeyPatch, variable: str, told: float | None, seconds: float | None
) -> None:
    """The command line comes before PROCTOR_WAIT; what is no number means that none waits."""
    monkeypatch.setenv("PROCTOR_WAIT", variable)
    assert client.waiting_time(told) == seconds


def test_what_makes_a_process_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable counts, but not one that tells of the terminal alone."""
    before = identity("/course")
    monkeypatch.setenv("SSH_TTY", "/dev/pts/9")
    assert identity("/course") == before
    monkeypatch.setenv("COLUMNS", "33")
    assert identity("/course") != before


def test_sources_of_an_editable_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of a module that lies on the search path are known with all that they import there."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "__init__.py").write_text("import os, numpy\nfrom lib import part\n")
    (tmp_path / "lib" / "part.py").write_text("import deeper\n")
    (tmp_path / "deeper.py").write_text("import nothing_of_this_name\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    names = sorted(os.path.basename(name) for name, _, _ in source_files(["lib.part", "json"]))
    assert names == ["__init__.py", "deeper.py", "part.py"]


def test_settings_are_sent_whole(root: Path) -> None:
    """What was read from files and what a command line said come back the same."""
    config = Config()
    config.Execute.timeout = 5
    config.CourseDirectory.student_id = DeferredConfigString("12")
    config.Proctor.limits = {"processes": [1, None, (True, 2.5)]}
    sent = settings.decoded_config(settings.encoded_config(config))
    assert sent == config
    assert type(sent.CourseDirectory.student_id) is DeferredConfigString
    here = course.load(root)
    here.coursedir.assignment_id = ASSIGNMENT
    there = settings.decoded_course(settings.encoded_course(here.coursedir), here.app)
    names = here.coursedir.trait_names(config=True)
    assert [getattr(there, name) for name in names] == [
        getattr(here.coursedir, name) for name in names
    ]


@pytest.mark.parametrize("value", [print, Path, {1: 2}, [Config]])
def test_settings_that_are_no_data(value: Any) -> None:
    """A function or a class is not sent."""
    config = Config()
    config.Autograde.thing = value
    with pytest.raises(settings.Unsendable):
        settings.encoded_config(config)


def test_settings_that_change_others() -> None:
    """What is to be added to a default is not sent, nor what holds below another class alone."""
    config = Config()
    config.Autograde.things.append(1)
    with pytest.raises(settings.Unsendable):
        settings.encoded_config(config)
    nested = Config()
    nested.NbGraderAPI.Execute.timeout = 2
    with pytest.raises(settings.Unsendable):
        settings.encoded_config(nested)


def test_a_command_leaves_the_process_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folder, variables, search path and words are restored; the course's modules are read anew."""
    monkeypatch.chdir("/")
    (tmp_path / "helper_of_a_course.py").write_text("VALUE = 1\n")
    request = {"mask": 0o027, "folder": str(tmp_path), "path": [str(tmp_path), *sys.path]}
    before = dict(os.environ), list(sys.path), list(sys.argv)
    with process_state(request | {"program": "proctor", "words": ["grade"]}):
        import helper_of_a_course  # type: ignore[import-not-found]

        assert (helper_of_a_course.VALUE, os.getcwd()) == (1, str(tmp_path))
        os.environ["OF_A_COURSE"] = "1"
        sys.path.insert(0, "elsewhere")
    assert (dict(os.environ), sys.path, sys.argv) == before
    assert "helper_of_a_course" not in sys.modules
