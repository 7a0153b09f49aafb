"""Owns the numbers an answer is tried on: new at every run, made again by a seed."""

import secrets

import torch

from . import oracle
from .printing import size

SIZES = [(8, 8), (12, 10), (10, 10), (12, 8)]
KERNEL = (3, 3)
TOLERANCE = 5e-7  # a few float32 roundings of the largest sum there could be


class Example:
    """One image (H, W) and one kernel (M, N), both float32; `maker` is the call that makes them again, if one does."""

    def __init__(self, image, kernel, maker=None):
        self.image, self.kernel = image, kernel
        self.makers = {"image": maker, "kernel": maker}
        self.remember()

    def remember(self):
        """Keep copies of the numbers as they are now, the feature map that belongs to them, and how far off is still right."""
        self.before = self.image.clone(), self.kernel.clone()
        self.target = oracle.feature_map(self.image, self.kernel)
        self.tolerance = TOLERANCE * float(
            self.image.nan_to_num(0, 0, 0).abs().max() * self.kernel.nan_to_num(0, 0, 0).abs().sum()
        )

    def refill(self, part):
        """Put new random numbers into the same tensor, `part` being "image" or "kernel"."""
        other = example(*self.image.shape)
        getattr(self, part).copy_(getattr(other, part))
        self.makers[part] = other.makers[part]
        self.remember()

    def __repr__(self):
        return f"image:\n{self.before[0]}\nkernel:\n{self.before[1]}\nfeature map:\n{self.target.float()}"

    @property
    def name(self):
        """How messages call a call with these two: conv2d(image 8×8, kernel 3×3)."""
        return f"conv2d(image {size(self.before[0].shape)}, kernel {size(self.before[1].shape)})"

    @property
    def again(self):
        """The line of a message that tells how to get the same numbers; empty if nothing makes them again."""
        image, kernel = self.makers.values()
        if image is None or kernel is None:
            return ""
        made = image if image == kernel else f"{image}.image and {kernel}.kernel"
        return f"\nTo see these numbers again: {made}."


def example(height, width, seed=None, few_values=False):
    """New random numbers for an image (height, width) and a 3×3 kernel; the same ones for the same `seed`.

    Usually all are signed fractions, on a grid so fine that half precision and rounding show, and so coarse that
    float32 sums are as good as exact in any order. No two of the kernel's nine values have the same magnitude, so
    that no flip, turn or transposition of it goes unseen. With `few_values`, image and kernel are such as drawings
    and edge kernels are: few values, repeated, many of them 0, a blank corner, two rows alike, large brightnesses,
    weights that add up to 0.
    """
    seed = secrets.randbelow(10**6) if seed is None else seed
    chance = torch.Generator().manual_seed(seed)
    image, kernel = (drawing_like if few_values else photograph_like)(height, width, chance)
    flag = ", few_values=True" if few_values else ""
    return Example(image, kernel, f"checks.example({height}, {width}, seed={seed}{flag})")


def photograph_like(height, width, chance):
    """Fractions of many values: an image between −4 and 4, a kernel between −2 and 2 with nine magnitudes."""

    def signs(*shape):
        return torch.randint(0, 2, shape, generator=chance) * 2 - 1

    image = torch.randint(1, 4097, (height, width), generator=chance) * signs(height, width) / 1024
    kernel = (torch.randperm(512, generator=chance)[:9].reshape(KERNEL) + 1) * signs(*KERNEL) / 256
    return image.float(), kernel.float()


def drawing_like(height, width, chance):
    """Few values, repeated: an image of −100, 0, 0 and 255; a kernel with equal rows, equal weights and zeros first.

    One patch is as like the kernel as these values allow, so that there always is a sum far beyond a byte.
    """
    image = torch.tensor([-100.0, 0.0, 0.0, 255.0])[
        torch.randint(0, 4, (height, width), generator=chance)
    ]
    image[:3, :3] = 0
    image[4] = image[3]
    rows = torch.tensor([[0.0, 1.0, 1.0], [0.0, 1.0, 1.0], [0.0, -2.0, -2.0]])[
        torch.randperm(3, generator=chance)
    ]
    kernel = rows * float(torch.randint(0, 2, (), generator=chance) - 0.5)
    image[5:8, 3:6] = torch.tensor([-100.0, 0.0, 255.0])[kernel.sign().long() + 1]
    return image, kernel
