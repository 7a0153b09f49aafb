"""Owns the models: what a function may do to image, weights, products and results instead of just adding up products."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from .. import oracle
from ..taps.sums import foretold

BOTH = (-2, -1)


def spread(x, correction):
    """The standard deviation over the last two axes, which stay."""
    return x.flatten(-2).std(-1, correction=correction)[..., None, None]


def low(x):
    """The smallest number of each table."""
    return x.amin(BOTH, keepdim=True)


def high(x):
    """The largest number of each table."""
    return x.amax(BOTH, keepdim=True)


def mean(x):
    """The mean of each table."""
    return x.mean(BOTH, keepdim=True)


def half_away(x):
    """Rounded to whole numbers, halves away from 0."""
    return x.sign() * (x.abs() + 0.5).floor()


EACH = {  # what may be done to each number
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
    **{
        f"round{d}-single": lambda x, d=d: x.float().round(decimals=d).double() for d in range(1, 5)
    },  # near halves this may
    **{
        f"cut{d}-single": lambda x, d=d: ((x.float() * 10**d).trunc() / 10**d).double()
        for d in (1, 2, 3)
    },  # come out otherwise
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
TABLE = {  # what may be done to a whole table of numbers
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
FIRST = {  # what may be done to brightnesses or weights besides
    "by-255": lambda x: x / 255,
    "by-255-if-above-1": lambda x: x / torch.where(high(x) > 1, 255.0, 1.0),
    "one-minus": lambda x: 1 - x,
    "from-255": lambda x: 255 - x,
    "to-11": lambda x: x * 2 - 1,
}
LINEAR = {"centred", "by-255"}  # with which a sum of pixels times weights stays one
COMBINED = {  # what may be made of each pixel and its weight
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
        for step in ("trunc", "round0", "round1", "round2")
    },
    "larger": torch.maximum,
    "smaller": torch.minimum,
    "pixel": lambda x, w: x + 0 * w.nan_to_num(),
    "weight": lambda x, w: w + 0 * x.nan_to_num(),
}
REDUCED = {  # what may be made of all these of a patch
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
TURNED = {  # how the kernel may be turned
    "": lambda k: k,
    "flip": lambda k: k.flip(0, 1),
    "up-down": lambda k: k.flip(0),
    "left-right": lambda k: k.flip(1),
    "transposed": lambda k: k.T,
    "left": lambda k: k.rot90(1),
    "right": lambda k: k.rot90(-1),
    "anti": lambda k: k.T.flip(0, 1),
}


def changed(x, change):
    """The tables x (..., rows, columns) after a change: a key of EACH, TABLE or FIRST, or (low, high) limits; "" for none."""
    if isinstance(change, tuple):
        return x.clamp(*change)
    return (EACH.get(change) or TABLE.get(change) or FIRST[change])(x) if change else x


def patches(image, size):
    """All patches (rows, columns, M, N) of an image."""
    return image.unfold(0, size[0], 1).unfold(1, size[1], 1)


def rough(dtype, way):
    """The function that multiplies and adds up with numbers of few digits, in one of the ways there are."""

    def results(pixels, weights):
        if way == "inputs":  # added up exactly, then stored
            return (
                (pixels.to(dtype).double() * weights.to(dtype).double())
                .sum(BOTH)
                .to(dtype)
                .double()
            )
        products = (
            pixels.to(dtype) * weights.to(dtype)
            if way != "stored"
            else (pixels * weights).to(dtype)
        )
        if way == "one-by-one":
            return sum(products.flatten(-2).unbind(-1), torch.zeros((), dtype=dtype)).double()
        return products.double().sum(BOTH).to(torch.float64 if way == "stored" else dtype).double()

    return results


def stepwise(step):
    """The function that changes the sum after every product."""

    def results(pixels, weights):
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
    """What comes out if image, every patch, weights and results are changed (keys of `changed`), the kernel is turned (a key
    of TURNED), and each output is made of pixels and weights in another way: `core` is (how combined, how reduced), a key of
    ROUGH or STEPS, or "taps" for the X-ray's own `coefficients`. The results are `after` changes one by one, then times a
    plus b (`line`), `plus` a part of image or kernel.
    """

    image: str | tuple = ""
    patch: str | tuple = ""
    kernel: str | tuple = ""
    turn: str = ""
    core: str | tuple = ("product", "sum")
    after: tuple = ()
    line: tuple = (1.0, 0.0)
    plus: tuple = ()
    coefficients: torch.Tensor | None = None

    @property
    def parts(self):
        """How many things are not as they should be; coefficients of any kind count twice."""
        core = 0 if self.core == ("product", "sum") else 2 if self.core == "taps" else 1
        return (
            bool(self.image)
            + bool(self.patch)
            + bool(self.kernel)
            + bool(self.turn)
            + core
            + len(self.after)
            + (self.line[0] != 1)
            + (self.line[1] != 0)
            + bool(self.plus)
        )

    @property
    def bilinear(self):
        """Whether it is still a sum of pixels times weights."""
        return (
            {self.image, self.patch, self.kernel, *self.after} <= {"", *LINEAR}
            and self.core in (("product", "sum"), ("product", "mean"), "taps")
            and not self.line[1]
            and not self.plus
        )

    def fits(self, image, kernel):
        """Whether it can be worked out for an image and a kernel of these sizes."""
        shape = (*image.shape, *kernel.shape)
        return (self.coefficients is None or self.coefficients.shape[2:] == shape) and TURNED[
            self.turn
        ](kernel).shape == kernel.shape

    def results(self, image, kernel):
        """The results (rows, columns) before the changes that come `after`, in float64."""
        image, kernel = (
            changed(image.double(), self.image),
            TURNED[self.turn](changed(kernel.double(), self.kernel)),
        )
        if self.core == "taps":
            return foretold(self.coefficients, image, kernel)
        if self.core == ("product", "sum") and not self.patch:
            return oracle.feature_map(image, kernel)
        pixels = changed(patches(image, kernel.shape), self.patch)
        return made(self.core, pixels, kernel)

    def __call__(self, image, kernel):
        """The map (rows, columns) of an image and a kernel, as float32 holds it, in float64."""
        found = self.results(image, kernel)
        for change in self.after:
            found = changed(found, change)
        found = found * self.line[0] + self.line[1]
        return (
            (
                found + added(self.plus, image.double(), kernel.double(), found)
                if self.plus
                else found
            )
            .float()
            .double()
        )


def made(core, pixels, weights):
    """The results (rows, columns) that pixels (rows, columns, M, N) and weights (M, N) give in another way than is asked for."""
    if isinstance(core, str):
        return (ROUGH | STEPS)[core](pixels, weights)
    combined, reduced = core
    return REDUCED[reduced](COMBINED[combined](pixels, weights))


def added(plus, image, kernel, like):
    """What is added to the results: (rows, columns) as `like`, or a single number."""
    what, *place = plus
    if what == "pixel":
        return image[place[0] : place[0] + len(like), place[1] : place[1] + like.shape[1]]
    if what == "patch":
        return patches(image, kernel.shape).sum(BOTH)
    return {
        "weight": lambda: kernel[tuple(place)],
        "weights": kernel.sum,
        "image": image.sum,
        "mean": image.mean,
    }[what]()
