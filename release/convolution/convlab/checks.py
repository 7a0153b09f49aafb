"""Owns what is asked of an answer, one question a function, and the sentences a learner gets when it fails."""

import inspect

import torch

from . import attempt
from .examples import KERNEL, SIZES, Example, example
from .mistakes import (
    LibraryConvolution, Mistake, NotImplementedYet, SideEffect, WrongDtype, WrongSize, WrongType, WrongValue)
from .paint import size, told_apart
from .readings import reading
from .scratch import library_convolutions, warm_up

__all__ = [
    "KERNEL", "SIZES", "Example", "LibraryConvolution", "Mistake", "NotImplementedYet", "are_new", "call",
    "example", "from_scratch", "has_size", "has_values", "is_feature_map", "is_float32_tensor", "kept", "left_alone",
    "mistake", "right_again", "wrong_values"]


def call(conv2d, case):
    """Return `conv2d(case.image, case.kernel)`; raise the Mistake that names the reason if it does not return."""
    __tracebackhide__ = True
    return attempt.call(conv2d, case.image, case.kernel, case.name, case.again)


def is_float32_tensor(result, case):
    """Raise WrongType or WrongDtype unless `result` is a torch tensor of float32 numbers."""
    __tracebackhide__ = True
    expected = f"where a float32 torch tensor of size {size(case.target.shape)} was expected"
    if result is None:
        raise WrongType(f"{case.name} returned None, {expected}.\nDoes your function end in `return`?{case.again}")
    if not isinstance(result, torch.Tensor):
        raise WrongType(f"{case.name} returned a {kind(result)}, {expected}.\n{advice(result)}{case.again}")
    if result.layout is not torch.strided or result.device.type != "cpu":
        raise WrongType(f"{case.name} returned a tensor of layout {result.layout} on device {result.device}, {expected}.\n"
                        f"Look at what you `return`: an ordinary tensor holds every number.{case.again}")
    if result.dtype != torch.float32:
        raise WrongDtype(f"{case.name} returned numbers of type {str(result.dtype).removeprefix('torch.')}, "
                         f"{expected}.\nLook at the line that creates the output: torch.zeros makes float32.{case.again}")


def kind(result):
    """A value's type as a learner knows it: with its library's name, unless it is Python's own."""
    theirs = type(result)
    home = str(theirs.__module__).split(".")[0]
    return theirs.__name__ if home in ("builtins", "__main__") else f"{home}.{theirs.__name__}"


def advice(result):
    """What to look at when the result is no tensor."""
    if inspect.isgenerator(result) or inspect.iscoroutine(result):
        return "Look for `yield` or `async`: an ordinary function with `return` is meant."
    if inspect.isroutine(result):
        return "Look at what you `return`: it is a function; are its brackets missing?"
    return "Look at what you `return`: put the numbers into one torch tensor."


def has_size(result, case):
    """Raise WrongSize unless `result` has exactly the feature map's size."""
    __tracebackhide__ = True
    if result.ndim != 2:
        came = f"a tensor of {result.ndim} axes, size {size(result.shape)}" if result.ndim else "a single number"
        raise WrongSize(f"{case.name} returned {came}, expected two axes, size {size(case.target.shape)}.\n"
                        f"Look at the axes you added or summed over.{case.again}")
    if result.shape != case.target.shape:
        (height, width), (rows, columns) = (tensor.shape for tensor in case.before)
        raise WrongSize(
            f"{case.name} returned size {size(result.shape)}, expected size "
            f"{size(case.target.shape)}: {height}−{rows}+1 positions down, {width}−{columns}+1 across.\n"
            f"Look at how far your loops run and how you create the output.{case.again}")


def wrong_values(result, case):
    """Where a map (rows, columns) is not the target's: a boolean tensor of its size; cells that the target has not are wrong."""
    rows, columns = map(min, result.shape, case.target.shape)
    theirs, right = result.detach().double()[:rows, :columns], case.target[:rows, :columns]
    wrong = torch.ones(result.shape, dtype=torch.bool)
    wrong[:rows, :columns] = ~((theirs == right) | (theirs.isnan() & right.isnan()) | ((theirs - right).abs() <= case.tolerance))
    return wrong


def has_values(result, case, when=""):
    """Raise WrongValue unless every number of `result` is the target's; `when` tells which call it was."""
    __tracebackhide__ = True
    wrong = wrong_values(result, case)
    if wrong.any():
        i, j = wrong.nonzero()[0].tolist()
        came, expected = told_apart(result.detach()[i, j], case.target[i, j])
        rows, columns = case.before[1].shape
        raise WrongValue(
            f"{case.name}{when}: row {i}, column {j} is {came}, expected "
            f"{expected}; {pattern(wrong)}{reading(result, case)}.\nLook at the patch image[{i}:{i + rows}, "
            f"{j}:{j + columns}] times the kernel, added up.{case.again}")


def pattern(wrong):
    """Which cells of a feature map are wrong, in a few words: the hint that lies in their places."""
    rows, columns = wrong.any(dim=1).nonzero().flatten().tolist(), wrong.any(dim=0).nonzero().flatten().tolist()
    count = f"{int(wrong.sum())} of {wrong.numel()} values are wrong"
    if wrong.all():
        return "every value is wrong"
    if len(rows) == 1:
        return f"{count}, all in row {rows[0]}"
    if len(columns) == 1:
        return f"{count}, all in column {columns[0]}"
    return count


def is_feature_map(result, case, when=""):
    """Raise the first Mistake that `result` shows: type, dtype, size, then values."""
    __tracebackhide__ = True
    is_float32_tensor(result, case)
    has_size(result, case)
    has_values(result, case, when)


def left_alone(case):
    """Raise SideEffect if the call changed the image or the kernel it was given."""
    __tracebackhide__ = True
    for name, now, before in zip(("image", "kernel"), (case.image, case.kernel), case.before):
        same = (now.shape, now.dtype, now.requires_grad) == (before.shape, before.dtype, before.requires_grad)
        if not same or not torch.equal(now, before):
            raise SideEffect(f"{case.name} changed the {name} it was given, which the caller still needs.\n"
                             f"Look for a line that assigns into `{name}` or works in place, and use a new tensor.{case.again}")


def kept(result, case):
    """Raise SideEffect if an earlier result has changed since it was checked."""
    __tracebackhide__ = True
    if result.shape != case.target.shape or mistake_in(has_values, result, case):
        raise SideEffect(f"{case.name} returned a feature map that changed during a later call.\n"
                         f"Create the output inside the function, so that every call has its own.{case.again}")


def are_new(results):
    """Raise SideEffect if two of these results, of different calls, share their memory."""
    __tracebackhide__ = True
    if len({result.untyped_storage().data_ptr() for result in results}) < len(results):
        raise SideEffect("Two calls of conv2d returned the same tensor, where a new one was expected each time.\n"
                         "Create the output inside the function, in every call, and do not keep it.")


def right_again(conv2d, case, what):
    """Raise SideEffect unless `conv2d`, right before, is right again now that `what`; return the new result."""
    __tracebackhide__ = True
    try:
        result = call(conv2d, case)
        is_feature_map(result, case)
    except Mistake as wrong:
        raise SideEffect(f"{case.name} was right, then wrong when {what}.\n"
                         "Look for a name that your function reads but does not make, or something it keeps between "
                         f"calls: use only its two arguments.\n({wrong})") from wrong
    return result


def mistake_in(question, *arguments):
    """The Mistake that `question(*arguments)` raises, or None."""
    try:
        question(*arguments)
    except Mistake as mistake:
        return mistake


def mistake(conv2d, case):
    """The first Mistake in one call of `conv2d` on `case`, or None: for tables, pictures and the learner's check."""
    return mistake_in(lambda: is_feature_map(call(conv2d, case), case))


def from_scratch(conv2d):
    """`conv2d` watched: the returned function does the same, and raises LibraryConvolution if a library did it."""
    warm_up()

    def watched(image, kernel):
        with library_convolutions() as used:
            result = conv2d(image, kernel)
        if used:
            raise LibraryConvolution(
                f"conv2d called {used[0]}, where your own loops or slices were expected.\n"
                "Write the sum over the patch yourself; slicing, unfold, as_strided and einsum are fine.")
        return result

    watched.__wrapped__, watched.patience = conv2d, 4  # the watch makes plain loops some thirty times slower
    return watched
