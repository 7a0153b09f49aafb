"""Names and facts of what a model does to numbers; each fact holds for all maps the model gives."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from ...checks import wrong_values
from ...examples import Example
from ...messages import Message, message
from ...printing import number, told_apart
from ...taps import RIGHT_COUNTS, Taps
from ...taps.rule import MINUS
from .. import linear
from ..result import Diagnosis, diagnosed
from .models import DIVISORS, REDUCED, TABLE, TURNED, WHOLE, Change, Model, added
from .search import SUM, Observation, sizes

LOW_PRECISION = ("half", "bfloat16")
OF_RESULTS = {
    "abs": "sign-dropped",
    "relu": "negatives-set-to-zero",
    "negative": "clamped",
    "square": "squared",
    **dict.fromkeys(["trunc", "byte", "signed-byte"], "cut-to-whole-numbers"),
    **dict.fromkeys(LOW_PRECISION, "low-precision"),
    **dict.fromkeys(["floor", "ceil", "half-up", "half-away"], "rounded"),
    **dict.fromkeys([*(f"round{d}" for d in range(5)), "cut1", "cut2", "cut3"], "rounded"),
    **dict.fromkeys(["sign", "positive", "sigmoid", "tanh", "softsign", "atan"], "squashed"),
    **dict.fromkeys(["softplus", "silu", "gelu", "elu", "log1p", "signed-log1p"], "squashed"),
    **dict.fromkeys(["leaky1", "leaky10", "leaky20"], "squashed"),
    **dict.fromkeys(TABLE, "map-rescaled"),
}
OF_COMBINED = {
    **dict.fromkeys(["squared-difference", "difference-without-sign"], "distance-not-product"),
    **dict.fromkeys(["sum", "difference", "difference-back"], "added-not-multiplied"),
    **dict.fromkeys(["power", "power-back"], "power-not-product"),
    "pixel": "kernel-ignored",
    "weight": "image-ignored",
}
WITHOUT_FACTS = ("sign-dropped", "negatives-set-to-zero", "squared")  # their sentence says it all
DIVIDED = {f"by-{name}": name for name in DIVISORS if f"by-{name}" in TABLE}
AVERAGING = (SUM, ("product", "mean"))  # with which it is the same to centre pixels or weights
Named = Iterator[tuple[str, Message]]


def of_model(model: Model, own: Observation, sure: bool = True) -> Diagnosis:
    """The Diagnosis of a function whose maps `model` gives; `own` is what the learner has."""
    known, read = [*model_facts(model)], reading(model, own.example)
    names = [*(name for name, _ in known), *(read.names if read else ())]
    facts = [*(fact for _, fact in known), *(read.facts if read else ())]
    return Diagnosis(tuple(dict.fromkeys(names)), (*facts, *evidence(own)), sure)


def of_overwriting(own: Observation, place: tuple[int, ...], turn: str) -> Diagnosis:
    """The Diagnosis of results that take this place of their patches, which are still read."""
    found, read = diagnosed("reads-own-results", place=pixel(place)), reading(turn, own.example)
    return Diagnosis(
        (*found.names, *(read.names if read else ())),
        (*found.facts, *(read.facts if read else ()), *evidence(own)),
    )


def of_ignored(which: list[str], observations: list[Observation]) -> Diagnosis:
    """The Diagnosis of a map that does not depend on `which`: "kernel", "image" or both."""
    if len(which) == 2:
        return diagnosed("arguments-ignored")
    found = diagnosed(f"{which[0]}-ignored")
    return Diagnosis(found.names, (*found.facts, *remaining_output(which[0], observations)))


def of_alteration(
    name: str, alteration: str, example: Example, came: Tensor, sure: bool
) -> Diagnosis:
    """The Diagnosis of a function that is right until one thing is altered, as in `example`."""
    cell, facts = first_wrong(example, came)
    m, n = (side - 1 for side in example.before[1].shape)
    change = message(
        "behaviour",
        f"alteration.{alteration}",
        first=(0, 0),
        last=(m, n),
        centre=((m + 1) // 2, (n + 1) // 2),
        row_end=(0, n),
        column_end=(m, 0),
    )
    part = ".changed" if name == "other-arithmetic" else ""
    fact = message("diagnoses", f"{name}{part}", change=change, cell=cell, **facts)
    return Diagnosis((name,), (fact,), sure)


def of_not_finite(own: Observation) -> Diagnosis | None:
    """The Diagnosis if numbers of the map are nan or infinite where they should not be, or None."""
    lost = ~own.result.isfinite()
    if not lost.any():
        return None
    cell = tuple(lost.nonzero()[0].tolist())
    facts: dict[str, Any] = {
        "cell": cell,
        "came": number(own.result[cell]),
        "should": number(own.example.target[cell]),
    }
    if lost.all():
        return diagnosed("nan-or-infinite", **facts)
    facts |= {"count": int(lost.sum()), "total": lost.numel()}
    fact = message("diagnoses", "nan-or-infinite.some", **facts)
    return Diagnosis(("nan-or-infinite",), (fact,))


def signature(model: Model) -> tuple:
    """What models of different names differ in, without the names of a reading, which take long."""
    return (*(name for name, _ in model_facts(model)), model.turn, model.core == "taps")


def model_facts(model: Model) -> Named:
    """All names of a model but those of what it reads, as an X-ray shows it; each with its fact."""
    if whole_numbers(model):
        yield named("whole-numbers-inside", change=change(model.image))
    yield from of_results(model)
    yield from of_core(model)
    yield from of_inputs(model)
    yield from of_rest(model)


def named(name: str, part: str = "", **facts: object) -> tuple[str, Message]:
    """A name, and the fact told in the words of its entry, or of a part of it."""
    return name, message("diagnoses", f"{name}.{part}" if part else name, **facts)


def in_other_words(name: str, words: str, **facts: object) -> tuple[str, Message]:
    """A name, and the fact told in other words than those of its entry."""
    return name, message("behaviour", words, **facts)


def change(what: Change) -> Message:
    """What was done to results, sums, products, pixels or weights."""
    if not isinstance(what, tuple):
        return message("behaviour", f"change.{what.removesuffix('-single')}")
    low, high = what
    kind = "upper" if low == -torch.inf else "lower" if high == torch.inf else "limits"
    return message("behaviour", f"change.{kind}", low=precise(low), high=precise(high))


def precise(value: float) -> str:
    """A value of any size with four digits that count."""
    return f"{value:.4g}".replace("-", MINUS)


def digits_lost(where: str, dtype: str) -> Message:
    """Where numbers are kept in half precision or bfloat16."""
    return message(
        "behaviour", f"digits-lost.{where}", digits=message("behaviour", f"digits.{dtype}")
    )


def whole_numbers(model: Model) -> bool:
    """Whether image and kernel go through the same type of whole numbers first."""
    return model.image in WHOLE and model.image == model.kernel


def of_results(model: Model) -> Named:
    """The facts on what was done to the results; to round them is the least of it."""
    named_changes = [(result_name(what), what) for what in model.after]
    for name, what in sorted(
        named_changes, key=lambda pair: pair[0] in ("rounded", "cut-to-whole-numbers")
    ):
        if whole_numbers(model) and what == model.image:
            yield in_other_words("whole-numbers-inside", "results-too")
        elif name == "low-precision":
            yield named(name, how=digits_lost("results", str(what)))
        elif name in WITHOUT_FACTS:
            yield named(name)
        elif name == "other-arithmetic":
            yield in_other_words(name, "results-changed", change=change(what))
        else:
            yield named(name, change=change(what))


def result_name(what: Change) -> str:
    """The name of a change of the results."""
    if isinstance(what, tuple):
        return "clamped"
    return OF_RESULTS.get(what.removesuffix("-single"), "other-arithmetic")


def of_core(model: Model) -> Named:
    """The facts on what an output is made of, if not of products added up."""
    core = model.core
    if core == SUM or core == "taps":
        return
    if isinstance(core, str):
        kind, way = core.split("-", 1)
        if kind == "step":
            yield in_other_words(OF_RESULTS[way], "sums-changed", change=change(way))
        else:
            dtype = "half" if kind == "float16" else kind
            yield named("low-precision", how=digits_lost(way, dtype))
        return
    combined, reduced = core
    step = combined.removeprefix("product-")
    if step in OF_RESULTS and reduced in ("sum", "mean"):
        if whole_numbers(model) and step == model.image:
            yield in_other_words("whole-numbers-inside", "products-too")
        else:
            yield in_other_words(OF_RESULTS[step], "products-changed", change=change(step))
    elif core != ("product", "mean"):
        what = output(combined, reduced)
        name = core_name(combined, reduced)
        plain = name == "other-arithmetic" or combined in ("pixel", "weight")
        yield in_other_words(name, "made", what=what) if plain else named(name, what=what)
        return
    if reduced == "mean":
        yield in_other_words("mean-not-sum", "mean")


def output(combined: str, reduced: str) -> Message:
    """What an output is made of."""
    what = message("behaviour", f"combined.{combined}")
    return message("behaviour", f"reduced.{reduced}", what=what)


def core_name(combined: str, reduced: str) -> str:
    """The name of making outputs in this way."""
    if combined == "difference" and reduced in ("norm", "square-sum", "abs-max"):
        return "distance-not-product"
    if combined == "positive-product" and reduced in ("sum", "mean"):
        return "products-without-sign"
    if combined in ("product", "positive-product") and reduced in ("max", "min", "abs-max"):
        return "max-not-sum"
    return OF_COMBINED.get(combined, "other-arithmetic")


def of_inputs(model: Model) -> Named:
    """The facts on what was done to pixels or weights first."""
    inputs = [("patch", model.patch)]
    if not whole_numbers(model):
        inputs += [("pixels", model.image), ("weights", model.kernel)]
    for which, what in inputs:
        if what in LOW_PRECISION:
            yield named("low-precision", how=digits_lost(which, str(what)))
        elif which == "weights" and what in DIVIDED:
            yield named(
                "divided-by-kernel", part_of_division(model), divisor=divisor(DIVIDED[what])
            )
        elif which == "weights" and is_mean_subtracted(model):
            yield named("mean-subtracted")
        elif what and which == "weights":
            yield named("kernel-changed-first", change=change(what))
        elif what:
            part = "patch" if which == "patch" else ""
            yield named("image-changed-first", part, change=change(what))


def is_mean_subtracted(model: Model) -> bool:
    """Whether the kernel is centred where it would be all the same to centre each patch instead."""
    return model.kernel == "centred" and model.core in AVERAGING and not model.patch


def part_of_division(model: Model) -> str:
    """Whether weights divided first are told as such: "weights", or "" if it is all the same."""
    return "" if model.core in (SUM, ("product", "mean"), "taps") else "weights"


def divisor(name: str) -> Message:
    """What results or weights are divided by."""
    return message("behaviour", f"divisor.{name}")


def of_rest(model: Model) -> Named:
    """The facts on what the results are divided and multiplied by, and on what is added to them."""
    if model.divisor:
        yield named("divided-by-kernel", divisor=divisor(model.divisor))
    slope, start = model.line
    if slope == -1:
        yield in_other_words("sign-reversed", "multiplied", factor=precise(slope))
    elif abs(slope) < 1 and 1 / slope == round(1 / slope):
        yield in_other_words("scaled", "divided", divisor=precise(1 / slope))
    elif slope != 1:
        yield in_other_words("scaled", "multiplied", factor=precise(slope))
    if start:
        yield named("starts-not-at-zero", what=precise(start))
    if model.plus:
        what, *place = model.plus
        yield named("starts-not-at-zero", what=part_of_inputs(what, tuple(place)))


def part_of_inputs(what: str, place: tuple[int, ...]) -> Message:
    """A pixel of the patch, a weight, or a sum or mean of them."""
    where = pixel(place) if what == "pixel" else place
    return message("behaviour", f"place.{what}", **({"place": where} if place else {}))


def pixel(place: tuple[int, ...]) -> str:
    """The pixel at this place of the patch of output (i, j), as it is written: (i + 1, j)."""
    terms = [f"{name} + {k}" if k else name for name, k in zip("ij", place, strict=True)]
    return f"({', '.join(terms)})"


def reading(model: Model | str, example: Example) -> Diagnosis | None:
    """Which pixel meets which weight, as an X-ray shows it; `model` may be a turn of the kernel.

    How many outputs are right is left out, since more is wrong than what is read.
    """
    if isinstance(model, str):
        model = Model(turn=model)
    taps = Taps(*sizes(example), torch.empty(*example.target.shape, 0, 0, 0, 0))
    if model.coefficients is not None:
        taps.coefficients = model.coefficients
    elif model.turn:
        order = TURNED[model.turn](
            torch.arange(example.before[1].numel()).reshape(example.before[1].shape)
        ).flatten()
        expected = taps.expected
        taps.coefficients = expected.flatten(4)[..., order.argsort()].reshape(expected.shape)
    else:
        return None
    found = linear.explain(taps)
    if not found:
        return None
    kept = [fact for fact in found.facts if fact.name not in RIGHT_COUNTS]
    return Diagnosis(found.names, tuple(kept))


def first_wrong(example: Example, came: Tensor) -> tuple[tuple[int, ...], dict[str, str]]:
    """The first wrong cell of a map, and what it `should` be and `came` out as, as printed."""
    cell = tuple(wrong_values(came, example).nonzero()[0].tolist())
    is_, should = told_apart(came[cell], example.target[cell])
    return cell, {"should": should, "came": is_}


def evidence(own: Observation) -> tuple[Message, ...]:
    """The fact on the first wrong cell of a map; none if no cell is wrong."""
    if not own.wrong:
        return ()
    cell, facts = first_wrong(own.example, own.result)
    return (message("behaviour", "evidence", cell=cell, **facts),)


def remaining_output(ignored: str, observations: list[Observation]) -> tuple[Message, ...]:
    """What outputs are made of if the kernel, or the image, is ignored; none if it is not found."""
    kept = "pixel" if ignored == "kernel" else "weight"
    for reduced in REDUCED if all(one.right_size for one in observations) else []:
        if all(one.given_by(Model(core=(kept, reduced))) for one in observations):
            return (message("behaviour", "made", what=output(kept, reduced)),)
    image, result = observations[0].example.before[0], observations[0].result
    down, across = (side - less + 1 for side, less in zip(image.shape, result.shape, strict=True))
    for a, b in [(a, b) for a in range(down) for b in range(across)]:
        if all(shows_pixel(one, a, b) for one in observations):
            return (message("behaviour", "made", what=part_of_inputs("pixel", (a, b))),)
    return ()


def shows_pixel(one: Observation, a: int, b: int) -> bool:
    """Whether each output (i, j) is pixel (i + a, j + b)."""
    image, kernel = one.example.before
    return torch.equal(
        added(("pixel", a, b), image.double(), kernel.double(), one.result), one.result
    )
