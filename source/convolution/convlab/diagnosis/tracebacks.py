"""Owns what can be read off a call that failed: the learner's own lines, the operation that failed, and how far it came."""

import contextlib
import dis
import linecache
import math
import re
import sys

import torch
from torch.overrides import TorchFunctionMode

from .. import calling, messages
from .calls import Asked
from .diagnosis import Diagnosis


def told(name, /, *parts, hints_key="hints", **facts):
    """The Diagnosis of this name whose sentence is made of these `parts` of its message, "say" if none are given."""
    words = messages.table("diagnoses")[name]
    sentence = " ".join(words[part] for part in parts or ["say"]).format(**facts).strip()
    return Diagnosis((name,), sentence, hints_key=hints_key)


def steps(error):
    """Where the error passed through the learner's own code, outermost first: (frame, offset of the instruction, line)."""
    found, trace = [], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == "__main__":
            found.append((trace.tb_frame, trace.tb_lasti, trace.tb_lineno))
        trace = trace.tb_next
    if found and isinstance(error, UnboundLocalError):
        frame, offset, line = found[-1]
        found[-1] = frame, offset, line_of_unset(error, frame.f_code, offset) or line
    return found


def line_of_unset(error, code, offset):
    """The line that uses the unset name: Python runs two instructions as one, and then tells the line of the first; or None."""
    name = re.search(r"variable '(\w+)'", calling.said(error))
    after = [one for one in dis.get_instructions(code) if one.offset >= offset][:2]
    lines = [
        one.positions.lineno
        for one in after
        if name
        and (one.argval == name[1] or name[1] in one.argrepr.split(", "))
        and not one.opname.startswith("STORE")
    ]
    return lines[0] if lines else None


def innermost(error):
    """The frame in which the error arose, and the offset of its instruction."""
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame, trace.tb_lasti


def in_own_line(error):
    """Whether the error arose in a line of the learner's, and not deeper, in something that line called."""
    own = steps(error)
    return bool(own) and own[-1][:2] == innermost(error)


def own_words(error):
    """Whether a `raise` or `assert` of the learner's made the error."""
    if not in_own_line(error):
        return False
    frame, offset = innermost(error)
    return dis.opname[frame.f_code.co_code[offset]] == "RAISE_VARARGS"


def in_words(error):
    """An error's type and message, as the end of a sentence that gets its own full stop."""
    return calling.described(error).rstrip(".")


def at_line(error):
    """The learner's innermost line as a clause for a sentence; empty if its text is not known."""
    own = steps(error)
    text = linecache.getline(own[-1][0].f_code.co_filename, own[-1][2]).strip() if own else ""
    return f" (line {own[-1][2]}: `{text}`)" if text else ""


def came_further(result, error):
    """Whether a call that gave `result` went beyond the place where another call ended in `error`."""
    if not isinstance(result, BaseException):
        return True
    for (frame, offset, _), (before, place, _) in zip(steps(result), steps(error)):
        if frame.f_code is not before.f_code:
            return False
        if offset != place:
            return offset > place
    return False


def runs(asked, error, arguments):
    """How often the learner's line that ended in `error` is begun before the call with these `arguments` ends."""
    frame, _, line = steps(error)[-1]
    count = 0

    def within(now, event, _):
        nonlocal count
        count += event == "line" and now.f_lineno == line
        return within

    def traced(*tensors):
        before = sys.gettrace()
        sys.settrace(lambda now, event, _: within if now.f_code is frame.f_code else None)
        try:
            return asked.conv2d(*tensors)
        finally:
            sys.settrace(before)

    result = Asked(traced, asked.left).answer(*arguments)
    return count if type(result).__name__ == type(error).__name__ else None


class Watch(TorchFunctionMode):
    """Notes, while a function runs, the last slice that an edge cut off, and the torch operation that failed."""

    def __init__(self, asked, case):
        super().__init__()
        self.cut = self.error = None
        self.operands = ()
        self.result = Asked(self.run(asked.conv2d), asked.left).answer(*case.before)

    def run(self, conv2d):
        """`conv2d`, watched."""

        def watched(image, kernel):
            self.image, self.kernel = image, kernel
            with self:
                return conv2d(image, kernel)

        return watched

    def __torch_function__(self, function, types, args=(), kwargs=None):
        """Do what was asked, and note it."""
        try:
            result = function(*args, **(kwargs or {}))
        except BaseException as error:
            self.error, self.operands = error, list(tensors(function, args))
            raise
        if function is torch.Tensor.__getitem__:
            self.cut = cut(args[0], args[1], result) or self.cut
        return result

    @property
    def failed(self):
        """Whether the call ended in the error of a torch operation."""
        return self.error is not None and self.error is self.result

    def whose(self, tensor, case):
        """What a tensor is: "image" or "kernel", a part of it, "map" if it has the right map's size, else ""."""
        for name in ("image", "kernel"):
            if (
                tensor.untyped_storage().data_ptr()
                == getattr(self, name).untyped_storage().data_ptr()
            ):
                return name
        return "map" if tensor.shape == case.target.shape else ""


def tensors(function, args):
    """The tensors that an operation was to combine; for an assignment, the place and what was to go there."""
    if function is torch.Tensor.__setitem__:
        with contextlib.suppress(IndexError, TypeError):
            args = args[0][args[1]], args[2]
    for argument in args:
        for one in argument if isinstance(argument, (list, tuple)) else [argument]:
            if isinstance(one, torch.Tensor):
                yield one


def cut(tensor, key, result):
    """What an edge cut off a slice: (tensor, first places, sizes asked for, sizes that came); None if nothing."""
    keys = key if isinstance(key, tuple) else (key,)
    if not all(isinstance(one, (int, slice)) for one in keys):
        return None
    firsts, wanted, axes = [], list(result.shape), [one for one in keys if isinstance(one, slice)]
    for axis, one in enumerate(axes):
        first, stop = one.start or 0, one.stop
        firsts.append(int(first))
        if stop is not None and one.step in (None, 1) and 0 <= first < stop:
            wanted[axis] = int(stop) - int(first)
    return (
        (tensor, firsts, wanted, list(result.shape)) if math.prod(wanted) > result.numel() else None
    )
