"""What the name of a file in a learning platform's download says."""

from datetime import datetime

import pytest

from proctor.collect.platforms import FORMS, FileName, is_ignored, read_name

NOTEBOOKS = ("lab", "lab-2", "two words")
NIGHT = datetime(2026, 11, 20, 23, 30, 10)
READ = {
    # Moodle: mod/assign/locallib.php, download_submissions
    "Ada Lovelace_123_assignsubmission_file_lab.ipynb": FileName(
        "Moodle", ("123",), "lab.ipynb", "Ada Lovelace"
    ),
    "x/Ó Brien, Seán_123_assignsubmission_file_/data/a.csv": FileName(
        "Moodle", ("123",), "data/a.csv", "Ó Brien, Seán"
    ),
    "Ada Lovelace_123_assignsubmission_file/lab (1).ipynb": FileName(
        "Moodle", ("123",), "lab (1).ipynb", "Ada Lovelace"
    ),
    "Group 1-Ada Lovelace_123_assignsubmission_file_work.zip": FileName(
        "Moodle", ("123",), "work.zip", "Ada Lovelace"
    ),
    "Teilnehmer_in_123_assignsubmission_file_lab.ipynb": FileName(
        "Moodle", ("123",), "lab.ipynb", "Teilnehmer_in"
    ),
    "Ada Lovelace_123_assignsubmission_onlinetext_/onlinetext.html": None,
    # Canvas: app/models/abstract_assignment.rb; a resubmission's file is numbered
    "lovelaceada_12_98_lab.ipynb": FileName("Canvas", ("12",), "lab.ipynb", number=98),
    "hopper_LATE_12_98_lab.ipynb": FileName("Canvas", ("12",), "lab.ipynb", late=True, number=98),
    "lovelaceada_12_99_lab-3.ipynb": FileName("Canvas", ("12",), "lab.ipynb", attempt=3, number=99),
    "lovelaceada_12_99_lab-2.ipynb": FileName("Canvas", ("12",), "lab-2.ipynb", number=99),
    "lovelaceada_12_99_lab-2-1.ipynb": FileName(
        "Canvas", ("12",), "lab-2.ipynb", attempt=1, number=99
    ),
    "lovelaceada_12_98_data-1.csv": FileName("Canvas", ("12",), "data-1.csv", number=98),
    # Blackboard: nbgrader's documentation has the form
    "hw_1_ada01_attempt_2026-11-20-23-30-10_lab.ipynb": FileName(
        "Blackboard", ("ada01",), "lab.ipynb", time=NIGHT
    ),
    "hw_1_ada01_attempt_2026-11-20-23-30-10.txt": None,
    "hw_1_ada01_attempt_2026-13-20-23-30-10_data.csv": False,
    # Brightspace, with and without the colon that Windows cannot write
    "12-678 - Ada Lovelace - Nov 20, 2026 11:59 PM - lab.ipynb": FileName(
        "Brightspace", ("12",), "lab.ipynb", "Ada Lovelace", datetime(2026, 11, 20, 23, 59)
    ),
    "12-678 - Ada Lovelace - Nov 2, 2026 959 AM/lab.ipynb": FileName(
        "Brightspace", ("12",), "lab.ipynb", "Ada Lovelace", datetime(2026, 11, 2, 9, 59)
    ),
    # ILIAS: Lastname_Firstname_Login_ID
    "lab/Lovelace_Ada_ada01_47/lab.ipynb": FileName(
        "ILIAS", ("ada01", "47"), "lab.ipynb", "Ada Lovelace"
    ),
    "lab/Lovelace_Ada_ada01_47/20261120233010_lab.ipynb": FileName(
        "ILIAS", ("ada01", "47"), "lab.ipynb", "Ada Lovelace", NIGHT, number=20261120233010
    ),
    # plain, with what browsers and file managers add
    "ada_lab.ipynb": FileName("plain", ("ada",), "lab.ipynb"),
    "ada_l_two words.ipynb": FileName("plain", ("ada_l",), "two words.ipynb"),
    "ada_lab-2 (1).ipynb": FileName("plain", ("ada",), "lab-2.ipynb"),
    "eve_lab copy.ipynb": FileName("plain", ("eve",), "lab.ipynb"),
    # nobody's
    "lab.ipynb": False,
    "ada_other.ipynb": False,
    "report.pdf": False,
}


@pytest.mark.parametrize(("path", "says"), READ.items(), ids=READ)
def test_what_a_name_says(path: str, says: FileName | None | bool) -> None:
    """Platform, student, file, time, lateness and attempt are read; an unknown form is told apart from
    a file that nobody has handed in."""
    assert read_name(path, NOTEBOOKS) == says


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.platform)
def test_the_examples_of_the_forms(form: object) -> None:
    """The example that an instructor is shown is of that form."""
    found = read_name(form.example, NOTEBOOKS)  # type: ignore[attr-defined]
    assert isinstance(found, FileName) and found.file == "lab.ipynb"
    assert found.platform == form.platform  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("__MACOSX/a/._ada_lab.ipynb", True),
        ("a/._ada_lab.ipynb", True),
        ("a/.DS_Store", True),
        ("a/Thumbs.db", True),
        ("a/ada_lab.ipynb", False),
    ],
)
def test_what_operating_systems_leave(path: str, ignored: bool) -> None:
    """It is passed over without a word."""
    assert is_ignored(path) == ignored
