"""Owns the numbers every picture and check is held against: torch's own operation, in float64."""

import torch
import torch.nn.functional as F


def feature_map(image, kernel):
    """The feature map of `image` (H, W) under `kernel` (M, N): a float64 tensor (H-M+1, W-N+1).

    This is `torch.nn.functional.conv2d` on doubles, an oracle that shares no code with the lesson.
    Gradients flow through it. Raises ValueError where the kernel is larger than the image.
    """
    image, kernel = torch.as_tensor(image).double(), torch.as_tensor(kernel).double()
    if min(size_of(image.shape, kernel.shape)) < 1:
        raise ValueError(
            f"A kernel of size {tuple(kernel.shape)} has no position on an image of size "
            f"{tuple(image.shape)}: it must not be higher or wider than the image."
        )
    return F.conv2d(image[None, None], kernel[None, None])[0, 0]


def size_of(image_size, kernel_size):
    """The feature map's size (rows, columns): the number of positions along each axis."""
    (height, width), (rows, columns) = image_size, kernel_size
    return height - rows + 1, width - columns + 1
