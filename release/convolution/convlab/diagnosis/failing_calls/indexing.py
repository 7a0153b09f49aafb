"""Errors of axes, indices, slices and sizes that do not fit: at an edge, or anywhere."""

import math
import re
from typing import TYPE_CHECKING, Any

import torch

from ...examples import example
from ...messages import Message, message
from ...printing import number, size
from ..result import Diagnosis, diagnosed
from .tracebacks import Slice, in_own_line, own_words, rounds

if TYPE_CHECKING:
    from .errors import FailedCall

UNPACKED = re.compile(r"(?:not enough|too many) values to unpack \(expected (?:at least )?(\d+)")
TOO_FEW_AXES = re.compile(r"too many indices|tuple index out of range|Dimension out of range")
OF_ARRAY = re.compile(r"too many indices for array: array is (\d+)-dimensional, but (\d+) were")
PLACE = re.compile(r"index (-?\d+) is out of bounds for (?:dimension|axis) (\d+) with size (\d+)")
RESHAPED = re.compile(r"shape '\[([\d, -]+)\]' is invalid for input of size (\d+)")
BEYOND = re.compile(
    r"exceeds dimension size|are out of bounds for storage|out of range: tried to access|"
    r"index out of range in self|out of range for tensor"
)
MISFIT = re.compile(
    r"^(?!.*type).*(must match|broadcast|size mismatch|inconsistent tensor size|shape mismatch|"
    r"number of sizes provided|equal size|cannot be multiplied|same number of elements|"
    r"contracted dimensions|last dimension)",
    re.DOTALL,
)


# how many axes


def axes_miscounted(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis if the failed line works once image or kernel has other axes."""
    image, kernel = failed.case.before
    unpacked = UNPACKED.search(failed.said)
    if not in_own_line(failed.error) or not unpacked and not TOO_FEW_AXES.search(failed.said):
        return None
    for count in [int(unpacked[1])] if unpacked else [3, 4]:
        if count == 2 or not 0 < count < 9:
            continue
        for part, arguments in (
            ("image", (with_axes(image, count), kernel)),
            ("kernel", (image, with_axes(kernel, count))),
            ("both", (with_axes(image, count), with_axes(kernel, count))),
        ):
            if failed.comes_further_with(*arguments):
                return diagnosed("axes-miscounted", part, count=count, **failed.facts)
    return None


def with_axes(tensor: torch.Tensor, count: int) -> torch.Tensor:
    """The same numbers with `count` axes: more of length 1 in front, or all in one row."""
    return tensor.reshape([1] * (count - 2) + list(tensor.shape)) if count > 1 else tensor.flatten()


def too_many_indices(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis if a tensor, an array or a list is given more indices than it has axes.

    The image and the kernel themselves are left to `axes_miscounted`.
    """
    if not in_own_line(failed.error) or own_words(failed.error):
        return None
    if failed.said.startswith("list indices must be integers or slices, not tuple"):
        return diagnosed("too-many-indices", "list", hints_key="hints-list", **failed.facts)
    array = OF_ARRAY.match(failed.said)
    if array:
        axes, given = map(int, array.groups())
        return diagnosed("too-many-indices", "array", count=axes, given=given, **failed.facts)
    watch = failed.watch
    if not watch.failed or not isinstance(failed.error, IndexError) or not watch.operands:
        return None
    tensor, given = watch.operands[0], indices(watch.key)
    if given <= tensor.ndim or tensor.ndim > 1 and watch.whose(tensor):
        return None
    part = "say" if tensor.ndim else "number"
    return diagnosed(
        "too-many-indices",
        part,
        count=tensor.ndim,
        size=size(tensor.shape),
        given=given,
        **failed.facts,
    )


def indices(key: Any) -> int:
    """How many axes an index asks for; 0 for none, and for one with other things than numbers."""
    keys = key if isinstance(key, tuple) else (key,)
    plain = all(
        isinstance(one, (int, slice)) or isinstance(one, torch.Tensor) and not one.ndim
        for one in keys
    )
    return len(keys) if plain else 0


# over an edge


def past_edge(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis if an index or a slice runs over an edge of image, map or kernel.

    If there are image sizes where none does, these are told, too.
    """
    found = over_edge(failed)
    if not found or not failed.answers.partly:
        return found
    elsewhere = message("diagnoses", "runs-past-edge.elsewhere", **failed.answers.sides)
    return Diagnosis(found.names, (*found.facts, elsewhere))


def over_edge(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis for this image size alone."""
    watch, place = failed.watch, PLACE.search(failed.said)
    if not watch.failed:
        of_edges = isinstance(failed.error, IndexError) or MISFIT.search(failed.said)
        if of_edges and later_in_larger(failed):
            return diagnosed("runs-past-edge", "late", **failed.facts)
        return None
    if place and watch.operands:
        tensor, (index, axis, length) = watch.operands[0], map(int, place.groups())
        is_map = tensor.shape == failed.case.target.shape
        whose = watch.whose(tensor) or ("map" if is_map else "")
        if whose or later_in_larger(failed):
            return diagnosed(
                "runs-past-edge",
                ("row", "column")[axis] if tensor.ndim == 2 else "place",
                index=number(index),
                last=length - 1,
                whose=message(
                    "diagnoses", f"runs-past-edge.{whose or 'other'}", size=size(tensor.shape)
                ),
                **failed.facts,
            )
    if BEYOND.search(failed.said):
        return diagnosed("runs-past-edge", "beyond", **failed.facts)
    if watch.cut and MISFIT.search(failed.said):
        return cut_off(failed, watch.cut)
    return None


def meet(failed: "FailedCall", came: int, wanted: int) -> bool:
    """Whether tensors of so many numbers were combined in the operation that failed."""
    numbers = [tensor.numel() for tensor in failed.watch.operands]
    return came in numbers and wanted in numbers


def cut_off(failed: "FailedCall", cut: Slice) -> Diagnosis | None:
    """The Diagnosis if the sizes would fit, had not an edge cut off this slice."""
    if not meet(failed, cut.part.numel(), math.prod(cut.wanted)):
        return None
    whole = len(cut.corner) == 2 and cut.tensor.ndim == 2
    return diagnosed(
        "runs-past-edge",
        "patch" if whole else "slice",
        came=size(cut.part.shape),
        wanted=size(cut.wanted),
        size=size(cut.tensor.shape),
        row=cut.corner[0],
        column=cut.corner[-1],
        **failed.facts,
    )


def later_in_larger(failed: "FailedCall") -> bool:
    """Whether the failed line worked before, and more often in a larger image.

    It then fails at the end of something.
    """
    if not in_own_line(failed.error) or own_words(failed.error):
        return False
    height, width = failed.case.before[0].shape
    counts: list[int] = []
    for more in (0, 4):
        cases = [example(height + more, width + more, seed=seed) for seed in (1, 2, 3)]
        times = {rounds(failed.asked, failed.error, *case.before) for case in cases}
        if None in times or len(times) > 1:  # it depends on the numbers when it fails
            return False
        counts += [count for count in times if count is not None]
    return counts[0] < counts[1]


def fixed_end(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis if a patch ends where the first one ended, though it begins further on."""
    watch = failed.watch
    if not watch.failed or not watch.last or not MISFIT.search(failed.said):
        return None
    last, first = watch.last, watch.first[watch.last.kind]
    if not meet(failed, last.part.numel(), first.part.numel()):
        return None
    for (axis, start, stop), (_, began, ended) in zip(last.bounds, first.bounds, strict=True):
        if began < start and stop == ended > 0 and last.tensor.ndim == 2:
            return diagnosed(
                "patch-end-fixed",
                ("row", "column")[axis],
                start=start,
                first=began,
                end=stop,
                came=size(last.part.shape),
                wanted=size(first.part.shape),
                **failed.facts,
            )
    return None


# anywhere


def dot_of_matrices(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis if torch's dot product of vectors is given tables."""
    watch = failed.watch
    if not watch.failed or watch.name not in ("dot", "vdot") or len(watch.operands) != 2:
        return None
    if all(tensor.ndim == 1 for tensor in watch.operands):
        return None
    sizes = [shape_told(tensor) for tensor in watch.operands]
    return diagnosed("dot-of-matrices", function=watch.name, sizes=sizes, **failed.facts)


def misfit(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis if tensors of sizes that do not fit were combined."""
    watch = failed.watch
    reshaped = RESHAPED.search(failed.said)
    if watch.failed and reshaped:
        wanted = reshaped[1].replace(", ", "×").replace("-", "−")
        count = int(reshaped[2])
        return diagnosed("sizes-do-not-fit", "reshape", wanted=wanted, count=count, **failed.facts)
    sizes = [shape_told(tensor) for tensor in watch.operands]
    if len(sizes) > 2:
        sizes = [one for place, one in enumerate(sizes) if one not in sizes[:place]]
    if watch.failed and MISFIT.search(failed.said) and len(sizes) > 1:
        return diagnosed("sizes-do-not-fit", sizes=sizes, **failed.facts)
    of_arrays = failed.said.startswith("operands could not be broadcast together")
    if of_arrays and in_own_line(failed.error) and not own_words(failed.error):
        return diagnosed("sizes-do-not-fit", "message", **failed.facts)
    return None


def shape_told(tensor: torch.Tensor) -> Message | str:
    """A tensor's size, or that it is a single number."""
    return size(tensor.shape) if tensor.ndim else message("diagnoses", "sizes-do-not-fit.number")
