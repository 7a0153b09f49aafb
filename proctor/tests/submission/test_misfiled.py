"""Work that lies where it is not read is named, with what to do."""

from pathlib import Path

import pytest
import tiny_course
from tiny_course import ASSIGNMENT

from proctor import course
from proctor.submission.misfiled import may_be_work, outside, unread

NOTEBOOKS = ["sums", "words"]


@pytest.mark.parametrize(
    ("name", "may_be"),
    [
        ("sums-Copy1.ipynb", True),
        ("sums.ipynb.json", True),
        ("sums.ipynb.txt", True),
        ("sums.json", True),
        ("SUMS.HTML", True),
        ("old/sums.ipynb", True),
        ("work.zip", True),
        ("work.tar.gz", True),
        ("data.csv", False),
        ("notes.txt", False),
        ("helper.py", False),
        ("._sums.ipynb", False),
    ],
)
def test_what_may_be_work(name: str, may_be: bool) -> None:
    """Notebooks under any ending, and archives, may be a student's work; other files are not."""
    assert may_be_work(name, NOTEBOOKS) == may_be


def test_what_is_taken_is_not_unread() -> None:
    """A file that is taken as a notebook is not named, and its copies are."""
    found = ["sums.ipynb", "sums (1).ipynb", "data.csv"]
    assert unread(found, {"sums": "sums.ipynb"}, NOTEBOOKS) == ["sums (1).ipynb"]


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("sums.ipynb", "move it into submitted/STUDENT/ps1/"),
        ("all.zip", "unpack it into submitted/STUDENT/ps1/"),
        ("ada/sums.ipynb", "move it into submitted/ada/ps1/"),
        ("ps1/ada.ipynb", "move it into submitted/STUDENT/ps1/"),
        ("ada/PS1/sums.ipynb", "rename the folder to submitted/ada/ps1"),
        ("ada/ps_1/sums.ipynb", "rename the folder to submitted/ada/ps1"),
        ("ada/ps2/sums.ipynb", None),
        ("ada/ps1/sums.ipynb", None),
        ("ada/notes.txt", None),
        (".DS_Store", None),
    ],
)
def test_where_work_lies(root: Path, path: str, advice: str | None) -> None:
    """A notebook, an archive or a folder in the wrong place has a sentence that says what to do."""
    place = root / "submitted" / path
    place.parent.mkdir(parents=True)
    place.write_text("{}")
    found = outside(course.load(root), ASSIGNMENT, NOTEBOOKS)
    assert len(found) == (advice is not None)
    assert advice is None or advice in found[0]


def test_another_assignment_of_the_course(root: Path) -> None:
    """A folder that is called alike and is another assignment is not told of."""
    for place in (root / "source" / "psi1", root / "submitted" / "ada" / "psi1"):
        place.mkdir(parents=True)
    assert outside(course.load(root), ASSIGNMENT, NOTEBOOKS) == []
    (root / "source" / "psi1").rmdir()
    assert len(outside(course.load(root), ASSIGNMENT, NOTEBOOKS)) == 1


def test_links_are_not_followed(root: Path, tmp_path: Path) -> None:
    """A link to a folder elsewhere is not looked into."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "sums.ipynb").write_text("{}")
    (root / "submitted").mkdir()
    (root / "submitted" / "ada").symlink_to(tmp_path / "elsewhere")
    assert outside(course.load(root), ASSIGNMENT, NOTEBOOKS) == []


def test_another_arrangement_of_folders(root: Path) -> None:
    """Where the course arranges its folders in another way, nothing is guessed."""
    tiny_course.configure(
        root,
        "c.CourseDirectory.directory_structure = '{nbgrader_step}/{assignment_id}/{student_id}'",
    )
    (root / "submitted" / "ps1").mkdir(parents=True)
    (root / "submitted" / "ps1" / "sums.ipynb").write_text("{}")
    assert outside(course.load(root), ASSIGNMENT, NOTEBOOKS) == []
