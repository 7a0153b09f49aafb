"""The rule that most taps follow, pixel = A · output + B · weight + t, and what departs from it."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING

import torch

from ..messages import Message, message

if TYPE_CHECKING:
    from .probe import Taps

MOST = 0.6  # of the taps must follow a rule that is told with its exceptions
STEPS = range(-3, 4)  # how far one output, or one weight, may lie from the next in the image
TRIED = 128  # taps a rule is sought with; it is then checked on every tap
PART = 150  # rules tried at once; if all taps follow one of them, those further off are not tried
IDENTITY = [[1, 0], [0, 1]]
EXCHANGED = [[0, 1], [1, 0]]
TURNS = {  # (rows down, rows across, columns down, columns across): how a table is turned
    (-1, 0, 0, 1): "up-down",
    (1, 0, 0, -1): "left-right",
    (-1, 0, 0, -1): "half",
    (0, 1, 1, 0): "transposed",
    (0, -1, -1, 0): "transposed-half",
    (0, -1, 1, 0): "quarter-left",
    (0, 1, -1, 0): "quarter-right",
}
MINUS = "\N{MINUS SIGN}"


def rules(axis: int) -> torch.Tensor:
    """All rules (k, 4) for a pixel's row (axis 0) or column in terms of i, j, m and n; those near
    the right one first.
    """
    choices = torch.cartesian_prod(*[torch.tensor(STEPS)] * 4)
    off = (choices - torch.tensor([1 - axis, axis] * 2)).abs()
    return choices[((off > 0).sum(dim=1) * 100 + off.sum(dim=1)).argsort(stable=True)]


RULES = rules(0), rules(1)  # made at once, since a grader forks later


def best(
    known: torch.Tensor, place: torch.Tensor, axis: int, side: int | None = None
) -> torch.Tensor:
    """The rule (5,) that most taps follow; of several, the one nearest to the right one.

    `known` (k, 5) are i, j, m, n and 1 of each tap, and `place` (k,) its pixel's row or column.
    With `side`, the image's height or width, places count as the same that lie so far apart, as if
    the image went on.
    """
    some = torch.randperm(len(known), generator=torch.Generator().manual_seed(0))[:TRIED]
    most = -1
    found = torch.zeros(5, dtype=torch.long)
    for part in RULES[axis].split(PART):
        rest = place[some, None] - known[some, :4] @ part.T
        same = rest % side if side else rest
        hits = (same == same.mode(dim=0).values).sum(dim=0)
        if int(hits.max()) > most:
            most, chosen = int(hits.max()), int((hits == hits.max()).nonzero()[0])
            found = torch.cat([part[chosen], rest[:, chosen].mode(keepdim=True).values])
        if most == len(some):
            break
    return found


@functools.lru_cache(1)  # a sentence and a name are made of the same view
def viewed(taps: Taps) -> View | None:
    """The taps as seen through the one rule that most of them follow, or None if there is no such
    rule.
    """
    table = taps.coefficients.nonzero()
    known = with_one(table[:, [0, 1, 4, 5]])
    for sides in ((None, None), taps.image_size):
        rule = torch.stack([best(known, table[:, 2 + axis], axis, sides[axis]) for axis in (0, 1)])
        view = View(taps, rule, table[(known @ rule.T != table[:, 2:4]).any(dim=1)])
        if view.holds():
            return view
    return None


def with_one(table: torch.Tensor) -> torch.Tensor:
    """The table with one more column, of ones, for a rule's constant."""
    return torch.cat([table, torch.ones(len(table), 1, dtype=table.dtype)], dim=1)


class View:
    """The taps seen through the rule (2, 5) that most of them follow; `odd` (k, 6) are those that
    do not.

    Its attributes `inside`, `read` and `left` are flags (rows, columns, M, N) of products that the
    rule asks for: whether the pixel lies in the image, whether the product is read, and whether it
    is left out. `strange` (rows, columns) are the outputs with odd taps, `silent` those that read
    nothing, `idle` (M, N) the weights that are never used.
    """

    def __init__(self, taps: Taps, rule: torch.Tensor, odd: torch.Tensor) -> None:
        self.taps, self.rule, self.odd = taps, rule, odd
        self.out, self.kernel, self.t = rule[:, :2], rule[:, 2:4], rule[:, 4]
        i, j, m, n = torch.cartesian_prod(*map(torch.arange, (*taps.size, *taps.kernel_size))).T
        y, x = rule @ torch.stack([i, j, m, n, torch.ones_like(i)])
        (height, width), shape = taps.image_size, (*taps.size, *taps.kernel_size)
        inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        self.goes_on = bool(taps.coefficients[i, j, y % height, x % width, m, n].all())
        y, x = y.clamp(0, height - 1), x.clamp(0, width - 1)
        self.inside = inside.reshape(shape)
        self.read = (inside & (taps.coefficients[i, j, y, x, m, n] != 0)).reshape(shape)
        self.strange = torch.zeros(taps.size, dtype=torch.bool)
        self.strange[odd[:, 0], odd[:, 1]] = True
        self.silent = ~self.read.any(dim=3).any(dim=2) & ~self.strange
        self.idle = ~taps.coefficients.flatten(0, 3).any(dim=0)
        told_apart = self.silent if self.wrapped() else self.silent | self.strange
        self.left = self.inside & ~self.read & ~self.idle & ~told_apart[..., None, None]

    def holds(self) -> bool:
        """Whether the rule holds for most taps and in most outputs without exception, or for all if
        the image goes on.
        """
        few = (
            len(self.odd) <= (1 - MOST) * int((self.taps.coefficients != 0).sum())
            and not self.left.any()
        )
        return self.wrapped() or few and int(self.strange.sum()) * 2 <= self.strange.numel()

    def usual(self) -> bool:
        """Whether the rule is that of the right function."""
        return self.out.tolist() == self.kernel.tolist() == IDENTITY and not self.t.any()

    def wrapped(self) -> bool:
        """Whether all taps follow the rule if the image is thought of as repeated on all sides."""
        known, sides = with_one(self.odd[:, [0, 1, 4, 5]]), torch.tensor(self.taps.image_size)
        return bool(((known @ self.rule.T - self.odd[:, 2:4]) % sides == 0).all())

    @functools.cached_property
    def shift(self) -> tuple[int, int]:
        """How far (down, across) the patches begin from where they should, apart from what turning
        map or kernel brings.
        """
        ends = torch.tensor([n - 1 for n in (*self.taps.size, *self.taps.kernel_size)])
        steps = torch.cat([self.out, self.kernel], dim=1)
        down, across = (self.t + (steps.clamp(max=0) * ends).sum(dim=1)).tolist()
        return down, across

    @functools.cached_property
    def axes_exchanged(self) -> bool:
        """Whether the image is read with rows and columns exchanged, and all else is usual."""
        return self.out.tolist() == self.kernel.tolist() == EXCHANGED and not self.t.any()

    @functools.cached_property
    def rows_are_the_last(self) -> bool:
        """Whether every row of the map is read from the patches of the last row, all in the same
        way.
        """
        read, last = self.taps.coefficients, self.taps.expected.shape[0] - 1
        return (
            self.out.tolist() == [[0, 0], [0, 1]]
            and self.shift == (last, 0)
            and self.taps.size[0] == last + 1 > 1
            and bool((read == read[-1:]).all())
        )

    def ways(self) -> tuple[Message, ...]:
        """The facts on how patches and kernel lie, one each; none if they lie as they should."""
        if self.axes_exchanged:
            return (message("taps", "image-turned.transposed"), *self.edge())
        found = (*self.moving(), *self.lying())
        formula = tuple(fact for fact in found if fact.name == "formula.pixels")
        moved = () if self.rows_are_the_last else shifted(*self.shift)
        return (*(formula[:1] or (*found, *moved)), *self.edge())

    def moving(self) -> tuple[Message, ...]:
        """The facts on how the patches move with the output; none if by one pixel each time."""
        (down, a), (b, across) = self.out.tolist()
        # a map turned one way shows patches turned the other way
        turn = TURNS.get((down, b, a, across))
        if (down, b, a, across) == (1, 0, 0, 1):
            return ()
        if turn:
            return (message("taps", f"map-turned.{turn}"),)
        if a or b or min(down, across) < 0:
            return (self.formula(),)
        if self.rows_are_the_last:
            return (message("taps", "same-patch.last-row"),)
        if 0 in (down, across):
            same = "everywhere" if down == across else "rows" if across else "columns"
            return (message("taps", f"same-patch.{same}"),)
        return apart("stride", ("both", "down", "across"), down, across)

    def lying(self) -> tuple[Message, ...]:
        """The facts on how the kernel lies on the patch; none if as it should."""
        (down, a), (b, across) = self.kernel.tolist()
        turn = TURNS.get((down, a, b, across))
        if (down, a, b, across) == (1, 0, 0, 1):
            return ()
        if turn:
            return (message("taps", f"kernel-turned.{turn}"),)
        if a or b or min(down, across) < 0:
            return (self.formula(),)
        if 0 in (down, across):
            same = "everywhere" if down == across else "rows" if across else "columns"
            return (message("taps", f"same-pixel.{same}"),)
        return apart("spread", ("both", "rows", "columns"), down, across)

    def formula(self) -> Message:
        """The fact that gives the rule as it stands."""
        row, column = (term(line) for line in self.rule.tolist())
        return message("taps", "formula.pixels", row=row, column=column)

    def edge(self) -> tuple[Message, ...]:
        """The fact on what is read where patches jut out of the image, if one thing can be said of
        it.
        """
        if len(self.odd):
            part = "opposite" if self.goes_on else "opposite-some"
            return (message("taps", f"beyond.{part}"),) if self.wrapped() else ()
        beyond = ~self.inside & ~self.silent[..., None, None] & ~self.idle
        return (message("taps", "beyond.zero"),) if beyond.any() else ()


def apart(entry: str, parts: tuple[str, str, str], down: int, across: int) -> tuple[Message, ...]:
    """The facts on steps of more than one pixel: `parts` are the names for both ways, for down and
    for across.
    """
    if down == across:
        return (message("taps", f"{entry}.{parts[0]}", step=down),)
    steps = zip(parts[1:], (down, across), strict=True)
    return tuple(message("taps", f"{entry}.{part}", step=step) for part, step in steps if step > 1)


def shifted(down: int, across: int) -> tuple[Message, ...]:
    """The fact on patches that begin so many pixels further down and across than they should, or
    none.
    """
    ways = [("up", -down), ("down", down), ("left", -across), ("right", across)]
    told = [message("taps", f"shifted.{way}", count=far) for way, far in ways if far > 0]
    return (message("taps", "shifted.patches", ways=told),) if told else ()


def term(rule: Iterable[int]) -> str:
    """A rule (5,), the factors of i, j, m and n and a constant, as it is written: "2i − m + 2"."""
    *factors, constant = rule
    names = zip(factors, "ijmn", strict=True)
    parts = [(k, f"{abs(k) if abs(k) != 1 else ''}{name}") for k, name in names if k]
    parts += [(constant, str(abs(constant)))] * bool(constant or not parts)
    text = "".join(f" {'+' if k >= 0 else MINUS} {part}" for k, part in parts)
    return text[3:] if parts[0][0] >= 0 else MINUS + text[3:]
