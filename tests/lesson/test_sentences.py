"""Whether the sentence about taps is true whatever the function: of several mistakes, of nonsense, of every wrong answer."""

import contextlib
import io
import random
import re

import pytest
import torch
from claims import CELL, untrue
from convlab import calling
from convlab.mistakes import Mistake
from convlab.taps import describe, taps
from samples import correlated, padded, without

from course import answers
from course.gate import LEFT_OVER

TURNS = [
    ("", lambda k: k),
    ("turned upside down", lambda k: k.flip(0)),
    ("turned left to right", lambda k: k.flip(1)),
    ("turned by 180°", lambda k: k.flip(0, 1)),
    ("transposed (rows and columns exchanged)", lambda k: k.T),
    ("turned by a quarter to the left", torch.rot90),
    ("turned by a quarter to the right", lambda k: torch.rot90(k, -1)),
]


@pytest.mark.parametrize("seed", range(40))
def test_several_mistakes_at_once_are_all_told(seed):
    """A turned kernel, a shift, a stride, a dropped weight and a factor, at random, are each told, and nothing else."""
    chance = random.Random(seed)
    turn, turned = chance.choice(TURNS)
    down, across, stride = chance.randint(-1, 1), chance.randint(-1, 1), chance.choice([1, 1, 2])
    dropped = chance.choice([None, (chance.randrange(3), chance.randrange(3))])
    factor, counted = chance.choice(
        [(1, ""), (1, ""), (-1, "is subtracted"), (1 / 9, "is divided by 9"), (2, "counts 2 times")]
    )

    def conv2d(image, kernel):
        kernel = turned(without(kernel, dropped) if dropped else kernel)
        moved = padded(image, -across, across, -down, down)
        return correlated(moved, kernel)[::stride, ::stride] * factor

    told = describe(taps(conv2d, (10, 11), seconds=10))
    assert bool(turn) == ("The kernel is" in told or "the kernel is" in told) and turn in told
    assert (stride == 2) == ("(stride 2)" in told) == ("The map has size" in told)
    for step, words in (
        (down, ("1 row higher", "1 row lower")),
        (across, ("1 column further left", "1 column further right")),
    ):
        assert [step == -1, step == 1] == [word in told for word in words]
    assert ("is never used" in told) == bool(dropped) and (
        f"Weight {dropped} is never used" in told
    ) == bool(dropped)
    assert counted in told and ("Every product" in told) == bool(counted)
    assert "(i, j)" not in told and "left out" not in told
    assert not untrue(told, conv2d, (10, 11))


@pytest.mark.parametrize(
    "spoil, flip", [("relu", True), ("abs", True), ("round", True), ("relu", False)]
)
def test_a_departure_comes_first_and_the_taps_after_it(spoil, flip):
    """What is no sum is said before what single pixels show besides, which is still told."""

    def conv2d(image, kernel):
        return getattr(correlated(image, kernel.flip(0, 1) if flip else kernel), spoil)()

    seen = taps(conv2d)
    told = describe(seen)
    besides = (
        "Single bright pixels show besides: the kernel is turned by 180°"
        if flip
        else "Single bright pixels show nothing else: each of the 36 outputs reads its own patch."
    )
    assert told.startswith(f"{seen.departure.sentence} {besides}")


def test_a_departure_without_taps_is_told_alone():
    """Where single pixels show nothing, nothing is said of them."""
    seen = taps(lambda i, k: torch.rand(6, 6))
    assert describe(seen) == seen.departure.sentence


@pytest.mark.parametrize("shape", [(3, 3), (2, 2), (1, 3), (1, 1), (4, 4)])
def test_sentences_hold_for_other_kernels_too(shape):
    """Turned kernels, padding and nonsense are told for kernels of any size without an error."""
    functions = [
        correlated,
        lambda i, k: correlated(i, k.flip(0, 1)),
        lambda i, k: correlated(padded(i, 1, 1, 1, 1), k),
        lambda i, k: correlated(i, k)[::2],
        lambda i, k: correlated(i, k)[:1, :1],
        lambda i, k: i * k.sum(),
        lambda i, k: correlated(i, k).cumsum(1),
        lambda i, k: i[:1] * k[-1, -1],
    ]
    for conv2d in functions:
        told = describe(taps(conv2d, (6, 7), shape, seconds=20))
        assert told.endswith(".") and not untrue(told, conv2d, (6, 7), shape)


@pytest.mark.parametrize("seed", range(30))
def test_nonsense_is_told_truly(seed):
    """Random taps without any order get a sentence, and it is true."""
    chance = torch.Generator().manual_seed(seed)
    rows, columns = torch.randint(1, 8, (2,), generator=chance).tolist()
    many = (
        torch.rand(rows, columns, 6, 6, 3, 3, generator=chance) < (0.002, 0.01, 0.1, 0.8)[seed % 4]
    )
    factors = (torch.randint(-2, 3, many.shape, generator=chance) * many).float()

    def conv2d(image, kernel):
        return torch.einsum("rcyxmn,yx,mn->rc", factors, image, kernel)

    told = describe(taps(conv2d, (6, 6), seconds=10))
    assert told.endswith(".") and not untrue(told, conv2d, (6, 6))
    for found in re.finditer(rf"output {CELL} adds up (\d+) product", told):
        assert int(found[3]) == int((factors[int(found[1]), int(found[2])] != 0).sum())
    for found in re.finditer(
        rf"that with weight {CELL} (is subtracted|counts 2 times|is multiplied by −2)", told
    ):
        values = factors[..., int(found[1]), int(found[2])]
        assert {{"i": -1, "c": 2, "b": -2}["b" if "by" in found[3] else found[3][0]]} == set(
            values[values != 0].tolist()
        )


@pytest.mark.filterwarnings("ignore:coroutine", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "file", sorted({answer.file for answer in answers.load() if not answer.right})
)
def test_what_is_said_of_every_wrong_answer_is_true(file, monkeypatch):
    """Each sample answer gets a Mistake or a sentence of two to five parts, of which every claim can be seen again."""
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
                        told = describe(seen)
                        assert told.endswith(".") and told.count(". ") <= 4, told
                        assert seen.departure or not untrue(
                            told, namespace["conv2d"], seen.image_size
                        ), answer.name


@pytest.mark.parametrize(
    "told",
    [
        "output (0, 0) multiplies pixel (0, 0) by weight (2, 2)",
        "output (0, 0) multiplies weight (1, 0) by pixel (1, 1)",
        "output (0, 0) multiplies pixel (0, 0) by weight (0, 0), besides weight (0, 1)",
        "Weight (1, 1) is never used",
        "output (0, 0) multiplies weight (0, 0) by pixel (0, 0), besides pixel (0, 1)",
        "Only kernel row 2 is used",
        "output (1, 1) reads the patches of (1, 1) and (1, 0)",
        "30 of the 36 outputs read exactly what they should",
        "The map has size 5×6, where 6×6 was expected",
        "Output rows 1 to 3 and column 0 read nothing",
    ],
)
def test_a_false_claim_would_be_found(told):
    """The check of the sentences is itself able to fail: of the right function each of these is untrue."""
    assert untrue(told, correlated)
