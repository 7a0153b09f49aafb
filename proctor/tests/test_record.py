"""What a grading run records: written line by line, read whatever is in the file, bounded."""

import json
import multiprocessing
import stat
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from tiny_course import ASSIGNMENT, nbgrader

from proctor import course, record
from proctor.answers import Answer
from proctor.course import Course
from proctor.record import GradedNotebook, Grading, Record, RecordedEvent, RecordedFinding

FULL = Grading(
    "ada",
    "2026-01-02T10:00:00.000+00:00",
    "2026-01-01T09:00:00",
    "graded",
    {
        "sums": GradedNotebook(
            True,
            {"test-double": 2.0, "why": None},
            [RecordedEvent("timeout", "double", "no answer in time")],
            {"test-double": [RecordedFinding("sum-not-mean", "12 is the sum", "not divided", "…")]},
            {"partial": "AssertionError: no"},
            {"double": Answer("abc", 12)},
            4321,
        ),
        "words": GradedNotebook(graded=False),
    },
    ["extra"],
    ["for a human"],
    ["a note"],
    ["tried to end the grader"],
)


@pytest.fixture
def here(root: Path) -> Course:
    """The tiny course."""
    return course.load(root)


@pytest.fixture
def file(here: Course) -> Path:
    """Where its gradings are recorded."""
    return record.path_of(here, ASSIGNMENT)


def test_a_grading_is_read_as_it_was_written(here: Course) -> None:
    """Every field of a grading survives, and of two gradings of a student the newer is the last."""
    written = Record(here, ASSIGNMENT)
    written.add(FULL)
    written.add(Grading("ada", status="failed"))
    written.add(Grading("bob"))
    assert record.read(here, ASSIGNMENT) == {
        "ada": [FULL, Grading("ada", status="failed")],
        "bob": [Grading("bob")],
    }
    assert written.problem == ""


def test_nobody_else_may_read_it(here: Course, file: Path) -> None:
    """The file and the folder above all assignments are for the account that grades."""
    Record(here, ASSIGNMENT).add(FULL)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(here.private.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "torn",
    [
        b'{"student":"bob","status":"gra',
        b"\xff\xfe\n",
        b'{"student":"bob","nonsense":1}\n',
        b'{"student":"bob","notebooks":[1]}\n',
        b"[" * 100_000 + b"\n",
        b"17\n\n",
    ],
)
def test_a_line_that_is_no_grading_is_ignored(here: Course, file: Path, torn: bytes) -> None:
    """What was torn by a kill, or is somebody else's, costs no other line, and the next one is whole."""
    written = Record(here, ASSIGNMENT)
    written.add(FULL)
    with file.open("ab") as opened:
        opened.write(torn)
    written.add(Grading("cyd"))
    assert record.read(here, ASSIGNMENT) == {"ada": [FULL], "cyd": [Grading("cyd")]}


def test_nothing_recorded(here: Course) -> None:
    """A course without a record has no gradings."""
    assert record.read(here, ASSIGNMENT) == {}


def test_it_stays_within_a_bound(here: Course, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a class is graded, the file holds a few attempts of each, the last ones."""
    monkeypatch.setattr(record, "TIDIED_BYTES", 2000)
    largest = 0
    for attempt in range(60):
        written = Record(here, ASSIGNMENT)
        written.tidy()
        for student in ("ada", "bob"):
            written.add(Grading(student, f"attempt {attempt}"))
        largest = max(largest, file.stat().st_size)
    assert largest < 4000
    kept = record.read(here, ASSIGNMENT)
    assert [one.graded for one in kept["ada"]] == [f"attempt {count}" for count in range(55, 60)]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_cannot_be_written_is_told(here: Course, file: Path) -> None:
    """A record that cannot be written raises nothing, and says why once."""
    file.mkdir(parents=True)
    written = Record(here, ASSIGNMENT)
    written.add(FULL)
    assert "gradings.jsonl cannot be written (Is a directory)" in written.problem


def test_a_folder_whose_name_is_no_text(here: Course) -> None:
    """A name that is not valid Unicode is recorded and read."""
    Record(here, ASSIGNMENT).add(Grading("b\udcffb"))
    assert list(record.read(here, ASSIGNMENT)) == ["b\udcffb"]


def test_what_a_graded_notebook_shows() -> None:
    """Findings and errors are those of tests; answers are those that were changed."""
    kind = "application/vnd.proctor.finding+json"
    found = new_output("display_data", data={kind: [{"name": "sum", "text": "is the sum"}]})
    error = new_output("error", ename="AssertionError", evalue="first\nlast", traceback=[])
    notebook = new_notebook(
        cells=[
            new_code_cell("x = 1", metadata=nbgrader("mine", solution=True), outputs=[found]),
            new_code_cell("", metadata=nbgrader("named", 1, grade=True), outputs=[found, error]),
            new_code_cell("", metadata=nbgrader("plain", 1, grade=True), outputs=[error]),
            new_code_cell("", metadata=nbgrader("locked", locked=True), outputs=[found, error]),
            new_code_cell("y = 2", outputs=[found, error]),
        ]
    )
    seen = record.observed(notebook)
    assert seen.findings == {"named": [RecordedFinding("sum", "is the sum")]}
    assert seen.errors == {"plain": "AssertionError: last"}
    assert list(seen.answers) == ["mine"]


def test_a_line_is_json(here: Course, file: Path) -> None:
    """Other programs can read it: a head with the format, then one object a line."""
    Record(here, ASSIGNMENT).add(FULL)
    head, line = map(json.loads, file.read_text("utf-8").splitlines())
    assert head["format"] == 1
    assert line["notebooks"]["sums"]["points"] == {"test-double": 2.0, "why": None}


def test_two_programs_write_at_the_same_time(here: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """A grading and a waiting grader that write and tidy at once lose no line of each other's."""
    monkeypatch.setattr(record, "TIDIED_BYTES", 2000)

    def write(name: str) -> None:
        for number in range(100):
            written = Record(here, ASSIGNMENT)
            written.tidy()
            written.add(Grading(f"{name}{number}", notes=["x" * 100]))

    writers = [multiprocessing.get_context("fork").Process(target=write, args=(n,)) for n in "ab"]
    for one in writers:
        one.start()
    for one in writers:
        one.join(60)
    expected = {f"{name}{number}" for name in "ab" for number in range(100)}
    assert set(record.read(here, ASSIGNMENT)) == expected
