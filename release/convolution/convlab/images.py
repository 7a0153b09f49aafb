"""The images, signals and kernels of the lesson, made without files or network of our own."""

import matplotlib.cbook
import matplotlib.image
import torch
from torch import Tensor

DIGIT = """
........
.######.
.....##.
....##..
...##...
..##....
..##....
........
"""

KERNELS = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "blur": [[1 / 9] * 3] * 3,
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
    "vertical edge": [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
    "horizontal edge": [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
    "corner": [[-4, -4, -4], [-4, 5, 5], [-4, 5, 5]],
}


def kernel(name: str) -> Tensor:
    """A kernel of the lesson by name: a float32 tensor (M, N). KeyError names those there are."""
    if name == "circle":
        return ring(7)
    if name not in KERNELS:
        raise KeyError(f"no kernel {name!r}; there are: circle, {', '.join(KERNELS)}")
    return torch.tensor(KERNELS[name], dtype=torch.float32)


def ring(width: int) -> Tensor:
    """A circle detector (width, width): positive on a ring, negative off it, with the sum 0."""
    away = torch.arange(width) - (width - 1) / 2
    distance = torch.hypot(away[:, None], away[None, :])
    on = ((distance - (width - 1) / 2).abs() < 0.6).float()
    return on - (1 - on) * on.sum() / (1 - on).sum()


def digit() -> Tensor:
    """A 7 as if written by hand: a float32 tensor (8, 8) of 0 (paper) and 1 (ink)."""
    rows = DIGIT.split()
    return torch.tensor([[1.0 if mark == "#" else 0.0 for mark in row] for row in rows])


def drawing() -> Tensor:
    """A filled square and two rings: a float32 tensor (24, 36) of 0 (paper) and 1 (ink).

    The square's top left ink pixel is (4, 4) and its side 12; the rings are centred on (8, 24)
    and (17, 30).
    """
    paper = torch.zeros(24, 36)
    paper[4:16, 4:16] = 1.0
    for row, column in [(8, 24), (17, 30)]:
        paper[row - 3 : row + 4, column - 3 : column + 4] = (ring(7) > 0).float()
    return paper


def photograph(step: int = 4) -> Tensor:
    """Grace Hopper in grey: a float32 tensor of brightnesses 0 to 1.

    Each is the mean of step × step pixels. The photograph is the U.S. Navy's, in the public domain,
    and comes with matplotlib; no network is used.
    """
    path = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    colour = torch.from_numpy(matplotlib.image.imread(path, format="jpg").copy()).double() / 255
    grey = (colour * torch.tensor([0.299, 0.587, 0.114], dtype=torch.float64)).sum(dim=2)
    rows, columns = grey.shape[0] // step, grey.shape[1] // step
    tiles = grey[: rows * step, : columns * step].reshape(rows, step, columns, step)
    return tiles.mean(dim=(1, 3)).float()


def signal(length: int = 120, seed: int = 4) -> tuple[Tensor, Tensor, list[int]]:
    """A 1-D signal with local structure, a float32 tensor (length,): drift, noise and three beats.

    Returns (signal, beat, starts): the beat's own shape and the three places where it was put.
    """
    chance = torch.Generator().manual_seed(seed)
    beat = torch.tensor([0.0, 1.0, 3.0, -2.0, -1.0, 0.0])
    time = torch.arange(length)
    line = torch.sin(time / 25) + 0.25 * torch.randn(length, generator=chance)
    starts = [20, 55, 97]
    for start in starts:
        line[start : start + len(beat)] += beat
    return line, beat, starts


def scene(seed: int = 2) -> tuple[Tensor, Tensor, tuple[int, int]]:
    """A noisy float32 image (24, 36) that holds a small pattern (7, 7) and a bright square.

    Returns (scene, pattern, place): `place` is the (row, column) of the pattern's top left pixel.
    """
    chance = torch.Generator().manual_seed(seed)
    pattern = (ring(7) > 0).float()
    picture = 0.1 * torch.rand(24, 36, generator=chance)
    picture[12:19, 6:13] += 0.8 * pattern
    picture[4:12, 24:32] += 2.0
    return picture, pattern, (12, 6)


def moved_right(image: Tensor, by: int) -> Tensor:
    """A copy of an image (H, W) moved to the right by whole pixels, with zeros coming in."""
    moved = torch.zeros_like(image)
    moved[:, by:] = image[:, : image.shape[1] - by]
    return moved
