"""Owns what is asked of an answer, one question a function; the sentences a learner gets when it fails are in messages."""

import torch

from . import calling
from .examples import KERNEL, SIZES, Example, example
from .library_watch import watched_call
from .messages import say
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
    "Example",
    "LibraryConvolution",
    "Mistake",
    "NotImplementedYet",
    "are_new",
    "call",
    "example",
    "from_scratch",
    "has_size",
    "has_values",
    "is_feature_map",
    "is_float32_tensor",
    "kept",
    "left_alone",
    "mistake",
    "right_again",
    "wrong_values",
]
latest = []  # whose call, on what Example, the questions are about


def call(conv2d, case):
    """Return `conv2d(case.image, case.kernel)`; raise the Mistake that names the reason if it does not return."""
    __tracebackhide__ = True
    latest[:] = conv2d, case
    return calling.call(conv2d, case.image, case.kernel, case.name, case.again)


def is_float32_tensor(result, case):
    """Raise WrongType or WrongDtype unless `result` is a torch tensor of float32 numbers."""
    __tracebackhide__ = True
    expected = size(case.target.shape)
    if result is None:
        raise WrongType(
            say("mistakes", "returned-none", call=case.name, expected=expected) + case.again
        )
    if not ordinary(result):
        facts = facts_of(result)
        raise WrongType(
            say(
                "mistakes",
                "returned-no-tensor" if "kind" in facts else "returned-no-ordinary-tensor",
                call=case.name,
                expected=expected,
                **facts,
            )
            + case.again
        )
    if result.dtype != torch.float32:
        raise WrongDtype(
            say(
                "mistakes",
                "wrong-dtype",
                call=case.name,
                expected=expected,
                dtype=str(result.dtype).removeprefix("torch."),
            )
            + case.again
        )


def has_size(result, case):
    """Raise WrongSize unless `result` has exactly the feature map's size."""
    __tracebackhide__ = True
    came, expected = size(result.shape), size(case.target.shape)
    if result.ndim == 0:
        raise WrongSize(
            say("mistakes", "single-number", call=case.name, expected=expected) + case.again
        )
    if result.ndim == 1:
        raise WrongSize(
            say("mistakes", "one-axis", call=case.name, count=came, expected=expected) + case.again
        )
    if result.ndim > 2:
        raise WrongSize(
            say(
                "mistakes",
                "more-axes",
                call=case.name,
                axes=result.ndim,
                came=came,
                expected=expected,
            )
            + case.again
        )
    if result.shape != case.target.shape:
        rows, columns = case.target.shape
        raise WrongSize(
            say(
                "mistakes",
                "wrong-size",
                call=case.name,
                came=came,
                expected=expected,
                rows=rows,
                columns=columns,
            )
            + case.again
        )


def wrong_values(result, case):
    """Where a map (rows, columns) is not the target's: a boolean tensor of its size; cells that the target has not are wrong."""
    rows, columns = map(min, result.shape, case.target.shape)
    theirs, right = result.detach().double()[:rows, :columns], case.target[:rows, :columns]
    wrong = torch.ones(result.shape, dtype=torch.bool)
    wrong[:rows, :columns] = ~(
        (theirs == right)
        | (theirs.isnan() & right.isnan())
        | ((theirs - right).abs() <= case.tolerance)
    )
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
            say(
                "mistakes",
                "wrong-value",
                call=case.name,
                when=when,
                row=i,
                column=j,
                came=came,
                expected=expected,
                pattern=pattern(wrong),
                patch=f"image[{i}:{i + rows}, {j}:{j + columns}]",
            )
            + case.again
        )


def pattern(wrong):
    """Which cells of a feature map are wrong, in a few words: the hint that lies in their places."""
    rows, columns = (
        wrong.any(dim=1).nonzero().flatten().tolist(),
        wrong.any(dim=0).nonzero().flatten().tolist(),
    )
    count, total = int(wrong.sum()), wrong.numel()
    if wrong.all():
        return say("mistakes", "pattern-all" if total > 1 else "pattern-only")
    if count == 1:
        return say("mistakes", "pattern-one", total=total)
    if len(rows) == 1:
        return say("mistakes", "pattern-row", count=count, total=total, row=rows[0])
    if len(columns) == 1:
        return say("mistakes", "pattern-column", count=count, total=total, column=columns[0])
    return say("mistakes", "pattern-some", count=count, total=total)


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
        same = (now.shape, now.dtype, now.requires_grad) == (
            before.shape,
            before.dtype,
            before.requires_grad,
        )
        if not same or not torch.equal(now, before):
            raise SideEffect(
                say("mistakes", "argument-changed", call=case.name, part=name) + case.again
            )


def kept(result, case):
    """Raise SideEffect if an earlier result has changed since it was checked."""
    __tracebackhide__ = True
    if result.shape != case.target.shape or mistake_in(has_values, result, case):
        raise SideEffect(say("mistakes", "map-changed-later", call=case.name) + case.again)


def are_new(results):
    """Raise SideEffect if two of these results, of different calls, share their memory."""
    __tracebackhide__ = True
    if len({result.untyped_storage().data_ptr() for result in results}) < len(results):
        raise SideEffect(say("mistakes", "same-tensor-twice"))


def right_again(conv2d, case, what):
    """Raise SideEffect unless `conv2d`, right before, is right again now that `what`; return the new result."""
    __tracebackhide__ = True
    try:
        result = call(conv2d, case)
        is_feature_map(result, case)
    except Mistake as wrong:
        raise SideEffect(
            say("mistakes", "right-then-wrong", call=case.name, what=what, wrong=wrong)
        ) from wrong
    return result


def mistake_in(question, *arguments):
    """The Mistake that `question(*arguments)` raises, or None."""
    try:
        question(*arguments)
    except Mistake as mistake:
        return mistake


def mistake(conv2d, case):
    """The first Mistake in one call of `conv2d` on `case`, or None: for tables, pictures and the learner's check."""
    found = mistake_in(lambda: is_feature_map(call(conv2d, case), case))
    if found:
        found.about = conv2d, case
    return found


def from_scratch(conv2d):
    """`conv2d` watched: the returned function does the same, and raises LibraryConvolution if a library did it."""

    def watched(image, kernel):
        result, library = watched_call(conv2d, image, kernel)
        if library:
            raise LibraryConvolution(
                say("mistakes", "library-convolution", library=library), library
            )
        return result

    watched.__wrapped__, watched.patience = (
        conv2d,
        4,
    )  # the watch makes plain loops some thirty times slower
    return watched
