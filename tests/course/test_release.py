"""Whether what is released is fresh, holds nothing it must not, and the check would notice if it did."""

import shutil

import pytest

from course import build, check, layout, notebook, release


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


def test_the_committed_solution_is_what_the_source_makes(fresh):
    """Executing again gives the same files, up to the last shade of a picture, which another processor may round otherwise."""
    committed, made = (
        check.files(root / "solution" / "convolution") for root in (layout.ROOT, fresh)
    )
    assert set(committed) == set(made)
    assert [
        name
        for name in made
        if not check.same(committed[name].read_bytes(), made[name].read_bytes())
    ] == []


def test_the_readmes_picture_is_the_solutions(fresh):
    """The picture that the README shows is what the solution notebook draws."""
    assert list(check.picture(layout.ROOT / build.PICTURE, fresh / build.PICTURE)) == []


def test_nothing_leaks_and_nothing_is_noisy():
    """The committed release holds no solution, hidden test, marker or unexpected file, and its ids are named by hand."""
    assert list(check.leaks(layout.ROOT)) == []
    assert list(check.noise(layout.ROOT)) == []


def test_the_solution_is_executed_explained_and_without_hidden_tests():
    """Every code cell has run without error, the solution is told in words, no hidden test or marker is left."""
    solved = notebook.read(layout.ROOT / "solution" / "convolution" / "convolution.ipynb")
    code = [cell for cell in solved.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert [o for cell in code for o in cell.outputs if o.output_type == "error"] == []
    (words,) = [cell for cell in solved.cells if cell.id == "conv2d-in-words"]
    assert words.source.startswith("**The solution in words.**") and len(words.source) > 400
    text = "\n".join(cell.source for cell in solved.cells)
    assert "BEGIN " not in text and "HIDDEN" not in text and "decoy" not in text
    (checked,) = [cell for cell in solved.cells if cell.id == "check"]
    assert "12 of 12 rungs hold" in checked.outputs[0].data["text/plain"]


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


def test_a_missing_picture_is_named(tmp_path, fresh):
    """Without the README's picture, the check says so instead of breaking."""
    assert list(check.picture(tmp_path / "none.png", fresh / build.PICTURE)) == [
        "docs/slide.gif is missing"
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
            "checks.kept(result, case)",
            "holds a line of the solution or the hidden tests: checks.kept",
        ),
        ("### BEGIN HIDDEN TESTS", "holds the marker HIDDEN TESTS"),
        ("### END SOLUTION", "holds the marker END SOLUTION"),
    ],
)
def test_a_leak_is_named(tampered, line, words):
    """A line of the solution, a hidden test or a marker in the release is reported with the line."""
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


def test_the_same_picture_from_another_encoder_is_not_stale():
    """Two PNG files with the same pixels count as the same; another picture does not."""
    import base64
    import io

    from PIL import Image

    def html(shade, level):
        file = io.BytesIO()
        Image.new("L", (40, 40), shade).save(file, format="png", compress_level=level)
        return f'<img src="data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}">'.encode()

    assert html(100, 0) != html(100, 9)
    assert check.same(html(100, 0), html(100, 9))
    assert not check.same(html(100, 0), html(140, 0))
    assert not check.same(html(100, 0), html(100, 0) + b"x")


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
