"""What is asked of an answer, one question a function; a question that fails raises its Mistake."""

from collections.abc import Callable, Iterable
from typing import Any

import torch

from . import calling
from .examples import KERNEL, SIZES, Example, example
from .library_watch import watched_call
from .messages import Message, message
from .mistakes import (
    LibraryConvolution,
    Mistake,
    NotImplementedYet,
    SideEffect,
    WrongDtype,
    WrongSize,
    WrongType,
    WrongValue,
)
from .printing import size, told_apart
from .values import facts_of, ordinary

__all__ = [
    "KERNEL",
    "SIZES",
    "Comparison",
    "Example",
    "LibraryConvolution",
    "Mistake",
    "NotImplementedYet",
    "are_new",
    "call",
    "example",
    "feature_map",
    "from_scratch",
    "has_size",
    "has_values",
    "is_feature_map",
    "is_float32_tensor",
    "kept",
    "left_alone",
    "mistake",
    "other_variables",
    "right_again",
    "wrong_values",
]
WATCHED = 4  # the watch makes many small calls of Python functions several times slower


def failed(kind: type[Mistake], name: str, case: Example | None, /, **facts: Any) -> Mistake:
    """The Mistake of this kind on this case, with the words of this name in mistakes.toml."""
    if case is None:
        told, look = (
            message("mistakes", name, **facts),
            message("mistakes", f"{name}.look", **facts),
        )
        return kind(told, look)
    facts["call"] = case.name
    return kind(
        message("mistakes", name, **facts),
        message("mistakes", f"{name}.look", **facts),
        case.again,
        None if case.answerer is None else (case.answerer, case),
    )


def call(conv2d: Callable[..., Any], case: Example, seconds: float | None = None) -> Any:
    """Whatever `conv2d(case.image, case.kernel)` returns; a Mistake if it does not return.

    It may take `seconds`, or the usual time, which then is remembered if it is not enough.
    """
    __tracebackhide__ = True
    case.answerer = conv2d
    try:
        return calling.call(conv2d, case.image, case.kernel, case.name, case.again, seconds)
    except Mistake as mistake:
        mistake.about = mistake.about or (conv2d, case)
        raise


def is_float32_tensor(result: Any, case: Example) -> None:
    """Raise WrongType or WrongDtype unless `result` is a torch tensor of float32 numbers."""
    __tracebackhide__ = True
    expected = size(case.target.shape)
    if result is None:
        raise failed(WrongType, "returned-none", case, expected=expected)
    if not ordinary(result):
        facts = facts_of(result)
        name = "returned-no-tensor" if "kind" in facts else "returned-no-ordinary-tensor"
        raise failed(WrongType, name, case, expected=expected, **facts)
    if result.dtype != torch.float32:
        dtype = str(result.dtype).removeprefix("torch.")
        raise failed(WrongDtype, "wrong-dtype", case, expected=expected, dtype=dtype)


def has_size(result: torch.Tensor, case: Example) -> None:
    """Raise WrongSize unless `result` has exactly the feature map's size."""
    __tracebackhide__ = True
    came, expected = size(result.shape), size(case.target.shape)
    if result.ndim == 0:
        raise failed(WrongSize, "single-number", case, expected=expected)
    if result.ndim == 1:
        raise failed(WrongSize, "one-axis", case, numbers=result.numel(), expected=expected)
    if result.ndim > 2:
        facts = {"axes": result.ndim, "came": came, "expected": expected}
        raise failed(WrongSize, "more-axes", case, **facts)
    if result.shape != case.target.shape:
        rows, columns = case.target.shape
        facts = {"came": came, "expected": expected, "rows": rows, "columns": columns}
        raise failed(WrongSize, "wrong-size", case, **facts)


def wrong_values(result: torch.Tensor, case: Example) -> torch.Tensor:
    """Where a map (rows, columns) is not the target's: a boolean tensor of its size.

    Cells that the target does not have are wrong.
    """
    rows, columns = map(min, result.shape, case.target.shape)
    theirs, right = result.detach().double()[:rows, :columns], case.target[:rows, :columns]
    wrong = torch.ones(result.shape, dtype=torch.bool)
    wrong[:rows, :columns] = ~(
        (theirs == right)
        | (theirs.isnan() & right.isnan())
        | ((theirs - right).abs() <= case.tolerance)
    )
    return wrong


def has_values(result: torch.Tensor, case: Example, later: bool = False) -> None:
    """Raise WrongValue unless every number of `result` is the target's.

    `later` says that it came from a later call than the first one.
    """
    __tracebackhide__ = True
    wrong = wrong_values(result, case)
    if wrong.any():
        i, j = wrong.nonzero()[0].tolist()
        came, expected = told_apart(result.detach()[i, j], case.target[i, j])
        rows, columns = case.before[1].shape
        raise failed(
            WrongValue,
            "wrong-value-later" if later else "wrong-value",
            case,
            row=i,
            column=j,
            came=came,
            expected=expected,
            pattern=pattern(wrong),
            patch=f"image[{i}:{i + rows}, {j}:{j + columns}]",
        )


def pattern(wrong: torch.Tensor) -> Message:
    """How many cells of a feature map are wrong, and in which row or column if they share one."""
    rows, columns = (wrong.any(dim=axis).nonzero().flatten().tolist() for axis in (1, 0))
    facts = {"count": int(wrong.sum()), "total": wrong.numel()}
    if wrong.all():
        return message("mistakes", "pattern.all" if wrong.numel() > 1 else "pattern.only")
    if facts["count"] == 1:
        return message("mistakes", "pattern.one", total=facts["total"])
    if len(rows) == 1:
        return message("mistakes", "pattern.row", row=rows[0], **facts)
    if len(columns) == 1:
        return message("mistakes", "pattern.column", column=columns[0], **facts)
    return message("mistakes", "pattern.some", **facts)


def is_feature_map(result: Any, case: Example, later: bool = False) -> None:
    """Raise the first Mistake that `result` shows: type, dtype, size, then values."""
    __tracebackhide__ = True
    is_float32_tensor(result, case)
    has_size(result, case)
    has_values(result, case, later)


def left_alone(case: Example) -> None:
    """Raise SideEffect if the call changed the image or the kernel it was given."""
    __tracebackhide__ = True
    pairs = zip((case.image, case.kernel), case.before, strict=True)
    for part, (now, before) in zip(("image", "kernel"), pairs, strict=True):
        same = (now.shape, now.dtype, now.requires_grad) == (
            before.shape,
            before.dtype,
            before.requires_grad,
        )
        if not same or not torch.equal(now, before):
            raise failed(SideEffect, "argument-changed", case, part=part)


def kept(result: torch.Tensor, case: Example) -> None:
    """Raise SideEffect if an earlier result has changed since it was checked."""
    __tracebackhide__ = True
    if result.shape != case.target.shape or mistake_in(has_values, result, case):
        raise failed(SideEffect, "map-changed-later", case)


def are_new(results: Iterable[torch.Tensor], case: Example | None = None) -> None:
    """Raise SideEffect if two of these results, of different calls, share their memory.

    `case` is what the last call was asked.
    """
    __tracebackhide__ = True
    places = [result.untyped_storage().data_ptr() for result in results]
    if len(set(places)) < len(places):
        mistake = failed(SideEffect, "same-tensor-twice", case)
        mistake.again = None  # no numbers show it
        raise mistake


def right_again(
    conv2d: Callable[..., Any], case: Example, when: str, seconds: float | None = None
) -> torch.Tensor:
    """The map of one more call of `conv2d`, right before; SideEffect if it is not right again.

    `when` is the name of the words for what was done in between, in mistakes.toml: "same-numbers",
    "other-variables", "refilled-image", "refilled-kernel", "refilled-both".
    """
    __tracebackhide__ = True
    try:
        result = call(conv2d, case, seconds)
        is_feature_map(result, case)
    except Mistake as wrong:
        what = message("mistakes", f"when.{when}")
        raise failed(
            SideEffect, "right-then-wrong", case, what=what, wrong=wrong.message
        ) from wrong
    return result


def mistake_in(question: Callable[..., Any], *arguments: Any) -> Mistake | None:
    """The Mistake that `question(*arguments)` raises, or None."""
    try:
        question(*arguments)
    except Mistake as mistake:
        return mistake
    return None


def mistake(
    conv2d: Callable[..., Any], case: Example, seconds: float | None = None
) -> Mistake | None:
    """The first Mistake in one call of `conv2d` on `case`, or None if its map is right."""
    return mistake_in(lambda: is_feature_map(call(conv2d, case, seconds), case))


def from_scratch(conv2d: Callable[..., Any]) -> Callable[..., Any]:
    """A function that does what `conv2d` does; LibraryConvolution if a library did the work."""

    def watched(image: torch.Tensor, kernel: torch.Tensor) -> Any:
        result, library = watched_call(conv2d, image, kernel)
        if library:
            raise failed(LibraryConvolution, "library-convolution", None, library=library)
        return result

    watched.__wrapped__, watched.patience = conv2d, WATCHED  # type: ignore[attr-defined]
    return watched


class Comparison:
    """What has been asked of one function at one size, and held: printed, it says how much."""

    def __init__(self, conv2d: Callable[..., Any], height: int, width: int) -> None:
        self.conv2d, self.sides = conv2d, (height, width)
        self.case = example(height, width)
        self.first = call(conv2d, self.case)
        self.maps: list[torch.Tensor] = []
        is_float32_tensor(self.first, self.case)
        has_size(self.first, self.case)

    def values(self) -> None:
        """Raise the first Mistake in the values of this map and of two more, of other numbers.

        Image and kernel must be left as they were, and the first map may not change afterwards.
        """
        __tracebackhide__ = True
        has_values(self.first, self.case)
        left_alone(self.case)
        self.maps.append(self.first)
        for other in (example(*self.sides), example(*self.sides, few_values=True)):
            self.maps.append(call(self.conv2d, other))
            is_feature_map(self.maps[-1], other, later=True)
            left_alone(other)
        kept(self.first, self.case)

    def repeated(self) -> None:
        """Raise SideEffect unless it is right again, with the same numbers and with new ones.

        The new numbers stand in the same tensors. Every call has to return a tensor of its own.
        """
        __tracebackhide__ = True
        self.maps.append(right_again(self.conv2d, self.case, "other-variables"))
        for part in ("kernel", "image"):
            self.case.refill(part)
            self.maps.append(right_again(self.conv2d, self.case, f"refilled-{part}"))
        are_new(self.maps, self.case)

    def __str__(self) -> str:
        return message("mistakes", "compared.all" if self.maps else "compared.size").text()


def feature_map(conv2d: Callable[..., Any], height: int, width: int) -> Comparison:
    """Call `conv2d` on new random numbers: a Comparison; a Mistake if type or size are wrong."""
    __tracebackhide__ = True
    return Comparison(conv2d, height, width)


def other_variables() -> tuple[torch.Tensor, torch.Tensor]:
    """An image (5, 4) and a kernel (3, 3) that nobody asks about, for the notebook's variables."""
    case = example(5, 4)
    return case.image, case.kernel
