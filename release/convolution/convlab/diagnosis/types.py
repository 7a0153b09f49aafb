"""What came back in another form than a float32 table, and whether the right numbers are in it."""

import contextlib
import inspect
import io
import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from numbers import Number
from typing import Any

import numpy as np
import torch

from .. import calling, oracle
from ..examples import SIZES, Example, example
from ..printing import size
from ..taps.questions import quiet
from ..values import kind
from . import map_size
from .calls import Asked
from .result import Diagnosis, diagnosed

SECONDS = 0.8
LOOK = 0.3  # seconds for looking into what came back
MANY = 1000  # items of a list that are looked at, one by one
LAZY = (map, filter, zip)
CALLS: dict[str, Callable] = {
    "conv2d(image, kernel)()": lambda image, kernel: (),
    "conv2d(image, kernel)(kernel)": lambda image, kernel: (kernel,),
    "conv2d(image, kernel)(image)": lambda image, kernel: (image,),
    "conv2d(image, kernel)(image, kernel)": lambda image, kernel: (image, kernel),
}
DTYPES = {
    torch.float64: "double-precision",
    torch.float16: "half-precision",
    torch.bfloat16: "half-precision",
    torch.bool: "boolean-output",
    torch.complex64: "complex-output",
    torch.complex128: "complex-output",
    **dict.fromkeys(
        [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64], "integer-output"
    ),
}
DIGITS = {torch.float16: 3, torch.bfloat16: 2}
Results = Iterable[tuple[Any, Example]]  # what came back for other cases


def explain(conv2d: Any, case: Example, result: Any) -> Diagnosis | None:
    """The Diagnosis of a `conv2d` that returned this `result` for `case`.

    None if it is a table, or nothing there is a name for, or an error that was raised.
    """
    try:
        if issubclass(type(result), torch.Tensor):
            others = further(conv2d) if carefully(is_single, result) else ()
            return carefully(of_tensor, result, case, others)
        if inspect.iscoroutine(result):
            result.close()  # else Python complains later on that nobody has waited for it
        asked = Asked(conv2d, SECONDS)
        if isinstance(result, BaseException) and not returned(asked, case):
            return None
        return of_value(asked, case, result)
    except Exception:  # whatever a learner's object does when it is looked at
        return diagnosed("not-a-tensor", call=case.name, kind=kind(result))


def returned(asked: Asked, case: Example) -> bool:
    """Whether a further call comes to an end, so that an error is what it returns."""
    ends = Asked(lambda image, kernel: [asked.conv2d(image, kernel)], asked.left)
    return isinstance(ends.answer(*case.before), list)


def further(conv2d: Any, count: int = 1) -> list[tuple[Any, Example]]:
    """What came back for so many of the graded image sizes, the smallest first, and the cases."""
    asked = Asked(conv2d, LOOK)
    cases = [example(*sides, seed=sum(sides)) for sides in SIZES[:count]]
    return [(asked.answer(*case.before), case) for case in cases]


def carefully(question: Callable, *arguments: Any) -> Any:
    """What `question` answers, or None: in limited time, whatever the learner's objects do."""
    try:
        with quiet(), calling.at_most(LOOK):
            return question(*arguments)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None


def judged(is_right: bool | None) -> list[str]:
    """The part of a message that tells whether the numbers are right, if that is known."""
    return [] if is_right is None else ["right" if is_right else "wrong"]


def table(value: Any, shape: tuple[int, ...]) -> torch.Tensor | None:
    """The numbers of a tensor, an array or nested lists as a float64 tensor of this shape.

    None if they are of another shape.
    """
    if isinstance(value, (list, tuple)):
        if not shape or len(value) != shape[0]:
            return None
        rows = [table(row, shape[1:]) for row in value]
        known = [row for row in rows if row is not None]
        return torch.stack(known) if known and len(known) == len(rows) else None
    if isinstance(value, np.ndarray):
        value = torch.from_numpy(value.astype(np.float64))
    if isinstance(value, Number) and not isinstance(value, complex) and not shape:
        value = torch.tensor(float(value))  # type: ignore[arg-type]
    if isinstance(value, torch.Tensor) and value.shape == tuple(shape):
        return value.detach().double()
    return None


def right(value: Any, case: Example) -> bool | None:
    """Whether the numbers are the feature map's, up to float32's rounding; None at other sizes."""
    found = table(value, tuple(case.target.shape))
    return None if found is None else near(found, case)


def near(found: torch.Tensor, case: Example) -> bool:
    """Whether a tensor of the map's size holds the map's numbers."""
    return bool(((found - case.target).abs() <= case.tolerance).all())


# what is no tensor


def of_value(asked: Asked, case: Example, result: Any) -> Diagnosis | None:
    """The Diagnosis of anything that is no tensor."""
    if result is None or isinstance(result, (Number, str)) or result is NotImplemented:
        told = "None" if result is None else kind(result)
        found = map_size.returned(asked, told, case)
        if found:
            return found
    if result is None:
        parts = ["say", "printed"][: 1 + bool(printed(asked, case))]
        return diagnosed("returns-nothing", *parts, call=case.name)
    if is_single(result) and not getattr(result, "ndim", 0):
        return single_number(result, case, further(asked.conv2d))
    facts: dict[str, Any] = {"call": case.name, "kind": kind(result)}
    if carefully(sizes, result, case) and all(
        carefully(sizes, *each) for each in further(asked.conv2d, 2)
    ):
        expected = size(case.target.shape)
        return diagnosed("not-a-tensor", "say", "sizes", expected=expected, **facts)
    if isinstance(result, (list, tuple)) and not isinstance(result, torch.Size):
        found = carefully(of_items, result, case)
        if found:
            return found
    if isinstance(result, np.ndarray):
        return diagnosed("returns-numpy", "say", *judged(carefully(right, result, case)), **facts)
    if isinstance(result, LAZY):
        return lazy("object", asked, case, result)
    if inspect.isgenerator(result) or inspect.iscoroutine(result) or inspect.isasyncgen(result):
        return lazy("say", asked, case, result)
    if isinstance(result, Iterator):
        return lazy("iterator", asked, case, result)
    found = of_callable(asked, case, result)
    if found:
        return found
    parts = inside(result, case)
    if type(result) is asked.conv2d:  # which is a class, and no function
        return diagnosed("not-a-tensor", "class", *parts[1:], hints_key="hints-class", **facts)
    return diagnosed("not-a-tensor", *parts, **facts)


def printed(asked: Asked, case: Example) -> str:
    """What a further call prints."""
    said = io.StringIO()

    def aloud(image: torch.Tensor, kernel: torch.Tensor) -> Any:
        with contextlib.redirect_stdout(said):
            return asked.conv2d(image, kernel)

    result = Asked(aloud, asked.left).answer(*case.before)
    return said.getvalue().strip() if result is None else ""


def sizes(result: Any, case: Example) -> bool:
    """Whether these are the two sizes of the map, as a tuple or list."""
    return (
        isinstance(result, (list, tuple))
        and len(result) == 2
        and all(type(one) is int for one in result)
        and tuple(result) == tuple(case.target.shape)
    )


def of_items(result: list | tuple, case: Example) -> Diagnosis | None:
    """The Diagnosis of a list or tuple: rows, or a map and something else.

    None if it holds other things than numbers.
    """
    items = list(itertools.islice(result, MANY))
    facts: dict[str, Any] = {"call": case.name, "kind": kind(result), "count": len(result)}
    maps = [item for item in items[:20] if table(item, tuple(case.target.shape)) is not None]
    tables = [item for item in items if axes_of(item)]
    if len(items) > 1 and (maps or len(tables) == 1 and axes_of(tables[0]) == 2):
        is_right = right(maps[0], case) if len(maps) == 1 else None
        return diagnosed("returns-several", "say", *judged(is_right), **facts)
    if None in map(axes_of, items):
        return None
    if len(items) == 1 and maps:
        return diagnosed("returns-list", "one", *judged(right(maps[0], case)), **facts)
    flat = table(items, (case.target.numel(),))
    is_right = right(items, case) if flat is None else near(flat.reshape(case.target.shape), case)
    return diagnosed("returns-list", "say", *judged(is_right), **facts)


def axes_of(item: Any) -> int | None:
    """How many axes a number, a tensor, an array or a list has; None if it is something else.

    A list of lists is taken for a list.
    """
    if isinstance(item, (torch.Tensor, np.ndarray)):
        return item.ndim
    if isinstance(item, (list, tuple)):
        return None if isinstance(item, torch.Size) else 1
    return 0 if isinstance(item, Number) and not isinstance(item, bool) else None


def lazy(part: str, asked: Asked, case: Example, result: Any) -> Diagnosis:
    """The Diagnosis of what gives its numbers only when it is asked for them."""
    is_right = run_through(asked, case)
    facts: dict[str, Any] = {"call": case.name, "kind": kind(result)}
    return diagnosed("returns-generator", part, *judged(is_right), **facts)


def run_through(asked: Asked, case: Example) -> bool | None:
    """Whether what a further call returns gives the right map, or its rows, once it is asked.

    None if it gives no map.
    """

    def run(image: torch.Tensor, kernel: torch.Tensor) -> Any:
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
    alone = isinstance(found, list) and len(found) == 1
    return carefully(right, found[0] if alone else found, case)


def of_callable(asked: Asked, case: Example, result: Any) -> Diagnosis | None:
    """The Diagnosis of a function that came back, and how to call it for the map.

    None if it is no function.
    """
    function = inspect.isroutine(result) or isinstance(result, (partial, torch.jit.ScriptFunction))
    if not function and (not callable(result) or isinstance(result, type)):
        return None
    name = getattr(result, "__name__", None)
    named = isinstance(name, str) and name.isidentifier()
    part = "named" if named else "say"
    facts: dict[str, Any] = {"call": case.name, "kind": kind(result)}
    if named:
        facts["name"] = name
    for call, arguments in CALLS.items():

        def twice(
            image: torch.Tensor,
            kernel: torch.Tensor,
            arguments: Callable[..., tuple[Any, ...]] = arguments,
        ) -> Any:
            return asked.conv2d(image, kernel)(*arguments(image, kernel))

        if carefully(right, Asked(twice, min(asked.left, LOOK)).answer(*case.before), case):
            return diagnosed("returns-function", part, "right", again=call, **facts)
    return diagnosed("returns-function", part, **facts) if function else None


def inside(result: Any, case: Example) -> list[str]:
    """The parts of the message on an object: with what it holds, if there is the right map."""
    if isinstance(result, str):
        return ["text"]
    if isinstance(result, dict):
        found, part = result, "entry"
    else:
        found, part = getattr(result, "__dict__", {}), "attribute"
    values = carefully(lambda: list(itertools.islice(found.values(), 20))) or []
    return ["say", part] if any(carefully(right, value, case) for value in values) else ["say"]


# a single number


def is_single(value: Any) -> bool:
    """Whether this is one number, also as a tensor or an array, but not a table with one cell."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return value.ndim != 2 and math.prod(value.shape) == 1
    return isinstance(value, Number) and not isinstance(value, bool)


def single_number(value: Any, case: Example, others: Results = ()) -> Diagnosis:
    """The Diagnosis of one number: the sum or the mean of the map, or one of its values, if it is.

    So it has to be for each of the `others`: in a map of one value, all of these are the same.
    """
    known = known_as(value, case)
    for other, its_case in others:
        known = [one for one in known if one in known_as(other, its_case)]
    if not known:
        return diagnosed("single-number", call=case.name)
    part, place = known[0]
    facts: dict[str, Any] = {"cell": place} if place else {}
    return diagnosed("single-number", "say", part, call=case.name, **facts)


def known_as(value: Any, case: Example) -> list[tuple[str, tuple[int, ...]]]:
    """What a single number is of the right map, the most telling first.

    Each is a part of the message with the place in the map, () for the whole map.
    """
    if not is_single(value):
        return []
    value = float(value.real)
    found: list[tuple[str, tuple[int, ...]]] = [
        (part, ())
        for part, sought in (("sum", case.target.sum()), ("mean", case.target.mean()))
        if abs(float(sought) - value) <= case.tolerance * case.target.numel()
    ]
    cells = ((case.target - value).abs() <= case.tolerance).nonzero().tolist()
    return [*found, *[("cell", tuple(place)) for place in cells if len(cells) == 1]]


# a tensor of another form


def of_tensor(result: torch.Tensor, case: Example, others: Results = ()) -> Diagnosis | None:
    """The Diagnosis of a tensor with other axes than rows and columns, or of another type.

    None if it has neither. `others`: what came back for other cases.
    """
    if result.layout is not torch.strided or result.device.type != "cpu":
        return None
    result = result.detach().as_subclass(torch.Tensor)
    found = [one for one in (of_axes(result, case, others), of_dtype(result, case)) if one]
    if not found:
        return None
    names = tuple(name for one in found for name in one.names)
    return Diagnosis(names, tuple(fact for one in found for fact in one.facts))


def of_axes(result: torch.Tensor, case: Example, others: Results) -> Diagnosis | None:
    """The Diagnosis of a tensor whose numbers stand along other axes than rows and columns."""
    rows, squeezed = case.target.shape, result.squeeze()
    facts: dict[str, Any] = {
        "call": case.name,
        "came": size(result.shape),
        "axes": result.ndim,
        "expected": size(rows),
        "count": result.numel(),
    }
    if result.numel() == 1 and result.ndim != 2:
        return single_number(result.reshape(()), case, others)
    if squeezed.ndim == 1 and result.numel() == case.target.numel():
        return diagnosed("flattened", "say", *judged_real(result.reshape(rows), case), **facts)
    if squeezed.ndim == 2 and result.ndim > 2:
        parts = judged_real(squeezed, case) if squeezed.shape == rows else []
        return diagnosed("extra-axis", "say", *parts, **facts)
    if squeezed.ndim > 2 and not result.is_complex():
        return not_summed(squeezed, case, facts)
    return None


def judged_real(found: torch.Tensor, case: Example) -> list[str]:
    """As `judged`, for numbers of the map's size; nothing is known of complex ones."""
    return [] if found.is_complex() else judged(near(found.double(), case))


def not_summed(result: torch.Tensor, case: Example, facts: dict[str, Any]) -> Diagnosis | None:
    """The Diagnosis if adding up along some axes gives the map, or that of a turned kernel."""
    image, kernel = case.before
    turns = [turned.rot90(quarters) for turned in (kernel, kernel.T) for quarters in range(4)]
    for axes in itertools.combinations(range(result.ndim), result.ndim - 2):
        total = result.double().sum(axes)
        if total.shape != case.target.shape:
            continue
        along = [result.shape[axis] for axis in axes]
        if near(total, case):
            return diagnosed("not-summed", "say", "right", along=along, **facts)
        maps = [oracle.feature_map(image, turn) for turn in turns if turn.shape == kernel.shape]
        if any(((total - map_).abs() <= case.tolerance).all() for map_ in maps):
            return diagnosed("not-summed", "say", "size", along=along, **facts)
    return None


def of_dtype(result: torch.Tensor, case: Example) -> Diagnosis | None:
    """The Diagnosis of other numbers than float32, and what became of the map's numbers in them."""
    name = DTYPES.get(result.dtype)
    if name is None:
        return None
    facts: dict[str, Any] = {
        "call": case.name,
        "dtype": str(result.dtype).removeprefix("torch."),
    }
    if result.dtype in DIGITS:
        facts["digits"] = DIGITS[result.dtype]
    became = converted(result, case) if result.shape == case.target.shape else None
    return diagnosed(name, "say", *[became] if became else [], **facts)


def converted(result: torch.Tensor, case: Example) -> str | None:
    """The part of the message that tells how these numbers come from the right ones, or None."""
    map_, dtype = case.target, result.dtype
    if dtype is torch.bool:
        return "positive" if torch.equal(result, map_ > 0) else "true" if result.all() else None
    if dtype.is_complex:
        close = (result.to(torch.complex128) - map_).abs() <= 1e-4 * map_.abs().max()
        return "right" if close.all() else None
    found = result.double()
    if dtype is torch.float64:
        return "right" if near(found, case) else "wrong"
    if dtype in DIGITS:
        allowed = torch.finfo(dtype).eps * map_.abs() + case.tolerance
        return "rounded" if ((found - map_).abs() <= allowed).all() else "wrong"
    if torch.equal(map_, map_.trunc()):
        return None
    ways = {"cut": map_.trunc(), "down": map_.floor(), "nearest": map_.round()}
    return next((part for part, numbers in ways.items() if torch.equal(found, numbers)), None)
