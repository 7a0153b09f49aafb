"""Whether names that stand for nothing, or for something else than was meant, are found."""

import builtins

import pytest
import torch
from convlab import checks
from convlab.diagnosis import diagnose
from convlab.diagnosis.calls import Asked
from convlab.diagnosis.failing_calls import errors, undefined_names
from convlab.examples import example
from convlab.messages import message
from convlab.mistakes import Raised
from failures import PLAIN, cell, crosses, explained, loops, parts, untrue
from samples import correlated

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
    "nothing has no size": ("none-used", {"before": "H, W = None.shape"}, "None"),
    "own NameError": ("raises-error", {"before": "raise NameError('nobody knows')"}, "nobody"),
    "not set for rectangles": (
        "size-refused",
        {"before": "if H == W: one = 1", "body": PLAIN["body"] + " * one"},
        "UnboundLocalError one",
    ),
    "division": ("raises-error", {"before": "H // 0"}, "ZeroDivisionError"),
    "key": ("raises-error", {"before": "{}['a']"}, "KeyError"),
    "exit": ("raises-error", {"before": "raise SystemExit"}, "SystemExit"),
    "number called": ("value-called", {"before": "H(3)"}, "int"),
}


VALUES = {
    "shape": ("value-called", "size", "H, W = image.shape()"),
    "tensor": ("value-called", "tensor", "image(0, 0)"),
    "two sizes": ("value-called", "say", "H, W = tuple(image.shape)()"),
    "missing star": ("value-called", "say", "H = 2\n    H(3 + 1)"),
    "text": ("value-called", "say", "text = 'image'\n    text(3)"),
    "own sum": ("builtin-hidden", "value", "sum = 0\n    sum([1, 2])"),
    "own max": ("builtin-hidden", "value", "max = image.max()\n    max(1, 2)"),
    "own words": ("raises-error", "say", "raise TypeError(\"'int' object is not callable\")"),
    "in a library": ("raises-error", "say", "torch.nn.Sequential(3)(image)"),
}
STARRED = {  # what stands in the notebook, the line, and the name at fault
    "range": ("range", "[k for k in range(3)]"),
    "range of two": ("range", "[image[k:] for k in range(0, 3)]"),
    "float": ("float", "float(image[0, 0])"),
    "max": ("max", "max(1, 2)"),
    "abs": ("abs", "abs(-1)"),
    "round": ("round", "round(2.5)"),
    "sum of numbers": ("sum", "sum([1, 2])"),
    "two in one line": ("min", "max(min(1, 2), 3)"),
    "in a helper": ("all", "helper()"),
}
WHOLE = """
def conv2d(image, kernel):
    H, W = image.shape
    out = torch.zeros(H - 2, W - 2)
    for i in [*map(int_, torch.arange(H - 2))]:
        for j in [*map(int_, torch.arange(W - 2))]:
            out[i, j] = {}
    return out
"""


def starred(source):
    """The conv2d of a cell after `from torch import *`, which hides Python's own functions."""
    return cell(f"int_ = int\nfrom torch import *\n{source}")


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_an_error_is_that_of_its_cause(name):
    """A name that does not exist is told apart from all other errors, and named."""
    expected, changed, words = NAMES[name]
    conv2d = loops(**changed)
    found, case = explained(conv2d)
    assert (found.name, [word for word in words.split() if word not in found.text()]) == (
        expected,
        [],
    )
    assert untrue(found, conv2d, case) == []


@pytest.mark.parametrize(
    "before, key",
    [("out = torch.zeroes(3)", "hints-attribute"), ("total = total + 1", "hints-unset")],
)
def test_missing_attributes_and_unset_names_have_hints_of_their_own(before, key):
    """What stands after a dot is no name that could be given a value before."""
    assert explained(loops(before=before))[0].hints_key == key


@pytest.mark.parametrize("name", VALUES)
def test_a_value_with_round_brackets_behind_it_is_told(name):
    """Sizes, tensors, numbers and variables named like Python's functions are told apart."""
    expected, part, lines = VALUES[name]
    conv2d = cell(f"def conv2d(image, kernel):\n    {lines}")
    found, case = explained(conv2d)
    assert (found.name, list(parts(found))) == (expected, [part]), found.text()
    assert untrue(found, conv2d, case) == []
    assert found.hints_key == ("hints" if part == "say" else f"hints-{part}")


@pytest.mark.filterwarnings("ignore:torch.range is deprecated")
@pytest.mark.parametrize("name", STARRED)
def test_a_function_of_pythons_that_torch_hides_is_named(name):
    """After `from torch import *` the call comes further with Python's own function."""
    at_fault, line = STARRED[name]
    helper = "def helper():\n    return all([1, 2])\n"
    conv2d = starred(f"{helper}def conv2d(image, kernel):\n    {line}\n    return [][1]")
    found, case = explained(conv2d)
    assert found.name == "builtin-hidden", found.text()
    assert parts(found)["say"]["names"] == [f"`{at_fault}`"]
    assert untrue(found, conv2d, case) == []
    assert conv2d.__globals__[at_fault] is getattr(torch, at_fault)


@pytest.mark.parametrize(
    "line", ["image[99, 0]", "sum(image) + image[99, 0]", "H, W, C = image.shape", "1 / 0"]
)
def test_torchs_names_are_not_blamed_for_another_error(line):
    """Where Python's own functions help nothing, the error itself is told."""
    found, _ = explained(starred(f"def conv2d(image, kernel):\n    {line}"))
    assert found.name != "builtin-hidden"


@pytest.mark.parametrize(
    "value, at_fault",
    [
        ("sum(image[i:i + 3, j:j + 3] * kernel)", ""),
        ("(image[i:i + 3, j:j + 3] * kernel).sum() + i * (pow is torch.pow)", "pow"),
        (
            "(image[i:i + 3, j:j + 3] * kernel).sum() + i * (pow is torch.pow)"
            " + j * (abs is torch.abs)",
            "abs pow",
        ),
    ],
    ids=["right", "one name", "two names"],
)
def test_a_map_that_pythons_own_functions_make_right_is_told_so(value, at_fault):
    """Nothing is said of a right map; a wrong one is tried with Python's own functions.

    Several names are told in the plural, in every language.
    """
    conv2d, case = starred(WHOLE.format(value)), example(8, 8, seed=1)
    mistake, hidden = checks.mistake(conv2d, case), at_fault.split()
    if not hidden:
        assert mistake is None
        return
    found = diagnose(conv2d, mistake, case)
    assert found.name == "builtin-hidden" and crosses(found)
    assert parts(found)["right"]["names"] == [f"`{name}`" for name in hidden]
    assert (
        (" are torch's" in found.text("en")) == (" sind " in found.text("de")) == (len(hidden) > 1)
    )
    own = {name: getattr(builtins, name) for name in hidden}
    with undefined_names.names_bound(conv2d.__globals__, own):
        assert checks.mistake(conv2d, case) is None


@pytest.mark.parametrize(
    "conv2d",
    [lambda i, k: correlated(i, k.T), len, correlated],
    ids=["transposed", "built-in", "right"],
)
def test_nothing_is_hidden_in_an_ordinary_notebook(conv2d):
    """Where all names are Python's own, no map is explained by them."""
    assert undefined_names.explain(Asked(conv2d), example(8, 8, seed=1)) is None


@pytest.mark.parametrize(
    "body, count",
    [
        ("out[i, j] = sum(image[i:i + M, j:j + N] * kernel)", 3),
        ("out[i, j] = sum(row for row in image[i:i + M, j:j + N] * kernel)", 3),
        ("total = sum(image[i:i + M, j:j + N] * kernel); out[i, j] = float(total)", 3),
        ("out[i, j] = sum(image[i:i + 2] * kernel[0, 0])", 8),
    ],
)
def test_pythons_own_sum_is_told_where_it_leaves_a_row(body, count):
    """The row is as long as the table has columns, and the error comes where a number is needed."""
    conv2d = loops(body=body)
    found, case = explained(conv2d)
    assert (found.name, parts(found)["say"]["count"]) == ("builtin-sum", count)
    assert untrue(found, conv2d, case) == []
    assert "sum" not in conv2d.__globals__


@pytest.mark.parametrize(
    "body, expected",
    [
        ("out[i, j] = sum(sum(image[i:i + 4, j:j + 4] * kernel))", "sizes-do-not-fit"),
        ("out[i, j] = sum([1, 2], image[i:i + M, j:j + N] * kernel)", "sizes-do-not-fit"),
        ("out[i, j] = (image[i:i + M, j:j + N] * kernel).sum(0)", "sizes-do-not-fit"),
        ("out[i, j] = sum(image[0]) + image[99, 0]", "runs-past-edge"),
    ],
)
def test_pythons_own_sum_is_not_blamed_where_it_leaves_a_number(body, expected):
    """Other sizes that do not fit are told as ever."""
    assert explained(loops(body=body))[0].name == expected


def test_the_notebooks_names_are_put_back_after_an_error():
    """Names bound for one call are as before, also those that were not there."""
    space = {"range": 1}
    with (
        pytest.raises(ZeroDivisionError),
        undefined_names.names_bound(space, {"range": 2, "sum": 3}),
    ):
        assert space == {"range": 2, "sum": 3}
        _ = 1 / 0
    assert space == {"range": 1}


def test_an_error_outside_the_learners_code_hides_nothing():
    """Without a line of the notebook there are no names to be tried."""
    case = example(8, 8, seed=1)
    mistake = Raised(message("mistakes", "stub"))
    mistake.__cause__ = TypeError("")
    found = errors.explain(lambda image, kernel: len(3), mistake, case)
    assert found.name == "raises-error"
