"""Which files are read for certain, what is written, and that a file is there whole or not at all."""

import codecs
import os

import pytest
from class_files import class_marks, student

from proctor.export.filling import Request, number
from proctor.export.marks import ExportError, number_text
from proctor.export.plain import harmless, plain_marks
from proctor.export.table import new_file, read_table

TEXT = 'Name,ID\r\n"Öz, A",1\r\n'
CELLS = [["Name", "ID"], ["Öz, A", "1"]]


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        'Name;ID\r\n"Öz, A";1\r\n'.encode(),
        "sep=;\r\nName;ID\r\nÖz, A;1\r\n".encode(),
        "Name\tID\nÖz, A\t1\n".encode("utf-16"),
        b"\r\n" + TEXT.encode() + b",\r\n",
    ],
)
def test_what_excel_makes_of_a_file_is_read_where_it_is_unambiguous(tmp_path, data):
    """Marks of encodings, semicolons, tabs, line ends and blank lines change nothing of the cells."""
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    table = read_table(path)
    assert [table.header, *(line.cells for line in table.lines)] == CELLS
    assert table.csv() == 'Name,ID\n"Öz, A",1\n'.encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (TEXT.encode("cp1252"), "neither UTF-8 nor marked as UTF-16"),
        (b"Name,ID\nA\0,1\n", "not text in UTF-8"),
        (b"PK\x03\x04", "Excel workbook or a zip"),
        (b"<!DOCTYPE html>", "is a web page"),
        (b"hello\n", "holds no table"),
        (b",,\n", "holds no table"),
        (b"Name,ID\nOz, A,1\n", "Line 2 .* has 3 cells, the header 2"),
        (b'Name,ID\n"O"z,1\n', "is no CSV: line 2"),
        (b'Name,ID\n"Oz,1\n', "is no CSV: line 2"),
    ],
)
def test_a_file_that_can_be_misread_is_refused(tmp_path, data, words):
    """A sentence says what it is instead."""
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    with pytest.raises(ExportError, match=words):
        read_table(path)


@pytest.mark.parametrize("title", ["Quiz; one; two", "Quiz\tone", '"Quiz; ""one"""'])
def test_a_title_may_hold_what_parts_cells_elsewhere(tmp_path, title):
    """What parts most cells of the header is the delimiter, whatever stands in one of them."""
    path = tmp_path / "file.csv"
    path.write_text(f'Name,ID,{title},Sum\n"Öz, A",1,2;3,4\n')
    assert read_table(path).lines[0].cells == ["Öz, A", "1", "2;3", "4"]


def test_a_folder_a_pipe_or_nothing_is_refused_at_once(tmp_path):
    """None of them is waited for."""
    os.mkfifo(tmp_path / "pipe")
    for name, words in ((".", "is a folder"), ("pipe", "is not a file"), ("no", "cannot be read")):
        with pytest.raises(ExportError, match=words):
            read_table(tmp_path / name)


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    """An error in the midst of writing leaves the old file and no part of a new one."""
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError), new_file(path, force=True) as file:
        file.write(b"half")
        raise RuntimeError
    assert [one.name for one in tmp_path.iterdir()] == ["out.csv"]
    assert path.read_text() == "old"


def test_a_file_is_replaced_by_force_only_and_an_input_never(tmp_path):
    """What an instructor has is not lost to a second export."""
    path = tmp_path / "out.csv"
    path.write_text("old")
    for force, inputs, words in ((False, [], "is there already"), (True, [path], "that is read")):
        with pytest.raises(ExportError, match=words), new_file(path, force, inputs):
            pass
    with new_file(path, force=True) as file:
        file.write(b"new")
    assert path.read_text() == "new"


def test_a_plain_file_quotes_names_and_tells_the_status():
    """A comma in a name shifts no column; a score that is not final is empty (RFC 4180)."""
    marks = class_marks(
        student("ada", first_name="Ada", last_name='Lovelace, "Countess"'),
        *class_marks().students[4:],
    )
    table, summary = plain_marks([marks], Request(), "out.csv")
    assert table.csv().decode().splitlines() == [
        "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,"
        "late_submission_penalty,score,max_score,status",
        'ps1,,,ada,"Lovelace, ""Countess""",Ada,,8.5,0.0,8.5,10.0,graded',
        "ps1,,,dan,,,,4.0,0.0,,10.0,needs manual grade",
        "ps1,,,eve,,,,,,,10.0,not handed in",
        "ps1,,,fay,,,,0.0,0.0,,10.0,not graded",
    ]
    assert summary.entered == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+1", "'=1+1"),
        (" @SUM(A1)", "' @SUM(A1)"),
        ("+49 30", "'+49 30"),
        ("-", "'-"),
        ("＝1", "'＝1"),
        ("\t=1", "\\t=1"),
        ("Bob\x1b[31m", "Bob\\x1b[31m"),
        ("O'Brien-Smith", "O'Brien-Smith"),
        ("ada@example.org", "ada@example.org"),
    ],
)
def test_no_name_is_a_formula_or_a_command(text, expected):
    """A spreadsheet shows it as text (OWASP, “CSV Injection”), a terminal as characters."""
    assert harmless(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.00", 10),
        ("10,00", 10),
        ("1,000.50", 1000.5),
        ("1.000,50", 1000.5),
        ("(read only)", None),
    ],
)
def test_both_decimal_signs_are_read(text, expected):
    """Canvas and Moodle write numbers in their user's language."""
    assert number(text) == expected


@pytest.mark.parametrize(
    ("points", "expected"), [(10.0, "10"), (8.5, "8.5"), (20 / 3, "6.66667"), (0.0, "0")]
)
def test_points_have_five_decimals_at_most(points, expected):
    """As many as Moodle keeps (assign_grades.grade is a number(10,5))."""
    assert number_text(points) == expected
