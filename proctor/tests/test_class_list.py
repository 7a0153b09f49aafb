"""What came in against the class list."""

from collections.abc import Collection
from pathlib import Path

import pytest
import tiny_course
from nbgrader.api import Gradebook

from proctor import class_list, course
from proctor.class_list import LikelyPair, compare, normalized, text
from proctor.gradebook.database import GradebookConnection
from proctor.gradebook.records import RecordedStudent
from proctor.gradebook.scores import SubmissionMarks

ADA = RecordedStudent("ada", "Ada Lovelace", named=True)
BOB = RecordedStudent("bob", "", named=False, submitted=False)  # entered by id alone
CYD = RecordedStudent("cyd", "", named=False, submitted=True)  # as grading adds somebody


@pytest.mark.parametrize(
    ("students", "came_in", "missing", "unlisted"),
    [
        pytest.param([ADA, BOB], ["ada"], ["bob"], [], id="one is missing"),
        pytest.param([ADA, CYD], ["ada", "cyd"], [], ["cyd"], id="one is not in the list"),
        pytest.param([ADA, CYD], ["ada"], [], [], id="who was added by grading is not missing"),
        pytest.param([ADA], ["zoe"], ["ada"], ["zoe"], id="before the grading adds somebody"),
        pytest.param([BOB, CYD], ["cyd", "zoe"], ["bob"], [], id="a list without names"),
        pytest.param([CYD], ["cyd", "zoe"], [], [], id="no list at all"),
        pytest.param([], ["ada"], [], [], id="an empty gradebook"),
        pytest.param([ADA], [], ["ada"], [], id="nobody handed in"),
    ],
)
def test_who_is_missing(
    students: Collection[RecordedStudent],
    came_in: list[str],
    missing: list[str],
    unlisted: list[str],
) -> None:
    """In the list is who has a name or never handed in; without names nobody is told to be unlisted."""
    found = compare(students, came_in)
    assert (list(found.missing), found.unlisted) == (missing, unlisted)


@pytest.mark.parametrize(
    ("handed_in", "listed"),
    [
        ("Ada", "ada"),
        ("ada ", "ada"),
        ("ad a", "ada"),
        ("7", "007"),
        ("007", "7"),
        ("ada", "\ufeffada"),
    ],
)
def test_another_spelling_of_an_id(handed_in: str, listed: str) -> None:
    """Ids that differ by case, gaps, leading zeros or Excel's mark are told as a likely pair."""
    found = compare([RecordedStudent(listed, "A", named=True)], [handed_in])
    assert found.pairs == [LikelyPair(handed_in, listed)]
    assert f"Handed in as {handed_in!r}, the class list has {listed!r}." in "\n".join(text(found))


@pytest.mark.parametrize(("one", "other"), [("ada", "adam"), ("7", "70"), ("a.b", "ab")])
def test_two_ids(one: str, other: str) -> None:
    """Other differences are two students."""
    assert normalized(one) != normalized(other)


def test_two_listed_students_who_both_handed_in_are_no_pair() -> None:
    """Ids that differ by case alone are two students where the list has both and both handed in."""
    listed = [RecordedStudent(id, "A", named=True) for id in ("ada", "Ada")]
    assert compare(listed, ["ada", "Ada"]).pairs == []


@pytest.mark.parametrize(
    ("id", "told"),
    [
        ("ada", False),
        ("a-1.b@x", False),
        ("\ufeffada", True),
        ("ada;Ada;Lovelace", True),
        (" ada", True),
        ("ada\t", True),
    ],
)
def test_a_list_that_was_read_wrongly(id: str, told: bool) -> None:
    """Ids that hold Excel's mark, a separator or a space at an end are told of."""
    problems = compare([RecordedStudent(id, "A", named=True)], [id]).problems
    assert bool(problems) == told


@pytest.mark.parametrize(
    ("number", "more"), [(5, ""), (150, "and 130 more (`proctor grade --json` names all)")]
)
def test_many_are_missing(number: int, more: str) -> None:
    """A few are all named; of many the first ones are, with the number of the others."""
    listed = [RecordedStudent(f"s{n:03}", f"Name {n}", named=True) for n in range(number)]
    lines = text(compare(listed, []))
    assert lines[0] == f"In the class list, nothing handed in: {number}"
    assert lines[1].count("(Name") == min(number, class_list.MAX_NAMED)
    assert lines[1].endswith(more)


def test_nothing_to_tell() -> None:
    """Where all of the list handed in and nobody else, there are no lines."""
    assert text(compare([ADA], ["ada"])) == []


def test_hostile_names_cannot_move_the_cursor() -> None:
    """A folder's name is shown without what a terminal would obey."""
    assert "\x1b" not in "\n".join(text(compare([ADA], ["\x1b[2J"])))


def test_students_of_a_gradebook(root: Path) -> None:
    """Who was entered with a name or an address is told from who was entered by a submission.

    Whom the course excludes is in no list.
    """
    tiny_course.configure(root, "c.CourseDirectory.student_id_exclude = 'me'")
    with Gradebook(f"sqlite:///{root}/gradebook.db", "lab") as book:
        book.add_student("ada", first_name="Ada", last_name="Lovelace")
        book.add_student("bob", email="b@example.org")
        book.add_student("me", last_name="Teacher")
    with GradebookConnection(course.load(root)) as gradebook:
        gradebook.save("ps1", [SubmissionMarks("cyd")])
        found = gradebook.students()
    assert found == [
        RecordedStudent("ada", "Ada Lovelace", named=True, submitted=False),
        RecordedStudent("bob", "", named=True, submitted=False),
        RecordedStudent("cyd", "", named=False, submitted=True),
    ]
