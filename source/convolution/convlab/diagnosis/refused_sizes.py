"""Owns functions that answer at some image sizes only: which, and whether that is because sides are mixed up or a size is fixed."""

import re

import torch

from .. import calling, checks
from ..examples import KERNEL, SIZES, example
from ..printing import size
from .tracebacks import at_line, in_words, own_words, told

SQUARES = [(8, 8), (9, 9), (10, 10)]
RECTANGLES = [(12, 10), (12, 8), (8, 12), (9, 11)]
LARGE = [(16, 15), (14, 18), (18, 13)]
OF_SIZES = re.compile(
    r"out of bounds for (dimension|axis)|out of range|must match|broadcast|inconsistent tensor size|setStorage|"
    r"number of sizes provided|same number of elements|equal size|invalid for input of size|cannot reshape|"
    r"exceeds dimension size|contracted dimensions|cannot be multiplied|size mismatch|last dimension"
)


def of_sides(asked, error, case):
    """The Diagnosis if an error of places and sizes comes of a size that is fixed, or of a side that stands in for the other."""
    if not of_sizes(error):
        return None
    answers = answers_of(asked, case)
    return fixed(answers, facts_of(error, case)) or mixed(answers, facts_of(error, case))


def raised(asked, error, case):
    """The Diagnosis of a function that ended in `error` for `case`, if there are image sizes at which it returns a map."""
    answers = answers_of(asked, case)
    return (
        told("size-refused", **facts_of(error, case), **answers.sides())
        if answers.partly()
        else None
    )


def facts_of(error, case):
    """What sentences on an error tell."""
    return {"call": case.name, "error": in_words(error), "line": at_line(error)}


def returned(asked, kind, case):
    """The Diagnosis of a function that returned a `kind` for `case`, if it returns a map at other image sizes."""
    answers = answers_of(asked, case)
    return (
        told("size-refused", "returned", call=case.name, kind=kind, **answers.sides())
        if answers.partly()
        else None
    )


def of_sizes(error):
    """Whether an error, no words of the learner's own, is about places and sizes."""
    return (
        isinstance(error, (IndexError, RuntimeError, ValueError))
        and not own_words(error)
        and bool(OF_SIZES.search(calling.said(error)))
    )


def answers_of(asked, case):
    """The Answers to the graded image sizes, asked for once."""
    if not hasattr(asked, "answers"):
        asked.answers = Answers(asked, case)
        asked.answers.ask(SIZES, surely=True)
    return asked.answers


class Answers:
    """What the function answers at many image sizes.

    `maps` (size to the map), `refused` (size to another answer), and `right`: the sizes at which the map's numbers are right.
    `by_numbers` is whether there is a size at which some images and kernels are answered with a map, and others are not.
    """

    def __init__(self, asked, case):
        self.asked, self.maps, self.refused, self.right, self.by_numbers = (
            asked,
            {},
            {},
            set(),
            False,
        )
        self.shape, self.kernel = (tuple(tensor.shape) for tensor in case.before)
        self.note(self.shape, case)
        if self.kernel == KERNEL and min(self.shape) >= min(KERNEL):
            self.again(self.shape, case)

    def ask(self, sizes, surely=False):
        """Ask for these image sizes as well, unless the case has another size of kernel than they; `surely`: with more numbers."""
        for sides in sizes if self.kernel == KERNEL else []:
            if sides not in self.maps and sides not in self.refused and sides != self.shape:
                case = example(*sides, seed=sum(sides))
                self.note(sides, case)
                if surely:
                    self.again(sides, case)

    def again(self, sides, case):
        """Ask with the opposite numbers and with new ones; if they are not answered alike, forget this size."""
        others = [
            [-tensor for tensor in case.before],
            example(*sides, seed=sum(sides) + 100).before,
        ]
        answers = [
            answer
            for answer in (self.asked.answer(*tensors) for tensors in others)
            if not isinstance(answer, calling.TimeIsUp)
        ]
        if (
            sides in self.maps
            and not all(map(is_map, answers))
            or sides in self.refused
            and any(map(is_map, answers))
        ):
            self.by_numbers = True
            self.maps.pop(sides, None)
            self.refused.pop(sides, None)

    def note(self, sides, case):
        """Ask for one map."""
        result = self.asked.answer(*case.before)
        if is_map(result):
            self.maps[sides] = result.detach().clone()
            if result.shape == case.target.shape and not checks.wrong_values(result, case).any():
                self.right.add(sides)
        elif not isinstance(result, calling.TimeIsUp):
            self.refused[sides] = result

    def partly(self):
        """Whether the case is refused, and one of the graded image sizes is not, whatever the numbers."""
        return (
            not self.by_numbers
            and self.shape in self.refused
            and any(sides in self.maps for sides in SIZES)
        )

    def sides(self):
        """Of the graded image sizes and that of the case, those with a map and those without, as words."""
        told_of = {*SIZES, self.shape}
        return {
            "answered": listed(told_of & set(self.maps)),
            "refused": listed(told_of & set(self.refused)),
        }

    def extent(self, sides):
        """How large the map is there, or, if it is as large as it should be, the part of it that is not left 0."""
        found = self.maps[sides]
        if tuple(found.shape) != right(sides):
            return tuple(found.shape)
        return tuple(
            int((found != 0).any(dim=1 - axis).nonzero().flatten()[-1:].sum()) + 1
            for axis in (0, 1)
        )


def is_map(result):
    """Whether this is a table of numbers."""
    try:
        return isinstance(result, torch.Tensor) and result.ndim == 2 and result.numel() > 0
    except Exception:  # a subclass may do anything
        return False


def right(sides):
    """The right map's size for an image of these sides under a 3×3 kernel."""
    return sides[0] - 2, sides[1] - 2


def listed(sizes):
    """Sizes in words: 8×8, 10×10 and 12×8."""
    *first, last = [size(sides) for sides in sorted(sizes)]
    return f"{', '.join(first)} and {last}" if first else last


def fixed(answers, facts):
    """The Diagnosis if the map has as many rows or columns for every image for which there is one, whatever the image's size."""
    answers.ask(LARGE)
    for rows, columns in {tuple(found.shape) for found in answers.maps.values()}:
        if (
            rows * columns % 4 == 0
        ):  # other images with as many outputs, in case the outputs are laid out in a fixed size
            answers.ask([(6, rows * columns // 4 + 2), (rows * columns // 4 + 2, 6)])
    extents = {sides: answers.extent(sides) for sides in answers.maps}
    counts = [
        f"{extents[min(extents)][axis]} {unit}"
        for axis, unit in enumerate(("rows", "columns"))
        if len({extent[axis] for extent in extents.values()}) == 1
        and len({sides[axis] for sides in extents}) > 2
    ]
    if not counts or not isinstance(answers.refused.get(answers.shape), Exception):
        return None
    full = all(tuple(found.shape) == extents[sides] for sides, found in answers.maps.items())
    return told(
        "size-fixed",
        "raised",
        counts=" and ".join(counts),
        part="" if full else "filled part of the ",
        **facts,
    )


def mixed(answers, facts):
    """The Diagnosis if every square is answered in its right size, and no rectangle is: the sides stand in for one another.

    A rectangle's map may have the right size if its numbers are wrong, and those of squares are right.
    """
    answers.ask(SQUARES + RECTANGLES)
    squares = [sides for sides in answers.maps if sides[0] == sides[1]]
    if len(squares) < 3 or any(answers.extent(sides) != right(sides) for sides in squares):
        return None
    if any(sides[0] == sides[1] for sides in answers.refused):
        return None
    rectangles = [sides for sides in {**answers.maps, **answers.refused} if sides[0] != sides[1]]
    if len(rectangles) < 4 or not all(exchanged(answers, sides) for sides in rectangles):
        return None
    return told("sides-mixed-up", "raised", squares=listed(squares), **facts)


def exchanged(answers, sides):
    """Whether map or error at this image size show one side of the image where the other belongs."""
    if sides in answers.maps:
        extent = answers.extent(sides)
        if extent == right(sides):
            return (
                sides not in answers.right
                and {side for side in answers.maps if side[0] == side[1]} <= answers.right
            )
        return set(extent) <= set(right(sides))
    error = answers.refused[sides]
    if not isinstance(error, Exception) or not of_sizes(error):
        return False
    if "setStorage" in calling.said(error):  # which counts bytes
        return True
    known = {*sides, *right(sides), right(sides)[0] * right(sides)[1]}
    return {
        int(number) for number in re.findall(r"\d+", calling.said(error)) if int(number) > 3
    } <= known
