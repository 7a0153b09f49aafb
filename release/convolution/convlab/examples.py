"""The images and kernels an answer is tried on: new at every run, made again by a seed."""

import secrets
from collections.abc import Callable
from typing import Any

import torch

from . import oracle
from .messages import Message, message
from .printing import size

SIZES = [(8, 8), (12, 10), (10, 10), (12, 8)]
KERNEL = (3, 3)
WEIGHTS = torch.tensor(
    [[2, -1, 4], [3, 5, -6], [-7, 9, 8]]
)  # nine magnitudes, so that no turn or flip goes unseen
COUNTING = torch.arange(1, 10).reshape(KERNEL)
TOLERANCE = 5e-7  # a few float32 roundings of the largest sum there could be


class Example:
    """One image (H, W) and one kernel (M, N), both float32, and the map that belongs to them.

    `before` holds copies of the two, `target` the feature map (H-M+1, W-N+1) in float64,
    `tolerance` how far off a number is still right, `maker` the call that makes the same numbers
    again, if one does. `answerer` is the function that was last asked about them, or None.
    """

    answerer: Callable[..., Any] | None = None

    def __init__(self, image: torch.Tensor, kernel: torch.Tensor, maker: str | None = None) -> None:
        self.image, self.kernel = image, kernel
        self.makers = {"image": maker, "kernel": maker}
        self.remember()

    def remember(self) -> None:
        """Keep copies of the numbers as they are now, and compute what belongs to them."""
        self.before = self.image.clone(), self.kernel.clone()
        self.target = oracle.feature_map(self.image, self.kernel)
        self.tolerance = TOLERANCE * float(
            self.image.nan_to_num(0, 0, 0).abs().max() * self.kernel.nan_to_num(0, 0, 0).abs().sum()
        )

    def refill(self, part: str) -> None:
        """Put new random numbers into the same tensor, `part` being "image" or "kernel"."""
        other = example(*self.image.shape)
        getattr(self, part).copy_(getattr(other, part))
        self.makers[part] = other.makers[part]
        self.remember()

    def __repr__(self) -> str:
        image, kernel = self.before
        return f"image:\n{image}\nkernel:\n{kernel}\nfeature map:\n{self.target.float()}"

    @property
    def name(self) -> str | Message:
        """How messages call a call with these two: conv2d(image 8×8, kernel 3×3)."""
        return f"conv2d(image {size(self.before[0].shape)}, kernel {size(self.before[1].shape)})"

    @property
    def again(self) -> Message | None:
        """The sentence that tells how to get the same numbers; None if nothing makes them again."""
        image, kernel = self.makers.values()
        if image is None or kernel is None:
            return None
        if image == kernel:
            return message("mistakes", "again", maker=image)
        return message("mistakes", "again.apart", image=image, kernel=kernel)


def example(height: int, width: int, seed: int | None = None, few_values: bool = False) -> Example:
    """New random numbers for an image (height, width) and a 3×3 kernel; the same for one `seed`.

    Usually all are signed fractions, on a grid so fine that half precision and rounding show, and
    so coarse that float32 sums are as good as exact in any order. No two of the kernel's nine
    values have the same magnitude, so that no flip, turn or transposition of it goes unseen. With
    `few_values`, image and kernel are such as drawings and edge kernels are: few values, repeated,
    many of them 0, a blank corner, two rows alike, large brightnesses, weights that add up to 0.
    """
    seed = secrets.randbelow(10**6) if seed is None else seed
    chance = torch.Generator().manual_seed(seed)
    image, kernel = (drawing_like if few_values else photograph_like)(height, width, chance)
    flag = ", few_values=True" if few_values else ""
    return Example(image, kernel, f"checks.example({height}, {width}, seed={seed}{flag})")


def photograph_like(
    height: int, width: int, chance: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Fractions of many values: an image from −4 to 4, a kernel from −2 to 2, nine magnitudes."""

    def signs(*shape: int) -> torch.Tensor:
        return torch.randint(0, 2, shape, generator=chance) * 2 - 1

    image = torch.randint(1, 4097, (height, width), generator=chance) * signs(height, width) / 1024
    kernel = (torch.randperm(512, generator=chance)[:9].reshape(KERNEL) + 1) * signs(*KERNEL) / 256
    return image.float(), kernel.float()


def drawing_like(
    height: int, width: int, chance: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Few values, repeated: an image of −100, 0, 0 and 255; a kernel with equal rows and zeros.

    One patch is as like the kernel as these values allow, so that some sum is far beyond a byte.
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


def readable(
    height: int,
    width: int,
    seed: int = 0,
    step: float = 1.0,
    kernel_size: tuple[int, int] = KERNEL,
) -> Example:
    """Numbers that can be added up in the head, the same at every run.

    An image (height, width) of whole numbers from −4 to 4, or of multiples of `step`; a kernel
    (M, N) of whole numbers, all of different magnitudes.
    """
    chance = torch.Generator().manual_seed(seed)
    image = torch.randint(-4, 5, (height, width), generator=chance)
    (rows, columns), kernel = kernel_size, WEIGHTS
    if max(kernel_size) > max(KERNEL):
        magnitudes = torch.randperm(rows * columns, generator=chance).reshape(kernel_size) + 1
        kernel = magnitudes * (magnitudes % 2 * 2 - 1)
    return Example((image * step).float(), kernel[:rows, :columns].float())


def bright(height: int, width: int, row: int, column: int) -> Example:
    """A dark image (height, width) with the one bright pixel (row, column), a kernel of 1 to 9."""
    image = torch.zeros(height, width)
    image[row, column] = 1
    return Example(image, COUNTING.float())
