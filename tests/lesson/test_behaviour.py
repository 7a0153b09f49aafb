"""A function that is no sum of pixels times weights is explained from what it returns, truly."""

import contextlib
import io
import math
import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from convlab.checks import example
from convlab.diagnosis.arithmetic import behaviour, model_names, models
from convlab.diagnosis.calls import Asked
from convlab.examples import Example
from convlab.mistakes import Mistake
from convlab.taps import taps
from convlab.taps.probe import tried
from samples import correlated, only, patches, windows, written

from course import answers

FEW, MANY = True, False


def by_loops(change=lambda total: total, step=lambda total: total):
    """A conv2d of plain loops over numbers, its total changed at the end or after each product."""

    def conv2d(image, kernel):
        out = torch.zeros(len(image) - len(kernel) + 1, image.shape[1] - kernel.shape[1] + 1)
        for i in range(out.shape[0]):
            for j in range(out.shape[1]):
                total = 0.0
                for m, row in enumerate(kernel.tolist()):
                    for n, weight in enumerate(row):
                        total = step(total + image[i + m, j + n].item() * weight)
                out[i, j] = change(total)
        return out

    return conv2d


def after(change):
    """A conv2d whose finished map is changed."""
    return lambda image, kernel: change(correlated(image, kernel))


def first(image=lambda x: x, kernel=lambda k: k):
    """A conv2d that changes its own copy of the image or the kernel first."""
    return lambda x, k: correlated(image(x), kernel(k))


def of_patches(way):
    """A conv2d that makes outputs of all patches (rows, columns, M, N) and the kernel."""
    return lambda image, kernel: way(patches(image, kernel), kernel)


def stretched(x):
    """From 0 to 1."""
    return (x - x.min()) / (x.max() - x.min())


def over_itself(a, b, turn=lambda k: k):
    """A conv2d that writes results into the copy of the image it reads, at (i + a, j + b)."""

    def conv2d(image, kernel):
        work, (rows, columns) = image.clone(), (image.shape[0] - 2, image.shape[1] - 2)
        for i in range(rows):
            for j in range(columns):
                work[i + a, j + b] = (work[i : i + 3, j : j + 3] * turn(kernel)).sum()
        return work[a : a + rows, b : b + columns].clone()

    return conv2d


def with_few_digits(dtype):
    """A conv2d that adds up one product after the other in this dtype."""

    def conv2d(image, kernel):
        total, (rows, columns) = (
            torch.zeros((), dtype=dtype),
            (image.shape[0] - 2, image.shape[1] - 2),
        )
        for m in range(3):
            for n in range(3):
                total = total + image[m : m + rows, n : n + columns].to(dtype) * kernel[m, n].to(
                    dtype
                )
        return total.float()

    return conv2d


def looked_up(image, kernel):
    """Finds the place of each weight by its value."""
    flat = kernel.flatten().tolist()
    order = torch.tensor([flat.index(weight) for weight in flat])
    return (patches(image, kernel).flatten(2)[..., order] * kernel.flatten()).sum(2)


def without_repeats(image, kernel):
    """Adds up a set of products."""
    return torch.tensor(
        [[sum(set(cell.flatten().tolist())) for cell in row] for row in windows(image, kernel)]
    )


def rows_looked_up(image, kernel):
    """Finds the row of each output by the image's numbers."""
    rows = image.tolist()
    return torch.stack([correlated(image, kernel)[rows.index(row)] for row in rows[:-2]])


def stops_at_zero(image, kernel):
    """Leaves out every product that comes after a weight of 0."""
    return correlated(image, kernel * (kernel.flatten() != 0).cumprod(0).reshape(kernel.shape))


def fast_fourier(image, kernel):
    """A relu after the convolution theorem, all in float32."""
    spectrum = torch.fft.rfft2(image) * torch.fft.rfft2(kernel, s=image.shape).conj()
    return torch.fft.irfft2(spectrum, s=image.shape)[:-2, :-2].relu()


ONE = {
    "abs": (after(torch.abs), "sign-dropped"),
    "abs by loops": (by_loops(abs), "sign-dropped"),
    "root of the square": (after(lambda r: (r * r).sqrt()), "sign-dropped"),
    "relu": (after(torch.relu), "negatives-set-to-zero"),
    "max with 0": (by_loops(lambda t: max(t, 0)), "negatives-set-to-zero"),
    "masked": (after(lambda r: r * (r > 0)), "negatives-set-to-zero"),
    "Fourier": (fast_fourier, "negatives-set-to-zero"),
    "sigmoid": (
        after(lambda r: torch.from_numpy(1 / (1 + np.exp(-r.double().numpy()))).float()),
        "squashed",
    ),
    "tanh": (by_loops(math.tanh), "squashed"),
    "sign": (after(torch.sign), "squashed"),
    "leaky": (after(F.leaky_relu), "squashed"),
    "black and white": (after(lambda r: (r > 0).float()), "squashed"),
    "rounded": (by_loops(round), "rounded"),
    "one decimal": (by_loops(lambda t: round(t, 1)), "rounded"),
    "two decimals": (after(lambda r: r.round(decimals=2)), "rounded"),
    "three decimals": (after(lambda r: (r * 1000).round() / 1000), "rounded"),
    "four decimals": (by_loops(lambda t: round(t, 4)), "rounded"),
    "half up": (by_loops(lambda t: math.floor(t + 0.5)), "rounded"),
    "floor": (after(lambda r: r // 1), "rounded"),
    "ceil": (after(torch.ceil), "rounded"),
    "rounded products": (of_patches(lambda p, k: (p * k).round().sum((2, 3))), "rounded"),
    "rounded steps": (by_loops(step=round), "rounded"),
    "int": (by_loops(int), "cut-to-whole-numbers"),
    "int32": (after(lambda r: r.int().float()), "cut-to-whole-numbers"),
    "bytes": (after(lambda r: r.long().to(torch.uint8).float()), "cut-to-whole-numbers"),
    "int products": (
        of_patches(lambda p, k: (p * k).int().sum((2, 3)).float()),
        "cut-to-whole-numbers",
    ),
    "0 to 1": (after(lambda r: r.clamp(0, 1)), "clamped"),
    "a range of its own": (after(lambda r: r.clamp(-3, 7)), "clamped"),
    "at most 5": (by_loops(lambda t: min(t, 5)), "clamped"),
    "square": (after(torch.square), "squared"),
    "map from 0 to 1": (after(stretched), "map-rescaled"),
    "map by its sum": (after(lambda r: r / r.sum()), "map-rescaled"),
    "map by its spread": (after(lambda r: (r - r.mean()) / r.std()), "map-rescaled"),
    "numpy's spread": (after(lambda r: (r - r.mean()) / r.std(correction=0)), "map-rescaled"),
    "map's softmax": (after(lambda r: r.flatten().softmax(0).reshape(r.shape)), "map-rescaled"),
    "positive image": (first(torch.abs), "image-changed-first"),
    "relu first": (first(torch.relu), "image-changed-first"),
    "whole pixels": (first(lambda x: x.int().float()), "image-changed-first"),
    "image 0 to 1": (first(stretched), "image-changed-first"),
    "image by 255": (first(lambda x: x / 255 if x.max() > 1 else x), "image-changed-first"),
    "patches by norm": (
        of_patches(lambda p, k: (p / p.norm(dim=(2, 3), keepdim=True) * k).sum((2, 3))),
        "image-changed-first",
    ),
    "whole weights": (first(kernel=torch.round), "kernel-changed-first"),
    "softmax of weights": (first(kernel=lambda k: k.exp() / k.exp().sum()), "kernel-changed-first"),
    "largest": (of_patches(lambda p, k: (p * k).amax((2, 3))), "max-not-sum"),
    "smallest": (
        lambda i, k: torch.tensor([[float(cell.min()) for cell in row] for row in windows(i, k)]),
        "max-not-sum",
    ),
    "positive products": (
        of_patches(lambda p, k: (p * k).abs().sum((2, 3))),
        "products-without-sign",
    ),
    "positive factors": (first(torch.abs, torch.abs), "products-without-sign"),
    "squared distance": (
        of_patches(lambda p, k: (p - k).square().sum((2, 3))),
        "distance-not-product",
    ),
    "distance": (of_patches(lambda p, k: (p - k).flatten(2).norm(dim=2)), "distance-not-product"),
    "city block": (
        lambda i, k: torch.tensor(
            [[float((cell - k).abs().sum()) for cell in row] for row in patches(i, k)]
        ),
        "distance-not-product",
    ),
    "plus": (of_patches(lambda p, k: (p + k).sum((2, 3))), "added-not-multiplied"),
    "power": (of_patches(lambda p, k: (p**k).sum((2, 3))), "power-not-product"),
    "bias": (after(lambda r: r + 0.5), "starts-not-at-zero"),
    "small bias": (after(lambda r: r - 0.001), "starts-not-at-zero"),
    "on the image": (lambda i, k: correlated(i, k) + i[1:-1, 1:-1], "starts-not-at-zero"),
    "and a weight": (lambda i, k: correlated(i, k) + k[0, 0], "starts-not-at-zero"),
    "half": (first(torch.Tensor.half, torch.Tensor.half), "low-precision"),
    "half steps": (with_few_digits(torch.float16), "low-precision"),
    "brain floats": (with_few_digits(torch.bfloat16), "low-precision"),
    "half image": (first(lambda x: x.half().float()), "low-precision"),
    "half map": (after(lambda r: r.half().float()), "low-precision"),
    "over the centre": (over_itself(1, 1), "reads-own-results"),
    "over the end": (over_itself(2, 2), "reads-own-results"),
    "infinite": (after(lambda r: r / 0), "nan-or-infinite"),
    "nan": (after(lambda r: r * math.nan), "nan-or-infinite"),
    "some nan": (after(lambda r: r / (r > 0) + r.sum().sin()), "nan-or-infinite"),
    "third power": (after(lambda r: r**3), "other-arithmetic"),
    "median": (of_patches(lambda p, k: (p * k).flatten(2).median(2).values), "other-arithmetic"),
    "quotient": (of_patches(lambda p, k: (p / k).sum((2, 3))), "other-arithmetic"),
    "max pooling": (lambda i, k: F.max_pool2d(i[None], 3, 1)[0], "kernel-ignored"),
    "crop": (lambda i, k: i[1:-1, 1:-1] * 1, "kernel-ignored"),
    "edges": (lambda i, k: i[2:, 2:] - i[:-2, :-2], "kernel-ignored"),
    "weights alone": (
        lambda i, k: k.sum().expand(i.shape[0] - 2, i.shape[1] - 2) * 1,
        "image-ignored",
    ),
    "a constant": (lambda i, k: torch.ones(i.shape[0] - 2, i.shape[1] - 2), "arguments-ignored"),
}
TWO = {
    "relu, flipped": (
        lambda i, k: correlated(i, k.flip(0, 1)).relu(),
        "negatives-set-to-zero+kernel-flipped",
    ),
    "abs, transposed": (lambda i, k: correlated(i, k.T).abs(), "sign-dropped+kernel-transposed"),
    "relu, one product": (
        lambda i, k: windows(i, k)[..., 2, 2].relu(),
        "negatives-set-to-zero+only-last-product",
    ),
    "relu, no last row": (
        lambda i, k: only(correlated(i, k), slice(0, -1)).relu(),
        "negatives-set-to-zero+last-row-missing",
    ),
    "rounded mean": (lambda i, k: windows(i, k).mean((2, 3)).round(), "rounded+mean-not-sum"),
    "relu of mean": (
        lambda i, k: windows(i, k).mean((2, 3)).relu(),
        "negatives-set-to-zero+mean-not-sum",
    ),
    "picture": (
        after(lambda r: r.clamp(0, 255).to(torch.uint8).float()),
        "clamped+cut-to-whole-numbers",
    ),
    "bright sigmoid": (after(lambda r: 255 * r.sigmoid()), "squashed+scaled"),
    "rounded grey": (after(lambda r: (stretched(r) * 255).round()), "map-rescaled+rounded"),
    "both rounded": (first(torch.round, torch.round), "image-changed-first+kernel-changed-first"),
    "relu, divided": (
        lambda i, k: correlated(i, k).relu() / k.abs().sum(),
        "negatives-set-to-zero+divided-by-kernel",
    ),
    "flipped, divided": (
        lambda i, k: correlated(i, k.flip(0, 1)) / k.sum(),
        "divided-by-kernel+kernel-flipped",
    ),
    "flipped bytes": (
        lambda i, k: correlated(i.to(torch.uint8), k.flip(0, 1).to(torch.uint8)).float(),
        "whole-numbers-inside+kernel-flipped",
    ),
    "image 0 to 1, flipped": (
        lambda i, k: correlated(stretched(i), k.flip(0, 1)),
        "image-changed-first+kernel-flipped",
    ),
    "bias, upside down": (
        lambda i, k: correlated(i, k.flip(0)) + 1,
        "starts-not-at-zero+kernel-flipped-up-down",
    ),
    "max, left to right": (
        lambda i, k: windows(i, k.flip(1)).amax((2, 3)),
        "max-not-sum+kernel-flipped-left-right",
    ),
    "distance, flipped": (
        lambda i, k: (patches(i, k) - k.flip(0, 1)).square().sum((2, 3)),
        "distance-not-product+kernel-flipped",
    ),
    "over the centre, flipped": (
        over_itself(1, 1, lambda k: k.flip(0, 1)),
        "reads-own-results+kernel-flipped",
    ),
    "mean, flipped, abs": (
        lambda i, k: windows(i, k.flip(0, 1)).mean((2, 3)).abs(),
        "sign-dropped+kernel-flipped+mean-not-sum",
    ),
}
DIVISORS = {  # what the results of the function are divided by, and how it is told
    "sum": (lambda i, k: correlated(i, k) / k.sum(), "sum"),
    "sum by loops": (
        lambda i, k: torch.tensor(
            [[float((cell * k).sum() / k.sum()) for cell in row] for row in patches(i, k)]
        ),
        "sum",
    ),
    "weights by sum": (first(kernel=lambda k: k / k.sum()), "sum"),
    "sum if not 0": (
        lambda i, k: correlated(i, k) / (k.sum() if k.sum() != 0 else 1),
        "sum-unless-0",
    ),
    "sizes": (lambda i, k: correlated(i, k) / k.abs().sum(), "abs-sum"),
    "weights by sizes": (first(kernel=lambda k: k / k.abs().sum()), "abs-sum"),
    "norm": (lambda i, k: correlated(i, k) / k.norm(), "norm"),
    "numpy's norm": (
        lambda i, k: correlated(i, k) / float(np.linalg.norm(k.numpy())),
        "norm",
    ),
    "squares": (lambda i, k: correlated(i, k) / (k * k).sum(), "square-sum"),
    "largest": (lambda i, k: correlated(i, k) / k.max(), "max"),
    "weights by largest size": (first(kernel=lambda k: k / k.abs().max()), "abs-max"),
    "mean": (lambda i, k: correlated(i, k) / k.mean(), "mean"),
}
WHOLE = {  # the type of whole numbers that image and kernel go through, and the changes told
    "int": (first(lambda x: x.int().float(), lambda k: k.int().float()), ["trunc"]),
    "long": (lambda i, k: correlated(i.long(), k.long()).float(), ["trunc"]),
    "numpy's int": (
        lambda i, k: correlated(
            torch.from_numpy(i.numpy().astype(int)), torch.from_numpy(k.numpy().astype(int))
        ).float(),
        ["trunc"],
    ),
    "bytes, then floats": (
        first(lambda x: x.to(torch.uint8).float(), lambda k: k.to(torch.uint8).float()),
        ["byte"],
    ),
    "bytes multiplied": (
        lambda i, k: correlated(i.to(torch.uint8), k.to(torch.uint8)).float(),
        ["byte", "products-too"],
    ),
    "signed bytes multiplied": (
        lambda i, k: correlated(i.to(torch.int8), k.to(torch.int8)).float(),
        ["signed-byte", "products-too"],
    ),
    "held bytes": (
        first(lambda x: x.clamp(0, 255).byte().float(), lambda k: k.clamp(0, 255).byte().float()),
        ["byte-clamped"],
    ),
}
SPECIAL = {
    "looked up": (looked_up, "equal-values-confused"),
    "a set": (without_repeats, "equal-values-confused"),
    "rows looked up": (rows_looked_up, "equal-values-confused"),
    "stops at 0": (stops_at_zero, "zero-weight-stops"),
    "there and back": (
        lambda i, k: (correlated(i.double(), k.double() / k.sum()) * k.sum()).float(),
        "kernel-sum-divided",
    ),
    "nothing for 0": (
        lambda i, k: correlated(i, k) if k.sum() else 0 * i[2:, 2:],
        "kernel-sum-divided",
    ),
    "above −255": (after(lambda r: r.clamp(min=-255)), "clamped"),
    "held far out": (after(lambda r: r.clamp(-300, 300)), "clamped"),
    "blank patches": (
        of_patches(lambda p, k: (p * k).sum((2, 3)) * p.norm(dim=(2, 3)) / p.norm(dim=(2, 3))),
        "other-arithmetic",
    ),
}
SUMS = {
    "flipped": lambda i, k: correlated(i, k.flip(0, 1)),
    "mean": lambda i, k: windows(i, k).mean((2, 3)),
    "minus": lambda i, k: -correlated(i, k),
    "nothing": lambda i, k: torch.zeros(i.shape[0] - 2, i.shape[1] - 2),
    "sums": lambda i, k: patches(i, k).sum((2, 3)) * k.sum(),
    "moved": lambda i, k: correlated(i.roll(1, 0), k),
}
NONSENSE = {
    "sine of all": lambda i, k: (
        correlated(i, k) * i.sum().sin() + patches(i, k)[..., 0, 1] ** 2 * k[0, 2]
    ),
    "sine of weights": lambda i, k: correlated(i, k.sin()) + i.std(),
    "pooled besides": lambda i, k: correlated(i, k) + patches(i, k).amax((2, 3)),
    "rows": lambda i, k: windows(i, k).sum(3).relu().sum(2),
    "alike but for size": lambda i, k: correlated(
        (i / i.abs().max() * 127).round() * i.abs().max() / 127, k
    ),
}
UNSURE = {
    "tenths": (after(lambda r: (r > 2).float()), "squashed"),
    "error function": (after(torch.erf), "squashed"),
    "waves": (after(lambda r: r * r.sin()), "other-arithmetic"),
    "selu": (after(F.selu), "other-arithmetic"),
    "ninths in half": (first(kernel=lambda k: (k / 9).half().float() * 9), "low-precision"),
}


def explained(conv2d, few_values=False, size=(8, 8), seed=11, seconds=20):
    """The Diagnosis of a function, the Example it was given, and how it was asked."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        case, asked = example(*size, seed=seed, few_values=few_values), Asked(conv2d, seconds)
        try:
            coefficients = taps(conv2d, size, seconds=5).coefficients
        except Mistake:
            coefficients = None
        return behaviour.explain(asked, case, coefficients), case, asked


def cells_hold(found, came, right):
    """Whether the wrong cell that is told is what the map and the right one have there."""
    cells = [fact.facts for fact in found.facts if "cell" in fact.facts]
    assert len(cells) == 1
    for text, value in ((cells[0]["should"], right), (cells[0]["came"], came)):
        number = float(text.replace("\N{MINUS SIGN}", "-"))
        assert number == pytest.approx(float(value[cells[0]["cell"]]), abs=0.0051, nan_ok=True)


@pytest.mark.parametrize("name", ONE)
def test_one_thing_that_is_done_instead_is_named(name):
    """What a function does to numbers is found by what it returns, however it is written."""
    conv2d, expected = ONE[name]
    found, case, asked = explained(conv2d)
    assert (expected, True) == (found.name, found.sure)
    if expected not in ("nan-or-infinite", "kernel-ignored", "image-ignored", "arguments-ignored"):
        cells_hold(found, conv2d(*case.before), case.target)
    assert asked.calls <= 25


@pytest.mark.parametrize("name", TWO)
def test_two_things_at_once_are_both_named(name):
    """A changed map of a wrong sum is told as both, with a number that is so."""
    conv2d, expected = TWO[name]
    found, case, asked = explained(conv2d)
    assert (expected, True) == (found.name, found.sure)
    cells_hold(found, conv2d(*case.before), case.target)
    assert asked.calls <= 25


@pytest.mark.parametrize("name", DIVISORS)
def test_a_division_by_something_of_the_kernel_is_told_with_it(name):
    """The map is right once it is multiplied by what it is said to be divided by."""
    conv2d, expected = DIVISORS[name]
    found, case, asked = explained(conv2d)
    assert (found.names, found.sure) == (("divided-by-kernel",), True)
    assert found.facts[0].facts["divisor"] == model_names.divisor(expected)
    came = conv2d(*case.before)
    factor = models.DIVISORS[expected](case.kernel.double())
    assert torch.allclose(came.double() * factor, case.target, atol=1e-4)
    cells_hold(found, came, case.target)
    assert asked.calls <= 25


def test_weights_divided_first_are_told_as_such_if_it_matters():
    """Where outputs are no sums, it is the weights, and not the results, that are divided."""
    model = models.Model(kernel="by-sum", core=("squared-difference", "sum"))
    names = dict(model_names.model_facts(model))
    assert names["divided-by-kernel"].name == "divided-by-kernel.weights"


@pytest.mark.parametrize("name", WHOLE)
def test_image_and_kernel_in_a_type_of_whole_numbers_are_one_thing(name):
    """Types of whole numbers at both image and kernel get one name, and what they do is told."""
    conv2d, expected = WHOLE[name]
    found, case, asked = explained(conv2d)
    assert (found.names, found.sure) == (("whole-numbers-inside",), True)
    told, *besides, _ = found.facts
    assert [told.facts["change"].name, *(fact.name for fact in besides)] == [
        f"change.{expected[0]}",
        *expected[1:],
    ]
    image, kernel = (models.changed(part.double(), expected[0]) for part in case.before)
    products = patches(image, kernel) * kernel
    if "products-too" in expected:
        products = models.changed(products, expected[0])
    assert torch.equal(products.sum((2, 3)), conv2d(*case.before).double())
    cells_hold(found, conv2d(*case.before), case.target)
    assert asked.calls <= 25


@pytest.mark.parametrize("name", SPECIAL)
def test_what_only_special_numbers_bring_out_is_shown_by_the_smallest_change(name):
    """A function that is right for random numbers is told one change that makes it wrong."""
    conv2d, expected = SPECIAL[name]
    found, case, asked = explained(conv2d, FEW)
    assert (expected, True) == (found.name, found.sure)
    assert asked.calls <= 25
    [fact] = [fact for fact in found.facts if "cell" in fact.facts]
    image, kernel = case.before
    if "change" in fact.facts:
        [(image, kernel)] = [
            (image, kernel)
            for alteration, image, kernel in behaviour.alterations(*tried((8, 8), (3, 3), 1).before)
            if fact.facts["change"].name == f"alteration.{alteration}"
        ]
    cells_hold(found, conv2d(image, kernel), correlated(image.double(), kernel.double()))


WEIGHTS = {"zero-centre": (1, 1), "zero-first": (0, 0), "zero-last": (2, 2), "sum-zero": (2, 2)}
EQUAL_WEIGHTS = {"same-in-row": (0, 2), "same-in-column": (2, 0), "same-apart": (2, 2)}
EQUAL_LINES = {
    "same-rows": lambda image, kernel: (kernel[0], kernel[1]),
    "same-columns": lambda image, kernel: (kernel[:, 0], kernel[:, 1]),
    "same-image-rows": lambda image, kernel: (image[0], image[1]),
    "same-image-columns": lambda image, kernel: (image[:, 0], image[:, 1]),
}


def test_every_alteration_is_what_its_words_say():
    """Each example that is to bring something out differs in just the cells that its words name."""
    image, kernel = tried((8, 8), (3, 3), 1).before
    for alteration, other, weights in behaviour.alterations(image, kernel):
        pixels = {tuple(cell) for cell in (other != image).nonzero().tolist()}
        changed = {tuple(cell) for cell in (weights != kernel).nonzero().tolist()}
        if alteration in WEIGHTS:
            assert (pixels, changed) == (set(), {WEIGHTS[alteration]}), alteration
            assert (weights.sum() if alteration == "sum-zero" else weights[changed.pop()]) == 0
        elif alteration in EQUAL_WEIGHTS:
            assert (pixels, changed) == (set(), {EQUAL_WEIGHTS[alteration]}), alteration
            assert weights[changed.pop()] == weights[0, 0]
        elif alteration == "opposite":
            assert changed == {(2, 2)} and weights[2, 2] == -weights[0, 0]
        elif alteration in EQUAL_LINES:
            assert torch.equal(*EQUAL_LINES[alteration](other, weights))
            assert not pixels or not changed
        elif alteration == "same-pixels":
            assert pixels == {(0, 1)} and other[0, 1] == other[0, 0] and not changed
        elif alteration == "zero-pixel":
            assert pixels == {(1, 1)} and other[1, 1] == 0 and not changed
        elif alteration == "blank-patch":
            assert not other[:3, :3].any() and len(pixels) == 9 and not changed
        else:
            assert alteration == "same-products"
            assert other[0, 0] * weights[0, 0] == other[0, 1] * weights[0, 1]
            assert weights.unique().numel() == 9 and weights.all()


@pytest.mark.parametrize(
    "alteration, part, cell",
    [
        ("zero-centre", "centre", (1, 2)),
        ("zero-last", "last", (2, 4)),
        ("same-in-row", "row_end", (0, 4)),
        ("same-in-column", "column_end", (2, 0)),
    ],
)
def test_the_cells_of_an_alteration_are_those_of_the_kernel(alteration, part, cell):
    """The words name the last row and column that the kernel has, whatever its size."""
    image, kernel = tried((8, 8), (3, 5), 1).before
    [(other, weights)] = [
        (other, weights)
        for name, other, weights in behaviour.alterations(image, kernel)
        if name == alteration
    ]
    found = model_names.of_alteration(
        "zero-weight-stops", alteration, Example(other, weights), torch.zeros(6, 4), True
    )
    assert (weights != kernel).nonzero().tolist() == [[*cell]]
    assert found.facts[0].facts["change"].facts[part] == cell
    assert str(cell) in found.text()


@pytest.mark.parametrize("name", SUMS)
def test_a_sum_of_pixels_times_weights_is_left_to_the_x_ray(name):
    """A function that is wrong in what it reads, but adds up products, gets no explanation here."""
    assert explained(SUMS[name])[0] is None


@pytest.mark.parametrize("name", NONSENSE)
def test_what_no_model_gives_is_not_explained(name):
    """A function that does something without a name gets no name."""
    found, _, asked = explained(NONSENSE[name])
    assert found is None
    assert asked.calls <= 25


@pytest.mark.parametrize("name", UNSURE)
def test_what_only_looks_like_something_is_not_sure(name):
    """Where no model gives the very numbers, a likeness may be told, but is not sure."""
    conv2d, expected = UNSURE[name]
    found, case, asked = explained(conv2d)
    assert (expected, False) == (found.name, found.sure)
    cells_hold(found, conv2d(*case.before), case.target)
    assert asked.calls <= 25


@pytest.mark.parametrize(
    "answer", [answer for answer in answers.load() if answer.right], ids=lambda answer: answer.name
)
def test_a_right_function_is_never_explained(answer):
    """No right answer is found fault with, even if it is compared with a wrong map."""
    conv2d = written(answer)
    case = example(8, 8, seed=11)
    asked = Asked(conv2d, 20)
    assert behaviour.explain(asked, case, None) is None
    case.target = case.target + 1
    with contextlib.redirect_stdout(io.StringIO()):
        assert behaviour.explain(asked, case, None) is None


@pytest.mark.parametrize("size", [(12, 10), (10, 10), (12, 8), (8, 12), (3, 3), (3, 5), (4, 4)])
def test_every_size_of_image_will_do(size):
    """The same is found whatever the size of the image that was wrong, be it a single patch."""
    case = tried(size, (3, 3), 4)
    found = behaviour.explain(Asked(lambda i, k: -correlated(i, k).abs(), 20), case, None)
    assert (found.names, found.sure) == (("sign-dropped", "sign-reversed"), True)


def test_another_fault_at_another_size_is_not_sworn_away():
    """What fits every map of this size and not those of another is told without being sure."""

    def conv2d(image, kernel):
        result = correlated(image, kernel).relu()
        return result if result.shape == (6, 6) else result * 2

    found, _, _ = explained(conv2d)
    assert (found.name, found.sure) == ("negatives-set-to-zero", False)


def test_a_function_that_does_not_answer_gets_no_explanation():
    """Errors, wrong sizes and no time left lead to no explanation, and to no error."""

    def raising(image, kernel):
        raise ValueError("no")

    for conv2d in (raising, lambda i, k: i, lambda i, k: None):
        assert explained(conv2d)[0] is None
    assert explained(ONE["abs"][0], seconds=0)[0] is None


@pytest.mark.parametrize("way", models.COMBINED)
@pytest.mark.parametrize("by", models.REDUCED)
def test_every_way_of_making_outputs_is_found_again(way, by):
    """A function that works as a model does is explained by it, or by one that gives the same."""
    if way == "product" and by in ("sum", "mean"):
        return
    model = models.Model(core=(way, by))
    found, case, _ = explained(lambda image, kernel: model(image, kernel).float())
    assert found is not None
    if found.names[0] not in ("nan-or-infinite", "kernel-ignored", "image-ignored"):
        cells_hold(found, model(*case.before), case.target)
