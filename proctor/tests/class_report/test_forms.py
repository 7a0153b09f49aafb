"""The report on a terminal and in a spreadsheet: whatever the texts are, they do nothing there."""

import csv
import io
import json

import pytest
from classes import made_class
from test_page import HOSTILE

from proctor.class_report.forms import COLUMNS, to_csv, to_dict, to_text

# With one of these a spreadsheet takes text for a formula (OWASP, "CSV Injection").
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"]


@pytest.mark.parametrize("hostile", [*HOSTILE.values(), *FORMULAS])
def test_a_terminal_obeys_nothing(hostile: str) -> None:
    """The text holds no character that moves a cursor, and as many lines as with harmless text."""
    text = to_text(made_class(lambda word: hostile + word))
    assert [one for one in text if not one.isprintable() and one != "\n"] == []
    assert text.count("\n") == to_text(made_class()).count("\n")


@pytest.mark.parametrize("hostile", [*HOSTILE.values(), *FORMULAS])
def test_a_spreadsheet_computes_nothing(hostile: str) -> None:
    """No cell of the CSV begins a formula, and each line has the columns of its header."""
    data = to_csv(made_class(lambda word: hostile + word)).decode()
    lines = list(csv.reader(io.StringIO(data), strict=True))
    assert lines[0] == list(COLUMNS)
    assert {len(line) for line in lines} == {len(COLUMNS)}
    cells = [cell for line in lines for cell in line]
    assert [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "＝"))] == []


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_json_is_json(hostile: str) -> None:
    """All of it can be written as JSON and read again."""
    data = json.loads(json.dumps(to_dict(made_class(lambda word: word + hostile))))
    assert data["assignment"] == f"ps1{hostile}"
    assert data["students"][0]["id"] == f"s000{hostile}"
    assert data["misunderstood"][0]["cells"][0] == {
        "notebook": f"sums{hostile}",
        "cell": f"adds{hostile}",
    }


def test_text_of_a_class() -> None:
    """The text tells what was found, how the tests went, who needs a human, and what changed."""
    lines = to_text(made_class()).splitlines()
    assert lines[:7] == [
        "ps1: 30 students, 24 graded, mean 2 of 4, median 2.",
        "",
        "14 of 24: Show it again. (added, turned, rare)",
        "",
        "students  found   which means",
        "      14  added   means added",
        "       2  turned  means turned",
    ]
    assert "Late: 4, with a penalty: 4." in lines
    assert "Graded again: 24; 24 have more automatic points, 0 fewer." in lines
    assert "  looks like tampering: 4 (s000, s009, s018, s027)" in lines
