"""Names of feedback pages in a zip, read back by the platforms' own rules.

The two readers here are those rules: infer_comment_context_from_filename in Canvas's
app/models/abstract_assignment.rb, is_valid_filename_for_import in Moodle's
mod/assign/feedback/file/importziplib.php.
"""

import re
import zipfile
from pathlib import Path

import pytest
from class_files import CANVAS, MOODLE, class_marks, student

from proctor.export.feedback_zip import (
    canvas_name,
    canvas_names,
    downloaded_names,
    moodle_names,
    plain_names,
)
from proctor.export.filling import Request
from proctor.export.marks import ExportError

DOWNLOADED = (
    "hoppergrace_12345_9001_ps1.ipynb",
    "lovelaceada_LATE_1002_9003_ps1-1.ipynb",
    "lovelaceada_LATE_1002_9002_data.csv",
    "bob_555_9004_everything.zip",
    "charissecyd_1004_link.html",
    ".DS_Store",
)


def canvas_reads(name: str) -> tuple[str, str]:
    """The user and the attachment that Canvas reads out of a file's name."""
    numbers = [part for part in name.split("_") if part != "LATE" and re.fullmatch(r"\d+", part)]
    return numbers[0], numbers[1]


def moodle_reads(path: str) -> tuple[str, str, str, str]:
    """The participant, the plugin's type and name, and the file's name that Moodle reads."""
    parts = path.split("/")
    _, participant, kind, plugin, rest = parts[0].split("_", 4)
    return participant, kind, plugin, "/".join([rest, *parts[1:]])


def test_canvas_finds_each_pages_student_and_file():
    """A page takes the numbers of the file that was handed in under the notebook's name."""
    names = canvas_names(
        class_marks(student("12345"), student("lovelaceada"), student("bob"), student("cyd")),
        Request(),
        DOWNLOADED,
    )
    assert {key: canvas_reads(name) for key, name in names.items()} == {
        ("12345", "ps1"): ("12345", "9001"),
        ("lovelaceada", "ps1"): ("1002", "9003"),
        ("bob", "ps1"): ("555", "9004"),
    }
    assert all(name.endswith(".html") for name in names.values())


def test_canvas_gradebook_leads_from_its_numbers_to_the_students(tmp_path):
    """Where the gradebook's ids are others, the exported file has both."""
    path = tmp_path / "gradebook.csv"
    path.write_text(CANVAS)
    names = canvas_names(class_marks(), Request(source=path), DOWNLOADED)
    assert canvas_reads(names["ada", "ps1"]) == ("1002", "9003")


def test_a_download_that_fits_two_students_is_refused():
    """Nobody gets another one's feedback on a guess."""
    marks = class_marks(student("555"), student("bob"))
    with pytest.raises(ExportError, match="'555', 'bob'"):
        canvas_names(marks, Request(), DOWNLOADED)


@pytest.mark.parametrize(
    "name",
    ["ps1.ipynb", "ada_ps1.ipynb", "ada_1_ps1.ipynb", "ada_1_link.html", "._ada_1_2_ps1.ipynb"],
)
def test_a_name_without_canvas_two_numbers_is_none_of_its(name):
    """Canvas would ignore such a file, too."""
    assert canvas_name(name) is None


def test_moodle_finds_each_pages_participant(tmp_path):
    """The worksheet's number counts, and no `_` of a name takes its place."""
    path = tmp_path / "worksheet.csv"
    path.write_text(MOODLE)
    names = moodle_names(class_marks(), Request(source=path))
    assert {key: moodle_reads(name) for key, name in names.items()} == {
        (who, "ps1"): (number, "assignfeedback", "file", "/ps1.html")
        for who, number in (
            ("12345", "12345"),
            ("ada", "5002"),
            ("bob", "5003"),
            ("cyd", "5004"),
        )
    }


def test_without_a_worksheet_ids_that_are_numbers_are_moodles():
    """They are what was collected out of the names of Moodle's download."""
    names = moodle_names(class_marks(), Request())
    assert list(names) == [("12345", "ps1")]


@pytest.mark.parametrize(
    ("who", "notebooks", "expected"),
    [
        ("ada", ["ps1"], {"ada.html"}),
        ("ada_l", ["a_1", "b"], {"ada_l/a_1.html", "ada_l/b.html"}),
        ("../../etc", ["ps1"], {"etc.html"}),
        ("..", ["a", "b"], {"unnamed/a.html", "unnamed/b.html"}),
        ("C:\\x\x00\x1b[1m", ["ps1"], {"C  x  [1m.html"}),
    ],
)
def test_pages_for_sending_by_hand_are_called_after_the_student(who, notebooks, expected):
    """No id leads out of the zip."""
    assert set(plain_names(class_marks(student(who), notebooks=notebooks)).values()) == expected


def test_names_come_from_a_zip_or_from_a_folder_of_zips(tmp_path: Path):
    """A folder such as downloaded/ps1/archive holds the download, or what was in it."""
    archive = tmp_path / "archive"
    archive.mkdir()
    with zipfile.ZipFile(archive / "submissions.zip", "w") as file:
        file.writestr("a_1_2_ps1.ipynb", "x")
    (archive / "b_3_4_ps1.zip").write_bytes(b"a student's own, which is not opened")
    assert downloaded_names(archive / "submissions.zip") == ["a_1_2_ps1.ipynb"]
    assert set(downloaded_names(archive)) == {
        "submissions.zip",
        "a_1_2_ps1.ipynb",
        "b_3_4_ps1.zip",
    }


@pytest.mark.parametrize(
    ("name", "words"), [("no.zip", "is not there"), ("bad.zip", "is not a zip that can be read")]
)
def test_a_download_that_is_none_is_refused(tmp_path, name, words):
    """A sentence says what is expected."""
    (tmp_path / "bad.zip").write_text("no")
    with pytest.raises(ExportError, match=words):
        downloaded_names(tmp_path / name)
