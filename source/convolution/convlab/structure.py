"""Owns the sentence that says what taps show: derived from where they lie, never from a list of known mistakes."""

import functools
from fractions import Fraction

import torch

from .paint import number, size

MOST = 0.6  # of the taps must follow a rule that is told with its exceptions
STEPS = range(-3, 4)  # how far one output, or one weight, may lie from the next in the image
ENOUGH = 20  # taps that can hardly follow a rule by chance
TRIED = 128  # taps a rule is sought with; it is then checked on every tap
IDENTITY = [[1, 0], [0, 1]]
EXCHANGED = [[0, 1], [1, 0]]
TURNS = {(1, 0, 0, 1): "", (-1, 0, 0, 1): "turned upside down", (1, 0, 0, -1): "turned left to right",
         (-1, 0, 0, -1): "turned by 180° (upside down and left to right)",
         (0, 1, 1, 0): "transposed (rows and columns exchanged)",
         (0, -1, -1, 0): "transposed (rows and columns exchanged) and turned by 180°",
         (0, -1, 1, 0): "turned by a quarter to the left", (0, 1, -1, 0): "turned by a quarter to the right"}
AFTER = {"before it, row by row": "after it, row by row", "before it, column by column": "after it, column by column",
         "to its left": "to its right", "above it": "below it"}
IS = ("is", "are")
MINUS = "\N{MINUS SIGN}"


def describe(taps):
    """What `taps` (Taps) show, in a few short sentences for a student; every word of it holds for every tap."""
    if not taps.departure:
        return shown(taps)
    told = [taps.departure.sentence]
    if torch.equal(taps.coefficients, taps.expected):
        count = taps.size[0] * taps.size[1]
        told.append(f"Single bright pixels show nothing else: each of the {count} outputs reads its own patch.")
    elif taps.coefficients.any():
        found = placed(taps)
        if found:
            found = sized(taps) + found
            told.append(f"Single bright pixels show besides: {found[0].lower()}{found[1:]}")
    return " ".join(told)


def shown(taps):
    """What the coefficients say, if they are all there is to the function."""
    if taps.right:
        return (f"Each of the {taps.size[0] * taps.size[1]} outputs reads exactly its own patch: "
                "every pixel once, times the weight that lies on it.")
    if not taps.coefficients.any():
        return "No output reads anything: the map is 0 whatever the image and the kernel."
    return sized(taps) + next(filter(None, (way(taps) for way in (placed, in_a_row, added_up, multiplied, counted))))


def sized(taps):
    """The sentence on the map's size, if it is wrong."""
    wanted = taps.expected.shape[:2]
    return f"The map has size {size(taps.size)}, where {size(wanted)} was expected. " if taps.size != wanted else ""


def placed(taps):
    """The sentences if most taps follow one rule: pixel = A · output + B · weight + t, or nothing."""
    table = taps.coefficients.nonzero()
    known = torch.cat([table[:, [0, 1, 4, 5]], torch.ones(len(table), 1, dtype=torch.long)], dim=1)
    for sides in ((None, None), taps.image_size):
        rule = torch.stack([best(known, table[:, 2 + axis], axis, sides[axis]) for axis in (0, 1)])
        view = View(taps, rule, table[(known @ rule.T != table[:, 2:4]).any(dim=1)])
        if view.holds():
            told = added_up(taps) if len(view.odd) and view.usual() else ""
            if told:
                return told
            told = [view.where(), *view.missing(), factors(taps), right(taps)]
            return " ".join(sentence for sentence in told if sentence)
    return ""


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
    rest = place[some, None] - known[some, :4] @ rules(axis).T
    same = rest % side if side else rest
    hits = (same == same.mode(dim=0).values).sum(dim=0)
    chosen = (hits == hits.max()).nonzero()[0, 0]
    return torch.cat([rules(axis)[chosen], rest[:, chosen].mode(keepdim=True).values])


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
        self.left = self.inside & ~self.read & ~self.idle & ~(self.silent | self.strange)[..., None, None]

    def holds(self):
        """Whether the rule holds for most taps and in most outputs without exception, or for all if the image goes on."""
        few = len(self.odd) <= (1 - MOST) * int((self.taps.coefficients != 0).sum()) and not self.left.any()
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
            ways = [f"output (i, j) multiplies pixel ({term(self.rule[0].tolist())}, {term(self.rule[1].tolist())}) "
                    "by weight (m, n)"]
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
            return f"Except in {which}, {told}: {example(self.taps, apart=self.strange)}. Yet {other}."
        return f"{capital(told)}: {example(self.taps, out == IDENTITY and not shifted)}." if told else ""

    def shifted(self):
        """How far the patches begin from where they should, apart from what turning map or kernel brings with it."""
        ends = torch.tensor([n - 1 for n in (*self.taps.size, *self.taps.kernel_size)])
        steps = torch.cat([self.out, self.kernel], dim=1)
        down, across = (self.t + (steps.clamp(max=0) * ends).sum(dim=1)).tolist()
        parts = [f"{abs(k)} {unit}{'s' * (abs(k) > 1)} {ways[k > 0]}" for k, unit, ways in
                 ((down, "row", ("higher", "lower")), (across, "column", ("further left", "further right"))) if k]
        return [f"every patch begins {' and '.join(parts)} than it should"] if parts else []

    def edge(self):
        """What is read where patches jut out of the image, if one thing can be said of it."""
        if len(self.odd):
            some = "" if self.goes_on else "some of "
            return [f"{some}what juts out of the image is read from its opposite side"] * self.wrapped()
        beyond = ~self.inside & ~self.silent[..., None, None] & ~self.idle
        return ["what juts out of the image counts as 0 (padding)"] if beyond.any() else []

    def wrapped(self):
        """Whether all taps follow the rule if the image is thought of as repeated on all sides."""
        known = torch.cat([self.odd[:, [0, 1, 4, 5]], torch.ones(len(self.odd), 1, dtype=torch.long)], dim=1)
        return bool(((known @ self.rule.T - self.odd[:, 2:4]) % torch.tensor(self.taps.image_size) == 0).all())

    def missing(self):
        """The sentences on outputs that read nothing, weights that are never used, and other products left out."""
        idle, told = self.idle, []
        if self.silent.any():
            told.append(either(self.silent, "output", "output", ("reads nothing", "read nothing"),
                               ("reads anything", "read anything")) + ".")
        if idle.any():
            i, j = (~self.silent).nonzero()[0].tolist()
            count = int((self.taps.coefficients[i, j] != 0).sum())
            told.append(f"{either(idle, 'weight', 'kernel', ('is never used', 'are never used'), ('is used', 'are used'))}: "
                        f"output ({i}, {j}) adds up {counting(count, 'product', 'products')} instead of {idle.numel()}.")
        if self.left.any():
            i, j, m, n = self.left.nonzero()[0].tolist()
            told.append(f"{counting(int(self.left.sum()), 'more product is', 'more products are')} left out: "
                        f"in output ({i}, {j}) that with weight ({m}, {n}).")
        return told


def factors(taps):
    """The sentence on products that are not added exactly once, if any."""
    table = taps.coefficients.nonzero()
    values = (taps.coefficients[tuple(table.T)] * 1e5).round() / 1e5
    if (values == 1).all():
        return ""
    weights = taps.kernel_size[0] * taps.kernel_size[1]
    if (values == values[0]).all():
        return f"Every product {times(float(values[0]), weights)}."
    told = []
    for m, n in table[values != 1, 4:].unique(dim=0).tolist():
        own = values[(table[:, 4] == m) & (table[:, 5] == n)]
        told += [f"that with weight ({m}, {n}) {times(float(own[0]))}"] if (own == own[0]).all() else [""] * 4
    if len(told) <= 3:
        return f"Of the products in every output, {joined(told)}."
    i, j, y, x, m, n = table[values != 1][0].tolist()
    return (f"The products do not all count once: in output ({i}, {j}), that of pixel ({y}, {x}) and weight ({m}, {n}) "
            f"{times(float(values[values != 1][0]))}.")


def in_a_row(taps):
    """The sentences if every tap follows one rule once the image's pixels are counted row by row, or nothing."""
    table, width = taps.coefficients.nonzero(), taps.image_size[1]
    if len(table) < ENOUGH:
        return ""
    known = torch.cat([table[:, [0, 1, 4, 5]], torch.ones(len(table), 1, dtype=torch.long)], dim=1).double()
    usual = torch.tensor([width, 1, width, 1, 0], dtype=torch.float64)
    place = (table[:, 2] * width + table[:, 3]).double()
    off = torch.linalg.lstsq(known, (place - known @ usual)[:, None], driver="gelsd").solution[:, 0].round()
    if not torch.equal(known @ (usual + off), place):
        return ""
    rule = (usual + off).long().tolist()
    if rule == [rule[0], 1, rule[0], 1, 0]:
        told = f"The image is read as if its rows had {rule[0]} pixels instead of {width}"
    else:
        told = (f"Counted row by row from 0, output (i, j) multiplies pixel number {term(rule)} by weight (m, n), "
                f"instead of {term([width, 1, width, 1, 0])}")
    return " ".join(filter(None, [f"{told}: {example(taps)}.", factors(taps), right(taps)]))


def added_up(taps):
    """The sentences if every output adds up whole patches, its own or those of other outputs, or nothing."""
    rows, columns = taps.expected.shape[:2]
    a, b, m, n = torch.cartesian_prod(*map(torch.arange, (rows, columns, *taps.kernel_size))).T
    parts = taps.coefficients[:, :, a + m, b + n, m, n].reshape(*taps.size, rows * columns, -1)  # output, patch, weight
    if (parts != 0).sum() != (taps.coefficients != 0).sum() or (parts != parts[..., :1]).any():
        return ""
    mixed = parts[..., 0].flatten(0, 1)  # output, patch
    own = torch.arange(len(mixed)) // taps.size[1] * columns + torch.arange(len(mixed)) % taps.size[1]
    foreign = ((mixed != 0) & (torch.arange(rows * columns) != own[:, None])).any(dim=1)
    if not foreign.any():
        return ""
    several = ((mixed != 0).sum(dim=1) > 1).any()
    told = (summed if several else exchanged)(mixed, taps.size, columns)
    told = told or f"{share(foreign)} outputs {'add up the patches of others' if several else 'read the patch of another'}"
    k = int(foreign.nonzero()[0])
    found = [f"{'' if c == 1 else f'{number(c)} times '}({p // columns}, {p % columns})"
             for p, c in enumerate(mixed[k].tolist()) if c]
    found = found if len(found) <= 4 else [*found[:3], f"{len(found) - 3} others"]
    patches = f"patch{'es' * (len(found) > 1)} of {joined(found)}"
    return f"{told}: output ({k // taps.size[1]}, {k % taps.size[1]}) reads the {patches}. {right(taps)}".strip()


def share(mask):
    """How many of all are marked: "All 36" or "12 of the 36"."""
    return f"{'All' if mask.all() else f'{int(mask.sum())} of the'} {mask.numel()}"


def exchanged(mixed, own_size, columns):
    """The plain word, if there is one, for the order in which outputs read a patch each; `mixed` is (output, patch)."""
    order, rows = torch.arange(len(mixed)), mixed.shape[1] // columns
    if own_size[1] != columns and torch.equal(mixed, torch.eye(*mixed.shape, dtype=mixed.dtype)):
        return f"The patches are in order, but each row of the map ends after {own_size[1]} of them, not after {columns}"
    if len(mixed) == mixed.shape[1] and (mixed[order, order % rows * columns + order // rows] == 1).all():
        return "The patches are read column by column, but laid down row by row"
    return ""


def summed(mixed, own_size, columns):
    """The plain word, if there is one, for the patches that outputs add up; `mixed` (output, patch) says how often each."""
    rows, count = mixed.shape[1] // columns, len(mixed)
    row, column = torch.arange(count) // own_size[1], torch.arange(count) % own_size[1]
    if own_size == (rows, columns):
        before = torch.ones(count, count, dtype=torch.bool).tril()
        in_row, in_column = row[:, None] == row, column[:, None] == column
        by_columns = (column[:, None] > column) | (in_column & before)
        for mask, words in ((before, "before it, row by row"), (by_columns, "before it, column by column"),
                            (before & in_row, "to its left"), (before & in_column, "above it")):
            for mask, words in ((mask, words), (mask.T, AFTER[words])):
                if torch.equal(mixed, mask.double()):
                    return f"To its own patch, every output adds those of all outputs {words}"
    return ""


def multiplied(taps):
    """The sentences if every output multiplies all pixels of its patch by the same one or several weights, or nothing."""
    table, count = taps.coefficients.nonzero(), taps.size[0] * taps.size[1]
    near = torch.cat([table[:, 2:4] - table[:, :2], table[:, 4:]], dim=1)
    kinds, often = near.unique(dim=0, return_counts=True)
    values = taps.coefficients[tuple(table.T)]
    if (often != count).any() or (values != values[0]).any():
        return ""
    pixels, weights = kinds[:, :2].unique(dim=0), kinds[:, 2:].unique(dim=0)
    patch = torch.cartesian_prod(*map(torch.arange, taps.kernel_size))
    if not torch.equal(pixels, patch):
        return ""
    if len(kinds) == len(pixels) * len(weights):
        used = torch.zeros(taps.kernel_size, dtype=torch.bool)
        used[tuple(weights.T)] = True
        every = f"each of the {used.numel()} weights: the sum of its pixels by the sum of the weights"
        by = every if used.all() else named(used, "weight", "kernel") or f"each of {len(weights)} weights"
        return f"Every output multiplies each of the {len(patch)} pixels of its patch by {by}. {factors(taps)}".strip()
    for p, pixel in enumerate(("row", "column")):
        for w, weight in enumerate(("row", "column")):
            if (kinds[:, p] == kinds[:, 2 + w]).all() and len(kinds) == len(patch) * taps.kernel_size[1 - w]:
                order = {(1, 0): "patch and kernel", (0, 1): "kernel and patch"}.get((p, w))
                like = f", as the matrix product of {order} does" if order else ""
                return (f"Every output multiplies a pixel in {pixel} k of its patch by all weights of kernel {weight} k"
                        f"{like}: {example(taps)}. {factors(taps)}").strip()
    return ""


def counted(taps):
    """The sentences that count right, missing and other taps, where no rule is found, and show the first of them."""
    rows, columns = (min(pair) for pair in zip(taps.size, taps.expected.shape))
    there, wanted = taps.coefficients[:rows, :columns] != 0, taps.expected[:rows, :columns] != 0
    found, others = int((there & wanted).sum()), int((taps.coefficients != 0).sum() - (there & wanted).sum())
    return (f"Of the {int(taps.expected.sum())} products that belong to the map, {counting(found, 'is', 'are')} there, "
            f"besides {counting(others, 'that does', 'that do')} not: "
            f"{example(taps)}. {right(taps)}").strip()


def example(taps, turned=False, apart=None):
    """The first tap that is not where it should be, from no output marked in `apart` if there is another.

    It is told by the pixel if the kernel is only `turned` on its patch.
    """
    table = taps.coefficients.nonzero()
    if apart is not None:
        table = torch.cat([table[~apart[table[:, 0], table[:, 1]]], table])
    wrong = (table[:, :2] + table[:, 4:] != table[:, 2:4]).any(dim=1)
    beyond = (table[:, :2] >= torch.tensor(taps.expected.shape[:2])).any(dim=1)
    i, j, y, x, m, n = table[wrong if wrong.any() else beyond][0].tolist()
    if not wrong.any():
        return f"output ({i}, {j}) begins at pixel ({y}, {x}), where no patch fits"
    (height, width), (rows, columns) = taps.image_size, taps.kernel_size
    if turned and 0 <= y - i < rows and 0 <= x - j < columns:
        word = "besides" if taps.coefficients[i, j, y, x, y - i, x - j] else "not by"
        return f"output ({i}, {j}) multiplies pixel ({y}, {x}) by weight ({m}, {n}), {word} weight ({y - i}, {x - j})"
    told = f"output ({i}, {j}) multiplies weight ({m}, {n}) by pixel ({y}, {x})"
    if i + m >= height or j + n >= width:
        return told
    return f"{told}, {'besides' if taps.coefficients[i, j, i + m, j + n, m, n] else 'not by'} pixel ({i + m}, {j + n})"


def right(taps):
    """The sentence that says how many outputs are right, if they are at least half of those there are."""
    rows, columns = (min(pair) for pair in zip(taps.size, taps.expected.shape))
    same = taps.coefficients[:rows, :columns] == taps.expected[:rows, :columns]
    count, there = int(same.flatten(2).all(dim=2).sum()), taps.size[0] * taps.size[1]
    if count * 2 < there:
        return ""
    if count < there:
        return f"{count} of the {there} outputs read exactly what they should."
    lost = torch.ones(taps.expected.shape[:2], dtype=torch.bool)
    lost[:rows, :columns] = False
    which = named(lost, "output", "output")
    return f"All {there} outputs read exactly what they should{f', but {which} {IS[several(which)]} missing' * bool(which)}."


def moving(steps):
    """How the patches move with the output, as phrases; none if by one pixel each time, None in them if in no plain way."""
    (down, a), (b, across) = steps
    if (down, across, a, b) == (1, 1, 0, 0):
        return []
    if (down, b, a, across) in TURNS:  # a map turned one way shows patches turned the other way
        return [f"the map is {TURNS[down, b, a, across]}"]
    if a or b or min(down, across) < 0:
        return [None]
    if 0 in (down, across):
        return ["every output reads the same patch" if down == across else
                f"every output {'row' if across else 'column'} reads the same patches"]
    if down == across:
        return [f"the patch moves {down} pixels at a time, not 1 (stride {down})"]
    return [f"the patch moves {k} pixels {way} at a time, not 1" for k, way in ((down, "down"), (across, "across")) if k > 1]


def lying(steps):
    """How the kernel lies on the patch, as phrases; none if as it should, None in them if in no plain way."""
    (down, a), (b, across) = steps
    if (down, a, b, across) in TURNS:
        return [f"the kernel is {TURNS[down, a, b, across]}"] * bool(a or b or min(down, across) < 0)
    if a or b or min(down, across) < 0:
        return [None]
    if 0 in (down, across):
        return ["all weights lie on the same pixel" if down == across else
                f"all kernel {'rows' if across else 'columns'} lie on the same {'row' if across else 'column'} of pixels"]
    if down == across:
        return [f"the kernel's rows and columns lie {down} pixels apart, not 1"]
    return [f"the kernel's {unit}s lie {k} pixels apart, not 1" for k, unit in ((down, "row"), (across, "column")) if k > 1]


def term(rule):
    """A rule (5,), the factors of i, j, m and n and a constant, as it is written: "2i − m + 2"."""
    parts = [(k, f"{abs(k) if abs(k) != 1 else ''}{name}") for k, name in zip(rule, "ijmn") if k]
    parts += [(rule[4], str(abs(rule[4])))] * bool(rule[4] or not parts)
    text = "".join(f" {'+' if k >= 0 else MINUS} {part}" for k, part in parts)
    return text[3:] if parts[0][0] >= 0 else MINUS + text[3:]


def times(factor, weights=0):
    """What is done to a product that is added `factor` times; `weights` is the kernel's number of them."""
    share = Fraction(factor).limit_denominator(1000)
    if factor == -1:
        return "is subtracted instead of added"
    if share.numerator == 1 and share.denominator > 1 and abs(share - Fraction(factor)) < 1e-4:
        mean = ", the number of weights: a mean instead of a sum" if share.denominator == weights else ""
        return f"is divided by {share.denominator}{mean}"
    return f"counts {number(factor)} times" if factor > 1 else f"is multiplied by {number(factor)}"


def named(mask, cell, table):
    """The marked cells in words ("output row 5 and column 5", "weights (0, 0) and (1, 1)"), or nothing if too many."""
    rows, columns = mask.all(dim=1), mask.all(dim=0)
    if torch.equal(rows[:, None] | columns, mask) and mask.any():
        lines = [(unit, line.nonzero().flatten().tolist()) for unit, line in (("row", rows), ("column", columns))]
        return f"{table} " + " and ".join(f"{unit}{'s' * (len(at) > 1)} {listed(at)}" for unit, at in lines if at)
    cells = [f"({i}, {j})" for i, j in mask.nonzero().tolist()]
    return f"{cell}{'s' * (len(cells) > 1)} {joined(cells)}" if 0 < len(cells) <= 4 else ""


def listed(numbers):
    """Ascending numbers in words: "5 and 7", "6 to 9"."""
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    return joined(numbers)


def either(mask, cell, table, nothing, anything):
    """The sentence on the marked cells, or on all others if they are fewer; each verb in singular and plural."""
    these, those = named(mask, cell, table), named(~mask, cell, table)
    if those and (not these or len(those) < len(these) and (~mask).sum() < mask.sum()):
        return f"Only {those} {anything[several(those)]}"
    return f"{capital(these) or f'{int(mask.sum())} of the {mask.numel()} {cell}s'} {nothing[several(these)]}"


def counting(number, one, many):
    """A number with what is counted, in singular or plural; "none" for 0."""
    return f"{number or 'none'} {one if number == 1 else many}"


def several(text):
    """Whether these words name more than one row, column or cell."""
    return not text or " and " in text or "s " in text


def joined(parts):
    """A list as it is spoken: "a, b and c"."""
    *most, last = map(str, parts)
    return f"{', '.join(most)} and {last}" if most else last


def capital(text):
    """The text with a capital letter first."""
    return text[:1].upper() + text[1:]
