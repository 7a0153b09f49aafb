"""Whether the names taken from an X-ray are those of the faults that a function was given, one or
several at once.
"""

import random

import pytest
import torch
from claims import untrue
from convlab import messages
from convlab.diagnosis import linear
from convlab.taps import taps
from samples import correlated, doubled, only, padded, patches, without

TURNED = {
    "kernel-flipped": lambda k: k.flip(0, 1),
    "kernel-flipped-up-down": lambda k: k.flip(0),
    "kernel-flipped-left-right": lambda k: k.flip(1),
    "kernel-transposed": lambda k: k.T,
    "kernel-rotated": torch.rot90,
}


def names(conv2d, image_size=(8, 8)):
    """The names of what an X-ray of this function shows; the facts are held against the function on
    the way.
    """
    found = linear.explain(taps(conv2d, image_size, seconds=5))
    assert found is None or untrue(found.facts, conv2d, image_size) == []
    return found and found.names


def one_list(image, kernel):
    """Every dot product is written into the one list that all rows are."""
    result = correlated(image, kernel).tolist()
    table = [[0.0] * len(result[0])] * len(result)
    for i, row in enumerate(result):
        for j, value in enumerate(row):
            table[i][j] = value
    return torch.tensor(table)


def one_list_of_sums(image, kernel):
    """Every dot product is added to a number of the one list that all rows are."""
    result = correlated(image, kernel).tolist()
    table = [[0.0] * len(result[0])] * len(result)
    for i, row in enumerate(result):
        for j, value in enumerate(row):
            table[i][j] += value
    return torch.tensor(table)


@pytest.mark.parametrize("name", TURNED)
def test_a_turned_kernel_is_named_by_its_turn(name):
    """Each way in which a kernel can lie wrong on the patch has its own name."""
    assert names(lambda i, k: correlated(i, TURNED[name](k))) == (name,)


@pytest.mark.parametrize(
    "expected, conv2d",
    [
        ("axes-swapped", lambda i, k: correlated(i.T, k)),
        ("map-transposed", lambda i, k: correlated(i, k).T),
        ("map-flipped", lambda i, k: correlated(i, k).flip(0)),
        ("position-ignored", lambda i, k: correlated(i, k)[:1, :1].expand(6, 6)),
        ("position-ignored", lambda i, k: correlated(i, k)[:1].expand(6, 6)),
        ("position-ignored", lambda i, k: correlated(i, k)[:, :1].expand(6, 6)),
        ("position-ignored", lambda i, k: correlated(i, k)[:, -1:].expand(6, 6)),
        ("position-ignored", lambda i, k: correlated(i, k)[-1:, -1:].expand(6, 6)),
        ("position-ignored", lambda i, k: correlated(i, k)[-2:-1].expand(6, 6)),
        ("rows-are-one-list", one_list),
        ("rows-are-one-list", one_list_of_sums),
        ("rows-are-one-list", lambda i, k: correlated(i, k).flatten().expand(6, 36)),
        ("mean-subtracted", lambda i, k: correlated(i, k - k.mean())),
        ("offset-ignored", lambda i, k: (i[:6].unfold(1, 3, 1) * k.sum(0)).sum(2)),
        ("offset-subtracted", lambda i, k: correlated(padded(i, 2, 0, 2, 0), k.flip(0, 1))[:6, :6]),
        ("stride-not-one", lambda i, k: correlated(i, k)[::2, ::2]),
        ("stride-not-one", lambda i, k: correlated(i, k)[:, ::3]),
        ("patches-shifted", lambda i, k: correlated(padded(i, 1, 0, 1, 0), k)[:6, :6]),
        ("patches-shifted", lambda i, k: correlated(i.roll((1, 0), (0, 1)), k)),
        (
            "kernel-spread-out",
            lambda i, k: sum(
                k[m, n] * i[2 * m : 2 * m + 4, 2 * n : 2 * n + 4]
                for m in range(3)
                for n in range(3)
            ),
        ),
        ("padded", lambda i, k: correlated(padded(i, 1, 1, 1, 1), k)),
        ("padded", lambda i, k: correlated(padded(i, 2, 2, 2, 2), k)),
        (
            "padded",
            lambda i, k: correlated(
                torch.nn.functional.pad(i[None], (1, 1, 1, 1), mode="replicate")[0], k
            ),
        ),
        ("padded", lambda i, k: correlated(padded(i, 0, 2, 0, 2), k)),
        (
            "wraps-around",
            lambda i, k: correlated(
                torch.cat([torch.cat([i, i[:2]]), torch.cat([i, i[:2]])[:, :2]], 1), k
            ),
        ),
        ("output-too-large", lambda i, k: padded(correlated(i, k), 0, 1, 0, 1)),
        ("output-too-large", lambda i, k: padded(correlated(i, k), 1, 1, 1, 1)),
        ("last-row-missing", lambda i, k: correlated(i, k)[:-1]),
        ("last-row-missing", lambda i, k: only(correlated(i, k), slice(5))),
        ("last-column-missing", lambda i, k: correlated(i, k)[:, :-2]),
        ("first-row-missing", lambda i, k: correlated(i, k)[1:]),
        ("last-row-and-column-missing", lambda i, k: correlated(i, k)[:-1, :-1]),
        ("last-row-and-column-missing", lambda i, k: only(correlated(i, k), slice(5), slice(5))),
        (
            "first-row-and-column-missing",
            lambda i, k: only(correlated(i, k), slice(1, None), slice(1, None)),
        ),
        ("first-column-missing", lambda i, k: only(correlated(i, k), columns=slice(1, None))),
        ("rows-skipped", lambda i, k: only(correlated(i, k), slice(None, None, 2))),
        ("stops-too-early", lambda i, k: only(correlated(i, k), slice(1))),
        ("stops-too-early", lambda i, k: only(correlated(i, k), 0, 0)),
        ("weights-unused", lambda i, k: correlated(i, without(k, (1, 1)))),
        ("weights-unused", lambda i, k: i[:6, :6] * k[0, 0]),
        ("only-last-product", lambda i, k: i[2:, 2:] * k[2, 2]),
        ("product-counted-twice", lambda i, k: correlated(i, doubled(k, (0, 0)))),
        ("total-not-reset", lambda i, k: correlated(i, k).flatten().cumsum(0).reshape(6, 6)),
        ("total-not-reset", lambda i, k: correlated(i, k).cumsum(1)),
        ("total-not-reset", lambda i, k: correlated(i, k).cumsum(0)),
        ("one-weight-for-all", lambda i, k: patches(i, k).sum((2, 3)) * k[1, 1]),
        ("product-of-sums", lambda i, k: patches(i, k).sum((2, 3)) * k.sum()),
        ("matrix-product", lambda i, k: (patches(i, k) @ k).sum((2, 3))),
        ("matrix-product", lambda i, k: (k @ patches(i, k)).sum((2, 3))),
        ("mean-not-sum", lambda i, k: correlated(i, k) / 9),
        ("sign-reversed", lambda i, k: -correlated(i, k)),
        ("scaled", lambda i, k: correlated(i, k) / 3),
        ("nothing-added-up", lambda i, k: torch.zeros(6, 6)),
    ],
)
def test_one_fault_has_one_name(expected, conv2d):
    """A function with one fault is named by it, and by nothing else."""
    assert names(conv2d) == (expected,)


def test_a_wrong_row_length_is_named_where_it_is_wrong():
    """The flat image read with another width, which only shows where height and width differ."""

    def conv2d(image, kernel):
        return (image.as_strided((6, 8, 3, 3), (8, 1, 8, 1)) * kernel).sum((2, 3))

    assert names(conv2d, (8, 10)) == ("row-length-wrong",)


def test_a_right_function_has_no_name():
    """Where nothing is wrong, nothing is said."""
    assert names(correlated) is None


def test_rows_that_are_one_list_are_named_beside_other_faults():
    """A kernel that is turned as well is named after them, on a rectangle as on a square."""
    for sides in ((8, 8), (7, 10)):
        found = names(lambda i, k: one_list(i, k.flip(0, 1)), sides)
        assert found == ("rows-are-one-list", "kernel-flipped")


def test_what_is_seen_comes_first_and_the_likely_reason_after_it():
    """That all rows are one list is no more than what it looks like."""
    seen, example, why = linear.explain(taps(one_list, seconds=5)).facts
    assert (seen.name, why.name) == ("same-patch.last-row", "rows-are-one-list.why")
    assert example.facts["pixel"] == (5, 0) and example.facts["output"] == (0, 0)
    assert seen.text("en") == "Every row of the map holds the numbers of the last row."
    assert why.text("en").startswith("It looks as if")


def test_every_fact_on_how_things_lie_has_a_name():
    """A fact that gets no name of its own is one that has no word for what is seen."""
    told = {
        f"{section}.{part}"
        for section in ("map-turned", "kernel-turned", "same-patch", "stride")
        + ("same-pixel", "spread", "adds", "exchanged", "patch-times")
        for part in messages.table("taps", "en")[section]
    }
    general = {"adds.some", "adds.all", "exchanged.some", "exchanged.all", "patch-times.weights"}
    general |= {"patch-times.number", "patch-times.row-by-row", "patch-times.column-by-column"}
    assert {*linear.NAMES} == told - general
    names = {name for names in linear.NAMES.values() for name in names}
    assert names <= {*messages.table("diagnoses", "en")}


@pytest.mark.parametrize("seed", range(40))
def test_several_faults_at_once_are_named_one_by_one(seed):
    """A turned kernel, a shift or a stride, an unused weight and a factor, at random: each name is
    there, and no other.
    """
    chance = random.Random(seed)
    turn = chance.choice([None, *TURNED])
    moved = chance.choice(
        ["", "patches-shifted", "stride-not-one", "last-row-missing", "last-column-missing"]
    )
    dropped = chance.choice([None, (chance.randrange(3), chance.randrange(3))])
    factor = chance.choice([(1, ""), (-1, "sign-reversed"), (1 / 9, "mean-not-sum"), (2, "scaled")])

    def conv2d(image, kernel):
        kernel = without(kernel, dropped) if dropped else kernel
        result = (
            correlated(
                padded(image, 0, 1, 0, 1)[1:, 1:] if moved == "patches-shifted" else image,
                TURNED[turn](kernel) if turn else kernel,
            )
            * factor[0]
        )
        part = {
            "stride-not-one": lambda r: r[::2, ::2],
            "last-row-missing": lambda r: r[:-1],
            "last-column-missing": lambda r: r[:, :-1],
        }
        return part.get(moved, lambda r: r)(result)

    expected = {name for name in (turn, moved, dropped and "weights-unused", factor[1]) if name}
    assert set(names(conv2d, (9, 10)) or ()) == expected
