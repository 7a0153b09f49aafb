"""Owns explaining numbers that came back in another form: their axes, their type, and whether they are right."""

import itertools
import math
from numbers import Number

import numpy as np
import torch

from .. import oracle
from ..printing import size
from .diagnosis import Diagnosis
from .tracebacks import told

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


def judged(is_right):
    """The part of a message that tells whether the numbers are right, if that is known."""
    return {True: ["right"], False: ["wrong"]}.get(is_right, [])


def table(value, shape):
    """A float64 tensor of this shape with the numbers of a tensor, an array or nested lists; None if they are of another shape."""
    if isinstance(value, (list, tuple)):
        rows = (
            [table(row, shape[1:]) for row in value] if shape and len(value) == shape[0] else [None]
        )
        return None if any(row is None for row in rows) else torch.stack(rows)
    if isinstance(value, np.ndarray):
        value = torch.from_numpy(value.astype(np.float64))
    if isinstance(value, Number) and not isinstance(value, complex) and not shape:
        value = torch.tensor(float(value))
    return (
        value.detach().double()
        if isinstance(value, torch.Tensor) and value.shape == tuple(shape)
        else None
    )


def right(value, case):
    """Whether the numbers are the feature map's, up to float32's rounding; None if they are not of its size."""
    found = table(value, case.target.shape)
    return None if found is None else near(found, case)


def near(found, case):
    """Whether a tensor of the map's size holds the map's numbers."""
    return bool(((found - case.target).abs() <= case.tolerance).all())


def single_number(value, case, further=()):
    """The Diagnosis of one number: the sum or the mean of the map, or one of its values, if it is.

    So it has to be for each of the `further` (value, case) pairs: in a map of one value, all of these are the same.
    """
    known = known_as(value, case)
    for other, its_case in further:
        known = [one for one in known if one in known_as(other, its_case)]
    part, place = known[0] if known else ("", ())
    return told(
        "single-number",
        *["say", part][: 1 + bool(part)],
        call=case.name,
        **dict(zip(("row", "column"), place)),
    )


def known_as(value, case):
    """What a single number is of the right map, the most telling first: (part of the message, place in the map or ()) pairs."""
    if not is_single(value):
        return []
    value = float(value.real)
    found = [
        (part, ())
        for part, sought in (("sum", case.target.sum()), ("mean", case.target.mean()))
        if abs(float(sought) - value) <= case.tolerance * case.target.numel()
    ]
    cells = ((case.target - value).abs() <= case.tolerance).nonzero().tolist()
    return [*found, *[("cell", tuple(place)) for place in cells if len(cells) == 1]]


def is_single(value):
    """Whether this is one number, also as a tensor or an array, but not as a table with one cell."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return value.ndim != 2 and math.prod(value.shape) == 1
    return isinstance(value, Number) and not isinstance(value, bool)


def of_tensor(result, case, further=()):
    """The Diagnosis of a tensor with another number of axes than two, or of other numbers than float32; None if it has neither.

    `further`: what came back for other cases, as (value, case) pairs.
    """
    if result.layout is not torch.strided or result.device.type != "cpu":
        return None
    result = result.detach().as_subclass(torch.Tensor)
    found = [one for one in (of_axes(result, case, further), of_dtype(result, case)) if one]
    return (
        Diagnosis(sum((one.names for one in found), ()), " ".join(one.sentence for one in found))
        if found
        else None
    )


def of_axes(result, case, further):
    """The Diagnosis of a tensor whose numbers stand along other axes than rows and columns."""
    facts = {
        "call": case.name,
        "came": size(result.shape),
        "axes": result.ndim,
        "expected": size(case.target.shape),
        "count": result.numel(),
    }
    squeezed, rows = result.squeeze(), case.target.shape
    if result.numel() == 1 and result.ndim != 2:
        return single_number(result.reshape(()), case, further)
    if squeezed.ndim == 1 and result.numel() == case.target.numel():
        return told(
            "flattened",
            "say",
            *judged(real(result) and near(result.double().reshape(rows), case)),
            **facts,
        )
    if squeezed.ndim == 2 and result.ndim > 2:
        if squeezed.shape != rows:
            return told("extra-axis", **facts)
        return told(
            "extra-axis", "say", *judged(real(result) and near(squeezed.double(), case)), **facts
        )
    return not_summed(squeezed, case, facts) if squeezed.ndim > 2 and real(result) else None


def real(result):
    """Whether the numbers are real; None if they are not, so that nothing is known of them."""
    return None if result.is_complex() else True


def not_summed(result, case, facts):
    """The Diagnosis if adding up along some axes gives the map, or that of a turned kernel."""
    image, kernel = case.before
    for axes in itertools.combinations(range(result.ndim), result.ndim - 2):
        total = result.double().sum(axes)
        if total.shape != case.target.shape:
            continue
        along = " and ".join(str(result.shape[axis]) for axis in axes)
        if near(total, case):
            return told("not-summed", "say", "right", along=along, **facts)
        turns = [turned.rot90(quarters) for turned in (kernel, kernel.T) for quarters in range(4)]
        if any(
            turn.shape == kernel.shape
            and ((total - oracle.feature_map(image, turn)).abs() <= case.tolerance).all()
            for turn in turns
        ):
            return told("not-summed", "say", "size", along=along, **facts)
    return None


def of_dtype(result, case):
    """The Diagnosis of a tensor of other numbers than float32, and what became of the map's numbers in it, if it has its size."""
    name = DTYPES.get(result.dtype)
    if name is None:
        return None
    facts = {
        "call": case.name,
        "dtype": str(result.dtype).removeprefix("torch."),
        "digits": DIGITS.get(result.dtype),
    }
    became = converted(result, case) if result.shape == case.target.shape else None
    return told(name, "say", *[became] if became else [], **facts)


def converted(result, case):
    """The part of the message that tells how the numbers of another type come from the right ones; None if no part does."""
    map_, dtype = case.target, result.dtype
    if dtype is torch.bool:
        return "positive" if torch.equal(result, map_ > 0) else "true" if result.all() else None
    if dtype.is_complex:
        close = (result.to(torch.complex128) - map_).abs() <= 1e-4 * map_.abs().max()
        return "right" if close.all() else None
    found = result.double()
    if dtype is torch.float64:
        return judged(near(found, case))[0]
    if dtype in DIGITS:
        return (
            "rounded"
            if ((found - map_).abs() <= torch.finfo(dtype).eps * map_.abs() + case.tolerance).all()
            else "wrong"
        )
    if torch.equal(map_, map_.trunc()):
        return None
    ways = {"cut": map_.trunc(), "down": map_.floor(), "nearest": map_.round()}
    return next((part for part, numbers in ways.items() if torch.equal(found, numbers)), None)
