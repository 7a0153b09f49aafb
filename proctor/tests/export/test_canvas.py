"""Marks in Canvas's own gradebook file: which cells change, whose they are, which files are refused.

The forms are those of lib/gradebook_exporter.rb and lib/gradebook_importer.rb of Canvas.
"""

import csv
import io
from pathlib import Path

import pytest
from class_files import CANVAS, class_marks, student

from proctor.export.canvas import canvas_marks
from proctor.export.filling import Request
from proctor.export.marks import Choices, ExportError, Status

COLUMN = 7  # of ps1 in CANVAS


def rows(text: str) -> list[list[str]]:
    """The cells of CSV text."""
    return list(csv.reader(io.StringIO(text, newline="")))


def filled(tmp_path: Path, text: str, marks=None, **asked):
    """The rows that are written for a file, and the summary."""
    path = tmp_path / "gradebook.csv"
    path.write_bytes(text.encode())
    table, summary = canvas_marks(marks or class_marks(), Request(source=path, **asked))
    assert path.read_bytes() == text.encode()
    return rows(table.csv().decode()), summary


def test_only_final_marks_of_the_assignments_column_change(tmp_path):
    """Every other cell and line is what Canvas wrote, “EX” and “N/A” among them."""
    expected = rows(CANVAS)
    expected[3][COLUMN], expected[4][COLUMN] = "8.5", "7.5"
    written, summary = filled(tmp_path, CANVAS)
    assert written == expected
    assert (summary.entered, summary.replaced) == (2, 1)


def test_whoever_gets_no_mark_is_named_with_the_reason(tmp_path):
    """Each status and Canvas's own words are told, and who is on one side only; not the test student."""
    _, summary = filled(tmp_path, CANVAS)
    assert summary.left == {
        "excused in Canvas": ["bob"],
        "not assigned to this student in Canvas": ["cyd"],
        "needs manual grade, left as in the file": ["dan"],
        "not handed in, left as in the file": ["eve"],
        "in the file, not in the gradebook": ["Newman, Nina (line 10)"],
        "in the gradebook, not in the file": ["fay: not graded"],
    }


@pytest.mark.parametrize(
    ("choices", "line", "expected"),
    [
        (Choices(not_handed_in="zero"), 8, "0"),
        (Choices(needs_manual_grade="score"), 7, "4"),
        (Choices(not_graded="zero"), 8, ""),
        (Choices(), 7, "3.00"),
    ],
)
def test_a_mark_that_is_not_final_is_entered_if_asked_for(tmp_path, choices, line, expected):
    """Each choice concerns its own status only; without one the cell stays."""
    written, _ = filled(tmp_path, CANVAS, choices=choices)
    assert written[line][COLUMN] == expected


@pytest.mark.parametrize(
    ("scale", "expected", "told"),
    [
        (True, "17", "All points are multiplied with 20/10."),
        (
            False,
            "8.5",
            "The file has 20 points for it, the gradebook 10: entered as they are.",
        ),
    ],
)
def test_another_maximum_is_scaled_or_told_of(tmp_path, scale, expected, told):
    """Points Possible and the gradebook's maximum differ: what was asked for is done, and said."""
    written, summary = filled(tmp_path, CANVAS.replace("10.00", "20.00"), scale=scale)
    assert written[3][COLUMN] == expected
    assert told in summary.notes


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("ps1 (4321)", ""),
        ("PS1 (4321)", ""),
        ("ps1", ""),
        ("Problem set (one) (4321)", "Problem set (one)"),
        ("Problem set (4321)", "4321"),
        ("Problem set (4321)", "Problem set (4321)"),
    ],
)
def test_the_assignments_column_is_found(tmp_path, header, column):
    """By the assignment's name with or without Canvas's number, or as it was named."""
    written, _ = filled(tmp_path, CANVAS.replace("ps1 (4321)", header), column=column)
    assert written[3][COLUMN] == "8.5"


@pytest.mark.parametrize(
    ("known", "line"),
    [
        (student("12345"), 3),
        (student("x", lms_user_id="12345"), 3),
        (student("S001"), 3),
        (student("GRACE"), 3),
        (student("x", email="ada@Example.org"), 4),
    ],
)
def test_a_student_is_known_by_each_of_canvas_columns(tmp_path, known, line):
    """ID, SIS User ID and SIS Login ID are compared with id, lms_user_id and e-mail address."""
    written, summary = filled(tmp_path, CANVAS, class_marks(known))
    assert written[line][COLUMN] == "8.5"
    assert summary.entered == 1


def test_first_and_last_names_may_stand_in_two_columns(tmp_path):
    """Canvas's export with LastName and FirstName is read too (show_student_first_last_name)."""
    text = (
        "LastName,FirstName,ID,SIS Login ID,Section,ps1 (4321)\n"
        "    Points Possible,,,,,10\nHopper,Grace,12345,grace,Lab 1,\n"
    )
    written, _ = filled(tmp_path, text, class_marks(student("12345")))
    assert written[2][5] == "8.5"


@pytest.mark.parametrize(
    ("change", "asked", "words"),
    [
        (("ps1 (4321)", "hw9 (4321)"), {}, "no column for 'ps1'"),
        (("Quiz 0 (4000)", "ps1 (4000)"), {}, "several columns for 'ps1'"),
        (("10.00,(read", "20.00,(read"), {}, "20 points for this assignment, the gradebook 10"),
        (("5.00,10.00,", "5.00,(read only),"), {}, "is read only in Canvas"),
        (("1004,cyd,cydc", "1004,cyd,dan"), {}, "Line 7 .* several students .*'cyd', 'dan'"),
        (("1004,cyd,cydc", "1004,dan,cydc"), {}, r"has dan more than once \(lines 7, 8\)"),
        (("Section", "Group"), {}, "not what Canvas's Gradebook > Export writes"),
        (("12345", "1.2345E+16"), {}, "Excel has shortened the ID in line 4"),
        (("", ""), {"match": "Notes"}, "no column 'Notes' that tells students apart"),
        (("", ""), {"column": "nothing"}, "no column for 'nothing'"),
    ],
)
def test_what_cannot_be_told_for_certain_is_refused(tmp_path, change, asked, words):
    """A sentence says what is wrong with the file, or with what was asked for."""
    with pytest.raises(ExportError, match=words):
        filled(tmp_path, CANVAS.replace(*change, 1), **asked)


def test_a_file_of_another_course_is_refused(tmp_path):
    """None of its students is in the gradebook."""
    with pytest.raises(ExportError, match="of another course: none of its 8 students is in"):
        filled(tmp_path, CANVAS, class_marks(student("somebody")))


def test_a_student_called_points_possible_changes_no_maximum(tmp_path):
    """Students choose the names that Canvas shows; the line of points has no ID."""
    text = CANVAS.replace('"Newman, Nina"', "Points Possible")
    _, summary = filled(tmp_path, text)
    assert summary.left["in the file, not in the gradebook"] == ["Points Possible (line 10)"]


def test_one_column_can_be_said_to_count(tmp_path):
    """Where ids of two kinds are the same number, --match decides."""
    text = CANVAS.replace("1004,cyd,cydc", "1004,cyd,dan")
    written, _ = filled(
        tmp_path, text, class_marks(student("cyd"), student("dan")), match="SIS Login ID"
    )
    assert [written[line][COLUMN] for line in (6, 7)] == ["N/A", "3.00"]


def test_marks_of_others_stay_when_only_some_are_asked_for(tmp_path):
    """`--student` fills their cells and tells of nobody else."""
    written, summary = filled(tmp_path, CANVAS, students=("ad*",))
    assert [written[line][COLUMN] for line in (3, 4)] == ["", "7.5"]
    assert list(summary.left) == ["in the file, not in the gradebook"]


def test_a_late_penalty_takes_no_more_than_there_is():
    """The mark is the score less the penalty, as in nbgrader's own export, and never below 0."""
    assert student("a", Status.GRADED, 1.0, 3.0).mark(Choices()) == 0.0
