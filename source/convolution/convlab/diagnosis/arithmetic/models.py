"""Models of wrong functions: what may be done to image, weights, products and results instead of
only adding up products.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ... import oracle
from ...taps.sums import foretold

BOTH = (-2, -1)
Change = str | tuple[float, float]  # a key of EACH, TABLE or FIRST, or limits; "" for none


def spread(x: Tensor, correction: int) -> Tensor:
    """The standard deviation over the last two axes, which stay."""
    return x.flatten(-2).std(-1, correction=correction)[..., None, None]


def low(x: Tensor) -> Tensor:
    """The smallest number of each table."""
    return x.amin(BOTH, keepdim=True)


def high(x: Tensor) -> Tensor:
    """The largest number of each table."""
    return x.amax(BOTH, keepdim=True)


def mean(x: Tensor) -> Tensor:
    """The mean of each table."""
    return x.mean(BOTH, keepdim=True)


def half_away(x: Tensor) -> Tensor:
    """Rounded to whole numbers, halves away from 0."""
    return x.sign() * (x.abs() + 0.5).floor()


EACH: dict[str, Callable[..., Tensor]] = {  # what may be done to each number
    "abs": torch.abs,
    "relu": torch.relu,
    "negative": lambda x: x.clamp(max=0),
    "trunc": torch.trunc,
    **{f"round{d}": lambda x, d=d: x.round(decimals=d) for d in range(5)},
    "floor": torch.floor,
    "ceil": torch.ceil,
    "half-up": lambda x: (x + 0.5).floor(),
    "half-away": half_away,
    **{f"cut{d}": lambda x, d=d: (x * 10**d).trunc() / 10**d for d in (1, 2, 3)},
    # in float32, which near halves may come out otherwise
    **{
        f"round{d}-single": lambda x, d=d: x.float().round(decimals=d).double() for d in range(1, 5)
    },
    **{
        f"cut{d}-single": lambda x, d=d: ((x.float() * 10**d).trunc() / 10**d).double()
        for d in (1, 2, 3)
    },
    "byte": lambda x: x.nan_to_num(0, 0, 0).trunc().remainder(256),
    "signed-byte": lambda x: (x.nan_to_num(0, 0, 0).trunc() + 128).remainder(256) - 128,
    "half": lambda x: x.half().double(),
    "bfloat16": lambda x: x.bfloat16().double(),
    "square": torch.square,
    "cube": lambda x: x**3,
    "root": torch.sqrt,
    "root-abs": lambda x: x.abs().sqrt(),
    "signed-root": lambda x: x.sign() * x.abs().sqrt(),
    "sign": torch.sign,
    "positive": lambda x: (x > 0).double(),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softsign": F.softsign,
    "atan": torch.atan,
    "softplus": F.softplus,
    "silu": F.silu,
    "gelu": F.gelu,
    "elu": F.elu,
    **{f"leaky{p}": lambda x, p=p: F.leaky_relu(x, p / 100) for p in (1, 10, 20)},
    "log1p": lambda x: x.abs().log1p(),
    "signed-log1p": lambda x: x.sign() * x.abs().log1p(),
    "exp": torch.exp,
    "log": torch.log,
    "reciprocal": torch.reciprocal,
    "sin": torch.sin,
    "cos": torch.cos,
}
LIMITS = [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0), (-128.0, 127.0), (-255.0, 255.0), (0.0, 6.0)]
TABLE: dict[str, Callable[[Tensor], Tensor]] = {  # what may be done to a whole table of numbers
    "minmax": lambda x: (x - low(x)) / (high(x) - low(x)),
    "minmax255": lambda x: (x - low(x)) / (high(x) - low(x)) * 255,
    "minmax11": lambda x: (x - low(x)) / (high(x) - low(x)) * 2 - 1,
    "by-max": lambda x: x / high(x),
    "by-abs-max": lambda x: x / high(x.abs()),
    "by-sum": lambda x: x / x.sum(BOTH, keepdim=True),
    "by-abs-sum": lambda x: x / x.abs().sum(BOTH, keepdim=True),
    "by-norm": lambda x: x / x.norm(dim=BOTH, keepdim=True),
    "by-mean": lambda x: x / mean(x),
    "centred": lambda x: x - mean(x),
    "standard": lambda x: (x - mean(x)) / spread(x, 1),
    "standard0": lambda x: (x - mean(x)) / spread(x, 0),
    "by-range": lambda x: x / (high(x) - low(x)),
    "softmax": lambda x: x.flatten(-2).softmax(-1).reshape(x.shape),
    "softmax-rows": lambda x: x.softmax(-1),
    "softmax-columns": lambda x: x.softmax(-2),
    "from-low": lambda x: x - low(x),
    "from-high": lambda x: high(x) - x,
}
FIRST: dict[
    str, Callable[[Tensor], Tensor]
] = {  # what may be done to brightnesses or weights besides
    "by-255": lambda x: x / 255,
    "by-255-if-above-1": lambda x: x / torch.where(high(x) > 1, 255.0, 1.0),
    "one-minus": lambda x: 1 - x,
    "from-255": lambda x: 255 - x,
    "to-11": lambda x: x * 2 - 1,
    "byte-clamped": lambda x: x.clamp(0, 255).trunc(),
}
WHOLE = ("trunc", "byte", "signed-byte", "byte-clamped")  # what types of whole numbers make of them
LINEAR = {"centred", "by-255"}  # with which a sum of pixels times weights stays one
COMBINED: dict[str, Callable[..., Tensor]] = {  # what may be made of each pixel and its weight
    "product": lambda x, w: x * w,
    "positive-product": lambda x, w: (x * w).abs(),
    "squared-difference": lambda x, w: (x - w) ** 2,
    "difference": lambda x, w: x - w,
    "difference-without-sign": lambda x, w: (x - w).abs(),
    "sum": lambda x, w: x + w,
    "difference-back": lambda x, w: w - x,
    "power": lambda x, w: x**w,
    "power-back": lambda x, w: w**x,
    "quotient": lambda x, w: x / w,
    "quotient-back": lambda x, w: w / x,
    **{
        f"product-{step}": lambda x, w, step=step: EACH[step](x * w)
        for step in ("trunc", "round0", "round1", "round2", "byte", "signed-byte")
    },
    "larger": torch.maximum,
    "smaller": torch.minimum,
    "pixel": lambda x, w: x + 0 * w.nan_to_num(),
    "weight": lambda x, w: w + 0 * x.nan_to_num(),
}
REDUCED: dict[str, Callable[[Tensor], Tensor]] = {  # what may be made of all these of a patch
    "sum": lambda x: x.sum(BOTH),
    "mean": lambda x: x.mean(BOTH),
    "max": lambda x: x.amax(BOTH),
    "min": lambda x: x.amin(BOTH),
    "median": lambda x: x.flatten(-2).median(-1).values,
    "prod": lambda x: x.flatten(-2).prod(-1),
    "spread": lambda x: spread(x, 1)[..., 0, 0],
    "spread0": lambda x: spread(x, 0)[..., 0, 0],
    "norm": lambda x: x.norm(dim=BOTH),
    "square-sum": lambda x: x.square().sum(BOTH),
    "abs-max": lambda x: x.abs().amax(BOTH),
    "range": lambda x: x.amax(BOTH) - x.amin(BOTH),
    "positive-sum": lambda x: x.clamp(min=0).sum(BOTH),
}
TURNED: dict[str, Callable[[Tensor], Tensor]] = {  # how the kernel may be turned
    "": lambda k: k,
    "flip": lambda k: k.flip(0, 1),
    "up-down": lambda k: k.flip(0),
    "left-right": lambda k: k.flip(1),
    "transposed": lambda k: k.T,
    "left": lambda k: k.rot90(1),
    "right": lambda k: k.rot90(-1),
    "anti": lambda k: k.T.flip(0, 1),
}
DIVISORS: dict[str, Callable[[Tensor], Tensor]] = {  # by what of the kernel results may be divided
    "sum": lambda k: k.sum(),
    "sum-unless-0": lambda k: k.sum() if k.sum() else torch.ones_like(k.sum()),
    "abs-sum": lambda k: k.abs().sum(),
    "norm": lambda k: k.norm(),
    "square-sum": lambda k: k.square().sum(),
    "max": lambda k: k.max(),
    "abs-max": lambda k: k.abs().max(),
    "mean": lambda k: k.mean(),
}


def changed(x: Tensor, change: Change) -> Tensor:
    """The tables x (..., rows, columns) after a change; (low, high) are limits they are held in."""
    if isinstance(change, tuple):
        return x.clamp(*change)
    return (EACH.get(change) or TABLE.get(change) or FIRST[change])(x) if change else x


def patches(image: Tensor, size: tuple[int, ...]) -> Tensor:
    """All patches (rows, columns, M, N) of an image."""
    return image.unfold(0, size[0], 1).unfold(1, size[1], 1)


def rough(dtype: torch.dtype, way: str) -> Callable[[Tensor, Tensor], Tensor]:
    """The function that multiplies and adds up in a dtype of few digits, in one of four ways."""

    def results(pixels: Tensor, weights: Tensor) -> Tensor:
        pixels_, weights_ = pixels.to(dtype), weights.to(dtype)
        if way == "inputs":  # added up exactly, then stored
            return (pixels_.double() * weights_.double()).sum(BOTH).to(dtype).double()
        products = (pixels * weights).to(dtype) if way == "stored" else pixels_ * weights_
        if way == "one-by-one":
            return sum(products.flatten(-2).unbind(-1), torch.zeros((), dtype=dtype)).double()
        return products.double().sum(BOTH).to(torch.float64 if way == "stored" else dtype).double()

    return results


def stepwise(step: str) -> Callable[[Tensor, Tensor], Tensor]:
    """The function that changes the sum after every product."""

    def results(pixels: Tensor, weights: Tensor) -> Tensor:
        total = torch.zeros(())
        for products in (pixels * weights).flatten(-2).unbind(-1):
            total = EACH[step](total + products)
        return total

    return results


ROUGH = {
    f"{dtype}-{way}": rough(getattr(torch, dtype), way)
    for dtype in ("float16", "bfloat16")
    for way in ("inputs", "products", "one-by-one", "stored")
}
STEPS = {
    f"step-{step}": stepwise(step)
    for step in ("trunc", "floor", "round0", "round1", "round2", "relu", "abs")
}


@dataclass(frozen=True)
class Model:
    """A function of image (H, W) and kernel (M, N) that may be wrong in several ways at once.

    The `image`, each `patch` and the `kernel` are changed first, and the kernel is turned (`turn`,
    a key of TURNED). Each output is made of pixels and weights by the `core`: (how combined, how
    reduced), a key of ROUGH or STEPS, or "taps" for an X-ray's own `coefficients`. The results are
    divided by what `divisor` (a key of DIVISORS) makes of the kernel, changed by each of `after`,
    multiplied by line[0], and line[1] and a part of image or kernel (`plus`) are added.
    """

    image: Change = ""
    patch: Change = ""
    kernel: Change = ""
    turn: str = ""
    core: str | tuple[str, str] = ("product", "sum")
    divisor: str = ""
    after: tuple[Change, ...] = ()
    line: tuple[float, float] = (1.0, 0.0)
    plus: tuple = ()
    coefficients: Tensor | None = None

    @property
    def parts(self) -> int:
        """How many things are not as they should be; coefficients of any kind count twice."""
        core = 0 if self.core == ("product", "sum") else 2 if self.core == "taps" else 1
        return (
            bool(self.image)
            + bool(self.patch)
            + bool(self.kernel)
            + bool(self.turn)
            + core
            + bool(self.divisor)
            + len(self.after)
            + (self.line[0] != 1)
            + (self.line[1] != 0)
            + bool(self.plus)
        )

    @property
    def bilinear(self) -> bool:
        """Whether it is still a sum of pixels times weights."""
        return (
            {self.image, self.patch, self.kernel, *self.after} <= {"", *LINEAR}
            and self.core in (("product", "sum"), ("product", "mean"), "taps")
            and not self.divisor
            and not self.line[1]
            and not self.plus
        )

    def fits(self, image: Tensor, kernel: Tensor) -> bool:
        """Whether it can be worked out for an image and a kernel of these sizes."""
        read = self.coefficients
        if read is not None and read.shape[2:] != (*image.shape, *kernel.shape):
            return False
        return TURNED[self.turn](kernel).shape == kernel.shape

    def results(self, image: Tensor, kernel: Tensor) -> Tensor:
        """The results (rows, columns) before the changes that come `after`, in float64."""
        image, kernel = image.double(), kernel.double()
        results = self.core_results(
            changed(image, self.image), TURNED[self.turn](changed(kernel, self.kernel))
        )
        return results / DIVISORS[self.divisor](kernel) if self.divisor else results

    def core_results(self, image: Tensor, kernel: Tensor) -> Tensor:
        """What the core makes of an image and a kernel that have been changed: (rows, columns)."""
        if self.coefficients is not None:
            return foretold(self.coefficients, image, kernel)
        if self.core == ("product", "sum") and not self.patch:
            return oracle.feature_map(image, kernel)
        return made(self.core, changed(patches(image, kernel.shape), self.patch), kernel)

    def __call__(self, image: Tensor, kernel: Tensor) -> Tensor:
        """The map (rows, columns) of an image and a kernel, rounded to float32, in float64."""
        found = self.results(image, kernel)
        for change in self.after:
            found = changed(found, change)
        found = found * self.line[0] + self.line[1]
        if self.plus:
            found = found + added(self.plus, image.double(), kernel.double(), found)
        return found.float().double()


def made(core: str | tuple[str, str], pixels: Tensor, weights: Tensor) -> Tensor:
    """What a core other than "taps" makes of pixels (rows, columns, M, N) and weights (M, N)."""
    if isinstance(core, str):
        return (ROUGH | STEPS)[core](pixels, weights)
    combined, reduced = core
    return REDUCED[reduced](COMBINED[combined](pixels, weights))


def added(plus: tuple, image: Tensor, kernel: Tensor, like: Tensor) -> Tensor:
    """What is added to the results: (rows, columns) as `like`, or a single number."""
    what, *place = plus
    if what == "pixel":
        return image[place[0] : place[0] + len(like), place[1] : place[1] + like.shape[1]]
    if what == "patch":
        return patches(image, kernel.shape).sum(BOTH)
    if what == "weight":
        return kernel[tuple(place)]
    if what == "weights":
        return kernel.sum()
    return image.sum() if what == "image" else image.mean()
