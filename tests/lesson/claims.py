"""What facts claim of a function (which cells, which products, which numbers), held against the
function asked again.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator

import torch
from convlab import oracle
from convlab.messages import Message
from convlab.printing import number, size
from convlab.taps.probe import tried
from samples import patches, without

TURNED = {
    "up-down": lambda table: table.flip(0),
    "left-right": lambda table: table.flip(1),
    "half": lambda table: table.flip(0, 1),
    "transposed": lambda table: table.T,
    "transposed-half": lambda table: table.T.flip(0, 1),
    "quarter-left": torch.rot90,
    "quarter-right": lambda table: torch.rot90(table, -1),
}
OF_DEPARTURES = {"no-sum", "unsteady", "maps", "single-pixels"}
CHECKS: dict[str, Callable] = {}  # how each kind of fact is checked: (facts of the message, Claims)


def check(*names: str) -> Callable:
    """Make a function the check of facts of these names; it is given what comes after the dot."""

    def take(function: Callable) -> Callable:
        for name in names:
            section, _, part = name.partition(".")
            CHECKS[name] = functools.partial(function, part or section)
        return function

    return take


def untrue(
    facts: Iterable[Message],
    conv2d: Callable,
    image_size: tuple[int, int] = (8, 8),
    kernel_size: tuple[int, int] = (3, 3),
) -> list[Message]:
    """The facts on taps that the function itself, asked again, does not bear out.

    Facts of other files are looked into for facts on taps. KeyError if there is no check of a fact.
    """
    told = [fact for fact in on_taps(facts) if fact.name.partition(".")[0] not in OF_DEPARTURES]
    claims = Claims(told, conv2d, image_size, kernel_size)
    return [fact for fact in told if not CHECKS[fact.name](fact.facts, claims)]


def on_taps(facts: Iterable) -> Iterator[Message]:
    """The facts on taps among these facts and what other facts hold."""
    for fact in facts:
        if isinstance(fact, Message) and fact.file == "taps":
            yield fact
        elif isinstance(fact, Message):
            yield from on_taps(fact.facts.values())
        elif isinstance(fact, list):
            yield from on_taps(fact)


class Claims:
    """All `facts` told of one function, and the function that they are held against."""

    def __init__(self, facts, conv2d, image_size, kernel_size):
        self.facts, self.image_size, self.kernel_size = facts, image_size, kernel_size
        self.conv2d = lambda image, kernel: conv2d(image.clone(), kernel.clone()).detach().double()
        chance = torch.Generator().manual_seed(0)  # new ones would be equal by chance one day
        self.image, self.kernel = (
            torch.rand(size, generator=chance) + 0.5 for size in (image_size, kernel_size)
        )
        self.result = self.conv2d(self.image, self.kernel)
        self.right = oracle.feature_map(self.image, self.kernel).double()

    def one(self, *names):
        """The first of the facts that has one of these names, or begins with one that ends in a
        dot; or None.
        """
        for fact in self.facts:
            if fact.name in names or f"{fact.name.partition('.')[0]}." in names:
                return fact
        return None

    def coefficient(self, output, pixel, weight):
        """How often an output adds a pixel times a weight."""
        image, kernel = torch.zeros(self.image_size), torch.zeros(self.kernel_size)
        image[pixel] = kernel[weight] = 1
        return float(self.conv2d(image, kernel)[output])

    @functools.cached_property
    def coefficients(self):
        """How often each output adds each pixel times each weight: (rows, columns, H, W, M, N)."""
        pixels = torch.eye(self.image_size[0] * self.image_size[1])
        weights = torch.eye(self.kernel_size[0] * self.kernel_size[1])
        maps = [
            self.conv2d(pixel.reshape(self.image_size), weight.reshape(self.kernel_size))
            for pixel in pixels
            for weight in weights
        ]
        table = torch.stack(maps, dim=-1)
        return table.reshape(*self.result.shape, *self.image_size, *self.kernel_size)

    @functools.cached_property
    def met(self):
        """How often outputs add pixels with each weight, and the mean row and column of these
        pixels.

        Three tensors (rows, columns, M, N), read from images of ones, of row numbers and of column
        numbers.
        """
        height, width = self.image_size
        down, across = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        kernels = torch.eye(self.kernel_size[0] * self.kernel_size[1])
        sums = [
            torch.stack(
                [self.conv2d(image, kernel.reshape(self.kernel_size)) for kernel in kernels], -1
            ).reshape(*self.result.shape, *self.kernel_size)
            for image in (torch.ones(height, width), down.float(), across.float())
        ]
        return sums[0], sums[1] / sums[0], sums[2] / sums[0]

    @functools.cached_property
    def grid(self):
        """The numbers i, j, m, n of all products: four tensors that fit (rows, columns, M, N)."""
        sides = (*self.result.shape, *self.kernel_size)
        return torch.meshgrid(*map(torch.arange, sides), indexing="ij")

    @functools.cached_property
    def excepted(self):
        """The outputs (rows, columns) that are said to follow another rule; None if only their
        number is told.
        """
        fact = self.one("exception.rule", "exception.alone")
        shape = tuple(self.result.shape)
        return marked(fact.facts["cells"], shape) if fact else torch.zeros(shape, dtype=torch.bool)

    @functools.cached_property
    def told(self):
        """The row and the column of the pixel that each product should read by what is told: (rows,
        columns, M, N).
        """
        i, j, m, n = self.grid
        fact = self.one("formula.pixels")
        if fact:
            return value(fact.facts["row"], i, j, m, n), value(fact.facts["column"], i, j, m, n)
        if self.one("image-turned.transposed"):
            return j + n, i + m
        outputs, weights = self.begun(i, j), self.laid(m, n)
        down, across = self.moved()
        return outputs[0] + weights[0] + down, outputs[1] + weights[1] + across

    def begun(self, i, j):
        """Where the patch of output (i, j) should begin, by how the patches are said to move."""
        fact = self.one("map-turned.", "same-patch.", "stride.")
        if not fact:
            return i, j
        part = fact.name.partition(".")[2]
        if fact.name.startswith("map-turned."):
            sides = [*self.result.shape]
            if part.startswith(("transposed", "quarter")):
                sides.reverse()
            places = TURNED[part](torch.arange(self.result.numel()).reshape(sides))
            places = places[:, :, None, None].expand_as(i)
            return places // sides[1], places % sides[1]
        if fact.name.startswith("same-patch."):
            last = len(self.right) - 1
            return {
                "everywhere": (0 * i, 0 * j),
                "rows": (0 * i, j),
                "columns": (i, 0 * j),
                "last-row": (0 * i + last, j),
            }[part]
        steps = {fact.name: fact.facts["step"] for fact in self.facts if "step" in fact.facts}
        both = steps.get("stride.both", 1)
        return i * steps.get("stride.down", both), j * steps.get("stride.across", both)

    def laid(self, m, n):
        """Where weight (m, n) should lie on its patch, by how the kernel is said to lie."""
        fact = self.one("kernel-turned.", "same-pixel.", "spread.")
        if not fact:
            return m, n
        part = fact.name.partition(".")[2]
        if fact.name.startswith("kernel-turned."):
            count = self.kernel_size[0] * self.kernel_size[1]
            turned = TURNED[part](torch.arange(count).reshape(self.kernel_size))
            places = turned.flatten().argsort().reshape(self.kernel_size).expand_as(m)
            return places // turned.shape[1], places % turned.shape[1]
        if fact.name.startswith("same-pixel."):
            return {
                "everywhere": (0 * m, 0 * n),
                "rows": (0 * m, n),
                "columns": (m, 0 * n),
            }[part]
        steps = {fact.name: fact.facts["step"] for fact in self.facts if "step" in fact.facts}
        both = steps.get("spread.both", 1)
        return m * steps.get("spread.rows", both), n * steps.get("spread.columns", both)

    def moved(self):
        """How far down and across the patches are said to begin from where they should."""
        fact = self.one("shifted.patches")
        far = {way.name: way.facts["count"] for way in fact.facts["ways"]} if fact else {}
        down = far.get("shifted.down", 0) - far.get("shifted.up", 0)
        return down, far.get("shifted.right", 0) - far.get("shifted.left", 0)

    @functools.cached_property
    def follows(self):
        """Which products, if they are read at all, read the pixel that is told: flags (rows,
        columns, M, N).
        """
        count, *places = self.met
        sides = self.image_size if self.one("beyond.opposite", "beyond.opposite-some") else None
        same = torch.ones_like(count, dtype=torch.bool)
        for axis, (place, told) in enumerate(zip(places, self.told, strict=True)):
            off = place - told
            off = off - sides[axis] * (off / sides[axis]).round() if sides else off
            same &= off.abs() < 1e-3
        return same | (count.abs() < 1e-6)

    @functools.cached_property
    def lies_as_told(self):
        """Whether all that is said of how patches and kernel lie holds, but for the outputs that
        are excepted.
        """
        if self.excepted is None:
            return bool(self.follows.all(dim=3).all(dim=2).double().mean() >= 0.5)
        return bool(self.follows[~self.excepted].all())

    @functools.cached_property
    def beyond(self):
        """Which products, by what is told, have a pixel outside of the image: flags (rows, columns,
        M, N).
        """
        (y, x), (height, width) = self.told, self.image_size
        return (y < 0) | (x < 0) | (y >= height) | (x >= width)

    @functools.cached_property
    def silent(self):
        """The outputs that are 0 whatever the image and the kernel: flags (rows, columns)."""
        return self.result == 0

    def used(self, weight):
        """Whether the map depends on a weight."""
        other = self.conv2d(self.image, without(self.kernel, weight))
        return not torch.allclose(other, self.result, atol=1e-6)

    @functools.cached_property
    def same(self):
        """Which outputs are right, of those that both maps have: flags."""
        rows, columns = map(min, self.result.shape, self.right.shape)
        return (self.result[:rows, :columns] - self.right[:rows, :columns]).abs() < 1e-5


def marked(cells: list[Message], shape: tuple[int, ...]) -> torch.Tensor | None:
    """The cells of a table of this shape that facts name, as flags; None if only their number is
    told.
    """
    mask = torch.zeros(shape, dtype=torch.bool)
    for fact in cells:
        if fact.name == "cells.outputs":
            return None
        for cell in fact.facts.get("cells", ()):
            mask[cell] = True
        for line in numbers(fact.facts.get("lines", ())):
            mask[(line,) if fact.name.endswith("-rows") else (slice(None), line)] = True
    return mask


def numbers(lines: Iterable[int | Message]) -> Iterator[int]:
    """The numbers of rows or columns that are told."""
    for line in lines:
        if isinstance(line, Message):
            yield from range(line.facts["first"], line.facts["last"] + 1)
        else:
            yield line


def value(term, i, j, m, n):
    """What a rule such as "2i − m + 2" gives for these numbers."""
    text = re.sub(r"(\d)([ijmn])", r"\1*\2", term.replace("\N{MINUS SIGN}", "-"))
    return eval(text, {"__builtins__": {}}, {"i": i, "j": j, "m": m, "n": n}) + 0 * i


@check("all.right", "all.nothing", "all.size")
def of_all(part, facts, claims):
    """The map has the size that is told, is right everywhere, or 0 everywhere."""
    came, right = claims.result, claims.right
    if part == "size":
        return (facts["came"], facts["expected"]) == (size(came.shape), size(right.shape))
    if part == "nothing":
        return not came.any()
    return came.shape == right.shape and claims.same.all() and facts["count"] == came.numel()


@check(
    *(f"{which}-turned.{turn}" for which in ("map", "kernel") for turn in TURNED),
    "image-turned.transposed",
    *(f"same-patch.{part}" for part in ("everywhere", "rows", "columns")),
    *(f"stride.{part}" for part in ("both", "down", "across")),
    *(f"same-pixel.{part}" for part in ("everywhere", "rows", "columns")),
    *(f"spread.{part}" for part in ("both", "rows", "columns")),
    "shifted.patches",
    "formula.pixels",
)
def of_places(part, facts, claims):
    """Every product reads the pixel that it should by all that is told together."""
    return claims.lies_as_told


@check("same-patch.last-row")
def of_last_row(part, facts, claims):
    """All rows of the map are its last one, which reads the patches of the last row."""
    return claims.lies_as_told and bool((claims.result == claims.result[-1]).all())


@check("formula.in-a-row", "formula.row-length")
def of_pixels_in_a_row(part, facts, claims):
    """Every product reads the pixel with the number that is told."""
    (i, j, m, n), (count, y, x), width = claims.grid, claims.met, claims.image_size[1]
    usual = i * width + j + m * width + n
    if part == "in-a-row":
        told = value(facts["came"], i, j, m, n)
        if not torch.equal(value(facts["expected"], i, j, m, n), usual):
            return False
    else:
        told = (i + m) * facts["count"] + j + n
    off = (y * width + x - told).abs()
    return bool(((off < 1e-3) | (count.abs() < 1e-6)).all()) and facts.get("width", width) == width


@check("beyond.opposite", "beyond.opposite-some", "beyond.zero")
def of_edges(part, facts, claims):
    """Products whose pixel lies outside of the image are left out, or read its other side."""
    read = claims.met[0].abs() > 1e-6
    if part == "zero":
        return bool(claims.beyond.any()) and not read[claims.beyond].any()
    read = read[claims.beyond]
    return claims.lies_as_told and bool(read.all() if part == "opposite" else read.any())


@check("exception.rule", "exception.alone", "exception.tap")
def of_exceptions(part, facts, claims):
    """Some outputs follow no rule, the others do, and the product that is named does not."""
    here = not claims.follows.all(dim=3).all(dim=2).all()
    if part == "rule":
        return here and claims.lies_as_told
    tap = (facts["output"], facts["pixel"], facts["weight"])
    place = [told[(*facts["output"], *facts["weight"])] for told in claims.told]
    return claims.coefficient(*tap) != 0 and facts["pixel"] != tuple(map(int, place))


@check(
    *(
        f"product.{part}"
        for part in ("not-by-weight", "besides-weight", "not-by-pixel", "besides-pixel", "no-pixel")
    )
)
def of_products(part, facts, claims):
    """The product that is named is added, and the right one is not, or is as well."""
    output, pixel, weight = facts["output"], facts["pixel"], facts["weight"]
    if not claims.coefficient(output, pixel, weight):
        return False
    right = (output[0] + weight[0], output[1] + weight[1])
    if part == "no-pixel":
        return right[0] >= claims.image_size[0] or right[1] >= claims.image_size[1]
    if part.endswith("weight"):
        other = (output, pixel, facts["other"])
    else:
        other = (output, facts["other"], weight)
    right = (other[0][0] + other[2][0], other[0][1] + other[2][1])
    there = claims.coefficient(*other) != 0
    return other[1] == right and there == part.startswith("besides")


@check("product.no-patch")
def of_outputs_beyond(part, facts, claims):
    """The output is none of the right map, and reads the pixel that is named."""
    output, weights = facts["output"], torch.ones(claims.kernel_size).nonzero().tolist()
    outside = any(k >= side for k, side in zip(output, claims.right.shape, strict=True))
    return outside and any(claims.coefficient(output, facts["pixel"], tuple(w)) for w in weights)


@check("silent.these", "silent.others", "silent.number")
def of_silence(part, facts, claims):
    """Just the outputs that are named are always 0."""
    if part == "number":
        return (facts["count"], facts["total"]) == (int(claims.silent.sum()), claims.silent.numel())
    cells = marked(facts["cells"], claims.silent.shape)
    return torch.equal(claims.silent, ~cells if part == "others" else cells)


@check("unused.these", "unused.others", "unused.number", "unused.sum")
def of_weights(part, facts, claims):
    """The map depends on just the weights that are said to be used."""
    weights = torch.ones(claims.kernel_size).nonzero().tolist()
    if part == "sum":
        count = claims.met[0][facts["output"]]
        several = bool(claims.excepted is None or claims.excepted[facts["output"]])
        same = several or int((count.abs() > 1e-6).sum()) == facts["count"]
        return same and facts["expected"] == len(weights) and facts["count"] < len(weights)
    unused = [tuple(weight) for weight in weights if not claims.used(tuple(weight))]
    if part == "number":
        return (facts["count"], facts["total"]) == (len(unused), len(weights))
    cells = marked(facts["cells"], claims.kernel_size)
    told = (~cells if part == "others" else cells).nonzero().tolist()
    return unused == [tuple(weight) for weight in told]


@check("left-out.products")
def of_left_out(part, facts, claims):
    """The product that is named is not read, nor as many others as are told."""
    read = claims.met[0].abs() > 1e-6
    weights = read.flatten(0, 1).any(dim=0)
    outputs = ~claims.silent if claims.excepted is None else ~(claims.silent | claims.excepted)
    left = ~claims.beyond & ~read & weights & outputs[..., None, None]
    first = left[(*facts["output"], *facts["weight"])]
    return bool(first) and (claims.excepted is None or int(left.sum()) == facts["count"])


@check(
    "every-product.mean",
    *(
        f"{which}-product.{part}"
        for which in ("every", "weight", "one")
        for part in ("subtracted", "divided", "counted", "multiplied")
    ),
)
def of_factors(part, facts, claims):
    """The products that are named are added as often as is told."""
    factor = factor_of(part, facts)
    if "output" in facts:
        tap = claims.coefficient(facts["output"], facts["pixel"], facts["weight"])
        return abs(tap - factor) < 1e-4
    counts = claims.met[0][(..., *facts.get("weight", ()))].flatten()
    counts = counts[counts.abs() > 1e-6] / factor  # several pixels may meet one weight
    whole = (counts - counts.round()).abs() < 1e-3
    weights = claims.kernel_size[0] * claims.kernel_size[1]
    return bool((whole & (counts > 0.5)).all()) and (part != "mean" or facts["divisor"] == weights)


@check(
    *(
        f"adds.{part}"
        for part in (
            *("before-in-rows", "before-in-columns", "left", "above"),
            *("after-in-rows", "after-in-columns", "right", "below", "whole-column"),
        )
    )
)
def of_sums(part, facts, claims):
    """The map is the right one, added up in the way that is told."""
    right, turned = claims.right, claims.right.flip(0, 1)
    should = {
        "before-in-rows": right.flatten().cumsum(0).reshape(right.shape),
        "before-in-columns": right.T.flatten().cumsum(0).reshape(right.T.shape).T,
        "left": right.cumsum(1),
        "above": right.cumsum(0),
        "after-in-rows": turned.flatten().cumsum(0).reshape(right.shape).flip(0, 1),
        "after-in-columns": turned.T.flatten().cumsum(0).reshape(right.T.shape).T.flip(0, 1),
        "right": turned.cumsum(1).flip(0, 1),
        "below": turned.cumsum(0).flip(0, 1),
        "whole-column": right.sum(0).expand_as(right),
    }
    return claims.result.shape == right.shape and alike(claims.result, should[part])


@check("adds.some", "adds.all", "exchanged.some", "exchanged.all")
def of_other_patches(part, facts, claims):
    """At least so many outputs are wrong as are said to read the patches of others."""
    others = claims.result.numel() - int(claims.same.sum())
    return facts["total"] == claims.result.numel() and others >= facts.get("count", facts["total"])


@check("exchanged.row-length", "exchanged.by-columns")
def of_order(part, facts, claims):
    """The map holds the right numbers in the order that is told."""
    came, right = claims.result.flatten(), claims.right
    if part == "by-columns":
        return alike(came, right.T.flatten())
    widths = (claims.result.shape[1], right.shape[1])
    return (facts["count"], facts["expected"]) == widths and alike(
        came, right.flatten()[: len(came)]
    )


@check("patches.read")
def of_patches(part, facts, claims):
    """The output is the sum of the right outputs that are named."""
    total = 0.0
    for patch in facts["patches"]:
        if isinstance(patch, tuple):
            total += claims.right[patch]
        elif patch.name == "patches.times":
            total += patch.facts["factor"] * claims.right[patch.facts["patch"]]
        else:
            listed = len(facts["patches"]) - 1
            return facts["count"] == listed + patch.facts["count"]
    same = abs(claims.result[facts["output"]] - total) < 1e-4
    return same and facts["count"] == len(facts["patches"])


@check(
    *(f"patch-times.{part}" for part in ("one-weight", "weights", "number", "all-weights")),
    *(f"patch-times.{a}-by-{b}" for a in ("row", "column") for b in ("row", "column")),
)
def of_mixing(part, facts, claims):
    """The map is what comes of multiplying pixels and weights as is told."""
    found, kernel = patches(claims.image, claims.kernel).double(), claims.kernel.double()
    if part == "number":
        weights = torch.ones(claims.kernel_size).nonzero().tolist()
        return facts["count"] == sum(claims.used(tuple(weight)) for weight in weights)
    if part.endswith(("weight", "weights")):
        if facts["pixels"] != kernel.numel():
            return False
        if part == "one-weight":
            kernel = kernel[facts["weight"]]
        elif part == "weights":
            kernel = kernel[marked(facts["cells"], kernel.shape)]
        should = found.sum((2, 3)) * kernel.sum()
    else:
        pixel, weight = (0 if word == "row" else 1 for word in part.split("-by-"))
        should = (found.sum(3 - pixel) * kernel.sum(1 - weight)).sum(2)
    every = next((fact for fact in claims.facts if fact.name.startswith("every-product.")), None)
    times = factor_of(every.name.partition(".")[2], every.facts) if every else 1
    rows, columns = map(min, claims.result.shape, should.shape)
    return alike(claims.result[:rows, :columns], should[:rows, :columns] * times)


@check("products.counted")
def of_numbers(part, facts, claims):
    """So many right and other products are read as are told."""
    read = claims.coefficients.abs() > 1e-6
    rows, columns, m, n = (*claims.right.shape, *claims.kernel_size)
    i, j, m, n = torch.cartesian_prod(*map(torch.arange, (rows, columns, m, n))).T
    inside = (i < len(claims.result)) & (j < claims.result.shape[1])
    i, j, m, n = (part[inside] for part in (i, j, m, n))
    found = int(read[i, j, i + m, j + n, m, n].sum())
    told = (facts["expected"], facts["found"], facts["count"])
    return told == (claims.right.numel() * claims.kernel.numel(), found, int(read.sum()) - found)


@check("outputs-right.some", "outputs-right.all")
def of_right_outputs(part, facts, claims):
    """So many outputs are right as are told."""
    total = facts["total" if part == "some" else "count"]
    return (total, facts["count"]) == (claims.result.numel(), int(claims.same.sum()))


@check("outputs-missing.these")
def of_missing_outputs(part, facts, claims):
    """Just the outputs that are named are missing."""
    missing = torch.ones(claims.right.shape, dtype=torch.bool)
    missing[: claims.result.shape[0], : claims.result.shape[1]] = False
    return torch.equal(missing, marked(facts["cells"], missing.shape))


def factor_of(part, facts):
    """How often a product counts by what is told."""
    return -1 if part == "subtracted" else facts.get("factor") or 1 / facts["divisor"]


def alike(came: torch.Tensor, should: torch.Tensor) -> bool:
    """Whether two tensors are the same but for rounding."""
    return came.shape == should.shape and torch.allclose(came, should, atol=1e-3, rtol=1e-5)


def untrue_of(departure, conv2d) -> list[Message]:
    """The facts of a Departure that its own call, made again, does not bear out."""

    def again(image, kernel):
        return conv2d(image.clone(), kernel.clone()).detach().double()

    result = again(departure.image, departure.kernel)
    image, kernel = tried(departure.image.shape, departure.kernel.shape, 1).before
    exact = {places: result * 10**places for places in range(5)}
    cells = departure.cells
    largest = max((abs(there - should) for _, _, there, should in cells), default=0)
    holds = {
        "no-sum.output": lambda output, came, expected, rule: printed(result[output], came),
        "no-sum.every-output": lambda came, expected, rule: all(
            printed(each, came) for each in result.flatten()
        ),
        "no-sum.not-finite": lambda output, came: printed(result[output], came),
        "maps.zero-image": lambda: torch.equal(again(image, kernel), result),
        "maps.zero-kernel": lambda: torch.equal(again(image, kernel), result),
        "maps.small-differences": lambda off: largest <= 1.001 * float(off),
        "maps.few-values": lambda: len(departure.image.unique()) < departure.image.numel() / 2,
        "maps.whole-numbers": lambda: alike(exact[0], exact[0].round()),
        "maps.decimals": lambda count: alike(exact[count], exact[count].round()),
        "maps.not-negative": lambda: bool((result >= 0).all()),
        "maps.not-below": lambda low: bool((result >= low).all()),
        "maps.not-above": lambda high: bool((result <= high).all()),
        "maps.between": lambda low, high: bool(((result >= low) & (result <= high)).all()),
    }
    return [fact for fact in departure.facts if not holds[fact.name](**fact.facts)]


def printed(value, text):
    """Whether a text is a value as a sentence prints it."""
    return text in (number(value), f"{float(value):.6f}".replace("-", "\N{MINUS SIGN}"))
