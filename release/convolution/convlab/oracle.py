"""The right feature map, to compare others with: torch's own operation in float64."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def feature_map(image: Tensor, kernel: Tensor) -> Tensor:
    """The feature map of `image` (H, W) under `kernel` (M, N): a float64 tensor (H-M+1, W-N+1).

    This is `torch.nn.functional.conv2d` on doubles, which shares no code with the lesson. Gradients
    flow through it. Raises ValueError where the kernel is larger than the image.
    """
    image, kernel = torch.as_tensor(image).double(), torch.as_tensor(kernel).double()
    if min(size_of(image.shape, kernel.shape)) < 1:
        raise ValueError(
            f"A kernel of size {tuple(kernel.shape)} has no position on an image of size "
            f"{tuple(image.shape)}: it must not be higher or wider than the image."
        )
    return F.conv2d(image[None, None], kernel[None, None])[0, 0]


def size_of(image_size: Sequence[int], kernel_size: Sequence[int]) -> tuple[int, int]:
    """The feature map's size (rows, columns): the number of positions along each axis."""
    (height, width), (rows, columns) = image_size, kernel_size
    return height - rows + 1, width - columns + 1
