"""A gradebook in PostgreSQL holds what the same gradebook in SQLite would hold."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tiny_course
from nbgrader.api import Gradebook
from postgresql_server import Server
from sqlalchemy.exc import OperationalError
from tiny_course import ASSIGNMENT, SUMS, WORDS

from proctor import course
from proctor.course import CourseError
from proctor.gradebook import database
from proctor.gradebook.database import GradebookConnection, GradebookError
from proctor.gradebook.scores import NotebookMarks, SubmissionMarks

SECOND = "ps2"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One server for all tests of this file."""
    made = Server()
    yield made
    made.close()


@pytest.fixture
def url(server: Server, root: Path) -> str:
    """The address of a database in which the tiny course's gradebook is."""
    address = server.new_database()
    tiny_course.configure(root, f"c.CourseDirectory.db_url = {address!r}")
    (root / "gradebook.db").unlink()
    (root / "release" / ASSIGNMENT).rename(root / "earlier")
    tiny_course.generate(root, ASSIGNMENT)
    return address


def marks(student: str, points: float = 2.0) -> SubmissionMarks:
    """A student's marks of one notebook; the other one is missing."""
    found = NotebookMarks({"test-double": points}, {"double": None})
    return SubmissionMarks(student, notebooks={SUMS: found}, missing=(WORDS,))


def rows(address: str) -> list[tuple[Any, ...]]:
    """Every score, comment and penalty of the class, in an order that no database chooses."""
    found: list[tuple[Any, ...]] = []
    with Gradebook(address, "lab") as gradebook:
        for assignment in gradebook.assignments:
            for submission in assignment.submissions:
                for notebook in submission.notebooks:
                    start = (assignment.name, submission.student_id, notebook.name)
                    found.append((*start, notebook.score, notebook.late_submission_penalty))
                    found += [
                        (*start, one.name, one.auto_score, one.manual_score)
                        for one in notebook.grades
                    ]
                    found += [
                        (*start, one.name, one.auto_comment, one.manual_comment)
                        for one in notebook.comments
                    ]
    return sorted(found, key=repr)


def proctor(root: Path, *words: str) -> subprocess.Popen[str]:
    """A command of proctor, begun in the course."""
    return subprocess.Popen(
        [sys.executable, "-m", "proctor", *words],
        cwd=root,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_a_whole_round(url: str, root: Path, made_lab: Path, tmp_path: Path) -> None:
    """Handed in, graded, marked by hand, graded again, feedback and marks out: row for row as with
    SQLite."""
    other = tmp_path / "with-sqlite"
    tiny_course.copy(made_lab, other)
    told = []
    for place, address in ((root, url), (other, f"sqlite:///{other}/gradebook.db")):
        for student, answer in (("ada", tiny_course.ANSWER), ("ben", "def double(x): return 0")):
            notebooks = {f"{SUMS}.ipynb": tiny_course.answered(place, answer)}
            tiny_course.hand_in(place, student, notebooks)
        outputs = [proctor(place, "grade", ASSIGNMENT).communicate(timeout=120)[0]]
        with Gradebook(address, "lab") as gradebook:
            grade = gradebook.find_grade("test-double", SUMS, ASSIGNMENT, "ben")
            grade.manual_score = 1.5
            gradebook.db.commit()
        for words in (
            ("grade", ASSIGNMENT, "--force"),
            ("feedback", ASSIGNMENT),
            ("export", ASSIGNMENT, "--to", "csv"),
        ):
            outputs.append(proctor(place, *words).communicate(timeout=120)[0])
        pages = sorted(path.name for path in place.glob(f"feedback/*/{ASSIGNMENT}/*.html"))
        marks_out = (place / f"{ASSIGNMENT}-grades.csv").read_text()
        told.append((rows(address), pages, marks_out))
        assert "2 graded" in outputs[0] and "2 graded" in outputs[1], outputs
    assert told[0] == told[1]
    assert any(row[:4] == (ASSIGNMENT, "ben", SUMS, "test-double") for row in told[0][0])


def test_two_assignments_at_once(url: str, root: Path) -> None:
    """Two gradings that both add the same new students lose nobody."""
    (root / "source" / ASSIGNMENT).rename(root / "source" / "kept")
    tiny_course.copy(root / "source" / "kept", root / "source" / ASSIGNMENT)
    (root / "source" / "kept").rename(root / "source" / SECOND)
    tiny_course.generate(root, SECOND)
    students = [f"s{number:02}" for number in range(12)]
    for student in students:
        notebooks = {f"{SUMS}.ipynb": tiny_course.answered(root)}
        folder = tiny_course.hand_in(root, student, notebooks)
        tiny_course.copy(folder, folder.with_name(SECOND))
    running = [proctor(root, "grade", name, "--wait", "0") for name in (ASSIGNMENT, SECOND)]
    outputs = [one.communicate(timeout=240)[0] for one in running]
    assert all("12 graded" in text for text in outputs), outputs
    graded = {row[:2] for row in rows(url)}
    assert graded == {(name, one) for name in (ASSIGNMENT, SECOND) for one in students}


def in_turns(work: Callable[[], None], times: int, failures: list[BaseException]) -> None:
    """Do something so many times, and keep what goes wrong."""
    try:
        for _ in range(times):
            work()
    except BaseException as error:
        failures.append(error)


def test_the_same_new_students_from_two_sides(url: str, root: Path) -> None:
    """Whoever comes second finds the row that the other one has entered meanwhile."""
    here = course.load(root)
    failures: list[BaseException] = []

    def enter() -> None:
        with GradebookConnection(here) as gradebook:
            batch = [marks(f"s{number}") for number in range(8)]
            gradebook.save(ASSIGNMENT, batch)

    threads = [threading.Thread(target=in_turns, args=(enter, 3, failures)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    assert len({row[1] for row in rows(url)}) == 8


def test_somebody_reads_meanwhile(url: str, root: Path) -> None:
    """What the formgrader asks for is answered while marks are entered, and is whole batches."""
    here = course.load(root)
    failures: list[BaseException] = []
    seen: set[int] = set()

    def read() -> None:
        with Gradebook(url, "lab") as gradebook:
            seen.add(len(gradebook.submission_dicts(ASSIGNMENT)))
            gradebook.student_dicts()

    reader = threading.Thread(target=in_turns, args=(read, 20, failures))
    reader.start()
    with GradebookConnection(here) as gradebook:
        for start in range(0, 40, 10):
            gradebook.save(ASSIGNMENT, [marks(f"s{start + number}") for number in range(10)])
    reader.join(120)
    assert failures == []
    assert seen <= {0, 10, 20, 30, 40}


def test_the_server_is_stopped_and_started(
    server: Server, url: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who enters marks waits until it is there again, is told so, and loses none."""
    monkeypatch.setattr(database, "WAIT", 0.3)
    told: list[str] = []
    with GradebookConnection(course.load(root), told.append) as gradebook:
        gradebook.save(ASSIGNMENT, [marks("ada")])
        server.stop()
        again = threading.Timer(1.0, server.start)
        again.start()
        gradebook.save(ASSIGNMENT, [marks("ben"), marks("cyd", 1.0)])
        again.join()
        assert {total.score for total in gradebook.totals(ASSIGNMENT, ["ben", "cyd"]).values()} == {
            1.0,
            2.0,
        }
    assert set(told) == {database.AWAY}
    assert {row[1] for row in rows(url)} == {"ada", "ben", "cyd"}


def test_the_server_stays_away(
    server: Server, url: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a bounded time it is told in words; whoever starts then is told at once."""
    monkeypatch.setattr(database, "WAIT", 0.01)
    with GradebookConnection(course.load(root)) as gradebook:
        server.stop()
        try:
            with pytest.raises(GradebookError, match="did not answer for about"):
                gradebook.save(ASSIGNMENT, [marks("ada")])
            begun = time.monotonic()
            with pytest.raises(CourseError, match="cannot be reached"):
                GradebookConnection(course.load(root))
            assert time.monotonic() - begun < 5
        finally:
            server.start()
        gradebook.save(ASSIGNMENT, [marks("ada")])
    assert {row[1] for row in rows(url)} == {"ada"}


def test_a_password_is_not_shown(root: Path) -> None:
    """The address of a gradebook that cannot be reached is told without its password."""
    address = "postgresql+psycopg2://course:secret@/course?host=/nowhere"
    tiny_course.configure(root, f"c.CourseDirectory.db_url = {address!r}")
    with pytest.raises(CourseError, match="cannot be reached") as caught:
        GradebookConnection(course.load(root))
    assert "secret" not in str(caught.value) and "***" in str(caught.value)
    assert isinstance(caught.value.__cause__, OperationalError)
