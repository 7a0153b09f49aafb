"""Whether a map whose size follows the wrong side of the image, or none, is told so, and the words are true."""

import pytest
import torch
from convlab.checks import example
from convlab.diagnosis import map_size
from convlab.diagnosis.calls import Asked
from samples import correlated, only


def told(conv2d, shape=(12, 10)):
    """The Diagnosis of this function's map of a 12×10 image, or None."""
    return map_size.explain(Asked(conv2d, 5), example(*shape))


def cut(result, rows, columns):
    """The map brought to this size: cut off, or with zeros added."""
    made = torch.zeros(rows, columns)
    made[: result.shape[0], : result.shape[1]] = result[:rows, :columns]
    return made


@pytest.mark.parametrize(
    "name, words, conv2d",
    [
        (
            "sides-mixed-up",
            ": the rows follow the image's width, not its height.",
            lambda i, k: cut(correlated(i, k), i.shape[1] - 2, i.shape[1] - 2),
        ),
        (
            "sides-mixed-up",
            ": the columns follow the image's height, not its width.",
            lambda i, k: cut(correlated(i, k), len(i) - 2, len(i) - 2),
        ),
        (
            "sides-mixed-up",
            ": the rows follow the image's width, not its height and the columns follow the image's height, not its width.",
            lambda i, k: correlated(i, k).reshape(i.shape[1] - 2, -1),
        ),
        (
            "sides-mixed-up",
            "the columns follow the longer side of the image, not its width.",
            lambda i, k: cut(correlated(i, k), max(i.shape) - 2, max(i.shape) - 2),
        ),
        (
            "sides-mixed-up",
            "the filled part of the map has size 8×8, where 10×8 is right: the rows follow the shorter side",
            lambda i, k: only(correlated(i, k), slice(min(i.shape) - 2), slice(min(i.shape) - 2)),
        ),
        (
            "size-fixed",
            "the map has size 6×6, where 10×8 is right: of all the image sizes tried, the rows are always 6 and the columns are always 6.",
            lambda i, k: correlated(i, k)[:6, :6],
        ),
        (
            "size-fixed",
            "the filled part of the map has size 10×6, where 10×8 is right: of all the image sizes tried, the columns are always 6.",
            lambda i, k: only(correlated(i, k), columns=slice(6)),
        ),
        ("size-fixed", "the rows are never more than 8", lambda i, k: correlated(i, k)[:8]),
        (
            "size-from-kernel",
            "the map has size 3×3, which is the size of the kernel",
            lambda i, k: correlated(i, k)[: len(k), : k.shape[1]],
        ),
        (
            "map-transposed",
            "the map has size 8×10, where 10×8 is right",
            lambda i, k: correlated(i, k).T,
        ),
    ],
)
def test_what_the_size_follows_is_said(name, words, conv2d):
    """Each way in which the sides of the image can be mixed up or ignored is named, with the sizes at hand."""
    found = told(conv2d)
    assert found.name == name
    assert found.sentence.startswith("On an image of size 12×10, the ") and words in found.sentence


@pytest.mark.parametrize(
    "conv2d",
    [
        correlated,
        lambda i, k: correlated(i, k)[:-1, :-1],
        lambda i, k: correlated(i, k)[::2],
        lambda i, k: correlated(i, k.T),
        lambda i, k: only(correlated(i, k), slice(1)),
        lambda i, k: torch.zeros(len(i) - 2, i.shape[1] - 2),
        lambda i, k: None,
        lambda i, k: 1 / 0,
    ],
)
def test_a_size_that_follows_the_right_side_is_not_told(conv2d):
    """Cells missing at the edge, a stride, a map of zeros or no map at all are another explainer's matter."""
    assert told(conv2d) is None


def test_nothing_is_said_at_a_size_that_is_right():
    """At a square image a function that mixes up the sides is right, and is not told otherwise."""
    assert told(lambda i, k: cut(correlated(i, k), len(i) - 2, len(i) - 2), (8, 8)) is None
