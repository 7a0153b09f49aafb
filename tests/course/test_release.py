"""Whether what is released is fresh, and the check would notice if it were not."""

import shutil
import subprocess

import pytest

from course import layout, notebook, release
from course.generated import build, check


@pytest.fixture
def tampered(tmp_path):
    """A copy of source/, release/ and solution/ that a test may spoil: its root."""
    for part in ("source", "release", "solution"):
        shutil.copytree(
            layout.ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__")
        )
    return tmp_path


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """Release and solution built anew: their folder."""
    folder = tmp_path_factory.mktemp("fresh")
    build.everything(folder)
    return folder


def spoil(root, part, change):
    """Let `change` edit the notebook of one part, and write it back."""
    path = root / part / "convolution" / "convolution.ipynb"
    edited = notebook.read(path)
    change(edited)
    notebook.write(edited, path)


def test_the_committed_release_is_what_the_source_makes_byte_for_byte(fresh):
    """Building again gives the same files with the same bytes."""
    committed, made = (
        check.files(root / "release" / "convolution") for root in (layout.ROOT, fresh)
    )
    assert {name: path.read_bytes() for name, path in committed.items()} == {
        name: path.read_bytes() for name, path in made.items()
    }


def test_the_committed_solution_is_what_the_source_makes_byte_for_byte(fresh):
    """Its folder holds the notebook, the bytes of which are as built again, and a README."""
    assert list(check.compared(layout.ROOT, fresh, "solution", by_hand={build.README})) == []


def test_the_readmes_picture_was_drawn_by_the_present_code():
    """The picture that the README shows says of itself that today's code drew it."""
    assert list(check.picture(layout.ROOT / build.PICTURE)) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1],
        lambda content: content[:5000] + bytes([content[5000] ^ 1]) + content[5001:],
        lambda content: content.replace(b"drawn by ", b"drawn by 0"),
        lambda content: content[: content.rfind(build.COMMENT)] + build.TRAILER,
    ],
    ids=["cut off", "another pixel", "another code", "without a mark"],
)
def test_a_picture_that_was_changed_is_named(tmp_path, change):
    """One byte more, less or other, in the pixels or in the mark, makes the picture stale."""
    picture = tmp_path / "slide.gif"
    picture.write_bytes(change((layout.ROOT / build.PICTURE).read_bytes()))
    assert list(check.picture(picture)) == [
        "docs/slide.gif is stale: the code that draws it is another"
    ]


def test_a_picture_drawn_by_the_present_code_is_left_alone(tmp_path, monkeypatch):
    """Drawing is asked of no machine on which nothing changed; other code draws anew."""
    picture = tmp_path / "slide.gif"
    shutil.copy(layout.ROOT / build.PICTURE, picture)
    before = picture.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("drawn again"))
        build.build_picture(picture)
    assert picture.read_bytes() == before
    monkeypatch.setattr(build, "DRAWS", ("oracle.py",))
    assert not build.is_fresh(picture)
    build.build_picture(picture)
    assert build.is_fresh(picture)


def test_nothing_leaks_and_nothing_is_noisy():
    """The release holds no solution, hidden test, marker or other file; ids are named by hand."""
    assert list(check.leaks(layout.ROOT)) == []
    assert list(check.noise(layout.ROOT)) == []


def test_a_stale_file_is_named(tampered, fresh):
    """A released file that its source no longer makes is reported by name."""
    (tampered / "release/convolution/convlab/oracle.py").write_text("changed")
    assert list(
        check.differences(tampered / "release/convolution", fresh / "release/convolution", tampered)
    ) == ["release/convolution/convlab/oracle.py is stale: its source makes something else"]


def test_a_missing_and_an_unexpected_file_are_named(tampered, fresh):
    """A file too few and a file too many are both reported."""
    (tampered / "release/convolution/convlab/oracle.py").unlink()
    (tampered / "release/convolution/notes.txt").write_text("x")
    found = set(
        check.differences(tampered / "release/convolution", fresh / "release/convolution", tampered)
    )
    assert found == {
        "release/convolution/convlab/oracle.py is missing",
        "release/convolution/notes.txt is not generated from the source and must not be there",
    }
    assert "release/convolution/notes.txt is not a file that students need" in set(
        check.leaks(tampered)
    )


def test_a_missing_picture_is_named(tmp_path):
    """Without the README's picture, the check says so instead of breaking."""
    assert list(check.picture(tmp_path / "none.gif")) == ["docs/slide.gif is missing"]


def test_a_missing_readme_of_the_solution_is_named(tampered, fresh):
    """The file that is written by hand must be there, and nothing else may."""
    (tampered / "solution/convolution/README.md").unlink()
    (tampered / "solution/convolution/convlab").mkdir()
    (tampered / "solution/convolution/convlab/oracle.py").write_text("")
    assert list(check.compared(tampered, fresh, "solution", by_hand={build.README})) == [
        "solution/convolution/README.md is missing",
        "solution/convolution/convlab/oracle.py is not generated from the source "
        "and must not be there",
    ]


def test_a_missing_folder_is_named_file_by_file(tmp_path, fresh):
    """Where the whole solution is gone, each of its files is reported as missing."""
    found = list(
        check.differences(
            tmp_path / "solution/convolution", fresh / "solution/convolution", tmp_path
        )
    )
    assert "solution/convolution/convolution.ipynb is missing" in found
    assert len(found) == len(check.files(fresh / "solution/convolution"))


@pytest.mark.parametrize(
    "line, words",
    [
        (
            "patch = image[i:i + M, j:j + N]",
            "holds a line of the solution or the hidden tests: patch =",
        ),
        (
            "image, kernel = checks.other_variables()  # from here on, the notebook's variables "
            "hold something else",
            "holds a line of the solution or the hidden tests: image, kernel = checks.other",
        ),
        ("### BEGIN HIDDEN TESTS", "holds the marker HIDDEN TESTS"),
        ("### END SOLUTION", "holds the marker END SOLUTION"),
    ],
)
def test_a_leak_is_named(tampered, line, words):
    """A line of the solution, of a hidden test or a marker in the release is told with the line."""
    spoil(tampered, "release", lambda nb: nb.cells[1].update(source=line))
    assert any(words in problem for problem in check.leaks(tampered))


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda nb: nb.cells[1].update(id="bd31875d"), "cell id 'bd31875d' is not named by hand"),
        (
            lambda nb: nb.cells[1].update(id="Setup_Cell"),
            "cell id 'Setup_Cell' is not named by hand",
        ),
        (lambda nb: nb.cells[1].update(execution_count=3), "cell setup holds outputs"),
    ],
)
@pytest.mark.parametrize("part", ["source", "release"])
def test_what_would_make_diffs_noisy_is_named(tampered, part, change, words):
    """A random id or a left-over output is reported with its cell."""
    spoil(tampered, part, change)
    assert any(problem.startswith(part) and words in problem for problem in check.noise(tampered))


@pytest.mark.parametrize(
    "problems, status, words",
    [
        ([], 0, "are what source/ makes them"),
        (["release/a is stale"], 1, "Run `make release`"),
    ],
)
def test_the_check_says_what_to_run(monkeypatch, capsys, problems, status, words):
    """`--check` exits 0 with a line, or 1 with the problems and the command that mends them."""
    monkeypatch.setattr(check, "problems", lambda: problems)
    assert release.main(["--check"]) == status
    assert words in capsys.readouterr().out
