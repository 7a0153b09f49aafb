"""Whether each structure of taps gets the facts that say what is wrong with it, and whether they
are true of it.
"""

import contextlib
import functools
import io
import random

import pytest
import torch
from claims import CHECKS, OF_DEPARTURES, TURNED, on_taps, untrue
from convlab import calling, messages
from convlab.messages import message
from convlab.mistakes import Mistake
from convlab.taps import RIGHT_COUNTS, describe, taps
from samples import correlated, doubled, only, padded, patches, without

from course import answers
from course.gate import LEFT_OVER

fact = functools.partial(message, "taps")
PARTS = {"cells", "call", "shifted", "patches", "rule", "reason", "too-slow"}  # of sentences
STRUCTURES = {
    "right": (
        correlated,
        [fact("all.right", count=36)],
    ),
    "nothing": (
        lambda i, k: torch.zeros(6, 6),
        [fact("all.nothing")],
    ),
    "flip": (
        lambda i, k: correlated(i, k.flip(0, 1)),
        [
            fact("kernel-turned.half"),
            fact("product.not-by-weight", output=(0, 0), pixel=(0, 0), weight=(2, 2), other=(0, 0)),
        ],
    ),
    "upside down": (
        lambda i, k: correlated(i, k.flip(0)),
        [
            fact("kernel-turned.up-down"),
            fact("product.not-by-weight", output=(0, 0), pixel=(0, 0), weight=(2, 0), other=(0, 0)),
        ],
    ),
    "left to right": (
        lambda i, k: correlated(i, k.flip(1)),
        [
            fact("kernel-turned.left-right"),
            fact("product.not-by-weight", output=(0, 0), pixel=(0, 0), weight=(0, 2), other=(0, 0)),
        ],
    ),
    "kernel axes": (
        lambda i, k: correlated(i, k.T),
        [
            fact("kernel-turned.transposed"),
            fact("product.not-by-weight", output=(0, 0), pixel=(0, 1), weight=(1, 0), other=(0, 1)),
        ],
    ),
    "other diagonal": (
        lambda i, k: correlated(i, k.T.flip(0, 1)),
        [
            fact("kernel-turned.transposed-half"),
            fact("product.not-by-weight", output=(0, 0), pixel=(0, 0), weight=(2, 2), other=(0, 0)),
        ],
    ),
    "quarter left": (
        lambda i, k: correlated(i, torch.rot90(k)),
        [
            fact("kernel-turned.quarter-left"),
            fact("product.not-by-weight", output=(0, 0), pixel=(0, 0), weight=(0, 2), other=(0, 0)),
        ],
    ),
    "quarter right": (
        lambda i, k: correlated(i, torch.rot90(k, -1)),
        [
            fact("kernel-turned.quarter-right"),
            fact("product.not-by-weight", output=(0, 0), pixel=(0, 0), weight=(2, 0), other=(0, 0)),
        ],
    ),
    "map axes": (
        lambda i, k: correlated(i, k).T,
        [
            fact("map-turned.transposed"),
            fact("product.not-by-pixel", output=(0, 1), pixel=(1, 0), weight=(0, 0), other=(0, 1)),
        ],
    ),
    "map upside down": (
        lambda i, k: correlated(i, k).flip(0),
        [
            fact("map-turned.up-down"),
            fact("product.not-by-pixel", output=(0, 0), pixel=(5, 0), weight=(0, 0), other=(0, 0)),
        ],
    ),
    "map quarter left": (
        lambda i, k: torch.rot90(correlated(i, k)),
        [
            fact("map-turned.quarter-left"),
            fact("product.not-by-pixel", output=(0, 0), pixel=(0, 5), weight=(0, 0), other=(0, 0)),
        ],
    ),
    "image axes": (
        lambda i, k: correlated(i.T, k),
        [
            fact("image-turned.transposed"),
            fact("product.not-by-pixel", output=(0, 0), pixel=(0, 1), weight=(1, 0), other=(1, 0)),
        ],
    ),
    "last row": (
        lambda i, k: only(correlated(i, k), slice(5)),
        [
            fact("silent.these", cells=[fact("cells.output-rows", count=1, lines=[5])]),
            fact("outputs-right.some", count=30, total=36),
        ],
    ),
    "last row and column": (
        lambda i, k: correlated(i, k)[:-1, :-1],
        [
            fact("all.size", came="5×5", expected="6×6"),
            fact("outputs-right.all", count=25),
            fact(
                "outputs-missing.these",
                cells=[
                    fact("cells.output-rows", count=1, lines=[5]),
                    fact("cells.output-columns", count=1, lines=[5]),
                ],
            ),
        ],
    ),
    "first row alone": (
        lambda i, k: only(correlated(i, k), slice(1)),
        [fact("silent.others", count=1, cells=[fact("cells.output-rows", count=1, lines=[0])])],
    ),
    "first output alone": (
        lambda i, k: only(correlated(i, k), 0, 0),
        [fact("silent.others", count=1, cells=[fact("cells.output", count=1, cells=[(0, 0)])])],
    ),
    "= for +=": (
        lambda i, k: i[2:, 2:] * k[2, 2],
        [
            fact("unused.others", count=1, cells=[fact("cells.weight", count=1, cells=[(2, 2)])]),
            fact("unused.sum", output=(0, 0), count=1, expected=9),
        ],
    ),
    "dropped weight": (
        lambda i, k: correlated(i, without(k, (1, 1))),
        [
            fact("unused.these", cells=[fact("cells.weight", count=1, cells=[(1, 1)])]),
            fact("unused.sum", output=(0, 0), count=8, expected=9),
        ],
    ),
    "dropped row": (
        lambda i, k: correlated(i, without(k, 2)),
        [
            fact("unused.these", cells=[fact("cells.weight-rows", count=1, lines=[2])]),
            fact("unused.sum", output=(0, 0), count=6, expected=9),
        ],
    ),
    "doubled weight": (
        lambda i, k: correlated(i, doubled(k, (0, 0))),
        [fact("weight-product.counted", factor=2.0, weight=(0, 0))],
    ),
    "doubled outputs": (
        lambda i, k: correlated(i, k) * torch.tensor([1, 1, 2, 1, 1, 1]),
        [
            fact("one-product.counted", factor=2.0, output=(0, 2), pixel=(0, 2), weight=(0, 0)),
            fact("outputs-right.some", count=30, total=36),
        ],
    ),
    "sign": (
        lambda i, k: -correlated(i, k),
        [fact("every-product.subtracted")],
    ),
    "mean": (
        lambda i, k: correlated(i, k) / 9,
        [fact("every-product.mean", divisor=9)],
    ),
    "factor": (
        lambda i, k: correlated(i, k) * 0.3,
        [fact("every-product.multiplied", factor=0.3)],
    ),
    "stride": (
        lambda i, k: correlated(i, k)[::2, ::2],
        [
            fact("all.size", came="3×3", expected="6×6"),
            fact("stride.both", step=2),
            fact("product.not-by-pixel", output=(0, 1), pixel=(0, 2), weight=(0, 0), other=(0, 1)),
        ],
    ),
    "stride down": (
        lambda i, k: correlated(i, k)[::3],
        [
            fact("all.size", came="2×6", expected="6×6"),
            fact("stride.down", step=3),
            fact("product.not-by-pixel", output=(1, 0), pixel=(3, 0), weight=(0, 0), other=(1, 0)),
            fact("outputs-right.some", count=6, total=12),
        ],
    ),
    "padding": (
        lambda i, k: correlated(padded(i, 1, 1, 1, 1), k),
        [
            fact("all.size", came="8×8", expected="6×6"),
            fact(
                "shifted.patches", ways=[fact("shifted.up", count=1), fact("shifted.left", count=1)]
            ),
            fact("beyond.zero"),
            fact("product.not-by-pixel", output=(0, 0), pixel=(0, 0), weight=(1, 1), other=(1, 1)),
        ],
    ),
    "shift": (
        lambda i, k: correlated(padded(i, -1, 1, 0, 0), k),
        [
            fact("shifted.patches", ways=[fact("shifted.right", count=1)]),
            fact("beyond.zero"),
            fact("product.not-by-pixel", output=(0, 0), pixel=(0, 1), weight=(0, 0), other=(0, 0)),
        ],
    ),
    "opposite side": (
        lambda i, k: correlated(i.roll((1, 0), (0, 1)), k),
        [
            fact("shifted.patches", ways=[fact("shifted.up", count=1)]),
            fact("beyond.opposite"),
            fact("product.not-by-pixel", output=(0, 0), pixel=(0, 0), weight=(1, 0), other=(1, 0)),
        ],
    ),
    "same patch": (
        lambda i, k: correlated(i, k)[:1, :1].expand(6, 6),
        [
            fact("same-patch.everywhere"),
            fact("product.not-by-pixel", output=(0, 1), pixel=(0, 0), weight=(0, 0), other=(0, 1)),
        ],
    ),
    "same rows": (
        lambda i, k: correlated(i, k)[:1].expand(6, 6),
        [
            fact("same-patch.rows"),
            fact("product.not-by-pixel", output=(1, 0), pixel=(0, 0), weight=(0, 0), other=(1, 0)),
        ],
    ),
    "spread": (
        lambda i, k: sum(
            k[m, n] * i[2 * m : 2 * m + 4, 2 * n : 2 * n + 4] for m in range(3) for n in range(3)
        ),
        [
            fact("all.size", came="4×4", expected="6×6"),
            fact("spread.both", step=2),
            fact("product.not-by-weight", output=(0, 0), pixel=(0, 2), weight=(0, 1), other=(0, 2)),
        ],
    ),
    "one pixel": (
        lambda i, k: i[:6, :6] * k.sum(),
        [
            fact("same-pixel.everywhere"),
            fact(
                "product.besides-weight", output=(0, 0), pixel=(0, 0), weight=(0, 1), other=(0, 0)
            ),
        ],
    ),
    "formula": (
        lambda i, k: sum(k[m, n] * i[m + n : m + n + 4, :6] for m in range(3) for n in range(3)),
        [
            fact("all.size", came="4×6", expected="6×6"),
            fact("formula.pixels", row="i + m + n", column="j"),
            fact(
                "product.besides-weight", output=(0, 0), pixel=(1, 0), weight=(0, 1), other=(1, 0)
            ),
        ],
    ),
    "no reset": (
        lambda i, k: correlated(i, k).flatten().cumsum(0).reshape(6, 6),
        [
            fact("adds.before-in-rows"),
            fact("patches.read", output=(0, 1), count=2, patches=[(0, 0), (0, 1)]),
        ],
    ),
    "no reset in a column": (
        lambda i, k: correlated(i, k).cumsum(0),
        [
            fact("adds.above"),
            fact("patches.read", output=(1, 0), count=2, patches=[(0, 0), (1, 0)]),
        ],
    ),
    "neighbours": (
        lambda i, k: correlated(i, k) + 2 * correlated(i, k).roll(1, 1),
        [
            fact("adds.all", total=36),
            fact(
                "patches.read",
                output=(0, 0),
                count=2,
                patches=[(0, 0), fact("patches.times", factor=2.0, patch=(0, 5))],
            ),
        ],
    ),
    "two exchanged": (
        lambda i, k: correlated(i, k)[:, [0, 1, 2, 3, 5, 4]],
        [
            fact("exchanged.some", count=12, total=36),
            fact("patches.read", output=(0, 4), count=1, patches=[(0, 5)]),
            fact("outputs-right.some", count=24, total=36),
        ],
    ),
    "last column twice": (
        lambda i, k: correlated(i, k)[:, [1, 2, 3, 4, 5, 5]],
        [
            fact("exception.rule", cells=[fact("cells.output-columns", count=1, lines=[5])]),
            fact("shifted.patches", ways=[fact("shifted.right", count=1)]),
            fact("product.not-by-pixel", output=(0, 0), pixel=(0, 1), weight=(0, 0), other=(0, 0)),
            fact("exception.tap", output=(0, 5), pixel=(0, 5), weight=(0, 0)),
        ],
    ),
    "shuffled": (
        lambda i, k: correlated(i, k)[[4, 2, 0, 5, 3, 1]],
        [
            fact("exchanged.all", total=36),
            fact("patches.read", output=(0, 0), count=1, patches=[(4, 0)]),
        ],
    ),
    "matrix product": (
        lambda i, k: (patches(i, k) @ k).sum((2, 3)),
        [
            fact("patch-times.column-by-row"),
            fact("product.not-by-pixel", output=(0, 0), pixel=(0, 0), weight=(0, 1), other=(0, 1)),
        ],
    ),
    "other product": (
        lambda i, k: (k @ patches(i, k)).sum((2, 3)),
        [
            fact("patch-times.row-by-column"),
            fact("product.not-by-pixel", output=(0, 0), pixel=(0, 0), weight=(1, 0), other=(1, 0)),
        ],
    ),
    "sums": (
        lambda i, k: patches(i, k).sum((2, 3)) * k.sum(),
        [fact("patch-times.all-weights", pixels=9, count=9)],
    ),
    "one weight": (
        lambda i, k: patches(i, k).sum((2, 3)) * k[0, 0],
        [fact("patch-times.one-weight", pixels=9, weight=(0, 0))],
    ),
    "shift down and across": (
        lambda i, k: correlated(padded(i, 1, -1, -2, 2), k),
        [
            fact(
                "shifted.patches",
                ways=[fact("shifted.down", count=2), fact("shifted.left", count=1)],
            ),
            fact("beyond.zero"),
            fact("product.not-by-pixel", output=(0, 0), pixel=(2, 0), weight=(0, 1), other=(0, 1)),
        ],
    ),
    "last row everywhere": (
        lambda i, k: correlated(i, k)[-1:].expand(6, 6),
        [
            fact("same-patch.last-row"),
            fact("product.not-by-pixel", output=(0, 0), pixel=(5, 0), weight=(0, 0), other=(0, 0)),
        ],
    ),
    "row before the last everywhere": (
        lambda i, k: correlated(i, k)[-2:-1].expand(6, 6),
        [
            fact("same-patch.rows"),
            fact("shifted.patches", ways=[fact("shifted.down", count=4)]),
            fact("product.not-by-pixel", output=(0, 0), pixel=(4, 0), weight=(0, 0), other=(0, 0)),
        ],
    ),
    "whole column": (
        lambda i, k: correlated(i, k).sum(0).expand(6, 6),
        [
            fact("adds.whole-column"),
            fact(
                "patches.read",
                output=(0, 0),
                count=6,
                patches=[(0, 0), (1, 0), (2, 0), fact("patches.others", count=3)],
            ),
        ],
    ),
}


WORDS = {
    "flip": (
        "The kernel is turned by 180° (upside down and left to right). Output (0, 0) "
        "multiplies pixel (0, 0) by weight (2, 2), not by weight (0, 0)."
    ),
    "last row": (
        "Nothing is read in output row 5. 30 of the 36 outputs read exactly what they should."
    ),
    "first row alone": ("Only output row 0 reads anything."),
    "= for +=": ("Only weight (2, 2) is used. Output (0, 0) adds up 1 product instead of 9."),
    "dropped row": (
        "Every output leaves out kernel row 2. Output (0, 0) adds up 6 products instead of 9."
    ),
    "padding": (
        "The map has size 8×8, where 6×6 was expected. Every patch begins 1 row higher and 1 "
        "column further left than it should. What juts out of the image counts as 0 "
        "(padding). Output (0, 0) multiplies weight (1, 1) by pixel (0, 0), not by pixel (1, "
        "1)."
    ),
    "neighbours": (
        "All 36 outputs add up the patches of others. Output (0, 0) reads the patches of (0, "
        "0) and 2 times (0, 5)."
    ),
    "last column twice": (
        "All outputs follow one rule, except output column 5. Every patch begins 1 column "
        "further right than it should. Output (0, 0) multiplies weight (0, 0) by pixel (0, "
        "1), not by pixel (0, 0). Yet output (0, 5) multiplies pixel (0, 5) by weight (0, 0)."
    ),
    "mean": ("Every product is divided by 9, the number of weights: a mean instead of a sum."),
    "whole column": (
        "Every output adds up the patches of all outputs of its column, so that all rows of "
        "the map are the same. Output (0, 0) reads the patches of (0, 0), (1, 0), (2, 0) and "
        "3 others."
    ),
}


@functools.cache
def told(name):
    """The facts on one of the structures."""
    return describe(taps(STRUCTURES[name][0], seconds=10))


@pytest.mark.parametrize("name", STRUCTURES)
def test_each_structure_has_its_own_facts(name):
    """What is wrong with a function is told from its taps alone, with a tap that shows it."""
    conv2d, facts = STRUCTURES[name]
    assert [*told(name)] == facts
    assert untrue(facts, conv2d) == []


@pytest.mark.parametrize("name", STRUCTURES)
def test_facts_can_come_from_another_process(name):
    """As plain data they are believed, and are the same facts again."""
    assert tuple(messages.believed(messages.plain(fact)) for fact in told(name)) == told(name)


@pytest.mark.parametrize("name", WORDS)
def test_facts_are_put_into_words(name):
    """Each is a sentence for a student."""
    assert " ".join(fact.text("en") for fact in told(name)) == WORDS[name]


def test_no_two_structures_are_told_alike():
    """From the facts, and from their words, one can tell which structure it is."""
    facts = [told(name) for name in STRUCTURES]
    assert len({str(each) for each in facts}) == len(STRUCTURES)
    assert len({" ".join(map(str, each)) for each in facts}) == len(STRUCTURES)


@pytest.mark.parametrize("name", STRUCTURES)
def test_what_is_told_of_one_structure_is_untrue_of_the_next(name):
    """The facts are checked against the function, and the check is able to fail."""
    names = [*STRUCTURES]
    other = STRUCTURES[names[names.index(name) - 1]][0]
    assert untrue(told(name), other) != []


@pytest.mark.parametrize(
    "conv2d, facts",
    [
        (
            lambda i, k: correlated(i, k).T,
            [fact("all.size", came="8×10", expected="10×8"), fact("map-turned.transposed")],
        ),
        (
            lambda i, k: correlated(i, k).reshape(8, 10),
            [
                fact("all.size", came="8×10", expected="10×8"),
                fact("exchanged.row-length", count=10, expected=8),
                fact("patches.read", output=(1, 0), count=1, patches=[(1, 2)]),
            ],
        ),
        (
            lambda i, k: correlated(i, k).T.reshape(10, 8),
            [
                fact("exchanged.by-columns"),
                fact("patches.read", output=(0, 1), count=1, patches=[(1, 0)]),
            ],
        ),
        (
            lambda i, k: (i.as_strided((10, 8, 3, 3), (8, 1, 8, 1)) * k).sum((2, 3)),
            [
                fact("formula.row-length", count=8, width=10),
                fact(
                    "product.not-by-pixel", output=(0, 0), pixel=(0, 8), weight=(1, 0), other=(1, 0)
                ),
            ],
        ),
        (
            lambda i, k: (i.as_strided((10, 8, 3, 3), (9, 1, 10, 1)) * k).sum((2, 3)),
            [
                fact("formula.in-a-row", came="9i + j + 10m + n", expected="10i + j + 10m + n"),
                fact(
                    "product.not-by-pixel", output=(1, 0), pixel=(0, 9), weight=(0, 0), other=(1, 0)
                ),
            ],
        ),
        (
            lambda i, k: correlated(i, k)[:6, :6],
            [
                fact("all.size", came="6×6", expected="10×8"),
                fact("outputs-right.all", count=36),
                fact(
                    "outputs-missing.these",
                    cells=[
                        fact(
                            "cells.output-rows",
                            count=4,
                            lines=[fact("cells.from-to", first=6, last=9)],
                        ),
                        fact("cells.output-columns", count=2, lines=[6, 7]),
                    ],
                ),
            ],
        ),
    ],
)
def test_what_shows_only_on_rectangles_is_told_there(conv2d, facts):
    """On a 12×10 image height and width are no longer the same, and what confuses them is told."""
    found = describe(taps(conv2d, (12, 10), seconds=10))
    assert [*found[: len(facts)]] == facts
    assert untrue(found, conv2d, (12, 10)) == []


@pytest.mark.parametrize("seed", range(40))
def test_several_mistakes_at_once_are_all_told(seed):
    """A turned kernel, a shift, a stride, a dropped weight and a factor, at random, are each told,
    and nothing else.
    """
    chance = random.Random(seed)
    turn = chance.choice([None, *TURNED])
    down, across, stride = chance.randint(-1, 1), chance.randint(-1, 1), chance.choice([1, 1, 2])
    dropped = chance.choice([None, (chance.randrange(3), chance.randrange(3))])
    factor, counted = chance.choice(
        [(1, None), (1, None), (-1, "subtracted"), (1 / 9, "mean"), (2, "counted")]
    )

    def conv2d(image, kernel):
        kernel = without(kernel, dropped) if dropped else kernel
        moved = padded(image, -across, across, -down, down)
        result = correlated(moved, TURNED[turn](kernel) if turn else kernel)
        return result[::stride, ::stride] * factor

    found = {told.name: told.facts for told in describe(taps(conv2d, (10, 11), seconds=10))}
    ways = [("up", -down), ("down", down), ("left", -across), ("right", across)]
    moves = [fact(f"shifted.{way}", count=far) for way, far in ways if far > 0]
    assert found.pop("shifted.patches", {"ways": []})["ways"] == moves
    assert found.pop("stride.both", {"step": 1})["step"] == stride
    assert found.pop("unused.these", None) == (
        {"cells": [fact("cells.weight", count=1, cells=[dropped])]} if dropped else None
    )
    sections = {name for name in found if name.startswith(("kernel-turned", "every-product"))}
    assert sections == {
        *([f"kernel-turned.{turn}"] * bool(turn)),
        *([f"every-product.{counted}"] * bool(counted)),
    }
    others = ("all.size", "beyond.zero", "unused.sum", "product.", "outputs-right.")
    assert all(name.startswith(others) for name in {*found} - sections)
    assert ("all.size" in found) == (stride == 2)
    facts = describe(taps(conv2d, (10, 11), seconds=10))
    assert untrue(facts, conv2d, (10, 11)) == []


@pytest.mark.parametrize(
    "spoil, flip", [("relu", True), ("abs", True), ("round", True), ("relu", False)]
)
def test_a_departure_comes_first_and_the_taps_after_it(spoil, flip):
    """What is no sum is said before what single pixels show besides, which is still told."""

    def conv2d(image, kernel):
        return getattr(correlated(image, kernel.flip(0, 1) if flip else kernel), spoil)()

    seen = taps(conv2d)
    besides = (
        [fact("single-pixels.besides"), fact("kernel-turned.half")]
        if flip
        else [fact("single-pixels.right", count=36)]
    )
    facts = describe(seen)
    count = len(seen.departure.facts)
    assert facts[:count] == seen.departure.facts
    assert [*facts[count : count + len(besides)]] == besides


def test_a_departure_without_taps_is_told_alone():
    """Where single pixels show nothing, nothing is said of them."""
    seen = taps(lambda i, k: torch.rand(6, 6))
    assert describe(seen) == seen.departure.facts


@pytest.mark.parametrize("shape", [(3, 3), (2, 2), (1, 3), (1, 1), (4, 4), (2, 3)])
def test_facts_hold_for_other_kernels_too(shape):
    """Turned kernels, padding and nonsense are told for kernels of any size without an error."""
    functions = [
        correlated,
        lambda i, k: correlated(i, k.flip(0, 1)),
        lambda i, k: correlated(padded(i, 1, 1, 1, 1), k),
        lambda i, k: correlated(i, k)[::2],
        lambda i, k: correlated(i, k)[:1, :1],
        lambda i, k: correlated(i, k)[-1:].expand(len(i) - len(k) + 1, -1),
        lambda i, k: i * k.sum(),
        lambda i, k: correlated(i, k).cumsum(1),
        lambda i, k: i[:1] * k[-1, -1],
    ]
    for conv2d in functions:
        facts = describe(taps(conv2d, (6, 7), shape, seconds=20))
        assert facts and untrue(facts, conv2d, (6, 7), shape) == []


@pytest.mark.parametrize("seed", range(30))
def test_nonsense_is_told_truly(seed):
    """Random taps without any order get facts, and they are true."""
    chance = torch.Generator().manual_seed(seed)
    rows, columns = torch.randint(1, 8, (2,), generator=chance).tolist()
    many = (
        torch.rand(rows, columns, 6, 6, 3, 3, generator=chance) < (0.002, 0.01, 0.1, 0.8)[seed % 4]
    )
    factors = (torch.randint(-2, 3, many.shape, generator=chance) * many).float()

    def conv2d(image, kernel):
        return torch.einsum("rcyxmn,yx,mn->rc", factors, image, kernel)

    facts = describe(taps(conv2d, (6, 6), seconds=10))
    assert facts and untrue(facts, conv2d, (6, 6)) == []


@pytest.mark.filterwarnings("ignore:coroutine", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "file", sorted({answer.file for answer in answers.load() if not answer.right})
)
def test_what_is_said_of_every_wrong_answer_is_true(file, monkeypatch):
    """Each sample answer gets a Mistake or a few facts, of which every one can be seen again."""
    monkeypatch.setattr(calling, "SECONDS", 2)
    for answer in answers.load():
        if answer.file == file:
            namespace = {"__name__": "__main__"}
            with (
                contextlib.redirect_stdout(io.StringIO()),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                with contextlib.suppress(Exception):
                    exec(LEFT_OVER + answer.source, namespace)
                if callable(namespace.get("conv2d")):
                    with contextlib.suppress(Mistake):
                        seen = taps(namespace["conv2d"], seconds=5)
                        facts = describe(seen)
                        assert 1 <= len(facts) <= 7, facts
                        assert seen.departure or not untrue(
                            facts, namespace["conv2d"], seen.image_size
                        ), answer.name


def test_every_fact_on_taps_is_checked():
    """None is left out of the check of facts, and none is checked that cannot be told."""
    names = {
        f"{section}.{part}" if isinstance(words, dict) else section
        for section, words in messages.table("taps", "en").items()
        for part in (words if isinstance(words, dict) else [""])
    }
    known = {name for name in names if name.partition(".")[0] not in PARTS | OF_DEPARTURES}
    assert {*CHECKS} == known | {"shifted.patches", "patches.read"}


def test_the_facts_that_count_right_outputs_are_known_by_name():
    """Whoever tells of taps besides what else is wrong can leave these out."""
    counts = {
        fact.name for name in STRUCTURES for fact in told(name) if "outputs-right" in fact.name
    }
    assert counts == RIGHT_COUNTS


@pytest.mark.parametrize(
    "false",
    [
        fact("product.besides-weight", output=(0, 0), pixel=(0, 0), weight=(2, 2), other=(0, 0)),
        fact("product.not-by-pixel", output=(0, 0), pixel=(1, 1), weight=(1, 0), other=(1, 0)),
        fact("product.besides-weight", output=(0, 0), pixel=(0, 0), weight=(0, 0), other=(0, 1)),
        fact("unused.these", cells=[fact("cells.weight", count=1, cells=[(1, 1)])]),
        fact("unused.others", count=1, cells=[fact("cells.weight-rows", count=1, lines=[2])]),
        fact("unused.sum", output=(0, 0), count=8, expected=9),
        fact("patches.read", output=(1, 1), count=2, patches=[(1, 1), (1, 0)]),
        fact("outputs-right.some", count=30, total=36),
        fact("all.size", came="5×6", expected="6×6"),
        fact("silent.these", cells=[fact("cells.output-columns", count=1, lines=[0])]),
        fact("every-product.counted", factor=2.0),
        fact("weight-product.subtracted", weight=(0, 0)),
        fact("one-product.divided", divisor=2, output=(0, 0), pixel=(0, 0), weight=(0, 0)),
        fact("products.counted", expected=324, found=323, count=0),
        fact("left-out.products", count=1, output=(0, 0), weight=(1, 1)),
        fact("beyond.zero"),
        fact("exception.tap", output=(0, 0), pixel=(0, 0), weight=(0, 0)),
        fact("outputs-missing.these", cells=[fact("cells.output-rows", count=1, lines=[5])]),
        message("other", "with-a-fact-inside", within=[fact("kernel-turned.half")]),
    ],
    ids=lambda fact: fact.name,
)
def test_a_false_fact_is_found(false):
    """Each of these is untrue of the right function."""
    assert untrue([false], correlated) == [*on_taps([false])]
