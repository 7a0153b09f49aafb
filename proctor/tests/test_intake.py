"""Owns tests of what is taken from a student's folder: data from regular files, everything else in words."""

import json
import os

import lab
import nbformat
import pytest

from proctor import course, files, matching, sheet

NAMES = [
    "convolution (1).ipynb",
    "convolution-Copy1.ipynb",
    "Convolution.ipynb",
    "ada_convolution.ipynb",
    "Copy of convolution.ipynb",
    "convolution_ada.ipynb",
    "convolution.ipynb.ipynb",
    "Ada Lovelace_12_assignsubmission_file_convolution.ipynb",
]


def taken(root, student="ada", wanted=(lab.SUMS, lab.WORDS)):
    with lab.submission(root, student) as submission:
        return submission.take(wanted)


def cell(**more):
    return {
        "cell_type": "code",
        "source": "x = 1",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    } | more


def data(cells, **more):
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells} | more
    ).encode()


def test_expected_notebooks_are_taken(root):
    """The notebooks of the assignment are read, the timestamp too."""
    lab.hand_in(
        root,
        "ada",
        {"sums.ipynb": lab.answered(root), "words.ipynb": lab.released(root, lab.WORDS)},
    )
    found = taken(root)
    assert (["sums", "words"], {}, [], "2026-01-02 10:00:00 UTC") == (
        sorted(found.sheets),
        found.broken,
        found.problems,
        found.timestamp,
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_recognisably_renamed_notebook(name):
    """What browsers, Jupyter and learning platforms make of a name is still that notebook, and it is told."""
    found, told = matching.match([name], ["convolution"])
    assert ({"convolution": name}, 1) == (found, len(told))


@pytest.mark.parametrize(
    "name", ["deconvolution.ipynb", "other.ipynb", "convolution.txt", "old/convolution.ipynb"]
)
def test_a_name_that_means_another_notebook(name):
    """What only resembles the name is not taken."""
    assert ({}, []) == matching.match([name], ["convolution"])


def test_several_copies():
    """The exact name comes first; without it the latest copy."""
    assert "a.ipynb" == matching.match(["a.ipynb", "a (1).ipynb"], ["a"])[0]["a"]
    assert "a (2).ipynb" == matching.match(["a (1).ipynb", "a (2).ipynb"], ["a"])[0]["a"]


def test_a_name_that_could_be_two_notebooks():
    """The longer of two expected names is meant."""
    assert {"lab_two": "ada_lab_two.ipynb"} == matching.match(
        ["ada_lab_two.ipynb"], ["two", "lab_two"]
    )[0]


def test_other_notebooks_are_listed(root):
    """A notebook that is none of the assignment's is ignored and named; other files are kept for copying."""
    lab.hand_in(
        root,
        "ada",
        {
            "sums.ipynb": lab.answered(root),
            "holiday.ipynb": "x",
            "notes/own.txt": "x",
            "a.pyc": "x",
        },
    )
    found = taken(root)
    assert ["notes/own.txt", "timestamp.txt"] == found.extras
    assert ["Not a notebook of this assignment, ignored: holiday.ipynb."] == found.problems


def test_a_link_is_not_followed(root):
    """A symbolic link in the place of a notebook, a file or a folder is named and not opened."""
    folder = lab.hand_in(root, "ada", {"words.ipynb": lab.released(root, lab.WORDS)})
    (folder / "sums.ipynb").symlink_to(root / "source" / lab.ASSIGNMENT / "sums.ipynb")
    (folder / "book").symlink_to(root / "gradebook.db")
    (folder / "all").symlink_to(root)
    found = taken(root)
    assert ["words"] == list(found.sheets)
    assert ["all", "book", "sums.ipynb"] == sorted(line.split(" is ")[0] for line in found.problems)


def test_a_submission_that_is_a_link(root):
    """A folder that is a link to another student's is nobody's submission."""
    lab.hand_in(root, "ada", {"sums.ipynb": lab.answered(root)})
    (root / "submitted" / "eve").mkdir()
    (root / "submitted" / "eve" / lab.ASSIGNMENT).symlink_to(
        root / "submitted" / "ada" / lab.ASSIGNMENT
    )
    (root / "submitted" / "mallory").symlink_to(root / "submitted" / "ada")
    for student in ("eve", "mallory"):
        with pytest.raises(files.Refused, match="symbolic link"):
            lab.submission(root, student)


def test_a_pipe_is_never_opened(root):
    """A pipe that nobody writes to must not make the round wait."""
    folder = lab.hand_in(
        root, "ada", {"words.ipynb": lab.released(root, lab.WORDS)}, timestamp=None
    )
    for name in ("sums.ipynb", "timestamp.txt", "data.fifo"):
        os.mkfifo(folder / name)
    found = taken(root)
    assert ("", 3) == (found.timestamp, sum("a pipe" in line for line in found.problems))


def test_a_pipe_in_the_last_moment(root):
    """What was a file when it was listed and is a pipe now is refused, not waited for."""
    folder = lab.hand_in(root, "ada", {"sums.ipynb": lab.answered(root)})
    with lab.submission(root) as submission:
        (folder / "sums.ipynb").unlink()
        os.mkfifo(folder / "sums.ipynb")
        assert "a pipe, not a file" in submission.take(["sums"]).broken["sums"]


def test_a_file_beyond_the_limit(root):
    """CourseDirectory.max_file_size holds for notebooks and for what is copied."""
    lab.configure(root, "c.CourseDirectory.max_file_size = 1")
    lab.hand_in(root, "ada", {"sums.ipynb": "x" * 2000, "big.bin": b"x" * 2000})
    found = taken(root)
    assert "larger than 0.001 MB" in found.broken["sums"]
    assert ["timestamp.txt"] == found.extras


def test_names_from_hell(root):
    """Names that are no text, or that could move a terminal's cursor, are told so that they can be read."""
    folder = lab.hand_in(root, "ada", {"sums.ipynb": lab.answered(root)})
    with open(os.fsencode(folder) + b"/\xff\xfe.txt", "w"):
        pass
    (folder / "a\x1b[2J\n.ipynb").write_text("x")
    told = " ".join(taken(root).problems)
    assert told.isprintable() and "\\x1b[2J\\n.ipynb" in told


@pytest.mark.parametrize(
    "broken, words",
    [
        (b"", "empty"),
        (b'{"cells": [', "not JSON"),
        (b"\xff\xff\xff", "not UTF-8"),
        (b"[" * 100_000, "nested"),
        (b'{"a":' * 50_000, "nested"),
        (b"[1]", "not a notebook"),
        (b"{}", "does not say"),
        (data([], nbformat=5), "version 5"),
        (data([], nbformat=True), "version True"),
        (data([], nbformat=2), "version 2"),
        (data([], nbformat={}), "version {}"),
        (data({}), "no list of cells"),
        (data([], nbformat=3), "no list of cells"),
        (data([1] * 2001), "2001 cells"),
        (b"[" + b"1," * 3_100_000, "more things"),
    ],
)
def test_a_file_that_is_no_notebook(broken, words):
    """Each kind of broken file is refused in words."""
    with pytest.raises(sheet.Unreadable, match=words):
        sheet.read(broken)


def test_too_much_text():
    """More text than a person can have written is refused."""
    with pytest.raises(sheet.Unreadable, match="characters"):
        sheet.read(data([cell(source="x" * (sheet.TEXT + 1))]))


@pytest.mark.parametrize("prefix, encoding", [(b"\xef\xbb\xbf", "utf-8"), (b"", "utf-16")])
def test_other_encodings(prefix, encoding):
    """A byte order mark, or UTF-16 from an editor, is no reason to refuse."""
    found = sheet.read(prefix + data([cell()]).decode().encode(encoding))
    assert ["x = 1"] == [one.text for one in found.cells]


def test_hostile_cells():
    """Sources, ids, names and metadata of any type make no error: text is taken, the rest is told."""
    found = sheet.read(
        data(
            [
                cell(source=["a", 1, "b"]),
                cell(source=None),
                7,
                None,
                cell(cell_type="evil"),
                cell(cell_type=[]),
                cell(metadata=[]),
                cell(metadata={"nbgrader": "x"}, id=7),
                cell(metadata={"nbgrader": {"grade_id": ["x"]}}, id={}),
                cell(cell_type="markdown", attachments=[1]),
            ]
        )
    )
    assert ["ab", "", *["x = 1"] * 4] == [one.text for one in found.cells]
    assert {(None, None)} == {(one.name, one.id) for one in found.cells}
    assert 6 == len(found.problems)


def test_numbers_json_does_not_know():
    """NaN, and an integer too long for Python, are read over: nobody needs them."""
    text = (
        data([cell()])
        .replace(b'"execution_count": null', b'"execution_count": ' + b"9" * 6000)
        .replace(b'"outputs": []', b'"outputs": [NaN, Infinity]')
    )
    assert ["x = 1"] == [one.text for one in sheet.read(text).cells]


def test_the_old_format():
    """A notebook of format 3 is brought to format 4, headings included."""
    old = nbformat.v3.new_notebook(
        worksheets=[
            nbformat.v3.new_worksheet(
                cells=[
                    nbformat.v3.new_code_cell(input="x = 1"),
                    nbformat.v3.new_heading_cell(source="Title"),
                    nbformat.v3.new_text_cell("markdown", source="text"),
                ]
            )
        ]
    )
    found = sheet.read(json.dumps(old).encode())
    assert [("code", "x = 1"), ("markdown", "Title"), ("markdown", "text")] == [
        (one.kind, one.text) for one in found.cells
    ]
    assert 1 == len(found.problems)


def test_a_deep_value_in_a_good_notebook():
    """Depth in a place that nobody reads is refused in words too, instead of ending the round."""
    deep = data([cell()])[:-1] + b', "x": ' + b"[" * 90_000 + b"]" * 90_000 + b"}"
    with pytest.raises(sheet.Unreadable, match="nested"):
        sheet.read(deep)


def test_a_folder_with_too_many_files(root, monkeypatch):
    """A flood of files ends the look, not the round."""
    monkeypatch.setattr(files, "ENTRIES", 20)
    lab.hand_in(root, "ada", {f"{number}.txt": "x" for number in range(30)})
    assert any("More than 20" in line for line in taken(root).problems)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into every folder")
def test_a_folder_that_is_closed(root):
    """A folder that nobody may look into is told of; what lies beside it is taken. A student's whole folder is not passed over in silence."""
    folder = lab.hand_in(root, "ada", {"sums.ipynb": lab.answered(root), "closed/x.txt": "x"})
    (folder / "closed").chmod(0)
    folder_of_bob = lab.hand_in(root, "bob", {"sums.ipynb": lab.answered(root)}).parent
    folder_of_bob.chmod(0)
    try:
        found = taken(root)
        assert (["sums"], ["closed/ cannot be looked into (Permission denied): ignored."]) == (
            sorted(found.sheets),
            found.problems,
        )
        assert ["ada", "bob"] == course.load(root).students(lab.ASSIGNMENT)
    finally:
        (folder / "closed").chmod(0o755)
        folder_of_bob.chmod(0o755)


def test_a_name_of_two_lines(root):
    """A student's folder whose name holds a line's end is found as well."""
    lab.hand_in(root, "a\nda", {"sums.ipynb": lab.answered(root)})
    assert ["a\nda"] == course.load(root).students(lab.ASSIGNMENT)


def test_a_folder_too_deep(root):
    """Folders within folders are followed to a depth."""
    lab.hand_in(root, "ada", {"/".join("a" * 40) + "/x.txt": "x"})
    assert any("folders deep" in line for line in taken(root).problems)


def test_copying_never_replaces_the_instructors(root, tmp_path):
    """A student's file or folder in the way of an instructor's is left out."""
    lab.hand_in(
        root,
        "ada",
        {"sums.ipynb": "x", "tools": "mine", "data.csv/deep.txt": "mine", "own.txt": "mine"},
    )
    with lab.submission(root) as submission:
        assert [] == submission.copy(
            ["tools", "data.csv/deep.txt", "own.txt"],
            str(tmp_path / "copy"),
            {"tools/help.py", "data.csv"},
        )
    assert ["own.txt"] == os.listdir(tmp_path / "copy")
