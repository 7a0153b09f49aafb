"""Whether the sentence about taps is true of the function, says what is wrong with it, and reads well."""

import contextlib
import io
import random
import re

import pytest
import torch

from convlab import attempt, target
from convlab.mistakes import Mistake
from convlab.structure import describe, named, term
from convlab.taps import taps
from course import answers
from course.gate import LEFT_OVER

CELL = r"\((\d+), (\d+)\)"


def patches(image, kernel):
    """All patches of the image: (rows, columns, M, N)."""
    return image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)


def correlated(image, kernel):
    """A right conv2d."""
    return (patches(image, kernel) * kernel).sum((2, 3))


def padded(image, *sides):
    """The image with zeros around it: left, right, top, bottom."""
    return torch.nn.functional.pad(image, sides)


def only(result, rows=slice(None), columns=slice(None)):
    """The map with zeros everywhere but in these rows and columns."""
    kept = torch.zeros_like(result)
    kept[rows, columns] = result[rows, columns]
    return kept


def doubled(kernel, *weights):
    """The kernel with some of its weights counted twice."""
    kernel = kernel.clone()
    for weight in weights:
        kernel[weight] *= 2
    return kernel


def without(kernel, *weights):
    """The kernel with some of its weights set to 0."""
    kernel = kernel.clone()
    for weight in weights:
        kernel[weight] = 0
    return kernel


STRUCTURES = {
    "right": (
        correlated,
        "Each of the 36 outputs reads exactly its own patch: every pixel once, times the weight that lies on it."),
    "nothing": (
        lambda i, k: torch.zeros(6, 6),
        "No output reads anything: the map is 0 whatever the image and the kernel."),
    "flip": (
        lambda i, k: correlated(i, k.flip(0, 1)),
        "The kernel is turned by 180° (upside down and left to right): output (0, 0) multiplies pixel (0, 0) by weight "
        "(2, 2), not by weight (0, 0)."),
    "upside down": (
        lambda i, k: correlated(i, k.flip(0)),
        "The kernel is turned upside down: output (0, 0) multiplies pixel (0, 0) by weight (2, 0), not by weight (0, 0)."),
    "left to right": (
        lambda i, k: correlated(i, k.flip(1)),
        "The kernel is turned left to right: output (0, 0) multiplies pixel (0, 0) by weight (0, 2), not by weight (0, "
        "0)."),
    "kernel axes": (
        lambda i, k: correlated(i, k.T),
        "The kernel is transposed (rows and columns exchanged): output (0, 0) multiplies pixel (0, 1) by weight (1, 0), "
        "not by weight (0, 1)."),
    "other diagonal": (
        lambda i, k: correlated(i, k.T.flip(0, 1)),
        "The kernel is transposed (rows and columns exchanged) and turned by 180°: output (0, 0) multiplies pixel (0, 0) "
        "by weight (2, 2), not by weight (0, 0)."),
    "quarter left": (
        lambda i, k: correlated(i, torch.rot90(k)),
        "The kernel is turned by a quarter to the left: output (0, 0) multiplies pixel (0, 0) by weight (0, 2), not by "
        "weight (0, 0)."),
    "quarter right": (
        lambda i, k: correlated(i, torch.rot90(k, -1)),
        "The kernel is turned by a quarter to the right: output (0, 0) multiplies pixel (0, 0) by weight (2, 0), not by "
        "weight (0, 0)."),
    "map axes": (
        lambda i, k: correlated(i, k).T,
        "The map is transposed (rows and columns exchanged): output (0, 1) multiplies weight (0, 0) by pixel (1, 0), not "
        "by pixel (0, 1)."),
    "map upside down": (
        lambda i, k: correlated(i, k).flip(0),
        "The map is turned upside down: output (0, 0) multiplies weight (0, 0) by pixel (5, 0), not by pixel (0, 0)."),
    "map quarter left": (
        lambda i, k: torch.rot90(correlated(i, k)),
        "The map is turned by a quarter to the left: output (0, 0) multiplies weight (0, 0) by pixel (0, 5), not by "
        "pixel (0, 0)."),
    "image axes": (
        lambda i, k: correlated(i.T, k),
        "The image is read with rows and columns exchanged: output (0, 0) multiplies weight (1, 0) by pixel (0, 1), not "
        "by pixel (1, 0)."),
    "last row": (
        lambda i, k: only(correlated(i, k), slice(5)),
        "Output row 5 reads nothing. 30 of the 36 outputs read exactly what they should."),
    "last row and column": (
        lambda i, k: correlated(i, k)[:-1, :-1],
        "The map has size 5×5, where 6×6 was expected. All 25 outputs read exactly what they should, but output row 5 "
        "and column 5 are missing."),
    "first row alone": (lambda i, k: only(correlated(i, k), slice(1)), "Only output row 0 reads anything."),
    "first output alone": (lambda i, k: only(correlated(i, k), 0, 0), "Only output (0, 0) reads anything."),
    "= for +=": (
        lambda i, k: i[2:, 2:] * k[2, 2],
        "Only weight (2, 2) is used: output (0, 0) adds up 1 product instead of 9."),
    "dropped weight": (
        lambda i, k: correlated(i, without(k, (1, 1))),
        "Weight (1, 1) is never used: output (0, 0) adds up 8 products instead of 9."),
    "dropped row": (
        lambda i, k: correlated(i, without(k, 2)),
        "Kernel row 2 is never used: output (0, 0) adds up 6 products instead of 9."),
    "doubled weight": (
        lambda i, k: correlated(i, doubled(k, (0, 0))),
        "Of the products in every output, that with weight (0, 0) counts 2 times."),
    "doubled outputs": (
        lambda i, k: correlated(i, k) * torch.tensor([1, 1, 2, 1, 1, 1]),
        "The products do not all count once: in output (0, 2), that of pixel (0, 2) and weight (0, 0) counts 2 times. 30 "
        "of the 36 outputs read exactly what they should."),
    "sign": (lambda i, k: -correlated(i, k), "Every product is subtracted instead of added."),
    "mean": (
        lambda i, k: correlated(i, k) / 9,
        "Every product is divided by 9, the number of weights: a mean instead of a sum."),
    "factor": (lambda i, k: correlated(i, k) * 0.3, "Every product is multiplied by 0.3."),
    "stride": (
        lambda i, k: correlated(i, k)[::2, ::2],
        "The map has size 3×3, where 6×6 was expected. The patch moves 2 pixels at a time, not 1 (stride 2): output (0, "
        "1) multiplies weight (0, 0) by pixel (0, 2), not by pixel (0, 1)."),
    "stride down": (
        lambda i, k: correlated(i, k)[::3],
        "The map has size 2×6, where 6×6 was expected. The patch moves 3 pixels down at a time, not 1: output (1, 0) "
        "multiplies weight (0, 0) by pixel (3, 0), not by pixel (1, 0). 6 of the 12 outputs read exactly what they should."),
    "padding": (
        lambda i, k: correlated(padded(i, 1, 1, 1, 1), k),
        "The map has size 8×8, where 6×6 was expected. Every patch begins 1 row higher and 1 column further left than it "
        "should, and what juts out of the image counts as 0 (padding): output (0, 0) multiplies weight (1, 1) by pixel "
        "(0, 0), not by pixel (1, 1)."),
    "shift": (
        lambda i, k: correlated(padded(i, -1, 1, 0, 0), k),
        "Every patch begins 1 column further right than it should, and what juts out of the image counts as 0 (padding): "
        "output (0, 0) multiplies weight (0, 0) by pixel (0, 1), not by pixel (0, 0)."),
    "opposite side": (
        lambda i, k: correlated(i.roll((1, 0), (0, 1)), k),
        "Every patch begins 1 row higher than it should, and what juts out of the image is read from its opposite side: "
        "output (0, 0) multiplies weight (1, 0) by pixel (0, 0), not by pixel (1, 0)."),
    "same patch": (
        lambda i, k: correlated(i, k)[:1, :1].expand(6, 6),
        "Every output reads the same patch: output (0, 1) multiplies weight (0, 0) by pixel (0, 0), not by pixel (0, 1)."),
    "same rows": (
        lambda i, k: correlated(i, k)[:1].expand(6, 6),
        "Every output row reads the same patches: output (1, 0) multiplies weight (0, 0) by pixel (0, 0), not by pixel "
        "(1, 0)."),
    "spread": (
        lambda i, k: sum(k[m, n] * i[2 * m:2 * m + 4, 2 * n:2 * n + 4] for m in range(3) for n in range(3)),
        "The map has size 4×4, where 6×6 was expected. The kernel's rows and columns lie 2 pixels apart, not 1: output "
        "(0, 0) multiplies pixel (0, 2) by weight (0, 1), not by weight (0, 2)."),
    "one pixel": (
        lambda i, k: i[:6, :6] * k.sum(),
        "All weights lie on the same pixel: output (0, 0) multiplies pixel (0, 0) by weight (0, 1), besides weight (0, "
        "0)."),
    "formula": (
        lambda i, k: sum(k[m, n] * i[m + n:m + n + 4, :6] for m in range(3) for n in range(3)),
        "The map has size 4×6, where 6×6 was expected. Output (i, j) multiplies pixel (i + m + n, j) by weight (m, n): "
        "output (0, 0) multiplies pixel (1, 0) by weight (0, 1), besides weight (1, 0)."),
    "no reset": (
        lambda i, k: correlated(i, k).flatten().cumsum(0).reshape(6, 6),
        "To its own patch, every output adds those of all outputs before it, row by row: output (0, 1) reads the patches "
        "of (0, 0) and (0, 1)."),
    "no reset in a column": (
        lambda i, k: correlated(i, k).cumsum(0),
        "To its own patch, every output adds those of all outputs above it: output (1, 0) reads the patches of (0, 0) "
        "and (1, 0)."),
    "neighbours": (
        lambda i, k: correlated(i, k) + 2 * correlated(i, k).roll(1, 1),
        "All 36 outputs add up the patches of others: output (0, 0) reads the patches of (0, 0) and 2 times (0, 5)."),
    "two exchanged": (
        lambda i, k: correlated(i, k)[:, [0, 1, 2, 3, 5, 4]],
        "12 of the 36 outputs read the patch of another: output (0, 4) reads the patch of (0, 5). 24 of the 36 outputs "
        "read exactly what they should."),
    "last column twice": (
        lambda i, k: correlated(i, k)[:, [1, 2, 3, 4, 5, 5]],
        "Except in output column 5, every patch begins 1 column further right than it should: output (0, 0) multiplies "
        "weight (0, 0) by pixel (0, 1), not by pixel (0, 0). Yet output (0, 5) multiplies pixel (0, 5) by weight (0, 0)."),
    "shuffled": (
        lambda i, k: correlated(i, k)[[4, 2, 0, 5, 3, 1]],
        "All 36 outputs read the patch of another: output (0, 0) reads the patch of (4, 0)."),
    "matrix product": (
        lambda i, k: (patches(i, k) @ k).sum((2, 3)),
        "Every output multiplies a pixel in column k of its patch by all weights of kernel row k, as the matrix product "
        "of patch and kernel does: output (0, 0) multiplies weight (0, 1) by pixel (0, 0), not by pixel (0, 1)."),
    "other product": (
        lambda i, k: (k @ patches(i, k)).sum((2, 3)),
        "Every output multiplies a pixel in row k of its patch by all weights of kernel column k, as the matrix product "
        "of kernel and patch does: output (0, 0) multiplies weight (1, 0) by pixel (0, 0), not by pixel (1, 0)."),
    "sums": (
        lambda i, k: patches(i, k).sum((2, 3)) * k.sum(),
        "Every output multiplies each of the 9 pixels of its patch by each of the 9 weights: the sum of its pixels by "
        "the sum of the weights."),
    "one weight": (
        lambda i, k: patches(i, k).sum((2, 3)) * k[0, 0],
        "Every output multiplies each of the 9 pixels of its patch by weight (0, 0)."),
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_each_structure_has_its_own_sentence(name):
    """What is wrong with a function is told from its taps alone, with a tap that shows it."""
    conv2d, sentence = STRUCTURES[name]
    assert sentence == describe(taps(conv2d, seconds=10))
    assert not untrue(sentence, conv2d)


def test_no_two_structures_are_told_alike():
    """From each sentence one can tell which structure it is."""
    told = [describe(taps(conv2d, seconds=10)) for conv2d, _ in STRUCTURES.values()]
    assert len(told) == len(set(told))


@pytest.mark.parametrize("conv2d, sentence", [
    (lambda i, k: correlated(i, k).T,
     "The map has size 8×10, where 10×8 was expected. The map is transposed"),
    (lambda i, k: correlated(i, k).reshape(8, 10),
     "The map has size 8×10, where 10×8 was expected. The patches are in order, but each row of the map ends after 10 of "
     "them, not after 8: output (1, 0) reads the patch of (1, 2)."),
    (lambda i, k: correlated(i, k).T.reshape(10, 8),
     "The patches are read column by column, but laid down row by row: output (0, 1) reads the patch of (1, 0)."),
    (lambda i, k: (i.as_strided((10, 8, 3, 3), (8, 1, 8, 1)) * k).sum((2, 3)),
     "The image is read as if its rows had 8 pixels instead of 10: output (0, 0) multiplies weight (1, 0) by pixel (0, "
     "8), not by pixel (1, 0)."),
    (lambda i, k: (i.as_strided((10, 8, 3, 3), (9, 1, 10, 1)) * k).sum((2, 3)),
     "Counted row by row from 0, output (i, j) multiplies pixel number 9i + j + 10m + n by weight (m, n), instead of 10i "
     "+ j + 10m + n: output (1, 0) multiplies weight (0, 0) by pixel (0, 9), not by pixel (1, 0)."),
    (lambda i, k: correlated(i, k)[:6, :6],
     "The map has size 6×6, where 10×8 was expected. All 36 outputs read exactly what they should, but output rows 6 to "
     "9 and columns 6 and 7 are missing."),
])
def test_what_shows_only_on_rectangles_is_told_there(conv2d, sentence):
    """On a 12×10 image height and width are no longer the same, and what confuses them is told."""
    told = describe(taps(conv2d, (12, 10), seconds=10))
    assert told.startswith(sentence)
    assert not untrue(told, conv2d, (12, 10))


TURNS = [("", lambda k: k), ("turned upside down", lambda k: k.flip(0)), ("turned left to right", lambda k: k.flip(1)),
         ("turned by 180°", lambda k: k.flip(0, 1)), ("transposed (rows and columns exchanged)", lambda k: k.T),
         ("turned by a quarter to the left", torch.rot90),
         ("turned by a quarter to the right", lambda k: torch.rot90(k, -1))]


@pytest.mark.parametrize("seed", range(40))
def test_several_mistakes_at_once_are_all_told(seed):
    """A turned kernel, a shift, a stride, a dropped weight and a factor, at random, are each told, and nothing else."""
    chance = random.Random(seed)
    turn, turned = chance.choice(TURNS)
    down, across, stride = chance.randint(-1, 1), chance.randint(-1, 1), chance.choice([1, 1, 2])
    dropped = chance.choice([None, (chance.randrange(3), chance.randrange(3))])
    factor, counted = chance.choice([(1, ""), (1, ""),
                                     (-1, "is subtracted"), (1 / 9, "is divided by 9"), (2, "counts 2 times")])

    def conv2d(image, kernel):
        kernel = turned(without(kernel, dropped) if dropped else kernel)
        moved = padded(image, -across, across, -down, down)
        return correlated(moved, kernel)[::stride, ::stride] * factor

    told = describe(taps(conv2d, (10, 11), seconds=10))
    assert bool(turn) == ("The kernel is" in told or "the kernel is" in told) and turn in told
    assert (stride == 2) == ("(stride 2)" in told) == ("The map has size" in told)
    for step, words in ((down, ("1 row higher", "1 row lower")),
                        (across, ("1 column further left", "1 column further right"))):
        assert [step == -1, step == 1] == [word in told for word in words]
    assert ("is never used" in told) == bool(dropped) and (f"Weight {dropped} is never used" in told) == bool(dropped)
    assert counted in told and ("Every product" in told) == bool(counted)
    assert "(i, j)" not in told and "left out" not in told
    assert not untrue(told, conv2d, (10, 11))


@pytest.mark.parametrize("spoil, flip", [("relu", True), ("abs", True), ("round", True), ("relu", False)])
def test_a_departure_comes_first_and_the_taps_after_it(spoil, flip):
    """What is no sum is said before what single pixels show besides, which is still told."""
    def conv2d(image, kernel):
        return getattr(correlated(image, kernel.flip(0, 1) if flip else kernel), spoil)()
    seen = taps(conv2d)
    told = describe(seen)
    besides = ("Single bright pixels show besides: the kernel is turned by 180°" if flip else
               "Single bright pixels show nothing else: each of the 36 outputs reads its own patch.")
    assert told.startswith(f"{seen.departure.sentence} {besides}")


def test_a_departure_without_taps_is_told_alone():
    """Where single pixels show nothing, nothing is said of them."""
    seen = taps(lambda i, k: torch.rand(6, 6))
    assert describe(seen) == seen.departure.sentence


@pytest.mark.parametrize("shape", [(3, 3), (2, 2), (1, 3), (1, 1), (4, 4)])
def test_sentences_hold_for_other_kernels_too(shape):
    """Turned kernels, padding and nonsense are told for kernels of any size without an error."""
    functions = [correlated, lambda i, k: correlated(i, k.flip(0, 1)), lambda i, k: correlated(padded(i, 1, 1, 1, 1), k),
                 lambda i, k: correlated(i, k)[::2], lambda i, k: correlated(i, k)[:1, :1], lambda i, k: i * k.sum(),
                 lambda i, k: correlated(i, k).cumsum(1), lambda i, k: i[:1] * k[-1, -1]]
    for conv2d in functions:
        told = describe(taps(conv2d, (6, 7), shape, seconds=20))
        assert told.endswith(".") and not untrue(told, conv2d, (6, 7), shape)


@pytest.mark.parametrize("seed", range(30))
def test_nonsense_is_told_truly(seed):
    """Random taps without any order get a sentence, and it is true."""
    chance = torch.Generator().manual_seed(seed)
    rows, columns = torch.randint(1, 8, (2,), generator=chance).tolist()
    many = torch.rand(rows, columns, 6, 6, 3, 3, generator=chance) < (0.002, 0.01, 0.1, 0.8)[seed % 4]
    factors = (torch.randint(-2, 3, many.shape, generator=chance) * many).float()

    def conv2d(image, kernel):
        return torch.einsum("rcyxmn,yx,mn->rc", factors, image, kernel)

    told = describe(taps(conv2d, (6, 6), seconds=10))
    assert told.endswith(".") and not untrue(told, conv2d, (6, 6))
    for found in re.finditer(rf"output {CELL} adds up (\d+) product", told):
        assert int(found[3]) == int((factors[int(found[1]), int(found[2])] != 0).sum())
    for found in re.finditer(rf"that with weight {CELL} (is subtracted|counts 2 times|is multiplied by −2)", told):
        values = factors[..., int(found[1]), int(found[2])]
        assert {{"i": -1, "c": 2, "b": -2}["b" if "by" in found[3] else found[3][0]]} == set(values[values != 0].tolist())


@pytest.mark.filterwarnings("ignore:coroutine", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("file", sorted({answer.file for answer in answers.load() if not answer.right}))
def test_what_is_said_of_every_wrong_answer_is_true(file, monkeypatch):
    """Each sample answer gets a Mistake or a sentence of two to five parts, of which every claim can be seen again."""
    monkeypatch.setattr(attempt, "SECONDS", 2)
    for answer in answers.load():
        if answer.file == file:
            namespace = {"__name__": "__main__"}
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                with contextlib.suppress(Exception):
                    exec(LEFT_OVER + answer.source, namespace)
                if callable(namespace.get("conv2d")):
                    with contextlib.suppress(Mistake):
                        seen = taps(namespace["conv2d"], seconds=5)
                        told = describe(seen)
                        assert told.endswith(".") and told.count(". ") <= 4, told
                        assert seen.departure or not untrue(told, namespace["conv2d"], seen.image_size), answer.name


def untrue(told, conv2d, image_size=(8, 8), kernel_size=(3, 3)):
    """The claims of a sentence that the function itself, asked again, does not bear out."""
    image, kernel = torch.rand(image_size) + 0.5, torch.rand(kernel_size) + 0.5
    result, right = conv2d(image.clone(), kernel.clone()).detach().double(), target.feature_map(image, kernel)
    return [words for holds, words in [
        *claims_on_taps(told, conv2d, image_size, kernel_size), *claims_on_outputs(told, result, right),
        *claims_on_weights(told, conv2d, image, kernel, result)] if not holds]


def claims_on_taps(told, conv2d, image_size, kernel_size):
    """Whether each single product that a sentence names is as it says: (holds, words)."""
    def counts(i, j, y, x, m, n):
        """How often output (i, j) adds pixel (y, x) times weight (m, n)."""
        image, kernel = torch.zeros(image_size), torch.zeros(kernel_size)
        image[y, x] = kernel[m, n] = 1
        return float(conv2d(image, kernel)[i, j])

    other = "(?:, (not by|besides) {} " + CELL + ")?"
    for found in re.finditer(rf"output {CELL} multiplies pixel {CELL} by weight {CELL}" + other.format("weight"), told):
        i, j, y, x, m, n = map(int, found.groups()[:6])
        yield counts(i, j, y, x, m, n) != 0, found[0]
        if found[7]:
            yield (counts(i, j, y, x, *map(int, found.groups()[7:])) != 0) == (found[7] == "besides"), found[0]
    for found in re.finditer(rf"output {CELL} multiplies weight {CELL} by pixel {CELL}" + other.format("pixel"), told):
        i, j, m, n, y, x = map(int, found.groups()[:6])
        yield counts(i, j, y, x, m, n) != 0, found[0]
        if found[7]:
            yield (counts(i, j, *map(int, found.groups()[7:]), m, n) != 0) == (found[7] == "besides"), found[0]


def claims_on_outputs(told, result, right):
    """Whether what a sentence says of whole outputs is so, given the function's map and the right one: (holds, words)."""
    for found in re.finditer(rf"output {CELL} reads the patch(?:es)? of ([^.:]*)", told):
        total = sum(float(times.replace("\N{MINUS SIGN}", "-") or 1) * right[int(i), int(j)]
                    for times, i, j in re.findall(rf"(?:(\S+) times )?{CELL}", found[3]))
        yield "others" in found[3] or abs(result[int(found[1]), int(found[2])] - total) < 1e-4, found[0]
    rows, columns = (min(pair) for pair in zip(result.shape, right.shape))
    same = int(((result[:rows, :columns] - right[:rows, :columns]).abs() < 1e-5).sum())
    for found in re.finditer(r"(All|\d+)(?: of the)? (\d+) outputs read exactly", told):
        yield (result.numel(), same) == (int(found[2]), int(found[2 if found[1] == "All" else 1])), found[0]
    for found in re.finditer(r"map has size (\d+)×(\d+), where (\d+)×(\d+)", told):
        yield [*result.shape, *right.shape] == list(map(int, found.groups())), found[0]
    for found in re.finditer(r"(Only |)[Oo]utputs? ((?:rows? |columns? |\()[^.]*?) reads? (?:nothing|anything)", told):
        silent = {(i, j) for i, j in (result == 0).nonzero().tolist()}
        marked, every = set(cells_of(found[2], result.shape)), set(cells_of(f"rows 0 to {len(result) - 1}", result.shape))
        yield silent == (every - marked if found[1] else marked), found[0]


def claims_on_weights(told, conv2d, image, kernel, result):
    """Whether the weights that a sentence calls used or unused are so, given the map under the kernel: (holds, words)."""
    cells = r"((?:rows? |columns? |\()[^.:]*?)"
    for found in re.finditer(rf"(Only |)(?:[Kk]ernel|[Ww]eights?) {cells} (?:is|are) (?:never )?used", told):
        marked = set(cells_of(found[2], kernel.shape))
        for m, n in torch.cartesian_prod(*map(torch.arange, kernel.shape)).tolist():
            unused = torch.allclose(conv2d(image.clone(), without(kernel, (m, n))).double(), result, atol=1e-6)
            yield unused == (((m, n) in marked) != bool(found[1])), found[0]


def cells_of(words, shape):
    """The cells of a table that words name: "rows 1, 3 to 5 and column 0" or "(0, 1) and (2, 2)"."""
    if "(" in words:
        return [tuple(map(int, cell)) for cell in re.findall(CELL, words)]
    cells = []
    for kind, numbers in re.findall(r"(row|column)s? (\d+(?:(?:, | and | to )\d+)*)", words):
        numbers = re.sub(r"(\d+) to (\d+)", lambda to: ", ".join(map(str, range(int(to[1]), int(to[2]) + 1))), numbers)
        for k in map(int, re.findall(r"\d+", numbers)):
            cells += [(k, j) for j in range(shape[1])] if kind == "row" else [(i, k) for i in range(shape[0])]
    return cells


@pytest.mark.parametrize("told", [
    "output (0, 0) multiplies pixel (0, 0) by weight (2, 2)", "output (0, 0) multiplies weight (1, 0) by pixel (1, 1)",
    "output (0, 0) multiplies pixel (0, 0) by weight (0, 0), besides weight (0, 1)", "Weight (1, 1) is never used",
    "output (0, 0) multiplies weight (0, 0) by pixel (0, 0), besides pixel (0, 1)", "Only kernel row 2 is used",
    "output (1, 1) reads the patches of (1, 1) and (1, 0)", "30 of the 36 outputs read exactly what they should",
    "The map has size 5×6, where 6×6 was expected", "Output rows 1 to 3 and column 0 read nothing",
])
def test_a_false_claim_would_be_found(told):
    """The check of the sentences is itself able to fail: of the right function each of these is untrue."""
    assert untrue(told, correlated)


@pytest.mark.parametrize("marked, words", [
    ([(0, 0)], "output (0, 0)"), ([(0, 0), (2, 3)], "outputs (0, 0) and (2, "
                                                    "3)"), ([(1, j) for j in range(4)], "output row 1"),
    ([(i, j) for i in (0, 2) for j in range(4)] + [(1, 3)], "output rows 0 and 2 and column 3"), ([], ""),
    ([(0, 0), (0, 1), (1, 2), (1, 3), (2, 0)], ""),
])
def test_cells_are_named_by_whole_rows_and_columns_or_one_by_one(marked, words):
    """A few cells are listed, rows and columns are named as such, and what has no short name gets none."""
    mask = torch.zeros(3, 4, dtype=torch.bool)
    for cell in marked:
        mask[cell] = True
    assert words == named(mask, "output", "output")


@pytest.mark.parametrize("rule, text", [
    ([1, 0, 1, 0, 0], "i + m"), ([2, 0, -1, 0, 2], "2i − m + 2"), ([0, -1, 0, 0, -3], "−j − 3"), ([0, 0, 0, 0, 0], "0"),
    ([0, 0, 0, 0, -1], "−1"), ([-2, 1, 3, -1, 0], "−2i + j + 3m − n"),
])
def test_a_rule_is_written_as_one_writes_it(rule, text):
    """Factors of 1 and terms of 0 are left out, and minus is a true minus."""
    assert text == term(rule)
