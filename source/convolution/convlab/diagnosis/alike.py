"""Owns finding what a function that is right for numbers all different takes amiss: one small change of them at a time."""

from ..checks import wrong_values
from ..examples import Example
from ..taps.probe import tried

NAMES = {
    "zero-centre": "zero-weight-stops",
    "zero-first": "zero-weight-stops",
    "zero-last": "zero-weight-stops",
    "sum-zero": "kernel-sum-divided",
    "zero-pixel": "other-arithmetic",
    "blank-patch": "other-arithmetic",
}


def changes(image, kernel):
    """The name of a change and image (H, W) and kernel (M, N) with it: one by one, what is special in drawings and edge kernels."""

    def altered(name, cells, values, table="kernel"):
        pair = {"image": image.clone(), "kernel": kernel.clone()}
        pair[table][cells] = values
        return name, pair["image"], pair["kernel"]

    every = slice(None)
    yield altered("zero-centre", (kernel.shape[0] // 2, kernel.shape[1] // 2), 0)
    yield altered("zero-first", (0, 0), 0)
    yield altered("zero-last", (-1, -1), 0)
    yield altered("sum-zero", (-1, -1), kernel[-1, -1] - kernel.sum())
    yield altered("same-in-row", (0, -1), kernel[0, 0])
    yield altered("same-in-column", (-1, 0), kernel[0, 0])
    yield altered("same-apart", (-1, -1), kernel[0, 0])
    yield altered("opposite", (-1, -1), -kernel[0, 0])
    yield altered("same-rows", 1, kernel[0])
    yield altered("same-columns", (every, 1), kernel[:, 0])
    yield altered("same-image-rows", 1, image[0], "image")
    yield altered("same-image-columns", (every, 1), image[:, 0], "image")
    yield altered("same-pixels", (0, 1), image[0, 0], "image")
    yield altered("zero-pixel", (1, 1), 0, "image")
    yield altered("blank-patch", (slice(0, kernel.shape[0]), slice(0, kernel.shape[1])), 0, "image")
    _, one, two = altered("", (0, 1), kernel[0, 0] * 2)
    one[0, 1] = image[0, 0] / 2
    yield "same-products", one, two


def taken_amiss(asked, case):
    """(name of the diagnosis, name of the change, Example, map) of the first change that makes the map wrong, or None."""
    shapes = [tuple(tensor.shape) for tensor in case.before]
    for change, image, kernel in changes(*tried(*shapes, 1).before):
        example, came = Example(image, kernel), asked.map(image, kernel)
        if (
            came is not None
            and came.shape == example.target.shape
            and wrong_values(came, example).any()
        ):
            return NAMES.get(change, "equal-values-confused"), change, example, came
    return None
