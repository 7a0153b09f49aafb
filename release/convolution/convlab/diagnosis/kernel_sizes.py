"""What a function takes the kernel's size for, seen with kernels that are not 3×3."""

from __future__ import annotations

from ..examples import KERNEL, Example, readable
from ..printing import size
from .calls import Asked
from .result import Diagnosis, diagnosed

IMAGE, SQUARE, ODD = (12, 10), (5, 5), [(3, 5), (5, 3)]


def explain(asked: Asked, case: Example) -> Diagnosis | None:
    """The Diagnosis of a function that fails on `case`, whose kernel is not 3×3; else None.

    It has to be right for 3×3 kernels: for any other function, other explanations are better.
    """
    shape = tuple(case.before[1].shape)
    if shape == KERNEL or not right(asked, KERNEL):
        return None
    if not right(asked, SQUARE):
        others = [shape] if shape == SQUARE else [shape, SQUARE]
        return diagnosed("kernel-size-fixed", right=size(KERNEL), wrong=list(map(size, others)))
    if all(right(asked, sides) for sides in ODD):
        even = any(side % 2 == 0 for side in shape)
        tried = [size(sides) for sides in (KERNEL, SQUARE, *ODD)]
        return diagnosed("even-kernels-wrong", right=tried, wrong=size(shape)) if even else None
    tried = [size(KERNEL), size(SQUARE)]
    return diagnosed("kernel-sides-mixed-up", right=tried, wrong=size(shape))


def right(asked: Asked, kernel_size: tuple[int, int]) -> bool:
    """Whether it is right for a kernel of this size on an image that is not square."""
    return asked.right(readable(*IMAGE, kernel_size=kernel_size))
