"""Owns the rule that most taps follow, pixel = A · output + B · weight + t: finding it, and saying what departs from it."""

import functools

import torch

from .evidence import example
from .words import capital, counting, either, lying, moving, named, several, term

MOST = 0.6  # of the taps must follow a rule that is told with its exceptions
STEPS = range(-3, 4)  # how far one output, or one weight, may lie from the next in the image
TRIED = 128  # taps a rule is sought with; it is then checked on every tap
PART = 150  # rules that are tried at once; where all taps follow one of them, the others, further off, are not tried
IDENTITY = [[1, 0], [0, 1]]
EXCHANGED = [[0, 1], [1, 0]]


@functools.cache
def rules(axis):
    """All rules (k, 4) for a pixel's row (axis 0) or column in terms of i, j, m and n; those near the right one first."""
    choices = torch.cartesian_prod(*[torch.tensor(STEPS)] * 4)
    off = (choices - torch.tensor([1 - axis, axis] * 2)).abs()
    return choices[((off > 0).sum(dim=1) * 100 + off.sum(dim=1)).argsort(stable=True)]


def best(known, place, axis, side=None):
    """The rule (5,) that most taps follow; of several, the one nearest to the right one.

    With `side`, the image's height or width, places count as the same that lie so far apart, as if the image went on.
    """
    some = torch.randperm(len(known), generator=torch.Generator().manual_seed(0))[:TRIED]
    most, found = -1, None
    for part in rules(axis).split(PART):
        rest = place[some, None] - known[some, :4] @ part.T
        same = rest % side if side else rest
        hits = (same == same.mode(dim=0).values).sum(dim=0)
        if int(hits.max()) > most:
            most, chosen = int(hits.max()), int((hits == hits.max()).nonzero()[0])
            found = torch.cat([part[chosen], rest[:, chosen].mode(keepdim=True).values])
        if most == len(some):
            break
    return found


class View:
    """The taps seen through the rule (2, 5) that most of them follow; `odd` (k, 6) are those that do not."""

    def __init__(self, taps, rule, odd):
        self.taps, self.rule, self.odd = taps, rule, odd
        self.out, self.kernel, self.t = rule[:, :2], rule[:, 2:4], rule[:, 4]
        i, j, m, n = torch.cartesian_prod(*map(torch.arange, (*taps.size, *taps.kernel_size))).T
        y, x = rule @ torch.stack([i, j, m, n, torch.ones_like(i)])
        (height, width), shape = taps.image_size, (*taps.size, *taps.kernel_size)
        inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        self.goes_on = bool(taps.coefficients[i, j, y % height, x % width, m, n].all())
        y, x = y.clamp(0, height - 1), x.clamp(0, width - 1)
        self.inside = inside.reshape(shape)
        self.values = torch.where(inside, taps.coefficients[i, j, y, x, m, n], 0).reshape(shape)
        self.read = self.values != 0
        self.strange = torch.zeros(taps.size, dtype=torch.bool)  # outputs with odd taps
        self.strange[odd[:, 0], odd[:, 1]] = True
        self.silent = ~self.read.any(dim=3).any(dim=2) & ~self.strange
        self.idle = ~taps.coefficients.flatten(0, 3).any(dim=0)
        self.left = (
            self.inside & ~self.read & ~self.idle & ~(self.silent | self.strange)[..., None, None]
        )

    def holds(self):
        """Whether the rule holds for most taps and in most outputs without exception, or for all if the image goes on."""
        few = (
            len(self.odd) <= (1 - MOST) * int((self.taps.coefficients != 0).sum())
            and not self.left.any()
        )
        return self.wrapped() or few and int(self.strange.sum()) * 2 <= self.strange.numel()

    def usual(self):
        """Whether the rule is that of the right function."""
        return self.out.tolist() == self.kernel.tolist() == IDENTITY and not self.t.any()

    def where(self):
        """How the patches lie in the image and the kernel on the patches, if it is not as it should be."""
        out, kernel, shifted = self.out.tolist(), self.kernel.tolist(), self.shifted()
        ways = [*moving(out), *lying(kernel)]
        if out == kernel == EXCHANGED and not self.t.any():
            ways = ["the image is read with rows and columns exchanged"]
        elif None in ways:
            ways = [
                f"output (i, j) multiplies pixel ({term(self.rule[0].tolist())}, {term(self.rule[1].tolist())}) "
                "by weight (m, n)"
            ]
        else:
            ways += shifted
        ways += self.edge()
        told = f"{', '.join(ways[:-1])}, and {ways[-1]}" if len(ways) > 1 else "".join(ways)
        if not self.wrapped():
            which = named(self.strange, "output", "output") or f"{int(self.strange.sum())} outputs"
            i, j, y, x, m, n = self.odd[0].tolist()
            other = f"output ({i}, {j}) multiplies pixel ({y}, {x}) by weight ({m}, {n})"
            if not told:
                return f"{capital(which)} {('reads', 'read')[several(which)]} otherwise: {other}."
            return (
                f"Except in {which}, {told}: {example(self.taps, apart=self.strange)}. Yet {other}."
            )
        return (
            f"{capital(told)}: {example(self.taps, out == IDENTITY and not shifted)}."
            if told
            else ""
        )

    def shifted(self):
        """How far the patches begin from where they should, apart from what turning map or kernel brings with it."""
        ends = torch.tensor([n - 1 for n in (*self.taps.size, *self.taps.kernel_size)])
        steps = torch.cat([self.out, self.kernel], dim=1)
        down, across = (self.t + (steps.clamp(max=0) * ends).sum(dim=1)).tolist()
        parts = [
            f"{abs(k)} {unit}{'s' * (abs(k) > 1)} {ways[k > 0]}"
            for k, unit, ways in (
                (down, "row", ("higher", "lower")),
                (across, "column", ("further left", "further right")),
            )
            if k
        ]
        return [f"every patch begins {' and '.join(parts)} than it should"] if parts else []

    def edge(self):
        """What is read where patches jut out of the image, if one thing can be said of it."""
        if len(self.odd):
            some = "" if self.goes_on else "some of "
            return [
                f"{some}what juts out of the image is read from its opposite side"
            ] * self.wrapped()
        beyond = ~self.inside & ~self.silent[..., None, None] & ~self.idle
        return ["what juts out of the image counts as 0 (padding)"] if beyond.any() else []

    def wrapped(self):
        """Whether all taps follow the rule if the image is thought of as repeated on all sides."""
        known = torch.cat(
            [self.odd[:, [0, 1, 4, 5]], torch.ones(len(self.odd), 1, dtype=torch.long)], dim=1
        )
        return bool(
            (
                (known @ self.rule.T - self.odd[:, 2:4]) % torch.tensor(self.taps.image_size) == 0
            ).all()
        )

    def missing(self):
        """The sentences on outputs that read nothing, weights that are never used, and other products left out."""
        idle, told = self.idle, []
        if self.silent.any():
            told.append(
                either(
                    self.silent,
                    "output",
                    "output",
                    ("reads nothing", "read nothing"),
                    ("reads anything", "read anything"),
                )
                + "."
            )
        if idle.any():
            i, j = (~self.silent).nonzero()[0].tolist()
            count = int((self.taps.coefficients[i, j] != 0).sum())
            told.append(
                f"{either(idle, 'weight', 'kernel', ('is never used', 'are never used'), ('is used', 'are used'))}: "
                f"output ({i}, {j}) adds up {counting(count, 'product', 'products')} instead of {idle.numel()}."
            )
        if self.left.any():
            i, j, m, n = self.left.nonzero()[0].tolist()
            told.append(
                f"{counting(int(self.left.sum()), 'more product is', 'more products are')} left out: "
                f"in output ({i}, {j}) that with weight ({m}, {n})."
            )
        return told
