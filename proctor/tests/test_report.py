"""The report of a grading run, for a person and as data."""

import json

import pytest

from proctor.report import FAILED, Report, Row, to_dict, to_text


def report(*rows: Row, warnings: tuple[str, ...] = (), sandbox: bool = True) -> Report:
    return Report("ps1", list(rows), warnings=list(warnings), sandbox=sandbox)


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (Row("ada", score=4.5, max_score=15.0), "ada         4.5 of 15"),
        (
            Row("ada", score=1.0, max_score=2.0, needs_manual_grade=True),
            "ada            1 of 2  to be graded by hand",
        ),
        (
            Row("ada", score=1.0, max_score=2.0, penalty=0.5, human=["x"]),
            "ada            1 of 2  late: −0.5, look below",
        ),
        (
            Row("ada", score=1.0, max_score=2.0, tampering=["x"]),
            "ada            1 of 2  look below",
        ),
        (Row("ada", FAILED, needs_manual_grade=True), "ada                 –  not graded"),
        (Row("a\x1b[2J"), "a\\x1b[2J        – of –"),
    ],
)
def test_a_students_line(row: Row, line: str) -> None:
    """Points and remarks stand in one line, in which nothing can move a terminal's cursor."""
    assert to_text(report(row)).splitlines()[1] == line


def test_rows_are_sorted() -> None:
    """The table is by student, in whatever order they were graded."""
    lines = to_text(report(Row("bob"), Row("ada"))).splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["ada", "bob"]


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        pytest.param(
            report(Row("ada", human=["Look."], notes=["Odd."])),
            ["For a human:", "  ada: Look.", "Also noticed:", "  ada: Odd."],
            id="both",
        ),
        pytest.param(
            report(Row("ada", notes=["Odd."])),
            ["For a human:", "  nothing", "Also noticed:", "  ada: Odd."],
            id="notes only",
        ),
        pytest.param(report(Row("ada")), [], id="nothing"),
        pytest.param(
            report(Row("ada"), warnings=("A test is odd.",)), ["! A test is odd."], id="warnings"
        ),
        pytest.param(
            report(Row("ada"), sandbox=False),
            [
                "GRADED WITHOUT PROTECTION (--no-sandbox): "
                "the students' code could read and change this account's files."
            ],
            id="no sandbox",
        ),
        pytest.param(
            report(Row("ada", human=[str(n) for n in range(8)])),
            [
                "For a human:",
                *(f"  ada: {n}" for n in range(6)),
                "  ada: … and 2 more (--json shows all).",
            ],
            id="too many for a human",
        ),
        pytest.param(
            report(Row("ada", human=["Look."], notes=[str(n) for n in range(8)])),
            [
                "For a human:",
                "  ada: Look.",
                "Also noticed:",
                *(f"  ada: {n}" for n in range(5)),
                "  ada: … and 3 more (--json shows all).",
            ],
            id="too many notes",
        ),
        pytest.param(
            report(
                Row("ada", tampering=["It."]), Row("b\x1b", human=["Look."], tampering=["That."])
            ),
            [
                "For a human:",
                "  b\\x1b: Look.",
                "Looks like tampering:",
                "  ada: It.",
                "  b\\x1b: That.",
            ],
            id="looks like tampering",
        ),
        pytest.param(
            report(Row("ada", tampering=[str(n) for n in range(8)])),
            [
                "Looks like tampering:",
                *(f"  ada: {n}" for n in range(6)),
                "  ada: … and 2 more (--json shows all).",
            ],
            id="too much tampering",
        ),
    ],
)
def test_what_is_told_below_the_table(given: Report, lines: list[str]) -> None:
    """What needs a human comes first, then what was noticed, a few sentences of each student."""
    after = to_text(given).splitlines()[1 + len(given.rows) : -1]
    assert [line for line in after if line] == lines


@pytest.mark.parametrize(
    ("given", "status", "summary"),
    [
        (
            Report("ps1", [Row("ada"), Row("bob")], seconds=3.0),
            0,
            "ps1: 2 graded; 3.0 s, 1.50 s each.",
        ),
        (
            Report("ps1", already=2),
            0,
            "ps1: nothing new to grade, 2 had been graded before (--force grades them again); 0.0 s.",
        ),
        (
            Report("ps1", [Row("ada", FAILED)]),
            1,
            "ps1: 0 graded, 1 could not be graded; 0.0 s.",
        ),
        (
            Report("ps1", interrupted=True),
            1,
            "ps1: 0 graded, interrupted: start again to grade the rest; 0.0 s.",
        ),
    ],
)
def test_summary_and_status(given: Report, status: int, summary: str) -> None:
    """The last line sums up; the exit status is 1 if anything is left to be graded."""
    assert (given.status, to_text(given).splitlines()[-1]) == (status, summary)


def test_json() -> None:
    """As data the report is whole, whatever the text leaves out."""
    data = json.loads(json.dumps(to_dict(report(Row("ada", human=[str(n) for n in range(8)])))))
    assert (data["status"], data["assignment"], len(data["rows"][0]["human"])) == (0, "ps1", 8)
