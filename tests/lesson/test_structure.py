"""Whether each structure of taps gets the sentence that says what is wrong with it."""

import pytest
import torch
from claims import untrue
from convlab.taps import describe, taps
from samples import correlated, doubled, only, padded, patches, without

STRUCTURES = {
    "right": (
        correlated,
        "Each of the 36 outputs reads exactly its own patch: every pixel once, times the weight that lies on it.",
    ),
    "nothing": (
        lambda i, k: torch.zeros(6, 6),
        "No output reads anything: the map is 0 whatever the image and the kernel.",
    ),
    "flip": (
        lambda i, k: correlated(i, k.flip(0, 1)),
        "The kernel is turned by 180° (upside down and left to right): output (0, 0) multiplies pixel (0, 0) by weight "
        "(2, 2), not by weight (0, 0).",
    ),
    "upside down": (
        lambda i, k: correlated(i, k.flip(0)),
        "The kernel is turned upside down: output (0, 0) multiplies pixel (0, 0) by weight (2, 0), not by weight (0, 0).",
    ),
    "left to right": (
        lambda i, k: correlated(i, k.flip(1)),
        "The kernel is turned left to right: output (0, 0) multiplies pixel (0, 0) by weight (0, 2), not by weight (0, "
        "0).",
    ),
    "kernel axes": (
        lambda i, k: correlated(i, k.T),
        "The kernel is transposed (rows and columns exchanged): output (0, 0) multiplies pixel (0, 1) by weight (1, 0), "
        "not by weight (0, 1).",
    ),
    "other diagonal": (
        lambda i, k: correlated(i, k.T.flip(0, 1)),
        "The kernel is transposed (rows and columns exchanged) and turned by 180°: output (0, 0) multiplies pixel (0, 0) "
        "by weight (2, 2), not by weight (0, 0).",
    ),
    "quarter left": (
        lambda i, k: correlated(i, torch.rot90(k)),
        "The kernel is turned by a quarter to the left: output (0, 0) multiplies pixel (0, 0) by weight (0, 2), not by "
        "weight (0, 0).",
    ),
    "quarter right": (
        lambda i, k: correlated(i, torch.rot90(k, -1)),
        "The kernel is turned by a quarter to the right: output (0, 0) multiplies pixel (0, 0) by weight (2, 0), not by "
        "weight (0, 0).",
    ),
    "map axes": (
        lambda i, k: correlated(i, k).T,
        "The map is transposed (rows and columns exchanged): output (0, 1) multiplies weight (0, 0) by pixel (1, 0), not "
        "by pixel (0, 1).",
    ),
    "map upside down": (
        lambda i, k: correlated(i, k).flip(0),
        "The map is turned upside down: output (0, 0) multiplies weight (0, 0) by pixel (5, 0), not by pixel (0, 0).",
    ),
    "map quarter left": (
        lambda i, k: torch.rot90(correlated(i, k)),
        "The map is turned by a quarter to the left: output (0, 0) multiplies weight (0, 0) by pixel (0, 5), not by "
        "pixel (0, 0).",
    ),
    "image axes": (
        lambda i, k: correlated(i.T, k),
        "The image is read with rows and columns exchanged: output (0, 0) multiplies weight (1, 0) by pixel (0, 1), not "
        "by pixel (1, 0).",
    ),
    "last row": (
        lambda i, k: only(correlated(i, k), slice(5)),
        "Output row 5 reads nothing. 30 of the 36 outputs read exactly what they should.",
    ),
    "last row and column": (
        lambda i, k: correlated(i, k)[:-1, :-1],
        "The map has size 5×5, where 6×6 was expected. All 25 outputs read exactly what they should, but output row 5 "
        "and column 5 are missing.",
    ),
    "first row alone": (
        lambda i, k: only(correlated(i, k), slice(1)),
        "Only output row 0 reads anything.",
    ),
    "first output alone": (
        lambda i, k: only(correlated(i, k), 0, 0),
        "Only output (0, 0) reads anything.",
    ),
    "= for +=": (
        lambda i, k: i[2:, 2:] * k[2, 2],
        "Only weight (2, 2) is used: output (0, 0) adds up 1 product instead of 9.",
    ),
    "dropped weight": (
        lambda i, k: correlated(i, without(k, (1, 1))),
        "Weight (1, 1) is never used: output (0, 0) adds up 8 products instead of 9.",
    ),
    "dropped row": (
        lambda i, k: correlated(i, without(k, 2)),
        "Kernel row 2 is never used: output (0, 0) adds up 6 products instead of 9.",
    ),
    "doubled weight": (
        lambda i, k: correlated(i, doubled(k, (0, 0))),
        "Of the products in every output, that with weight (0, 0) counts 2 times.",
    ),
    "doubled outputs": (
        lambda i, k: correlated(i, k) * torch.tensor([1, 1, 2, 1, 1, 1]),
        "The products do not all count once: in output (0, 2), that of pixel (0, 2) and weight (0, 0) counts 2 times. 30 "
        "of the 36 outputs read exactly what they should.",
    ),
    "sign": (lambda i, k: -correlated(i, k), "Every product is subtracted instead of added."),
    "mean": (
        lambda i, k: correlated(i, k) / 9,
        "Every product is divided by 9, the number of weights: a mean instead of a sum.",
    ),
    "factor": (lambda i, k: correlated(i, k) * 0.3, "Every product is multiplied by 0.3."),
    "stride": (
        lambda i, k: correlated(i, k)[::2, ::2],
        "The map has size 3×3, where 6×6 was expected. The patch moves 2 pixels at a time, not 1 (stride 2): output (0, "
        "1) multiplies weight (0, 0) by pixel (0, 2), not by pixel (0, 1).",
    ),
    "stride down": (
        lambda i, k: correlated(i, k)[::3],
        "The map has size 2×6, where 6×6 was expected. The patch moves 3 pixels down at a time, not 1: output (1, 0) "
        "multiplies weight (0, 0) by pixel (3, 0), not by pixel (1, 0). 6 of the 12 outputs read exactly what they should.",
    ),
    "padding": (
        lambda i, k: correlated(padded(i, 1, 1, 1, 1), k),
        "The map has size 8×8, where 6×6 was expected. Every patch begins 1 row higher and 1 column further left than it "
        "should, and what juts out of the image counts as 0 (padding): output (0, 0) multiplies weight (1, 1) by pixel "
        "(0, 0), not by pixel (1, 1).",
    ),
    "shift": (
        lambda i, k: correlated(padded(i, -1, 1, 0, 0), k),
        "Every patch begins 1 column further right than it should, and what juts out of the image counts as 0 (padding): "
        "output (0, 0) multiplies weight (0, 0) by pixel (0, 1), not by pixel (0, 0).",
    ),
    "opposite side": (
        lambda i, k: correlated(i.roll((1, 0), (0, 1)), k),
        "Every patch begins 1 row higher than it should, and what juts out of the image is read from its opposite side: "
        "output (0, 0) multiplies weight (1, 0) by pixel (0, 0), not by pixel (1, 0).",
    ),
    "same patch": (
        lambda i, k: correlated(i, k)[:1, :1].expand(6, 6),
        "Every output reads the same patch: output (0, 1) multiplies weight (0, 0) by pixel (0, 0), not by pixel (0, 1).",
    ),
    "same rows": (
        lambda i, k: correlated(i, k)[:1].expand(6, 6),
        "Every output row reads the same patches: output (1, 0) multiplies weight (0, 0) by pixel (0, 0), not by pixel "
        "(1, 0).",
    ),
    "spread": (
        lambda i, k: sum(
            k[m, n] * i[2 * m : 2 * m + 4, 2 * n : 2 * n + 4] for m in range(3) for n in range(3)
        ),
        "The map has size 4×4, where 6×6 was expected. The kernel's rows and columns lie 2 pixels apart, not 1: output "
        "(0, 0) multiplies pixel (0, 2) by weight (0, 1), not by weight (0, 2).",
    ),
    "one pixel": (
        lambda i, k: i[:6, :6] * k.sum(),
        "All weights lie on the same pixel: output (0, 0) multiplies pixel (0, 0) by weight (0, 1), besides weight (0, "
        "0).",
    ),
    "formula": (
        lambda i, k: sum(k[m, n] * i[m + n : m + n + 4, :6] for m in range(3) for n in range(3)),
        "The map has size 4×6, where 6×6 was expected. Output (i, j) multiplies pixel (i + m + n, j) by weight (m, n): "
        "output (0, 0) multiplies pixel (1, 0) by weight (0, 1), besides weight (1, 0).",
    ),
    "no reset": (
        lambda i, k: correlated(i, k).flatten().cumsum(0).reshape(6, 6),
        "To its own patch, every output adds those of all outputs before it, row by row: output (0, 1) reads the patches "
        "of (0, 0) and (0, 1).",
    ),
    "no reset in a column": (
        lambda i, k: correlated(i, k).cumsum(0),
        "To its own patch, every output adds those of all outputs above it: output (1, 0) reads the patches of (0, 0) "
        "and (1, 0).",
    ),
    "neighbours": (
        lambda i, k: correlated(i, k) + 2 * correlated(i, k).roll(1, 1),
        "All 36 outputs add up the patches of others: output (0, 0) reads the patches of (0, 0) and 2 times (0, 5).",
    ),
    "two exchanged": (
        lambda i, k: correlated(i, k)[:, [0, 1, 2, 3, 5, 4]],
        "12 of the 36 outputs read the patch of another: output (0, 4) reads the patch of (0, 5). 24 of the 36 outputs "
        "read exactly what they should.",
    ),
    "last column twice": (
        lambda i, k: correlated(i, k)[:, [1, 2, 3, 4, 5, 5]],
        "Except in output column 5, every patch begins 1 column further right than it should: output (0, 0) multiplies "
        "weight (0, 0) by pixel (0, 1), not by pixel (0, 0). Yet output (0, 5) multiplies pixel (0, 5) by weight (0, 0).",
    ),
    "shuffled": (
        lambda i, k: correlated(i, k)[[4, 2, 0, 5, 3, 1]],
        "All 36 outputs read the patch of another: output (0, 0) reads the patch of (4, 0).",
    ),
    "matrix product": (
        lambda i, k: (patches(i, k) @ k).sum((2, 3)),
        "Every output multiplies a pixel in column k of its patch by all weights of kernel row k, as the matrix product "
        "of patch and kernel does: output (0, 0) multiplies weight (0, 1) by pixel (0, 0), not by pixel (0, 1).",
    ),
    "other product": (
        lambda i, k: (k @ patches(i, k)).sum((2, 3)),
        "Every output multiplies a pixel in row k of its patch by all weights of kernel column k, as the matrix product "
        "of kernel and patch does: output (0, 0) multiplies weight (1, 0) by pixel (0, 0), not by pixel (1, 0).",
    ),
    "sums": (
        lambda i, k: patches(i, k).sum((2, 3)) * k.sum(),
        "Every output multiplies each of the 9 pixels of its patch by each of the 9 weights: the sum of its pixels by "
        "the sum of the weights.",
    ),
    "one weight": (
        lambda i, k: patches(i, k).sum((2, 3)) * k[0, 0],
        "Every output multiplies each of the 9 pixels of its patch by weight (0, 0).",
    ),
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_each_structure_has_its_own_sentence(name):
    """What is wrong with a function is told from its taps alone, with a tap that shows it."""
    conv2d, sentence = STRUCTURES[name]
    assert sentence == describe(taps(conv2d, seconds=10))
    assert not untrue(sentence, conv2d)


def test_no_two_structures_are_told_alike():
    """From each sentence one can tell which structure it is."""
    told = [describe(taps(conv2d, seconds=10)) for conv2d, _ in STRUCTURES.values()]
    assert len(told) == len(set(told))


@pytest.mark.parametrize(
    "conv2d, sentence",
    [
        (
            lambda i, k: correlated(i, k).T,
            "The map has size 8×10, where 10×8 was expected. The map is transposed",
        ),
        (
            lambda i, k: correlated(i, k).reshape(8, 10),
            "The map has size 8×10, where 10×8 was expected. The patches are in order, but each row of the map ends after 10 of "
            "them, not after 8: output (1, 0) reads the patch of (1, 2).",
        ),
        (
            lambda i, k: correlated(i, k).T.reshape(10, 8),
            "The patches are read column by column, but laid down row by row: output (0, 1) reads the patch of (1, 0).",
        ),
        (
            lambda i, k: (i.as_strided((10, 8, 3, 3), (8, 1, 8, 1)) * k).sum((2, 3)),
            "The image is read as if its rows had 8 pixels instead of 10: output (0, 0) multiplies weight (1, 0) by pixel (0, "
            "8), not by pixel (1, 0).",
        ),
        (
            lambda i, k: (i.as_strided((10, 8, 3, 3), (9, 1, 10, 1)) * k).sum((2, 3)),
            "Counted row by row from 0, output (i, j) multiplies pixel number 9i + j + 10m + n by weight (m, n), instead of 10i "
            "+ j + 10m + n: output (1, 0) multiplies weight (0, 0) by pixel (0, 9), not by pixel (1, 0).",
        ),
        (
            lambda i, k: correlated(i, k)[:6, :6],
            "The map has size 6×6, where 10×8 was expected. All 36 outputs read exactly what they should, but output rows 6 to "
            "9 and columns 6 and 7 are missing.",
        ),
    ],
)
def test_what_shows_only_on_rectangles_is_told_there(conv2d, sentence):
    """On a 12×10 image height and width are no longer the same, and what confuses them is told."""
    told = describe(taps(conv2d, (12, 10), seconds=10))
    assert told.startswith(sentence)
    assert not untrue(told, conv2d, (12, 10))
