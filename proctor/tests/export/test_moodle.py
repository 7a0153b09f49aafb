"""Marks in Moodle's grading worksheet: which cells change, in which form, which files are refused.

The forms are those of mod/assign/gradingtable.php and mod/assign/feedback/offline of Moodle.
"""

import csv
import io
from pathlib import Path

import pytest
from class_files import MOODLE, MOODLE_GERMAN, class_marks, student

from proctor.export.filling import Request
from proctor.export.marks import ExportError
from proctor.export.moodle import moodle_marks, participant_number

GRADE = 5  # the column of grades


def rows(text: str) -> list[list[str]]:
    """The cells of CSV text."""
    return list(csv.reader(io.StringIO(text, newline="")))


def filled(tmp_path: Path, text: str, marks=None, **asked):
    """The rows that are written for a worksheet, and the summary."""
    path = tmp_path / "worksheet.csv"
    path.write_bytes(text.encode())
    table, summary = moodle_marks(marks or class_marks(), Request(source=path, **asked))
    return rows(table.csv().decode()), summary


def test_only_grades_that_may_be_changed_change(tmp_path):
    """Comments of several lines, dates and the grade that Moodle has locked stay what they were."""
    expected = rows(MOODLE)
    expected[1][GRADE], expected[2][GRADE], expected[4][GRADE] = "8.5", "7.5", "8.5"
    written, summary = filled(tmp_path, MOODLE)
    assert written == expected
    assert (summary.entered, summary.replaced) == (3, 1)
    assert summary.left["“Grade can be changed” is “No” in Moodle"] == ["bob"]


def test_a_german_worksheet_keeps_its_words_and_its_comma(tmp_path):
    """Moodle looks for the columns' names, and for the decimal sign, in its user's language."""
    expected = rows(MOODLE_GERMAN)
    expected[1][GRADE] = "8,5"
    written, summary = filled(tmp_path, MOODLE_GERMAN)
    assert written == expected
    assert summary.left["“Bewertung kann geändert werden” is “Nein” in Moodle"] == ["bob"]


@pytest.mark.parametrize("maximum", ["Maximum grade", "Maximum Grade"])
def test_both_spellings_of_the_maximum_are_read(tmp_path, maximum):
    """Versions of Moodle write the column's name differently."""
    assert filled(tmp_path, MOODLE.replace("Maximum grade", maximum))[1].entered == 3


@pytest.mark.parametrize(("scale", "expected", "entered"), [(True, "4.25", 3), (False, "2.00", 0)])
def test_points_above_the_maximum_are_told_of(tmp_path, scale, expected, entered):
    """Moodle would skip them without a word (process_import_grades), so that they are not entered."""
    text = MOODLE.replace("10.00", "5.00")
    marks = class_marks(student("12345"), student("ada", email="ada@example.org"), student("cyd"))
    written, summary = filled(tmp_path, text, marks, scale=scale)
    assert summary.entered == entered
    assert written[2][GRADE] == expected
    assert (
        summary.left.get("above Moodle's maximum of 5, which Moodle would skip", [])
        == ["12345", "ada", "cyd"][: 3 - entered]
    )


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Participant 123456", "123456"),
        ("Teilnehmer/in123456", "123456"),
        ("Teilnehmer*in123456", "123456"),
        ("Participant", ""),
        ("1 of 2", ""),
    ],
)
def test_the_participants_number_ends_the_identifier(cell, expected):
    """As Moodle reads it: all behind its word for a participant."""
    assert participant_number(cell) == expected


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Identifier", "Identifiant", "English or German: expected are the columns 'Identifier'"),
        ("Last modified (grade)", "Date", "not a grading worksheet that Moodle wrote"),
        ('"Maximum grade"', "Scale", "not graded in points"),
        ("10.00", "12.00", "must hold one number, not '10.00', '12.00'"),
        ("bob,,", "cyd,,", r"has cyd more than once \(lines 5, 6\)"),
        ("5004", "12345", "fits several students .*'12345', 'cyd'"),
    ],
)
def test_a_worksheet_that_is_not_understood_is_refused(tmp_path, old, new, words):
    """A sentence says which columns were expected, or what in them is wrong."""
    with pytest.raises(ExportError, match=words):
        filled(tmp_path, MOODLE.replace(old, new, 1))


def test_a_column_cannot_be_chosen(tmp_path):
    """A worksheet is of one assignment, so that naming a column is a mistake."""
    with pytest.raises(ExportError, match="--column is for Canvas"):
        filled(tmp_path, MOODLE, column="Status")
