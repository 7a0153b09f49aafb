"""From a student's folder regular files are taken, everything else is told in words."""

import os
from pathlib import Path

import pytest
import tiny_course
from tiny_course import SUMS, WORDS

from proctor import course
from proctor.submission import files
from proctor.submission.folder import Submission, is_due


def read(root: Path, student: str = "ada") -> Submission:
    with tiny_course.submission_folder(root, student) as folder:
        return folder.read([SUMS, WORDS])


def test_expected_notebooks_are_read(root: Path) -> None:
    """The notebooks of the assignment are read, the timestamp too."""
    tiny_course.hand_in(
        root,
        "ada",
        {
            "sums.ipynb": tiny_course.answered(root),
            "words.ipynb": tiny_course.released(root, WORDS),
        },
    )
    found = read(root)
    assert sorted(found.notebooks) == [SUMS, WORDS]
    assert (found.student, found.broken, found.problems) == ("ada", {}, [])
    assert found.timestamp == "2026-01-02 10:00:00 UTC"


def test_other_notebooks_are_listed(root: Path) -> None:
    """Another notebook is ignored and named; other files are to be copied, except ignored ones."""
    tiny_course.hand_in(
        root,
        "ada",
        {
            "sums.ipynb": tiny_course.answered(root),
            "holiday.ipynb": "x",
            "notes/own.txt": "x",
            "a.pyc": "x",
        },
    )
    found = read(root)
    assert found.files == ["notes/own.txt", "timestamp.txt"]
    assert found.problems == ["Not a notebook of this assignment, ignored: holiday.ipynb."]


def test_a_link_is_not_followed(root: Path) -> None:
    """A symbolic link in the place of a notebook, file or folder is named and not opened."""
    folder = tiny_course.hand_in(root, "ada", {"words.ipynb": tiny_course.released(root, WORDS)})
    (folder / "sums.ipynb").symlink_to(tiny_course.source_path(root))
    (folder / "book").symlink_to(root / "gradebook.db")
    (folder / "all").symlink_to(root)
    found = read(root)
    assert list(found.notebooks) == [WORDS]
    assert sorted(found.problems) == [
        f"{name} is a symbolic link: not opened." for name in ("all", "book", "sums.ipynb")
    ]


@pytest.mark.parametrize(
    ("link", "target"),
    [
        pytest.param("eve/ps1", "ada/ps1", id="the assignment's folder"),
        pytest.param("eve", "ada", id="the student's folder"),
    ],
)
def test_a_submission_that_is_a_link(root: Path, link: str, target: str) -> None:
    """A folder that is a link to another student's is nobody's submission."""
    tiny_course.hand_in(root, "ada", {"sums.ipynb": tiny_course.answered(root)})
    path = root / "submitted" / link
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(root / "submitted" / target)
    with pytest.raises(files.Refused, match="symbolic link"):
        tiny_course.submission_folder(root, "eve")


def test_a_pipe_is_never_opened(root: Path) -> None:
    """A pipe that nobody writes to does not make the reader wait."""
    folder = tiny_course.hand_in(
        root, "ada", {"words.ipynb": tiny_course.released(root, WORDS)}, timestamp=None
    )
    names = ("data.fifo", "sums.ipynb", "timestamp.txt")
    for name in names:
        os.mkfifo(folder / name)
    found = read(root)
    assert found.timestamp == ""
    assert sorted(found.problems) == [f"{name} is a pipe: not opened." for name in names]


def test_a_pipe_in_the_last_moment(root: Path) -> None:
    """What was a file when it was listed and is a pipe now is refused, not waited for."""
    path = tiny_course.hand_in(root, "ada", {"sums.ipynb": "x"}) / "sums.ipynb"
    with tiny_course.submission_folder(root) as folder:
        path.unlink()
        os.mkfifo(path)
        assert "a pipe, not a file" in folder.read([SUMS]).broken[SUMS]


def test_a_file_beyond_the_limit(root: Path) -> None:
    """CourseDirectory.max_file_size holds for notebooks and for what is copied."""
    tiny_course.configure(root, "c.CourseDirectory.max_file_size = 1")
    tiny_course.hand_in(root, "ada", {"sums.ipynb": "x" * 2000, "big.bin": b"x" * 2000})
    found = read(root)
    assert "larger than 0.001 MB" in found.broken[SUMS]
    assert found.files == ["timestamp.txt"]
    assert [problem for problem in found.problems if "big.bin is too large" in problem]


def test_names_that_are_no_text(root: Path) -> None:
    """Names that are no text, or that could move a terminal's cursor, are told readably."""
    folder = tiny_course.hand_in(root, "ada", {"sums.ipynb": tiny_course.answered(root)})
    with open(os.fsencode(folder) + b"/\xff\xfe.txt", "w"):
        pass
    (folder / "a\x1b[2J\n.ipynb").write_text("x")
    told = " ".join(read(root).problems)
    assert told.isprintable()
    assert "\\x1b[2J\\n.ipynb" in told
    assert "not readable text" in told


def test_a_folder_with_too_many_files(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of files ends the look, not the grading."""
    monkeypatch.setattr(files, "MAX_ENTRIES", 20)
    tiny_course.hand_in(root, "ada", {f"{number}.txt": "x" for number in range(30)})
    found = read(root)
    assert len(found.files) == 20
    assert "More than 20 files and folders: the rest is not looked at." in found.problems


def test_a_folder_too_deep(root: Path) -> None:
    """Folders within folders are followed to a depth."""
    tiny_course.hand_in(root, "ada", {"/".join("a" * 40) + "/x.txt": "x"})
    found = read(root)
    assert found.files == ["timestamp.txt"]
    assert [problem for problem in found.problems if "folders deep" in problem]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into every folder")
def test_a_folder_that_is_closed(root: Path) -> None:
    """A folder that nobody may look into is told of, and what lies beside it is read."""
    folder = tiny_course.hand_in(
        root, "ada", {"sums.ipynb": tiny_course.answered(root), "closed/x.txt": "x"}
    )
    (folder / "closed").chmod(0)
    try:
        found = read(root)
    finally:
        (folder / "closed").chmod(0o755)
    assert list(found.notebooks) == [SUMS]
    assert found.problems == ["closed/ cannot be looked into (Permission denied): ignored."]


def test_copying_never_replaces_the_instructors(root: Path, tmp_path: Path) -> None:
    """A student's file or folder in the way of an instructor's is left out."""
    names = ["tools", "data.csv/deep.txt", "own.txt"]
    tiny_course.hand_in(root, "ada", dict.fromkeys(names, "mine"))
    with tiny_course.submission_folder(root) as folder:
        problems = folder.copy(names, str(tmp_path / "copy"), {"tools/help.py", "data.csv"})
    assert problems == []
    assert os.listdir(tmp_path / "copy") == ["own.txt"]


@pytest.mark.parametrize(
    ("graded", "submitted", "due"),
    [
        pytest.param(None, "2026-01-02 10:00:00 UTC", True, id="never graded"),
        pytest.param("2026-01-02 10:00:00 UTC", "2026-01-02 10:00:00 UTC", False, id="the same"),
        pytest.param("2026-01-02 10:00:00 UTC", "2026-01-03 10:00:00 UTC", True, id="newer"),
        pytest.param("2026-01-02 10:00:00 UTC", "2026-01-01 10:00:00 UTC", False, id="older"),
        pytest.param("2026-01-02 10:00:00 UTC", "no date", True, id="another that is no date"),
        pytest.param("no date", "no date", False, id="the same that is no date"),
        pytest.param("2026-01-02 10:00:00 UTC", None, False, id="none now"),
    ],
)
def test_what_is_due(root: Path, graded: str | None, submitted: str | None, due: bool) -> None:
    """A submission is due if it was never graded, or has a newer timestamp; always by force."""
    tiny_course.hand_in(root, "ada", {"sums.ipynb": "x"}, submitted)
    if graded is not None:
        place = root / "autograded" / "ada" / tiny_course.ASSIGNMENT
        place.mkdir(parents=True)
        (place / "timestamp.txt").write_text(graded)
        (place / "sums.ipynb").write_text("x")
    here = course.load(root)
    with tiny_course.submission_folder(root) as folder:
        assert is_due(here, tiny_course.ASSIGNMENT, folder, [SUMS], force=False) == due
        assert is_due(here, tiny_course.ASSIGNMENT, folder, [SUMS], force=True)


def test_a_notebook_that_was_not_graded_is_due(root: Path) -> None:
    """A folder that lacks a wanted notebook is graded again, since --notebook may have made it."""
    tiny_course.hand_in(root, "ada", {"sums.ipynb": "x", "words.ipynb": "x"})
    place = root / "autograded" / "ada" / tiny_course.ASSIGNMENT
    place.mkdir(parents=True)
    (place / "timestamp.txt").write_text("2026-01-02 10:00:00 UTC")
    (place / "sums.ipynb").write_text("x")
    here = course.load(root)
    with tiny_course.submission_folder(root) as folder:
        assert is_due(here, tiny_course.ASSIGNMENT, folder, [SUMS, WORDS], force=False)
        assert not is_due(here, tiny_course.ASSIGNMENT, folder, [SUMS], force=False)
