"""Owns explaining a call that did not work: from the learner's own error, and from what further calls show."""

import difflib
import inspect
import math
import re
import sys
from collections import Counter

import torch

from .. import calling
from ..checks import is_feature_map, mistake_in
from ..examples import KERNEL, example
from ..mistakes import NotImplementedYet, Raised, TooSlow
from ..printing import size
from ..values import kind
from . import refused_sizes
from .calls import Asked
from .diagnosis import Diagnosis
from .tracebacks import (
    Watch,
    at_line,
    came_further,
    in_own_line,
    in_words,
    innermost,
    own_words,
    runs,
    steps,
    told,
)

SECONDS = 1.0
SMALLEST = 0.3  # seconds for an image with one output only
UNPACKED = re.compile(r"(?:not enough|too many) values to unpack \(expected (?:at least )?(\d+)")
TOO_FEW_AXES = re.compile(r"too many indices|tuple index out of range|Dimension out of range")
PLACE = re.compile(r"index (-?\d+) is out of bounds for (?:dimension|axis) (\d+) with size (\d+)")
BEYOND = re.compile(
    r"exceeds dimension size|are out of bounds for storage|out of range: tried to access|"
    r"index out of range in self|out of range for tensor"
)
MISFIT = re.compile(
    r"^(?!.*type).*(must match|broadcast|size mismatch|inconsistent tensor size|number of sizes provided|"
    r"equal size|cannot be multiplied|shape mismatch|same number of elements|contracted dimensions|"
    r"last dimension)",
    re.DOTALL,
)


def explain(conv2d, mistake, case):
    """The Diagnosis of a `conv2d` that returned nothing at all for `case`; None if it is not to be told, or not seen again."""
    try:
        return sought(conv2d, mistake, case)
    except Exception:  # whatever a learner's objects do when they are looked at
        return None


def sought(conv2d, mistake, case):
    """The first of all explanations that holds."""
    if not callable(conv2d):
        return told("not-a-function", kind=kind(conv2d))
    error = mistake.__cause__
    if isinstance(mistake, TooSlow):
        return too_slow(conv2d, error, case)
    if not isinstance(mistake, (NotImplementedYet, Raised)) or error is None:
        return None
    asked = Asked(conv2d, SECONDS)
    again = asked.answer(*case.before)
    if type(again).__name__ != type(error).__name__:
        return None
    for explanation in (
        other_arguments,
        undefined,
        arguments_swapped,
        refused_sizes.of_sides,
        past_edge,
        refused_sizes.raised,
        stub,
        recursion,
        axes_miscounted,
        misfit,
    ):
        found = explanation(asked, again, case)
        if found:
            return found
    return told("raises-error", call=case.name, error=in_words(again), line=at_line(again))


def too_slow(conv2d, error, case):
    """The Diagnosis of a call that was stopped: where it was then, and whether an image with a single output is too much, too."""
    result = Asked(conv2d, SMALLEST).answer(*example(*KERNEL, seed=1).before)
    return told(
        "too-slow",
        *["say", "smallest"][: 1 + isinstance(result, calling.TimeIsUp)],
        call=case.name,
        line=at_line(error) if error else "",
        kernel=size(KERNEL),
        seconds=f"{SMALLEST:g}",
    )


def other_arguments(asked, error, case):
    """The Diagnosis if it cannot be called with two arguments: by its signature, or by how many it takes out of `*args`."""
    try:
        signature = inspect.signature(asked.conv2d)
        signature.bind(*case.before)
    except ValueError:  # some built-in functions tell no signature
        return None
    except TypeError:
        if not isinstance(error, TypeError) or "argument" not in calling.said(error):
            return None
        return told(
            "other-arguments",
            wanted=", ".join(filter(None, map(parameter, signature.parameters.values()))),
        )
    number = UNPACKED.match(calling.said(error))
    if (
        number
        and int(number[1]) > 2
        and any(one.kind is one.VAR_POSITIONAL for one in signature.parameters.values())
    ):
        more = asked.answer(*case.before, *[case.before[1]] * (int(number[1]) - 2))
        return (
            told("other-arguments", "number", number=number[1])
            if came_further(more, error)
            else None
        )
    return None


def parameter(one):
    """A parameter as a call would give it; "" for those that can be left out."""
    if one.default is not one.empty or one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
        return ""
    return f"{one.name}=…" if one.kind is one.KEYWORD_ONLY else one.name


def undefined(asked, error, case):
    """The Diagnosis if a line of the learner's uses a name that does not exist, in the notebook, or of a module or a tensor."""
    if (
        own_words(error)
        or isinstance(error, UnboundLocalError)
        and refused_sizes.raised(asked, error, case)
    ):
        return None
    said, facts = calling.said(error), {"call": case.name, "line": at_line(error)}
    missing = re.match(r"(?:module '([\w.]+)'|'Tensor' object) has no attribute '(\w+)'", said)
    if isinstance(error, AttributeError) and missing and looked_up(error):
        owner = sys.modules.get(missing[1], torch.Tensor) if missing[1] else torch.Tensor
        whose = f"`{missing[1]}`" if missing[1] else told("name-undefined", "tensor").sentence
        return told(
            "name-undefined",
            "attribute",
            hints_key="hints-attribute",
            name=missing[2],
            whose=whose,
            **similar(missing[2], dir(owner)),
            **facts,
        )
    name = re.search(r"(?:name|variable) '(\w+)'", said)
    if not isinstance(error, NameError) or not name or not in_own_line(error):
        return None
    if "not associated with a value" in said or isinstance(error, UnboundLocalError):
        return told("name-undefined", "unset", hints_key="hints-unset", name=name[1], **facts)
    frame = steps(error)[-1][0]
    return told(
        "name-undefined",
        name=name[1],
        **similar(name[1], {*frame.f_locals, *frame.f_globals}),
        **facts,
    )


def looked_up(error):
    """Whether it was a line of the learner's that looked for the name; some modules have a function of their own for that."""
    return in_own_line(error) or innermost(error)[0].f_code.co_name == "__getattr__"


def similar(name, names):
    """The sentence on a name that exists and looks much like this one, or nothing."""
    near = difflib.get_close_matches(
        name, [one for one in names if not one.startswith("_")], 1, 0.75
    )
    return {"similar": told("name-undefined", "near", near=near[0]).sentence if near else ""}


def arguments_swapped(asked, error, case):
    """The Diagnosis if it is right, or at least the map's size is, with the kernel first, for a square and a rectangle."""
    right = True
    for one in (case, example(9, 11, seed=1), example(10, 8, seed=2)):
        found = asked.answer(*reversed(one.before))
        if not refused_sizes.is_map(found) or found.shape != one.target.shape:
            return None
        right = right and not mistake_in(is_feature_map, found, one)
    return told("arguments-swapped", "say", "right" if right else "size", call=case.name)


def stub(asked, error, case):
    """The Diagnosis if a NotImplementedError of the learner's own cell ends every call."""
    if (
        isinstance(error, NotImplementedError)
        and own_words(error)
        and not refused_sizes.answers_of(asked, case).by_numbers
    ):
        return told("stub-still-there")
    return None


def recursion(asked, error, case):
    """The Diagnosis if functions call themselves or each other without end, even for an image with a single output."""
    if not isinstance(error, RecursionError):
        return None
    if not isinstance(asked.answer(*example(*KERNEL, seed=1).before), RecursionError):
        return None
    callers = [
        code.co_name
        for code, times in Counter(frame.f_code for frame, _, _ in steps(error)).items()
        if times > 50
    ]
    if not callers or not all(name.isidentifier() for name in callers):
        return None
    return told(
        "endless-recursion",
        "say" if len(callers) == 1 else "several",
        call=case.name,
        names=" and ".join(callers),
    )


def axes_miscounted(asked, error, case):
    """The Diagnosis if the line that fails works once the image, or the kernel, has another number of axes."""
    said, (image, kernel) = calling.said(error), case.before
    unpacked = UNPACKED.search(said)
    if not in_own_line(error) or not unpacked and not TOO_FEW_AXES.search(said):
        return None
    for count in [int(unpacked[1])] if unpacked else [3, 4]:
        for part, arguments in (
            ("image", (with_axes(image, count), kernel)),
            ("kernel", (image, with_axes(kernel, count))),
            ("image and kernel", (with_axes(image, count), with_axes(kernel, count))),
        ):
            if 0 < count < 9 and count != 2 and came_further(asked.answer(*arguments), error):
                return told(
                    "axes-miscounted",
                    "say" if " " not in part else "both",
                    part=part,
                    count=count,
                    axes="axis" if count == 1 else "axes",
                    line=at_line(error),
                )
    return None


def with_axes(tensor, count):
    """The same numbers with `count` axes: more of length 1 in front, or all in one row."""
    return tensor.reshape([1] * (count - 2) + list(tensor.shape)) if count > 1 else tensor.flatten()


def past_edge(asked, error, case):
    """The Diagnosis if an index or a slice runs over an edge of image, map or kernel; and the image sizes where none does."""
    found, answers = over_edge(asked, error, case), refused_sizes.answers_of(asked, case)
    if not found or not answers.partly():
        return found
    return Diagnosis(
        found.names,
        f"{found.sentence} {told('runs-past-edge', 'elsewhere', **answers.sides()).sentence}",
    )


def over_edge(asked, error, case):
    """The Diagnosis for this image size alone."""
    watch, said, facts = (
        Watch(asked, case),
        calling.said(error),
        {"call": case.name, "line": at_line(error)},
    )
    place = PLACE.search(said)
    if watch.failed and place and watch.operands:
        index, axis, length = map(int, place.groups())
        whose = watch.whose(watch.operands[0], case)
        if whose or later_in_larger(asked, error, case):
            shape = watch.operands[0].shape
            return told(
                "runs-past-edge",
                unit=unit(len(shape), axis),
                index=str(index).replace("-", "−"),
                length=length,
                last=length - 1,
                whose=told("runs-past-edge", whose or "other", size=size(shape)).sentence,
                **facts,
            )
    if watch.failed and BEYOND.search(said):
        return told("runs-past-edge", "beyond", error=in_words(error), **facts)
    if watch.failed and watch.cut and MISFIT.search(said):
        return cut_off(watch, facts)
    if (
        not watch.failed
        and (isinstance(error, IndexError) or MISFIT.search(said))
        and later_in_larger(asked, error, case)
    ):
        return told("runs-past-edge", "late", error=in_words(error), **facts)
    return None


def unit(axes, axis):
    """What an index counts."""
    return ("row", "column")[axis] if axes == 2 else "place"


def cut_off(watch, facts):
    """The Diagnosis if the sizes would fit, had not an edge cut off the slice that was taken last."""
    tensor, firsts, wanted, came = watch.cut
    numbers = [one.numel() for one in watch.operands]
    if math.prod(came) not in numbers or math.prod(wanted) not in numbers:
        return None
    whole = len(firsts) == 2 and tensor.ndim == 2
    return told(
        "runs-past-edge",
        "patch" if whole else "slice",
        came=size(came),
        wanted=size(wanted),
        size=size(tensor.shape),
        row=firsts[0],
        column=firsts[-1],
        **facts,
    )


def later_in_larger(asked, error, case):
    """Whether the line that fails worked before, and more often in a larger image: it fails at the end of something."""
    if not in_own_line(error) or own_words(error):
        return False
    height, width = case.before[0].shape
    counts = [
        {
            runs(asked, error, example(height + more, width + more, seed=seed).before)
            for seed in (1, 2, 3)
        }
        for more in (0, 4)
    ]
    if None in set.union(*counts) or any(
        len(times) > 1 for times in counts
    ):  # it depends on the numbers when it fails
        return False
    return min(counts[0]) < min(counts[1])


def misfit(asked, error, case):
    """The Diagnosis if tensors of sizes that do not fit were combined."""
    watch, said = Watch(asked, case), calling.said(error)
    facts = {"call": case.name, "line": at_line(error)}
    reshaped = re.search(r"shape '\[([\d, -]+)\]' is invalid for input of size (\d+)", said)
    if watch.failed and reshaped:
        wanted = reshaped[1].replace(", ", "×").replace("-", "−")
        return told("sizes-do-not-fit", "reshape", wanted=wanted, count=reshaped[2], **facts)
    shapes = [shape_in_words(one) for one in watch.operands]
    if watch.failed and MISFIT.search(said) and len(shapes) > 1:
        return told(
            "sizes-do-not-fit",
            sizes=" and ".join(shapes) if len(shapes) == 2 else ", ".join(shapes),
            **facts,
        )
    return (
        told("sizes-do-not-fit", "message", error=in_words(error), **facts)
        if said.startswith("operands could not be broadcast together")
        and in_own_line(error)
        and not own_words(error)
        else None
    )


def shape_in_words(tensor):
    """A tensor's size, or that it is a single number."""
    return size(tensor.shape) if tensor.ndim else told("sizes-do-not-fit", "number").sentence
