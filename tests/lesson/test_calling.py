"""Whether a call that does not work is named for what it is, in words that hold when the function is asked again."""

import contextlib
import inspect
import io
import re
import sys

import pytest
import torch
from convlab import checks, messages
from convlab.diagnosis import errors
from convlab.diagnosis.calls import Asked
from convlab.examples import SIZES, example
from convlab.mistakes import NotImplementedYet, Raised, TooSlow
from samples import correlated
from worded import NO_WORDS, parts

from course import answers
from course.gate import LEFT_OVER, why

LOOPS = """
def conv2d(image, kernel):
    H, W = image.shape
    M, N = kernel.shape
    {before}
    out = torch.zeros({size})
    for i in range({rows}):
        for j in range({columns}):
            {body}
    return out
"""
PLAIN = {
    "before": "pass",
    "size": "H - M + 1, W - N + 1",
    "rows": "H - M + 1",
    "columns": "W - N + 1",
    "body": "out[i, j] = (image[i:i + M, j:j + N] * kernel).sum()",
}


def cell(source):
    """The conv2d that a notebook cell of this source defines."""
    namespace = {"__name__": "__main__"}
    exec("import torch\n" + source, namespace)
    return namespace["conv2d"]


def loops(**changed):
    """Two loops over positions, with some of their pieces changed."""
    return cell(LOOPS.format(**{**PLAIN, **changed}))


def explained(conv2d, sizes=SIZES):
    """The Diagnosis of the first of these image sizes at which there is a mistake, and the case."""
    for sides in sizes:
        case = example(*sides, seed=sum(sides))
        mistake = checks.mistake(conv2d, case)
        if mistake:
            assert isinstance(mistake, (Raised, NotImplementedYet, TooSlow)), mistake
            return errors.explain(conv2d, mistake, case), case
    raise AssertionError("this function is right")


def ask(conv2d, *arguments):
    """What the function returns, or the error it ends in."""
    return Asked(conv2d).answer(*arguments)


def sides(text):
    """The sizes named in words: a set of pairs."""
    return {tuple(map(int, pair)) for pair in re.findall(r"(\d+)×(\d+)", text)}


def is_map(result):
    """Whether this is a table."""
    return isinstance(result, torch.Tensor) and result.ndim == 2


class Claims:
    """What each part of a message claims of a function, asked again: one method for each, named after name and part."""

    words = {
        "runs-past-edge": {"image", "kernel", "map", "other"},
        "name-undefined": {"tensor"},
        "sizes-do-not-fit": {"number"},
    }

    def __init__(self, conv2d, case):
        self.conv2d, self.case = conv2d, case
        self.result = ask(conv2d, *case.before)
        self.said = checks.calling.said(self.result)
        self.error = (
            checks.calling.described(self.result)
            if isinstance(self.result, BaseException)
            else None
        )

    def untrue(self, found):
        """The parts of a sentence that do not hold, and those on which nothing is known."""
        seen = {
            part: facts
            for part, facts in parts(found).items()
            if part not in self.words.get(found.name, ())
        }
        return (
            [part for part, facts in seen.items() if not self.holds(found.name, part, facts)]
            if seen
            else ["nothing"]
        )

    def holds(self, name, part, facts):
        """Whether one part holds."""
        if facts.pop("call", self.case.name) != self.case.name or not (self.error or "").startswith(
            facts.pop("error", "")
        ):
            return False
        facts.pop("line", None)
        method = getattr(self, f"{name}_{part}".replace("-", "_"))
        return method(**facts)

    def asked(self, shape):
        """What is returned for an image of this size."""
        case = self.case if shape == tuple(self.case.before[0].shape) else example(*shape)
        return ask(self.conv2d, *case.before)

    def not_a_function_say(self, kind):
        return not callable(self.conv2d) and type(self.conv2d).__name__ in kind

    def stub_still_there_say(self):
        return isinstance(self.result, NotImplementedError)

    def other_arguments_say(self, wanted):
        return isinstance(self.result, TypeError) and "argument" in self.said

    def other_arguments_number(self, number):
        return f"expected {number}" in self.said

    def arguments_swapped_say(self):
        return isinstance(self.result, Exception)

    def arguments_swapped_right(self):
        return checks.mistake(lambda image, kernel: self.conv2d(kernel, image), self.case) is None

    def arguments_swapped_size(self):
        return ask(self.conv2d, *reversed(self.case.before)).shape == self.case.target.shape

    def name_undefined_say(self, name):
        return isinstance(self.result, NameError) and f"'{name}' is not defined" in self.said

    def name_undefined_unset(self, name):
        return (
            isinstance(self.result, NameError)
            and f"'{name}'" in self.said
            and "not associated" in self.said
        )

    def name_undefined_attribute(self, name, whose):
        return isinstance(self.result, AttributeError) and f"no attribute '{name}'" in self.said

    def name_undefined_near(self, near):
        return near in ("image", "kernel") or hasattr(torch, near)

    def axes_miscounted_say(self, part, count, axes):
        tensors = dict(zip(("image", "kernel"), self.case.before))
        tensors[part] = errors.with_axes(tensors[part], int(count))
        return (
            isinstance(self.result, Exception)
            and str(ask(self.conv2d, *tensors.values())) != self.said
        )

    def runs_past_edge_say(self, unit, index, whose, last):
        length = int(last) + 1
        axis = {"row": 0, "column": 1, "place": None}[unit]
        sizes = dict(zip(("image", "kernel"), (tensor.shape for tensor in self.case.before)))
        own = next((shape for name, shape in sizes.items() if name in whose), None)
        return (
            f"index {index.replace('−', '-')} is out of bounds" in self.said
            and f"size {length}" in self.said
            and (axis is None or own is None or own[axis] == length)
        )

    def runs_past_edge_patch(self, row, column, came, wanted, size):
        (rows, columns), (tall, wide), (left,) = *sides(wanted), *sides(size), sides(came)
        row, column = int(row), int(column)
        cut = max(min(row + rows, tall) - row, 0), max(min(column + columns, wide) - column, 0)
        return cut == left != (rows, columns)

    def runs_past_edge_slice(self, came, wanted, size):
        return came != wanted

    def runs_past_edge_beyond(self):
        return isinstance(self.result, (IndexError, RuntimeError))

    def runs_past_edge_late(self):
        return isinstance(self.result, (IndexError, ValueError))

    def runs_past_edge_elsewhere(self, answered):
        return all(is_map(self.asked(shape)) for shape in sides(answered))

    def sizes_do_not_fit_say(self, sizes):
        return isinstance(self.result, (RuntimeError, ValueError)) and bool(re.search(r"\d", sizes))

    def sizes_do_not_fit_message(self):
        return isinstance(self.result, ValueError)

    def sizes_do_not_fit_reshape(self, count, wanted):
        (shape,) = sides(wanted)
        return shape[0] * shape[1] != int(count)

    def size_refused_say(self, answered, refused):
        shapes = {*SIZES, tuple(self.case.before[0].shape)}
        return sides(answered) | sides(refused) == shapes and sides(answered) == {
            shape for shape in shapes if is_map(self.asked(shape))
        }

    def sides_mixed_up_raised(self, squares):
        tall = [(12, 9), (13, 8), (9, 12), (8, 13)]
        return all(
            self.asked(shape).shape == (shape[0] - 2, shape[1] - 2) for shape in sides(squares)
        ) and not any(checks.mistake(self.conv2d, example(*shape)) is None for shape in tall)

    def size_fixed_raised(self, counts, part):
        found = [
            one
            for one in map(self.asked, [*SIZES, (15, 17), (18, 14), (6, 11), (11, 6)])
            if is_map(one)
        ]
        extents = [
            [int(one.any(dim=1 - axis).nonzero().max()) + 1 for axis in (0, 1)]
            if part
            else one.shape
            for one in found
        ]
        return all(
            f"{extent[axis]} {unit}" in counts
            for extent in extents
            for axis, unit in enumerate(("rows", "columns"))
            if unit in counts
        )

    def endless_recursion_say(self, names):
        return isinstance(self.result, RecursionError) and names.isidentifier()

    def endless_recursion_several(self, names):
        return isinstance(self.result, RecursionError) and " and " in names

    def too_slow_say(self):
        return isinstance(self.result, checks.calling.TimeIsUp)

    def too_slow_smallest(self, seconds, kernel):
        case = example(*next(iter(sides(kernel))))
        return isinstance(
            Asked(self.conv2d, float(seconds)).answer(*case.before), checks.calling.TimeIsUp
        )

    def raises_error_say(self):
        return isinstance(self.result, BaseException)


def untrue(found, conv2d, case):
    """The parts of a Diagnosis's sentence that do not hold when the function is asked again."""
    return Claims(conv2d, case).untrue(found)


SUMS = "(image.unfold(0, 3, 1).unfold(1, 3, 1) * kernel).sum((2, 3))"
NOT_CALLED = {
    "one argument": ("other-arguments", "conv2d = lambda image: image"),
    "no argument": ("other-arguments", "def conv2d():\n    return 1"),
    "three, by defaults two": (
        "raises-error",
        "conv2d = lambda image, kernel, stride=0: image[::stride]",
    ),
    "kernel by name": ("other-arguments", "def conv2d(image, *, kernel):\n    return image"),
    "partial": (
        "other-arguments",
        "import functools\nconv2d = functools.partial(lambda image, kernel: image, kernel=1)",
    ),
    "decorated": (
        "other-arguments",
        "import functools\ndef same(f):\n    @functools.wraps(f)\n    def g(*args):\n"
        "        return f(*args)\n    return g\n@same\ndef conv2d(image):\n    return image",
    ),
    "object": (
        "other-arguments",
        "class C:\n    def __call__(self, image):\n        return image\nconv2d = C()",
    ),
    "dataclass": (
        "other-arguments",
        "import dataclasses\n@dataclasses.dataclass\nclass conv2d:\n    image: int",
    ),
    "stars": (
        "other-arguments",
        "def conv2d(*args):\n    image, kernel, stride = args\n    return image",
    ),
    "helper called wrongly": (
        "raises-error",
        "help = lambda a: a\nconv2d = lambda image, kernel: help(image, kernel)",
    ),
    "shape unpacked from stars": (
        "axes-miscounted",
        "def conv2d(*args):\n    B, H, W = args[0].shape\n    return args[0]",
    ),
    "list": ("not-a-function", "conv2d = [1, 2]"),
    "text": ("not-a-function", "conv2d = 'done'"),
    "swapped unfold": ("arguments-swapped", f"def conv2d(kernel, image):\n    return {SUMS}"),
    "swapped and flipped": (
        "arguments-swapped",
        f"def conv2d(kernel, image):\n    kernel = kernel.flip(0)\n    return {SUMS}",
    ),
    "swapped by names": (
        "arguments-swapped",
        f"def inner(image, kernel):\n    return {SUMS}\n"
        "conv2d = lambda image, kernel: inner(kernel, image)",
    ),
    "stub": (
        "stub-still-there",
        "def conv2d(image, kernel):\n    raise NotImplementedError('soon')",
    ),
    "stub in a helper": (
        "stub-still-there",
        "def later(*_):\n    raise NotImplementedError\nconv2d = lambda i, k: later()",
    ),
    "torch has not implemented it": (
        "raises-error",
        "def conv2d(image, kernel):\n    return torch.nn.Module()(image)",
    ),
    "no stub for squares": (
        "size-refused",
        "def conv2d(image, kernel):\n    if image.shape[0] != image.shape[1]:\n"
        f"        raise NotImplementedError\n    return {SUMS}",
    ),
}
NAMES = {
    "image misspelled": (
        "name-undefined",
        {"body": "out[i, j] = (imgae[i:i + M, j:j + N] * kernel).sum()"},
        "imgae image",
    ),
    "capital letter": ("name-undefined", {"size": "h - M + 1, W - N + 1"}, "h"),
    "not imported": ("name-undefined", {"before": "out = np.zeros(3)"}, "np"),
    "torch misspelled": (
        "name-undefined",
        {"before": "out = torch.zeroes(3)"},
        "zeroes torch zeros",
    ),
    "tensor's method misspelled": (
        "name-undefined",
        {"body": "out[i, j] = image.summ()"},
        "summ sum",
    ),
    "not set yet": ("name-undefined", {"body": "total = total + image[i, j]"}, "total"),
    "nothing has no size": ("raises-error", {"before": "H, W = None.shape"}, "NoneType shape"),
    "own NameError": ("raises-error", {"before": "raise NameError('nobody knows')"}, "nobody"),
    "not set for rectangles": (
        "size-refused",
        {"before": "if H == W: one = 1", "body": PLAIN["body"] + " * one"},
        "UnboundLocalError one",
    ),
    "division": ("raises-error", {"before": "H // 0"}, "ZeroDivisionError"),
    "key": ("raises-error", {"before": "{}['a']"}, "KeyError"),
    "exit": ("raises-error", {"before": "raise SystemExit"}, "SystemExit"),
    "number called": ("raises-error", {"before": "H(3)"}, "TypeError int callable"),
}
AXES = {
    "three axes": ("image 3", "C, a, b = image.shape"),
    "four axes": ("image 4", "_, _, a, b = image.size()"),
    "one axis": ("image 1", "a, = image.shape"),
    "kernel with channels": ("kernel 4", "a, b, M, N = kernel.shape"),
    "after a line that works": ("kernel 3", "H, W = image.shape\n    C, M, N = kernel.shape"),
    "counted from one": ("image 3", "H, W = image.shape[1], image.shape[2]"),
    "channel in the index": ("image 4", "return (image[:, :, 0:3, 0:3] * kernel).sum()"),
    "sum over a fourth axis": ("image 4", "return image.sum(3)"),
    "in a helper": ("image 3", "def size(x):\n        C, H, W = x.shape\n    size(image)"),
}
EDGES = {
    "all pixels": ("runs-past-edge", {"rows": "H", "columns": "W"}),
    "all pixels, large output": ("runs-past-edge", {"size": "H, W", "rows": "H", "columns": "W"}),
    "one row too many": ("runs-past-edge", {"rows": "H - M + 2"}),
    "numbers": (
        "runs-past-edge",
        {"size": "H, W", "columns": "W", "body": "for n in range(N): out[i, j] += image[i, j + n]"},
    ),
    "numbers of a row": (
        "runs-past-edge",
        {"size": "H, W", "columns": "W", "body": "for n in range(N): out[i, j] += image[i][j + n]"},
    ),
    "lists": (
        "runs-past-edge",
        {
            "before": "image = image.tolist()",
            "size": "H, W",
            "rows": "H",
            "body": "for m in range(M): out[i, j] += image[i + m][j]",
        },
    ),
    "numpy": (
        "runs-past-edge",
        {
            "before": "image = image.numpy()",
            "size": "H, W",
            "rows": "H",
            "body": "for m in range(M): out[i, j] += image[i + m, j]",
        },
    ),
    "numpy patches": (
        "runs-past-edge",
        {
            "before": "image, kernel = image.numpy(), kernel.numpy()",
            "size": "H, W",
            "columns": "W",
            "body": "out[i, j] = float((image[i:i + M, j:j + N] * kernel).sum())",
        },
    ),
    "flat": (
        "runs-past-edge",
        {
            "before": "image = image.flatten()",
            "rows": "H",
            "size": "H, W",
            "body": "for m in range(M): out[i, j] += image[(i + m) * W + j]",
        },
    ),
    "narrow": (
        "runs-past-edge",
        {"rows": "H", "size": "H, W", "body": "out[i, j] = image.narrow(0, i, M).sum()"},
    ),
    "dot": (
        "runs-past-edge",
        {
            "columns": "W",
            "size": "H, W",
            "body": "out[i, j] = image[i:i + M, j:j + N].flatten() @ kernel.flatten()",
        },
    ),
    "einsum": (
        "runs-past-edge",
        {
            "columns": "W",
            "size": "H, W",
            "body": "out[i, j] = torch.einsum('mn,mn', image[i:i + M, j:j + N], kernel)",
        },
    ),
    "shifted images": (
        "runs-past-edge",
        {"before": "for m in range(3): torch.zeros(H, W).add_(image[m:m + H, 0:W])"},
    ),
    "kernel": ("runs-past-edge", {"body": "for m in range(4): out[i, j] += kernel[m, 0]"}),
    "strides": (
        "runs-past-edge",
        {"before": "image = image.as_strided((H, W, M, N), (W, 1, W, 1))"},
    ),
    "padded": (
        "runs-past-edge",
        {
            "before": "image = torch.nn.functional.pad(image, (1, 1, 1, 1))",
            "size": "H + 2, W + 2",
            "rows": "H + 2",
            "body": "for m in range(M): out[i, j] += image[i + m, j]",
        },
    ),
    "whole image times kernel": ("sizes-do-not-fit", {"before": "image * kernel"}),
    "patch always too small": (
        "sizes-do-not-fit",
        {"body": "out[i, j] = (image[i:i + 2, j:j + 2] * kernel).sum()"},
    ),
    "products into one place": (
        "sizes-do-not-fit",
        {"body": "out[i, j] = image[i:i + M, j:j + N] * kernel"},
    ),
    "matrix product": ("sizes-do-not-fit", {"before": "image @ kernel"}),
    "numpy sizes": ("sizes-do-not-fit", {"before": "image.numpy() * kernel.numpy()"}),
    "reshaped": ("sizes-do-not-fit", {"before": "image[:6, :6].reshape(H, W)"}),
    "stacked": ("sizes-do-not-fit", {"before": "torch.stack([image[0], kernel[0]])"}),
    "list of four, third place": ("raises-error", {"before": "[1, 2, 3, 4][7]"}),
    "negative size": ("raises-error", {"size": "M - H, N - W"}),
    "types": ("raises-error", {"before": "image.double() @ image.T"}),
    "place from the numbers": (
        "raises-error",
        {"before": "few = [0] * 12", "body": "few[int(image[i, j] * 3.4)]"},
    ),
    "own IndexError at the edge": (
        "raises-error",
        {"rows": "H", "size": "H, W", "body": "if i > H - M: raise IndexError('over')"},
    ),
}
SQUARE = {
    "assert": ("size-refused", {"before": "assert H == W, 'not square'"}),
    "own error": ("size-refused", {"before": "if H * W > 100: raise ValueError('too large')"}),
    "own index error": (
        "size-refused",
        {
            "before": "if H != W: raise IndexError('index 8 is out of bounds for axis 0 with size 8')"
        },
    ),
    "missing key": ("size-refused", {"before": "{8: 1, 10: 1}[H]"}),
    "width first": ("sides-mixed-up", {"before": "W, H = image.shape"}),
    "output turned": ("sides-mixed-up", {"size": "W - N + 1, H - M + 1"}),
    "height for both": ("sides-mixed-up", {"rows": "H - M + 1", "columns": "H - M + 1"}),
    "longer side": ("sides-mixed-up", {"before": "H = W = max(H, W)"}),
    "reshaped to the height": (
        "sides-mixed-up",
        {"before": "out = image[:H - 2, :W - 2].reshape(H - 2, H - 2)"},
    ),
    "image plus transposed": ("sides-mixed-up", {"before": "image = image + 0 * image.T"}),
    "ten by ten": ("size-fixed", {"size": "10, 10", "rows": "10", "columns": "10"}),
    "ten columns": ("size-fixed", {"columns": "10", "size": "H - 2, 10"}),
    "reshaped to six": ("size-fixed", {"before": f"return {SUMS}.reshape(6, 6)"}),
    "blocks of four": ("runs-past-edge", {"before": "W = (W + 1) // 4 * 4 + 2"}),
}


@pytest.mark.parametrize("name", NOT_CALLED)
def test_what_cannot_be_called_with_image_and_kernel_is_told_so(name):
    """Wrong arguments, exchanged arguments, stubs and things that are no functions are told apart."""
    expected, source = NOT_CALLED[name]
    conv2d = cell(source)
    found, case = explained(conv2d)
    assert found.name == expected, found.sentence
    assert untrue(found, conv2d, case) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_an_error_is_that_of_its_cause(name):
    """A name that does not exist is told apart from all other errors, and named."""
    expected, changed, words = NAMES[name]
    conv2d = loops(**changed)
    found, case = explained(conv2d)
    assert (found.name, [word for word in words.split() if word not in found.sentence]) == (
        expected,
        [],
    )
    assert untrue(found, conv2d, case) == []


@pytest.mark.parametrize("name", AXES)
def test_axes_are_counted_by_trying_more_of_them(name):
    """How many axes a line needs, and whose, is what makes it work."""
    expected, lines = AXES[name]
    conv2d = cell(f"def conv2d(image, kernel):\n    {lines}")
    found, case = explained(conv2d)
    facts = parts(found)["say"]
    assert (found.name, f"{facts['part']} {facts['count']}") == ("axes-miscounted", expected)
    assert untrue(found, conv2d, case) == []


@pytest.mark.parametrize(
    "unpacking", ["a, b, c = [1, 2]", "a, b = image[None].shape", "a, b = image", "a, b, c = image"]
)
def test_no_axes_are_blamed_where_others_do_not_help(unpacking):
    """Unpacking something else than the axes of image or kernel is an error like any other."""
    assert explained(loops(before=unpacking))[0].name == "raises-error"


@pytest.mark.parametrize("name", EDGES)
def test_edges_are_told_from_sizes_that_never_fit(name):
    """Running over an edge is told only if the same line worked before it came there, or numbers are seen to be cut off."""
    expected, changed = EDGES[name]
    conv2d = loops(**changed)
    found, case = explained(conv2d)
    assert found.name == expected, found.sentence
    assert untrue(found, conv2d, case) == []


@pytest.mark.parametrize("name", SQUARE)
def test_functions_for_some_sizes_are_told_at_which(name):
    """Refusing sizes, mixing up sides and fixing a size are told apart, with the sizes at which there is a map."""
    expected, changed = SQUARE[name]
    conv2d = loops(**changed)
    found, case = explained(conv2d)
    assert found.name == expected, found.sentence
    assert untrue(found, conv2d, case) == []


def test_the_patch_that_runs_over_the_edge_is_named_by_its_place():
    """Where the slice begins and what is left of it is what the function was seen to ask for."""
    found, _ = explained(loops(columns="W"))
    facts = parts(found)["patch"]
    assert [facts[what] for what in ("row", "column", "came", "wanted", "size")] == [
        "0",
        "6",
        "3×2",
        "3×3",
        "8×8",
    ]


@pytest.mark.parametrize(
    "source, names",
    [
        ("def conv2d(image, kernel):\n    return conv2d(image, kernel)", {"say": "conv2d"}),
        (
            "def up(i):\n    return up(i + 1)\ndef conv2d(image, kernel):\n    return up(0)",
            {"say": "up"},
        ),
        (
            "def there(i):\n    return back(i)\ndef back(i):\n    return there(i)\ndef conv2d(image, kernel):\n    return there(0)",
            {"several": "there and back"},
        ),
    ],
)
def test_endless_recursion_names_who_calls_whom(source, names):
    """The functions that call themselves, or each other, are named."""
    found, _ = explained(cell(source))
    assert found.name == "endless-recursion"
    assert {part: facts["names"] for part, facts in parts(found).items()} == names


def test_a_recursion_that_ends_for_small_images_is_not_called_endless():
    """Going too deep for these images is no recursion without end."""
    deep = "def down(n):\n    return n and down(n - 1)\ndef conv2d(image, kernel):\n    return down(20 * image.numel())"
    assert explained(cell(deep))[0].name == "raises-error"


def test_a_call_without_end_is_too_slow_at_the_smallest_image_too(monkeypatch):
    """A loop that never ends is told from one that only takes long for larger images."""
    monkeypatch.setattr("convlab.calling.SECONDS", 0.3)
    endless, _ = explained(cell("def conv2d(image, kernel):\n    while True: pass"))
    long, _ = explained(
        cell("import time\ndef conv2d(image, kernel):\n    time.sleep(image.numel() * 0.01)")
    )
    assert (endless.name, long.name) == ("too-slow", "too-slow")
    assert ("smallest" in parts(endless), "smallest" in parts(long)) == (True, False)


def test_the_line_is_named_where_its_text_is_known(tmp_path):
    """A cell whose source can be read is quoted with the number of its line."""
    path = tmp_path / "cell.py"
    path.write_text("def conv2d(image, kernel):\n    rows = 3\n    return 1 / (rows - 3)\n")
    namespace = {"__name__": "__main__"}
    exec(compile(path.read_text(), str(path), "exec"), namespace)
    assert "(line 3: `return 1 / (rows - 3)`)" in explained(namespace["conv2d"])[0].sentence


def test_the_line_of_an_unset_name_is_its_own_after_many_calls_too(tmp_path):
    """Python itself names the line before it once a function has often been called."""
    path = tmp_path / "cell.py"
    path.write_text(
        "def conv2d(image, kernel):\n    for row in range(3):\n        total += row\n    return total\n"
    )
    namespace = {"__name__": "__main__"}
    exec(compile(path.read_text(), str(path), "exec"), namespace)
    for _ in range(50):
        ask(namespace["conv2d"], *example(8, 8).before)
    found = explained(namespace["conv2d"])[0]
    assert "(line 3: `total += row`)" in found.sentence
    assert messages.table("diagnoses")["name-undefined"]["hints-unset"] == found.hints()


def test_a_missing_attribute_has_hints_of_its_own():
    """What stands after a dot is no name that could be given a value before."""
    found, _ = explained(loops(before="out = torch.zeroes(3)"))
    assert messages.table("diagnoses")["name-undefined"]["hints-attribute"] == found.hints()


@pytest.mark.parametrize(
    "test",
    ["kernel[0, 0] < kernel[2, 2]", "kernel.sum() > 0", "image.min() < -3.99", "image[0, 0] > 0"],
)
@pytest.mark.parametrize(
    "then, name",
    [("raise ValueError('no')", "raises-error"), ("raise NotImplementedError", "raises-error")],
)
def test_what_the_numbers_decide_is_not_blamed_on_sizes(test, then, name):
    """Some images and kernels of one size are refused, others of that size are not."""
    conv2d = loops(before=f"if {test}: {then}")
    for seed in range(12):
        case = example(8, 8, seed=seed)
        mistake = checks.mistake(conv2d, case)
        if mistake:
            assert name == errors.explain(conv2d, mistake, case).name


@pytest.mark.parametrize(
    "message, described",
    [
        ("Not for this operation.", "RuntimeError: Not for this operation"),
        ("and so on...", "RuntimeError: and so on..."),
        (".", "RuntimeError"),
    ],
)
def test_an_error_is_told_without_its_full_stop(message, described):
    """The sentence it is put into goes on, or ends with a full stop of its own."""
    assert described == checks.calling.described(RuntimeError(message))


def test_what_is_not_seen_again_is_not_explained():
    """An error that a second call does not show is nothing that can be told; nor is any of a right function."""
    calls = []

    def once(image, kernel):
        calls.append(1)
        return correlated(image, kernel) if len(calls) > 1 else [][0]

    case = example(8, 8, seed=1)
    mistake = checks.mistake(once, case)
    assert errors.explain(once, mistake, case) is None


@pytest.mark.parametrize(
    "answer", [answer for answer in answers.load() if answer.right], ids=lambda answer: answer.name
)
def test_no_right_answer_is_explained(answer):
    """A right function is never said to fail, even if somebody says it did."""
    namespace = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(LEFT_OVER + answer.source, namespace)
    case = example(12, 10, seed=3)
    mistake = Raised("said to have failed")
    mistake.__cause__ = IndexError("index 8 is out of bounds for dimension 0 with size 8")
    assert errors.explain(namespace["conv2d"], mistake, case) is None


def test_every_sample_answer_that_fails_when_called_is_named_and_told_truly(monkeypatch):
    """Sentences on sample answers hold when the function is asked again, and their names are those of the answers' heads."""
    monkeypatch.setattr("convlab.calling.SECONDS", 0.5)
    named = []
    for answer in answers.load():
        if answer.file not in ("unfinished.py", "wrong_interface.py", "wrong_size.py"):
            continue
        namespace = {"__name__": "__main__"}
        exec(LEFT_OVER, namespace)
        why(answer.source, "answer", namespace, io.StringIO())
        conv2d = namespace.get("conv2d")
        if conv2d is None or inspect.iscoroutinefunction(
            conv2d
        ):  # whose results nobody awaits in this test
            continue
        case = next(
            case
            for case in (example(*shape, seed=5) for shape in SIZES)
            if checks.mistake(conv2d, case)
        )
        mistake = checks.mistake(conv2d, case)
        if isinstance(mistake, (Raised, NotImplementedYet, TooSlow)):
            found = errors.explain(conv2d, mistake, case)
            assert (answer.name, found.names in answer.diagnoses) == (answer.name, True), found
            assert (answer.name, callable(conv2d) and untrue(found, conv2d, case) or []) == (
                answer.name,
                [],
            )
            named.append(found.name)
    assert len(named) >= 30


def test_an_error_that_cannot_be_shown_is_told_all_the_same():
    """A learner's own exception may have a message that cannot be made."""
    source = "class Bad(Exception):\n    def __str__(self):\n        raise ValueError\ndef conv2d(image, kernel):\n    raise Bad"
    found, _ = explained(cell(source))
    assert (found.name, "Bad" in found.sentence) == ("raises-error", True)


def test_the_tracer_of_a_debugger_is_put_back():
    """Counting lines leaves whatever traced before in its place."""
    before = sys.gettrace()
    explained(loops(**EDGES["lists"][1]))
    assert sys.gettrace() is before


def test_every_part_of_a_message_is_a_sentence_or_a_name():
    """No message used here is empty."""
    table = messages.table("diagnoses")
    for name in (
        "size-refused",
        "runs-past-edge",
        "sizes-do-not-fit",
        "axes-miscounted",
        "other-arguments",
    ):
        assert all(text for part, text in table[name].items() if part not in NO_WORDS)
