"""Whether what came back in place of a float32 table is named, and what is told of it holds."""

import asyncio
import collections
import contextlib
import functools
import inspect
import io
import itertools
import time
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from convlab import checks
from convlab.diagnosis import types
from convlab.diagnosis.calls import Asked
from convlab.examples import SIZES, example
from convlab.printing import size
from failures import crosses, parts
from samples import correlated, windows

from course import answers
from course.gate import LEFT_OVER, why


@dataclass
class Answered:
    """A learner's own object around the map."""

    result: torch.Tensor


class Unmade:
    """A learner's class in place of the function, which has yet to work out the map."""

    def __init__(self, image, kernel):
        self.image = image


class Called:
    """A learner's own object that has to be called once more."""

    def __init__(self, image):
        self.image = image

    def __call__(self, kernel):
        """The map."""
        return correlated(self.image, kernel)


class Hostile:
    """Raises whatever is asked of it."""

    def __getattribute__(self, name):
        raise RuntimeError(name)

    def __repr__(self):
        raise RuntimeError("repr")

    def __eq__(self, other):
        raise RuntimeError("eq")

    __hash__ = None


class HostileList(list):
    """A list that never comes to an end, and has no length."""

    def __iter__(self):
        return itertools.repeat(self)

    def __len__(self):
        raise RuntimeError("len")


class HostileTensor(torch.Tensor):
    """A tensor with which nothing can be done."""

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        raise RuntimeError(str(function))


Pair = collections.namedtuple("Pair", "map size")


def generator(image, kernel):
    """Rows one by one."""
    yield from correlated(image, kernel)


async def later(image, kernel):
    """The map, but not yet."""
    return correlated(image, kernel)


async def later_rows(image, kernel):
    """Rows one by one, but not yet."""
    for row in correlated(image, kernel):
        yield row


def printing(image, kernel):
    """Shows the map and returns nothing."""
    print(correlated(image, kernel))


def endless(image, kernel):
    """Numbers without end."""
    return itertools.count()


def flipped(image, kernel):
    """A map of the right size with wrong numbers."""
    return correlated(image, kernel.flip(0, 1))


VALUES = {
    "nothing": ("returns-nothing", lambda i, k: None, "say"),
    "printed": ("returns-nothing", printing, "say printed"),
    "appended": ("returns-nothing", lambda i, k: [].append(correlated(i, k)), "say"),
    "nested": ("returns-list", lambda i, k: correlated(i, k).tolist(), "say right"),
    "nested, wrong": ("returns-list", lambda i, k: flipped(i, k).tolist(), "say wrong"),
    "nested too long": ("returns-list", lambda i, k: i.tolist(), "say"),
    "rows": ("returns-list", lambda i, k: tuple(correlated(i, k)), "say right"),
    "rows of arrays": ("returns-list", lambda i, k: list(correlated(i, k).numpy()), "say right"),
    "numbers in a row": (
        "returns-list",
        lambda i, k: correlated(i, k).flatten().tolist(),
        "say right",
    ),
    "rows of length one more axis": (
        "returns-list",
        lambda i, k: list(correlated(i, k)[:, None]),
        "say",
    ),
    "empty": ("returns-list", lambda i, k: [], "say"),
    "zeros and ones": ("returns-list", lambda i, k: [[0, 1]] * 6, "say"),
    "gigantic": ("returns-list", lambda i, k: [0.5] * 10**6, "say"),
    "map in a list": ("returns-list", lambda i, k: [correlated(i, k)], "one right"),
    "map and loss": ("returns-several", lambda i, k: (correlated(i, k), 0.5), "say right"),
    "size and map": ("returns-several", lambda i, k: [(6, 6), correlated(i, k)], "say right"),
    "named tuple": ("returns-several", lambda i, k: Pair(flipped(i, k), (6, 6)), "say wrong"),
    "two maps": ("returns-several", lambda i, k: (correlated(i, k), flipped(i, k)), "say"),
    "map too large and text": ("returns-several", lambda i, k: (i, "done"), "say"),
    "array": ("returns-numpy", lambda i, k: correlated(i, k).numpy(), "say right"),
    "double array": ("returns-numpy", lambda i, k: correlated(i, k).double().numpy(), "say right"),
    "wrong array": ("returns-numpy", lambda i, k: np.zeros((6, 6)), "say wrong"),
    "array of objects": ("returns-numpy", lambda i, k: np.array([None, "a"], dtype=object), "say"),
    "function": ("returns-function", lambda i, k: lambda: correlated(i, k), "say right"),
    "built-in method": (
        "returns-function",
        lambda i, k: correlated(i, k).contiguous,
        "right named",
    ),
    "partial": ("returns-function", lambda i, k: functools.partial(correlated, i), "say right"),
    "object to be called": ("returns-function", lambda i, k: Called(i), "say right"),
    "function of the place": ("returns-function", lambda i, k: lambda i, j: 1, "say"),
    "generator": ("returns-generator", generator, "say right"),
    "generator expression": (
        "returns-generator",
        lambda i, k: (row for row in flipped(i, k)),
        "say wrong",
    ),
    "map object": (
        "returns-generator",
        lambda i, k: map(torch.Tensor.tolist, correlated(i, k)),
        "right object",
    ),
    "zip object": ("returns-generator", lambda i, k: zip(i, k, strict=False), "object"),
    "iterator": (
        "returns-generator",
        lambda i, k: iter(correlated(i, k).tolist()),
        "iterator right",
    ),
    "count": ("returns-generator", endless, "iterator"),
    "coroutine": ("returns-generator", later, "say right"),
    "asynchronous generator": ("returns-generator", later_rows, "say"),
    "text": ("not-a-tensor", lambda i, k: str(correlated(i, k)), "text"),
    "dictionary": ("not-a-tensor", lambda i, k: {"map": correlated(i, k)}, "say entry"),
    "dataclass": ("not-a-tensor", lambda i, k: Answered(correlated(i, k)), "say attribute"),
    "dataclass, wrong": ("not-a-tensor", lambda i, k: Answered(flipped(i, k)), "say"),
    "class": ("not-a-tensor", lambda i, k: Answered, "say"),
    "a class itself": ("not-a-tensor", Unmade, "class"),
    "size": ("not-a-tensor", lambda i, k: i.shape, "say"),
    "the map's size": ("not-a-tensor", lambda i, k: correlated(i, k).shape, "say sizes"),
    "the map's two sizes": (
        "not-a-tensor",
        lambda i, k: (i.shape[0] - k.shape[0] + 1, i.shape[1] - k.shape[1] + 1),
        "say sizes",
    ),
    "sizes of one image only": ("returns-list", lambda i, k: (6, 6), "say"),
    "yes": ("not-a-tensor", lambda i, k: True, "say"),
    "words": ("not-a-tensor", lambda i, k: ["a", "b"], "say"),
    "range": ("not-a-tensor", lambda i, k: range(6), "say"),
    "an error": ("not-a-tensor", lambda i, k: ValueError("no"), "say"),
    "number": ("single-number", lambda i, k: float(correlated(i, k).sum()), "say sum"),
    "numpy's number": ("single-number", lambda i, k: correlated(i, k).numpy().mean(), "say mean"),
    "zero": ("single-number", lambda i, k: 0, "say"),
    "not a number": ("single-number", lambda i, k: float("nan"), "say"),
    "no number for rectangles": (
        "size-refused",
        lambda i, k: correlated(i, k) if i.shape[0] == i.shape[1] else -1,
        "returned",
    ),
    "nothing for large ones": (
        "size-refused",
        lambda i, k: correlated(i, k) if i.numel() < 110 else None,
        "returned",
    ),
}
TENSORS = {
    "sum": ("single-number", lambda i, k: correlated(i, k).sum(), "say sum"),
    "first": ("single-number", lambda i, k: correlated(i, k)[0, 0], "say cell"),
    "last, on one axis": ("single-number", lambda i, k: correlated(i, k)[5:, 5], "say cell"),
    "double": ("double-precision", lambda i, k: correlated(i.double(), k.double()), "say right"),
    "double and flipped": ("double-precision", lambda i, k: flipped(i, k).double(), "say wrong"),
    "double and too large": ("double-precision", lambda i, k: i.double(), "say"),
    "half": ("half-precision", lambda i, k: correlated(i, k).half(), "say rounded"),
    "half all along": ("half-precision", lambda i, k: flipped(i.half(), k.half()), "say wrong"),
    "brain float": ("half-precision", lambda i, k: correlated(i, k).bfloat16(), "say rounded"),
    "cut off": ("integer-output", lambda i, k: correlated(i, k).int(), "say cut"),
    "rounded": ("integer-output", lambda i, k: correlated(i, k).round().long(), "say nearest"),
    "floored": ("integer-output", lambda i, k: correlated(i, k).floor().short(), "say down"),
    "flipped and cut off": ("integer-output", lambda i, k: flipped(i, k).int(), "say"),
    "positive": ("boolean-output", lambda i, k: correlated(i, k) > 0, "say positive"),
    "all true": ("boolean-output", lambda i, k: correlated(i, k).bool(), "say true"),
    "negative": ("boolean-output", lambda i, k: correlated(i, k) < 0, "say"),
    "complex": ("complex-output", lambda i, k: correlated(i, k).to(torch.complex64), "say right"),
    "complex and wrong": ("complex-output", lambda i, k: correlated(i, k) * 1j, "say"),
    "batch": ("extra-axis", lambda i, k: correlated(i, k)[None], "say right"),
    "channel last": ("extra-axis", lambda i, k: correlated(i, k)[..., None], "say right"),
    "batch, flipped": ("extra-axis", lambda i, k: flipped(i, k)[None, None], "say wrong"),
    "batch, too large": ("extra-axis", lambda i, k: i[None], "say"),
    "batch of doubles": (
        "extra-axis+double-precision",
        lambda i, k: correlated(i, k)[None].double(),
        "say right",
    ),
    "row": ("flattened", lambda i, k: correlated(i, k).flatten(), "say right"),
    "batch of rows": ("flattened", lambda i, k: correlated(i, k).reshape(1, 1, -1), "say right"),
    "row by columns": ("flattened", lambda i, k: correlated(i, k).T.flatten(), "say wrong"),
    "products": ("not-summed", lambda i, k: windows(i, k), "say right"),
    "half summed": ("not-summed", lambda i, k: windows(i, k).sum(2), "say right"),
    "nine last": ("not-summed", lambda i, k: windows(i, k).flatten(2), "say right"),
    "nine first": ("not-summed", lambda i, k: windows(i, k).flatten(2).movedim(2, 0), "say right"),
    "flipped products": ("not-summed", lambda i, k: windows(i, k.flip(0, 1)), "say size"),
    "three copies": (None, lambda i, k: correlated(i, k).expand(3, 6, 6), ""),
    "sums of columns": (None, lambda i, k: correlated(i, k).sum(0), ""),
    "sparse": (None, lambda i, k: correlated(i, k).to_sparse(), ""),
    "hostile": (None, lambda i, k: torch.ones(6, 6).as_subclass(HostileTensor), ""),
    "nothing in it": (None, lambda i, k: torch.zeros(0), ""),
    "a right map": (None, correlated, ""),
    "a wrong map": (None, flipped, ""),
}


def explained(conv2d, sizes=SIZES):
    """The Diagnosis of the first of these sizes at which it returns no float32 table, and case."""
    for shape in sizes:
        case = example(*shape, seed=7)
        result = Asked(conv2d).answer(*case.before)
        mistake = (
            checks.mistake_in(checks.is_float32_tensor, result, case)
            if type(result) is not HostileTensor
            else None
        )
        if mistake or type(result) is HostileTensor or result.ndim != 2:
            return types.explain(conv2d, case, result), case
    return types.explain(conv2d, case, result), case


class Claims:
    """What a message claims of what comes back again: a method for each name and part."""

    def __init__(self, conv2d, case):
        self.conv2d, self.case, self.target = conv2d, case, case.target
        self.result = Asked(conv2d).answer(*case.before)

    def untrue(self, found):
        """The parts of what is told that do not hold."""
        return [
            f"{name} {part}"
            for name in found.names
            for part, facts in parts(found, name).items()
            if facts.get("call", self.case.name) != self.case.name
            or not self.holds(name, part, facts)
        ]

    def holds(self, name, part, facts):
        """Whether one part holds."""
        named = f"{name}_{part}".replace("-", "_")
        method = getattr(self, named, None) or getattr(self, f"all_{part}")
        wanted = inspect.signature(method).parameters.values()
        given = {one.name: facts.get(one.name, one.default) for one in wanted}
        assert inspect.Parameter.empty not in given.values()
        return method(**given)

    def near(self, numbers):
        """Whether these are the right map's numbers."""
        return numbers.shape == self.target.shape and torch.allclose(
            numbers.double(), self.target, atol=1e-4
        )

    def once(self, result):
        """What comes of asking for all that a lazy object gives."""
        if inspect.iscoroutine(result):
            try:  # asyncio.run refuses where a browser test has left its event loop running
                result.send(None)
            except StopIteration as end:
                return end.value
        rows = list(itertools.islice(result, 40))
        return rows[0] if len(rows) == 1 else rows

    def all_right(self):
        return self.near(as_map(self.result, self.target))

    def all_wrong(self):
        return not self.all_right()

    def not_a_tensor_class(self, kind):
        made = type(self.result)
        return made is self.conv2d and kind.facts["type"].endswith(made.__name__)

    def returns_nothing_say(self):
        return self.result is None

    def returns_nothing_printed(self):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.conv2d(*self.case.before)
        return bool(said.getvalue())

    def returns_list_say(self, kind, count):
        return (
            isinstance(self.result, (list, tuple))
            and len(self.result) == count
            and type(self.result).__name__ == kind.facts["type"].rpartition(".")[2]
        )

    def returns_list_one(self):
        return len(self.result) == 1 and self.result[0].shape == self.target.shape

    def returns_several_say(self, kind, count):
        return len(self.result) == count > 1

    def returns_several_right(self):
        return any(self.near(one) for one in self.result if isinstance(one, torch.Tensor))

    def returns_several_wrong(self):
        return not self.returns_several_right()

    def returns_numpy_say(self):
        return isinstance(self.result, np.ndarray)

    def returns_function_say(self, kind):
        return (
            callable(self.result)
            and type(self.result).__name__ == kind.facts["type"].rpartition(".")[2]
        )

    def returns_function_named(self, name):
        return callable(self.result) and self.result.__name__ == name

    def returns_function_right(self, again):
        image, kernel = self.case.before
        return self.near(eval(again, {"conv2d": self.conv2d, "image": image, "kernel": kernel}))

    def returns_generator_say(self, kind):
        if inspect.iscoroutine(self.result):
            self.result.close()
        return (
            not isinstance(self.result, (torch.Tensor, list, tuple))
            and type(self.result).__name__ == kind.facts["type"].rpartition(".")[2]
        )

    returns_generator_iterator = returns_generator_object = returns_generator_say

    def returns_generator_right(self):
        return self.near(as_map(self.once(self.conv2d(*self.case.before)), self.target))

    def returns_generator_wrong(self):
        return not self.returns_generator_right()

    def not_a_tensor_say(self):
        return not isinstance(self.result, torch.Tensor)

    def not_a_tensor_text(self):
        return isinstance(self.result, str)

    def not_a_tensor_attribute(self):
        return any(self.near(value) for value in vars(self.result).values())

    def not_a_tensor_entry(self):
        return any(self.near(value) for value in self.result.values())

    def size_refused_returned(self, answered, refused):
        is_map = {
            size(shape): isinstance(
                Asked(self.conv2d).answer(*example(*shape).before), torch.Tensor
            )
            for shape in SIZES
        }
        return all(
            (shape in answered) == there and (shape in refused) != there
            for shape, there in is_map.items()
        )

    def not_a_tensor_sizes(self, expected):
        return list(self.result) == list(self.target.shape) and size(self.target.shape) == expected

    def single_number_say(self):
        return torch.as_tensor(self.result).numel() == 1

    def single_number_sum(self):
        return float(self.result) == pytest.approx(float(self.target.sum()), abs=1e-2)

    def single_number_mean(self):
        return float(self.result) == pytest.approx(float(self.target.mean()), abs=1e-3)

    def single_number_cell(self, cell):
        return float(self.result) == pytest.approx(float(self.target[cell]), abs=1e-4)

    def all_say(self, dtype=None, came=None, axes=None, count=None, expected=None):
        """What is told of type, size and number of axes."""
        return (
            (dtype is None or str(self.result.dtype) == f"torch.{dtype}")
            and (came is None or size(self.result.shape) == came)
            and (axes is None or self.result.ndim == axes)
            and (count is None or self.result.numel() == count)
            and (expected is None or size(self.target.shape) == expected)
        )

    def half_precision_rounded(self):
        return bool(((self.result.double() - self.target) / self.target).abs().max() < 0.01)

    def half_precision_wrong(self):
        return not torch.equal(self.result, self.target.to(self.result.dtype))

    def integer_output_cut(self):
        return torch.equal(self.result.double(), self.target.trunc())

    def integer_output_down(self):
        return torch.equal(self.result.double(), self.target.floor())

    def integer_output_nearest(self):
        return torch.equal(self.result.double(), self.target.round())

    def boolean_output_say(self):
        return self.result.dtype is torch.bool

    def boolean_output_positive(self):
        return torch.equal(self.result, self.target > 0)

    def boolean_output_true(self):
        return bool(self.result.all())

    def complex_output_right(self):
        return self.near(self.result.real) and bool(self.result.imag.abs().max() < 1e-4)

    def not_summed_right(self, along):
        return any(map(self.near, self.sums(along)))

    def not_summed_size(self, along):
        return any(total.shape == self.target.shape for total in self.sums(along))

    def sums(self, along):
        """The sums along all axes that have these lengths together."""
        lengths = sorted(along)
        return [
            self.result.sum(axes)
            for axes in itertools.combinations(range(self.result.ndim), len(lengths))
            if sorted(self.result.shape[axis] for axis in axes) == lengths
        ]


def as_map(result, right):
    """The numbers in tensors, arrays and lists as a table of the right size.

    It is one of zeros if they are not as many.
    """
    if isinstance(result, (list, tuple)):
        result = torch.cat([torch.as_tensor(row, dtype=torch.float64).flatten() for row in result])
    result = torch.as_tensor(result)
    result = (result.real if result.is_complex() else result).double()
    while result.numel() > right.numel() and result.shape[-1] in (3, 9):
        result = result.sum(-1)
    if result.numel() > right.numel():
        result = result.sum(0)
    return (
        result.reshape(right.shape)
        if result.numel() == right.numel()
        else torch.zeros(right.shape).double()
    )


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_is_no_tensor_is_named(name):
    """What came back is named for its kind, and what is told of its numbers holds."""
    expected, conv2d, said = VALUES[name]
    found, case = explained(conv2d)
    assert (found.name, set(parts(found))) == (expected, set(said.split())), found.text()
    assert Claims(conv2d, case).untrue(found) == [] and crosses(found)


@pytest.mark.parametrize("kind", [float, torch.as_tensor])
def test_a_single_number_is_told_by_what_it_is_in_a_large_map(kind):
    """The first output is no sum nor mean of the map, though it is both in a map of one value."""

    def first(image, kernel):
        return kind(correlated(image, kernel)[0, 0])

    case = example(3, 3, seed=1)
    found = types.explain(first, case, first(*case.before))
    assert list(parts(found)) == ["say", "cell"]
    assert (parts(found)["cell"]["cell"], found.facts[1].names_cells) == ((0, 0), True)


@pytest.mark.parametrize("name", TENSORS)
def test_a_tensor_of_another_form_is_named(name):
    """Axes and types of number are named, numbers judged apart; what has no name gets none."""
    expected, conv2d, said = TENSORS[name]
    found, case = explained(conv2d, [(8, 8)])
    assert (found and found.name) == expected
    if found:
        assert set(parts(found, found.names[0])) == set(said.split()), found.text()
        assert Claims(conv2d, case).untrue(found) == [] and crosses(found)


@pytest.mark.parametrize(
    "conv2d",
    [
        lambda i, k: HostileList([1]),
        endless,
        lambda i, k: Hostile(),
        lambda i, k: [Hostile()] * 5,
        lambda i, k: (HostileList(),),
        lambda i, k: torch.ones(6, 6).as_subclass(HostileTensor),
        lambda i, k: {1: Hostile()},
        lambda i, k: Hostile,
        lambda i, k: [[[0.5] * 1000] * 1000] * 1000,
        lambda i, k: iter(int, 1),
        lambda i, k: collections.UserDict(),
    ],
    ids=[
        "list",
        "count",
        "object",
        "objects",
        "list in a tuple",
        "tensor",
        "dictionary",
        "class",
        "many",
        "iterator",
        "user",
    ],
)
def test_nothing_that_comes_back_stops_or_breaks_the_search(conv2d):
    """Objects that raise or never end are looked at for a moment only, and nothing is raised."""
    case = example(8, 8, seed=1)
    began = time.perf_counter()
    found = types.explain(conv2d, case, Asked(conv2d).answer(*case.before))
    assert found is None or found.name in (
        "not-a-tensor",
        "returns-list",
        "returns-generator",
        "returns-several",
    )
    assert time.perf_counter() - began < 3


def test_what_was_raised_is_not_explained_as_returned():
    """An error that ended the call is none that came back, and one that came back is."""
    case, error = example(8, 8, seed=1), ZeroDivisionError("division by zero")
    assert types.explain(lambda i, k: 1 / 0, case, error) is None
    assert types.explain(lambda i, k: error, case, error).name == "not-a-tensor"


def test_a_coroutine_is_closed_and_its_map_seen():
    """Nobody is warned of a coroutine never awaited; one that waits for something gives no map."""

    async def slow(image, kernel):
        await asyncio.sleep(0)
        return correlated(image, kernel)

    found, _ = explained(slow)
    assert (found.name, set(parts(found))) == ("returns-generator", {"say"})


def test_an_interruption_is_not_swallowed():
    """Ctrl-C ends the search."""

    class Interrupting(list):
        def __iter__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        types.explain(lambda i, k: None, example(8, 8, seed=1), Interrupting())


@pytest.mark.parametrize(
    "answer", [answer for answer in answers.load() if answer.right], ids=lambda answer: answer.name
)
def test_no_right_answer_is_explained(answer):
    """A right map is never said to be of a wrong form."""
    namespace = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(LEFT_OVER + answer.source, namespace)
    for shape in SIZES:
        case = example(*shape, seed=2)
        result = Asked(namespace["conv2d"]).answer(*case.before)
        assert types.explain(namespace["conv2d"], case, result) is None


def test_every_sample_answer_that_returns_another_form_is_named_as_its_head_says():
    """Names of sample answers are those of their heads; none of another kind gets a name."""
    named = 0
    for answer in answers.load():
        if answer.file not in ("wrong_type.py", "wrong_interface.py", "wrong_size.py"):
            continue
        namespace = {"__name__": "__main__"}
        exec(LEFT_OVER, namespace)
        why(answer.source, "answer", namespace, io.StringIO())
        conv2d = namespace.get("conv2d")
        for case in (example(*shape, seed=5) for shape in SIZES if callable(conv2d)):
            with contextlib.redirect_stdout(io.StringIO()):
                result = Asked(conv2d).answer(*case.before)
            found = None
            if not isinstance(result, BaseException):
                found = types.explain(conv2d, case, result)
            if found:
                assert (answer.name, found.names in answer.diagnoses) == (answer.name, True), found
                named += 1
                break
    assert named >= 35
