"""At which image sizes there is a map, and what its size follows: the image's sides, or else."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from .. import calling
from ..checks import wrong_values
from ..examples import KERNEL, SIZES, Example, example
from ..messages import Message, message
from ..printing import size
from .calls import Asked
from .failing_calls.tracebacks import own_words
from .result import Diagnosis, diagnosed

if TYPE_CHECKING:
    from .failing_calls.errors import FailedCall

Size = tuple[int, int]  # rows, columns
TRIED = [*SIZES, (8, 12), (9, 11)]  # wide ones too: on tall ones the larger side is the height
SQUARES = [(8, 8), (9, 9), (10, 10)]
RECTANGLES = [(12, 10), (12, 8), (8, 12), (9, 11)]
LARGE = [(16, 15), (14, 18), (18, 13)]
UNITS = ("rows", "columns")
OF_SIZES = re.compile(  # errors of places and sizes, in Python's, torch's and numpy's words
    r"out of bounds for (dimension|axis)|out of range|must match|broadcast|setStorage|"
    r"inconsistent tensor size|number of sizes provided|same number of elements|equal size|"
    r"invalid for input of size|cannot reshape|exceeds dimension size|contracted dimensions|"
    r"cannot be multiplied|size mismatch|last dimension"
)


def is_map(result: Any) -> bool:
    """Whether this is a table of numbers."""
    try:
        return isinstance(result, torch.Tensor) and result.ndim == 2 and result.numel() > 0
    except Exception:  # a subclass may do anything
        return False


def right_size(sides: Size) -> Size:
    """The right map's size for an image of these sides under a 3×3 kernel."""
    return sides[0] - 2, sides[1] - 2


def size_of(table: torch.Tensor) -> Size:
    """How many rows and columns a table has."""
    rows, columns = table.shape
    return rows, columns


def filled(found: torch.Tensor) -> Size:
    """How many rows and columns a map has up to the last that is not all 0."""
    rows, columns = ((found != 0).any(dim=1 - axis).nonzero().flatten().tolist() for axis in (0, 1))
    return rows[-1] + 1 if rows else 0, columns[-1] + 1 if columns else 0


def listed(sizes: Iterable[Size]) -> list[str]:
    """Sizes as the facts of a sentence, the smallest first."""
    return [size(sides) for sides in sorted(sizes)]


# a map of another size than it should have


@dataclass(frozen=True)
class Followed:
    """What a number of `unit` ("rows" or "columns") follows from image to image.

    `what` is a side of the image, "other", "shorter" or "longer", or a limit, "always" or
    "at-most", which is `count`.
    """

    unit: str
    what: str
    count: int = 0

    @property
    def fixed(self) -> bool:
        """Whether it follows no side of the image."""
        return self.what in ("always", "at-most")

    @property
    def clause(self) -> Message:
        """What it follows, as a clause."""
        name = "size-fixed" if self.fixed else "sides-mixed-up"
        facts = {"count": self.count} if self.fixed else {}
        return message("diagnoses", f"{name}.{self.unit}.{self.what}", **facts)


def explain(asked: Asked, case: Example) -> Diagnosis | None:
    """The Diagnosis if rows or columns of the map of `case` follow the wrong side, or none."""
    shape, first = size_of(case.before[0]), asked.map(*case.before)
    if first is None or size_of(first) == filled(first) == size_of(case.target):
        return None
    maps = {sides: asked.map(*example(*sides, seed=sum(sides)).before) for sides in TRIED}
    answered = {sides: came for sides, came in maps.items() if came is not None}
    if shape not in answered or len(answered) < 4:
        return None
    for extent in (size_of, filled):
        extents = {sides: extent(came) for sides, came in answered.items()}
        follows = [one for axis in (0, 1) if (one := followed(extents, axis))]
        came = extents[shape]
        if came != right_size(shape) and follows and (extent is not filled or min(came) > 1):
            return transposed(asked, case) or told(case, came, extent is filled, follows)
    return None


def followed(extents: dict[Size, Size], axis: int) -> Followed | None:
    """What rows (`axis` 0) or columns (1) follow; None if the right side, or nothing known.

    `extents` holds how large the map is for each image size.
    """
    unit, came = UNITS[axis], {sides: extent[axis] for sides, extent in extents.items()}

    def differs_by_one_number_from(wanted: Callable[[Size], int]) -> bool:
        return len({count - wanted(sides) for sides, count in came.items()}) == 1

    if differs_by_one_number_from(lambda sides: sides[axis]):
        return None
    others: list[tuple[str, Callable[[Size], int]]] = [
        ("other", lambda sides: sides[1 - axis]),
        ("shorter", min),
        ("longer", max),
    ]
    for what, wanted in others:
        if differs_by_one_number_from(wanted):
            return Followed(unit, what)
    most = max(came.values())
    if set(came.values()) == {most}:
        return Followed(unit, "always", most)
    limited = all(count == min(most, right_size(sides)[axis]) for sides, count in came.items())
    return Followed(unit, "at-most", most) if limited else None


def transposed(asked: Asked, case: Example) -> Diagnosis | None:
    """The Diagnosis if the map is right but for its rows being columns, or None."""
    came = asked.map(*case.before)
    if came is None:
        return None
    found = came.T
    if found.shape == case.target.shape and not wrong_values(found, case).any():
        return diagnosed(
            "map-transposed",
            image=size(case.before[0].shape),
            came=size(found.T.shape),
            expected=size(found.shape),
        )
    return None


def told(case: Example, came: Size, of_filled: bool, follows: list[Followed]) -> Diagnosis:
    """The Diagnosis of a map, or of its part that is filled, whose size follows what it should not.

    It follows the kernel if there are as many rows and columns for every image as the kernel has.
    """
    image, kernel = map(size_of, case.before)
    always = [one.count for one in follows if one.what == "always"]
    if not of_filled and came == kernel == tuple(always):
        return diagnosed("size-from-kernel", image=size(image), kernel=size(kernel))
    return diagnosed(
        "size-fixed" if all(one.fixed for one in follows) else "sides-mixed-up",
        "filled" if of_filled else "say",
        image=size(image),
        came=size(came),
        expected=size(case.target.shape),
        follow=[one.clause for one in follows],
    )


# a function that answers at some image sizes only


class Answers:
    """What a function answers at many image sizes, beginning with that of `case`.

    `maps` (image size to map), `refused` (image size to another answer), and `right`: the sizes at
    which the map's numbers are right. `by_numbers` is whether there is a size at which some images
    and kernels are answered with a map, and others are not.
    """

    def __init__(self, asked: Asked, case: Example) -> None:
        self.asked = asked
        self.maps: dict[Size, torch.Tensor] = {}
        self.refused: dict[Size, Any] = {}
        self.right: set[Size] = set()
        self.by_numbers = False
        self.shape, self.kernel = map(size_of, case.before)
        self.note(self.shape, case)
        if self.kernel == KERNEL and min(self.shape) >= min(KERNEL):
            self.again(self.shape, case)

    @classmethod
    def of_graded_sizes(cls, asked: Asked, case: Example) -> "Answers":
        """The answers at the graded image sizes, with several numbers each."""
        answers = cls(asked, case)
        answers.ask(SIZES, surely=True)
        return answers

    def ask(self, sizes: Iterable[Size], surely: bool = False) -> None:
        """Ask at these image sizes as well, `surely` with more numbers; for 3×3 kernels only."""
        for sides in sizes if self.kernel == KERNEL else []:
            if sides not in self.maps and sides not in self.refused and sides != self.shape:
                case = example(*sides, seed=sum(sides))
                self.note(sides, case)
                if surely:
                    self.again(sides, case)

    def again(self, sides: Size, case: Example) -> None:
        """Ask with the opposite numbers and with new ones; forget a size not answered alike."""
        others = [
            [-tensor for tensor in case.before],
            example(*sides, seed=sum(sides) + 100).before,
        ]
        came = [self.asked.answer(*tensors) for tensors in others]
        answers = [is_map(answer) for answer in came if not isinstance(answer, calling.TimeIsUp)]
        answered, refused = sides in self.maps, sides in self.refused
        if answered and not all(answers) or refused and any(answers):
            self.by_numbers = True
            self.maps.pop(sides, None)
            self.refused.pop(sides, None)

    def note(self, sides: Size, case: Example) -> None:
        """Ask for one map."""
        result = self.asked.answer(*case.before)
        if is_map(result):
            self.maps[sides] = result.detach().clone()
            if result.shape == case.target.shape and not wrong_values(result, case).any():
                self.right.add(sides)
        elif not isinstance(result, calling.TimeIsUp):
            self.refused[sides] = result

    @property
    def partly(self) -> bool:
        """Whether the case is refused, and a graded image size is not, whatever the numbers."""
        answered = any(sides in self.maps for sides in SIZES)
        return not self.by_numbers and self.shape in self.refused and answered

    @property
    def sides(self) -> dict[str, Any]:
        """Of the graded image sizes and that of the case, those with a map and those without."""
        told_of = {*SIZES, self.shape}
        return {
            "answered": listed(told_of & set(self.maps)),
            "refused": listed(told_of & set(self.refused)),
        }

    def extent(self, sides: Size) -> Size:
        """The map's size there, or that of its filled part if it is as large as it should be."""
        found = self.maps[sides]
        return filled(found) if size_of(found) == right_size(sides) else size_of(found)


def of_sides(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis if an error of sizes comes of a fixed size, or of a side in another's place."""
    if not of_sizes(failed.error):
        return None
    return fixed(failed) or mixed(failed)


def refused(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis of a function that failed, if it returns a map at other image sizes."""
    if not failed.answers.partly:
        return None
    return diagnosed("size-refused", **failed.facts, **failed.answers.sides)


def returned(asked: Asked, kind: Message | str, case: Example) -> Diagnosis | None:
    """The Diagnosis of a function that returned a `kind`, if it returns maps at other sizes."""
    answers = Answers.of_graded_sizes(asked, case)
    if not answers.partly:
        return None
    return diagnosed("size-refused", "returned", call=case.name, kind=kind, **answers.sides)


def of_sizes(error: Any) -> bool:
    """Whether this is an error of places and sizes, and no `raise` of the learner's."""
    if not isinstance(error, (IndexError, RuntimeError, ValueError)) or own_words(error):
        return False
    return bool(OF_SIZES.search(calling.said(error)))


def fixed(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis if the map has as many rows or columns for every image that is answered."""
    answers = failed.answers
    answers.ask(LARGE)
    for rows, columns in {size_of(found) for found in answers.maps.values()}:
        if rows * columns % 4 == 0:  # images with as many outputs, if these are laid out anew
            answers.ask([(6, rows * columns // 4 + 2), (rows * columns // 4 + 2, 6)])
    extents = {sides: answers.extent(sides) for sides in answers.maps}
    counts = [
        message("diagnoses", f"size-fixed.{unit}.number", count=extents[min(extents)][axis])
        for axis, unit in enumerate(UNITS)
        if len({extent[axis] for extent in extents.values()}) == 1
        and len({sides[axis] for sides in extents}) > 2
    ]
    if not counts or not isinstance(answers.refused.get(answers.shape), Exception):
        return None
    whole = all(size_of(found) == extents[sides] for sides, found in answers.maps.items())
    part = "raised" if whole else "raised-filled"
    return diagnosed("size-fixed", part, counts=counts, **failed.facts)


def mixed(failed: "FailedCall") -> Diagnosis | None:
    """The Diagnosis if every square is answered in its right size, and no rectangle is.

    The sides of the image then stand in for one another. A rectangle's map may have the right size
    if its numbers are wrong, and those of squares are right.
    """
    answers = failed.answers
    answers.ask(SQUARES + RECTANGLES)
    squares = [sides for sides in answers.maps if sides[0] == sides[1]]
    if len(squares) < 3 or any(answers.extent(sides) != right_size(sides) for sides in squares):
        return None
    if any(sides[0] == sides[1] for sides in answers.refused):
        return None
    rectangles = [sides for sides in {**answers.maps, **answers.refused} if sides[0] != sides[1]]
    if len(rectangles) < 4 or not all(exchanged(answers, sides) for sides in rectangles):
        return None
    return diagnosed("sides-mixed-up", "raised", squares=listed(squares), **failed.facts)


def exchanged(answers: Answers, sides: Size) -> bool:
    """Whether map or error at this image size show one side where the other belongs."""
    if sides in answers.maps:
        extent = answers.extent(sides)
        if extent == right_size(sides):
            squares = {side for side in answers.maps if side[0] == side[1]}
            return sides not in answers.right and squares <= answers.right
        return set(extent) <= set(right_size(sides))
    error = answers.refused[sides]
    if not of_sizes(error):
        return False
    said = calling.said(error)
    if "setStorage" in said:  # which counts bytes
        return True
    rows, columns = right_size(sides)
    known = {*sides, rows, columns, rows * columns}
    return {int(number) for number in re.findall(r"\d+", said) if int(number) > 3} <= known
