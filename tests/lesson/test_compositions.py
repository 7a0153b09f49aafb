"""Whether all that `check` says of functions put together from several faults at random is true of
them, asked again.
"""

import random
import re

import pytest
import torch
from claims import untrue
from convlab import checks, oracle
from convlab.diagnosis import Diagnosis
from convlab.examples import Example
from convlab.ladder import check
from convlab.messages import message
from samples import correlated, only, padded, patches, without

SIDES = [(8, 8), (12, 10), (9, 13), (16, 11), (11, 16)]  # at which claims on all sizes are tried
ARITHMETIC = {
    "clamped",
    "divided-by-kernel",
    "whole-numbers-inside",
    "image-changed-first",
    "kernel-changed-first",
    "low-precision",
    "map-rescaled",
    "max-not-sum",
    "rounded",
    "cut-to-whole-numbers",
    "negatives-set-to-zero",
    "nan-or-infinite",
    "sign-dropped",
    "squared",
    "squashed",
    "starts-not-at-zero",
    "other-arithmetic",
    "products-without-sign",
    "distance-not-product",
    "added-not-multiplied",
}
REDUCED = {
    "sum": lambda numbers: numbers.sum((2, 3)),
    "mean": lambda numbers: numbers.mean((2, 3)),
    "max": lambda numbers: numbers.amax((2, 3)),
    "min": lambda numbers: numbers.amin((2, 3)),
}
NAMELESS = {
    "other-arithmetic",
    "other-products",
    "nothing-added-up",
}  # they claim no fault, or no more than the sentence says

# A fault is what it does, and the names that may be given to it, whatever else is wrong besides.
KERNELS = [
    (
        lambda k: k.flip(0, 1),
        {"kernel-flipped", "kernel-flipped-up-down", "kernel-flipped-left-right"},
    ),
    (lambda k: k.T, {"kernel-transposed"}),
    (torch.rot90, {"kernel-rotated"}),
    (lambda k: k * 3, {"scaled"}),
    (lambda k: without(k, (1, 1)), {"weights-unused"}),
    (lambda k: without(k, 2), {"weights-unused"}),
    (lambda k: k.round(), {"kernel-changed-first"}),
    (lambda k: k / k.abs().sum(), {"divided-by-kernel"}),
    (lambda k: k.clamp(0, 1), {"kernel-changed-first"}),
    (lambda k: torch.ones_like(k), {"kernel-ignored"}),
    (lambda k: -k, {"sign-reversed", "scaled"}),
]
IMAGES = [
    (lambda i: padded(i, 1, 1, 1, 1), {"padded", "patches-shifted"}),
    (lambda i: padded(i, 0, 2, 0, 2), {"padded"}),
    (lambda i: i.roll(1, 0), {"patches-shifted", "wraps-around"}),
    (lambda i: i[:-1], {"last-row-missing"}),
    (lambda i: i[:, 1:], {"first-column-missing", "patches-shifted"}),
    (lambda i: i.T, {"axes-swapped", "sides-mixed-up"}),
    (lambda i: i / 255, {"scaled", "image-changed-first"}),
    (lambda i: i.abs(), {"image-changed-first", "products-without-sign"}),
    (lambda i: i.round(), {"image-changed-first"}),
    (lambda i: (i - i.min()) / (i.max() - i.min()), {"image-changed-first"}),
]
SUMS = [
    (lambda p, k: (p * k).mean((2, 3)), {"mean-not-sum", "scaled"}),
    (lambda p, k: (p * k).amax((2, 3)), {"max-not-sum"}),
    (
        lambda p, k: (p * k).abs().sum((2, 3)),
        {"products-without-sign", "image-changed-first", "kernel-changed-first"},
    ),
    (lambda p, k: (p * k).sum((2, 3)) + 1, {"starts-not-at-zero"}),
    (lambda p, k: p.sum((2, 3)) * k.sum(), {"product-of-sums"}),
    (lambda p, k: (p @ k).sum((2, 3)), {"matrix-product"}),
    (
        lambda p, k: (p * k)[:, :, -1, -1],
        {"only-last-product", "weights-unused", "patches-shifted"},
    ),
]
RESULTS = [
    (lambda m: m[::2, ::2], {"stride-not-one"}),
    (lambda m: m[:-1], {"last-row-missing"}),
    (
        lambda m: m.relu(),
        {"negatives-set-to-zero", "clamped"},
    ),  # with its sign turned, the rest of it is what was above 0
    (
        lambda m: only(m, slice(0, -1), slice(0, -1)),
        {"last-row-and-column-missing", "last-row-missing"},
    ),
    (lambda m: only(m, slice(None, None, 2)), {"rows-skipped"}),
    (lambda m: only(m, slice(1)), {"stops-too-early", "rows-skipped"}),
    (lambda m: m.abs(), {"sign-dropped"}),
    (lambda m: m.clamp(-3, 7), {"clamped"}),
    (lambda m: m.round(), {"rounded"}),
    (lambda m: m.trunc(), {"cut-to-whole-numbers"}),
    (lambda m: m / m.max(), {"map-rescaled"}),
    (lambda m: m * 2, {"scaled"}),
    (lambda m: m.T, {"map-transposed", "sides-mixed-up"}),
    (lambda m: m.flip(0), {"map-flipped"}),
    (lambda m: padded(m, 0, 1, 0, 1), {"output-too-large"}),
    (lambda m: m[:6, :6], {"size-fixed"}),
    (lambda m: m.double(), {"double-precision"}),
    (lambda m: m[None], {"extra-axis"}),
    (lambda m: m.cumsum(1), {"total-not-reset"}),
]
KEPT = {
    "last-row-missing",
    "patches-shifted",
    "rows-skipped",
    "first-row-missing",
}  # what several shifts and gaps may add up to


def doubling(conv2d):
    """The function, but it writes twice the pixels into the image it was given."""

    def changing(image, kernel):
        result = conv2d(image.clone(), kernel)
        image *= 2
        return result

    return changing


def remembering(conv2d):
    """The function, but it works with the kernel of its first call."""
    kept = []

    def remembers(image, kernel):
        kept.append(kernel.clone())
        return conv2d(image, kept[0])

    return remembers


AROUND = [
    (doubling, {"argument-changed", "image-changed-first"}),
    (remembering, {"remembers-earlier-call"}),
]


def composed(seed):
    """A function (image, kernel) -> anything with two or three faults of different kinds, and the
    names that may be given to it.
    """
    chance = random.Random(seed)
    kinds = chance.sample(range(5), chance.choice([2, 2, 3]))
    faults = [
        chance.choice(kind) if n in kinds else (None, set())
        for n, kind in enumerate((KERNELS, IMAGES, SUMS, RESULTS, AROUND))
    ]
    of_kernel, of_image, of_sum, of_result, around = (fault for fault, _ in faults)

    def conv2d(image, kernel):
        image, kernel = (
            of_image(image) if of_image else image,
            of_kernel(kernel) if of_kernel else kernel,
        )
        result = of_sum(patches(image, kernel), kernel) if of_sum else correlated(image, kernel)
        return of_result(result) if of_result else result

    names = set().union(*(names for _, names in faults))
    return around(conv2d) if around else conv2d, names | (KEPT if names & KEPT else set())


def false(found, conv2d, case):
    """The claims of a Diagnosis, told of this case, that the function, asked again, does not bear
    out.
    """
    asked = [
        claims(found, conv2d, case)
        for claims in (evidence, of_taps, of_extents, of_changes, of_refusals, ignored, of_lines)
    ]
    return [words for answers in asked for holds, words in answers if not holds]


def said(text):
    """The number that a text writes."""
    return float(text.replace("−", "-"))


def is_said(text, value):
    """Whether a text gives this number, as far as its digits go."""
    if "e" in text:
        return abs(said(text) - value) <= 0.01 * abs(value)
    return abs(said(text) - value) <= 0.51 * 10 ** -len(text.partition(".")[2]) + 1e-6 * abs(value)


def drawn(sides, seed=0):
    """An Example with an image of these sides and a 3×3 kernel, normal random numbers both."""
    chance = torch.Generator().manual_seed(seed)
    return Example(torch.randn(sides, generator=chance) * 3, torch.randn(3, 3, generator=chance))


def answer(conv2d, case):
    """What the function returns for copies of the case's tensors; the error if it raises one."""
    try:
        return conv2d(*(tensor.clone() for tensor in case.before))
    except Exception as error:
        return error


def is_map(result):
    """Whether this is a table of numbers."""
    return isinstance(result, torch.Tensor) and result.ndim == 2


def evidence(found, conv2d, case):
    """Whether the first wrong number is what the sentence says: (holds, words)."""
    for fact in found.facts:
        if "cell" in fact.facts and "change" not in fact.facts:
            cell, came = fact.facts["cell"], answer(conv2d, case)
            yield is_said(fact.facts["should"], float(case.target[cell])), fact
            yield is_map(came) and is_said(fact.facts["came"], float(came[cell])), fact


def of_taps(found, conv2d, case):
    """Whether what an X-ray says of pixels and weights is so, where nothing else is done to the
    numbers: (holds, fact).
    """
    if is_map(answer(conv2d, case)) and not set(found.names) & ARITHMETIC:
        sizes = (tuple(part.shape) for part in case.before)
        yield from ((False, fact) for fact in untrue(found.facts, conv2d, *sizes))


FOLLOWED = {  # what the rows (axis 0) or columns (1) of a map are said to follow
    "other": lambda sides, axis: sides[1 - axis],
    "shorter": lambda sides, axis: min(sides),
    "longer": lambda sides, axis: max(sides),
    "always": lambda sides, axis: 0,
}


def sides_of(text):
    """The two numbers of a size such as 8×10."""
    return tuple(map(int, text.split("×")))


def of_extents(found, conv2d, case):
    """Whether map or filled part have the size that is said, and follow what they are said to
    follow: (holds, fact).
    """
    for fact in found.facts:
        name, _, part = fact.name.partition(".")
        if name not in ("sides-mixed-up", "size-fixed") or part not in ("say", "filled"):
            continue

        def extent(sides, whole=part == "say"):
            result = answer(conv2d, drawn(sides))
            if whole:
                return tuple(result.shape)
            return tuple(int((result != 0).any(1 - n).nonzero().max()) + 1 for n in (0, 1))

        yield extent(sides_of(fact.facts["image"])) == sides_of(fact.facts["came"]), fact
        for clause in fact.facts["follow"]:
            _, unit, what = clause.name.split(".")
            axis = ("rows", "columns").index(unit)
            came = {sides: extent(sides)[axis] for sides in SIDES}
            if what == "at-most":
                yield max(came.values()) <= clause.facts["count"], clause
            else:
                off = {count - FOLLOWED[what](sides, axis) for sides, count in came.items()}
                yield len(off) == 1, clause
            if what == "always":
                yield off == {clause.facts["count"]}, clause


def of_changes(found, conv2d, case):
    """Whether every pixel or weight is changed as is said, whatever the numbers: (holds, fact)."""
    for fact in found.facts:
        name, _, part = fact.name.partition(".")
        for seed in range(3) if name in ("changed-scaled", "changed-zero") else ():
            given = drawn((8, 8), seed)
            conv2d(given.image, given.kernel)
            before = given.before[("image", "kernel").index(part)]
            should = before * said(fact.facts.get("factor", "0"))
            yield torch.allclose(getattr(given, part), should, rtol=0.01), fact


def of_refusals(found, conv2d, case):
    """Whether it is the image's size, and nothing else, that decides whether a map comes back:
    (holds, fact).
    """
    for fact in found.facts:
        for answered in ("answered", "refused") if fact.name.startswith("size-refused.") else ():
            for sides in map(sides_of, fact.facts[answered]):
                came = {is_map(answer(conv2d, drawn(sides, seed))) for seed in range(4)}
                yield came == {answered == "answered"}, fact


def ignored(found, conv2d, case):
    """Whether image or kernel are of no account, and what each output is made of then: (holds,
    fact).
    """
    one, two = drawn((8, 8)), drawn((8, 8), 1)
    pairs = {
        "kernel-ignored": [(one.image, two.kernel), (one.image, one.kernel * 0)],
        "image-ignored": [(two.image, one.kernel), (one.image * 0, one.kernel)],
    }
    first = answer(conv2d, one)
    for fact in found.facts:
        if fact.name == "all.nothing":
            yield not first.any(), fact
        for pair in pairs.get(fact.name.removesuffix(".say"), []):
            came = answer(conv2d, Example(*pair))
            yield is_map(came) and came.equal(first), fact
        if fact.name == "made" and len(found.names) == 1 and found.names[0] in pairs:
            yield is_made(first, fact.facts["what"].name.split("."), fact, one), fact


def is_made(result, name, fact, case):
    """Whether a map is made of the pixels or the weights of a case as a fact says."""
    if name[0] == "place":
        i, j = (
            int(k or 0)
            for k in re.findall(r"[ij](?: \+ (\d+))?", fact.facts["what"].facts["place"])
        )
        rows, columns = result.shape
        return torch.equal(result, case.image[i : i + rows, j : j + columns])
    of_pixels = fact.facts["what"].facts["what"].name == "combined.pixel"
    numbers = patches(case.image, case.kernel) if of_pixels else case.kernel.expand(6, 6, 3, 3)
    should = REDUCED[name[1]](numbers)
    return result.shape == should.shape and torch.allclose(result, should, atol=1e-4)


def of_lines(found, conv2d, case):
    """Whether results are multiplied or divided, and a number added, as is said, where that is all
    that is said: (holds, fact).
    """
    if not set(found.names) <= {"scaled", "starts-not-at-zero"}:
        return
    by, start, told = 1.0, 0.0, []
    for fact in found.facts:
        if fact.name in ("multiplied", "divided"):
            by = (
                said(fact.facts["factor"])
                if "factor" in fact.facts
                else 1 / said(fact.facts["divisor"])
            )
            told.append(fact)
        elif "what" in fact.facts and isinstance(fact.facts["what"], str):
            start = said(fact.facts["what"])
            told.append(fact)
    case = drawn((8, 8), 2)
    should = case.target * by + start
    for fact in told:
        off = (answer(conv2d, case) - should).abs()
        yield bool((off <= 2e-3 * should.abs().max()).all()), fact


@pytest.mark.parametrize("seed", range(100))
def test_all_that_is_said_of_several_faults_at_once_is_true(seed):
    """Every name stands for a fault that was put in, and every number and size in the sentence is
    the function's own.
    """
    conv2d, names = composed(seed)
    found, case = told(conv2d)
    if found:
        assert not found.sure or set(found.names) <= names | NAMELESS
        assert false(found, composed(seed)[0], case) == []  # a new one, which remembers nothing


def told(conv2d):
    """The Diagnosis that `check` gives, and the Example it speaks of; (None, None) if there is
    none.
    """
    finding = check(conv2d).finding
    return (finding.diagnosis, finding.explained) if finding and finding.diagnosis else (None, None)


def refusing(image, kernel):
    """A right conv2d that stops at a kernel whose first weight is smaller than its last one."""
    if kernel[0, 0] < kernel[-1, -1]:
        raise ValueError("not with this kernel")
    return correlated(image, kernel)


def divided_by_itself(image, kernel):
    """The first dot product divided by itself, everywhere: 1, or nan where it is 0."""
    result = correlated(image, kernel)
    return (result[0, 0] / result[0, 0]).expand_as(result).clone()


@pytest.mark.parametrize(
    "conv2d",
    [
        pytest.param(lambda i, k: i.clone(), id="the image comes back"),
        pytest.param(lambda i, k: k.clone(), id="the kernel comes back"),
        pytest.param(
            lambda i, k: torch.full((i.shape[0] - 2, i.shape[1] - 2), i.mean()),
            id="the mean of the image everywhere",
        ),
        pytest.param(divided_by_itself, id="divided by itself"),
        pytest.param(refusing, id="some kernels are refused"),
        pytest.param(lambda i, k: correlated(i, k) * 1e6, id="times a million"),
    ],
)
def test_nothing_false_is_said_of_plain_functions_that_tempt_to_it(conv2d):
    """What was said of these once was true of a part of the calls only, or of none."""
    for _ in range(3):  # which numbers are tried is in part by chance
        found, case = told(conv2d)
        assert found is None or false(found, conv2d, case) == []


def test_padding_is_named_if_the_map_has_gaps_besides():
    """Rows left 0 between others do not make a padded map one that is only too large."""
    found, _ = told(lambda i, k: only(correlated(padded(i, 1, 1, 1, 1), k), slice(None, None, 2)))
    assert "output-too-large" not in found.names


ROWS = message("diagnoses", "size-fixed.rows.always", count=5)
WIDTH = message("diagnoses", "sides-mixed-up.rows.other")
FIXED = {"image": "8×8", "came": "5×6", "expected": "6×6"}


@pytest.mark.parametrize(
    "file, name, facts, conv2d",
    [
        (
            "diagnoses",
            "size-fixed.say",
            {**FIXED, "follow": [ROWS]},
            lambda i, k: correlated(i, k)[:-1],
        ),
        (
            "diagnoses",
            "size-fixed.say",
            {**FIXED, "came": "4×6", "follow": [ROWS]},
            lambda i, k: correlated(i, k)[:5],
        ),
        (
            "diagnoses",
            "sides-mixed-up.say",
            {**FIXED, "follow": [WIDTH]},
            lambda i, k: correlated(i, k)[:-1],
        ),
        ("state", "changed-scaled.image", {"factor": "3"}, doubling(correlated)),
        ("state", "changed-zero.image", {}, doubling(correlated)),
        (
            "diagnoses",
            "size-refused.say",
            {"answered": ["8×8"], "refused": ["12×10"]},
            refusing,
        ),
    ],
)
def test_a_false_fact_is_found(file, name, facts, conv2d):
    """Each kind of claim is held against the function: what is not true of it does not pass."""
    found = Diagnosis((name.split(".")[0],), (message(file, name, **facts),))
    assert false(found, conv2d, checks.example(8, 8, seed=1))


@pytest.mark.parametrize("should, came", [(1, 0), (0, 1)])
def test_a_false_number_of_a_cell_is_found(should, came):
    """What a cell is, and what it should be, are both held against the function."""
    case = checks.example(8, 8, seed=1)
    right = float(case.target[2, 3])
    told = {"should": f"{right + should:.2f}", "came": f"{right + came:.2f}"}
    told = {name: text.replace("-", "−") for name, text in told.items()}
    found = Diagnosis(("squared",), (message("behaviour", "evidence", cell=(2, 3), **told),))
    assert false(found, correlated, case) == [*found.facts]


@pytest.mark.parametrize(
    "names, fact, conv2d",
    [
        (("kernel-ignored",), message("diagnoses", "kernel-ignored"), correlated),
        (
            ("scaled",),
            message("behaviour", "multiplied", factor="3"),
            lambda i, k: correlated(i, k) * 2,
        ),
        (
            ("scaled",),
            message("behaviour", "divided", divisor="3"),
            lambda i, k: correlated(i, k) * 3,
        ),
        (
            ("starts-not-at-zero",),
            message("diagnoses", "starts-not-at-zero", what="0.5"),
            lambda i, k: correlated(i, k) + 1,
        ),
    ],
)
def test_a_false_fact_on_results_is_found(names, fact, conv2d):
    """What is said to be ignored, multiplied, divided or added is held against the function."""
    case = checks.example(8, 8, seed=1)
    assert fact in false(Diagnosis(names, (fact,)), conv2d, case)


@pytest.mark.parametrize("reduced, holds", [("mean", True), ("sum", False)])
def test_what_outputs_are_made_of_is_held_against_the_function(reduced, holds):
    """The mean of every patch is not its sum."""
    what = message("behaviour", f"reduced.{reduced}", what=message("behaviour", "combined.pixel"))
    facts = (message("diagnoses", "kernel-ignored"), message("behaviour", "made", what=what))
    case = checks.example(8, 8, seed=1)
    found = false(
        Diagnosis(("kernel-ignored",), facts), lambda i, k: patches(i, k).mean((2, 3)), case
    )
    assert found == ([] if holds else [facts[1]])


def test_a_false_fact_on_taps_is_found():
    """What is said of a turned kernel is held against the function."""
    case = checks.example(8, 8, seed=1)
    turned = Diagnosis(("kernel-flipped",), (message("taps", "kernel-turned.half"),))
    assert false(turned, correlated, case) == [*turned.facts]
    assert false(turned, lambda i, k: correlated(i, k.flip(0, 1)), case) == []


def test_a_true_claim_passes():
    """The right map's own numbers are not complained of."""
    case = checks.example(8, 8, seed=1)
    value = f"{float(oracle.feature_map(*case.before)[0, 0]):.2f}".replace("-", "−")
    fact = message("behaviour", "evidence", cell=(0, 0), should=value, came=value)
    assert false(Diagnosis(("other-arithmetic",), (fact,)), correlated, case) == []
