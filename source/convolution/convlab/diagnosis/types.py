"""Owns explaining what came back instead of a tensor, and whether the right numbers are in it."""

import contextlib
import inspect
import io
import itertools
from collections.abc import Iterator
from functools import partial
from numbers import Number

import numpy as np
import torch

from .. import calling
from ..examples import SIZES, example
from ..mistakes import WrongType
from ..printing import size
from ..taps.questions import quiet
from ..values import kind
from . import refused_sizes
from .calls import Asked
from .tensor_types import is_single, judged, near, of_tensor, right, single_number, table
from .tracebacks import told

SECONDS = 0.8
LOOK = 0.3  # seconds for looking into what came back
MANY = 1000  # items of a list that are looked at, one by one
LAZY = (map, filter, zip)
CALLS = {
    "conv2d(image, kernel)()": lambda image, kernel: (),
    "conv2d(image, kernel)(kernel)": lambda image, kernel: (kernel,),
    "conv2d(image, kernel)(image)": lambda image, kernel: (image,),
    "conv2d(image, kernel)(image, kernel)": lambda image, kernel: (image, kernel),
}


def explain(conv2d, mistake, case, result):
    """The Diagnosis of a `conv2d` that returned this `result` for `case`; None if it is a table, or nothing there is a name for."""
    try:
        if issubclass(type(result), torch.Tensor):
            return carefully(
                of_tensor, result, case, further(conv2d) if carefully(is_single, result) else ()
            )
        if inspect.iscoroutine(result):
            result.close()  # else Python complains later on that nobody has waited for it
        if isinstance(result, BaseException) and not (
            isinstance(mistake, WrongType) and mistake.message.facts.get("kind") == kind(result)
        ):
            return None  # it was raised, not returned
        return of_value(Asked(conv2d, SECONDS), case, result)
    except Exception:  # whatever a learner's object does when it is looked at
        return told("not-a-tensor", call=case.name, kind=kind(result))


def further(conv2d, count=1):
    """What came back for so many of the graded image sizes, the smallest first: (value, case) pairs."""
    asked, cases = (
        Asked(conv2d, LOOK),
        [example(*sides, seed=sum(sides)) for sides in SIZES[:count]],
    )
    return [(asked.answer(*case.before), case) for case in cases]


def carefully(question, *arguments):
    """What `question` answers, or None: in limited time, and whatever the learner's objects do."""
    try:
        with quiet(), calling.at_most(LOOK):
            return question(*arguments)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None


def of_value(asked, case, result):
    """The Diagnosis of anything that is no tensor."""
    if result is None or isinstance(result, (Number, str)) or result is NotImplemented:
        found = refused_sizes.returned(asked, "None" if result is None else kind(result), case)
        if found:
            return found
    if result is None:
        return told(
            "returns-nothing", *["say", "printed"][: 1 + bool(printed(asked, case))], call=case.name
        )
    if (
        isinstance(result, Number)
        and not isinstance(result, bool)
        or isinstance(result, np.ndarray)
        and result.ndim == 0
    ):
        return single_number(result, case, further(asked.conv2d))
    if carefully(sizes, result, case) and all(
        carefully(sizes, *each) for each in further(asked.conv2d, 2)
    ):
        return told(
            "not-a-tensor",
            "say",
            "sizes",
            call=case.name,
            kind=kind(result),
            expected=size(case.target.shape),
        )
    if isinstance(result, (list, tuple)) and not isinstance(result, torch.Size):
        found = carefully(of_items, result, case)
        if found:
            return found
    if isinstance(result, np.ndarray):
        return told("returns-numpy", "say", *judged(carefully(right, result, case)), call=case.name)
    if (
        inspect.isgenerator(result)
        or inspect.iscoroutine(result)
        or inspect.isasyncgen(result)
        or isinstance(result, LAZY)
    ):
        return lazy("object" if isinstance(result, LAZY) else "say", asked, case, result)
    if isinstance(result, Iterator):
        return lazy("iterator", asked, case, result)
    return of_callable(asked, case, result) or told(
        "not-a-tensor", *inside(result, case), call=case.name, kind=kind(result)
    )


def printed(asked, case):
    """What a further call prints."""
    said = io.StringIO()

    def aloud(image, kernel):
        with contextlib.redirect_stdout(said):
            return asked.conv2d(image, kernel)

    result = Asked(aloud, asked.left).answer(*case.before)
    return said.getvalue().strip() if result is None else ""


def sizes(result, case):
    """Whether these are the two sizes of the map, as a tuple or list."""
    return (
        isinstance(result, (list, tuple))
        and len(result) == 2
        and all(type(one) is int for one in result)
        and tuple(result) == tuple(case.target.shape)
    )


def of_items(result, case):
    """The Diagnosis of a list or tuple: rows, or a map and something else; None if it holds other things than numbers."""
    items, facts = (
        list(itertools.islice(result, MANY)),
        {"call": case.name, "kind": kind(result), "count": len(result)},
    )
    maps = [item for item in items[:20] if table(item, case.target.shape) is not None]
    tables = [item for item in items if axes_of(item)]
    if len(items) > 1 and (maps or len(tables) == 1 and axes_of(tables[0]) == 2):
        return told(
            "returns-several",
            "say",
            *judged(right(maps[0], case) if len(maps) == 1 else None),
            **facts,
        )
    if None in map(axes_of, items):
        return None
    if len(items) == 1 and maps:
        return told("returns-list", "one", *judged(right(maps[0], case)), **facts)
    flat = table(items, (case.target.numel(),))
    is_right = right(items, case) if flat is None else near(flat.reshape(case.target.shape), case)
    return told("returns-list", "say", *judged(is_right), **facts)


def axes_of(item):
    """How many axes a number, a tensor, an array or a list has, a list of lists taken for one; None if it is something else."""
    if isinstance(item, (torch.Tensor, np.ndarray)):
        return item.ndim
    if isinstance(item, (list, tuple)):
        return None if isinstance(item, torch.Size) else 1
    return 0 if isinstance(item, Number) and not isinstance(item, bool) else None


def lazy(part, asked, case, result):
    """The Diagnosis of what gives its numbers only when it is asked for them."""
    return told(
        "returns-generator",
        part,
        *judged(run_through(asked, case)),
        call=case.name,
        kind=kind(result),
    )


def run_through(asked, case):
    """Whether what a further call returns gives the right map, or its rows, once it is asked for them; None if it gives no map."""

    def run(image, kernel):
        result = asked.conv2d(image, kernel)
        if not inspect.iscoroutine(result):
            return list(itertools.islice(result, MANY))
        try:
            result.send(None)
        except StopIteration as end:
            return end.value
        finally:
            result.close()

    found = Asked(run, asked.left).answer(*case.before)
    return carefully(
        right, found[0] if isinstance(found, list) and len(found) == 1 else found, case
    )


def of_callable(asked, case, result):
    """The Diagnosis of a function that came back, and how to call it for the map; None if it is no function."""
    function = inspect.isroutine(result) or isinstance(result, (partial, torch.jit.ScriptFunction))
    if not function and (not callable(result) or isinstance(result, type)):
        return None
    name = getattr(result, "__name__", None)
    parts = ["named" if isinstance(name, str) and name.isidentifier() else "say"]
    facts = {"call": case.name, "kind": kind(result), "name": name}
    for call, arguments in CALLS.items():

        def twice(image, kernel, arguments=arguments):
            return asked.conv2d(image, kernel)(*arguments(image, kernel))

        if carefully(right, Asked(twice, min(asked.left, LOOK)).answer(*case.before), case):
            return told("returns-function", *parts, "right", again=call, **facts)
    return told("returns-function", *parts, **facts) if function else None


def inside(result, case):
    """The parts of the message on an object: with what it holds, if one of its attributes or entries is the right map."""
    if isinstance(result, str):
        return ["text"]
    if isinstance(result, dict):
        found, part = result, "entry"
    else:
        found, part = getattr(result, "__dict__", {}), "attribute"
    values = carefully(lambda: list(itertools.islice(found.values(), 20))) or []
    return ["say", part] if any(carefully(right, value, case) for value in values) else ["say"]
