"""What is read off a call that failed: the learner's own lines, the failed operation, its sizes."""

import contextlib
import dis
import linecache
import math
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from ... import calling
from ...examples import Example
from ...messages import Message, message
from ..calls import Asked


def steps(error: BaseException) -> list[tuple[FrameType, int, int]]:
    """Where the error passed through the learner's own code, outermost first.

    Each step is (frame, offset of the instruction, line).
    """
    found, trace = [], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == "__main__":
            found.append((trace.tb_frame, trace.tb_lasti, trace.tb_lineno))
        trace = trace.tb_next
    if found and isinstance(error, UnboundLocalError):
        frame, offset, line = found[-1]
        found[-1] = frame, offset, line_of_unset(error, frame.f_code, offset) or line
    return found


def line_of_unset(error: BaseException, code: CodeType, offset: int) -> int | None:
    """The line that uses the unset name, or None.

    Python runs two instructions as one, and then tells the line of the first.
    """
    name = re.search(r"variable '(\w+)'", calling.said(error))
    after = [one for one in dis.get_instructions(code) if one.offset >= offset][:2]
    lines = [
        one.positions.lineno
        for one in after
        if name
        and one.positions
        and (one.argval == name[1] or name[1] in one.argrepr.split(", "))
        and not one.opname.startswith("STORE")
    ]
    return lines[0] if lines else None


def innermost(error: BaseException) -> tuple[FrameType, int]:
    """The frame in which the error arose, and the offset of its instruction."""
    trace = error.__traceback__
    assert trace is not None
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame, trace.tb_lasti


def in_own_line(error: BaseException) -> bool:
    """Whether it arose in a line of the learner's, and not in something that line called."""
    own = steps(error)
    return bool(own) and own[-1][:2] == innermost(error)


def own_words(error: BaseException) -> bool:
    """Whether a `raise` or `assert` of the learner's made the error."""
    if not in_own_line(error):
        return False
    frame, offset = innermost(error)
    return dis.opname[frame.f_code.co_code[offset]] == "RAISE_VARARGS"


def came_further(result: Any, error: BaseException) -> bool:
    """Whether a call that gave `result` went beyond the place where another ended in `error`."""
    if not isinstance(result, BaseException):
        return True
    for (frame, offset, _), (before, place, _) in zip(steps(result), steps(error), strict=False):
        if frame.f_code is not before.f_code:
            return False
        if offset != place:
            return offset > place
    return False


def rounds(asked: Asked, error: BaseException, *arguments: torch.Tensor) -> int | None:
    """How often the learner's line that ended in `error` is begun in a call with these arguments.

    None unless that call ends in the same type of error.
    """
    frame, _, line = steps(error)[-1]
    count = 0

    def within(now: FrameType, event: str, _: Any) -> Callable:
        nonlocal count
        count += event == "line" and now.f_lineno == line
        return within

    def traced(*tensors: torch.Tensor) -> Any:
        before = sys.gettrace()
        sys.settrace(lambda now, event, _: within if now.f_code is frame.f_code else None)
        try:
            return asked.conv2d(*tensors)
        finally:
            sys.settrace(before)

    result = Asked(traced, asked.left).answer(*arguments)
    return count if type(result).__name__ == type(error).__name__ else None


def in_words(error: BaseException) -> str:
    """An error's type and message, as the end of a sentence that gets its own full stop."""
    return calling.described(error).rstrip(".")


def at_line(error: BaseException | None) -> Message | str:
    """The learner's innermost line as a clause for a sentence; "" if its text is not known."""
    own = steps(error) if error else []
    if not own:
        return ""
    frame, _, number = own[-1]
    code = linecache.getline(frame.f_code.co_filename, number).strip()
    short = code[: calling.LONGEST]
    return message("words", "at-line", number=number, code=short) if short else ""


@dataclass
class Slice:
    """A part that was cut out of a tensor: the `bounds` asked for, (axis, first, stop), and it."""

    tensor: torch.Tensor
    bounds: list[tuple[int, int, int]]
    part: torch.Tensor

    @property
    def kind(self) -> tuple[int, torch.Size, tuple[int, ...]]:
        """What the slices of one expression share, from position to position."""
        return storage(self.tensor), self.tensor.shape, tuple(axis for axis, *_ in self.bounds)

    @property
    def corner(self) -> list[int]:
        """Where the part begins, along each sliced axis."""
        return [first for _, first, _ in self.bounds]

    @property
    def wanted(self) -> list[int]:
        """The size that was asked for."""
        sizes = list(self.part.shape)
        for place, (_, first, stop) in enumerate(self.bounds):
            if 0 <= first < stop:
                sizes[place] = stop - first
        return sizes

    @property
    def cut_off(self) -> bool:
        """Whether the tensor ends before the slice does."""
        return math.prod(self.wanted) > self.part.numel()


class Watch(TorchFunctionMode):
    """Notes, while a function runs, slices and the torch operation that failed.

    `first` holds the first slice of each kind, `last` the last one, `cut` the last that an edge cut
    off; `failure` is a torch operation's error, with its `name`, the `key` of an index, and the
    tensors it was given, its `operands`.
    """

    def __init__(self, asked: Asked, case: Example) -> None:
        super().__init__()
        self.first: dict[Any, Slice] = {}
        self.last: Slice | None = None
        self.cut: Slice | None = None
        self.failure: BaseException | None = None
        self.name, self.key = "", None
        self.operands: list[torch.Tensor] = []
        self.result = Asked(self.watched(asked.conv2d), asked.left).answer(*case.before)

    def watched(self, conv2d: Callable) -> Callable:
        """`conv2d`, watched."""

        def watched(image: torch.Tensor, kernel: torch.Tensor) -> Any:
            self.arguments = {"image": image, "kernel": kernel}
            with self:
                return conv2d(image, kernel)

        return watched

    def __torch_function__(self, function, types, args=(), kwargs=None):
        """Do what was asked, and note it."""
        try:
            result = function(*args, **(kwargs or {}))
        except BaseException as error:
            self.failure, self.name = error, getattr(function, "__name__", "")
            indexed = function in (torch.Tensor.__getitem__, torch.Tensor.__setitem__)
            self.key = args[1] if indexed else None
            self.operands = list(operands(function, args))
            raise
        if function is torch.Tensor.__getitem__:
            self.note(sliced(args[0], args[1], result))
        return result

    def note(self, found: Slice | None) -> None:
        """Keep what is told of a slice."""
        if found:
            self.last = found
            self.first.setdefault(found.kind, found)
            self.cut = found if found.cut_off else self.cut

    @property
    def failed(self) -> bool:
        """Whether the call ended in the error of a torch operation."""
        return self.failure is not None and self.failure is self.result

    def whose(self, tensor: torch.Tensor) -> str:
        """Whether a tensor is a part of "image" or "kernel", or "" for another one."""
        for name, argument in self.arguments.items():
            if storage(tensor) == storage(argument):
                return name
        return ""


def storage(tensor: torch.Tensor) -> int:
    """Where a tensor's numbers lie."""
    return tensor.untyped_storage().data_ptr()


def operands(function: Callable, args: Any) -> Iterator[torch.Tensor]:
    """The tensors that an operation was given; for an assignment, the place and what goes there."""
    if function is torch.Tensor.__setitem__:
        with contextlib.suppress(IndexError, TypeError):
            args = args[0][args[1]], args[2]
    for argument in args:
        for one in argument if isinstance(argument, (list, tuple)) else [argument]:
            if isinstance(one, torch.Tensor):
                yield one


def sliced(tensor: torch.Tensor, key: Any, part: torch.Tensor) -> Slice | None:
    """The Slice that this index asks for; None if it is no index of numbers and slices alone."""
    keys = key if isinstance(key, tuple) else (key,)
    if not all(isinstance(one, (int, slice)) for one in keys):
        return None
    bounds = []
    for axis, one in enumerate(keys):
        if isinstance(one, slice):
            whole = one.stop is None or one.step not in (None, 1)
            bounds.append((axis, int(one.start or 0), -1 if whole else int(one.stop)))
    return Slice(tensor, bounds, part) if bounds else None
