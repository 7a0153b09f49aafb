"""Owns the maps that models are held against: of random numbers small and large, of a drawing, of an image of another size."""

from dataclasses import dataclass

import torch

from ..checks import wrong_values
from ..examples import SIZES, Example
from ..taps.probe import tried
from .search import agrees

SCALES = {
    1: 1,
    3: 1 / 64,
    5: 64,
}  # by which random pixels are multiplied: some functions are right up to a limit
LEAST = 3  # rows and columns of the maps that models are sought with: many would fit fewer numbers


@dataclass
class Seen:
    """The map (rows, columns), float64, that the function gave for an example, and whether any of it is wrong."""

    example: Example
    came: torch.Tensor

    @property
    def sized(self):
        """Whether the map has the right size."""
        return self.came.shape == self.example.target.shape

    @property
    def wrong(self):
        """Whether a number is wrong, or the size."""
        return bool(wrong_values(self.came, self.example).any())

    def given_by(self, model):
        """Whether a model gives this map; None if it says nothing of such sizes."""
        image, kernel = self.example.before
        return (
            bool(agrees(model(image, kernel)[None], self.came))
            if model.fits(image, kernel)
            else None
        )


def gathered(asked, case):
    """What the function gives for random numbers of several sizes, for a drawing, and for an image of another size, as Seen."""
    image, kernel = roomy(case)
    other = next(size for size in SIZES if size not in (image, image[::-1]))
    return [
        random_ones(asked, image, kernel),
        *(
            answered(asked, [example])
            for example in (tried(image, kernel, 2, few_values=True), tried(other, kernel, 4))
        ),
    ]


def roomy(case):
    """The sizes of image and kernel of a case, the image enlarged so that its map has a few rows and columns."""
    image, kernel = (tuple(tensor.shape) for tensor in case.before)
    return tuple(max(side, size + LEAST) for side, size in zip(image, kernel)), kernel


def random_ones(asked, image, kernel):
    """What the function gives for random numbers of several magnitudes, as Seen; `image` and `kernel` are sizes."""
    return answered(
        asked, [tried(image, kernel, seed, scale=scale) for seed, scale in SCALES.items()]
    )


def answered(asked, examples):
    """What the function gives for these examples, as Seen; those that it gives no map for are left out."""
    return [
        Seen(example, came)
        for example in examples
        if (came := asked.map(*example.before)) is not None
    ]


def positive(asked, case):
    """What the function gives for random pixels above 0, as Seen: some give numbers for these alone."""
    shapes = [tuple(tensor.shape) for tensor in case.before]
    examples = [
        Example(one.image.abs(), one.kernel) for one in (tried(*shapes, seed) for seed in (1, 3, 5))
    ]
    found = [(example, asked.map(*example.before)) for example in examples]
    return [
        Seen(example, came)
        for example, came in found
        if came is not None and came.shape == example.target.shape
    ]
