"""Whether what honest tests usually do with a student's work does the same when that work is in another process."""

import re

import pytest
from idioms import IDIOMS
from wired import Candidates

from proctor.examiner.alike import classes_of_students
from proctor.reference import reference

CASES = {
    head: dict(re.findall(r"^# --- (\w+)\n(.*?)(?=^# --- |\Z)", body, re.MULTILINE | re.DOTALL))
    for head, body in re.findall(
        r"^# === (\S+)\n(.*?)(?=^# === |\Z)", IDIOMS, re.MULTILINE | re.DOTALL
    )
}


@pytest.fixture(scope="module", autouse=True)
def abstract_classes():
    """As in an examiner, and undone at the end."""
    with pytest.MonkeyPatch.context() as patch:
        import abc

        patch.setattr(abc.ABCMeta, "__subclasscheck__", abc.ABCMeta.__subclasscheck__)
        classes_of_students()
        yield


@pytest.fixture
def seeds(monkeypatch):
    """The functions that seed a library, as they were afterwards."""
    import sys

    from proctor.wire.chance import SEEDERS

    for library, places in SEEDERS.items():
        for module, name in places if library in sys.modules else ():
            monkeypatch.setattr(sys.modules[module], name, getattr(sys.modules[module], name))


@pytest.mark.parametrize("name", CASES)
def test_an_idiom_does_the_same(name, tmp_path, seeds, monkeypatch):
    """The test passes in one process, and with the student's code in another."""
    case = {part: CASES[name].get(part, "") for part in ("given", "student", "test")}
    for place in ("work", "temporary"):
        (tmp_path / place).mkdir()
    monkeypatch.chdir(tmp_path / "work")
    exec("\n".join(case.values()), {"__name__": "__main__"})
    made = Candidates(case["given"] + case["student"])
    try:
        names, told = made.names, made.remote.told
        names.reference = reference([case["student"]], [case["given"]], tests=[case["test"]])
        told.watch(tmp_path / "work", tmp_path / "temporary")
        told.seeds.watch(), told.patches.watch()
        exec(case["given"], names, names)
        names.instructor_ran(case["given"])
        names.student_ran(case["student"])
        made.remote.cell(20)
        with names.testing(case["test"]):
            exec(case["test"], names, names)
    finally:
        made.close()
