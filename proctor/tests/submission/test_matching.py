"""A renamed notebook is recognised; another notebook is not."""

import pytest

from proctor.submission.matching import match


@pytest.mark.parametrize(
    "name",
    [
        "convolution (1).ipynb",
        "convolution-Copy1.ipynb",
        "Convolution.ipynb",
        "ada_convolution.ipynb",
        "Copy of convolution.ipynb",
        "convolution_ada.ipynb",
        "convolution.ipynb.ipynb",
        "Ada Lovelace_12_assignsubmission_file_convolution.ipynb",
    ],
)
def test_a_recognisably_renamed_notebook(name: str) -> None:
    """What browsers, Jupyter and learning platforms make of a name is recognised and told."""
    matched, problems = match([name], ["convolution"])
    assert (matched, len(problems)) == ({"convolution": name}, 1)


@pytest.mark.parametrize(
    ("names", "expected", "matched"),
    [
        pytest.param(["a.ipynb", "a (1).ipynb"], ["a"], {"a": "a.ipynb"}, id="exact name first"),
        pytest.param(["a (1).ipynb", "a (2).ipynb"], ["a"], {"a": "a (2).ipynb"}, id="latest copy"),
        pytest.param(
            ["a (10).ipynb", "a (9).ipynb"], ["a"], {"a": "a (10).ipynb"}, id="copies as numbers"
        ),
        pytest.param(
            ["ada_lab_two.ipynb"],
            ["two", "lab_two"],
            {"lab_two": "ada_lab_two.ipynb"},
            id="longest expected name",
        ),
        pytest.param(["deconvolution.ipynb"], ["convolution"], {}, id="only resembles"),
        pytest.param(["other.ipynb"], ["convolution"], {}, id="another"),
        pytest.param(["convolution.txt"], ["convolution"], {}, id="no notebook"),
        pytest.param(["old/convolution.ipynb"], ["convolution"], {}, id="in a folder"),
    ],
)
def test_which_file_is_taken(
    names: list[str], expected: list[str], matched: dict[str, str]
) -> None:
    """Of several files the surest is taken, and what only resembles a name is not."""
    assert match(names, expected)[0] == matched


def test_copies_that_are_not_taken_are_told() -> None:
    """The sentence names the file that was taken and the ones that were not looked at."""
    assert match(["a (1).ipynb", "a (2).ipynb"], ["a"])[1] == [
        "a (2).ipynb was taken as a.ipynb; also there, and not looked at: a (1).ipynb."
    ]
