"""Whether a call that does not work is named for what it is, and what is told of it holds."""

import contextlib
import importlib
import inspect
import io
from types import SimpleNamespace

import pytest
import torch
from convlab import check, checks
from convlab.diagnosis import diagnose, diagnose_isolated
from convlab.diagnosis.failing_calls import errors
from convlab.examples import SIZES, example
from convlab.messages import message
from convlab.mistakes import NotImplementedYet, Raised, TooSlow
from failures import SUMS, cell, explained, loops, parts, untrue
from samples import correlated, written

from course import answers
from course.gate import LEFT_OVER, why

NOT_CALLED = {
    "one argument": ("other-arguments", "conv2d = lambda image: image"),
    "no argument": ("other-arguments", "def conv2d():\n    return 1"),
    "three, by defaults two": (
        "raises-error",
        "conv2d = lambda image, kernel, stride=0: image[::stride]",
    ),
    "module of torch": (
        "other-arguments",
        "class Layer(torch.nn.Module):\n    def forward(self, image):\n        return image\n"
        "conv2d = Layer()",
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


CAUSES = [  # answers whose error is told by its cause in place of Python's words
    answer
    for answer in answers.load()
    if {name for names in answer.diagnoses for name in names}
    & {
        "builtin-hidden",
        "builtin-sum",
        "dot-of-matrices",
        "patch-end-fixed",
        "too-many-indices",
        "value-called",
    }
]


@pytest.mark.parametrize("name", NOT_CALLED)
def test_what_cannot_be_called_with_image_and_kernel_is_told_so(name):
    """Wrong and exchanged arguments, stubs and things that are no functions are told apart."""
    expected, source = NOT_CALLED[name]
    conv2d = cell(source)
    found, case = explained(conv2d)
    assert found.name == expected, found.text()
    assert untrue(found, conv2d, case) == []


@pytest.mark.parametrize(
    "value, told, kind, notebook",
    [
        (torch.zeros(6, 6), "value", "torch.Tensor", SimpleNamespace()),
        (torch.zeros(6, 6), "value", "torch.Tensor", SimpleNamespace(conv2d=correlated)),
        ("conv2d", "text", "str", SimpleNamespace(conv2d=correlated)),
        (None, "value", "NoneType", SimpleNamespace()),
        (7, "value", "int", None),
    ],
)
def test_what_check_is_given_in_place_of_a_function_is_not_called_conv2d(
    value, told, kind, notebook
):
    """A map, a text or a number between the brackets of `check` says nothing about the name."""
    found = errors.handed_over(value, notebook)
    assert (found.name, found.hints_key) == ("not-a-function", f"hints-{told}")
    assert parts(found)[told]["kind"].facts["type"] == kind
    assert len(found.hints()) == 3 and "stands for" not in found.text()


@pytest.mark.parametrize("value", [torch.zeros(6, 6), "done", None])
def test_the_notebooks_own_conv2d_is_told_as_what_its_name_stands_for(value):
    """Whoever gave the name conv2d to a map or a text is told of the name."""
    notebook = SimpleNamespace(conv2d=value)
    assert errors.handed_over(value, notebook) is None
    found = errors.explain(value, Raised(message("mistakes", "stub")), example(8, 8, seed=1))
    assert (found.name, list(parts(found))) == ("not-a-function", ["say"])


def test_check_tells_what_it_was_given():
    """`check(conv2d(image, kernel))` is answered with what to give in place of a map."""
    found = check(correlated(*example(8, 8, seed=1).before)).finding.diagnosis
    assert (found.name, list(parts(found))) == ("not-a-function", ["value"])
    assert check(correlated).finding is None


class There:
    """Stands for a function of another process, beside which questions are asked."""

    def __init__(self, function):
        self.function = function

    def __near__(self, module, name, *arguments):
        return getattr(importlib.import_module(module), name)(self.function, *arguments)


@pytest.mark.filterwarnings("ignore:torch.range is deprecated")
@pytest.mark.parametrize("answer", CAUSES, ids=lambda answer: answer.name)
def test_a_cause_is_found_in_another_process_too(answer):
    """The diagnosis that is made beside the function has the same names, facts and hints."""
    conv2d, case = written(answer), example(8, 8, seed=1)
    mistake = checks.mistake(conv2d, case)
    found = diagnose(conv2d, mistake, case, 10)
    assert found.names in answer.diagnoses
    assert diagnose_isolated(There(conv2d), mistake, case, 10) == found


@pytest.mark.parametrize(
    "source, told",
    [
        ("def conv2d(image, kernel):\n    return conv2d(image, kernel)", ["conv2d"]),
        (
            "def up(i):\n    return up(i + 1)\ndef conv2d(image, kernel):\n    return up(0)",
            ["up"],
        ),
        (
            "def there(i):\n    return back(i)\ndef back(i):\n    return there(i)\n"
            "def conv2d(image, kernel):\n    return there(0)",
            ["there", "back"],
        ),
    ],
)
def test_endless_recursion_names_who_calls_whom(source, told):
    """The functions that call themselves, or each other, are named."""
    found, _ = explained(cell(source))
    part = "say" if len(told) == 1 else "several"
    assert (found.name, parts(found)[part]["names"]) == ("endless-recursion", told)


def test_a_recursion_that_ends_for_small_images_is_not_called_endless():
    """Going too deep for these images is no recursion without end."""
    deep = (
        "def down(n):\n    return n and down(n - 1)\n"
        "def conv2d(image, kernel):\n    return down(20 * image.numel())"
    )
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
    """An error that a second call does not show is nothing that can be told."""
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
    mistake = Raised(message("mistakes", "stub"))
    mistake.__cause__ = IndexError("index 8 is out of bounds for dimension 0 with size 8")
    assert errors.explain(namespace["conv2d"], mistake, case) is None


def test_every_sample_answer_that_fails_when_called_is_named_and_told_truly(monkeypatch):
    """What is told of sample answers holds, and their names are those of the answers' heads."""
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
    source = (
        "class Bad(Exception):\n    def __str__(self):\n        raise ValueError\n"
        "def conv2d(image, kernel):\n    raise Bad"
    )
    found, _ = explained(cell(source))
    assert (found.name, "Bad" in parts(found)["say"]["error"]) == ("raises-error", True)
