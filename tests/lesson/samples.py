"""Steps of which tests put together a conv2d, right or wrong; the conv2d of a sample answer."""

import contextlib
import io

import torch

from course.gate import LEFT_OVER


def patches(image, kernel):
    """All patches of the image: (rows, columns, M, N)."""
    return image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)


def correlated(image, kernel):
    """A right conv2d."""
    return (patches(image, kernel) * kernel).sum((2, 3))


def padded(image, *sides):
    """The image with zeros around it: left, right, top, bottom."""
    return torch.nn.functional.pad(image, sides)


def only(result, rows=slice(None), columns=slice(None)):
    """The map with zeros everywhere but in these rows and columns."""
    kept = torch.zeros_like(result)
    kept[rows, columns] = result[rows, columns]
    return kept


def doubled(kernel, *weights):
    """The kernel with some of its weights counted twice."""
    kernel = kernel.clone()
    for weight in weights:
        kernel[weight] *= 2
    return kernel


def without(kernel, *weights):
    """The kernel with some of its weights set to 0."""
    kernel = kernel.clone()
    for weight in weights:
        kernel[weight] = 0
    return kernel


def windows(image, kernel, stride=1):
    """The products of every patch with the kernel: (rows, columns, M, N)."""
    return image.unfold(0, kernel.shape[0], stride).unfold(1, kernel.shape[1], stride) * kernel


def written(answer):
    """The function that a sample answer defines, as a notebook would; None if it defines none."""
    namespace = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        exec(LEFT_OVER + answer.source, namespace)
    return namespace["conv2d"]
