"""Owns the tiny nbgrader course that several tests of proctor grade in, made once and copied for each test."""

import shutil

import lab
import pytest


@pytest.fixture(scope="session")
def made_lab(tmp_path_factory):
    """A course of two notebooks as `nbgrader generate_assignment` leaves it: its folder, which nobody changes."""
    return lab.make(tmp_path_factory.mktemp("lab") / "course")


@pytest.fixture
def root(made_lab, tmp_path, monkeypatch):
    """A copy of the tiny course, the working directory of this test."""
    shutil.copytree(made_lab, tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    return tmp_path / "course"
