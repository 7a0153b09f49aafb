"""Files and links of a submission that stand in the way of what is the instructor's."""

import os
from pathlib import Path

import pytest
import tiny_course

from proctor.submission.files import open_folder, walk
from proctor.tampering.files import odd_files, odd_links
from proctor.tampering.places import PrivatePlaces

SUPPORT = ["data.csv", "tools/help.py", "tools/__init__.py", "extra.py"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tools.py", "in the place of the assignment's own module tools"),
        ("extra/__init__.py", "in the place of the assignment's own module extra"),
        ("extra.cpython-311-x86_64-linux-gnu.so", "the assignment's own module extra"),
        ("sitecustomize.py", "a name of what starts or configures the grading"),
        ("ipykernel_launcher.py", "a name of what starts or configures"),
        (".ipython/profile_default/startup/00.py", "a name of what starts or configures"),
        ("nbgrader_config.py", "a name of what starts or configures"),
    ],
)
def test_an_odd_file_is_told_of(name: str, words: str) -> None:
    """A file that would be run in the place of the course's own is named, and that it was not used."""
    sentences = list(odd_files([name, "data.csv"], SUPPORT))
    assert len(sentences) == 1
    assert sentences[0].startswith(f"{name} was handed in")
    assert words in sentences[0] and "It was not used." in sentences[0]


@pytest.mark.parametrize(
    "files",
    [
        ["data.csv", "tools/help.py", "extra.py"],
        ["random.py", "string.py", "numpy.py", "test.py"],
        ["tools/more.py", "mytools.py", "extra.txt", "tools.ipynb", "old/extra.py"],
        [".DS_Store", "Thumbs.db", "__pycache__/extra.cpython-311.pyc", "README.md"],
    ],
)
def test_nothing_is_told_of_other_files(files: list[str]) -> None:
    """The instructor's own files, whatever is in them, and a student's own are told of by nothing."""
    assert list(odd_files(files, SUPPORT)) == []


@pytest.mark.parametrize(
    ("target", "count"),
    [
        ("../../bob/ps1/sums.ipynb", 1),
        ("{root}/source/ps1/sums.ipynb", 1),
        ("{root}/gradebook.db", 1),
        ("/dev/zero", 1),
        ("data.csv", 0),
        ("..", 1),
        ("{root}/submitted/ada/ps1/data.csv", 0),
        ("/usr/bin/python3", 0),
        ("/home/ada/data", 0),
        ("{root}/release/ps1/data.csv", 0),
    ],
)
def test_links(root: Path, target: str, count: int) -> None:
    """A link to a classmate's work, or to what the course keeps to itself, is told of; others are not."""
    folder = tiny_course.hand_in(root, "ada", {"data.csv": "1"})
    os.symlink(target.format(root=root), folder / "link.ipynb")
    found = walk(open_folder(root, folder))
    places = PrivatePlaces.of(
        [f"{root}/{name}" for name in ("source", "submitted", "gradebook.db")]
    )
    sentences = list(odd_links(str(folder), found.links, places))
    assert len(sentences) == count
    assert all(one.startswith("link.ipynb was handed in as a link to ") for one in sentences)
