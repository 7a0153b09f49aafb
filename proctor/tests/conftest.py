"""What tests of several parts share: a tiny nbgrader course, made once and copied for each test."""

import os
import shutil

import pytest

os.environ["PROCTOR_WAIT"] = "0"  # no grader stays after a test, but where a test asks for it

SLOWEST = (
    *("test_attacks", "test_cli", "test_parity", "test_messages", "test_autograde", "test_idioms"),
    *("test_config_check", "test_feedback", "test_assemble", "test_formgrader", "test_isolation"),
    *("test_grading", "test_session", "test_ways", "test_pool", "test_limits", "test_verdicts"),
)


def pytest_collection_modifyitems(items):
    """Put the slowest files first, so that two processes that share them end together."""
    ranks = {name: rank for rank, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: ranks.get(item.path.stem, len(ranks)))


@pytest.fixture(scope="session")
def made_lab(tmp_path_factory):
    """A course of two notebooks as `nbgrader generate_assignment` leaves it; nobody changes it."""
    import tiny_course  # here, because most tests need no nbgrader, which takes a second to import

    return tiny_course.make(tmp_path_factory.mktemp("lab") / "course")


@pytest.fixture
def root(made_lab, tmp_path, monkeypatch):
    """A copy of the tiny course, the working directory of this test."""
    shutil.copytree(made_lab, tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    return tmp_path / "course"
