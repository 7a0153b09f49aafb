"""Whether a graded cell's failed question carries its diagnosis: in the message, as a picture, and
not twice.
"""

import importlib

import pytest
import torch
from convlab import checks, explained
from convlab.findings import KIND
from convlab.mistakes import NotDefined, NotImplementedYet, WrongValue
from samples import correlated

module = importlib.import_module("convlab.graded_cells")


def asked(conv2d, height=8, width=8):
    """The Mistake that a graded cell's questions raise of this function."""
    with pytest.raises(checks.Mistake) as caught, explained():
        case = checks.example(height, width, seed=1)
        checks.is_feature_map(checks.call(conv2d, case), case)
    return caught.value


def flipped(image, kernel):
    """A conv2d that flips the kernel."""
    return correlated(image, kernel.flip(0, 1))


def test_the_message_ends_in_the_name_and_the_sentence():
    """The last line is what the instructor's table counts, and the Mistake is still of its kind."""
    mistake = asked(flipped)
    assert type(mistake) is WrongValue
    assert (
        str(mistake)
        .split("\n")[-1]
        .startswith("Diagnosis [kernel-flipped]: The kernel is turned by 180°")
    )


def test_without_seconds_there_is_no_diagnosis(monkeypatch):
    """Grading that wants points only leaves the message as it is."""
    monkeypatch.setattr(module, "SECONDS", 0)
    assert "Diagnosis [" not in str(asked(flipped))


def test_a_function_of_another_name_is_told_as_missing():
    """The NameError of a cell that finds no conv2d becomes a Mistake in words; another name's error
    stays what it is.
    """
    with pytest.raises(NotDefined, match=r"Diagnosis \[no-conv2d\]"), explained():
        eval("conv2d", {})
    with pytest.raises(NameError, match="'something' is not defined"), explained():
        eval("something", {})


def test_a_right_answer_passes_without_a_word(monkeypatch):
    """Nothing is displayed and nothing raised where nothing failed."""
    monkeypatch.setattr(module, "display", None)
    with explained():
        case = checks.example(8, 8)
        checks.is_feature_map(checks.call(correlated, case), case)


def test_in_a_notebook_the_picture_says_it_and_the_traceback_is_short(monkeypatch):
    """What the box above shows is not said again: the red lines keep the name, what happened, and
    how to repeat it.
    """
    boxes = []
    monkeypatch.setattr(module, "get_ipython", lambda: True)
    monkeypatch.setattr(module, "display", boxes.append)
    lines = asked(flipped)._render_traceback_()
    assert "The kernel is turned by 180°" in repr(boxes[0])
    assert "WrongValue [kernel-flipped]" in lines[0] and "Diagnosis" not in "".join(lines)
    assert "checks.example(8, 8, seed=1)" in lines[-1]
    assert max(map(len, lines[1:])) <= 100


def test_the_untouched_stub_gets_no_picture(monkeypatch):
    """Who has not begun reads the invitation to begin, and no box; the name alone is recorded."""

    def conv2d(image, kernel):
        raise NotImplementedError

    boxes = []
    monkeypatch.setattr(module, "get_ipython", lambda: True)
    monkeypatch.setattr(module, "display", boxes.append)
    mistake = asked(conv2d)
    assert type(mistake) is NotImplementedYet
    (bundle,) = [box._repr_mimebundle_() for box in boxes]
    assert set(bundle) == {KIND, "text/plain"} and bundle["text/plain"] == ""
    assert [one["name"] for one in bundle[KIND]] == list(mistake.diagnosis.names)


def test_a_diagnosis_of_one_size_says_so():
    """A function that is right at another size is not said to be wrong whatever the image."""

    def conv2d(image, kernel):
        return correlated(image, kernel) * (image.shape[0] != 8)

    assert "]: On an image of size 8×8: No output reads anything" in str(asked(conv2d))


@pytest.mark.parametrize(
    "conv2d",
    [
        lambda i, k: torch.tensor([1.0]).expand(5, 5),
        lambda i, k: i / 0,
        lambda i, k: k.nope,
        print,
        5,
        None,
    ],
)
def test_whatever_is_handed_in_a_mistake_comes_back(conv2d):
    """A tensor, a number, a built-in function: the cell ends in a Mistake with words, never in an
    error of ours.
    """
    assert isinstance(asked(conv2d), checks.Mistake)
