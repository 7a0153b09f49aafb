"""Owns the names and the sentences of what a function does to numbers; every word of them holds for all maps that were seen."""

import torch

from .. import messages
from ..checks import wrong_values
from ..printing import number, told_apart
from ..taps import Taps
from ..taps.evidence import right
from ..taps.words import MINUS
from . import linear
from .diagnosis import Diagnosis, diagnosed
from .models import REDUCED, TABLE, TURNED, Model, added

AFTER = {
    "abs": "sign-dropped",
    "relu": "negatives-set-to-zero",
    "negative": "clamped",
    "square": "squared",
    **dict.fromkeys(["trunc", "byte", "signed-byte"], "cut-to-whole-numbers"),
    "half": "low-precision",
    "bfloat16": "low-precision",
    **dict.fromkeys(
        [
            "floor",
            "ceil",
            "half-up",
            "half-away",
            *(f"round{d}" for d in range(5)),
            *(f"cut{d}" for d in (1, 2, 3)),
        ],
        "rounded",
    ),
    **dict.fromkeys(
        [
            "sign",
            "positive",
            "sigmoid",
            "tanh",
            "softsign",
            "atan",
            "softplus",
            "silu",
            "gelu",
            "elu",
            "leaky1",
            "leaky10",
            "leaky20",
            "log1p",
            "signed-log1p",
        ],
        "squashed",
    ),
    **dict.fromkeys(TABLE, "map-rescaled"),
}
MADE = {
    **dict.fromkeys(["squared-difference", "difference-without-sign"], "distance-not-product"),
    **dict.fromkeys(["sum", "difference", "difference-back"], "added-not-multiplied"),
    **dict.fromkeys(["power", "power-back"], "power-not-product"),
    "pixel": "kernel-ignored",
    "weight": "image-ignored",
}


def words(part, key, **facts):
    """Some of the words that are put into sentences."""
    return messages.table("behaviour")[part][key.removesuffix("-single")].format(**facts)


def have(change):
    """What was done to numbers, as it follows "have"."""
    if not isinstance(change, tuple):
        return words("have", change)
    low, high = change
    kind = "limits" if abs(low) < torch.inf > high else "lower" if high == torch.inf else "upper"
    return messages.say("behaviour", kind, low=precise(low), high=precise(high))


def precise(value):
    """A value of any size with four digits that count."""
    return f"{value:.4g}".replace("-", MINUS)


def as_if(which, change):
    """What seems to have been done to results, pixels or weights."""
    return messages.say("behaviour", "before", which=words("which", which), have=have(change))


def told(model, own, sure=True):
    """The Diagnosis of a function of which `model` gives all maps; `own` (Seen) is the map that the learner sees."""
    facts = [
        *after(model),
        *made(model),
        *before(model),
        *besides(model),
        *laid(model, own.example),
    ]
    names = tuple(dict.fromkeys(name for names, _ in facts for name in names))
    return Diagnosis(
        names,
        " ".join([*(text for _, text in facts if text), evidence(own.example, own.came)]),
        sure,
    )


def gist(model):
    """What tells models apart by name, without an X-ray's names, which take long."""
    return (
        *(
            name
            for names, _ in (*after(model), *made(model), *before(model), *besides(model))
            for name in names
        ),
        model.turn,
        model.core == "taps",
    )


def fact(name, **facts):
    """One fact: its names, and the sentence on it."""
    return (name,), messages.say("diagnoses", name, **facts)


def after(model):
    """The facts on what was done to the results; to round them is the least of it."""
    for change in sorted(
        model.after, key=lambda change: AFTER.get(change) in ("rounded", "cut-to-whole-numbers")
    ):
        name = (
            "clamped"
            if isinstance(change, tuple)
            else AFTER.get(change.removesuffix("-single"), "other-arithmetic")
        )
        if name == "low-precision":
            yield fact(name, how=as_if("results", change))
        else:
            how = have(change)
            yield fact(
                name,
                how=messages.say("behaviour", "after", have=how)
                if name == "other-arithmetic"
                else how,
            )


def made(model):
    """The facts on what an output is made of, if not of products added up."""
    if model.core in (("product", "sum"), "taps"):
        return
    if isinstance(model.core, str) and model.core.startswith("step-"):
        step = model.core.removeprefix("step-")
        yield (AFTER[step],), messages.say("behaviour", "step", have=have(step))
        return
    if isinstance(model.core, str):
        dtype, way = model.core.split("-", 1)
        yield fact("low-precision", how=words("rough", way, digits=words("digits", dtype)))
        return
    combined, reduced = model.core
    how = words("reduced", reduced, what=words("combined", combined))
    if model.core == ("product", "mean"):
        yield ("mean-not-sum",), messages.say("behaviour", "mean")
    elif combined.startswith("product-") and reduced in ("sum", "mean"):
        step = combined.removeprefix("product-")
        yield (AFTER[step],), messages.say("behaviour", "product", have=have(step))
        yield from (
            [(("mean-not-sum",), messages.say("behaviour", "mean"))] if reduced == "mean" else []
        )
    elif combined in ("pixel", "weight"):
        yield (MADE[combined],), messages.say("behaviour", "alone", what=how)
    else:
        name = name_of(combined, reduced)
        yield fact(
            name,
            how=messages.say("behaviour", "made", what=how) if name == "other-arithmetic" else how,
        )


def name_of(combined, reduced):
    """The name of making outputs in this way."""
    if combined == "difference" and reduced in ("norm", "square-sum", "abs-max"):
        return "distance-not-product"
    if combined in ("product", "positive-product"):
        without = combined == "positive-product" and reduced in ("sum", "mean")
        return (
            "products-without-sign"
            if without
            else "max-not-sum"
            if reduced in ("max", "min", "abs-max")
            else "other-arithmetic"
        )
    return MADE.get(combined, "other-arithmetic")


def before(model):
    """The facts on what was done to pixels or weights first."""
    for change, name, which in (
        (model.patch, "image-changed-first", "patch"),
        (model.image, "image-changed-first", "pixels"),
        (model.kernel, "kernel-changed-first", "weights"),
    ):
        if change:
            name = "low-precision" if change in ("half", "bfloat16") else name
            yield fact(name, how=as_if(which, change))


def besides(model):
    """The facts on what the results are multiplied by, and on what is added to them."""
    slope, start = model.line
    share = 1 / slope
    if slope == -1:
        yield ("sign-reversed",), messages.say("behaviour", "factor", factor=precise(-1))
    elif slope != 1 and abs(slope) < 1 and share == round(share):
        yield ("scaled",), messages.say("behaviour", "divided", divisor=precise(share))
    elif slope != 1:
        yield ("scaled",), messages.say("behaviour", "factor", factor=precise(slope))
    if start:
        yield fact("starts-not-at-zero", how=precise(start))
    if model.plus:
        what, *place = model.plus
        place = cell(place) if what == "pixel" else f"({', '.join(map(str, place))})"
        yield fact("starts-not-at-zero", how=words("plus", what, place=place))


def cell(place):
    """The pixel at this place of the patch of output (i, j)."""
    return f"({', '.join(f'{name} + {k}' if k else name for name, k in zip('ij', place))})"


def laid(model, example):
    """The facts on which pixel meets which weight, as an X-ray shows them."""
    image, kernel = example.before
    found = Taps(
        tuple(image.shape), tuple(kernel.shape), torch.empty(*example.target.shape, 0, 0, 0, 0)
    )
    if model.core == "taps":
        found.coefficients = model.coefficients
    elif model.turn:
        order = (
            TURNED[model.turn](torch.arange(kernel.numel()).reshape(kernel.shape))
            .flatten()
            .argsort()
        )
        found.coefficients = found.expected.flatten(4)[..., order].reshape(found.expected.shape)
    else:
        return
    core = linear.explain(found)
    if core:
        yield (
            core.names,
            core.sentence.replace(right(found), "").strip(),
        )  # more is wrong than where the taps lie


def evidence(example, came):
    """The sentence on the first wrong cell of a map; nothing if none is wrong."""
    wrong = wrong_values(came, example).nonzero().tolist()
    if not wrong:
        return ""
    row, column = wrong[0]
    is_, should = told_apart(came[row, column], example.target[row, column])
    return messages.say("behaviour", "evidence", row=row, column=column, should=should, came=is_)


def told_amiss(name, change, example, came, sure):
    """The Diagnosis of a function that is right until one thing is changed, as in `example`."""
    rows, columns = example.before[1].shape
    what = words(
        "change",
        change,
        m=rows - 1,
        n=columns - 1,
        last=f"({rows - 1}, {columns - 1})",
        centre=f"({rows // 2}, {columns // 2})",
    )
    row, column = wrong_values(came, example).nonzero()[0].tolist()
    is_, should = told_apart(came[row, column], example.target[row, column])
    facts = dict(change=what, row=row, column=column, should=should, came=is_)
    if name == "other-arithmetic":
        return Diagnosis((name,), messages.say("diagnoses", "equal-values-confused", **facts), sure)
    return diagnosed(name, sure=sure, **facts)


def told_not_finite(own):
    """The Diagnosis if numbers of the learner's map are nan or infinite where they should not be, or None."""
    lost = ~own.came.isfinite()
    if not lost.any():
        return None
    row, column = lost.nonzero()[0].tolist()
    return diagnosed(
        "nan-or-infinite",
        count=f"{'All' if lost.all() else f'{int(lost.sum())} of the'} {lost.numel()} numbers",
        row=row,
        column=column,
        came=number(own.came[row, column]),
        should=number(own.example.target[row, column]),
    )


def told_overwritten(own, place, turn):
    """The Diagnosis of a function whose results go to this place of their patches while these are still read."""
    found = diagnosed("reads-own-results", place=cell(place))
    core = [*laid(Model(turn=turn), own.example)]
    return Diagnosis(
        (*found.names, *(name for names, _ in core for name in names)),
        " ".join([found.sentence, *(text for _, text in core), evidence(own.example, own.came)]),
    )


def told_ignored(which, seen):
    """The Diagnosis of a function whose map does not depend on `which`: "kernel", "image" or both; says what it is, if found."""
    name = "arguments-ignored" if len(which) == 2 else f"{which[0]}-ignored"
    return diagnosed(name, how=alone(which[0], seen) if len(which) == 1 else "")


def alone(ignored, seen):
    """The words for what the maps seen are made of if the kernel, or the image, is ignored; nothing if that is not found."""
    kept = "pixel" if ignored == "kernel" else "weight"
    for reduced in REDUCED if all(one.sized for one in seen) else []:
        if all(one.given_by(Model(core=(kept, reduced))) for one in seen):
            return messages.say(
                "behaviour", "alone", what=words("reduced", reduced, what=words("combined", kept))
            )
    image, came = seen[0].example.before[0].double(), seen[0].came
    if any(side < less for side, less in zip(image.shape, came.shape)):
        return ""
    down, across = (side - less + 1 for side, less in zip(image.shape, came.shape))
    for a, b in torch.cartesian_prod(torch.arange(down), torch.arange(across)).tolist():
        pieces = [
            added(("pixel", a, b), one.example.before[0].double(), None, one.came) for one in seen
        ]
        if all(torch.equal(piece, one.came) for piece, one in zip(pieces, seen)):
            return messages.say(
                "behaviour", "alone", what=words("plus", "pixel", place=cell((a, b)))
            )
    return ""
