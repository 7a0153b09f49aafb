"""Owns the images and kernels of the ladder whose numbers can be read at a glance, the same at every run."""

import torch

from ..examples import KERNEL, Example

WEIGHTS = torch.tensor(
    [[2, -1, 4], [3, 5, -6], [-7, 9, 8]]
)  # nine magnitudes, so that no turn or flip goes unseen
COUNTING = torch.arange(1, 10).reshape(KERNEL)


def readable(height, width, seed=0, step=1.0):
    """An image (height, width) of small whole numbers, or of multiples of `step`, both signs, under a 3×3 kernel."""
    chance = torch.Generator().manual_seed(seed)
    image = torch.randint(-4, 5, (height, width), generator=chance)
    return Example((image * step).float(), WEIGHTS.float())


def bright(height, width, row, column):
    """A dark image (height, width) with the one bright pixel (row, column), under the kernel of 1 to 9."""
    image = torch.zeros(height, width)
    image[row, column] = 1
    return Example(image, COUNTING.float())


def is_bright(case):
    """Whether the case is a dark image with one bright pixel."""
    return int(case.before[0].count_nonzero()) == 1


def code(case):
    """The call with these numbers as the learner can type it, or run the maker again where there are too many."""
    if case.before[0].numel() > 30:
        return case.again.strip()
    image, kernel = (f"torch.tensor({part.tolist()})" for part in case.before)
    return f"conv2d({image},\n       {kernel})".replace(".0,", ".,").replace(".0]", ".]")
